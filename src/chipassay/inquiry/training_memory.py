"""Fitted constants of memory, and what a chip offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipassay.model.train_memory import Holding
from chipassay.units import factor

BUFFERS = "buffers_gib"


def holding(fit: Mapping[str, Any], gradient: float, selective: float = 1.0) -> Holding:
    """What a stack holds besides, by the fit on measured memory."""
    found = fit["memory"]
    return Holding(
        gradient=gradient,
        selective=selective,
        buffers=found[BUFFERS] * factor("GiB"),
        slack=found["slack"],
    )
