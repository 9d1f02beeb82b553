"""Who is compared with whom, and in what: the operands and the attribute of a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.comparisons.anchors import Anchor, Masked
from chipassay.claims.comparisons.words import ATTRIBUTES, EARLIER, FRONTED, QUICK, C, Q
from chipassay.claims.text.attributes import (
    BANDWIDTH,
    LINK,
    PRECISION,
    RATE,
    attribute_of,
    precision_of,
)
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.claims.warrant import leads_in

_CHIPS, _QUANTITIES = re.compile(C), re.compile(Q)
UNITS = ("FLOP/s", "B/s", "B", "W", "m2")
BY_UNIT = {"B": "memory_capacity", "W": "tdp", "FLOP/s": RATE, "m2": "die_area", "B/s": BANDWIDTH}
"""What a figure that is compared is of, where no word says it."""
_EDGE = re.compile(
    r"[\ue000-\uefff]|[,，;；。、:：]|\.(?:\s|$)|\bthan\b|\bwhile\b|\bwhereas\b|\bbut\b|—"
    r"|\b(?:and|thanks|because|due|owing|despite|since|when|if|without|at|for|given)\b", re.I,
)  # fmt: skip
_LEFT_EDGE = re.compile(
    r"[\ue000-\uefff]|[,，;；。:：、]|\.\s|\bwhile\b|\bbut\b|\band\b|—|和|与", re.I
)
_CLAUSE = re.compile(r"[,，;；。:：]|\.\s|\bwhile\b|\bwhereas\b|\bbut\b", re.I)
_BEHIND = 45
_OWN_REACH = 90
_RIGHT = 60
_FAR = 160
"""How far before a comparison its attribute is looked for."""
_BESIDE = 3
"""So many zones stand right beside a comparison; the last is the rest of its clause."""
_GENERIC = ("", "performance")
_QUICK_FIELDS = ("memory_bandwidth", LINK, RATE)
_NOUN = re.compile(r"performan\w+|性能|capab\w+", re.I)
_DRAWN = re.compile(
    r"\b(?:draw|consum|burn|us(?:e[sd]?|ing)\b)\w*[^,;.]{0,40}?(?<!computing )(?<!processing )"
    r"(?<!compute )\b(?:power|electricity|energy)\b(?! efficien)", re.I,
)  # fmt: skip
PLAIN_WAY = re.compile(
    r"\b(?:higher|lower|more|less|greater|above|below|same|unchanged)\b|高于|低于", re.I
)
"""Comparatives that any attribute may have: they go on about the one named before."""


class Operands(NamedTuple):
    """Both chips of a comparison; `open` where the sentence names neither of them."""

    subject: Mention | None
    other: Mention | None
    open: bool = False


def operands(sentence: Sentence, said: Masked, each: Anchor, used: set[int]) -> Operands:
    """The chips a comparison sets against each other. `used`: places of second operands."""
    at = each.other
    if at < 0:
        at = _standard(sentence, said, each, used)
    other = said.chip(at) if at >= 0 else None
    if each.subject >= 0:
        return Operands(said.chip(each.subject), other)
    subject = _subject(sentence, said, each, used | ({at} if at >= 0 else set()), at)
    if subject is not None and other is not None and _are_one(sentence, subject, other):
        subject = None
    if not said.chips and other is None and len(sentence.before) == 2:
        first, second = sentence.before
        if first.ids and second.ids and not set(first.ids) & set(second.ids):
            return Operands(first, second, open=True)
    return Operands(subject, other)


def _are_one(sentence: Sentence, first: Mention, second: Mention) -> bool:
    """Whether one name stands right behind another: a system behind its chip's."""
    gap = sentence.text[first.end : second.start]
    return first.end <= second.start and not gap.strip(" -")


def _places(said: Masked) -> list[int]:
    return [match.start() for match in _CHIPS.finditer(said.text)]


def _standard(sentence: Sentence, said: Masked, each: Anchor, used: set[int]) -> int:
    """The second operand of a comparison whose own clause names none; -1 for none."""
    places = _places(said)
    fronted = [
        match.start("b") for match in FRONTED.finditer(said.text)
        if match.start("b") < each.start and (len(places) > 1 or not EARLIER.search(match.group()))
    ]  # fmt: skip
    plain = [p for p in places if p not in used and not sentence.is_yardstick(said.chip(p))]
    plain = [p for p in plain if p not in fronted]
    names = {said.chip(p).ids for p in plain}
    if fronted and len({said.chip(p).ids for p in fronted}) == 1 and len(names) <= 1:
        return fronted[-1]
    rest = [p for p in places if p not in plain and not sentence.is_part(said.chip(p))]
    if len(names) == 1 and len({said.chip(p).ids for p in rest}) == 1:
        return rest[0]
    return -1


def _subject(
    sentence: Sentence, said: Masked, each: Anchor, used: set[int], at: int
) -> Mention | None:
    """The first operand: the chip before the comparison that is no yardstick itself."""
    ids = {id_ for p in (each.other, at) if p >= 0 for id_ in said.chip(p).ids}
    plain = [
        p for p in _places(said)
        if p not in used and not sentence.is_yardstick(said.chip(p))
        and not sentence.is_part(said.chip(p)) and not set(said.chip(p).ids) & ids
    ]  # fmt: skip
    before = [p for p in plain if p < each.start]
    if before:
        return said.chip(before[-1])
    stop = re.compile(r"[;；。]|\bwhile\b|\bwhereas\b", re.I).search(said.text, each.end)
    after = [p for p in plain if p > each.start and (stop is None or p < stop.start())]
    if after:
        return said.chip(after[0])
    return sentence.antecedent


def attribute(
    sentence: Sentence, said: Masked, each: Anchor, subject: Mention | None
) -> tuple[str, Amount | None, bool]:
    """What is compared; the first operand's figure where it is given; whether words name it."""
    zones = _zones(said, each)
    quick = QUICK.search(said.text, max(0, each.start - 10), each.end + 10) is not None
    stated = _own_amount(sentence, said, each, subject)
    field = _named(said, each, zones, quick=quick)
    if field in ("", "performance", RATE) and stated is not None:
        own = _field_of(sentence, stated, *_window(said, each))
        rate = own.startswith("dense_") or own == RATE
        if own and (rate or not field or (quick and own in _QUICK_FIELDS)):
            return own, stated, True
    ordered = each.subject >= 0 or PLAIN_WAY.search(said.text, each.start, each.end + 2)
    if not field and ordered:
        field = _only_one(said, each)
    if field in (RATE, "performance"):
        precision = _precision(said, each, zones)
        return precision or field, stated, bool(precision) or field == RATE
    return field, stated, bool(field)


def _named(said: Masked, each: Anchor, zones: list[tuple[int, int]], *, quick: bool) -> str:
    """The attribute that the words beside a comparison name, the surest place first."""
    generic = ""
    if _DRAWN.search(said.text, zones[-1][0], max(zones[0][1], each.end)):
        return "tdp"
    for number, zone in enumerate(zones):
        found = _nearest(said.text, zone, each.start)
        if not found and number < _BESIDE and PRECISION.search(said.text, *zone):
            return RATE
        if found and found != "performance" and (not quick or found in _QUICK_FIELDS):
            return found
        generic = generic or found
        noun = _NOUN.search(said.text, *zone)
        if noun is not None and number != 1:
            return "performance"
    return "performance" if generic == "performance" else ""


_HALF_CLAUSE = re.compile(r"[,，;；。:：、]|\.\s|\band\b|\bbut\b|\bwhile\b|和|与|及", re.I)


def formats(said: Masked, each: Anchor) -> int:
    """How many number formats the words of one comparison name."""
    begin = max((m.end() for m in _HALF_CLAUSE.finditer(said.text, 0, each.start)), default=0)
    last = max(each.end, each.other + 1)
    stop = _HALF_CLAUSE.search(said.text, last)
    end = stop.start() if stop else len(said.text)
    kinds = {match.lastgroup for match in PRECISION.finditer(said.text, begin, end)}
    return len(kinds - {"bf16"} if "fp16" in kinds else kinds)


def _only_one(said: Masked, each: Anchor) -> str:
    """The one attribute that a sentence names before a bare "higher than"."""
    found = {name for name, _, _ in _told(said.text, (0, each.start))} - {"performance"}
    return found.pop() if len(found) == 1 else ""


def _precision(said: Masked, each: Anchor, zones: list[tuple[int, int]]) -> str:
    """The number format that the words beside a comparison name."""
    last = max(each.end, each.other + 1)
    stop = _CLAUSE.search(said.text, last)
    tail = (last, min(stop.start() if stop else len(said.text), last + _BEHIND))
    for zone in (*zones, tail):
        found = PRECISION.search(said.text, *zone)
        if found is not None:
            return f"dense_{found.lastgroup}"
    return ""


def _zones(said: Masked, each: Anchor) -> list[tuple[int, int]]:
    """Where the attribute's words may stand, the surest place first."""
    text = said.text
    stop = _EDGE.search(text, each.start + 1)
    right = (each.start, min(stop.start() if stop else len(text), each.start + _RIGHT))
    far = max(0, each.start - _FAR)
    begin = max((m.end() for m in _LEFT_EDGE.finditer(text, far, each.start)), default=far)
    left = (begin, each.start)
    clause = max((m.end() for m in _CLAUSE.finditer(text, far, each.start)), default=far)
    found = [left] if each.back else [right, left]
    if each.other > each.start:
        stop = _EDGE.search(text, each.other + 1)
        found.append(
            (each.other + 1, min(stop.start() if stop else len(text), each.other + _BEHIND))
        )
    return [*found, (clause, each.start)]


def _told(text: str, zone: tuple[int, int]) -> Iterator[tuple[str, int, int]]:
    """The attributes that a stretch names, each word for one only."""
    taken: list[tuple[int, int]] = []
    for name, words in ATTRIBUTES:
        for match in words.finditer(text, *zone):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield name, *match.span()


def _nearest(text: str, zone: tuple[int, int], at: int) -> str:
    """The attribute whose words stand nearest to a place; those for everything come last."""
    found = [
        (name in _GENERIC, min(abs(start - at), abs(end - at)), name)
        for name, start, end in _told(text, zone)
    ]  # fmt: skip
    return min(found)[2] if found else ""


def _field_of(sentence: Sentence, stated: Amount, left: int, right: int) -> str:
    field, named = attribute_of(sentence.text, stated, list(sentence.cues))
    if field == RATE:
        return precision_of(sentence.text, stated, left, right)
    if not field or (not named and field != BANDWIDTH):
        return BY_UNIT.get(stated.unit, "")
    return field


def _window(said: Masked, each: Anchor) -> tuple[int, int]:
    """The sentence up to the comma behind a comparison, as places of the document."""
    last = max(each.end, each.other + 1)
    stop = re.compile(r"[,;，；]|\band\b").search(said.text, last)
    end = min(stop.start() if stop else len(said.text), last + _BEHIND)
    return said.places[0], said.places[end]


def _opens(sentence: Sentence, amount: Amount, subject: Mention) -> bool:
    """Whether a sentence opens with the figure and goes on with its chip: "With 141 GB, the X"."""
    return leads_in(sentence, amount, sentence.text[amount.end : subject.start])


def _own_amount(
    sentence: Sentence, said: Masked, each: Anchor, subject: Mention | None
) -> Amount | None:
    """The last figure of the first operand before a comparison, no other name between them."""
    for match in reversed(list(_QUANTITIES.finditer(said.text[: each.start]))):
        amount, at = said.amount(match.start()), match.start()
        if amount.unit not in UNITS or amount.role == "from" or amount.noun:
            continue
        owner = max((p for p in _places(said) if p < at), default=-1)
        if owner >= 0 and owner == each.other:
            continue
        gap = said.text[at + 1 : each.start]
        own = {each.other, *(p for p in _places(said) if said.chip(p) == subject)}
        foreign = any(said.text[p] in gap for p in _places(said) if p not in own)
        early = subject is not None and sentence.start <= amount.start < subject.start
        led = early and subject is not None and _opens(sentence, amount, subject)
        far = foreign or (early and not led and not looks_back(gap)) or len(gap) > _OWN_REACH
        return None if far else amount
    return None
