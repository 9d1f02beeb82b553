"""Attention of one new token for each sequence: the cache of keys and values read once.

A core takes a pair of a sequence and a key head, or a piece of a long one, and streams its keys and
values through; the queries that share them ride along. Reading and the handling of these pairs
overlap in part. Where a group has more heads than a kernel packs, every head reads for itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop, FlopRate, Num, Ratio, Second

LEAST_ROWS = 16.0
"""Query rows of the smallest matrix instruction: a smaller group fills it up with nothing."""

STEADY = 0.5
"""Share of the matrix rate that products of so few rows reach."""

UNIT_ROWS, UNIT_KEYS, UNIT_WIDTH = 64.0, 128.0, 128.0
"""The smallest tile of a kernel: what a core computes for a pair, however little is in it."""

FITS = 0.75
"""Share of the last-level cache up to which a cache of keys and values is found there again."""

FADES = 0.6
"""Share of it over which that fades to nothing."""

CACHED = 0.3
"""Time of a byte from the last-level cache, as a share of a byte from memory."""

TAIL = 1.0
"""Pairs' worth of reading that is left when the other cores are done."""


class AttentionDecodeShape(NamedTuple):
    """One step of the sequences of a batch, on one rank."""

    batch: Count
    context: Count
    """Tokens that the new one sees, itself among them."""
    heads: Count
    kv_heads: Count
    head_size: Count
    window: Count
    """Keys that a query may see, infinite where the layer states no window."""
    cache_bytes_per_value: Byte


class AttentionDecodeConstants(NamedTuple):
    """What a stack makes of decode attention. All are positive."""

    stream: Ratio
    """Share of the published bandwidth that a long stream reaches."""
    unit: Count
    """Clocks of a core for each pair of a sequence and a key head: latencies, start and end."""
    loose: Ratio
    """What one more query head of a group adds to that, as a share of a pair."""
    start: Count
    """Clocks of the call's floor: launching its kernels, combining pieces."""
    key: Count
    """Clocks for a key of a sequence that older cores' kernels do not cut well."""
    piece: Count
    """Keys of a sequence's first piece: a kernel cuts it into the square root of so many."""
    most: Count
    """The most pieces of a core."""
    exposed: Ratio
    """Share of the shorter of reading and handling that the longer does not hide."""
    light: Ratio
    """Handling of a head that reads by itself, as a share of a pair's."""
    step: Count
    """Clocks for a key where heads read by themselves: such kernels do not split a sequence."""
    lone: Count
    """Numbers that a core takes in a clock where heads read by themselves."""
    packed: Count
    """The most heads of a group that read keys and values together."""
    modern: FlopRate
    """Matrix rate of a core from which kernels pack all groups and cut all sequences. Below it:"""
    least: Count
    """the smallest group that is packed,"""
    narrow: Count
    """and the window below which none is."""


@formula(cite="flash_decoding")
def decode_flop(shape: AttentionDecodeShape, seen: Count) -> Flop:
    """Arithmetic of a step, rows that fill up the smallest instruction included."""
    rows = shape.heads + LEAST_ROWS * shape.kv_heads
    return 4.0 * shape.batch * rows * shape.head_size * seen


@formula(cite="flash_decoding")
def tile_flop() -> Flop:
    """Arithmetic of the smallest tile."""
    return 4.0 * UNIT_ROWS * UNIT_KEYS * UNIT_WIDTH


@formula(cite="flash_decoding")
def older(silicon: Silicon, modern: FlopRate) -> Ratio:
    """1 where a core's matrix rate says that it is of an older kind, else 0."""
    caught: Any = silicon.matrix / silicon.cores < modern
    old: Num = 1.0 * caught
    return old


@formula(cite="flash_decoding")
def apart(shape: AttentionDecodeShape, constants: AttentionDecodeConstants, old: Ratio) -> Ratio:
    """1 where every head reads keys and values for itself, 0 where a group reads them together."""
    c = constants
    group = shape.heads / shape.kv_heads
    plain = (group < c.least) | (shape.window < c.narrow)
    caught: Any = (group > c.packed) | ((old > 0.0) & plain)
    alone: Num = 1.0 * caught
    return alone


@formula(cite="flash_decoding")
def unit_time(silicon: Silicon, clocks: Count) -> Second:
    """A core's time for a pair of a sequence and a key head, beside its reading.

    The geometric mean of latencies, in clocks, and of a tile's arithmetic: newer cores bring both
    down, but chips differ less in either than in the other.
    """
    latency = clocks / silicon.clock
    arithmetic = tile_flop() / (silicon.matrix / silicon.cores)
    return (latency * arithmetic) ** 0.5


@formula(cite="flash_decoding")
def reading_time(silicon: Silicon, size: Byte, stream: Ratio) -> Second:
    """Keys and values, from memory as far as the cache does not hold them from step to step."""
    spilled: Num = np.minimum(np.maximum((size / silicon.cache - FITS) / FADES, 0.0), 1.0)
    return size / (stream * silicon.memory) * (CACHED + (1.0 - CACHED) * spilled)


@formula(cite="flash_decoding")
def attention_decode_time(
    silicon: Silicon, shape: AttentionDecodeShape, constants: AttentionDecodeConstants
) -> Second:
    """Seconds of one step's attention over the cache of every sequence of a batch."""
    c = constants
    seen = np.minimum(shape.context, shape.window)
    old = older(silicon, c.modern)
    alone = apart(shape, c, old)
    row = 2.0 * shape.head_size * seen
    pair = row * shape.cache_bytes_per_value
    reading = reading_time(silicon, pair * shape.batch * shape.kv_heads, c.stream)
    arithmetic = decode_flop(shape, seen) / (STEADY * silicon.matrix)
    again = alone * row * shape.batch * shape.heads / (c.lone * silicon.cores) / silicon.clock
    stream = np.maximum(np.maximum(reading, arithmetic), again)
    whole = shape.batch * (shape.kv_heads + c.loose * (shape.heads - shape.kv_heads))
    cut = np.minimum(whole * np.sqrt(shape.context / c.piece), c.most * silicon.cores)
    together = np.maximum(whole, cut)
    each = np.maximum(c.light * shape.batch * shape.heads, together)
    units = together + alone * (each - together)
    handling = unit_time(silicon, c.unit) * units / silicon.cores
    both = np.maximum(stream, handling) + c.exposed * np.minimum(stream, handling)
    walk = (old * c.key + alone * c.step) * seen * (1.0 + shape.head_size / UNIT_WIDTH)
    return both + TAIL * pair / silicon.memory + (c.start + walk) / silicon.clock


def decode_coordinates(shape: AttentionDecodeShape) -> tuple[Num, ...]:
    """Where a shape lies in the table of corrections, in log2."""
    return (
        np.log2(np.minimum(shape.context, shape.window)),
        np.log2(shape.batch * shape.kv_heads),
        np.log2(shape.heads / shape.kv_heads),
        np.log2(shape.head_size),
        np.log2(shape.window),
    )
