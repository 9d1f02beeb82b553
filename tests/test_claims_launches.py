"""When a chip was announced or launched: what is read of it, and what is called wrong."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.claim import Claim, Mention
from chipassay.claims.text.dates import period, times
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.verdicts.launch_verdict import launch_verdict

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
RIGHT = [
    "Nvidia launched the L40S in August 2023.",
    "AMD launched the MI300X in December 2023.",
    "In November 2023 Nvidia announced the H200.",
    "Google announced the TPU v5p in December 2023.",
    "The RTX 5090 went on sale in January 2025.",
    "The H100, unveiled in March 2022, is made by TSMC.",
    "The MI325X came out in Q4 2024.",
    "2022年3月,英伟达发布H100。",
    "The line-up: A100 (2020), H100 (2022), H200 (2024)",
]
WRONG = [
    "Nvidia launched the L40S in October 2022.",
    "AMD launched the MI300X in December 2021.",
    "In November 2022 Nvidia announced the H200.",
    "The MI325X, dating from 2023, followed.",
    "The RTX 5090 went on sale in January 2024.",
    "The B200 has been shipping since 2022.",
    "The H100 debuted in 2021.",
    "AMD's MI350X arrived in mid-2023.",
    "The A100 was released in Q2 2018.",
    "Nvidia's 2020 H100 has HBM3.",
    "2021年,英伟达发布H100。",
    "MI250X (2019)",
]
OTHER = [
    "Nvidia won a licence for the H20 in August 2025.",
    "The H100 set a benchmark record in June 2021.",
    "A driver for the A100 was released in January 2019.",
    "Nvidia's H100 is cheaper than what launched in 2019.",
]


def days_of(text: str) -> list[tuple[str, str]]:
    """The days of launches that are read of a text, with the verdicts."""
    found = judged(Document("own", text, text), NAMES, CATALOGUE, "2026-11-01")
    return [(claim.words, verdict.outcome) for claim, verdict in found
            if claim.field in ("announced", "released")]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_a_day_that_is_held_is_confirmed(text: str) -> None:
    assert {outcome for _, outcome in days_of(text)} == {"supported"}


@pytest.mark.parametrize("text", WRONG)
def test_a_time_before_a_chip_was_known_or_long_after_it_was_out_is_wrong(text: str) -> None:
    assert {outcome for _, outcome in days_of(text)} == {"contradicted"}


@pytest.mark.parametrize("text", OTHER)
def test_days_of_other_things_are_no_launch(text: str) -> None:
    assert not any(outcome == "contradicted" for _, outcome in days_of(text))


@pytest.mark.parametrize("text", [
    "The H100 shipped in volume in 2023.", "The H100 was announced at the end of 2022.",
    "Nvidia launched the A100 in March 2021.",
])  # fmt: skip
def test_days_between_announcement_and_delivery_are_left_open_or_right(text: str) -> None:
    assert "contradicted" not in {outcome for _, outcome in days_of(text)}


DATED = [chip.id for chip in CATALOGUE.chips() if period(chip.text("announced"))]


@given(st.sampled_from(DATED), st.integers(0, 90))
def test_earlier_is_never_more_right(chip: str, months: int) -> None:
    ranks = ("contradicted", "cannot tell", "supported")
    first = period(CATALOGUE.chip_entry(chip).text("announced"))
    assert first is not None

    def rank(back: int) -> int:
        month = first[0].year * 12 + first[0].month - 1 - back
        mention = Mention("chip", (chip,), chip, 0, 1)
        words = f"{month // 12}-{month % 12 + 1:02d}"
        claim = Claim("figure", 0, 1, (0, 1), "announced", mention, words=words, relation="on")
        return ranks.index(launch_verdict(claim, CATALOGUE).outcome)

    assert rank(months + 1) <= max(rank(months), 1)


@pytest.mark.parametrize(("text", "wanted"), [
    ("in Q4 2024", ["2024-Q4"]), ("the third quarter of 2023", ["2023-Q3"]),
    ("(2022) and mid-2023", ["2022", "2023"]), ("2025年第二季度", ["2025-Q2"]),
    ("on October 13th, 2022", ["2022-10-13"]), ("with 2,024 cores", []),
])  # fmt: skip
def test_times_as_they_are_printed(text: str, wanted: list[str]) -> None:
    assert [each.iso for each in times(text, 0, len(text), 0)] == wanted


@given(st.dates(datetime.date(2015, 1, 1), datetime.date(2030, 1, 1)))
def test_a_day_lies_in_its_month_and_its_quarter_and_its_year(day: datetime.date) -> None:
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    for iso in (day.isoformat(), day.isoformat()[:7], quarter, str(day.year)):
        found = period(iso)
        assert found is not None
        assert found[0] <= day <= found[1]
    assert period("soon") is None
