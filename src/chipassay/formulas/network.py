"""Collectives over links. Bandwidths are one way, per chip."""

from __future__ import annotations

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Second


@formula(cite="thakur_2005")
def ring_all_reduce_time(message: Byte, ranks: Count, link: ByteRate) -> Second:
    """Reduce-scatter, then all-gather, round a ring: 2 (n-1)/n of the message over each link.

    Bandwidth term only: the hop latency that rules short messages is not in the first assay.
    """
    n = ranks
    return 2 * (n - 1) / n * message / link


@formula(cite="megatron_sc21")
def tensor_parallel_message(hidden: Count, bytes_per_value: Byte) -> Byte:
    """What one token's activations weigh in one all-reduce of a tensor-parallel layer."""
    return hidden * bytes_per_value
