"""Figures said of chips: which quantity, of which attribute, of which chip."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.comparisons.anchors import is_difference
from chipassay.claims.figures.counted_as import counted_as, marked
from chipassay.claims.figures.designs import link_named
from chipassay.claims.figures.domains import domains, instances
from chipassay.claims.figures.figure_claim import figure_claim
from chipassay.claims.figures.list_parts import Bound
from chipassay.claims.figures.listed import bounds
from chipassay.claims.figures.memory_types import memory_types
from chipassay.claims.figures.unnamed import NEED, around, is_of_something_else, is_sure
from chipassay.claims.text.attributes import (
    BANDWIDTH,
    LINK,
    RATE,
    attribute_of,
    conventions_of,
    of_parts,
    precision_of,
)
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.text.subjects import clause, is_adjective, subjects_of, variant

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
_PER = re.compile(r"\s?(?:/\s?|per )(?:[$€¥]|US|USD|dollar|yuan|token|mm)", re.I)
"""What makes a figure one of price or density and none of a chip."""
_BASE = re.compile(r"\b(?:core|base|memory) (?:clock|frequency)", re.I)
_HAS = re.compile(
    r"(?:\bha(?:s|ve)(?: got)?|\bwith|\boffers?|\bcarr(?:y|ies)|\bpacks?|\bholds?|\bcontains?"
    r"|\bhouses?"
    r"|\bgets?|\bfeatur(?:es?|ing)|\bincludes?|\bboasts?|\bsports?|\bintegrates?|\bprovides?"
    r"|\bits|['’]s|\b(?:comes|sold) in"
    r"|[A-Z]\d\w*\s?\()\s*(?:only |about |a |~)?(?:\d+ ?(?:GB)? ?(?:or|and|/) ?)?$"
)


_MOST_PARTS = 32
"""More stacks, links or dies than one package has are counted in trade."""


def figures(sentence: Sentence) -> Iterator[Claim]:
    """Every figure the sentence states of a chip, or of none that it names."""
    listed = bounds(sentence)
    of_systems = any(each.kind == "system" for each in sentence.mentions)
    found = [
        claim
        for amount in sentence.amounts
        if _is_figure(amount, of_systems)
        and not _PER.match(sentence.text, amount.end)
        and not (amount.start in listed and is_difference(sentence.text, amount, sentence.end))
        for claim in (
            _bound(sentence, amount, listed[amount.start])
            if amount.start in listed
            else _figure(sentence, amount)
        )
    ]
    found += memory_types(sentence, found)
    found += [*domains(sentence), *instances(sentence)]
    yield from _agreed(found)


def _is_figure(amount: Amount, of_systems: bool = False) -> bool:
    most = math.inf if of_systems and amount.noun == "dies" else _MOST_PARTS
    counted = amount.noun in ("cores", "lanes", "units", "transistors", "nm", "TFLOPS/W") or (
        amount.noun in ("stacks", "links", "dies") and amount.value <= most
    )
    return counted or (not amount.noun and amount.unit in FIGURE_UNITS)


def _bound(sentence: Sentence, amount: Amount, bound: Bound) -> Iterator[Claim]:
    """A figure of a list: whose it is stands in the list's punctuation."""
    within = (bound.left, bound.right)
    own = [each for each in sentence.cues if within[0] <= each.start < within[1]]
    field, named = bound.field, True
    if not field:
        field, named = attribute_of(sentence.text, amount, own, sentence.amounts)
    if not named and not bound.apart:
        field, named = attribute_of(sentence.text, amount, list(sentence.cues), sentence.amounts)
    if not named and amount.unit == "B":
        field = "memory_capacity"
    if field == RATE:
        field = precision_of(sentence.text, amount, *within)
    if field == RATE and not bound.apart:
        field = precision_of(sentence.text, amount, sentence.start, sentence.end)
    said = f"{_unnamed(sentence, *bound.label)} {_unnamed(sentence, *within)}"
    said = said.replace("Tensor Core GPU", "GPU")
    if not field or NEED.search(said):
        return
    last = bound.owners[-1]
    begin = last.end if within[0] <= last.start < amount.start else within[0]
    conventions = counted_as(sentence, amount, begin, within[1])
    conventions |= conventions_of(said, 0, len(said))
    conventions |= marked(said, 0, len(said))
    if field == BANDWIDTH and conventions & {"one way", "both ways"}:
        field = LINK
    if field == "boost_clock" and _BASE.search(said):
        conventions |= {"part"}
    for owner in bound.owners:
        yield figure_claim(
            sentence, amount, field, variant(sentence, amount, owner),
            (conventions - {"either"}) | _per_chip(sentence, amount), bound.doubt,
        )  # fmt: skip


def _unnamed(sentence: Sentence, left: int, right: int) -> str:
    """The words of a stretch without the names in it."""
    text = sentence.text[left:right]
    for each in sentence.mentions:
        if left <= each.start and each.end <= right:
            blank = " " * (each.end - each.start)
            text = text[: each.start - left] + blank + text[each.end - left :]
    return text


def _says(sentence: Sentence, words: re.Pattern[str], left: int, right: int) -> bool:
    """Whether words stand in a stretch outside the names in it."""
    return any(
        all(match.end() <= each.start or match.start() >= each.end for each in sentence.mentions)
        for match in words.finditer(sentence.text, left, right)
    )


def _figure(sentence: Sentence, amount: Amount) -> Iterator[Claim]:
    if _is_unsaid(sentence, amount):
        return
    left, right = clause(sentence, amount)
    field, named = _attribute(sentence, amount)
    conventions = counted_as(sentence, amount, left, right)
    if field == BANDWIDTH and conventions & {"one way", "both ways"}:
        field = LINK
    if field in (BANDWIDTH, LINK, "memory_bandwidth") and _says(sentence, _DIES, left, right):
        conventions |= {"part"}
    if field == "boost_clock" and _says(sentence, _BASE, left, right):
        conventions |= {"part"}
    subjects = subjects_of(sentence, amount)
    left_behind = amount.role == "from" and subjects and subjects[0].start < amount.start
    if left_behind and not _MADE_OF.match(sentence.text, amount.end):
        return
    if not subjects:
        part = "part" in of_parts(amount, conventions)
        part = part and _IN_ALL.search(sentence.text, left, amount.start) is None
        if not part and is_sure(sentence, field, named, amount, left, right):
            yield _ownerless(sentence, amount, field, conventions)
        return
    if not field or not (named or field in _PLAIN or field.startswith("dense")):
        return
    gap = sentence.text[amount.end : max(amount.end, subjects[0].start)]
    owned = subjects[0].start >= amount.end and is_adjective(sentence, amount, gap)
    if not owned and is_of_something_else(sentence, subjects[0], *around(sentence, left, right)):
        return
    for subject in subjects:
        marks = _per_chip(sentence, amount)
        meant = variant(sentence, amount, subject)
        yield figure_claim(sentence, amount, field, meant, conventions | marks)


_MADE_OF = re.compile(r"[^,，。；;]{0,16}[组組构構]成")
"""Behind a count that 由 leads: it is what something consists of."""


def _ownerless(
    sentence: Sentence, amount: Amount, field: str, conventions: frozenset[str]
) -> Claim:
    """A figure of no chip that is named; of a link, with its generation."""
    claim = figure_claim(sentence, amount, field, None, conventions)
    link = link_named(sentence) if field in (LINK, BANDWIDTH) else ""
    return replace(claim, facts={**claim.facts, "link": link})


_IN_ALL = re.compile(r"\b(?:total of|in total|altogether|combined|aggregate)\b|共计?|总共", re.I)
"""What makes a figure that of all stacks or links named before it."""
_PLAIN = (RATE, "bandwidth", "tdp", "performance", "performance_density")
"""Attributes that a unit alone tells."""


def _is_unsaid(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity is what something was, is not, or differs by."""
    before = sentence.text[max(sentence.start, amount.start - 16) : amount.start]
    former = amount.role == "from" and _is_former(sentence, amount)
    denied = _NOT_SAID.search(before) is not None
    return former or denied or is_difference(sentence.text, amount, sentence.end)


def _attribute(sentence: Sentence, amount: Amount) -> tuple[str, bool]:
    """The attribute a quantity belongs to, and whether words or a verb beside it say so."""
    before = sentence.text[max(sentence.start, amount.start - 24) : amount.start]
    field, named = attribute_of(sentence.text, amount, list(sentence.cues), sentence.amounts)
    if not field and amount.unit == "B" and (_HAS.search(before) or _describes(sentence, amount)):
        return "memory_capacity", True
    if field == RATE:
        field = precision_of(sentence.text, amount, sentence.start, sentence.end)
    return field, named


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


_ONE = (
    r"(?:\b(?:per|each|every|single) (?:[\w-]+ ){0,2}"
    r"(?:GPU|chip|card|NPU|accelerator|package|TPU)\b|单卡|单颗|每颗|每张|每卡|单芯片|每个?芯片)"
)
_PER_CHIP = re.compile(rf"[^.;()（）]{{0,25}}?{_ONE}", re.I)
_EACH_CHIP = re.compile(rf"{_ONE}[^.;,，；。]{{0,40}}$", re.I)


def _per_chip(sentence: Sentence, amount: Amount) -> set[str]:
    """Whether a quantity said of a system is that of one of its chips."""
    before = sentence.text[max(sentence.start, amount.start - 60) : amount.start]
    told = _PER_CHIP.match(sentence.text, amount.end) or _EACH_CHIP.search(before)
    return {"per chip"} if told else set()


def _agreed(found: list[Claim]) -> Iterator[Claim]:
    """Each claim once."""
    seen: set[tuple[object, ...]] = set()
    for claim in found:
        value = claim.amount.value if claim.amount else claim.words
        key = (claim.field, claim.subject.name if claim.subject else "", value)
        if key not in seen:
            seen.add(key)
            yield claim
