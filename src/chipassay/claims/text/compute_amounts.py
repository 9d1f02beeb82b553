"""How many operations a training run took: "3.14 × 10^23 FLOP", "6.3e24 FLOPs", "10²⁶次浮点运算",
"3,640 petaflop/s-days". A number of operations, never a rate: nothing "per second" is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount
from chipassay.claims.text.bare_numbers import NUMBER
from chipassay.claims.text.manners import manner_of
from chipassay.claims.text.numerals import Numeral, half_digit, numeral
from chipassay.units import factor

UNIT = "FLOP"
_LEAST = 18
"""A smaller power of ten is a card's rate written without "per second"."""
_ANY = re.compile(
    r"\d\s?[eE]\+?\d\d|10\s?(?:\^|\*\*|\{|[⁰¹²³⁴-⁹]|的|to the)|(?:trillion|billion) (?:trillion"
    r"|billion)"
    r"|(?:FLOPS?|F)(?:/s|-s)?[\s-]days", re.I,
)  # fmt: skip
_POWER = (
    r"10\s?(?:(?:\^|\*\*)\s?[{(]?\+?(?P<exp>\d{1,2})[})]?|(?P<sup>[⁰¹²³⁴-⁹]{1,2})"
    r"|的\s?(?P<cn>\d{1,2})\s?次(?:方|幂)|\s?to the (?:power of )?(?P<th>\d\d)(?:th|rd|nd|st)?"
    r"(?: power)?)"
)
_PER_S = r"(?!\s?(?:/\s?s|per sec|a sec|p/s|每秒|/秒))"
_OPERATIONS = (
    r"(?:total |training |pre-?training |cumulative |integer or )?(?:FLOPs?"
    r"|(?:floating[\s-]?point )"
    r"?(?:operations|calculations|ops))(?![A-Za-z/])|次?(?:的)?浮点(?:运算|操作|计算)|次(?:运算|计算|操作)"
)
_TOTAL = re.compile(
    rf"(?<![A-Za-z0-9_.,^-])(?:(?:(?P<number>\d+(?:[.,]\d+)?)\s?[x×·⋅*∙]\s?)?{_POWER}"
    rf"|(?P<mantissa>\d+(?:\.\d+)?)\s?[eE]\+?(?P<e>\d\d))(?![\w^.]*\d)"
    rf"(?P<unit>\s?(?:of\s)?(?:{_OPERATIONS}){_PER_S})?", re.I,
)  # fmt: skip
_NAMED = re.compile(r"(?:FLOPs?|\bcompute\b|operations|计算量|算力|浮点运算)[^.;。\d]{0,32}$", re.I)
"""Before a power of ten that has no unit behind it."""
_TWICE = re.compile(
    rf"(?<![A-Za-z0-9_.,$])(?P<number>{NUMBER})\s(?P<one>trillion|billion"
    rf"|million)\s(?P<two>trillion"
    rf"|billion)\s(?:{_OPERATIONS}){_PER_S}", re.I,
)  # fmt: skip
_DAYS = re.compile(
    rf"(?<![A-Za-z0-9_.,$])(?P<number>{NUMBER})\s?(?P<prefix>peta|exa|P|E)\s?F(?:LOPs?)?(?:/s"
    rf"|-s)?[\s-]days?\b",
    re.I,
)  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def operations(text: str, start: int, end: int) -> Iterator[Amount]:
    """The numbers of operations in a stretch of text."""
    if _ANY.search(text, start, end) is None:
        return
    for match in _TOTAL.finditer(text, start, end):
        powers = (match[name] for name in ("exp", "sup", "cn", "th", "e"))
        power = int(next(each for each in powers if each).translate(_SUPERSCRIPTS))
        named = match["unit"] or _NAMED.search(text, max(start, match.start() - 44), match.start())
        if power >= _LEAST and named:
            yield _made(text, start, match, _powered(match, power))
    for match in _TWICE.finditer(text, start, end):
        scale = numeral("1", match["two"]).value
        first = numeral(match["number"], match["one"])
        yield _made(text, start, match, Numeral(*(each * scale for each in first)))
    for match in _DAYS.finditer(text, start, end):
        scale = factor("PFLOP" if match["prefix"][0] in "pP" else "EFLOP") * factor("day")
        first = numeral(match["number"])
        yield _made(text, start, match, Numeral(*(each * scale for each in first)))


def _powered(match: re.Match[str], power: int) -> Numeral:
    digits = (match["number"] or match["mantissa"] or "").replace(",", ".")
    value, half = float(digits or 1), half_digit(digits) if digits else 0.0
    return Numeral(*(float(f"{each!r}e{power}") for each in (value, value - half, value + half)))


def _made(text: str, start: int, match: re.Match[str], first: Numeral) -> Amount:
    begin = match.start()
    before = text[max(start, begin - 24) : begin]
    return Amount(*first, UNIT, "", begin, match.end(), match.group().strip(),
                  manner_of(before, text[match.end() : match.end() + 4]))  # fmt: skip
