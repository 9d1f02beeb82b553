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

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end

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


_QUARTER = re.compile(
    r"\b(?:Q(?P<q1>[1-4])[\s,]+(?:of )?(?P<y1>20\d\d)|(?P<y2>20\d\d)[\s-]?Q(?P<q2>[1-4])"
    r"|(?P<w>first|second|third|fourth) quarter (?:of )?(?P<y3>20\d\d)"
    r"|(?P<h>H[12]|first half of|second half of|mid|early|late)[\s-]+(?P<y4>20\d\d))\b"
    r"|(?P<y5>20\d\d)\s?年第?(?P<cn>[一二三四1-4])季度",
    re.I,
)
_QUARTERS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "一": "1", "二": "2",
             "三": "3", "四": "4"}  # fmt: skip
_ALONE = re.compile(
    r"(?:[(（\[]|\bdating from |['’]s |\b(?:the|a) |\b(?:GTC|CES|Computex|Hot Chips)\s)"
    r"(?P<a>20[012]\d)(?![-/.,]?\d)"
)


def times(text: str, start: int, end: int, year: int) -> list[Day]:
    """The days, months, quarters ("2024-Q3") and years of a stretch, also where only brackets or
    an article mark a year; a year that is not printed is `year`."""
    found = [_dated(each, year) for each in stamps(text, start, end)]
    kept = [each for each in found if each is not None and len(each.iso) > len("2024")]
    for match in _QUARTER.finditer(text, start, end):
        told = next(match[name] for name in ("y1", "y2", "y3", "y4", "y5") if match[name])
        number = match["q1"] or match["q2"] or match["w"] or match["cn"] or ""
        part = f"-Q{_QUARTERS.get(number.lower(), number)}" if number else ""
        if not any(each.start <= match.start() < each.end for each in kept):
            kept.append(Day(told + part, match.start(), match.end(), True))
    years = [each for each in found if each is not None and len(each.iso) == len("2024")]
    years += [Day(m["a"], m.start("a"), m.end("a"), True)
              for m in _ALONE.finditer(text, start, end)]  # fmt: skip
    for each in years:
        if not any(other.start < each.end and each.start < other.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)


def _dated(day: Day, year: int) -> Day | None:
    if not day.iso.startswith("-"):
        return day
    return day._replace(iso=f"{year}{day.iso}") if year else None


def period(iso: str) -> tuple[datetime.date, datetime.date] | None:
    """The first and last day of a day, a month, a quarter or a year; None for other text."""
    match = _ISO.fullmatch(iso)
    if match is None:
        return None
    year = int(match["year"])
    first = (int(match["quarter"]) * 3 - 2) if match["quarter"] else int(match["month"] or 1)
    last = first + 2 if match["quarter"] else int(match["month"] or len(_MONTHS))
    try:
        if match["day"]:
            whole = datetime.date(year, first, int(match["day"]))
            return whole, whole
        following = datetime.date(year + last // len(_MONTHS), last % len(_MONTHS) + 1, 1)
        return datetime.date(year, first, 1), following - datetime.timedelta(days=1)
    except ValueError:
        return None


_ISO = re.compile(
    r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?:T.*)?"
)
