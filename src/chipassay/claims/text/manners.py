"""How a number is said: about, over, under, nearly, up to; the one it was, the one it became."""

from __future__ import annotations

import re

from chipassay.claims.claim import Manner, Role

_MANNERS: tuple[tuple[Manner, re.Pattern[str]], ...] = (
    ("about", re.compile(
        r"(?:about|around|roughly|approximately|approx\.?|circa|some|close to|an estimated|~|≈|∼"
        r"|约|大约|大概|近似|接近)\s*$", re.I)),
    ("over", re.compile(r"(?:over|more than|exceed(?:s|ing)?|above|at least|超过|超"
        r"|逾)\s*$", re.I)),
    ("under", re.compile(r"(?:under|less than|fewer than|below|at most|不到|不足|低于)\s*$", re.I)),
    ("nearly", re.compile(r"(?:nearly|almost|just under|近|将近)\s*$", re.I)),
    ("up to", re.compile(r"(?:up to|as much as|as many as|a maximum of|最高|最多|可达"
        r"|高达)\s*$", re.I)),
)  # fmt: skip
_FROM = re.compile(r"(?:\bfrom|从|由)\s*$", re.I)
_TO = re.compile(r"(?:\bto|至|到|为)\s*$", re.I)
_AFTER_ABOUT = re.compile(r"\s?(?:左右|上下|or so)")


def manner_of(before: str, after: str) -> Manner:
    """What the words right before a number, or "or so" behind it, make of it."""
    for name, pattern in _MANNERS:
        if pattern.search(before):
            return name
    return "about" if _AFTER_ABOUT.match(after) else ""


def role_of(before: str) -> Role:
    """Whether a number is what something changed from, or to."""
    if _FROM.search(before):
        return "from"
    return "to" if _TO.search(before) else ""
