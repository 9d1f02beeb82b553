"""Expert parallelism: tokens go to the chips of their experts (dispatch) and come back (combine).

Three things can bind: the cores that pack and unpack rows, the links inside a node, the network
port of each chip. A low-latency kernel sends one row for each chosen expert and spreads over as
many cores as there are experts; a throughput kernel sends one row to each distinct chip (once to
each distinct node over the network) with as many cores as it was given.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas.collectives import distinct_places
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Num, Ratio, Second


class DispatchShape(NamedTuple):
    """One dispatch or combine as a chip of the group sees it."""

    tokens: Count
    """Tokens of one chip."""
    row: Byte
    """One token's row with its scales."""
    copies: Count
    """Rows that a token becomes."""
    abroad: Count
    """Rows that a token sends over the network."""
    ranks: Count
    nodes: Count
    workers: Count
    """Cores that pack and unpack."""
    experts: Count
    """Experts of the layer, where each has counters and flags of its own; else 0."""
    rate: ByteRate
    """One way, a chip's links inside the node."""
    network: ByteRate
    """One way, a chip's port to the network."""
    seam: Ratio
    """1 where a chip's memory lies on more than one die, else 0."""


class DispatchConstants(NamedTuple):
    """Fitted constants of an exchange of experts' tokens."""

    launch: Count
    """Cycles of a kernel that moves next to nothing: set-up and barriers."""
    flag: Count
    """Cycles that each expert's counters add."""
    seam: Ratio
    """How much longer these cycles get where memory spans dies."""
    token: Count
    """Cycles of a core for each token."""
    copy: Count
    """Cycles of a core for each row it sends."""
    width: Byte
    """Bytes of a row that a core moves in a cycle."""
    forward: Ratio
    """Rows that the cores handle for each one that goes abroad: received, then passed on."""
    share: Ratio
    """Share of the links' rate that rows reach."""
    network_share: Ratio
    """Share of the network port's rate that rows reach."""
    network_hop: Second
    """What each doubling of the nodes adds to a kernel that moves next to nothing."""


@formula(cite="deepep")
def core_time(shape: DispatchShape, cycle: Second, constants: DispatchConstants) -> Second:
    """Packing and unpacking: so many cycles a token, a row and a byte, shared out over cores."""
    c = constants
    rows = shape.copies + c.forward * shape.abroad
    cycles = c.token + rows * (c.copy + shape.row / c.width)
    return shape.tokens / shape.workers * cycles * cycle


@formula(cite="arithmetic")
def longest(one: Second, two: Second, three: Second) -> Second:
    """The longest of three that overlap, smoothly."""
    a, b, c = one * one, two * two, three * three
    return (a * a + b * b + c * c) ** 0.25


@formula(cite="deepep")
def dispatch_time(silicon: Silicon, shape: DispatchShape, constants: DispatchConstants) -> Second:
    """Dispatch or combine of one layer's tokens, kernels only: notification is not in it."""
    c = constants
    cycle = 1 / silicon.clock
    start = (c.launch + c.flag * shape.experts) * (1 + c.seam * shape.seam) * cycle
    bytes_out = shape.tokens * shape.row
    links = bytes_out * shape.copies * (1 - 1 / shape.ranks) / (c.share * shape.rate)
    port = bytes_out * shape.abroad / (c.network_share * shape.network)
    hops = c.network_hop * np.log2(shape.nodes)
    return start + hops + longest(core_time(shape, cycle, c), links, port)


@formula(cite="deepep")
def low_latency_workers(experts: Count, cores: Count) -> Count:
    """Cores of a low-latency kernel: each takes as few experts as fit on the chip at once."""
    return experts / np.ceil(experts / cores)


@formula(cite="deepep")
def low_latency_abroad(choices: Count, nodes: Count) -> Count:
    """Rows of a token that leave its node where each chosen expert gets one."""
    return choices * (1 - 1 / nodes)


@formula(cite="deepep")
def throughput_abroad(choices: Count, nodes: Count) -> Count:
    """Rows of a token that leave its node where each other node with a chosen expert gets one."""
    return distinct_places(choices, nodes) * (1 - 1 / nodes)


def coordinates(shape: DispatchShape) -> tuple[Num, Num, Num]:
    """Where a shape stands in a correction table: tokens a core, rows a token, bytes a row."""
    return (
        np.log2(shape.tokens / shape.workers),
        np.log2(shape.copies),
        np.log2(shape.row),
    )
