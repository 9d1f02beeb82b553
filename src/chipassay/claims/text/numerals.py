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
    "mil": "kB", "tausend": "kB", "ribu": "kB", "tisíc": "kB", "тыс": "kB", "тысяч": "kB",
    "millones": "MB", "millón": "MB", "milhões": "MB", "milhão": "MB", "millionen": "MB",
    "mio": "MB", "millions": "MB", "milioni": "MB", "milione": "MB", "miljoen": "MB",
    "milionů": "MB", "milionu": "MB", "mln": "MB", "juta": "MB", "млн": "MB", "миллионов": "MB",
    "mil millones": "GB", "milhares de milhões": "GB", "bilhões": "GB", "bilhão": "GB",
    "mrd": "GB", "mld": "GB", "miliardi": "GB", "miliardo": "GB", "miljard": "GB",
    "miliard": "GB", "miliardy": "GB", "miliardów": "GB", "miliar": "GB", "млрд": "GB",
    "миллиардов": "GB", "triliun": "TB", "billionen": "TB", "billones": "TB", "trilhões": "TB",
    "трлн": "TB",
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
SPELT = "|".join(word for word in WORDS if word not in ("a", "an"))
"""Numbers in words, as a pattern."""
CONTINENTAL = re.compile(
    r"\b(?:der|die|das|und|mit|eine?r?|von|für|bei|ist|auf|el|los|las|una|con|por|para|del|que"
    r"|entre|um|uma|com|dos|da|os|de|le|les|des|une|du|est|pour|avec|sur|il|gli|della|dei|nel|di|per"
    r"|een|het|van|met|voor|jest|do|na|w|se|je|až|ve|bude|za|yang|dan|dengan|untuk|pada|dari|adalah"
    r"|hingga)\b|[a-z]*[àâãäåáçčďèéêëěíîïłńňñóôõöřśšťúûüůýžźżąęß][a-z]*|[а-яё]{2,}"
)  # fmt: skip
"""Small words, and letters, of languages that write 1.979,5 where English writes 1,979.5; of a
text in small letters."""
_SEVERAL = 3
_POINTED = re.compile(r"\d[.,]\d|\d \d{3}\b")
_ENGLISH = re.compile(r"\b(?:the|of|and|with|is|to|its?|at|than|has)\b", re.I)


def is_continental(said: str) -> bool:
    """Whether a sentence is in a language that writes its decimals behind a comma."""
    if _POINTED.search(said) is None:
        return False
    words = {match.group().casefold() for match in CONTINENTAL.finditer(said.lower())}
    english = {match.group().casefold() for match in _ENGLISH.finditer(said)}
    return len(words) >= _SEVERAL and len(english) < len(words)


CN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_PLACES = {"十": 10, "百": 100, "千": int(SCALES["千"]), "万": int(SCALES["万"])}
_PLACES["亿"] = int(SCALES["亿"])
CHINESE = re.compile(r"[零一二三四五六七八九十百千两兩]+(?=[万萬亿億倍个個张片颗块枚天年台纳瓦%])")


class Numeral(NamedTuple):
    """A number and half a unit of its last printed digit to each side."""

    value: float
    low: float
    high: float


_WIDE = {
    code: code - 0xFEE0
    for code in (
        *range(0xFF0E, 0xFF1A),
        *range(0xFF21, 0xFF3B),
        *range(0xFF41, 0xFF5B),
        0xFF05,
        0xFF0B,
    )
}
_IS_WIDE = re.compile("[\uff05\uff0b\uff0e\uff0f-\uff19\uff21-\uff3a\uff41-\uff5a]")


def half_width(text: str) -> str:
    """The text with the wide digits, letters and per cents of Chinese type as plain ones, each in
    its place; the wide stops and brackets stay."""
    return text.translate(_WIDE) if _IS_WIDE.search(text) else text


COMMA = re.compile(r"\d+,\d{1,2}")
_BLANKS = re.compile(r"[\s_\u00a0\u2009\u202f'’]")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def numeral(digits: str, scale: str = "", *, continental: bool = False) -> Numeral:
    """`numeral("4.6", "billion")`: 4.6e9, open from 4.55e9 to 4.65e9.

    Zeros at the end of a whole number may be rounding: 1,600 is open by five to each side. One or
    two digits behind a comma are decimals; `continental` reads 1.979 as 1979 and 2,881 as 2.881.
    """
    bare = _BLANKS.sub("", digits)
    if continental and ("," in bare or _GROUPED.fullmatch(bare)):
        bare = bare.replace(".", "").replace(",", ".")
    elif COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    bare = bare.replace(",", "")
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
        if char in CN_DIGITS:
            digit = CN_DIGITS[char]
        elif char in ("万", "亿"):
            total += (section + digit) * _PLACES[char]
            section, digit = 0, 0
        else:
            section += (digit or 1) * _PLACES.get(char, 1)
            digit = 0
    return float(total + section + digit)
