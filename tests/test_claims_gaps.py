"""Numbers whose unit was said before, and what a sentence about a chip counts besides."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.units import factor

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-11-01")


def values(text: str, kind: str = "figure") -> dict[str, tuple[str, float]]:
    return {
        claim.amount.written: (claim.field, claim.amount.value)
        for claim, _ in read(text) if claim.kind == kind and claim.amount
    }  # fmt: skip


@given(st.integers(20, 5000), st.sampled_from(("FP16", "BF16", "FP8", "INT8", "TF32")))
def test_a_number_beside_a_format_is_a_rate_in_the_unit_of_the_other_rate(
    number: int, name: str
) -> None:
    assume(number != 590)  # a chip goes by this number alone
    text = f"H100 SXM: 67 TFLOPS FP32, {number:,} {name}"
    assert values(text)[f"{number:,}"] == (f"dense_{name.lower()}", number * factor("TFLOPS"))


@pytest.mark.parametrize(
    ("text", "number", "value"),
    [
        ("MI300X: BF16 1,307, FP8 2,615, 750 W", "1,307", 1307 * factor("TFLOPS")),
        ("FP8 on the H100 SXM is 1.98 PFLOPS, on the H200 1.98", "1.98", 1.98 * factor("PFLOPS")),
        ("The H20 draws 400 W, the H100 700.", "700", 700.0),
        ("The H200 reads 4.8 TB/s, far above the A100's 2.0.", "2.0", 2 * factor("TB/s")),
    ],
)
def test_a_number_takes_the_unit_that_was_said(text: str, number: str, value: float) -> None:
    assert values(text)[number][1] == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    ["The H100 has 700 W and the H200 came in 2024.", "700 W is what the H100 draws; see page 12.",
     "The H100 SXM with 8 FP8 pipes draws 700 W."],
)  # fmt: skip
def test_years_pages_and_counts_take_no_unit(text: str) -> None:
    assert set(values(text)) == {"700 W"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The Gaudi 3 has 14 media engines of its own.", "14 media engines"),
        ("An MI300X baseboard takes six fans and 12 power cables.", "12 power cables"),
        ("The H200 sits 3 times in each box.", "3 times"),
    ],
)
def test_what_is_counted_beside_a_chip_is_a_claim_that_nobody_can_settle(
    text: str, written: str
) -> None:
    found = {c.amount.written: v.outcome for c, v in read(text) if c.amount}
    assert found[written] == "cannot tell"


@pytest.mark.parametrize(
    "text",
    ["The chairman spoke for 40 minutes about the H20.", "The H20 was in 12 newspapers.",
     "Nobody in the room had 24 ports."],
)  # fmt: skip
def test_people_papers_and_minutes_are_none(text: str) -> None:
    assert read(text) == []
