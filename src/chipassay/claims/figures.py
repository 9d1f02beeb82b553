"""Figures said of chips: which quantity, of which attribute, of which chip."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.attributes import (
    BANDWIDTH,
    LINK,
    RATE,
    attribute_of,
    conventions_of,
    precision_of,
)
from chipassay.claims.claim import Amount, Claim
from chipassay.claims.counted_as import counted_as, marked
from chipassay.claims.domains import domains
from chipassay.claims.figure_claim import figure_claim, marks_of
from chipassay.claims.listed import Bound, bounds
from chipassay.claims.memory_types import memory_types
from chipassay.claims.sentences import Sentence
from chipassay.claims.subjects import clause, is_adjective, subjects_of, variant
from chipassay.claims.unnamed import NEED, around, is_of_something_else, is_sure

_NOT_SAID = re.compile(
    r"(?:\bnot|rather than|instead of|而非|不是|\bby|提升|增加|减少了)\s*$", re.I
)
FIGURE_UNITS = {"FLOP/s", "B/s", "B", "W", "m2", "Hz", "bit", "bit.FLOP/s", "bit.FLOP/s/m2"}
_DIES = re.compile(
    r"\b(?:dies joined|between (?:\w+ ){0,2}dies|dies (?:\w+ )?connected|chiplets?|die-to-die"
    r"|NV-H[BS]I|memory clock|PCIe|PCI[- ]Express|host)\b|裸片",
    re.I,
)
"""What a link inside a package joins; the rate of a pin, or to the host."""
_BASE = re.compile(r"\b(?:core|base|memory) (?:clock|frequency)", re.I)
_HAS = re.compile(
    r"(?:\bhas|\bhave|\bwith|\boffers?|\bcarr(?:y|ies)|\bpacks?|\bits|['’]s"
    r"|[A-Z]\d\w*\s?\()\s*(?:only |about |a |~)?$"
)


def figures(sentence: Sentence) -> Iterator[Claim]:
    """Every figure the sentence states of a chip, or of none that it names."""
    listed = bounds(sentence)
    found = [
        claim
        for amount in sentence.amounts
        for claim in (
            _bound(sentence, amount, listed[amount.start])
            if amount.start in listed
            else _figure(sentence, amount)
        )
    ]
    found += memory_types(sentence, found)
    found += domains(sentence)
    yield from _agreed(found)


def _is_figure(amount: Amount) -> bool:
    counted = amount.noun in ("cores", "lanes", "units", "transistors", "nm", "TFLOPS/W")
    return counted or (not amount.noun and amount.unit in FIGURE_UNITS)


def _bound(sentence: Sentence, amount: Amount, bound: Bound) -> Iterator[Claim]:
    """A figure of a list: whose it is stands in the list's punctuation."""
    if not _is_figure(amount):
        return
    within = (bound.left, bound.right)
    own = [each for each in sentence.cues if within[0] <= each.start < within[1]]
    field, named = bound.field, True
    if not field:
        field, named = attribute_of(sentence.text, amount, own, sentence.amounts)
    if not named and amount.unit == "B":
        field = "memory_capacity"
    if field == RATE:
        field = precision_of(sentence.text, amount, *within)
    said = f"{sentence.text[slice(*bound.label)]} {sentence.text[slice(*within)]}"
    if not field or NEED.search(said):
        return
    begin = bound.owner.end if within[0] <= bound.owner.start < amount.start else within[0]
    conventions = counted_as(sentence, amount, begin, within[1])
    conventions |= conventions_of(said, 0, len(said))
    conventions |= marked(said, 0, len(said))
    if field == BANDWIDTH and conventions & {"one way", "both ways"}:
        field = LINK
    if field == "boost_clock" and _BASE.search(said):
        conventions |= {"part"}
    yield figure_claim(
        sentence, amount, field, variant(sentence, amount, bound.owner),
        conventions | _per_chip(sentence, amount), bound.doubt,
    )  # fmt: skip


def _says(sentence: Sentence, words: re.Pattern[str], left: int, right: int) -> bool:
    """Whether words stand in a stretch outside the names in it."""
    return any(
        all(match.end() <= each.start or match.start() >= each.end for each in sentence.mentions)
        for match in words.finditer(sentence.text, left, right)
    )


def _figure(sentence: Sentence, amount: Amount) -> Iterator[Claim]:
    if not _is_figure(amount):
        return
    before = sentence.text[max(sentence.start, amount.start - 16) : amount.start]
    if (amount.role == "from" and _is_former(sentence, amount)) or _NOT_SAID.search(before):
        return
    field, named = attribute_of(sentence.text, amount, list(sentence.cues), sentence.amounts)
    if not field and amount.unit == "B" and (_HAS.search(before) or _describes(sentence, amount)):
        field, named = "memory_capacity", True
    if field == RATE:
        field = precision_of(sentence.text, amount, sentence.start, sentence.end)
    left, right = clause(sentence, amount)
    conventions = counted_as(sentence, amount, left, right)
    if field == BANDWIDTH and conventions & {"one way", "both ways"}:
        field = LINK
    if field in (BANDWIDTH, LINK, "memory_bandwidth") and _says(sentence, _DIES, left, right):
        conventions |= {"part"}
    if field == "boost_clock" and _says(sentence, _BASE, left, right):
        conventions |= {"part"}
    subjects = subjects_of(sentence, amount)
    if amount.role == "from" and subjects and subjects[0].start < amount.start:
        return
    if not subjects:
        if "part" not in conventions and is_sure(sentence, field, named, amount, left, right):
            yield figure_claim(sentence, amount, field, None, conventions)
        return
    if not field or (
        not named
        and field not in (RATE, "bandwidth", "tdp", "performance", "performance_density")
        and not field.startswith("dense")
    ):
        return
    if is_of_something_else(sentence, subjects[0], *around(sentence, left, right)):
        return
    for subject in subjects:
        marks = marks_of(sentence, subject, amount)
        meant = variant(sentence, amount, subject)
        yield figure_claim(
            sentence, amount, field, meant, conventions | marks | _per_chip(sentence, amount)
        )


def _describes(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity is an adjective of a chip: "a 141-GB H200"."""
    return any(
        is_adjective(sentence, amount, sentence.text[amount.end : each.start])
        for each in sentence.chips()
        if each.start >= amount.end
    )


def _is_former(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity after "from" is followed by the one it became."""
    return any(
        each.role == "to" and 0 <= each.start - amount.end < 20 and each.unit == amount.unit
        for each in sentence.amounts
    )


_PER_CHIP = re.compile(
    r"[^.;()（）]{0,25}?\b(?:per|each) (?:[\w-]+ ){0,2}(?:GPU|chip|card|NPU|accelerator|package)\b",
    re.I,
)


def _per_chip(sentence: Sentence, amount: Amount) -> set[str]:
    """Whether a quantity said of a system is that of one of its chips."""
    return {"per chip"} if _PER_CHIP.match(sentence.text, amount.end) else set()


def _agreed(found: list[Claim]) -> Iterator[Claim]:
    """Each claim once."""
    seen: set[tuple[object, ...]] = set()
    for claim in found:
        value = claim.amount.value if claim.amount else claim.words
        key = (claim.field, claim.subject.name if claim.subject else "", value)
        if key not in seen:
            seen.add(key)
            yield claim
