"""Numbers whose unit is left out because it was said before, or because their format implies it:
"BF16 1,307, FP8 2,615", "756 TFLOPS FP16 and 1,513 FP8", "5,120 TPP, far above the X1's 2,368"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chipassay import units
from chipassay.claims.claim import CHIPS, Amount, Mention
from chipassay.claims.text.bare_numbers import NUMBER
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.list_numbers import VERB
from chipassay.claims.text.manners import manner_of
from chipassay.claims.text.numerals import numeral

_FORMAT = r"(?:TF-?32|(?:(?:MX|NV)?FP|BF)-?(?:64|32|16|8|6|4)|INT-?[84])(?![0-9])"
_NO_UNIT = (
    r"(?![\w%/]|[.,:]\d|\s?(?:[kKMGTPE]i?[BWHb]\b|[kKMGTPE]?[Ww]att|[x×]\b|nm\b|mm|-?bit"
    r"|[\w-]*(?:FLOP|flop|OPS\b)))"
)
_ENDS = r"(?=\s?(?:[,;.)）/，；、。|]|$|(?:and|or|vs|versus|while|but|with|dense|sparse|tensor)\b))"
_BEHIND_FORMAT = Gated(
    rf"(?<![A-Za-z]){_FORMAT}(?:\s(?:dense|sparse|tensor|peak)){{0,2}}\s?(?:[:：=~≈]\s?"
    rf"|(?:at|of|is|为|达)\s)?(?P<number>{NUMBER}){_NO_UNIT}{_ENDS}", "fp|bf|tf|int",
)  # fmt: skip
_BEFORE_FORMAT = Gated(
    rf"(?<![\w.,/$€¥-])(?P<number>{NUMBER})\s(?:(?:in|at|for|dense|sparse)\s){{0,2}}{_FORMAT}"
    rf"{_ENDS}", "fp|bf|tf|int",
)  # fmt: skip
_BEHIND_CHIP = re.compile(
    rf"(?:['’]s|\s?的|\s?[:：=~≈]|\s(?:that |which |with its |, at )?{VERB}|{VERB})?\s?"
    r"(?:up to |only |about |around |just |its |own |仅|只|约){0,2}"
    rf"(?P<number>{NUMBER}){_NO_UNIT}"
    r"(?=\s?(?:[,;.)）/，；、。|]|$|(?:and|or|vs|versus|while|but|against|for|on|compared|per"
    r" (?:chip|card|GPU))\b))"
)
_A_YEAR = re.compile(r"(?:19|20)\d\d")
_MEASURES = ("FLOP/s", "B/s", "B", "W", "bit.FLOP/s")
_SMALLEST_RATE = 10
"""Teraflops of a format; a smaller bare number is a count, a version or petaflops."""


def gapped(
    text: str, start: int, end: int, found: Sequence[Amount], masked: Sequence[Mention]
) -> Iterator[Amount]:
    """The numbers that take their unit from elsewhere in the sentence, or from their format."""
    measured = [each for each in found if each.unit in _MEASURES and _printed(each)]
    rates = [each for each in measured if each.unit == "FLOP/s"]
    chips = [each for each in masked if each.kind in CHIPS]
    for pattern in (_BEHIND_FORMAT, _BEFORE_FORMAT) if rates or chips else ():
        matches = list(pattern.finditer(text, start, end))
        if rates or (pattern is _BEHIND_FORMAT and len(matches) > 1):
            for match in matches:
                yield from _rate(text, start, match, rates)
    for chip in chips if measured else ():
        behind = _BEHIND_CHIP.match(text, chip.end, end)
        earlier = [each for each in measured if each.end <= chip.start]
        if behind is not None and earlier and not _A_YEAR.fullmatch(behind["number"]):
            yield _like(text, start, behind, earlier[-1])


def _rate(text: str, start: int, match: re.Match[str], rates: Sequence[Amount]) -> Iterator[Amount]:
    """A rate in the unit of the one that has it; in teraflops where none has."""
    if rates:
        yield _like(text, start, match, min(rates, key=lambda e: abs(e.start - match.start())))
        return
    first, factor = numeral(match["number"]), units.factor("TFLOPS")
    if first.value >= _SMALLEST_RATE:
        yield _made(text, start, match, "FLOP/s", factor)


def _like(text: str, start: int, match: re.Match[str], other: Amount) -> Amount:
    """The number in the unit that another figure is printed in."""
    own = numeral(_printed(other)).low
    return replace(_made(text, start, match, other.unit, other.low / own), noun=other.noun)


def _printed(other: Amount) -> str:
    """The digits of a figure as printed; "" where it is spelled in words or is nought."""
    match = _DIGITS.search(other.written)
    return match.group() if match is not None and other.low > 0 else ""


_DIGITS = re.compile(NUMBER)


def _made(text: str, start: int, match: re.Match[str], unit: str, factor: float) -> Amount:
    first = numeral(match["number"])
    begin = match.start("number")
    return Amount(
        first.value * factor, first.low * factor, first.high * factor, unit, "", begin,
        match.end("number"), match["number"], manner_of(text[max(start, begin - 24) : begin], ""),
    )  # fmt: skip
