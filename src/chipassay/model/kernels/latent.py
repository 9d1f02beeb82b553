"""Attention over a latent cache: one small vector a token serves every head.

Prefill spreads the latent out into a key and a value for each head, or attends to the latent itself
("absorbed": then keys and values are shared by all heads). Decode always attends to the latent. The
cache is not split among the ranks of a tensor-parallel group: `heads` are those of one rank, and
its cache is the whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas.residency import (
    cache_rate,
    cached_transfer_time,
    joined_time,
    longer_time,
    usable_cache,
)
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop, FlopRate, Num, Ratio, Second

TILE = 128.0
"""Query rows, and keys, of a prefill tile: computed whole, filled or not."""

KEY_TILE = 64.0
"""Keys of a decode tile: computed whole, filled or not."""

WRITTEN_AND_READ = 0.5
"""What one kernel hands to the next passes the cache twice."""

SPLIT_KEYS = 16.0 * KEY_TILE
"""Keys of a sequence around which decode kernels begin to split them over cores."""


class LatentPrefillShape(NamedTuple):
    """One call over the prompts of a batch."""

    batch: Count
    new: Count
    """Prompt tokens of one sequence."""
    past: Count
    """Tokens of it that were cached before."""
    heads: Count
    """Query heads of this rank."""
    shared: Count
    """Key heads: as many as query heads, or one where the latent itself is attended to."""
    key_width: Count
    value_width: Count
    value_bytes: Byte
    """Bytes of one number of queries, spread-out keys and results."""


class LatentPrefillConstants(NamedTuple):
    """What a stack makes of prefill over a latent cache."""

    host: Second
    """What the host needs to issue a call; a longer call hides it."""
    floor: Count
    """Clocks of launching a call's kernels, of filling and draining the chip: added to the rest."""
    multiply: Ratio
    """Share of the matrix rate that both products reach."""
    exponent: Ratio
    """Special-function rate that softmax seems to get: over 1 where products hide it."""
    tail: Ratio
    """How much slower than its share of the chip one core works off the longest tile."""
    start: Second
    """What a core takes to start and end a tile: latencies, which newer clocks do not shorten."""
    passes: Ratio
    """Times the tensors travel: the kernel's own, rotation, conversion; over bandwidth's share."""
    token: Count
    """Numbers that each token adds, whatever the heads: the latent, its rotation, its copies."""
    resident: Ratio
    """Share of the last-level cache that this traffic can count on."""
    heat: Ratio
    """How much slower products get where they last so long that the power limit sets the clock."""
    warming: Second
    """How long that takes."""


class LatentDecodeShape(NamedTuple):
    """One step of a batch."""

    batch: Count
    keys: Count
    """Cached tokens that each sequence attends to."""
    heads: Count
    """Query heads of this rank."""
    key_width: Count
    value_width: Count
    """Width of a result before the up-projection: the latent's rank."""
    cached_bytes: Byte
    """Bytes of one cached number."""
    value_bytes: Byte
    """Bytes of one number of queries and results."""


class LatentDecodeConstants(NamedTuple):
    """What a stack makes of decode over a latent cache."""

    host: Second
    """What the host needs to issue a call; a longer call hides it."""
    floor: Count
    """Clocks of launching a call's kernels and of each core's first tile: added to the rest."""
    join: Second
    """Joining the parts that a long sequence's keys are split into."""
    multiply: Ratio
    """Share of the matrix rate that padded tiles of heads reach."""
    tile: Count
    """Rows that a tile pads the heads of a sequence to."""
    share: Ratio
    """Share of the published bandwidth that reading the cache gets, conversion included."""
    alone: Ratio
    """How much longer the chain is for one head, which leaves matrix units nothing to share."""
    chain: Count
    """Clocks for each cached token where a sequence's keys cannot be split further."""
    start: Count
    """Clocks of a core to start and end a tile of heads, after its first."""
    passes: Ratio
    """Times queries and results travel, at the published bandwidth: rotation, parts, joining."""
    resident: Ratio
    """Share of the last-level cache that stays between two steps of a benchmark."""


@formula(cite="arithmetic")
def padded(count: Count, tile: Ratio) -> Count:
    """Up to whole tiles."""
    return np.ceil(count / tile) * tile


@formula(cite="deepseek_v2_paper")
def visible_pairs(batch: Count, heads: Count, new: Count, past: Count) -> Count:
    """Pairs of a query and a key that causal tiles compute, those on the diagonal whole."""
    return batch * heads * new * (past + 0.5 * new + 0.5 * np.minimum(new, TILE))


@formula(cite="deepseek_v2_paper")
def pair_work(pairs: Count, key_width: Count, value_width: Count) -> Flop:
    """Score and weighted value of each pair."""
    return 2.0 * pairs * (key_width + value_width)


@formula(cite="deepseek_v2_paper")
def softmax_work(pairs: Count) -> Flop:
    """One exponential for each pair."""
    return 1.0 * pairs


@formula(cite="williams_2009")
def pairs_time(
    pairs: Count, key_width: Count, value_width: Count, rate: FlopRate, special: FlopRate
) -> Second:
    """Products of pairs, then what their softmax takes beyond."""
    return pair_work(pairs, key_width, value_width) / rate + softmax_work(pairs) / special


@formula(cite="deepseek_v2_paper")
def prompt_tensors(shape: LatentPrefillShape, token: Count) -> Byte:
    """Queries and results of every head, keys and values of every key head, and the latent."""
    rows = shape.new * shape.heads + (shape.new + shape.past) * shape.shared
    numbers = rows * (shape.key_width + shape.value_width) + shape.new * token
    return shape.value_bytes * shape.batch * numbers


@formula(cite="arithmetic")
def heated_time(time: Second, heat: Ratio, warming: Second) -> Second:
    """Time of arithmetic that first runs at the boost clock and later at what power allows."""
    return time * (1.0 + heat * time / (time + warming))


@formula(cite="deepseek_v2_paper")
def latent_prefill_time(
    silicon: Silicon, shape: LatentPrefillShape, constants: LatentPrefillConstants
) -> Second:
    """Products, the softmax they do not hide, the longest tile, and the tensors' travels."""
    matrix, _, special, memory, cache, cores, clock, _, _ = silicon
    b, s, p, h, g, k, v, _ = shape
    host, floor, multiply, exponent, tail, start, passes, token, resident, heat, warming = constants
    rate, rest = matrix * multiply, special * exponent
    even = heated_time(pairs_time(visible_pairs(b, h, s, p), k, v, rate, rest), heat, warming)
    longest = pairs_time(tail * TILE * (p + padded(s, TILE)) * cores, k, v, rate, rest)
    starts = b * g * np.ceil(s * h / (g * TILE)) / cores * start
    size = passes * prompt_tensors(shape, token)
    inner = WRITTEN_AND_READ * cache_rate(cores, clock)
    travel = cached_transfer_time(size, usable_cache(cache, resident), memory, inner)
    return longer_time(
        host, floor / clock + longer_time(even, longest) + joined_time(starts, travel)
    )


@formula(cite="deepseek_v2_paper")
def cache_read(shape: LatentDecodeShape) -> Byte:
    """Every sequence's latent cache, once for all heads of the rank."""
    return shape.batch * shape.keys * shape.key_width * shape.cached_bytes


@formula(cite="deepseek_v2_paper")
def step_rows(shape: LatentDecodeShape) -> Byte:
    """Queries and results of a step, once."""
    width = shape.key_width + shape.value_width
    return shape.batch * shape.heads * width * shape.value_bytes


@formula(cite="arithmetic")
def beyond(first: Second, all_: Second) -> Second:
    """What later waves of tiles add to the first, softly."""
    return joined_time(first, all_) - first


@formula(cite="deepseek_v2_paper")
def latent_decode_time(
    silicon: Silicon, shape: LatentDecodeShape, constants: LatentDecodeConstants
) -> Second:
    """Traffic against products over padded heads; starts of tiles, and sequences left unsplit."""
    matrix, _, _, memory, cache, cores, clock, _, _ = silicon
    b, n, h, k, v, _, _ = shape
    host, floor, join, multiply, tile, share, alone, chain, start, passes, resident = constants
    heads, keys = np.maximum(h, tile), padded(n, KEY_TILE)
    compute = pair_work(b * heads * keys, k, v) / (matrix * multiply)
    usable = usable_cache(cache, resident)
    rate = memory * share
    read = cached_transfer_time(cache_read(shape), usable, rate, cache_rate(cores, clock))
    single = np.where(h < 2.0, alone, 1.0) * keys * chain / clock
    unsplit = longer_time(single, longer_time(compute, read))
    rows = b * heads / tile / cores * start / clock + passes * step_rows(shape) / memory
    work = joined_time(unsplit, beyond(floor / clock, rows)) + join * n / (n + SPLIT_KEYS)
    return longer_time(host, floor / clock + work)


def prefill_coordinates(shape: LatentPrefillShape) -> tuple[Num, ...]:
    """Where a prefill stands in a table of corrections: heads, batch, prompt."""
    return np.log2(shape.heads), np.log2(shape.batch), np.log2(shape.new)


def decode_coordinates(shape: LatentDecodeShape) -> tuple[Num, ...]:
    """Where a decode stands in a table of corrections: heads, batch, keys."""
    return np.log2(shape.heads), np.log2(shape.batch), np.log2(shape.keys)
