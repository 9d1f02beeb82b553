"""Numbers as they are printed, in English and Chinese, and what their digits leave open."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from chipassay.units import parse

_PREFIX = {
    "thousand": "kB", "k": "kB", "千": "kB", "w": "", "million": "MB", "mn": "MB", "m": "MB",
    "billion": "GB", "milliards": "GB", "milliard": "GB", "milliarden": "GB",
    "bn": "GB", "b": "GB", "trillion": "TB", "tn": "TB", "百万": "MB",
    "百萬": "MB", "千万": "MB", "万": "", "萬": "", "亿": "", "億": "", "万亿": "TB", "萬億": "TB",
}  # fmt: skip
_FIXED = {
    "千万": "10 MB",
    "w": "10 kB",
    "万": "10 kB",
    "萬": "10 kB",
    "亿": "100 MB",
    "億": "100 MB",
}
SCALES: dict[str, float] = {
    word: parse(_FIXED.get(word, f"1 {prefix}"), "B") for word, prefix in _PREFIX.items()
}
"""How much a word multiplies a number by."""
WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "a": 1, "an": 1,
}  # fmt: skip
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_PLACES = {"十": 10, "百": 100, "千": int(SCALES["千"]), "万": int(SCALES["万"])}
_PLACES["亿"] = int(SCALES["亿"])
CHINESE = re.compile(r"[零一二三四五六七八九十百千两兩]+(?=[万萬亿億倍个個张片颗块枚天年台纳瓦%])")


class Numeral(NamedTuple):
    """A number and half a unit of its last printed digit to each side."""

    value: float
    low: float
    high: float


def numeral(digits: str, scale: str = "") -> Numeral:
    """`numeral("4.6", "billion")`: 4.6e9, open from 4.55e9 to 4.65e9.

    Zeros at the end of a whole number may be rounding: 1,600 is open by five to each side.
    """
    bare = digits.replace(",", "").replace("_", "")
    factor = SCALES.get(scale.lower(), 1.0)
    value = float(bare)
    half = half_digit(bare)
    if "." not in bare and value and bare.endswith("0"):
        half *= 10
    return Numeral(value * factor, (value - half) * factor, (value + half) * factor)


def half_digit(bare: str) -> float:
    """Half a unit of the last printed digit: `half_digit("4.6") == 0.05`."""
    return float(Decimal(5).scaleb(-len(bare.partition(".")[2]) - 1))


def chinese(text: str) -> float:
    """The value of a numeral in Chinese characters: `chinese("二十四") == 24`."""
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in ("万", "亿"):
            total += (section + digit) * _PLACES[char]
            section, digit = 0, 0
        else:
            section += (digit or 1) * _PLACES.get(char, 1)
            digit = 0
    return float(total + section + digit)
