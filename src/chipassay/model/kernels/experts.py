"""A layer of experts on one rank: grouped products in, an activation between, and out again.

One call takes the rows that the router sent to this rank's experts. Few rows an expert, and it is
reading weights: every touched expert's, once, unless they are still in the cache. Many, and it is
arithmetic, less efficient where tiles are filled in part. Kernels that sort, quantise, activate and
add up go over tokens and rows besides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas.residency import cache_rate, joined_time
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Flop, Ratio, Second

CACHE_SHARE = 1.05
"""Weights that come round again stay cached up to this share of the cache: the cliff measured."""
TILE_COLUMNS = 128.0
"""Columns of a weight that one core works on at a time."""


class ExpertsShape(NamedTuple):
    """What one rank does in one call. Rows and experts: see `formulas.routing`."""

    tokens: Count
    """Tokens whose activations the call is given."""
    pairs: Count
    """Choices of these tokens, of experts here or elsewhere: tokens times experts a token."""
    rows: Count
    """Choices of experts on this rank: rows of the grouped products."""
    touched: Count
    """Experts here with at least one row."""
    cycled: Count
    """Experts whose weights take turns before the same are read again; with a model's other layers
    between two calls, more than any cache holds."""
    held: Count
    """Experts on this rank."""
    hidden: Count
    intermediate: Count
    """Columns between the products, on this rank."""
    matrices: Count
    """3 for gated experts (gate, up, down), 2 for plain ones."""
    weight_bytes: Byte
    """Bytes of a weight, scales included."""
    activation_bytes: Byte
    """Bytes of an activation as the products read it."""
    outer_bytes: Byte
    """Bytes of an activation outside the products: 2."""


class ExpertsConstants(NamedTuple):
    """What a library's kernels make of a chip. All are positive."""

    launch: Second
    """Starting the kernels of a layer, one after another."""
    depth: Count
    """Clocks for each step of the products' depth that nothing hides: a tile's latency."""
    share: Ratio
    """Share of the matrix rate that full tiles reach at most."""
    issue: Flop
    """FLOP of a core in a clock that operands as wide as outside can be fed to, at most."""
    reuse: Flop
    """FLOP done with each value that comes from memory while tiles are full."""
    tile: Count
    """Rows to which an expert's rows are filled up."""
    stream: Ratio
    """Share of the published bandwidth that weights stream at."""
    draw: Byte
    """Bytes of weights that a core takes in a clock."""
    exposed: Ratio
    """Part of the shorter of arithmetic and reading that the longer does not hide (at most 1)."""
    pair_passes: Ratio
    """Times that all pairs' activations go through memory, wanted here or not."""
    row_passes: Ratio
    """Times that the rows' activations go through memory besides."""
    token_passes: Ratio
    """Times that the tokens' activations go through memory besides."""


@formula(cite="arithmetic")
def expert_weights(shape: ExpertsShape) -> Count:
    """Values of one expert's weights on this rank."""
    return shape.matrices * shape.hidden * shape.intermediate


@formula(cite="arithmetic")
def filled_rows(rows: Count, touched: Count, tile: Count) -> Count:
    """Rows that tiles compute: nearly a tile more for each expert with many, twice for one row."""
    most = tile * touched
    return rows + rows * most / (rows + most)


@formula(cite="arithmetic")
def products_work(weights: Count, rows: Count) -> Flop:
    """FLOP of rows through their expert's weights, forward."""
    return 2.0 * weights * rows


@formula(cite="williams_2009")
def arithmetic_time(
    silicon: Silicon, shape: ExpertsShape, weights: Count, constants: ExpertsConstants
) -> Second:
    """Grouped products at what is left of the matrix rate when feeding it takes its time too."""
    c, core = constants, silicon.cores * silicon.clock
    work = products_work(weights, filled_rows(shape.rows, shape.touched, c.tile))
    fed = shape.activation_bytes / shape.outer_bytes / (c.issue * core)
    feeding = fed + shape.activation_bytes / (c.reuse * silicon.memory)
    return work * (1.0 / (c.share * silicon.matrix) + feeding)


@formula(cite="arithmetic")
def weights_missed(cycled: Byte, cache: Byte) -> Ratio:
    """Share of weights read from memory: none while all that take turns fit the cache.

    Caches that drop what was used longest ago fall off a cliff at their size.
    """
    over = cycled / (CACHE_SHARE * cache)
    square = over * over
    fourth = square * square
    eighth = fourth * fourth
    return eighth / (1.0 + eighth)


@formula(cite="arithmetic")
def drawing_time(silicon: Silicon, shape: ExpertsShape, draw: Byte) -> Second:
    """Cores taking the weights of their tiles: in waves, or one tile's depth if tiles are few."""
    a_wave = TILE_COLUMNS * silicon.cores / shape.touched
    first = (shape.matrices - 1.0) * shape.intermediate / a_wave
    second = shape.hidden / a_wave
    deep = shape.hidden * np.sqrt(1.0 + first * first)
    wide = shape.intermediate * np.sqrt(1.0 + second * second)
    return shape.weight_bytes * TILE_COLUMNS * (deep + wide) / (draw * silicon.clock)


@formula(cite="williams_2009")
def reading_time(
    silicon: Silicon, shape: ExpertsShape, weights: Count, constants: ExpertsConstants
) -> Second:
    """Weights of the touched experts out of memory, and into the cores."""
    size = weights * shape.weight_bytes
    missed = weights_missed(size * shape.cycled, silicon.cache)
    memory = size * shape.touched * missed / (constants.stream * silicon.memory)
    return joined_time(memory, drawing_time(silicon, shape, constants.draw))


@formula(cite="arithmetic")
def passing_time(size: Byte, memory: ByteRate, inner: ByteRate) -> Second:
    """Elementwise kernels: traffic with memory, and then through the cores."""
    return size / memory + size / inner


@formula(cite="arithmetic")
def passed_bytes(shape: ExpertsShape, constants: ExpertsConstants) -> Byte:
    """Activations that elementwise kernels move: of pairs, of rows and of tokens."""
    width = shape.hidden + 2.0 * shape.intermediate
    rows = constants.pair_passes * shape.pairs + constants.row_passes * shape.rows
    values = width * rows + constants.token_passes * shape.tokens * shape.hidden
    return shape.outer_bytes * values


@formula(cite="arithmetic")
def partly_hidden(one: Second, other: Second, exposed: Ratio) -> Second:
    """The longer of two, and of the shorter the exposed part."""
    return one + other - (1.0 - np.minimum(exposed, 1.0)) * np.minimum(one, other)


@formula(cite="arithmetic")
def experts_time(silicon: Silicon, shape: ExpertsShape, constants: ExpertsConstants) -> Second:
    """Seconds of one layer of experts on one rank, forward."""
    weights = expert_weights(shape)
    arithmetic = arithmetic_time(silicon, shape, weights, constants)
    reading = reading_time(silicon, shape, weights, constants)
    inner = cache_rate(silicon.cores, silicon.clock)
    passing = passing_time(passed_bytes(shape, constants), silicon.memory, inner)
    tile = constants.depth * (shape.hidden + shape.intermediate) / silicon.clock
    products = partly_hidden(arithmetic, reading, constants.exposed)
    return constants.launch + tile + products + passing


@formula(cite="arithmetic")
def experts_backward_time(
    silicon: Silicon, shape: ExpertsShape, constants: ExpertsConstants, gradient_bytes: Byte
) -> Second:
    """Seconds of the layer's backward: the gradient of its input, and of its weights.

    Each has the forward's FLOP. The first reads the weights again; the second moves
    `gradient_bytes` for each touched weight instead (8 to add to one in 32 bits).
    """
    weights = expert_weights(shape)
    arithmetic = arithmetic_time(silicon, shape, weights, constants)
    reading = reading_time(silicon, shape, weights, constants)
    moved = weights * shape.touched * gradient_bytes / (constants.stream * silicon.memory)
    exposed = constants.exposed
    products = partly_hidden(arithmetic, reading, exposed) + partly_hidden(
        arithmetic, moved, exposed
    )
    inner = cache_rate(silicon.cores, silicon.clock)
    passing = passing_time(passed_bytes(shape, constants), silicon.memory, inner)
    tile = constants.depth * (shape.hidden + shape.intermediate) / silicon.clock
    return 2.0 * (constants.launch + tile + passing) + products


def coordinates(shape: ExpertsShape) -> tuple[Count, Count, Count, Count]:
    """Where a shape stands in a table of corrections: tokens, experts held, both widths; log2."""
    return (
        np.log2(shape.tokens),
        np.log2(shape.held),
        np.log2(shape.intermediate),
        np.log2(shape.hidden),
    )
