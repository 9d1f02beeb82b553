"""A dense matrix product: tiles dealt to cores in waves, against memory, under a power limit.

An m x k activation times a k x n weight. The library is taken to choose the best of a few tile
shapes; where tiles are fewer than cores, k is split until every core has work. What a wave cannot
hide is a fill in clock cycles; what a large product cannot have is the boost clock.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import (
    Byte,
    Count,
    Flop,
    FlopRate,
    Hertz,
    JoulePerFlop,
    Num,
    Ratio,
    Second,
    Watt,
    factor,
)

TILES = ((32, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 128))
"""Tile shapes on offer, rows by columns; constants give each size its share of the rate."""
MOST_SPLITS = 16.0
LEAST_SPLIT_DEPTH = 128.0
"""A split of k is at least this deep: a shorter one would not fill a core's pipeline."""
PARTIAL_BYTES = 8.0
"""A partial sum is written and read in 32 bits."""
SIXTEEN_BITS = 2.0
"""Bytes of an activation before it is quantised."""
NOMINAL_CLOCK = factor("GHz")
"""The clock at which `GemmConstants.energy` is stated."""


class GemmShape(NamedTuple):
    """One product, m x k by k x n."""

    m: Count
    n: Count
    k: Count
    input_bytes: Byte
    """Bytes of one activation as the product reads it."""
    weight_bytes: Byte
    output_bytes: Byte
    quantised: Ratio
    """1 where activations arrive in 16 bits and are quantised first, else 0."""
    copies: Count
    """How many weights take turns before one is used again: 1 keeps it in the cache; many, cold."""
    eager: Ratio
    """1 where the host launches each kernel by itself and is waited for; 0 in a captured graph."""


class GemmConstants(NamedTuple):
    """What the data says about tiles, caches, floors and power. All are positive."""

    tile_32: Ratio
    """Share of a core's matrix rate that a 32 x 64 tile reaches."""
    tile_64: Ratio
    tile_64_128: Ratio
    tile_128: Ratio
    tile_256: Ratio
    cache_rate: Byte
    """Bytes a core draws from the last-level cache in a clock."""
    fill: Count
    """Clocks of a wave outside its main loop: filling the pipeline, storing the tile."""
    split: Count
    """Clocks to add up partial sums where k is split."""
    tail: Ratio
    """Share of the last, partly filled wave that is paid for (0 where tiles stream evenly)."""
    memory: Ratio
    """Share of the published memory bandwidth that a long stream reaches."""
    ramp: Second
    """Time scale over which a stream reaches it: a transfer of t takes t + sqrt(t * ramp)."""
    latency: Count
    """Clocks before the first byte of memory arrives."""
    launch: Count
    """Clocks to start and end a kernel."""
    exposed: Ratio
    """Share of the shorter of arithmetic and memory that shows where both are equally long."""
    energy: JoulePerFlop
    """Joules of one FLOP at 1 GHz; the clock falls where all of them exceed the power limit."""
    prepare: Second
    """Starting the kernel that quantises activations."""
    row: Count
    """Clocks that one activation of a row takes to be quantised by the threads of that row."""
    operations: Flop
    """Vector operations spent on quantising one activation."""
    host: Second
    """The host's time to launch one product outside a captured graph."""


@formula(cite="arithmetic")
def sustained_rate(rate: FlopRate, clock: Hertz, power: Watt, energy: JoulePerFlop) -> FlopRate:
    """Arithmetic rate at the clock that the power limit allows.

    Energy of an operation goes with the square of the voltage, which goes with the clock; so the
    power of a full chip goes with the cube, and a limit it exceeds x-fold costs x to the third.
    """
    excess = rate * energy * (clock / NOMINAL_CLOCK) ** 2 / power
    return rate * (1.0 + excess ** (4.0 / 3.0)) ** -0.25


@formula(cite="arithmetic")
def split_count(tiles: Count, cores: Count, k: Count) -> Count:
    """Into how many parts k is cut, so that idle cores have work."""
    wanted = np.minimum(cores / tiles, k / LEAST_SPLIT_DEPTH)
    return np.maximum(np.minimum(wanted, MOST_SPLITS), 1.0)


@formula(cite="arithmetic")
def step_flop(rows: Count, columns: Count) -> Flop:
    """Arithmetic of a tile for each step along k."""
    return 2.0 * rows * columns


@formula(cite="arithmetic")
def partial_size(count: Count) -> Byte:
    """Partial sums, written once and read once."""
    return count * PARTIAL_BYTES


@formula(cite="arithmetic")
def quantising_size(count: Count, input_bytes: Byte) -> Byte:
    """Activations, read in 16 bits and written as the product reads them."""
    return count * (SIXTEEN_BITS + input_bytes)


@formula(cite="arithmetic")
def gemm_time(silicon: Silicon, shape: GemmShape, constants: GemmConstants) -> Second:
    """Seconds of one product: the best tiling, joined with memory traffic, above its floors."""
    arithmetic = tiled_time(silicon, shape, constants)
    memory = operand_time(silicon, shape, constants)
    kernel = overlapped(arithmetic, memory, constants.exposed)
    kernel = kernel + constants.launch / silicon.clock
    kernel = kernel + shape.quantised * quantising_time(silicon, shape, constants)
    return _waited(kernel, shape.eager * constants.host)


@formula(cite="arithmetic")
def tiled_time(silicon: Silicon, shape: GemmShape, constants: GemmConstants) -> Second:
    """Arithmetic of the best tile shape."""
    rate = sustained_rate(silicon.matrix, silicon.clock, silicon.power, constants.energy)
    c = constants
    shares = (c.tile_32, c.tile_64, c.tile_64_128, c.tile_128, c.tile_256, c.tile_256)
    best = candidate_time(silicon, shape, c, rate, TILES[0][0], TILES[0][1], shares[0])
    for i in range(1, len(TILES)):
        rows, columns = TILES[i]
        time = candidate_time(silicon, shape, c, rate, rows, columns, shares[i])
        best = np.minimum(best, time)
    return best


@formula(cite="arithmetic")
def fed_share(silicon: Silicon, share: Ratio) -> Ratio:
    """Share of the matrix rate that a tile reaches where the matrix units are slower.

    A small tile is held back by what feeds it, so many operands a clock: a core of the same design
    with slower matrix units is fed as fast, and reaches more of what it has.
    """
    slower = np.maximum(silicon.fed * silicon.clock * silicon.cores / silicon.matrix, 1.0)
    return np.minimum(share * slower, np.maximum(share, 1.0))


@formula(cite="arithmetic")
def candidate_time(
    silicon: Silicon,
    shape: GemmShape,
    constants: GemmConstants,
    rate: FlopRate,
    rows: Count,
    columns: Count,
    share: Ratio,
) -> Second:
    """Arithmetic with one tile shape: whole depth, or split so that every core has work."""
    tiles = np.ceil(shape.m / rows) * np.ceil(shape.n / columns)
    core = rate * fed_share(silicon, share) / silicon.cores
    compute = step_flop(rows, columns) / core
    fetched = rows * shape.input_bytes + columns * shape.weight_bytes
    step = np.maximum(compute, fetched / (constants.cache_rate * silicon.clock))
    fill = constants.fill / silicon.clock
    exact = tiles / silicon.cores
    waves = np.maximum(exact + constants.tail * (np.ceil(exact) - exact), 1.0)
    whole = waves * (shape.k * step + fill)
    splits = split_count(tiles, silicon.cores, shape.k)
    partial = partial_size(splits * shape.m * shape.n)
    again = constants.split + partial / (constants.cache_rate * silicon.cores)
    parted = waves * (shape.k / splits * step + fill) + again / silicon.clock
    return np.minimum(whole, parted)


@formula(cite="arithmetic")
def operand_time(silicon: Silicon, shape: GemmShape, constants: GemmConstants) -> Second:
    """Operands from memory, or from the cache where the weights that take turns fit in it."""
    weight = shape.n * shape.k * shape.weight_bytes
    rest = shape.m * (shape.k * shape.input_bytes + shape.n * shape.output_bytes)
    full = (shape.copies * weight + rest) / silicon.cache
    cube = full * full * full
    cached = 1.0 / (1.0 + cube * cube)
    stream = (weight + rest) / (constants.memory * silicon.memory)
    near = (weight + rest) / (constants.cache_rate * silicon.clock * silicon.cores)
    time = (1.0 - cached) * (stream + (stream * constants.ramp) ** 0.5) + cached * near
    return time + constants.latency / silicon.clock


@formula(cite="arithmetic")
def quantising_time(silicon: Silicon, shape: GemmShape, constants: GemmConstants) -> Second:
    """The kernel before the product: activations read in 16 bits, written as the product reads.

    One block of threads walks along each row of k, so a single row already takes its time.
    """
    count = shape.m * shape.k
    row = constants.row * shape.k / silicon.clock
    work = count * constants.operations / silicon.vector
    size = quantising_size(count, shape.input_bytes)
    return constants.prepare + row + work + size / (constants.memory * silicon.memory)


@formula(cite="arithmetic")
def overlapped(one: Second, other: Second, exposed: Ratio) -> Second:
    """Two things that mostly run beside each other: their sum at `exposed` 1, the longer at 0."""
    apart = one - other
    return 0.5 * (one + other + (apart * apart + 4.0 * exposed * exposed * one * other) ** 0.5)


@formula(cite="arithmetic")
def _waited(kernel: Second, host: Second) -> Second:
    """A kernel whose host may be later than the chip."""
    return np.maximum(kernel, host)


def coordinates(shape: GemmShape) -> tuple[Num, ...]:
    """Where a shape lies in the table of corrections: log2 of m, n and k."""
    return np.log2(shape.m), np.log2(shape.n), np.log2(shape.k)
