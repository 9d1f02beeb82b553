"""Collectives as libraries run them: steps, bytes over links, a ramp, and the faster algorithm.

A collective's time has three parts. Steps: a launch and hops, both in cycles of the core clock,
because they are instructions, fences and flags; a package whose memory spans a seam between dies
pays more for each. Bytes: what a ring or an exchange puts on each chip's links, at a share of
their rate, plus the chip's own part that is copied locally. A ramp between the two, their
geometric mean times a constant: chunks in flight and channels grow with the message.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Num, Ratio, Second


class CollectiveShape(NamedTuple):
    """One collective on one fabric. Make it with `fabric.collective`."""

    message: Byte
    """The whole buffer, as nccl-tests counts it: each rank holds or wants one n-th of it."""
    ranks: Count
    passes: Count
    """Times the buffer goes round: 2 in an all-reduce, 1 otherwise."""
    sums: Ratio
    """1 where values are added underway (all-reduce, reduce-scatter), else 0."""
    pairwise: Ratio
    """1 where each rank sends to each other rank (all-to-all), else 0."""
    rate: ByteRate
    """One way, what a chip's links to this group carry after packet headers."""
    bridge: ByteRate
    """A path that all but a pair of the group's traffic shares (a host bridge); inf: none."""
    in_network: Ratio
    """1 where the switch adds up this operation on this group, else 0."""
    latency: Second
    """What one hop takes beyond the cores' own cycles."""
    slow_host: Ratio
    """1 where the host's ports, and so the host, are of an older generation, else 0."""
    seam: Ratio
    """1 where a chip's memory lies on more than one die, else 0."""
    local: Ratio = 1.0
    """1 where each rank copies its own part too, 0 in a send from one rank to another."""


class CollectiveConstants(NamedTuple):
    """Fitted constants of a communication library."""

    launch: Count
    """Cycles before the first hop and after the last: launch, set-up, completion."""
    hop: Count
    """Cycles of one hop: store, fence, flag, and the peer's polling."""
    issue: Ratio
    """Hops that an exchange of pairs costs for each doubling of the group, and once more."""
    seam: Ratio
    """How much longer all cycles get where memory spans dies."""
    excess: Ratio
    """Time that a stream of chunks takes over what the links' rate says, as a share of it."""
    own: Ratio
    """The local copy of a rank's own part, as a share of the time the links take for as much."""
    bridge: Ratio
    """Share of a shared host path's rate that is reached."""
    ramp: Count
    """Cycles whose geometric mean with the streaming time is lost on filling chunks."""
    switch_launch: Count
    """Cycles of a reduction in the network: its set-up and its barrier at both ends."""
    feed: Byte
    """Bytes that the cores feed to such a reduction in a cycle."""


@formula(cite="nccl_rows")
def wire_time(shape: CollectiveShape, excess: Ratio, own: Ratio, bridge: Ratio) -> Second:
    """Streaming: the peers' parts over the links, the own part locally, all over a shared path."""
    peers = shape.ranks - 1
    links = (peers + own * shape.local) * (1 + excess) / shape.rate
    shared = peers * (shape.ranks - 2) / (bridge * shape.bridge)
    return shape.message * shape.passes / shape.ranks * (links + shared)


@formula(cite="graham_2016")
def switch_time(shape: CollectiveShape, cycle: Second, launch: Count, feed: Byte) -> Second:
    """All-reduce in the switch: 1 + 1/n of the message over the links, all of it fed by cores."""
    links = (1 + 1 / shape.ranks) * shape.message / shape.rate
    return launch * cycle + links + shape.message / feed * cycle


@formula(cite="arithmetic")
def sooner(one: Second, other: Second, offered: Ratio) -> Second:
    """The faster of two, smoothly; the other counts only where it is offered (1, else 0)."""
    ratio = one / other
    ratio = ratio * ratio
    ratio = ratio * ratio
    return one / (1 + offered * ratio * ratio) ** 0.125


@formula(cite="nccl_rows")
def collective_time(
    silicon: Silicon, shape: CollectiveShape, constants: CollectiveConstants
) -> Second:
    """All-reduce, all-gather, reduce-scatter or all-to-all by a library, launched from a stream."""
    c = constants
    beat = (1 + c.seam * shape.seam) / silicon.clock
    hop = c.hop * beat + shape.latency
    ring = shape.passes * (shape.ranks - 1)
    steps = ring + shape.pairwise * (c.issue * (1 + np.log2(shape.ranks)) - ring)
    wire = wire_time(shape, c.excess, c.own, c.bridge)
    over_links = c.launch * beat + hop * steps + wire + (c.ramp * beat * wire) ** 0.5
    in_switch = switch_time(shape, 1 / silicon.clock, c.switch_launch, c.feed)
    return sooner(over_links, in_switch, shape.in_network)


class DirectConstants(NamedTuple):
    """Fitted constants of a serving engine's own all-reduce, and of what it falls back on."""

    launch: Count
    """Cycles of a kernel in which every rank reads all peers' buffers: start, barrier, end."""
    second: Count
    """Cycles that a second phase adds (each rank sums its part, then all read the parts)."""
    signal: Count
    """Hop latencies that a barrier costs for each peer on a slow fabric."""
    second_seam: Ratio
    """How much longer the second phase's barrier gets where memory spans dies."""
    excess: Ratio
    """Time that loads from peers take over what the links' rate says, as a share of it."""
    feed: Byte
    """Bytes in a cycle that the few blocks of such a kernel can load."""
    bridge: Ratio
    """Share of a shared host path's rate that loads through it reach."""
    host: Second
    """What the host takes for one call where kernels are launched one by one."""
    slow_host: Ratio
    """How much longer an older host takes."""
    copies: Count
    """Copies of the message through memory that a call outside a graph makes."""
    ring_launch: Count
    """Cycles of the library's ring, where messages are too large for the engine's own kernels."""
    hop: Count
    """Cycles of one of its hops."""
    ring_excess: Ratio
    """Time that its chunks take over what the links' rate says, as a share of it."""
    own: Ratio
    """Its local copy, as in `CollectiveConstants`."""
    ramp: Count
    """Its ramp, as in `CollectiveConstants`."""
    switch_launch: Count
    """Cycles of a reduction in the network."""
    switch_feed: Byte
    """Bytes that the cores feed to such a reduction in a cycle."""
    seam: Ratio
    """How much longer all cycles get where memory spans dies."""


@formula(cite="nccl_rows")
def read_time(shape: CollectiveShape, cycle: Second, constants: DirectConstants) -> Second:
    """Time in which a rank loads as much as one whole buffer from its peers."""
    c = constants
    shared = (shape.ranks - 2) / (c.bridge * shape.bridge)
    return shape.message * ((1 + c.excess) / shape.rate + cycle / c.feed + shared)


@formula(cite="arithmetic")
def launched_time(kernel: Second, host: Second) -> Second:
    """A call takes what the host or the device takes, whichever is longer, smoothly."""
    a, b = kernel * kernel, host * host
    return (a * a + b * b) ** 0.25


@formula(cite="nccl_rows")
def direct_all_reduce_time(
    silicon: Silicon, shape: CollectiveShape, constants: DirectConstants
) -> Second:
    """All-reduce of a serving engine: in one phase, in two, or by the library: the soonest."""
    c = constants
    cycle = 1 / silicon.clock
    beat = (1 + c.seam * shape.seam) * cycle
    peers = shape.ranks - 1
    start = c.launch * beat + c.signal * shape.latency * peers
    whole = read_time(shape, cycle, c)
    one_phase = start + peers * whole
    barrier = c.second * (1 + c.second_seam * shape.seam) * cycle
    two_phase = start + barrier + 2.0 * peers / shape.ranks * whole
    library = CollectiveConstants(
        c.ring_launch, c.hop, 1.0, c.seam, c.ring_excess, c.own, c.bridge, c.ramp,
        c.switch_launch, c.switch_feed,
    )  # fmt: skip
    ring = collective_time(silicon, shape, library)
    kernel = sooner(sooner(ring, two_phase, 1.0), one_phase, 1.0)
    host = c.host * (1 + c.slow_host * shape.slow_host)
    return launched_time(kernel, host) + c.copies * shape.message / silicon.memory


def coordinates(shape: CollectiveShape) -> tuple[Num, Num, Num]:
    """Where a shape stands in a correction table: size and ranks (log2), and which operation.

    All-reduce 0, all-to-all 1, reduce-scatter 2, all-gather 3.
    """
    operation = (2.0 - shape.passes) * (3.0 - 2.0 * shape.pairwise - shape.sums)
    return np.log2(shape.message), np.log2(shape.ranks), operation
