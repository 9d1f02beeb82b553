"""Of which year, half or quarter a figure of trade is, as a sentence says it and as it is held."""

from __future__ import annotations

import re
from typing import NamedTuple

_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "一": "1", "二": "2",
             "三": "3", "四": "4"}  # fmt: skip
_YEAR = re.compile(r"(?<![\d,.$])(20[12]\d)(?![\d,]|\.\d)")
_FISCAL = re.compile(
    r"\b(?:fiscal(?: year)?|FY)[- ]?['’]?(?P<a>20[12]\d|[12]\d)\b|(?P<b>20[12]\d) ?(?:财年|財年"
    r"|fiscal)"
    r"|\bQ[1-4] ?(?:FY)?['’]?(?P<c>20[12]\d|[12]\d)\b|\b[1-4]Q(?:FY)?(?P<d>\d\d)\b", re.I,
)  # fmt: skip
_QUARTER = re.compile(
    r"\b(?P<a>first|second|third|fourth)[- ](?:fiscal )?quarter|\bQ(?P<b>[1-4])\b"
    r"|\bQ(?P<e>[1-4])(?=FY)"
    r"|\b(?P<c>[1-4])Q|第?(?P<d>[一二三四])季度", re.I,
)  # fmt: skip
_HALF = re.compile(
    r"\b(?P<a>first|second)[- ]half|\bH(?P<b>[12])\b|\b(?P<c>[12])H\b|\bfirst (?P<d>six) months"
    r"|(?P<e>[上下])半年|(?P<f>primo|primer|primeiro) semestre", re.I,
)  # fmt: skip
_OTHER = re.compile(
    r"\b(?:three|six|nine|twelve) months|\b(?:last|previous|prior|this|past) (?:year|quarter|month)"
    r"|\b(?:year|quarter|period|months) end(?:ed|ing)\b|\bso far\b|to date|\bcumulative"
    r"|去年|今年|上季|\b(?:since|between) [A-Z12]", re.I,
)  # fmt: skip


class Period(NamedTuple):
    """The years named, the quarter and the half; `loose`: words for a time that say no date."""

    years: frozenset[str]
    quarter: str
    half: str
    loose: bool

    @property
    def unsaid(self) -> bool:
        """Whether no time is named at all."""
        return not (self.years or self.quarter or self.half or self.loose)


def period_of(said: str) -> Period:
    """What a sentence says: "second quarter of fiscal 2026", "H1 2025", "2024"."""
    years = {match.group(1) for match in _YEAR.finditer(said)}
    for match in _FISCAL.finditer(said):
        year = next(part for part in match.groups() if part)
        years.add(year if len(year) > 2 else f"20{year}")
    quarters = {_number(match) for match in _QUARTER.finditer(said)}
    halves = {_number(match) for match in _HALF.finditer(said)}
    return Period(
        frozenset(years), next(iter(quarters), "") if len(quarters) < 2 else "?",
        next(iter(halves), "") if len(halves) < 2 else "?", _OTHER.search(said) is not None,
    )  # fmt: skip


def _number(match: re.Match[str]) -> str:
    word = next(part for part in match.groups() if part).lower()
    if word in ("six", "上", "primo", "primer", "primeiro"):
        return "1"
    return "2" if word == "下" else _ORDINALS.get(word, word)


_HELD = re.compile(r"(?:FY)?(?P<year>20\d\d)(?:-(?:Q(?P<quarter>\d)|H(?P<half>\d)))?")


def is_same(said: Period, held: str) -> bool:
    """Whether a sentence names the period of a figure that is held: "FY2026-Q1", "2025-H1"."""
    match = _HELD.fullmatch(held)
    if match is None:
        return False
    if said.years and said.years != {match["year"]}:
        return False
    part = (match["quarter"] or "", match["half"] or "")
    if (said.quarter, said.half) != part:
        return False
    return bool(said.years or any(part)) and not (said.loose and not said.years)
