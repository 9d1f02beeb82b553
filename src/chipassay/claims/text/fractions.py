"""Parts and multiples in words: "two thirds", "a factor of three", 百分之十五, 三分之一, 八成."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.text.gated import Gated
from chipassay.claims.text.numerals import WORDS, chinese

_PARTS = {
    "hal": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "twentieth": 20, "hundredth": 100,
}  # fmt: skip
_MULTIPLES = {"double": 2.0, "twice": 2.0, "triple": 3.0, "thrice": 3.0, "quadruple": 4.0,
              "quintuple": 5.0, "one and a half times": 1.5, "two and a half times": 2.5,
              "three and a half times": 3.5, "doble": 2.0,
              "dobro": 2.0, "doppelt": 2.0, "mitad": 0.5,
              "metade": 0.5, "moitié": 0.5, "hälfte": 0.5, "setengah": 0.5, "一半": 0.5,
              "两倍": 2.0, "翻倍": 2.0, "翻番": 2.0}  # fmt: skip
_COUNTS = "|".join(sorted((w for w in WORDS if w not in ("a", "an")), key=len, reverse=True))
_TENS = "|".join(word for word in WORDS if word.endswith("ty"))
_BITS = (
    *_PARTS, *_MULTIPLES, "fold", "factor of",
    "percent", "per cent", "分之", "成", "1/",
)  # fmt: skip
_FRACTION = Gated(
    rf"(?<![A-Za-z])(?:(?:(?P<n>a|an|one|two|three|four|five|seven|nine)[\s-])?(?P<part>hal)(?:f"
    rf"|ves)"
    rf"|(?P<m>a|an|one|two|three|four|five|seven|nine)[\s-](?P<of>{'|'.join(list(_PARTS)[1:])})s?"
    rf"|(?P<multiple>{'|'.join(_MULTIPLES)})(?:d|s)?"
    rf"|(?P<fold>{_COUNTS})-?fold"
    rf"|factor of (?P<factor>{_COUNTS}|\d+(?:\.\d+)?)"
    rf"|(?P<percent>(?:(?:{_TENS})-)?(?:{_COUNTS}))[\s-]per ?cent)(?![a-z]|[- ]precision|[- ]year)"
    r"|百分之(?P<cn>[零一二三四五六七八九十百两]+|\d+(?:\.\d+)?)"
    r"|(?:(?<=[约的仅为的])|(?<=about )|(?<=only )|(?<=roughly )|(?<=nearly ))(?P<over>1/(?:[2-9]"
    r"|1\d))(?![\d/])"
    r"|(?P<below>[二三四五六七八九十]|百)分之(?P<above>[一二三四五六七八九])"
    r"|(?P<tenths>[一二三四五六七八九两])成(?![本为立功员熟果都长就交份])",
    _BITS,
)


class Fraction(NamedTuple):
    """A part or a multiple, the interval it stands for, and where it is written."""

    value: float
    half: float
    noun: str
    start: int
    end: int


def fractions(text: str, start: int, end: int) -> Iterator[Fraction]:
    """Every part and multiple in words."""
    for match in _FRACTION.finditer(text, start, end):
        value, half, noun = _value(match)
        if value > 0:
            yield Fraction(value, half, noun, match.start(), match.end())


def _value(match: re.Match[str]) -> tuple[float, float, str]:
    if match["cn"] or match["percent"]:
        return _plain(match["cn"] or match["percent"]) / 100, 0.005, ""
    if match["over"]:
        return _rough(1 / float(match["over"].partition("/")[2]))
    if match["below"]:
        low = 100.0 if match["below"] == "百" else chinese(match["below"])
        return _rough(chinese(match["above"]) / low)
    if match["tenths"]:
        return _rough(chinese(match["tenths"]) / 10)
    if match["factor"] or match["fold"]:
        return _rough(_plain(match["factor"] or match["fold"]))
    if match["multiple"]:
        return _rough(_MULTIPLES[match["multiple"].lower()])
    count = _plain(match["n"] or match["m"] or "one")
    return _rough(count / _PARTS[(match["part"] or match["of"]).lower()])


def _rough(value: float) -> tuple[float, float, str]:
    """A part in words stands for a tenth of itself to either side."""
    return value, value / 10, "times"


def _plain(written: str) -> float:
    """A numeral in digits, English words or Chinese characters."""
    if written[0].isdigit():
        return float(written)
    known = sum(WORDS.get(word, 0) for word in written.lower().split("-"))
    return float(known) or chinese(written)
