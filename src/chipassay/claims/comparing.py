"""Comparisons: two operands, an attribute, and a share, a multiple or a direction.

The patterns run over the sentence with each chip and each quantity replaced by one character of
Unicode's private area, so that a name is one letter and cannot be torn apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.attributes import LINK, PRECISION, RATE
from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.sentences import Sentence

_CHIPS, _AMOUNTS, _ROOM = 0xE000, 0xE800, 0x800
_PRIVATE = re.compile("[\ue000-\uefff]")
_C = "[\ue000-\ue7ff]"
_Q = "[\ue800-\uefff]"
_W = "[^\ue000-\uefff.;。；]"
_MORE = "higher|more|faster|greater|better|stronger|larger|bigger|above|quicker"
_LESS = "lower|less|slower|fewer|smaller|weaker|worse|below"
_RATIOS = (
    ("share", re.compile(rf"(?P<q>{_Q})(?: the)?(?:{_W}{{0,45}}?)\b(?:of|as)"
        rf"\b{_W}{{0,40}}?(?P<b>{_C})")),
    ("less", re.compile(rf"(?P<q>{_Q}) (?:{_LESS}|reduction){_W}{{0,40}}?(?:than|to|from"
        rf"|of){_W}{{0,30}}?(?P<b>{_C})", re.I)),
    ("more", re.compile(rf"(?P<q>{_Q})(?: times)? (?:{_MORE}){_W}{{0,40}}?than"
        rf"{_W}{{0,30}}?(?P<b>{_C})", re.I)),
    ("more", re.compile(rf"(?:exceed\w*|outperform\w*|surpass\w*"
        rf"|beat\w*){_W}{{0,30}}?(?P<b>{_C}){_W}{{0,30}}?\bby{_W}{{0,15}}?(?P<q>{_Q})", re.I)),
    ("share", re.compile(rf"(?:为|是|相当于|仅|只有|约|达到?|不到"
        rf"|不足){{1,3}}\s?(?P<b>{_C})\s?的?[^\ue000-\uefff，。]{{0,8}}?(?P<q>{_Q})")),
    ("less", re.compile(rf"[比较]\s?(?P<b>{_C})[^\ue000-\uefff。]{{0,14}}?(?:低|少|慢|弱|下降"
        rf"|减少"
        rf"|降低)[了约]{{0,2}}\s?(?P<q>{_Q})")),
    ("more", re.compile(rf"[比较]\s?(?P<b>{_C})[^\ue000-\uefff。]{{0,14}}?(?:高|多|快|强|提升"
        rf"|提高)[了出约]{{0,2}}\s?(?P<q>{_Q})")),
)  # fmt: skip
_DIRECTIONS = (
    ("below", re.compile(rf"(?:{_LESS})\s?(?:than|\bto)?{_W}{{0,40}}?(?P<b>{_C})", re.I)),
    ("below", re.compile(rf"(?:inferior to|behind|trails?|falls? short of|低于|不如|弱于|不及"
        rf"|逊于){_W}{{0,25}}?(?P<b>{_C})", re.I)),
    ("above", re.compile(rf"(?:(?:{_MORE}) than|above|exceed(?:s|ing|ed)?|surpass\w*"
        rf"|outperform\w*|beats?|superior to|ahead of|高于|超过|优于|强于"
        rf"|领先){_W}{{0,40}}?(?P<b>{_C})", re.I)),
    ("same", re.compile(rf"(?:unchanged from|(?:the )?same as|identical to|equal to|on par with"
        rf"|comparable (?:to|with)|matche?s|similar to"
        rf"|in line with){_W}{{0,30}}?(?P<b>{_C})", re.I)),
    ("same", re.compile(rf"与\s?(?P<b>{_C})[^\ue000-\uefff，。]{{0,8}}?(?:相同|一致|持平|相当"
        rf"|一样)")),
)  # fmt: skip
_MEASURED = re.compile(
    r"\binference|Geekbench|benchmark\w*|MLPerf|\btraining|\btests?\b|real[- ]world|tokens"
    r"|latency|per dollar"
    r"|\bprice|cost|推理|训练|实测|跑分|efficien\w+|\bcheaper|sales|shipments?|supply|demand", re.I,
)  # fmt: skip
_ATTRIBUTES = (
    ("memory_bandwidth", re.compile(r"(?:memory|HBM\w*|显存|内存)[\s-]?(?:bandwidth|带宽)", re.I)),
    (LINK, re.compile(r"NVLink|interconnect\w*|HCCS|scale-?up|互联|互连", re.I)),
    ("memory_capacity", re.compile(r"memory capacity|capacity|VRAM|显存容量|容量|\bmemory\b"
        r"|显存", re.I)),
    ("memory_bandwidth", re.compile(r"bandwidth|带宽", re.I)),
    ("tdp", re.compile(r"\bTDP|power (?:consumption|draw|limit)|功耗|thermal design", re.I)),
    ("cores", re.compile(r"\bSMs?\b|\bcores?\b|core count|核心数", re.I)),
    ("die_area", re.compile(r"die (?:size|area)|面积", re.I)),
    (RATE, re.compile(r"computing power|compute\b|FLOPS|TOPS|算力|processing power"
        r"|throughput", re.I)),
    ("performance", re.compile(r"performan\w+|powerful|fast(?:er)?\b|slow(?:er)?\b|性能|capab\w+"
        r"|perform\w*", re.I)),
)  # fmt: skip


_NEED = re.compile(r"\b(?:needs?|requires?|takes?|occup\w+|fits?|holds?)\b|需要|占用", re.I)
_EXCEPT = re.compile(r"\b(?:otherwise|apart from|except|other than|aside from|but for)\b|除", re.I)


class Found(NamedTuple):
    """A comparison in the masked sentence."""

    relation: str
    other: Mention
    amount: Amount | None
    start: int
    end: int


def comparisons(sentence: Sentence) -> Iterator[Claim]:
    """Every comparison of two chips; a share or multiple goes before a bare direction."""
    chips = sentence.chips()
    if not chips or len(chips) > _ROOM or len(sentence.amounts) > _ROOM:
        return
    masked, places = _masked(sentence, chips)
    taken: set[int] = set()
    yield from _better(masked, places, sentence, chips)
    for found in (*_shares(masked, places, sentence, chips), *_ways(masked, places, chips)):
        if found.other.start in taken:
            continue
        subject = _subject(sentence, chips, found)
        if subject is not None and set(subject.ids) & set(found.other.ids):
            continue
        claim = _claim(sentence, found, subject)
        if claim is not None:
            taken.add(found.other.start)
            yield claim


_BETTER = re.compile(
    rf"(?P<a>{_C}){_W}{{0,30}}?\b(?:perform\w*|is|are) (?:\w+ )?(?P<way>better|worse|faster"
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
        subject = chips[ord(match["a"]) - _CHIPS]
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
    marks = [(each.start, each.end, chr(_CHIPS + i)) for i, each in enumerate(chips)]
    marks += [(each.start, each.end, chr(_AMOUNTS + i)) for i, each in enumerate(sentence.amounts)]
    parts: list[str] = []
    places: list[int] = []
    at = sentence.start
    for start, end, mark in sorted(marks):
        if start < at:
            continue
        parts.append(_PRIVATE.sub(" ", sentence.text[at:start]))
        places.extend(range(at, start))
        parts.append(mark)
        places.append(start)
        at = end
    parts.append(_PRIVATE.sub(" ", sentence.text[at : sentence.end]))
    places.extend(range(at, sentence.end + 1))
    return "".join(parts), places


def _shares(
    masked: str, places: list[int], sentence: Sentence, chips: list[Mention]
) -> Iterator[Found]:
    for relation, pattern in _RATIOS:
        for match in pattern.finditer(masked):
            amount = sentence.amounts[ord(match["q"]) - _AMOUNTS]
            other = chips[ord(match["b"]) - _CHIPS]
            if amount.unit == "1" and amount.noun in ("", "times"):
                start, end = places[match.start()], max(other.end, amount.end)
                yield Found(relation, other, amount, start, max(end, places[match.end()]))


def _ways(masked: str, places: list[int], chips: list[Mention]) -> Iterator[Found]:
    for relation, pattern in _DIRECTIONS:
        for match in pattern.finditer(masked):
            other = chips[ord(match["b"]) - _CHIPS]
            head = masked[max(0, match.start() - 12) : match.start()]
            if re.search(r"\bfar\s+$|远", head):
                relation = {"below": "far below", "above": "far above"}.get(relation, relation)
            yield Found(relation, other, None, places[match.start()], other.end)


def _subject(sentence: Sentence, chips: list[Mention], found: Found) -> Mention | None:
    """The first operand: the chip before the comparison that is no yardstick itself."""
    before = [each for each in chips if each.end <= found.start and each is not found.other]
    plain = [each for each in before if not sentence.is_yardstick(each)]
    if plain:
        return plain[-1]
    earlier = [e for e in chips if e.end <= found.other.start and e is not found.other]
    between = [e for e in earlier if not sentence.is_yardstick(e)]
    return between[0] if between else sentence.antecedent


def _claim(sentence: Sentence, found: Found, subject: Mention | None) -> Claim | None:
    field, stated = attribute(sentence, found, subject)
    if not field or (subject is None and _NEED.search(sentence.said)):
        return None
    if found.relation == "same" and _EXCEPT.search(sentence.said):
        return None
    theirs = _their_amount(sentence, found.other)
    start = found.start
    if subject is not None and sentence.start <= subject.start < found.start:
        start = subject.start
    stop = re.compile(r"[,;，；。]").search(sentence.text, found.end, sentence.end)
    last = min(stop.start() if stop else sentence.end, found.end + 60)
    words = sentence.text[max(sentence.start, start - 60) : last]
    measured = field in ("performance", RATE) and _MEASURED.search(words) is not None
    if subject is None and stated is None and found.amount is None:
        return None
    return Claim(
        "comparison", start, found.end, (sentence.start, sentence.end), field, subject,
        found.amount,
        other=found.other, relation=found.relation, voice=sentence.voice,
        conventions=frozenset({"measured"} if measured else ()),
        facts={"stated": stated, "theirs": theirs},
    )  # fmt: skip


def attribute(
    sentence: Sentence, found: Found, subject: Mention | None
) -> tuple[str, Amount | None]:
    """What is compared, and the first operand's figure where the sentence gives it."""
    from chipassay.claims.attributes import attribute_of, precision_of

    text = sentence.text
    stated = _own_amount(sentence, found, subject)
    stop = re.compile(r"[,;，；]|\band\b").search(text, found.end, sentence.end)
    window = (sentence.start, min(stop.start() if stop else sentence.end, found.end + 45))
    if stated is not None:
        field, named = attribute_of(text, stated, list(sentence.cues))
        if field == RATE:
            field = precision_of(text, stated, *window)
        if field == "bandwidth":
            field = "memory_bandwidth"
        if field and (named or field != RATE):
            return field, stated
    best, cost = "", math.inf
    for name, words in _ATTRIBUTES:
        for match in words.finditer(text, *window):
            each = min(abs(match.end() - found.start), abs(match.start() - found.end))
            if found.start <= match.start() < found.end:
                each = 0
            elif match.start() >= found.end:
                each += 0 if text[found.end : found.end + 1] in "'’的" else 40
            if each < cost:
                best, cost = name, float(each)
    precision = PRECISION.search(text, *window)
    if precision is not None and best in ("", RATE, "performance"):
        return f"dense_{precision.lastgroup}", stated
    return best, stated


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
