"""Sentences of our own making about what is hard to read: whose figure, of what, how counted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.reading import read as read_file
from chipassay.errors import QuestionError

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-02-01")


def said_of(text: str, field: str) -> dict[str, tuple[str, str]]:
    """Chip -> (what is printed, outcome) of the claims about a field."""
    return {
        claim.subject.name if claim.subject else "": (claim.amount.written, verdict.outcome)
        for claim, verdict in read(text)
        if claim.amount is not None and field in (claim.field, verdict.field, claim.kind)
    }


OWNERS = {
    "Its 256-GB MI325X holds more than the rival's 141-GB H200.": (
        "memory_capacity", {"mi325x": ("256-GB", "supported"), "h200-sxm": ("141-GB", "supported")},
    ),
    "At 1,400 W the MI355X is the big brother of the 1,000 W MI350X.": (
        "tdp", {"mi355x": ("1,400 W", "supported"), "mi350x": ("1,000 W", "supported")},
    ),
    "H20有96GB显存,H100 SXM有80GB显存": (
        "memory_capacity", {"h20-96gb": ("96GB", "supported"), "h100-sxm5": ("80GB", "supported")},
    ),
    "An H100 SXM does 989 teraFLOPs of dense BF16.": (
        "dense_bf16", {"h100-sxm5": ("989 teraFLOPs", "supported")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", OWNERS)
def test_each_figure_goes_to_the_chip_it_is_said_of(text: str) -> None:
    field, wanted = OWNERS[text]
    assert said_of(text, field) == wanted


NO_CHIP = [
    "The town voted for a 100 MW plant on Monday.",
    "Around a 30,000 people came to the fair.",
    "The firm hired 910 people in 2024 and paid 20 of them in shares.",
    "In a survey of 4090 readers, 80 percent had heard of it.",
]


@pytest.mark.parametrize("text", NO_CHIP)
def test_a_number_is_no_chip(text: str) -> None:
    assert read(text) == []


def test_a_cut_down_card_is_not_its_big_sister() -> None:
    found = {c.subject.name for c, _ in read("The RTX PRO 6000 has 96 GB of memory.") if c.subject}
    assert not any("6000d" in name for name in found)
    found = {c.subject.name for c, _ in read("The RTX 6000D has 84 GB of memory.") if c.subject}
    assert any("6000d" in name for name in found)


RIGHT = [
    "The H20 has about fifteen per cent of the H100's FP16 compute.",
    "The H20 offers 2.4 times the A100's 40GB memory.",
    "H20的算力是H100的15%。",
    "H20算力148TFlops,为H100 SXM(990T Flops)算力的15%",
    "The A100 has 6,912 CUDA cores.",
    "The H100 delivers 3,958 TFLOPS of FP8 with sparsity.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_parts_multiples_and_lanes_are_reckoned(text: str) -> None:
    outcomes = [verdict.outcome for _, verdict in read(text)]
    assert outcomes
    assert not set(outcomes) & set(WRONG), outcomes


SLIPS = [
    "The MI325X reaches 2,614.9 petaflops in FP8.",
    "The H100 has 80 trillion transistors.",
]


@pytest.mark.parametrize("text", SLIPS)
def test_a_prefix_too_high_is_an_error_and_not_a_machine(text: str) -> None:
    assert [v.outcome for _, v in read(text)] == ["contradicted"]


HELD_BACK = {
    "a chip that nobody here knows": "The ZX900 outruns the H100 and has 4 trillion transistors.",
    "a second verb": "It is 50 times larger than an H100 and packs 4 trillion transistors.",
    "two formats": "Both the MI300X and the MI325X do 2.6 petaflops in 8 bits (FP8) and 1.3"
    " petaflops in 16 bits (FP16).",
    "three chips": "H20与H100相比互联带宽(900GB/s)不变,高于H800的400GB/s",
    "a line": "Hopper has 96 GB of memory.",
    "one of its parts": "The H100 has five stacks with 16 GB each.",
    "a node": "The server's eight H100 GPUs hold 640 GB of memory.",
    "a limit": "The rule caps the A100 at 600 GB/s of bandwidth.",
    "a measured rate": "The H100 achieved 400 TFLOPS in our FP16 benchmark.",
    "a need": "The model needs 350 GB of memory, so one H100 is too small.",
    "one of two set against each other": "The B200 beats the H100 in FP8 (4500 vs. 1979 TFLOPS).",
    "a name behind it": "内存带宽3.2 TB/s(B200为8 TB/s)",
    "the hosts of a rack": "The GB200 NVL72 uses 36 Grace processors.",
    "a run": "With 3.35 TB/s the H100 is 3 times faster at inference than the A100.",
    "another sentence": "The H100 is common. A workstation has 24 GB of GDDR6 memory.",
    "the GPU after two chips": "The H100 outruns the H20 by far. The GPU draws 250 W.",
    "another chip between": "The H20 follows the H100 and draws 800 W.",
    "only compared with": "The B100 is a slower variant of the B200 (650 W).",
    "a slice": "MIG splits the A100 into instances with 10 GB of memory each.",
    "a link between dies": "The B200 has two dies connected by a 10 TB/s interconnect.",
    "a planned version": "The original H20 will be cut from 96 GB to 40 GB of memory.",
    "another size": "The V100 has 16 GB of memory.",
    "a pair in brackets": "The B200 has more memory than the H100 (192 GB compared to 70 GB).",
    "a second figure of its kind": "The L20 has 864 GB/s of memory bandwidth, the Foo 936 GB/s.",
    "a clock that is not the boost": "The L4 has a core clock of 795 MHz.",
    "the link to the host": "The H100 has PCIe with 128 GB/s of bandwidth.",
    "more chips, not more of a chip": "It takes five times more 910C chips to reach twice the speed"
    " of the GB200.",
}


@pytest.mark.parametrize("why", HELD_BACK)
def test_what_may_be_of_something_else_is_not_called_wrong(why: str) -> None:
    outcomes = [verdict.outcome for _, verdict in read(HELD_BACK[why])]
    assert not set(outcomes) & set(WRONG), outcomes


def test_a_share_of_another_market_is_not_confirmed_by_chinas() -> None:
    abroad = [v.outcome for _, v in read("NVIDIA has 95% of the AI accelerator market share.")]
    assert abroad
    assert "supported" not in abroad


RUNS = [
    "The cluster of H800 GPUs saw 17 failures a day.",
    "Utilisation of the Ascend 910B stood at 30 percent.",
]


@pytest.mark.parametrize("text", RUNS)
def test_how_a_fleet_is_run_is_marked_and_never_judged(text: str) -> None:
    found = read(text)
    assert all(verdict.outcome == "cannot tell" for _, verdict in found)


def test_markdown_code_is_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "The H100 has 80 GB of memory.\n\n```\nThe H100 has 10 GB of memory.\n```\n"
        "A rack of eight draws 8*500W.\n",
        encoding="utf-8",
    )
    document = read_file(str(page))
    outcomes = [v.outcome for c, v in judged(document, NAMES, CATALOGUE) if c.field != "tdp"]
    assert outcomes == ["supported"]


def test_a_labelled_attribute_that_nobody_knows_counts_by_chip_value_and_unit(
    tmp_path: Path,
) -> None:
    row = {
        "id": "1", "sentence": "The H200 carries 141 GB of HBM3e.", "entity": "H200",
        "attribute": "an_odd_word", "value": "141", "unit": "GB", "correct": "true",
        "url": "https://a.example/1", "self_contained": "yes", "scope": "chip",
    }  # fmt: skip
    for value, marked in (("141", 1.0), ("188", 0.0)):
        table = tmp_path / f"{value}.csv"
        with table.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(row))
            writer.writeheader()
            writer.writerow({**row, "value": value})
        answer = ask(task="validate", kind="claims", file=str(table))
        assert answer.metrics["all"]["extraction_recall"] == marked


@pytest.mark.parametrize("marks", ["*", "```\nx = 1\n```\n", "# \n\n** **\n"])
def test_a_page_of_nothing_but_marks_is_refused(tmp_path: Path, marks: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(marks, encoding="utf-8")
    with pytest.raises(QuestionError):
        read_file(str(page))


STRANGERS = {
    "The RTX 9999 has 24 GB of memory and 70 TFLOPS of FP32.": "RTX 9999",
    "Newer still, the ZQ900 has 300 GB of HBM3e memory.": "ZQ900",
    "The TPU v3 has 32 GB of memory.": "TPU v3",
    "The Maia 999 delivers 10 petaFLOPS of FP4.": "Maia 999",
}


@pytest.mark.parametrize("text", STRANGERS)
def test_a_figure_of_an_unknown_chip_stays_its_own(text: str) -> None:
    found = read(text)
    assert found
    assert {claim.subject.name for claim, _ in found if claim.subject} == {STRANGERS[text]}
    assert {verdict.outcome for _, verdict in found} == {"cannot tell"}
    assert all("no entry" in verdict.note for _, verdict in found)


@pytest.mark.parametrize("word", ["FP8", "HBM3e", "GPT-4", "GTC 2025", "15 CFR 774", "GH100"])
def test_a_format_or_an_event_is_no_unknown_chip(word: str) -> None:
    text = f"The H200 and {word} were named, and its memory is 141 GB."
    claims = [claim for claim, _ in read(text) if claim.field == "memory_capacity"]
    assert [claim.subject.ids[0] for claim in claims if claim.subject] == ["h200-sxm"]


def test_an_unknown_name_between_a_sentence_and_its_pronoun_takes_the_figure() -> None:
    text = "Then came the ZQ900. It draws 900 W of power."
    assert [claim.subject.name for claim, _ in read(text) if claim.subject] == ["ZQ900"]
