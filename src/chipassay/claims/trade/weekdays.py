"""Days of the week: "Monday, April 15, 2025" tells one day twice, and the two may not agree."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim
from chipassay.claims.text.dates import stamps
from chipassay.claims.text.gated import Small
from chipassay.claims.text.sentences import Sentence

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE = "一二三四五六日"
_DAYS = Small(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:星期|周|週|礼拜)[一二三四五六日天]"
)
_GAP = re.compile(r",? (?:the )?|,? on |[(（,，]?\s?")
_WHOLE = len("2025-04-15")
"""Characters of a day whose year is printed."""


def weekdays(sentence: Sentence) -> Iterator[Claim]:
    """Every day of the week that stands beside a date with its year, and is another day's.

    One that agrees says nothing about chips, so that no claim is made of it.
    """
    text, said = sentence.text, sentence.said
    if not sentence.mentions or _DAYS.search(said) is None:
        return
    stretches = [match.span() for match in _DAYS.finditer(text, sentence.start, sentence.end)]
    for day in stamps(text, sentence.start, sentence.end):
        if len(day.iso) < _WHOLE or not _is_a_day(day.iso):
            continue
        known = day.date().weekday()
        for left, right in stretches:
            start, end = min(left, day.start), max(right, day.end)
            gap = text[right : day.start] if right <= day.start else text[day.end : left]
            if _GAP.fullmatch(gap) and _number(text[left:right]) != known:
                yield Claim(
                    "arithmetic", start, end, (sentence.start, sentence.end), "weekday",
                    words=text[start:end], voice=sentence.voice,
                    facts={"day": day.iso, "known": _NAMES[known]},
                )  # fmt: skip


def _is_a_day(iso: str) -> bool:
    """Whether the calendar has the day."""
    try:
        datetime.date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _number(written: str) -> int:
    """The number of a day of the week; Monday is 0."""
    if written.capitalize() in _NAMES:
        return _NAMES.index(written.capitalize())
    return _CHINESE.index(written[-1].replace("天", "日"))
