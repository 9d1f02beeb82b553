"""What the readers of lists share: whose a listed figure is, where its part of a sentence ends."""

from __future__ import annotations

import re
from typing import NamedTuple

from chipassay.claims.claim import Mention
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.warrant import unread

MANNER = r"(?:about |around |roughly |up to |only |approx\.? |~|≈|约|高达|仅)?\s?"
"""What may stand right before a figure of a list."""
_STOP = re.compile(r"[;；。,，、(（)）|\n]|\.\s")

_FULL_STOP = re.compile(r"[;；。\n|]|\.\s")

_RECKONED = re.compile(
    r"\b(?:than|higher|lower|faster|slower|greater|more|less|fewer|compared|up from|down from|each"
    r"|vs|versus|against)\b"
    r"|[=×*]|\d ?x\b|比|高于|低于|较|倍",
    re.I,
)
"""What makes a figure one of a comparison or of a sum."""


class Bound(NamedTuple):
    """Whose a listed figure is: the chips, the attribute that the label names ("" for the words
    beside it), the stretch that is about it, the label, why it may be read otherwise, and whether
    only its own stretch may name its attribute, as behind "X1:"."""

    owners: tuple[Mention, ...]
    field: str
    left: int
    right: int
    label: tuple[int, int]
    doubt: str
    apart: bool = False


def odd(sentence: Sentence, left: int, right: int) -> str:
    """The first word of a stretch that nobody knows, or that compares or reckons."""
    word = unread(sentence, left, right)
    for match in _RECKONED.finditer(sentence.text, left, right):
        if all(match.end() <= e.start or e.end <= match.start() for e in sentence.mentions):
            return word or match.group()
    return word


def stop_after(sentence: Sentence, at: int) -> int:
    """Where the part of a sentence ends in which something stands: the next comma or bracket."""
    stop = _STOP.search(sentence.text, at, sentence.end)
    return stop.start() if stop else sentence.end


def opening(sentence: Sentence, at: int) -> int:
    """Where the part of a sentence begins in which a list stands."""
    begin = sentence.start
    for stop in _FULL_STOP.finditer(sentence.text, sentence.start, at):
        begin = stop.end()
    return begin


def last_stop(sentence: Sentence, start: int, following: int) -> int:
    """The last comma or bracket of a stretch; its beginning where there is none."""
    stops = [stop.start() for stop in _STOP.finditer(sentence.text, start, following)]
    return stops[-1] if stops else start
