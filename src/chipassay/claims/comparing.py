"""Comparisons: two operands, an attribute, and a share, a multiple or a direction.

The patterns run over the sentence with each chip and each quantity replaced by one character of
Unicode's private area, so that a name is one letter and cannot be torn apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.attributes import LINK, PRECISION, RATE, attribute_of, precision_of
from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.comparison_words import (
    AMOUNTS,
    ATTRIBUTES,
    BARE,
    BEHIND,
    CHIPS,
    DIRECTIONS,
    LESS,
    MEASURED,
    MORE,
    PRIVATE,
    RATIOS,
    ROOM,
    C,
    W,
)
from chipassay.claims.sentences import Sentence, looks_back
from chipassay.claims.warrant import uncompared

_NEED = re.compile(r"\b(?:needs?|requires?|takes?|occup\w+|fits?|holds?)\b|需要|占用", re.I)
_EXCEPT = re.compile(r"\b(?:otherwise|apart from|except|other than|aside from|but for)\b|除", re.I)
_MONEY = re.compile(
    r"\b(?:pric\w+|costs?|dollars?|revenues?|sales|shares?|stock|shipments?|tariffs?|investors?"
    r"|market|yields?|demand|tokens|users|growth|rent\w*|valuation|profits?|fees?|margin|MFU"
    r"|utili[sz]ation)\b|[$€¥]"
    r"|价格|售价|成本|股价|营收|市场|份额|良率", re.I,
)  # fmt: skip
_HARDWARE = re.compile(
    r"\b(?:GPUs?|chips?|NPUs?|accelerators?|processors?|memory|bandwidth|\w?FLOPS?|HBM\w{0,2}"
    r"|VRAM|compute|interconnect|racks?|systems?|power|dies?)\b|算力|显存|带宽|芯片|功耗"
    r"|加速卡", re.I,
)  # fmt: skip
_JOINED = re.compile(
    r"[\w\s'’-]{0,45}(?:,|\band\b)\s?(?:an? |about |roughly |up to |nearly )*$", re.I
)
_LESSER = re.compile(
    rf"(?: times)?(?: as)? (?:{LESS}|\w* ?(?:reduction|decrease|drop|cut|decline))", re.I
)
_GREATER = re.compile(
    rf"(?: times)?(?: as)? (?:{MORE}|\w* ?(?:increase|improvement|boost|gain))", re.I
)


_THESE = re.compile(
    r"\b(?:the|these|this|those|each|that|a) (?:[\w-]+ ){0,2}(?:chips?|GPUs?|NPUs?|accelerators?"
    r"|cards?)\b",
    re.I,
)
_EARLIER = re.compile(
    r"predecessor|(?:previous|prior|last)[ -](?:generation|model)|前代|上一代", re.I
)
_OWN_WORDS = ("tdp", "memory_bandwidth", "memory_capacity", LINK)
"""Attributes that are a chip's or a system's though none is named."""


class Found(NamedTuple):
    """A comparison in the masked sentence; `other` is None where no second chip is named."""

    relation: str
    other: Mention | None
    amount: Amount | None
    start: int
    end: int


def comparisons(sentence: Sentence) -> Iterator[Claim]:
    """Every comparison of two chips: shares and multiples, then bare directions, then shares
    whose second chip is not named."""
    chips = sentence.chips()
    if len(chips) > ROOM or len(sentence.amounts) > ROOM:
        return
    masked, places = _masked(sentence, chips)
    told: set[int] = set()
    others: set[int] = set()
    yield from _better(masked, places, sentence, chips)
    found = [*_shares(masked, places, sentence, chips)]
    found += [*_joined(found, sentence), *_ways(masked, places, chips)]
    for each in (*found, *_bare(masked, places, sentence, chips)):
        if each.amount is not None and each.amount.start in told:
            continue
        if each.amount is None and each.other is not None and each.other.start in others:
            continue
        subject = _subject(sentence, chips, each)
        if (
            subject is not None
            and each.other is not None
            and set(subject.ids) & set(each.other.ids)
        ):
            continue
        claim = _claim(sentence, each, subject)
        if claim is None:
            continue
        told |= {each.amount.start} if each.amount is not None else set()
        others |= {each.other.start} if each.other is not None else set()
        yield claim


_BETTER = re.compile(
    rf"(?P<a>{C}){W}{{0,30}}?\b(?:perform\w*|is|are) (?:\w+ )?(?P<way>better|worse|faster"
    rf"|slower|more powerful"
    r"|stronger|weaker)\b(?! than)", re.I,
)  # fmt: skip


_CUT_LINK = re.compile(
    r"\b(?:reduced|lower(?:ed)?|cut|slashed|weaken\w*|decreased|halved|limited|castrated) "
    r"(?:interconnect\w*|NVLink|chip-to-chip)(?: bandwidth| speed)?", re.I,
)  # fmt: skip


def _better(
    masked: str, places: list[int], sentence: Sentence, chips: list[Mention]
) -> Iterator[Claim]:
    """A chip that "performs better", and the other chip the sentence is about, if any."""
    for match in _CUT_LINK.finditer(masked):
        plain = [each for each in chips if not sentence.is_yardstick(each)]
        rest = [each for each in chips if sentence.is_yardstick(each)]
        if len(plain) == 1 and rest:
            yield Claim(
                "comparison", places[match.start()], places[match.end()],
                (sentence.start, sentence.end), LINK, plain[0], other=rest[0], relation="below",
                voice=sentence.voice, facts={"stated": None, "theirs": None},
            )  # fmt: skip
    for match in _BETTER.finditer(masked):
        subject = chips[ord(match["a"]) - CHIPS]
        others = [
            each for each in (*chips, sentence.antecedent) if each and each.ids != subject.ids
        ]
        worse = match["way"].lower() in ("worse", "slower", "weaker")
        yield Claim(
            "comparison", subject.start, places[match.end()], (sentence.start, sentence.end),
            "performance", subject, other=others[0] if others else None,
            relation="below" if worse else "above", voice=sentence.voice,
        )  # fmt: skip


def _masked(sentence: Sentence, chips: list[Mention]) -> tuple[str, list[int]]:
    """The sentence with placeholders, and where each of its characters stands in the text."""
    marks = [(each.start, each.end, chr(CHIPS + i)) for i, each in enumerate(chips)]
    marks += [(each.start, each.end, chr(AMOUNTS + i)) for i, each in enumerate(sentence.amounts)]
    parts: list[str] = []
    places: list[int] = []
    at = sentence.start
    for start, end, mark in sorted(marks):
        if start < at:
            continue
        parts.append(PRIVATE.sub(" ", sentence.text[at:start]))
        places.extend(range(at, start))
        parts.append(mark)
        places.append(start)
        at = end
    parts.append(PRIVATE.sub(" ", sentence.text[at : sentence.end]))
    places.extend(range(at, sentence.end + 1))
    return "".join(parts), places


def _is_ratio(amount: Amount) -> bool:
    return amount.unit == "1" and amount.noun in ("", "times")


def _shares(
    masked: str, places: list[int], sentence: Sentence, chips: list[Mention]
) -> Iterator[Found]:
    for relation, pattern in RATIOS:
        for match in pattern.finditer(masked):
            amount = sentence.amounts[ord(match["q"]) - AMOUNTS]
            other = chips[ord(match["b"]) - CHIPS]
            if not _is_ratio(amount):
                continue
            if relation == "share" and _LESSER.match(masked, match.end("q")):
                continue
            start, end = places[match.start()], max(other.end, amount.end)
            yield Found(relation, other, amount, start, max(end, places[match.end()]))


def _joined(found: list[Found], sentence: Sentence) -> Iterator[Found]:
    """The first of two shares that stand before one chip: "2.4x the memory and 1.6x the …"."""
    known = {each.amount.start: each for each in found if each.amount is not None}
    for first, second in zip(sentence.amounts, sentence.amounts[1:], strict=False):
        then = known.get(second.start)
        if then is None or first.start in known or not _is_ratio(first):
            continue
        gap = sentence.text[first.end : second.start]
        if _JOINED.fullmatch(gap):
            less, more = _LESSER.match(gap), _GREATER.match(gap)
            relation = "less" if less else "more" if more else "share"
            yield Found(relation, then.other, first, first.start, second.start)


def _ways(masked: str, places: list[int], chips: list[Mention]) -> Iterator[Found]:
    for relation, pattern in DIRECTIONS:
        for match in pattern.finditer(masked):
            other = chips[ord(match["b"]) - CHIPS]
            head = masked[max(0, match.start() - 12) : match.start()]
            if re.search(r"\bfar\s+$|远", head):
                relation = {"below": "far below", "above": "far above"}.get(relation, relation)
            yield Found(relation, other, None, places[match.start()], other.end)


def _bare(
    masked: str, places: list[int], sentence: Sentence, chips: list[Mention]
) -> Iterator[Found]:
    """Shares and multiples of an attribute; the other chip is the only yardstick, if any."""
    said = sentence.said
    if _MONEY.search(said) or not (chips or _HARDWARE.search(said) or _EARLIER.search(said)):
        return
    plain = [each for each in chips if not sentence.is_yardstick(each)]
    rest = [each for each in chips if sentence.is_yardstick(each)]
    other = rest[0] if len(plain) == 1 and len(rest) == 1 else None
    for match in BARE.finditer(masked):
        amount = sentence.amounts[ord(match["q"]) - AMOUNTS]
        head = masked[max(0, match.start("q") - 40) : match.start("q")]
        behind = BEHIND.search(head) is not None
        if not _is_ratio(amount) or not (match["before"] or match["after"] or behind):
            continue
        less = _LESSER.match(masked, match.end("q")) or behind or _cuts(match["before"] or "")
        more = _GREATER.match(masked, match.end("q")) or match["before"]
        relation = "less" if less else "more" if more and amount.noun != "times" else "share"
        start, end = places[match.start()], places[match.end()]
        found = Found(relation, other, amount, start, max(end, amount.end))
        name, near = _nearest(sentence, found)
        back = sentence.antecedent is not None and looks_back(said)
        known = chips or back or _THESE.search(said)
        own = name in _OWN_WORDS and amount.noun == "times"
        if near <= 45 and (known or own or _EARLIER.search(said)):
            yield found


def _cuts(before: str) -> bool:
    return (
        re.match(r"reduc|cut|slash|drop|fell|declin|lower|下降|减少|降低", before, re.I) is not None
    )


def _subject(sentence: Sentence, chips: list[Mention], found: Found) -> Mention | None:
    """The first operand: the chip before the comparison that is no yardstick itself."""
    before = [each for each in chips if each.end <= found.start and each is not found.other]
    plain = [each for each in before if not sentence.is_yardstick(each)]
    if plain:
        return plain[-1]
    last = found.other.start if found.other is not None else found.end + 60
    earlier = [e for e in chips if e.end <= last and e is not found.other]
    between = [e for e in earlier if not sentence.is_yardstick(e)]
    if not between and found.other is not None:
        between = [e for e in chips if e is not found.other and not sentence.is_yardstick(e)]
    return between[0] if between else sentence.antecedent


def _claim(sentence: Sentence, found: Found, subject: Mention | None) -> Claim | None:
    field, stated = attribute(sentence, found, subject)
    if not field and found.amount is not None and found.other is not None and subject is not None:
        field = "performance"
    if not field or (subject is None and _NEED.search(sentence.said)):
        return None
    if found.relation == "same" and _EXCEPT.search(sentence.said):
        return None
    if subject is None and stated is None and found.amount is None:
        return None
    start = found.start
    if subject is not None and sentence.start <= subject.start < found.start:
        start = subject.start
    stop = re.compile(r"[,;，；。]").search(sentence.text, found.end, sentence.end)
    last = min(stop.start() if stop else sentence.end, found.end + 60)
    words = sentence.text[max(sentence.start, start - 60) : last]
    run = MEASURED.search(sentence.text, found.start, found.end)
    measured = run is not None or (
        field in ("performance", RATE) and MEASURED.search(words) is not None
    )
    if _MONEY.search(sentence.text, found.start, min(found.end + 15, sentence.end)):
        field, measured = "performance", True
    theirs = _their_amount(sentence, found.other) if found.other is not None else None
    return Claim(
        "comparison", start, found.end, (sentence.start, sentence.end), field, subject,
        found.amount,
        other=found.other, relation=found.relation, voice=sentence.voice,
        conventions=frozenset({"measured"} if measured else ()),
        facts={"stated": stated, "theirs": theirs, "named": tuple(sentence.chips()),
               "unsure": _of_machines(sentence, found, subject)
               or uncompared(sentence, (subject, found.other), start, found.end)},
    )  # fmt: skip


_MACHINES = re.compile(
    r"\b(?:(?:per-)?(?:super)?pods?|racks?|clusters?|nodes?|fleets?|systems?"
    r"|(?:more|fewer|as many) (?:[\w-]+ ){0,3}(?:accelerators?|chips?|GPUs?|NPUs?|cards?))\b",
    re.I,
)


def _of_machines(sentence: Sentence, found: Found, subject: Mention | None) -> str:
    """Why a comparison may be one of pods or clusters; "" where systems are named."""
    systems = [e for e in (subject, found.other) if e is not None and e.kind == "system"]
    words = _MACHINES.search(sentence.text, sentence.start, min(found.end + 12, sentence.end))
    if words is not None and not systems:
        return "it may compare whole pods or clusters"
    behind = subject is not None and subject.start >= found.end
    far = subject is not None and subject.start < sentence.start and sentence.rivals > 1
    return "which chip is compared is not plain" if behind or far else ""


def attribute(
    sentence: Sentence, found: Found, subject: Mention | None
) -> tuple[str, Amount | None]:
    """What is compared, and the first operand's figure where the sentence gives it."""
    text = sentence.text
    stated = _own_amount(sentence, found, subject)
    window = _window(sentence, found)
    if stated is not None:
        field, named = attribute_of(text, stated, list(sentence.cues))
        if field == RATE:
            field = precision_of(text, stated, *window)
        if field == "bandwidth":
            field = "memory_bandwidth"
        if field and (named or field != RATE):
            return field, stated
    best, _ = _nearest(sentence, found)
    precision = PRECISION.search(text, *window)
    if precision is not None and best in ("", RATE, "performance"):
        return f"dense_{precision.lastgroup}", stated
    return best, stated


def _window(sentence: Sentence, found: Found) -> tuple[int, int]:
    """The sentence up to the comma behind a comparison."""
    stop = re.compile(r"[,;，；]|\band\b").search(sentence.text, found.end, sentence.end)
    return sentence.start, min(stop.start() if stop else sentence.end, found.end + 45)


def _nearest(sentence: Sentence, found: Found) -> tuple[str, float]:
    """The attribute whose words stand nearest to a comparison, and how far off they stand."""
    best, cost = "", math.inf
    for name, words in ATTRIBUTES:
        for match in words.finditer(sentence.text, *_window(sentence, found)):
            each = min(abs(match.end() - found.start), abs(match.start() - found.end))
            if found.start <= match.start() < found.end:
                each = 0
            elif match.start() >= found.end:
                beside = sentence.text[found.end : found.end + 1] in "'’的"
                each += 0 if beside or found.other is None else 40
            if each < cost:
                best, cost = name, float(each)
    return best, cost


def _own_amount(sentence: Sentence, found: Found, subject: Mention | None) -> Amount | None:
    """A figure of the first operand that stands before the comparison."""
    left = (
        subject.end if subject is not None and subject.start >= sentence.start else sentence.start
    )
    own = [
        each for each in sentence.amounts
        if left <= each.start and each.end <= found.start and each.role != "from"
        and (each.unit in ("FLOP/s", "B/s", "B", "W", "m2") or each.noun == "cores")
    ]  # fmt: skip
    return own[-1] if own else None


def _their_amount(sentence: Sentence, other: Mention) -> Amount | None:
    """A figure that stands right behind the second operand."""
    for each in sentence.amounts:
        gap = sentence.text[other.end : each.start] if each.start >= other.end else None
        if gap is not None and len(gap) <= 24 and not re.search(r"[,;，；]", gap):
            return each if each.unit in ("FLOP/s", "B/s", "B", "W", "m2") else None
    return None
