"""Attention over a prompt: tiles of queries dealt to cores, each walking along the keys it may see.

FlashAttention's arithmetic: two products for every pair of a query and a key, and one exponential,
which special-function units compute beside the matrix units. A pair takes both times in quadrature:
the shorter one mostly hides behind the longer. Cores with fewer watts each run slower than the
boost clock says. What is not overlapped is added: starting a tile, the longest tile of the call,
and the traffic of the kernels around the core one (rotation, writing the cache).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop, Num, Ratio, Second, Watt

ROWS = 128.0
"""Query rows of a tile: computed whole, filled or not."""

USUAL_WIDTH = 128.0
"""The head size at which the walk along the keys is stated."""

RESIDENT = 0.7
"""Share of the last-level cache that a call's tensors can count on."""

CACHED = 0.3
"""Time of a byte from the last-level cache, as a share of a byte from memory."""

BACKWARD_FLOP = 2.5
"""Backward arithmetic over forward: five products for each pair, against two."""


class AttentionPrefillShape(NamedTuple):
    """One call over the prompts of a batch, on one rank."""

    batch: Count
    queries: Count
    """New tokens of one sequence."""
    prefix: Count
    """Tokens of it that were cached before."""
    heads: Count
    kv_heads: Count
    head_size: Count
    window: Count
    """Keys that a query may see, infinite where the layer states no window."""
    bytes_per_value: Byte
    """Bytes of one number of the queries."""
    result_bytes_per_value: Byte
    cache_bytes_per_value: Byte


class AttentionPrefillConstants(NamedTuple):
    """What a stack makes of prefill attention. All are positive."""

    core_power: Watt
    """Power of a core at full matrix rate: with less of the limit for each, the clock falls."""
    softmax: Flop
    """Special functions that a pair seems to take: its exponential, and what waits for it."""
    beyond: Ratio
    """Share of the keys outside the window that a kernel walks along all the same."""
    longest: Count
    """Clocks a key of the longest tile takes, in a geometric mean with its pairs on one core."""
    tile: Count
    """Clocks of a core to start and end a tile."""
    cache_passes: Ratio
    """Times that keys and values travel: read, rotated, written to the cache, read again."""
    query_passes: Ratio
    """Times that queries and results travel."""
    start: Count
    """Clocks of the call's floor: launching its kernels, and their latencies."""
    loose: Ratio
    """Share of the tiles that packing the heads of a group into one tile does not save."""
    wide: Count
    """Head size at which a tile's accumulators outgrow a core, and products take twice as long."""


@formula(cite="flash_attention_2")
def pairs_seen(tokens: Count, window: Count) -> Count:
    """Pairs of a query and a key that it may see, over the first `tokens` of a sequence."""
    short = np.minimum(tokens, window)
    return short * (short + 1.0) / 2.0 + (tokens - short) * short


@formula(cite="flash_attention_2")
def tile_count(shape: AttentionPrefillShape, loose: Ratio) -> Count:
    """Tiles of a call: every head by itself, or the heads of a group packed together."""
    apart = shape.heads * np.ceil(shape.queries / ROWS)
    packed = shape.kv_heads * np.ceil(shape.queries * shape.heads / shape.kv_heads / ROWS)
    return shape.batch * (packed + loose * (apart - packed))


@formula(cite="flash_attention_2")
def pair_flop(head_size: Count) -> Flop:
    """Arithmetic of a pair: two products along the head."""
    return 4.0 * head_size


@formula(cite="arithmetic")
def slowdown(silicon: Silicon, core_power: Watt) -> Ratio:
    """How much slower products get when all cores work and share the power limit."""
    return 1.0 + core_power * silicon.cores / silicon.power


@formula(cite="flash_attention_3")
def pair_time(
    silicon: Silicon, head_size: Count, constants: AttentionPrefillConstants, slowed: Ratio
) -> Second:
    """A pair on the whole chip: products and exponential, the shorter mostly hidden.

    Beyond the size of head that a core's accumulators can hold, products slow down.
    """
    spilling = head_size * head_size / (constants.wide * constants.wide)
    products = pair_flop(head_size) / silicon.matrix * slowed * (1.0 + spilling * spilling)
    exponential = constants.softmax / silicon.special
    return (products * products + exponential * exponential) ** 0.5


@formula(cite="arithmetic")
def prefill_traffic_time(
    silicon: Silicon, shape: AttentionPrefillShape, constants: AttentionPrefillConstants
) -> Second:
    """Traffic of queries, keys, values and results, from memory where the cache cannot hold it."""
    queries = shape.batch * shape.queries * shape.heads * shape.head_size
    query_size = queries * (shape.bytes_per_value + shape.result_bytes_per_value)
    context = shape.queries + shape.prefix
    keys = 2.0 * shape.batch * context * shape.kv_heads * shape.head_size
    size = query_size + keys * shape.cache_bytes_per_value
    full = size / (RESIDENT * silicon.cache)
    spilled = full * full / (1.0 + full * full)
    moved = constants.query_passes * query_size
    moved = moved + constants.cache_passes * keys * shape.cache_bytes_per_value
    return moved / silicon.memory * (CACHED + (1.0 - CACHED) * spilled)


@formula(cite="flash_attention_2")
def attention_prefill_time(
    silicon: Silicon, shape: AttentionPrefillShape, constants: AttentionPrefillConstants
) -> Second:
    """Seconds of one call over a batch of prompts: causal, with or without window and prefix."""
    c = constants
    context = shape.queries + shape.prefix
    window = np.minimum(shape.window, context)
    inside = pairs_seen(context, window) - pairs_seen(shape.prefix, window)
    whole = shape.queries * (shape.prefix + (shape.queries + 1.0) / 2.0)
    pairs = inside + c.beyond * (whole - inside)
    tiles = tile_count(shape, c.loose)
    pair = pair_time(silicon, shape.head_size, c, slowdown(silicon, c.core_power))
    alone = pair_time(silicon, shape.head_size, c, 1.0)
    work = tiles * ROWS / shape.queries * pairs * pair
    last = np.minimum(context, window + ROWS + c.beyond * context)
    key = c.longest * (1.0 + shape.head_size / USUAL_WIDTH) / silicon.clock
    longest = last * (ROWS * alone * silicon.cores * key) ** 0.5
    starts = (c.start + c.tile * tiles / silicon.cores) / silicon.clock
    return work + longest + starts + prefill_traffic_time(silicon, shape, c)


@formula(cite="flash_attention_2")
def attention_backward_time(forward: Second) -> Second:
    """Backward pass on top of its forward pass: by arithmetic, at the forward pass's efficiency."""
    return BACKWARD_FLOP * forward


def prefill_coordinates(shape: AttentionPrefillShape) -> tuple[Num, ...]:
    """Where a shape lies in the table of corrections, in log2."""
    return (
        np.log2(shape.queries),
        np.log2(shape.batch * shape.heads),
        np.log2(shape.head_size),
        np.log2(shape.heads / shape.kv_heads),
        np.log2(shape.window),
    )
