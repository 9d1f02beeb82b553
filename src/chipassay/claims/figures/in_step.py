"""As many figures as chips, in the same order: "X1 vs X2: 80 vs 96 GB", "respectively"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.figures.list_parts import MANNER, Bound, last_stop, opening, stop_after
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.warrant import unread

T = TypeVar("T")
_SIDE = re.compile(
    rf"\+?(?:左右)?\s*(?:\bvs\.?|\bversus\b|\bagainst\b|对比?|/|\||→|->|>)\s*(?:the )?{MANNER}",
    re.I,
)

_ENUMERATED = re.compile(
    rf"\+?(?:左右)?\s*(?:[,，、/&]|\band\b|和|与|及)\s*(?:and )?(?:the )?{MANNER}", re.I
)

_EACH_ITS_OWN = re.compile(r"\brespectively\b|分别", re.I)

_COLON = re.compile(r"(?:\s?[(（][^()（）]{0,30}[)）])?\s?[:：|]\s?")
_FEW = 2


def in_step(sentence: Sentence, chips: list[Mention]) -> Iterator[tuple[int, Bound]]:
    """As many figures as chips, in the same order: "X vs Y: 80 vs 96 GB", "respectively"."""
    text = sentence.text
    named = list(_chains([(e.start, e.end, e) for e in chips], text))
    alike = _EACH_ITS_OWN.search(sentence.said) is not None
    spans = [(each.start, each.end, each) for each in sentence.amounts]
    for run, side in _chains(spans, text):
        if len({(each.unit, each.noun) for each in run}) > 1 or run[0].noun == "chips":
            continue
        fits = [
            c for c, other in named
            if len(c) == len(run) and (alike or (side and other) or _heads(text, c[-1], run[0]))
        ]  # fmt: skip
        if len(fits) != 1:
            continue
        right = stop_after(sentence, max(run[-1].end, fits[0][-1].end))
        left = before = opening(sentence, min(run[0].start, fits[0][0].start))
        if _COLON.match(text, fits[0][-1].end):
            left = max(left, last_stop(sentence, fits[0][-1].end, run[0].start))
        word = unread(sentence, left, right) or unread(sentence, before, fits[0][0].start)
        doubt = f"the reader does not know what “{word}” does to it" if word else ""
        if len(named) > 1:
            doubt = doubt or "other chips are named too"
        for owner, amount in zip(fits[0], run, strict=True):
            yield amount.start, Bound((owner,), "", left, right, (before, left), doubt)


def _heads(text: str, last: Mention, first: Amount) -> bool:
    """Whether a colon and nothing else parts the last chip from the first figure."""
    return _COLON.fullmatch(text, last.end, max(last.end, first.start)) is not None


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
