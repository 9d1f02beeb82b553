"""Figures behind a name that heads them: "X1: 80 GB, 700 W", "X1 (80 GB, 700 W)", "X1 | 80 GB"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.figures.list_parts import Bound, last_stop, odd, opening
from chipassay.claims.text.attributes import MEMORY_TYPE
from chipassay.claims.text.sentences import Sentence

_HEADER = re.compile(
    r"(?:\sTensor Core)?(?:\s(?:GPU|chip|card|accelerator))?(?:\s?[(（][^()（）]{0,30}[)）])?\s?"
    r"(?:[:：|]|—|\s[–-]\s|\t)"
)

_BRACKET = re.compile(
    r"(?:\s(?:GPU|chip|card|accelerator))?\s?[(（](?P<within>[^()（）]{4,160})[)）]"
)

_OPENING = re.compile(
    r"[\s\-•*–·\d.)]{0,6}(?:['’]s )?(?:(?:the|for|on|Tesla|HGX|new)\s){0,2}\s*", re.I
)

_ITEM = re.compile(r"[;；。|、，•\n\t]|,(?!\d{3})|[()（）]|\.\s|\s[–—]\s|\band\b|[:：]")

_PARTED = re.compile(r"[;；\n]")
_VERSUS = re.compile(r"\b(?:vs|versus|against|compared)\b|对比|相比", re.I)
_FEW, _SHORT = 2, 32
"""What makes a list of several; how long the items of a list are, in characters."""


def headed(
    sentence: Sentence, chips: list[Mention], listed: set[int]
) -> Iterator[tuple[int, Bound]]:
    """The figures behind "X1:" up to the next chip, and those in brackets behind "X1"."""
    chips = _merged(sentence.text, chips)
    for at, chip in enumerate(chips):
        following = chips[at + 1].start if at + 1 < len(chips) else sentence.end
        zone = _zone(sentence, chip, following) if chip.start not in listed else None
        if zone is None:
            continue
        before = (opening(sentence, chip.start), chip.start)
        word = "" if _opens(sentence, chip) else odd(sentence, *before)
        for amount in sentence.amounts:
            if zone[0] <= amount.start and amount.end <= zone[1]:
                left, right = _item(sentence, amount, *zone)
                doubt = _item_doubt(sentence, amount, left, right, word)
                label = (before[0], zone[0])
                yield amount.start, Bound((chip,), "", left, right, label, doubt, True)


def _merged(text: str, chips: list[Mention]) -> list[Mention]:
    """The names, with the second one of a chip in brackets taken into the first: "X7 (Xray7)"."""
    found: list[Mention] = []
    for each in chips:
        last = found[-1] if found else None
        gap = text[last.end : each.start].strip() if last else ""
        if last is not None and gap in ("(", "（") and last.ids == each.ids:
            closed = text[each.end : each.end + 1] in (")", "）")
            found[-1] = replace(last, end=each.end + closed)
        else:
            found.append(each)
    return found


def _zone(sentence: Sentence, chip: Mention, following: int) -> tuple[int, int] | None:
    """The stretch that a name heads; None where it heads none."""
    text = sentence.text
    inside = _BRACKET.match(text, chip.end, sentence.end)
    if inside is not None and inside.end() <= following:
        compared = _VERSUS.search(inside["within"]) is not None
        return None if compared else inside.span("within")
    if not _opens(sentence, chip):
        return None
    head = _HEADER.match(text, chip.end, following)
    if head is not None:
        last = following == sentence.end
        return head.end(), following if last else last_stop(sentence, head.end(), following)
    ends = _PARTED.search(text, chip.end, sentence.end)
    end = ends.start() if ends is not None else sentence.end
    items = text[chip.end : end].rstrip(" .。").split(",")
    plain = len(items) > _FEW and all(len(each) <= _SHORT for each in items[1:])
    bare = re.fullmatch(r"(?: [A-Z]\w+)?(?:\s?[(（][^()（）]{0,24}[)）])?", items[0])
    whole = following >= end and "，" not in text[chip.end : end]
    return (chip.end + len(items[0]), end) if plain and whole and bare else None


def _opens(sentence: Sentence, chip: Mention) -> bool:
    """Whether a name opens a sentence or a part of one: nothing but a maker's name before it."""
    left = opening(sentence, chip.start)
    before = sentence.text[left : chip.start]
    for maker in sentence.of_kind("maker"):
        if left <= maker.start and maker.end <= chip.start:
            before = before.replace(sentence.text[maker.start : maker.end], "")
    return _OPENING.fullmatch(before) is not None


def _item(sentence: Sentence, amount: Amount, left: int, right: int) -> tuple[int, int]:
    """The stretch between the separators around a figure."""
    for stop in _ITEM.finditer(sentence.text, left, amount.start):
        if stop.group() not in (":", "："):
            left = stop.end()
    after = _ITEM.search(sentence.text, amount.end, right)
    return left, after.start() if after else right


def _item_doubt(sentence: Sentence, amount: Amount, left: int, right: int, before: str) -> str:
    word = odd(sentence, left, right) or before
    if word:
        return f"the reader does not know what “{word}” does to it"
    rest = [each for each in sentence.amounts if left <= each.start < right and each is not amount]
    if any(each.unit == amount.unit for each in rest):
        return "another figure of its kind stands beside it"
    typed = MEMORY_TYPE.search(sentence.text, left, right) is not None
    cued = typed or any(left <= each.start < right for each in sentence.cues)
    return "" if cued or amount.unit != "B" else "no attribute is named"
