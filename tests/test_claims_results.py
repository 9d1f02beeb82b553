"""What firms reported of themselves, who makes a chip, and on which chips a model was trained."""

from __future__ import annotations

from typing import Any

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
WRONG = {"contradicted", "right for another chip", "inconsistent"}
SEEN = [row for row in CATALOGUE.results() if row["confidence"] == "seen"]


def outcomes(text: str) -> list[str]:
    found = judged(Document("own", text, text), NAMES, CATALOGUE, "2026-11-01")
    return [verdict.outcome for _, verdict in found]


def sentence(row: dict[str, Any], value: float) -> str:
    """A reported figure in a plain sentence."""
    period = str(row["period"]).replace("FY", "fiscal ")
    time = period if "-" not in period else f"{period.split('-')[1]} of {period.split('-')[0]}"
    of = {"total": "", "data center": "data center ", "china": "China ", "non-gaap": "non-GAAP "}
    part, figure = of[str(row["part"])], str(row["figure"])
    if figure == "share of revenue":
        return f"China accounted for {value:g}% of {row['firm']}'s revenue in {time}."
    if figure.startswith("growth"):
        on = "year on year" if "year" in figure else "quarter on quarter"
        return f"{row['firm']}'s {part}revenue grew {value:g}% {on} in {time}."
    if figure == "gross margin":
        return f"{row['firm']}'s {part}gross margin was {value:g}% in {time}."
    money = "yuan" if row["unit"] == "CNY" else "dollars"
    called = {"revenue": "revenue", "profit": "net profit"}[figure]
    return f"{row['firm']}'s {part}{called} was {value / 1e9:.4g} billion {money} in {time}."


ROUND = [row for row in SEEN if row["unit"] == "%" and row["value"] % 10 == 0]
SAID = [
    row for row in SEEN
    if row["firm"] != "SMIC" and row["figure"] != "research" and row not in ROUND
]  # fmt: skip


@pytest.mark.parametrize(
    "row", SAID, ids=lambda row: f"{row['firm']} {row['figure']} {row['period']}"
)
def test_each_reported_figure_said_back_is_right_and_another_one_is_not(
    row: dict[str, Any],
) -> None:
    assert "supported" in outcomes(sentence(row, row["value"]))
    assert not WRONG & set(outcomes(sentence(row, row["value"])))
    other = outcomes(sentence(row, row["value"] * 1.31))
    assert "supported" not in other
    assert WRONG & set(other)


@pytest.mark.parametrize("text", [
    "Nvidia's revenue was $46.7 billion in 2025.",
    "Nvidia's revenue may have been $60 billion in Q2 of fiscal 2026.",
    "Nvidia's gaming revenue was $9 billion in Q2 of fiscal 2026.",
    "Analysts expected Nvidia's revenue to be $40 billion in Q2 of fiscal 2026.",
    "Nvidia's revenue was $90 billion in Q2 of fiscal 2031.",
    "Nvidia's revenue was over $40 billion in Q2 of fiscal 2026.",
    "AMD sold parts for $1 billion in the week after Q4 2025.",
])  # fmt: skip
def test_where_firm_part_period_or_kind_is_open_nobody_is_called_wrong(text: str) -> None:
    assert not WRONG & set(outcomes(text))


@pytest.mark.parametrize(("text", "wrong"), [
    ("Nvidia booked a charge of $4.5 billion for the H20 in Q1 of fiscal 2026.", False),
    ("Nvidia booked a charge of $5.5 billion for the H20 in Q1 of fiscal 2026.", True),
    ("Nvidia expects a charge of up to $5.5 billion for the H20.", False),
    ("Nvidia could not ship $2.5 billion of H20 revenue in Q1 of fiscal 2026.", False),
    ("Nvidia could not ship $4 billion of H20 revenue in Q1 of fiscal 2026.", True),
])  # fmt: skip
def test_what_was_booked_and_what_was_expected_are_held_apart(text: str, *, wrong: bool) -> None:
    assert bool(WRONG & set(outcomes(text))) is wrong
    assert wrong or "supported" in outcomes(text)


@pytest.mark.parametrize("text", [
    "The Huawei H20 is an accelerator for inference.", "Nvidia's MI300X has 192 GB of memory.",
    "AMD designs the Gaudi 3.", "The Ascend 910B was developed by Cambricon.",
    "The H20 is made by AMD.",
])  # fmt: skip
def test_a_chip_given_to_another_maker_is_wrong(text: str) -> None:
    assert "contradicted" in outcomes(text)


@pytest.mark.parametrize("text", [
    "Nvidia's H20 sells well.", "The Ascend 910B was designed by Huawei.",
    "Microsoft's H100 clusters grew.", "Google's H100 instances cost more.",
    "Huawei's H100 rival is here.", "Chips from Nvidia and AMD MI300X cards arrived.",
    "AMD's H100 killer came late.",
])  # fmt: skip
def test_whose_chip_it_is_accuses_nobody_who_only_has_it(text: str) -> None:
    assert not WRONG & set(outcomes(text))


@pytest.mark.parametrize(("text", "wanted"), [
    ("DeepSeek-V3 was trained on 2,048 H800 GPUs.", {"supported"}),
    ("DeepSeek-V3 was trained on H100s.", {"contradicted"}),
    ("PaLM was trained on 6,144 A100 chips.", {"supported", "contradicted"}),
    ("Meta trained Llama 3.1 405B on H100 GPUs.", {"supported"}),
    ("Llama 3.1 405B was trained on 12 trillion tokens.", {"contradicted"}),
    ("DeepSeek-V3 was not trained on H100s.", set()),
    ("DeepSeek-V3 was reportedly trained on H100s.", {"cannot tell"}),
    ("DeepSeek-V3 may be fine-tuned on an H100.", set()),
])  # fmt: skip
def test_the_chips_and_tokens_of_a_run_are_those_its_maker_reports(
    text: str, wanted: set[str]
) -> None:
    assert set(outcomes(text)) == wanted


def test_the_chips_of_runs_are_in_the_catalogue() -> None:
    known = {chip.id for chip in CATALOGUE.chips()}
    assert {id_ for row in CATALOGUE.runs() for id_ in row.get("chips", ())} <= known
