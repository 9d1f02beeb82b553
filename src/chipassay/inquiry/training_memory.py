"""Fitted constants of memory, and what a chip offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipassay.inquiry.training_work import Setting
from chipassay.model.train_memory import Holding
from chipassay.units import factor

BUFFERS = "buffers_gib"


def holding(fit: Mapping[str, Any], setting: Setting) -> Holding:
    """What a stack holds besides: as documented, or as fitted where its allocator is of 2022."""
    found = fit["memory"]
    own = setting.slack > 0.0
    return Holding(
        gradient=setting.held,
        selective=setting.selective,
        buffers=setting.buffers if own else found[BUFFERS] * factor("GiB"),
        slack=setting.slack if own else found["slack"],
        light=setting.light,
        state=setting.state,
    )
