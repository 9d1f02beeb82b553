"""What it takes to call a figure wrong: a clause that is understood to the last word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.known_words import COMPARING, LATIN, strange_word
from chipassay.claims.scoring import sentence_outcome
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.units import convert

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
CHIPS = [
    entry.id
    for entry in CATALOGUE.chips()
    if not entry.status.startswith("reported") and "(" not in entry.name
    and all(name in entry.facts and entry.facts[name].verified and not entry.facts[name].rivals
            for name in ("memory_capacity", "memory_bandwidth"))
    and NAMES.mentions(entry.name, 0, len(entry.name))
    and NAMES.mentions(entry.name, 0, len(entry.name))[0].ids == (entry.id,)
]  # fmt: skip
WAYS = (
    "The {chip} has a memory bandwidth of {figure}.",
    "Memory bandwidth of the {chip} is {figure}.",
    "{chip}: {figure} of memory bandwidth",
    "The {chip} offers only {figure} of memory bandwidth.",
    "The {chip} delivers up to {figure} of memory bandwidth, and more is to come.",
)
IN_BETWEEN = (
    "whose rack neighbours have", "after a mishap in Tulsa had", "emulators dream of",
    "stack pairs give",
)  # fmt: skip


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-11-01")


def outcomes(text: str) -> set[str]:
    return {verdict.outcome for _, verdict in read(text)}


def named(chip: str) -> str:
    return CATALOGUE.chip_entry(chip).name


def off(chip: str) -> str:
    """A memory bandwidth that is far from the chip's own, in its usual unit."""
    entry = CATALOGUE.chip_entry(chip)
    return f"{convert(entry.number('memory_bandwidth') * 2.37, 'TB/s'):.4g} TB/s"


def test_there_are_chips_to_ask_about() -> None:
    assert len(CHIPS) > 20


@given(st.sampled_from(CHIPS), st.sampled_from(WAYS))
def test_a_wrong_figure_in_plain_words_is_called_wrong(chip: str, way: str) -> None:
    text = way.format(chip=named(chip), figure=off(chip))
    assert outcomes(text) & set(WRONG), text


@given(st.sampled_from(CHIPS), st.sampled_from(IN_BETWEEN))
def test_a_word_nobody_knows_leaves_a_doubt(chip: str, words: str) -> None:
    text = f"The {named(chip)} {words} {off(chip)} of memory bandwidth."
    assert not outcomes(text) & set(WRONG), text


@given(st.sampled_from(CHIPS), st.sampled_from(CHIPS))
def test_another_chip_in_the_clause_leaves_a_doubt(chip: str, other: str) -> None:
    if chip == other:
        return
    text = f"The {named(chip)} beside the {named(other)} has {off(chip)} of memory bandwidth."
    assert not outcomes(text) & set(WRONG), text


def test_one_figure_is_said_of_both_chips_that_an_and_joins() -> None:
    text = "B200 and B300 4.8 terabytes per second"
    found = [(claim.subject.ids[0], v.outcome) for claim, v in read(text) if claim.subject]
    assert [each for each, _ in found] == ["b200", "b300"]
    assert {outcome for _, outcome in found} <= set(WRONG)


def test_two_figures_behind_two_joined_chips_go_to_them_in_turn() -> None:
    assert outcomes("The H100 and H200 have 80 GB and 141 GB of memory.") == {"supported"}
    assert outcomes("The A100, H100 and H200 have 80, 80 and 141 GB of memory.") == {"supported"}
    found = read("The H100 and H200 have 141 GB and 80 GB of memory.")
    assert [each.outcome for _, each in found].count("right for another chip") == 2


@given(st.sampled_from(CHIPS))
def test_what_differs_is_said_to_differ(chip: str) -> None:
    text = f"The {named(chip)} after a mishap had {off(chip)} of memory bandwidth."
    assert any(verdict.differs for _, verdict in read(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "H200\n\n- 80 GB of HBM3e",
        "H200\n\nMemory: 80 GB",
        "The H200 came in 2024. It has 80 GB of memory.",
        "The H20 has 15% of the compute of the H100. Its NVLink runs at 400 GB/s.",
        "| | H200 |\n|---|---|\n| Memory capacity | 80 GB |",
    ],
)
def test_a_heading_a_pronoun_or_a_table_says_whose_figure_it_is(text: str) -> None:
    from chipassay.claims.text.tables import markdown_cells

    found = judged(
        Document("own", text, text, cells=markdown_cells(text)), NAMES, CATALOGUE, "2026-11-01"
    )
    assert {verdict.outcome for _, verdict in found} & set(WRONG), found


@pytest.mark.parametrize(
    "text",
    [
        "H200 and H100\n\n- 40 GB of HBM3e",
        "The H200 and the H100 differ. The GPU has 40 GB of memory.",
        "H200\n\nThe H100 is older.\n\n- 40 GB of HBM3e",
        "Next to the H100's memory, its 288 GB look large.",
        "The H100 is sold. A desk has 24 GB of memory.",
    ],
)
def test_where_it_may_be_anothers_nobody_is_called_wrong(text: str) -> None:
    assert not outcomes(text) & set(WRONG), read(text)


def test_a_sentence_with_a_figure_that_differs_is_not_supported() -> None:
    text = "The H100 has 80 GB of memory and, once chilled by goblins, 9 TB/s of memory bandwidth."
    found = read(text)
    assert "supported" in {verdict.outcome for _, verdict in found}
    assert sentence_outcome(found) == "cannot tell"


@given(st.lists(st.sampled_from(sorted(LATIN)), max_size=8))
def test_known_words_are_known_in_any_order(words: list[str]) -> None:
    assert strange_word(" ".join(words)) == ""
    assert strange_word(" ".join([*words, "zyzzyva"])) == "zyzzyva"


def test_words_of_comparison_are_known_only_to_comparisons() -> None:
    assert strange_word("faster") == "faster" or "faster" in LATIN
    assert LATIN < COMPARING
