"""What a sentence about a named chip gives beside the figures that a reader knows: ports, sites,
sizes of a pod, multiples of something unnamed.

A reader of an article wants to see that such a figure was not checked, so it is a claim; nothing is
held that it could be checked against, so it is never more than "cannot tell".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.text.bare_numbers import NUMBER, SCALE_WORDS
from chipassay.claims.text.manners import manner_of
from chipassay.claims.text.numerals import numeral
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.trade.amounts import trade_amounts
from chipassay.claims.trade.topic import is_about_chips

_KINDS = ("1", "USD", "CNY", "EUR")
_OF_MODELS = ("parameters", "tokens", "nm", "tokens/s", "items/s", "tokens/W")
_THINGS = re.compile(
    rf"(?<![A-Za-z0-9_.,$€¥/-])(?P<number>{NUMBER})(?:\s(?P<scale>{SCALE_WORDS}))?\s"
    r"(?:(?!and\b|or\b|to\b|of\b|in\b|that\b|with\b|from\b|for\b|on\b|by\b|at\b|per\b|is\b|was\b"
    r"|are\b|were\b|as\b|out\b|vs\b)[A-Za-z][\w-]*\s){0,3}?"
    r"(?:[NTGCPX]PUs|chips|cards|boards|modules|ports|lanes|channels|controllers|engines|tiles"
    r"|nodes|racks|cabinets|servers|pods|trays|switches|slots|instances|threads|ROPs|TMUs|NICs"
    r"|transceivers|cables|fans|pins|planes|clusters)\b(?![-\w])"
)
"""A number and what of hardware it counts: "21 Ethernet ports"."""


def rest(sentence: Sentence, taken: Sequence[tuple[int, int]]) -> Iterator[Claim]:
    """The quantities of a sentence that names a chip and that no other reader took."""
    chips = sentence.chips()
    spans = [*taken, *((each.start, each.end) for each in sentence.mentions)]
    if not chips or not _has_more(sentence, spans) or not is_about_chips(sentence):
        return
    amounts = trade_amounts(sentence)
    for amount in (*amounts, *_things(sentence, [*spans, *((a.start, a.end) for a in amounts)])):
        if amount.unit not in _KINDS or amount.noun in _OF_MODELS:
            continue
        if any(a < amount.end and amount.start < b for a, b in spans):
            continue
        before = [e for e in chips if e.end <= amount.start and not sentence.is_yardstick(e)]
        yield Claim(
            "market", amount.start, amount.end, (sentence.start, sentence.end), "statement",
            (before or chips)[-1 if before else 0], amount, words=sentence.said,
            voice=sentence.voice,
        )  # fmt: skip


_FIGURE = re.compile(r"\d+")


def _has_more(sentence: Sentence, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a printed number stands outside some stretches."""
    return any(
        all(match.end() <= start or match.start() >= end for start, end in spans)
        for match in _FIGURE.finditer(sentence.text, sentence.start, sentence.end)
    )


def _things(sentence: Sentence, taken: Sequence[tuple[int, int]]) -> Iterator[Amount]:
    for match in _THINGS.finditer(sentence.text, sentence.start, sentence.end):
        start, end = match.span()
        if any(a < end and start < b for a, b in taken):
            continue
        before = sentence.text[max(sentence.start, start - 24) : start]
        yield Amount(*numeral(match["number"], match["scale"] or ""), "1", "things", start, end,
                     match.group(), manner_of(before, ""))  # fmt: skip
