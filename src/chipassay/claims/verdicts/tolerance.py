"""When a printed quantity and a known figure are the same: the digits printed decide."""

from __future__ import annotations

import math

from chipassay.claims.claim import Amount

CLOSE = 0.02
"""A data sheet and its copies round differently by this much."""
COUNTED = 0.004
"""How far a count of cores may lie from another: only the press rounds thousands of them."""
COUNTED_NOUNS = ("cores", "links", "stacks", "dies", "instances")
"""What is counted one by one."""
HEDGED = 0.06
"""What "about" allows."""
NEARLY = 0.86
"""How far below "nearly X" a figure may lie."""
COARSE = 0.045
"""A number of one digit stands for figures further off than this; those can be neither
confirmed nor denied."""
BOUND = 1.35
"""How far above "more than X" a true figure may lie."""


def agrees(amount: Amount, value: float, close: float = CLOSE) -> bool:
    """Whether a figure lies within what the printed quantity says."""
    if not math.isfinite(value):
        return False
    allowed = HEDGED if amount.manner == "about" else close
    slack = abs(amount.value) * allowed
    if amount.manner == "nearly":
        return amount.value * NEARLY <= value <= amount.value * (1 + close)
    if amount.manner == "over":
        return amount.value * (1 - close) <= value <= amount.value * BOUND
    if amount.manner == "under":
        return amount.value / BOUND <= value <= amount.value * (1 + close)
    half = (amount.high - amount.low) / 2
    if half > abs(amount.value) * COARSE:
        half = 0.0
    if _is_range(amount):
        return amount.low - slack <= value <= amount.high + slack
    return abs(value - amount.value) <= max(half, slack)


def is_coarse(amount: Amount, value: float) -> bool:
    """Whether a figure rounds to the printed digits though it is further off than they show."""
    half = (amount.high - amount.low) / 2
    return half > abs(amount.value) * COARSE and amount.low <= value <= amount.high


FAR = 0.04
"""How far apart figures lie that no habit of rounding joins."""


def differs(amount: Amount, value: float, least: float = FAR) -> bool:
    """Whether a figure is clearly another one: further off than rounding and habit explain."""
    if not math.isfinite(value) or agrees(amount, value, least) or is_coarse(amount, value):
        return False
    return not (amount.manner == "up to" and value < amount.value and value > amount.value * 0.85)


def _is_range(amount: Amount) -> bool:
    return any(mark in amount.written for mark in ("-", "–", "~", " to ", " and ", "至", "到"))
