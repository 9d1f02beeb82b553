"""Days told twice, changes from another chip, forms beside forms, lanes that are called cores."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RIGHT = [
    "The H100 has 16,896 cores.",
    "The H800 has the same memory bandwidth as the H100.",
    "The H100's die is slightly smaller than that of the A100.",
    "The H200 raises memory capacity from the H100's 80 GB to 141 GB.",
]
WRONG_ONES = [
    "The H100 has 16,384 cores.",
    "The H800 has much less memory bandwidth than the H100.",
    "The H100's die is slightly larger than that of the A100.",
    "On Friday, October 17, 2023, the rules reached the A800.",
    "The A100 comes with 40 GB or 80 GB of HBM2e.",
]


def _outcomes(sentence: str) -> list[tuple[str, str]]:
    return [
        (claim.field, verdict.outcome)
        for claim, verdict in judged(Document("x", sentence, sentence), NAMES, CATALOGUE)
    ]


@pytest.mark.parametrize("sentence", RIGHT)
def test_what_is_right_is_supported_and_nothing_else(sentence: str) -> None:
    assert {outcome for _, outcome in _outcomes(sentence)} == {"supported"}


@pytest.mark.parametrize("sentence", WRONG_ONES)
def test_what_is_wrong_is_called_so(sentence: str) -> None:
    assert any(outcome in WRONG for _, outcome in _outcomes(sentence))


def test_two_sources_of_a_number_of_cores_leave_lanes_open() -> None:
    assert (
        dict(_outcomes("160 SMs of 128 CUDA cores, 20,480 cores for Blackwell Ultra"))["lanes"]
        not in WRONG
    )


@given(st.dates(datetime.date(2018, 1, 1), datetime.date(2027, 12, 31)), st.sampled_from(DAYS))
def test_a_day_of_the_week_is_wrong_where_the_calendar_has_another(
    day: datetime.date, name: str
) -> None:
    told = f"The H20 was discussed on {name}, {day:%B} {day.day}, {day.year}."
    found = [outcome for field, outcome in _outcomes(told) if field == "weekday"]
    assert found == ([] if DAYS[day.weekday()] == name else ["inconsistent"])


def test_chinese_days_of_the_week_are_read_too() -> None:
    assert ("weekday", "inconsistent") in _outcomes("2025年4月9日(星期一),英伟达获知H20需要许可。")
    assert "weekday" not in dict(_outcomes("2025年4月9日(星期三),英伟达获知H20需要许可。"))
    assert "weekday" not in dict(_outcomes("On Friday, October 17, the H20 was discussed."))
    assert "weekday" not in dict(_outcomes("On Friday, June 31, 2025, the H20 was discussed."))
