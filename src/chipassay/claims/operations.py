"""What a sentence says of machines at work: failures, utilisation, power prices, overheads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.sentences import Sentence


class _Reading(NamedTuple):
    """A quantity's kind, the words that must stand near it, and those of its sentence."""

    field: str
    near: re.Pattern[str]
    about: re.Pattern[str]
    reach: int


_MACHINES = re.compile(
    r"\b(?:GPUs?|HBM\w{0,2}|NPUs?|chips?|cards?|nodes?|clusters?|training|switch\w*|NICs?|cables?"
    r"|CPUs?|components?|hardware|accelerators?|servers?|racks?)\b|集群|芯片|训练|卡", re.I,
)  # fmt: skip
_POWER = re.compile(
    r"kilowatt|kWh|electricity|power (?:bills?|prices?|rates?|costs?)|度电|电价|电费", re.I
)
_FAILURES = re.compile(
    r"\b(?:failures?|interruptions?|faults?|outages?|crash\w*|MTB[FI])\b|mean time (?:between|to)"
    r"|failed\b|故障|中断", re.I,
)  # fmt: skip
_USED = re.compile(
    r"\bMFU\b|utili[sz]ation|effective training time|goodput|availability|uptime|linearity"
    r"|scaling efficiency|linear(?:ity)? (?:scaling|speed-?up)|利用率|可用度|线性度", re.I,
)  # fmt: skip
_KINDS = {
    "%": (
        _Reading("utilisation", _USED, _MACHINES, 45),
        _Reading("share", _FAILURES, _MACHINES, 80),
        _Reading("subsidy", re.compile(r"subsid\w+|electricity bills?|power bills?|电费"
            r"|补贴", re.I),
                 re.compile(r"\bchips?\b|GPUs?|accelerators?|芯片|算力", re.I), 70),
    ),
    "s": (_Reading("interval", re.compile(r"\b(?:every|each|average|mean time|MTBF|MTTF)\b"
    r"|每", re.I),
                   _FAILURES, 30),),
    "events": (_Reading("failures", _FAILURES, _MACHINES, 40),),
    "money": (_Reading("electricity", re.compile(r"per (?:kilowatt|kWh)|/ ?kWh|a kilowatt|每度"
    r"|/度", re.I),
                       _POWER, 12),),
    "PUE": (_Reading("overhead", re.compile(r"PUE|power usage", re.I), _MACHINES, 40),),
}  # fmt: skip


def operations(sentence: Sentence) -> Iterator[Claim]:
    """Every figure of machines at work; none of them is held, so none is judged."""
    for amount in sentence.amounts:
        for reading in _KINDS.get(_kind(amount), ()):
            span = _span(sentence, amount, reading)
            if span is not None and reading.about.search(sentence.said):
                yield Claim(
                    "arithmetic", *span, (sentence.start, sentence.end), reading.field, None,
                    amount,
                    words="a figure of machines at work", voice=sentence.voice,
                    facts={"known": math.nan},
                )  # fmt: skip
                break


def _kind(amount: Amount) -> str:
    if amount.unit in ("USD", "CNY") or amount.noun == "cents":
        return "money"
    if amount.unit == "1" and amount.noun == "":
        return "%"
    return amount.noun or amount.unit


def _span(sentence: Sentence, amount: Amount, reading: _Reading) -> tuple[int, int] | None:
    """From the nearest of the words to the quantity, where they stand near enough."""
    best: tuple[int, int, int] | None = None
    for match in reading.near.finditer(sentence.text, sentence.start, sentence.end):
        gap = max(match.start() - amount.end, amount.start - match.end(), 0)
        if gap <= reading.reach and (best is None or gap < best[0]):
            best = gap, min(match.start(), amount.start), max(match.end(), amount.end)
    return None if best is None else (best[1], best[2])
