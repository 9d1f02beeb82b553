"""Lists, in which the punctuation and no verb says whose a figure is.

"Transistor count: X1 153B, X2 80B"; "X1 (1.9 TB/s) > X2 (864 GB/s)"; "FP8: 1979 (X1), 296 (X2)";
"X1: 80 GB, 3.35 TB/s; X2: 141 GB"; "X1 | 80 GB | 700 W"; "X1 vs X2: 80 GB vs 96 GB"; "X1 and X2
have 80 and 96 GB, respectively".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.figures.in_step import in_step
from chipassay.claims.figures.list_heads import headed
from chipassay.claims.figures.list_parts import MANNER, Bound, odd, opening, stop_after
from chipassay.claims.text.attributes import (
    COUNTED,
    PRECISION,
    RATE,
    attribute_of,
)
from chipassay.claims.text.list_numbers import JOINED, LABEL, VERB, head_before, is_spelled
from chipassay.claims.text.sentences import Sentence


class _Entry(NamedTuple):
    """A chip and a figure side by side, and the stretch of both."""

    start: int
    end: int
    owners: tuple[Mention, ...]
    amount: Amount


_BEHIND = re.compile(
    rf"[)）]?(?:\s?(?:GPU|chip|card|卡))?(?:\s?[(（][^()（）\d]{{0,24}}[)）])?"
    r"(?:\s(?:FP|BF|TF|INT)-?\d{1,2})?\s?"
    rf"(?:[:：=~≈(（-]|{VERB})?\s?{MANNER}"
)
_BEFORE = re.compile(r"\s?[(（](?:the |on |for |per )?(?:NVIDIA |Nvidia |AMD )?")
_CLOSES = re.compile(r"(?:\s(?:GPUs?|chips?|cards?))?[)）]")
_REST = re.compile(r"(?:\s?(?:dense|sparse|peak|memory|HBM\w{0,2}|GDDR\w{0,2}|TDP))?\s?[)）]?")
_NONE = re.compile(
    r"[,，、;；/|]\s?[\w .-]{1,30}?\s?[:：(（]?\s?(?:not supported|not available|unsupported|n/a"
    r"|none|not disclosed|unknown|—|不支持|无|未公布)\s?[)）]?(?=\s?[,，、;；/|])",
    re.I,
)
"""An entry of a list that has no figure: "X3 not supported"."""
_FEW = 2
_SLASH = re.compile(r"\s?[/&]\s?")


def bounds(sentence: Sentence) -> dict[int, Bound]:
    """Whose the figures of a sentence's lists are, by where each figure starts."""
    found: dict[int, Bound] = {}
    chips = sentence.chips()
    if any(each.kind == "system" for each in chips):
        chips = [each for each in chips if each.kind == "system" or not sentence.is_part(each)]
    if not chips or not sentence.amounts:
        return found
    listed: set[int] = set()
    for run in _runs(sentence, list(_entries(sentence, chips))):
        for at, bound in _of_run(sentence, run):
            found.setdefault(at, bound)
            listed |= {owner.start for owner in bound.owners}
    for at, bound in (*in_step(sentence, chips), *headed(sentence, chips, listed)):
        found.setdefault(at, bound)
    return found


def _entries(sentence: Sentence, chips: list[Mention]) -> Iterator[_Entry]:
    text = sentence.text
    for amount in sentence.amounts:
        before = [each for each in chips if each.end <= amount.start]
        after = [each for each in chips if each.start >= amount.end]
        if before and _BEHIND.fullmatch(text, before[-1].end, amount.start):
            owners = _joined(text, before)
            rest = _REST.match(text, amount.end, sentence.end)
            end = rest.end() if rest else amount.end
            yield _Entry(_first_name(text, chips, owners[0]), end, owners, amount)
        elif after and _BEFORE.fullmatch(text, amount.end, after[0].start):
            count = 1
            while count < len(after) and _SLASH.fullmatch(
                text, after[count - 1].end, after[count].start
            ):
                count += 1
            closes = _CLOSES.match(text, after[count - 1].end, sentence.end)
            if closes is not None:
                yield _Entry(amount.start, closes.end(), tuple(after[:count]), amount)


def _joined(text: str, before: list[Mention]) -> tuple[Mention, ...]:
    """The chips that a slash joins in front of one figure: "X1/X2: 900 GB/s"."""
    first = len(before) - 1
    while first > 0 and _SLASH.fullmatch(text, before[first - 1].end, before[first].start):
        first -= 1
    return tuple(before[first:])


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
    """The figures of one list: labelled, of several chips, or with the chip in brackets."""
    label = _label(sentence, run[0])
    units = {(each.amount.unit, each.amount.noun) for each in run}
    alone = len({each.owners[0].start for each in run}) < _FEW
    bracketed = run[0].amount.start < run[0].owners[0].start
    if len(units) > 1 or (label is None and alone and not bracketed):
        return
    field = _named_by(sentence, label, run[0].amount) if label is not None else ""
    if label is None and run[0].amount.unit == "FLOP/s":
        field = _carried(sentence, run)
    if not field and alone and not bracketed:
        return
    before = label or (opening(sentence, run[0].start), run[0].start)
    for entry in run:
        doubt = _doubt(sentence, entry, before, field, told=label is not None)
        right = stop_after(sentence, entry.end)
        yield entry.amount.start, Bound(entry.owners, field, entry.start, right, before, doubt)


def _carried(sentence: Sentence, run: list[_Entry]) -> str:
    """The format that only the first entry names, which is meant of the others too."""
    rest = [_format(sentence, each.start, stop_after(sentence, each.end)) for each in run[1:]]
    first = _format(sentence, run[0].start, stop_after(sentence, run[0].end))
    return first if first != RATE and all(each == RATE for each in rest) else ""


def _label(sentence: Sentence, first: _Entry) -> tuple[int, int] | None:
    """The words before the colon in front of a list, without a chip's name in them."""
    for match in LABEL.finditer(sentence.text, sentence.start, first.start):
        gap = sentence.text[match.end() : first.start]
        left, right = match.span("label")
        named = any(left <= each.start < right for each in sentence.chips())
        if not named and re.fullmatch(r"\s*(?:the |NVIDIA |Nvidia |AMD |Google |华为)?", gap):
            return left, right
    head = head_before(sentence.text, sentence.start, first.start)
    chips = sentence.chips()
    return head if head and not any(head[0] <= e.start < head[1] for e in chips) else None


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


def _doubt(
    sentence: Sentence, entry: _Entry, before: tuple[int, int], field: str, *, told: bool
) -> str:
    """Why an entry may be read otherwise: a word in its label or behind it that nobody knows."""
    word = odd(sentence, *before) or odd(sentence, entry.start, stop_after(sentence, entry.end))
    bare = entry.amount.written[-1:].isdigit() and entry.amount.unit != "1"
    if told and bare and not is_spelled(sentence.text[slice(*before)]):
        return "its unit is not told"
    if word:
        return f"the reader does not know what “{word}” does to it"
    return "" if field or entry.amount.unit in ("FLOP/s", "B/s", "W") else "no attribute is named"
