"""Lists, in which the punctuation and no verb says whose a figure is.

"Transistor count: X1 153B, X2 80B"; "X1 (1.9 TB/s) > X2 (864 GB/s)"; "FP8: 1979 (X1), 296 (X2)";
"X1: 80 GB, 3.35 TB/s; X2: 141 GB"; "X1 | 80 GB | 700 W"; "X1 vs X2: 80 GB vs 96 GB"; "X1 and X2
have 80 and 96 GB, respectively".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

from chipassay.claims.attributes import (
    COUNTED,
    MEMORY_TYPE,
    PRECISION,
    RATE,
    attribute_of,
)
from chipassay.claims.claim import Amount, Mention
from chipassay.claims.list_numbers import JOINED, LABEL, is_spelled
from chipassay.claims.sentences import Sentence
from chipassay.claims.warrant import unread

T = TypeVar("T")


class Bound(NamedTuple):
    """Whose a listed figure is: the chip, the attribute that the label names ("" for the words
    beside it), the stretch that is about it, the label, and why it may be read otherwise."""

    owner: Mention
    field: str
    left: int
    right: int
    label: tuple[int, int]
    doubt: str


class _Entry(NamedTuple):
    """A chip and a figure side by side, and the stretch of both."""

    start: int
    end: int
    owner: Mention
    amount: Amount


_MANNER = r"(?:about |around |roughly |up to |only |approx\.? |~|≈|约|高达|仅)?\s?"
_BEHIND = re.compile(
    rf"[)）]?(?:\s?(?:GPU|chip|card|卡))?(?:\s?[(（][^()（）\d]{{0,24}}[)）])?"
    r"(?:\s(?:FP|BF|TF|INT)-?\d{1,2})?\s?"
    rf"(?:[:：=~≈(（-]|\bis\b|\bat\b|为|是)?\s?{_MANNER}"
)
_BEFORE = re.compile(r"\s?[(（](?:the |on |for |per )?(?:NVIDIA |Nvidia |AMD )?")
_CLOSES = re.compile(r"(?:\s(?:GPUs?|chips?|cards?))?[)）]")
_REST = re.compile(r"(?:\s?(?:dense|sparse|peak|memory|HBM\w{0,2}|GDDR\w{0,2}|TDP))?\s?[)）]?")
_HEADER = re.compile(
    r"(?:\s(?:GPU|chip|card|accelerator))?(?:\s?[(（][^()（）]{0,30}[)）])?\s?"
    r"(?:[:：|]|—|\s[–-]\s|\t)"
)
_OPENING = re.compile(
    r"(?:^|[;；。|\n])[\s\-•*–·\d.)]{0,6}(?:(?:the |for the |on the )?[A-Z][A-Za-z]{2,12}\s){0,2}$",
    re.I,
)
_ITEM = re.compile(r"[;；。|、，•\n\t]|,(?!\d{3})|[()（）]|\.\s|\s[–—]\s|\band\b|[:：]")
_STOP = re.compile(r"[;；。,，、(（)）|\n]|\.\s")
_SIDE = re.compile(r"\s*(?:\bvs\.?|\bversus\b|\bagainst\b|对比?|/|\|)\s*(?:the )?", re.I)
_ENUMERATED = re.compile(r"\s*(?:[,，、/&]|\band\b|和|与|及)\s*(?:and )?(?:the )?", re.I)
_NONE = re.compile(
    r"[,，、;；/|]\s?[\w .-]{1,30}?\s?[:：(（]?\s?(?:not supported|not available|unsupported|n/a"
    r"|none|not disclosed|unknown|—|不支持|无|未公布)\s?[)）]?(?=\s?[,，、;；/|])",
    re.I,
)
"""An entry of a list that has no figure: "X3 not supported"."""
_EACH_ITS_OWN = re.compile(r"\brespectively\b|分别", re.I)
_FEW = 2


def bounds(sentence: Sentence) -> dict[int, Bound]:
    """Whose the figures of a sentence's lists are, by where each figure starts."""
    found: dict[int, Bound] = {}
    chips = sentence.chips()
    if not chips or not sentence.amounts:
        return found
    taken: list[_Entry] = []
    for run in _runs(sentence, list(_entries(sentence, chips))):
        for at, bound in _of_run(sentence, run):
            found.setdefault(at, bound)
            taken += run
    for at, bound in _in_step(sentence, chips):
        found.setdefault(at, bound)
    for at, bound in _headed(sentence, chips, {entry.owner.start for entry in taken}):
        found.setdefault(at, bound)
    return found


def _entries(sentence: Sentence, chips: list[Mention]) -> Iterator[_Entry]:
    text = sentence.text
    for amount in sentence.amounts:
        owner = max((e for e in chips if e.end <= amount.start), key=lambda e: e.end, default=None)
        if owner is not None and _BEHIND.fullmatch(text, owner.end, amount.start):
            rest = _REST.match(text, amount.end, sentence.end)
            end = rest.end() if rest else amount.end
            yield _Entry(_first_name(text, chips, owner), end, owner, amount)
            continue
        after = min(
            (e for e in chips if e.start >= amount.end), key=lambda e: e.start, default=None
        )
        if after is not None and _BEFORE.fullmatch(text, amount.end, after.start):
            closes = _CLOSES.match(text, after.end, sentence.end)
            if closes is not None:
                yield _Entry(amount.start, closes.end(), after, amount)


def _first_name(text: str, chips: list[Mention], owner: Mention) -> int:
    """Where an entry begins whose chip is named twice: "X7 (Codename)"."""
    for each in chips:
        gap = text[each.end : owner.start]
        if each.end <= owner.start and gap.strip() in ("(", "（") and each.ids == owner.ids:
            return each.start
    return owner.start


def _runs(sentence: Sentence, entries: list[_Entry]) -> Iterator[list[_Entry]]:
    """Entries that nothing but a comma, a bar, "and" or "vs" keeps apart."""
    run: list[_Entry] = []
    for entry in sorted(entries, key=lambda each: each.start):
        last = run[-1] if run else None
        gap = _NONE.sub("", sentence.text[last.end : entry.start]) if last else ""
        if last and (last.end > entry.start or not JOINED.fullmatch(gap)):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _of_run(sentence: Sentence, run: list[_Entry]) -> Iterator[tuple[int, Bound]]:
    """The figures of one list: labelled, or of several chips."""
    label = _label(sentence, run[0])
    units = {(each.amount.unit, each.amount.noun) for each in run}
    owners = {each.owner.start for each in run}
    if len(units) > 1 or (label is None and len(owners) < _FEW):
        return
    field = _named_by(sentence, label, run[0].amount) if label is not None else ""
    if label is None and run[0].amount.unit == "FLOP/s":
        field = _carried(sentence, run)
    if not field and len(owners) < _FEW:
        return
    for entry in run:
        doubt = _doubt(sentence, entry, label, field)
        yield entry.amount.start, Bound(
            entry.owner, field, entry.start, _stop(sentence, entry.end),
            label or (entry.start, entry.start), doubt,
        )  # fmt: skip


def _carried(sentence: Sentence, run: list[_Entry]) -> str:
    """The format that only the first entry names, which is meant of the others too."""
    rest = [_format(sentence, each.start, _stop(sentence, each.end)) for each in run[1:]]
    first = _format(sentence, run[0].start, _stop(sentence, run[0].end))
    return first if first != RATE and all(each == RATE for each in rest) else ""


def _label(sentence: Sentence, first: _Entry) -> tuple[int, int] | None:
    """The words before the colon in front of a list, without a chip's name in them."""
    for match in LABEL.finditer(sentence.text, sentence.start, first.start):
        gap = sentence.text[match.end() : first.start]
        left, right = match.span("label")
        named = any(left <= each.start < right for each in sentence.chips())
        if not named and re.fullmatch(r"\s*(?:the |NVIDIA |Nvidia |AMD |Google |华为)?", gap):
            return left, right
    return None


def _named_by(sentence: Sentence, label: tuple[int, int], amount: Amount) -> str:
    """The attribute that a label names for a quantity; "" where it names none of its unit."""
    left, right = label
    if amount.noun in COUNTED:
        return COUNTED[amount.noun]
    if amount.unit == "FLOP/s":
        return _format(sentence, left, right)
    cues = [each for each in sentence.cues if left <= each.start < right]
    there = replace(amount, start=right, end=right, noun="")
    field, named = attribute_of(sentence.text, there, cues)
    return field if named else ""


def _format(sentence: Sentence, left: int, right: int) -> str:
    """The rate a stretch names: at its one format, at none, or "" where it names several."""
    formats = {m.lastgroup for m in PRECISION.finditer(sentence.text, left, right)}
    formats -= {"fp16"} if "bf16" in formats else set()
    return f"dense_{formats.pop()}" if len(formats) == 1 else "" if formats else RATE


def _doubt(sentence: Sentence, entry: _Entry, label: tuple[int, int] | None, field: str) -> str:
    """Why an entry may be read otherwise: a word in its label or behind it that nobody knows."""
    words = unread(sentence, entry.start, _stop(sentence, entry.end))
    if label is not None:
        words = unread(sentence, *label) or words
        told = is_spelled(sentence.text[slice(*label)]) or not entry.amount.written[-1:].isdigit()
        if not told and entry.amount.unit != "1":
            return "its unit is not told"
    if words:
        return f"the reader does not know what “{words}” does to it"
    return "" if field or entry.amount.unit in ("FLOP/s", "B/s", "W") else "no attribute is named"


def _stop(sentence: Sentence, at: int) -> int:
    stop = _STOP.search(sentence.text, at, sentence.end)
    return stop.start() if stop else sentence.end


def _in_step(sentence: Sentence, chips: list[Mention]) -> Iterator[tuple[int, Bound]]:
    """As many figures as chips, in the same order: "X vs Y: 80 vs 96 GB", "respectively"."""
    text = sentence.text
    named = list(_chains([(e.start, e.end, e) for e in chips], text))
    alike = _EACH_ITS_OWN.search(sentence.said) is not None
    spans = [(each.start, each.end, each) for each in sentence.amounts]
    for run, side in _chains(spans, text):
        if len({(each.unit, each.noun) for each in run}) > 1 or run[0].noun == "chips":
            continue
        fits = [c for c, other in named if len(c) == len(run) and (alike or (side and other))]
        if len(fits) != 1:
            continue
        left = min(run[0].start, fits[0][0].start)
        right = _stop(sentence, max(run[-1].end, fits[0][-1].end))
        word = unread(sentence, left, right)
        doubt = f"the reader does not know what “{word}” does to it" if word else ""
        if len(named) > 1:
            doubt = doubt or "other chips are named too"
        for owner, amount in zip(fits[0], run, strict=True):
            yield amount.start, Bound(owner, "", left, right, (left, left), doubt)


def _chains(spans: list[tuple[int, int, T]], text: str) -> Iterator[tuple[list[T], bool]]:
    """Neighbours that "vs", a slash, a comma or "and" joins, and whether it is "vs" or a slash."""
    run: list[T] = []
    end, sides = 0, True
    for start, stop, each in [*spans, (0, 0, None)]:
        side = bool(run) and each is not None and _SIDE.fullmatch(text, end, max(start, end))
        if run and (
            each is None
            or start < end
            or not (side or _ENUMERATED.fullmatch(text, end, max(start, end)))
        ):
            if len(run) >= _FEW:
                yield run, sides
            run, sides = [], True
        if each is not None:
            sides = sides and (bool(side) or not run)
            run.append(each)
        end = stop


def _headed(
    sentence: Sentence, chips: list[Mention], listed: set[int]
) -> Iterator[tuple[int, Bound]]:
    """The figures behind "X1:" up to the next chip: each is the chip's own."""
    text = sentence.text
    for at, chip in enumerate(chips):
        head = _HEADER.match(text, chip.end, sentence.end)
        if head is None or chip.start in listed or not _opens(sentence, chip):
            continue
        following = chips[at + 1] if at + 1 < len(chips) else None
        end = sentence.end if following is None else _last_stop(sentence, head.end(), following)
        for amount in sentence.amounts:
            if head.end() <= amount.start and amount.end <= end:
                left, right = _item(sentence, amount, head.end(), end)
                yield amount.start, Bound(
                    chip, "", left, right, (chip.end, chip.end),
                    _item_doubt(sentence, amount, left, right),
                )  # fmt: skip


def _opens(sentence: Sentence, chip: Mention) -> bool:
    """Whether a name opens a sentence or a part of one: nothing but a maker's name before it."""
    return _OPENING.search(sentence.text[sentence.start : chip.start]) is not None


def _last_stop(sentence: Sentence, start: int, following: Mention) -> int:
    stops = [stop.start() for stop in _STOP.finditer(sentence.text, start, following.start)]
    return stops[-1] if stops else start


def _item(sentence: Sentence, amount: Amount, left: int, right: int) -> tuple[int, int]:
    """The stretch between the separators around a figure."""
    for stop in _ITEM.finditer(sentence.text, left, amount.start):
        if stop.group() not in (":", "："):
            left = stop.end()
    after = _ITEM.search(sentence.text, amount.end, right)
    return left, after.start() if after else right


def _item_doubt(sentence: Sentence, amount: Amount, left: int, right: int) -> str:
    word = unread(sentence, left, right)
    if word:
        return f"the reader does not know what “{word}” does to it"
    rest = [each for each in sentence.amounts if left <= each.start < right and each is not amount]
    if any(each.unit == amount.unit for each in rest):
        return "another figure of its kind stands beside it"
    typed = MEMORY_TYPE.search(sentence.text, left, right) is not None
    cued = typed or any(left <= each.start < right for each in sentence.cues)
    return "" if cued or amount.unit != "B" else "no attribute is named"
