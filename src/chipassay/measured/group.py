"""Rows of a measured table that one formula predicts: same operator, precision and stack."""

from __future__ import annotations

from typing import Any, NamedTuple


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
