"""Bands of the first assay: full-rate figures times the share that measured systems reach."""

from __future__ import annotations

import math
from typing import Any

from chipassay.records.answer import Quantity
from chipassay.units import Num

Share = dict[str, Any]
"""An assumption: `value`, `low` and `high` of the share."""


def rate_band(value: Num, share: Share) -> Quantity:
    """A rate at full speed, times the share."""
    low, middle, high = (float(value) * share[key] for key in ("low", "value", "high"))
    return Quantity(middle, low, high, "1/s", "assumed")


def time_band(value: Num, share: Share) -> Quantity:
    """A time at full speed, divided by the share."""
    low, middle, high = (float(value) / share[key] for key in ("high", "value", "low"))
    return Quantity(middle, low, high, "s", "assumed")


def ratio_band(value: Num, low: Num, high: Num, share: Share) -> Quantity:
    """A ratio of two chips, each reaching a share of its own.

    Two independent log-normal shares spread by the square root of two more than one does.
    """
    spread = (share["high"] / share["low"]) ** (math.sqrt(2) / 2)
    return Quantity(float(value), float(low) / spread, float(high) * spread, "1", "assumed")


def cut_band(exposed: Num, hidden: Num) -> Quantity:
    """A ratio of one chip to itself with one figure changed: its share cancels.

    What stays open is how much of the exchange hides behind arithmetic: none, or all of it.
    """
    ends = float(exposed), float(hidden)
    return Quantity(float(exposed), min(ends), max(ends), "1", "assumed")
