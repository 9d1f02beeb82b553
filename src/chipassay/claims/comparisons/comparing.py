"""Comparisons: two operands, an attribute, and a share, a multiple, a difference or a direction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.comparisons.anchors import (
    Anchor,
    Masked,
    chained,
    directed,
    lone,
    masked,
    paired,
    quantified,
)
from chipassay.claims.comparisons.operands import (
    BY_UNIT,
    UNITS,
    Operands,
    attribute,
    formats,
    operands,
)
from chipassay.claims.comparisons.words import (
    BETTER,
    CHIPS,
    EARLIER,
    MEASURED,
    ROOM,
    C,
    Q,
)
from chipassay.claims.text.attributes import LINK, RATE
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.claims.warrant import uncompared

_NEED = re.compile(r"\b(?:needs?|requires?|takes?|occup\w+|fits?|holds?)\b|需要|占用", re.I)
_EXCEPT = re.compile(r"\b(?:otherwise|apart from|except|other than|aside from|but for)\b|除", re.I)
_MONEY = re.compile(
    r"\b(?:pric\w+|costs?|dollars?|revenues?|sales|shares?|stock|shipments?|tariffs?|investors?"
    r"|market|yields?|demand|tokens|users|growth|rent\w*|valuation|profits?|fees?|margin|MFU"
    r"|utili[sz]ation|efficiency of|linear\w*|availab\w+|failures?|interruptions?)\b|[$€¥]"
    r"|价格|售价|成本|股价|营收|市场|份额|良率|利用率", re.I,
)  # fmt: skip
_HARDWARE = re.compile(
    r"\b(?:GPUs?|chips?|NPUs?|accelerators?|processors?|memory|bandwidth|\w?FLOPS?|HBM\w{0,2}"
    r"|VRAM|compute|interconnect|racks?|systems?|power|dies?)\b|算力|显存|内存|带宽|芯片|功耗"
    r"|加速卡", re.I,
)  # fmt: skip
_THESE = re.compile(
    r"\b(?:the|these|this|those|each|that|a) (?:[\w-]+ ){0,2}(?:chips?|GPUs?|NPUs?|accelerators?"
    r"|cards?|systems?|processors?|part)\b",
    re.I,
)
_MACHINES = re.compile(
    r"\b(?:(?:per-)?(?:super)?pods?|racks?|clusters?|nodes?|fleets?|systems?"
    r"|(?:more|fewer|as many) (?:[\w-]+ ){0,3}(?:accelerators?|chips?|GPUs?|NPUs?|cards?))\b",
    re.I,
)
_TWO = 2
_TAIL = 30
_LAW = re.compile(r"\b(?:licen[cs]\w*|export\w*|tariff\w*|threshold\w*|rules?)\b|许可|出口", re.I)
_OWN_WORDS = ("tdp", "memory_bandwidth", "memory_capacity", LINK)
"""Attributes that are a chip's or a system's though none is named."""
_WORTH = re.compile(r"[\ue000-\ue7ff][^。]*[\ue000-\ue7ff]|[\ue800-\uefff]|[>＞≳]", re.S)


def comparisons(sentence: Sentence) -> Iterator[Claim]:
    """Every comparison of two chips: what a quantity tells, then what a word alone tells."""
    chips = sentence.chips()
    if not (chips or sentence.amounts) or max(len(chips), len(sentence.amounts)) > ROOM:
        return
    said = masked(sentence, chips)
    yield from _better(said, sentence)
    if _WORTH.search(said.text) is None and sentence.antecedent is None:
        return
    pairs = paired(said)
    found = [*chained(said), *quantified(said), *directed(said)]
    used = {each.other for each in found if each.other >= 0}
    measured: set[int] = set()
    told: dict[int, str] = {}
    for each in found:
        if each.start in told or (each.amount is None and each.other in measured):
            continue
        claim = _claim(sentence, said, each, used, pairs)
        if claim is None:
            continue
        told[each.start] = claim.field
        measured |= {each.other} if each.amount is not None and each.other >= 0 else set()
        yield claim
    yield from _lone(sentence, said, used, pairs, told)


def _better(said: Masked, sentence: Sentence) -> Iterator[Claim]:
    """A chip that "performs better", and the other chip the sentence is about, if any."""
    chips = said.chips
    for match in BETTER.finditer(said.text):
        subject = chips[ord(match["a"]) - CHIPS]
        others = [e for e in (*chips, sentence.antecedent) if e and e.ids != subject.ids]
        worse = match["way"].lower() in ("worse", "slower", "weaker")
        yield Claim(
            "comparison", subject.start, said.places[match.end()],
            (sentence.start, sentence.end), "performance", subject,
            other=others[0] if others else None, relation="below" if worse else "above",
            voice=sentence.voice,
        )  # fmt: skip


def _lone(
    sentence: Sentence,
    said: Masked,
    used: set[int],
    pairs: list[tuple[int, int]],
    told: dict[int, str],
) -> Iterator[Claim]:
    """Comparatives without a second operand of their own: it was named before, or the sentence
    prints the two figures."""
    if len(said.chips) < _TWO and not pairs:
        return
    for each in lone(said):
        near = [pair for pair in pairs if 0 <= pair[0] - each.end <= 30]
        field, _, sure = attribute(sentence, said, each, None)
        if not sure or field in told.values() or _LAW.search(sentence.said):
            continue
        claim = _claim(sentence, said, each, used, near)
        if claim is not None and (near or (claim.other is not None and claim.subject is not None)):
            yield claim


def _claim(
    sentence: Sentence,
    said: Masked,
    each: Anchor,
    used: set[int],
    pairs: list[tuple[int, int]],
) -> Claim | None:
    """The claim that a measure makes; None where it is no comparison of chips."""
    who = operands(sentence, said, each, used)
    each = each._replace(other=_place(said, each, who))
    if _same(who) or (each.amount is not None and not _is_of_chips(sentence, said, each, who)):
        return None
    field, stated, _ = attribute(sentence, said, each, who.subject)
    unnamed = not field
    if each.amount is not None and each.relation.endswith(" by") and field in ("", "performance"):
        field = BY_UNIT.get(each.amount.unit, field)
    if not field and who.other is not None and (who.subject or stated):
        field = "performance"
    if not field or (who.subject is None and _NEED.search(sentence.said)):
        return None
    if each.relation == "same" and _EXCEPT.search(sentence.said):
        return None
    if who.subject is None and stated is None and each.amount is None and max(each.pair) < 0:
        return None
    theirs = _their_amount(said, each)
    printed = _printed(said, each, pairs)
    stated, theirs = printed or (stated, theirs)
    if field == "performance" and stated is not None and theirs is not None:
        field = BY_UNIT.get(stated.unit, field) if stated.unit == theirs.unit else field
    start, end = _span(sentence, said, each, who)
    if _MONEY.search(sentence.text, start, min(end + 15, sentence.end)):
        field = "performance"
    return Claim(
        "comparison", start, end, (sentence.start, sentence.end), field, who.subject, each.amount,
        other=who.other, relation=each.relation, voice=sentence.voice,
        conventions=_measured(sentence, said, each, field, (start, end)),
        facts={
            "stated": stated, "theirs": theirs, "open": who.open,
            "named": () if each.subject >= 0 else tuple(said.chips),
            "printed": printed is not None, "unnamed": unnamed,
            "unsure": _unsure(sentence, said, each, who, printed, (start, end)),
        },
    )  # fmt: skip


def _place(said: Masked, each: Anchor, who: Operands) -> int:
    """Where the second operand stands in the masked sentence; -1 where it does not."""
    if each.other >= 0 or who.other is None:
        return each.other
    places = [m.start() for m in re.finditer(C, said.text[: each.start])]
    return max((p for p in places if said.chip(p) == who.other), default=-1)


def _same(who: Operands) -> bool:
    """Whether both operands are one chip."""
    if who.subject is None or who.other is None:
        return False
    return bool(set(who.subject.ids) & set(who.other.ids)) or who.subject.name == who.other.name


def _is_of_chips(sentence: Sentence, said: Masked, each: Anchor, who: Operands) -> bool:
    """Whether a quantity without a second operand is one of hardware set against something."""
    if who.other is not None:
        return True
    text = sentence.said
    if _MONEY.search(text) or not (said.chips or _HARDWARE.search(text) or EARLIER.search(text)):
        return False
    field, _, sure = attribute(sentence, said, each, who.subject)
    if not field or (each.relation == "share" and each.amount and each.amount.noun != "times"
                     and not EARLIER.search(text)):  # fmt: skip
        return False
    told = said.chips or _THESE.search(text) or EARLIER.search(text)
    known = bool(told) or (sentence.antecedent is not None and looks_back(text))
    own = field in _OWN_WORDS and each.amount is not None and each.amount.noun == "times"
    return known or own or (sure and bool(sentence.before))


def _measured(
    sentence: Sentence, said: Masked, each: Anchor, field: str, span: tuple[int, int]
) -> frozenset[str]:
    """`measured` where a result is compared and no figure of a data sheet."""
    stop = re.compile(r"[,;，；。]").search(sentence.text, span[1], sentence.end)
    last = min(stop.start() if stop else sentence.end, span[1] + 60)
    run = MEASURED.search(sentence.text, said.places[each.start], span[1]) is not None
    wide = MEASURED.search(sentence.text, max(sentence.start, span[0] - 60), last) is not None
    money = _MONEY.search(sentence.text, span[0], min(span[1] + 15, sentence.end)) is not None
    near = min(last, span[1] + _TAIL)
    after = MEASURED.search(sentence.text, span[1], near) is not None
    told = run or money or after or (field in ("performance", RATE) and wide)
    told = told or formats(said, each) > 1
    return frozenset({"measured"} if told else ())


def _span(sentence: Sentence, said: Masked, each: Anchor, who: Operands) -> tuple[int, int]:
    """Where a comparison stands: from its first operand to its second, or to its measure."""
    places = said.places
    start, end = places[each.start], max(places[each.end], places[each.start] + 1)
    if each.amount is not None:
        end = max(end, each.amount.end)
    for mention in (who.subject, who.other):
        if mention is not None and sentence.start <= mention.start < sentence.end:
            far = abs(mention.start - start) > 120
            start, end = (start, end) if far else (min(start, mention.start), max(end, mention.end))
    return start, end


def _printed(
    said: Masked, each: Anchor, pairs: list[tuple[int, int]]
) -> tuple[Amount, Amount] | None:
    """Two figures that stand set against each other right beside a comparison."""
    near = [each.pair] if min(each.pair) >= 0 else []
    near += [
        pair for pair in pairs
        if 0 <= pair[0] - max(each.end, each.other) <= 30 or 0 <= each.start - pair[1] <= 24
    ]  # fmt: skip
    if not near:
        return None
    return said.amount(near[0][0]), said.amount(near[0][1])


_THEIRS = re.compile(
    rf"(?![^\ue000-\uefff]*(?:[多少高低大小快慢]|\b(?:by|more|less|higher|lower)\b))"
    rf"[^\ue000-\uefff,;，；。]{{0,24}}{Q}"
)


def _their_amount(said: Masked, each: Anchor) -> Amount | None:
    """A figure that stands right behind the second operand."""
    if each.other < 0:
        return None
    match = _THEIRS.match(said.text, each.other + 1)
    amount = said.amount(match.end() - 1) if match else None
    return amount if amount is not None and amount.unit in UNITS else None


def _unsure(
    sentence: Sentence,
    said: Masked,
    each: Anchor,
    who: Operands,
    printed: tuple[Amount, Amount] | None,
    span: tuple[int, int],
) -> str:
    """Why a comparison may not be called wrong; two figures set in order speak for themselves."""
    if min(each.pair) >= 0 and printed is not None and _is_turned(each, printed):
        return ""
    if each.subject >= 0:
        return uncompared(sentence, tuple(said.chips), *span)
    if printed is not None and who.other is None:
        ends = sorted([said.places[each.start], printed[0].start, printed[1].end])
        return uncompared(sentence, tuple(said.chips), ends[0], ends[-1])
    start, end = span
    subject = who.subject
    if subject is not None and len(said.chips) == 2 and subject.start - sentence.start <= _FIRST:
        stops = list(_STOP.finditer(sentence.text, subject.end, said.places[each.start]))
        if stops and not _MANY.search(sentence.text, subject.end, stops[-1].end()):
            start = stops[-1].end()
    return _doubt(sentence, said, each, who) or uncompared(
        sentence, (subject, who.other), start, end
    )


def _is_turned(each: Anchor, printed: tuple[Amount, Amount]) -> bool:
    """Whether two names stand in the order that their own figures deny."""
    first, second = printed
    lower = first.high < second.low
    return lower if each.relation == "above" else second.high < first.low


_FIRST = 24
_STOP = re.compile(r"[,，]\s?(?:(?:and|but|its|其) )?")
_MANY = re.compile(
    r"\b(?:servers?|pods?|racks?|clusters?|nodes?|systems?|boards?|eight|cloud|instances?"
    r"|pairs?)\b|集群"
    r"|服务器|整机|节点|机柜|八卡|8卡|超节点|云", re.I,
)  # fmt: skip
"""What may make the thing compared more than the one chip that opens the sentence."""


def _doubt(sentence: Sentence, said: Masked, each: Anchor, who: Operands) -> str:
    """Why a comparison may be of others than it seems; "" where it is not."""
    if who.open:
        return "the sentence names neither of the two chips"
    end = said.places[max(each.end, each.other + 1)]
    systems = [e for e in (who.subject, who.other) if e is not None and e.kind == "system"]
    words = _MACHINES.search(sentence.text, sentence.start, min(end + 12, sentence.end))
    if words is not None and not systems:
        return "it may compare whole pods or clusters"
    subject = who.subject
    behind = subject is not None and subject.start >= end and each.other < 0
    far = subject is not None and subject.start < sentence.start and sentence.rivals > 1
    between = re.findall(C, said.text[: each.start])
    others = {said.chips[ord(c) - CHIPS].ids for c in between}
    known = {e.ids for e in (subject, who.other) if e is not None}
    several = len(others - known) > 1
    return "which chip is compared is not plain" if behind or far or several else ""
