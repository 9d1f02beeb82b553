"""Where a sentence compares: a share, a multiple, a difference, or a word for higher, lower, equal.

The sentence is read with each chip and each quantity replaced by one character of Unicode's
private area, so that a name is one letter and cannot be torn apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.comparisons.words import (
    AMOUNTS,
    APPROX,
    CHAIN,
    CHIPS,
    DIRECTIONS,
    FAR,
    FRONTED,
    LAGS,
    LEFT,
    LESS,
    LONE,
    LOSES,
    MORE,
    NEGATED,
    OVER,
    OVERTAKES,
    PAIR,
    PRIVATE,
    RIGHT,
    THAN,
    UNDER,
    UP_OR_DOWN,
    WAYS,
    C,
    Q,
    W,
)
from chipassay.claims.known_words import SIMPLE
from chipassay.claims.text.sentences import Sentence

_QUANTITIES = re.compile(Q)
_OF = re.compile(r"\s?of\b")
_REACH = 110
_NEAR = 30
_FIGURES = ("B", "B/s", "FLOP/s", "W")
_BY_FIGURE = re.compile(rf"\s?(?:of )?(?P<way>{MORE}|{LESS})\b", re.I)
_LESSER = re.compile(rf"(?:{LESS})$", re.I)
_SHORT = re.compile(
    rf"(?: times)?\s?(?:(?:the|that of(?: the)?|of|an?|what) ){{0,2}}(?:[\w-]+ ){{0,3}}?(?P<b>{C})",
    re.I,
)
_FAR_OFF = re.compile(
    rf"[^\ue000-\ue7ff.;。；]{{0,{_REACH}}}?\b(?:{THAN})\s"
    rf"(?:(?!\band\b|\bwhile\b|\bbut\b|\bwhereas\b){W}){{0,40}}?(?P<b>{C})", re.I,
)  # fmt: skip
_OF_FIGURE = re.compile(
    rf"(?: times)?\s?(?:of |as )?the {Q}(?:{W}{{0,24}}?\b(?:by|of|on|in|from|for|that))?\s(?:the "
    rf"|an? )?"
    rf"(?P<b>{C})", re.I,
)  # fmt: skip
"""The second operand behind its figure: "four times the 145 kW drawn by the …"."""
_NO_MEASURE = re.compile(
    r"(?: times)?\s?(?:[\ue800-\uefff]|HBM|NVLink|PCIe|L?P?DDR|GDDR|GPUs?\b|CPUs?\b|chips?\b"
    r"|cards?\b"
    r"|dies?\b|stacks?\b|racks?\b|servers?\b|nodes?\b|nm\b)", re.I,
)  # fmt: skip
"""What stands behind a multiple that counts things."""
_YEARS = (2010.0, 2035.0)
_OF_NEAR = re.compile(rf"\s?of\b(?:(?!,){W}){{0,70}}?(?P<b>{C})")
_PARTED = re.compile(r"\b(?:while|whereas|but|yet|although)\b", re.I)
_BEFORE = (  # a second operand that stands before the quantity
    re.compile(rf"(?:{OVERTAKES}|{LAGS}|leads?|above|below|ahead of"
        rf"|\b(?:{THAN})){W}{{0,40}}?(?P<b>{C})"
               rf"(?:['’]s)?\s?(?:[(（][^()（）]{{0,24}}[)）]"
               rf"|{Q})?{W}{{0,24}}\bby\b{W}{{0,16}}$", re.I),
    re.compile(rf"(?:[比较跟]|相比于?|相较于?|对比|相对于?|超过|超出|高于|低于|优于|领先|落后于?"
        rf"|不及)"
               rf"[^\ue000-\uefff.;。；，,]{{0,14}}?(?P<b>{C})[^\ue000-\ue7ff。；]{{0,24}}$"),
    re.compile(rf"(?:为|是|仅|只有|相当于|达到?|约|至|接近|不到|不足|等于"
        rf"|[的有]){W}{{0,8}}?(?P<b>{C})"
               rf"\s?(?:[(（][^()（）]{{0,24}}[)）])?[^\ue000-\uefff，,。；;]{{0,14}}$"),
    re.compile(rf"(?P<b>{C})\s?(?:[(（][^()（）]{{0,24}}[)）])?\s?的?[一-鿿A-Za-z0-9]{{0,8}}的\s?$"),
    re.compile(rf"\bbetween\b{W}{{0,30}}?{C}(?:['’]s)?(?: and | & |与"
        rf"|和)(?:the )?(?P<b>{C})[^.;。；]{{0,30}}$", re.I),
    re.compile(rf"\b(?:to|over|versus|vs\.?|and)\s(?:the )?(?P<b>{C}){W}{{0,30}}$", re.I),
)  # fmt: skip
_RATIO_OF = re.compile(rf"\b(?:ratio|gap|difference|multiple)\b{W}{{0,30}}?{C}", re.I)


class Masked(NamedTuple):
    """A sentence with one character for each name and quantity, and where each stands."""

    text: str
    places: list[int]
    chips: list[Mention]
    amounts: tuple[Amount, ...]

    def chip(self, at: int) -> Mention:
        """The chip whose character stands there."""
        return self.chips[ord(self.text[at]) - CHIPS]

    def amount(self, at: int) -> Amount:
        """The quantity whose character stands there."""
        return self.amounts[ord(self.text[at]) - AMOUNTS]


class Anchor(NamedTuple):
    """A measure of comparison: places in the masked text; -1 where nothing stands."""

    relation: str
    amount: Amount | None
    start: int
    end: int
    other: int = -1
    subject: int = -1
    pair: tuple[int, int] = (-1, -1)
    back: bool = False
    """Whether its attribute can only stand before it."""


def masked(sentence: Sentence, chips: list[Mention]) -> Masked:
    """The sentence with placeholders, and where each of its characters stands in the text."""
    marks = [(each.start, each.end, chr(CHIPS + i)) for i, each in enumerate(chips)]
    marks += [
        (each.start, each.end, chr(AMOUNTS + i)) for i, each in enumerate(sentence.amounts)
        if each.noun != "chips" or not _YEARS[0] < each.value < _YEARS[1]
    ]  # fmt: skip
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
    text = "".join(parts).translate(SIMPLE)
    return Masked(text, places, chips, sentence.amounts)


def quantified(said: Masked) -> Iterator[Anchor]:
    """Every share, multiple and difference that a word makes a comparison."""
    last: Anchor | None = None
    for match in _QUANTITIES.finditer(said.text):
        at, amount = match.start(), said.amount(match.start())
        if amount.unit in _FIGURES and not amount.noun:
            yield from _difference(said, at, amount)
        if amount.unit != "1" or amount.noun not in ("", "times"):
            continue
        other = _second(said.text, at)
        if _counts(said.text, at, other):
            continue
        relation, end = _relation(said.text, at, amount)
        if relation == "share" and last is not None and _is_joined(said.text, last.end, at):
            relation = last.relation
        if relation in ("", "share") and other < 0 and amount.noun != "times":
            relation = _named_share(said.text, at) or _fronted_share(said.text, at)
        if relation:
            last = Anchor(relation, amount, at, end, other)
            yield last


def _counts(text: str, at: int, other: int) -> bool:
    """Whether a multiple counts things: "(2x 192 GB)"."""
    return other < 0 and _NO_MEASURE.match(text, at + 1) is not None


_JOIN = re.compile(
    r"[\w\s'’-]{0,45}(?:,|\band\b|&|、|和)\s?(?:an? |about |roughly |up to |nearly |by "
    r"|a factor of )*",
    re.I,
)


def _is_joined(text: str, left: int, right: int) -> bool:
    """Whether a quantity goes on where another left off: "by three in compute and 2.5x in …"."""
    in_words = re.match(r" (?:times )?(?:in|on|for|of (?:the|its))\b", text[right + 1 : right + 12])
    return in_words is not None and _JOIN.fullmatch(text, left, right) is not None


def _fronted_share(text: str, at: int) -> str:
    """A percentage of what an opening's chip has: "Next to the X, the Y keeps 59% of the cores"."""
    if re.match(r" of (?:the|its) (?!\w+ (?:market|time|cost))", text[at + 1 : at + 24]) is None:
        return ""
    fronted = FRONTED.search(text, 0, at)
    return "share" if fronted is not None and fronted.start() <= _OPENING else ""


_OPENING = 4
_LATTER = re.compile(r"(?:后者|前者|其|它)的?$")


def _named_share(text: str, at: int) -> str:
    """A percentage of a second operand without a name: "80% of its predecessor's"."""
    if _LATTER.search(_without_about(text[max(0, at - 40) : at])):
        return "share"
    found = re.match(
        r" of (?:its|the) (?:[\w-]+ ){0,3}?(?:predecessor|rival|previous|prior)", text[at + 1 :]
    )
    return "share" if found else ""


def _relation(text: str, at: int, amount: Amount) -> tuple[str, int]:
    """What the words beside a quantity make of it, and where they end; "" for no comparison."""
    head = _without_about(text[max(0, at - 90) : at])
    if not amount.noun and LOSES.search(head):
        return "less", at + 1
    for relation, pattern in (("more", OVER), ("less", UNDER)) if not amount.noun else ():
        match = pattern.match(text, at + 1)
        if match is not None:
            return relation, match.end()
    for relation, pattern in RIGHT[:-1]:
        match = pattern.match(text, at + 1)
        if match is not None:
            falls = relation in ("more", "less") and re.search(
                r"\b(?:falls?|reduced|cut) to$", head
            )
            return "share" if falls else relation, match.end()
    ways = list(WAYS.finditer(head)) if re.search(r"\bby$", head) else []
    told = UP_OR_DOWN.search(head) or (ways[-1] if ways else None)
    if told is not None:
        return "less" if told["less"] else "more", at + 1
    for relation, pattern in LEFT:
        if pattern.search(head):
            return relation, at + 1
    match = RIGHT[-1][1].match(text, at + 1)
    if match is not None:
        return "share", match.end()
    bare = amount.noun == "times" or _second(text, at) >= 0
    return ("share", at + 1) if bare else ("", at + 1)


def _without_about(head: str) -> str:
    """What stands before a quantity, without "about", "only", "up to" right before it."""
    return head[:-_NEAR] + APPROX.sub("", head[-_NEAR:])


def _second(text: str, at: int) -> int:
    """Where the second operand of a quantity stands; -1 where the clause names none."""
    of = _OF.match(text[at + 1 : at + 5])
    for pattern in (_SHORT, _OF_FIGURE, _OF_NEAR if of else _FAR_OFF):
        match = pattern.match(text, at + 1)
        if match is not None and not _PARTED.search(text, at + 1, match.start("b")):
            return match.start("b")
    begin = max(*(text.rfind(stop, 0, at) + 1 for stop in ".;。；"), at - _REACH)
    head = text[begin:at]
    bare = _without_about(head)
    for pattern in _BEFORE[:-1]:
        match = pattern.search(head) or pattern.search(bare)
        if match is not None and not _PARTED.search(head, match.start("b")):
            return begin + match.start("b")
    match = _BEFORE[-1].search(head) if _RATIO_OF.search(head) else None
    return begin + match.start("b") if match is not None else -1


def _difference(said: Masked, at: int, amount: Amount) -> Iterator[Anchor]:
    """A figure by which one chip has more or less than another: "45 GB more than"."""
    match = _BY_FIGURE.match(said.text, at + 1)
    if match is None:
        yield from _difference_zh(said, at, amount)
        return
    far = _FAR_OFF.match(said.text, match.end())
    relation = "less by" if _LESSER.search(match["way"]) else "more by"
    if far is not None and not re.search(Q, said.text[match.end() : far.start("b")]):
        yield Anchor(relation, amount, at, match.end(), far.start("b"))


def _difference_zh(said: Masked, at: int, amount: Amount) -> Iterator[Anchor]:
    """The same in Chinese: 比……多16GB."""
    match = _MORE_ZH.search(said.text[max(0, at - 40) : at])
    if match is not None:
        lesser = match["way"] in ("少", "低", "小", "慢", "减少", "降低")
        relation = "less by" if lesser else "more by"
        yield Anchor(relation, amount, at, at + 1, max(0, at - 40) + match.start("b"))


_MORE_ZH = re.compile(
    rf"[比较]{W}{{0,10}}?(?P<b>{C})[^\ue000-\uefff，,。；]{{0,12}}?"
    rf"(?P<way>[多少高低大小快慢]|增加|减少|提升|提高|降低)[了出]{{0,2}}\s?约?\s?$"
)


def is_difference(text: str, amount: Amount, end: int) -> bool:
    """Whether a quantity is how much more or less something has: "45 GB more memory than"."""
    if amount.unit not in _FIGURES:
        return False
    if re.search(r"[比较][^，,。；]{1,30}(?:[多少高低大小快慢]|增加|减少|提升|提高"
        r"|降低)[了出]{0,2}\s?约?\s?$",
                 text[max(0, amount.start - 40) : amount.start]):  # fmt: skip
        return True
    match = _BY_FIGURE.match(text, amount.end, end)
    return (
        match is not None
        and re.search(r"\bthan\b", text[match.end() : match.end() + 50]) is not None
    )


def directed(said: Masked) -> Iterator[Anchor]:
    """Every word for higher, lower or equal with its second operand."""
    for relation, pattern in DIRECTIONS if said.chips else ():
        for match in pattern.finditer(said.text):
            groups = match.groupdict()
            begin = match.start("w") if groups.get("w") else match.start()
            head = said.text[max(0, begin - 24) : begin]
            if _is_told(said, begin) or _NEITHER.search(said.text, 0, begin):
                continue
            yield Anchor(_turned(relation, head), None, begin, match.end(), match.start("b"))


_NEITHER = re.compile(r"\b(?:neither|nobody|none)\b", re.I)
_RATIO_BEFORE = re.compile(rf"({Q})\s?(?:times )?(?:as )?$")


def _is_told(said: Masked, at: int) -> bool:
    """Whether a share or a multiple stands right before a word: it is read with that."""
    match = _RATIO_BEFORE.search(said.text[max(0, at - 10) : at])
    return match is not None and said.amount(max(0, at - 10) + match.start()).unit == "1"


def _turned(relation: str, head: str) -> str:
    """The relation after a "not" or a "far" before it."""
    if NEGATED.search(head):
        return {"above": "not above", "below": "not below", "same": "below"}.get(relation, relation)
    if FAR.search(head):
        return {"below": "far below", "above": "far above"}.get(relation, relation)
    return relation


def lone(said: Masked) -> Iterator[Anchor]:
    """Comparatives without a second operand behind them: "its bandwidth is lower"."""
    for match in LONE.finditer(said.text):
        way = next(
            name for name in ("zh", "bare", "label", "noun", "same", "samezh", "w") if match[name]
        )
        begin = match.start(way)
        if _is_told(said, begin):
            continue
        lesser = match["less"] or match["zhless"] or match["labless"] or match["nounless"]
        lesser = lesser or (match["bare"] and _LESSER.match(match["bare"]))
        relation = "same" if match["same"] or match["samezh"] else "below" if lesser else "above"
        yield Anchor(relation, None, begin, match.end(), back=way not in ("label", "noun"))


_SIGN = re.compile(r"[>＞≳≥<＜≲≤]")


def chained(said: Masked) -> Iterator[Anchor]:
    """Names set in order by signs: "A > B > C", each pair of neighbours once."""
    if _SIGN.search(said.text) is None:
        return
    for match in CHAIN.finditer(said.text):
        above = match["sign"] in ">＞≳≥"
        ends = [match.start(side) for side in "ab"]
        named = [at if re.match(C, said.text[at]) else -1 for at in ends]
        bits = [re.search(Q, match[f"{side}bit"] or "") for side in "ab"]
        figures = [
            match.start(f"{side}bit") + bit.start() if bit else -1
            for side, bit in zip("ab", bits, strict=True)
        ]  # fmt: skip
        if max(named) >= 0:
            yield Anchor(
                "above" if above else "below", None, match.start("sign"), match.end(),
                named[1], named[0], (figures[0], figures[1]),
            )  # fmt: skip


def paired(said: Masked) -> list[tuple[int, int]]:
    """Where two figures of one unit stand set against each other."""
    found = [(m.start("first"), m.start("second")) for m in PAIR.finditer(said.text)]
    return [
        pair for pair in found
        if said.amount(pair[0]).unit == said.amount(pair[1]).unit != "1"
    ]  # fmt: skip
