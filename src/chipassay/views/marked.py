"""An article cut into stretches at the ends of its claims, for a page to mark."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from chipassay.views.claims_text import MARKS

RANK = ("contradicted", "right for another chip", "inconsistent",
        "right under another convention", "supported", "cannot tell")  # fmt: skip
"""Verdicts, the one to be seen first where several marks lie over one another."""


def stretches(text: str, claims: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Pieces of the text in order: its words, the claims over it, and those that begin in it."""
    ends = {0, len(text)}
    for claim in claims:
        ends |= {claim["text"]["start"], claim["text"]["end"]}
    for left, right in itertools.pairwise(sorted(ends)):
        over = [c for c in claims if c["text"]["start"] < right and c["text"]["end"] > left]
        begun = [c for c in over if c["text"]["start"] == left]
        worst = min((c["verdict"] for c in over), key=_rank, default="")
        yield {"words": text[left:right], "claims": over, "begun": begun, "verdict": worst}


def _rank(verdict: str) -> int:
    return RANK.index(verdict) if verdict in RANK else len(RANK)


def mark(verdict: str) -> str:
    """The sign of a verdict: colour is never alone."""
    return MARKS.get(verdict, "?")
