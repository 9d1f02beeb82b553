"""Rows of a measured table that one formula predicts: same operator, precision and stack."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Group(NamedTuple):
    """Measured times of one operator at one precision under one software stack, as columns."""

    family: str
    """Which formula: gemm, attention_prefill, attention_decode, latent_prefill …"""
    precision: str
    """The operands' precision: bf16, fp16, fp8, int8, fp4 … (see `model.kernels.silicon`)."""
    stack: str
    """Software that ran it, e.g. "vllm"; "" where the table does not say."""
    chips: Any
    """The table's name of each row's chip (text)."""
    shape: Any
    """The family's shape, a NamedTuple of columns."""
    time: Any
    """Measured seconds."""
    row: Any
    """Row number in the file, from 0."""


NEAR_LEAST = 4.0
"""Where the host launches by itself, a time within this of the chip's least is mostly its own."""


def waits_for_host(group: Group) -> Any:
    """Rows timed outside a captured graph that the chip had done long before the host came back."""
    names = np.asarray(group.chips)
    eager = np.broadcast_to(np.asarray(getattr(group.shape, "eager", 0.0)) > 0, names.shape)
    waiting = np.zeros(len(names), bool)
    for name in np.unique(names[eager]) if group.family == "gemm" else ():
        of = eager & (names == name)
        waiting |= of & (group.time < NEAR_LEAST * np.min(group.time[of]))
    return waiting
