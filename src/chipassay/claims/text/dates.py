"""Days as they are printed: `April 9, 2025`, `9 April`, `2025-04-09`, `2025年4月9日`, `in May`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.text.gated import lowered

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")  # fmt: skip
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]}|\\.)?" if len(name) > 3 else name for name in _MONTHS)
_CAPITAL = "|".join(f"{name[:3].title()}(?:{name[3:]}|\\.)?" for name in _MONTHS)
_LEAD = r"in|since|from|until|by|of|during|late|early|mid|last|this|through|before|after|for"
_DAY = re.compile(
    rf"\b(?P<m1>{_NAMES})\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y1>20\d\d))?(?!\d|,\d"
    rf"|\s?(?:%|GB|TB))"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m2>{_NAMES})(?:,?\s(?P<y2>20\d\d))?\b"
    r"|\b(?P<y3>20\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d)\b"
    r"|(?:(?P<y4>20\d\d)\s?年)?\s?(?P<m4>\d{1,2})\s?月(?:\s?(?P<d4>\d{1,2})\s?[日号])?"
    rf"|\b(?P<m5>{_NAMES})(?:,|\sof)?\s(?P<y5>20\d\d)\b|\b[Ii]n\s(?P<m6>{_NAMES})\b(?!,?\s20\d\d)"
    rf"|\b(?:{_LEAD})[\s-](?-i:(?P<m7>{_CAPITAL}))(?![A-Za-z])(?!\.?,?\s(?:20)?\d)",
    re.I,
)
_YEAR = re.compile(
    r"\b(?:in|since|from|of|by|late|early|mid|during|until|through|the|before|after)[\s-]"
    r"(?P<a>20[12]\d)\b(?![-/.,]?\d)|(?P<b>20[12]\d)\s?年(?!\s?\d{1,2}\s?月)",
    re.I,
)


_NEEDS = ("月", "-0", "-1", *(name[:3] for name in _MONTHS))
"""Letters of which every day or month as printed has some."""
_REACH = 40
"""Characters on either side of such letters that a day may take up; none is half as long."""


def _matches(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Whatever looks like a day, looked for only around the letters that it needs."""
    find = lowered(text).find
    places = []
    for letters in _NEEDS:
        at = find(letters, start, end)
        while at >= 0:
            places.append(at)
            at = find(letters, at + 1, end)
    places.sort()
    for left, right in _windows(places):
        yield from _DAY.finditer(text, max(start, left), min(end, right))


def _windows(places: list[int]) -> Iterator[tuple[int, int]]:
    """The stretches around some places, those that touch put together."""
    first = last = None
    for at in places:
        if last is not None and first is not None and at - last > 2 * _REACH:
            yield first - _REACH, last + _REACH
            first = None
        first = at if first is None else first
        last = at
    if first is not None and last is not None:
        yield first - _REACH, last + _REACH


class Day(NamedTuple):
    """A day or a month: ISO text as far as it is printed, and where it stands."""

    iso: str
    start: int
    end: int
    year_said: bool

    def date(self) -> datetime.date:
        """The day; the first of the month where no day is printed."""
        parts = [int(part) for part in self.iso.split("-")]
        return datetime.date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)


def days(text: str, start: int, end: int, year: int) -> list[Day]:
    """The days in a stretch of text; a year that is not printed is `year`."""
    return list(_days(text, start, end, year))


def stamps(text: str, start: int, end: int) -> list[Day]:
    """The days, months and years of a stretch as printed: "-04-15" is a day of no printed year."""
    found = []
    for match in _matches(text, start, end):
        parts = {key[0]: value for key, value in match.groupdict().items() if value}
        month, day = _month(parts["m"]), int(parts.get("d", 1))
        if not 1 <= month <= len(_MONTHS) or not 1 <= day <= _LONGEST:
            continue
        tail = f"-{month:02d}" + (f"-{day:02d}" if "d" in parts else "")
        found.append(Day(parts.get("y", "") + tail, match.start(), match.end(), "y" in parts))
    taken = [(each.start, each.end) for each in found]
    years = _YEAR.finditer(text, start, end) if text.find("20", start, end) >= 0 else ()
    for match in years:
        name = match.lastgroup or "a"
        if not any(left <= match.start(name) < right for left, right in taken):
            found.append(Day(match[name], match.start(name), match.end(), True))
    return sorted(found, key=lambda each: each.start)


_LONGEST = 31
"""Days of a month, at most."""


def _days(text: str, start: int, end: int, year: int) -> Iterator[Day]:
    for match in _matches(text, start, end):
        parts = {key[0]: value for key, value in match.groupdict().items() if value}
        month = _month(parts["m"])
        said = int(parts.get("y", year))
        try:
            if "d" in parts:
                iso = datetime.date(said, month, int(parts["d"])).isoformat()
            else:
                iso = datetime.date(said, month, 1).isoformat()[:7]
        except ValueError:
            continue
        yield Day(iso, match.start(), match.end(), "y" in parts)


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return 1 + next(i for i, name in enumerate(_MONTHS) if name.startswith(written.lower()[:3]))


def year_of(text: str) -> int:
    """The year a text speaks from: the latest it prints in a date; 0 where it prints none."""
    years = [int(day.iso[:4]) for day in days(text, 0, len(text), 0) if day.year_said]
    today = datetime.datetime.now(datetime.UTC).year
    return max((year for year in years if year <= today), default=0)
