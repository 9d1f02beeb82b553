"""Attention of one new token for each sequence: the cache of keys and values read once.

A core takes a pair of a sequence and a key head, or a piece of a long one, and streams its keys and
values through; the queries that share them ride along. Reading and the handling of these pairs
overlap in part. Where a group has more heads than a kernel packs, every head reads for itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop, FlopRate, Num, Ratio, Second

LEAST_ROWS = 16.0
"""Query rows of the smallest matrix instruction: a smaller group fills it up with nothing."""

STEADY = 0.5
"""Share of the matrix rate that products of so few rows reach."""

USUAL_WIDTH = 128.0
"""The head size at which the walk along the keys is stated."""

FITS = 0.75
"""Share of the last-level cache up to which a cache of keys and values is found there again."""

FADES = 0.6
"""Share of it over which that fades to nothing."""


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
    cached: Ratio
    """Time of a byte from the last-level cache, as a share of a byte from memory."""
    unit: Count
    """Clocks of a core for each pair of a sequence and a key head."""
    loose: Ratio
    """What one more query head of a group adds to that, as a share of a pair."""
    launch: Second
    """Floor of the call: launching its kernels, combining pieces."""
    start: Count
    """Clocks of that floor which a faster clock shortens."""
    key: Count
    """Clocks by which a key lengthens the walk of the core that is last."""
    exposed: Ratio
    """Share of the shorter of reading and handling that the longer does not hide."""
    light: Ratio
    """Handling of a head that reads by itself, as a share of a pair's."""
    step: Count
    """Clocks by which a key lengthens the walk, more, where heads read by themselves, unsplit."""
    packed: Count
    """The most heads of a group that read keys and values together."""
    modern: FlopRate
    """Matrix rate of a core from which kernels pack groups and split sequences always. Below it:"""
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
def apart(
    silicon: Silicon, shape: AttentionDecodeShape, constants: AttentionDecodeConstants
) -> Ratio:
    """1 where every head reads keys and values for itself, 0 where a group reads them together."""
    c = constants
    group = shape.heads / shape.kv_heads
    old = silicon.matrix / silicon.cores < c.modern
    plain = (group < c.least) | (shape.window < c.narrow)
    return 1.0 * ((group > c.packed) | (old & plain))


@formula(cite="flash_decoding")
def reading_time(
    silicon: Silicon,
    shape: AttentionDecodeShape,
    constants: AttentionDecodeConstants,
    seen: Count,
    again: Count,
) -> Second:
    """Keys and values, each from memory once, and from the cache for the heads that read again."""
    size = 2.0 * shape.cache_bytes_per_value * shape.batch * shape.kv_heads * shape.head_size * seen
    over = (size / silicon.cache - FITS) / FADES
    spilled = np.minimum(np.maximum(over, 0.0), 1.0)
    share = spilled + constants.cached * (again - spilled)
    return size / (constants.stream * silicon.memory) * share


@formula(cite="flash_decoding")
def attention_decode_time(
    silicon: Silicon, shape: AttentionDecodeShape, constants: AttentionDecodeConstants
) -> Second:
    """Seconds of one step's attention over the cache of every sequence of a batch."""
    c = constants
    seen = np.minimum(shape.context, shape.window)
    alone = apart(silicon, shape, c)
    more = shape.heads - shape.kv_heads
    again = 1.0 + alone * more / shape.kv_heads
    reading = reading_time(silicon, shape, c, seen, again)
    arithmetic = decode_flop(shape, seen) / (STEADY * silicon.matrix)
    stream = np.maximum(reading, arithmetic)
    together = shape.kv_heads + c.loose * more
    units = shape.batch * (together + alone * (c.light * shape.heads - together))
    handling = c.unit * units / silicon.cores / silicon.clock
    both = np.maximum(stream, handling) + c.exposed * np.minimum(stream, handling)
    key = c.key + alone * c.step
    walk = key * seen * (1.0 + shape.head_size / USUAL_WIDTH)
    return c.launch + both + (c.start + walk) / silicon.clock


def decode_coordinates(shape: AttentionDecodeShape) -> tuple[Num, ...]:
    """Where a shape lies in the table of corrections, in log2."""
    return (
        np.log2(np.minimum(shape.context, shape.window)),
        np.log2(shape.batch * shape.kv_heads),
        np.log2(shape.heads / shape.kv_heads),
        np.log2(shape.head_size),
        np.log2(shape.window),
    )
