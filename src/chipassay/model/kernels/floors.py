"""What a kernel cannot beat: its arithmetic at the peak, its operands at the full bandwidth.

Three uses: no prediction goes below its floor; a measured row below it is impossible and dropped
before any fit; and the plain roofline that predictions are compared with is made of the same two
numbers. What the last-level cache can hold need not come from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chipassay.formulas.roofline import roofline_time, transfer_time, work_time
from chipassay.model.kernels.attention_prefill import pairs_seen
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Flop, Second

TOLERANCE = 1.05
"""Published rates are met to 5 %: clocks above the stated boost, and rounding."""


class Least(NamedTuple):
    """The least that a kernel must do."""

    work: Flop
    size: Byte
    """Operands and results, each once."""
    links: Second
    """What the links to other chips take, for kernels that use them."""


@formula(cite="williams_2009")
def roofline(silicon: Silicon, least: Least) -> Second:
    """Arithmetic at the peak against all operands at the full bandwidth, and the links."""
    arithmetic = work_time(least.work, silicon.matrix)
    memory = transfer_time(least.size, silicon.memory)
    return np.maximum(roofline_time(arithmetic, memory), least.links)


@formula(cite="williams_2009")
def floor_time(silicon: Silicon, least: Least) -> Second:
    """As the roofline, but what the cache can hold is free: no kernel is faster."""
    arithmetic = work_time(least.work, silicon.matrix)
    beyond = np.maximum(least.size - silicon.cache, 0.0)
    memory = transfer_time(beyond, silicon.memory)
    return np.maximum(roofline_time(arithmetic, memory), least.links)


def impossible(silicon: Silicon, least: Least, measured: Any) -> Any:
    """Measured seconds that beat the floor by more than published rates are rounded or exceeded."""
    return np.asarray(measured) * TOLERANCE < np.asarray(floor_time(silicon, least))


def least(family: str, shape: Any) -> Least:
    """The least that a family's kernel of a shape must do."""
    return _LEAST[family](shape)


def _gemm(s: Any) -> Least:
    size = s.n * s.k * s.weight_bytes + s.m * (s.k * s.input_bytes + s.n * s.output_bytes)
    return Least(2.0 * s.m * s.n * s.k, size, 0.0)


def _prefill(s: Any) -> Least:
    context = s.queries + s.prefix
    window = np.minimum(s.window, context)
    pairs = pairs_seen(context, window) - pairs_seen(s.prefix, window)
    # A kernel whose cache is in 8 bits may multiply in 8 bits, at twice the 16-bit rate.
    pace = np.where(s.bytes_per_value > s.cache_bytes_per_value, 0.5, 1.0)
    values = s.queries * s.heads * (s.bytes_per_value + s.result_bytes_per_value)
    values = (
        values
        + 2.0 * np.minimum(context, s.queries + window) * s.kv_heads * s.cache_bytes_per_value
    )
    work = 4.0 * s.batch * s.heads * s.head_size * pairs * pace
    return Least(work, s.batch * s.head_size * values, 0.0)


def _decode(s: Any) -> Least:
    seen = np.minimum(s.context, s.window)
    size = 2.0 * s.cache_bytes_per_value * s.batch * s.kv_heads * s.head_size * seen
    pace = np.where(s.cache_bytes_per_value < 2.0, 0.5, 1.0)
    return Least(4.0 * s.batch * s.heads * s.head_size * seen * pace, size, 0.0)


def _latent_prefill(s: Any) -> Least:
    pairs = pairs_seen(s.new + s.past, np.inf) - pairs_seen(s.past, np.inf)
    work = 2.0 * s.batch * s.heads * pairs * (s.key_width + s.value_width)
    values = s.new * s.heads * (s.key_width + s.value_width)
    values = values + (s.new + s.past) * s.shared * (s.key_width + s.value_width)
    return Least(work, s.batch * values * s.value_bytes, 0.0)


def _latent_decode(s: Any) -> Least:
    work = 2.0 * s.batch * s.heads * s.keys * (s.key_width + s.value_width)
    return Least(work * 0.5, s.batch * s.keys * s.key_width * s.cached_bytes, 0.0)


def _experts(s: Any) -> Least:
    weights = s.matrices * s.hidden * s.intermediate
    size = weights * s.weight_bytes * np.minimum(s.touched, s.cycled)
    return Least(2.0 * weights * s.rows, size, 0.0)


def _pointwise(s: Any) -> Least:
    return Least(0.0, s.size, 0.0)


def _collective(s: Any) -> Least:
    parts = np.where(s.in_network > 0.0, (s.ranks + 1.0) / 2.0, s.ranks - 1.0)
    return Least(
        0.0, 0.0, s.message * s.passes * np.minimum(parts, s.ranks - 1.0) / s.ranks / s.rate
    )


def _dispatch(s: Any) -> Least:
    abroad = s.tokens * s.row * s.abroad / s.network
    at_home = s.tokens * s.row * (s.copies * (1.0 - 1.0 / s.ranks) - s.abroad) / s.rate
    return Least(0.0, 0.0, np.maximum(np.maximum(abroad, at_home), 0.0))


_LEAST: dict[str, Callable[[Any], Least]] = {
    "gemm": _gemm,
    "attention_prefill": _prefill,
    "attention_decode": _decode,
    "latent_prefill": _latent_prefill,
    "latent_decode": _latent_decode,
    "experts": _experts,
    "pointwise": _pointwise,
    "collectives": _collective,
    "direct_all_reduce": _collective,
    "dispatch": _dispatch,
}
