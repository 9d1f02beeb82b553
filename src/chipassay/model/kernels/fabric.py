"""A collective on a fabric: what its kind leaves of the links, and what a network of nodes takes.

The kinds (switch, mesh, torus, bridge) are numbers of `Fabric`, so that a column may mix them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.model.kernels.collectives import CollectiveShape
from chipassay.records.fabric import Fabric
from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Ratio, Second

ALL_REDUCE, ALL_GATHER, REDUCE_SCATTER, ALL_TO_ALL, SEND = (
    "all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send",
)  # fmt: skip
OPERATIONS: dict[str, tuple[float, float, float]] = {
    ALL_REDUCE: (2.0, 1.0, 0.0),
    ALL_GATHER: (1.0, 0.0, 0.0),
    REDUCE_SCATTER: (1.0, 1.0, 0.0),
    ALL_TO_ALL: (1.0, 0.0, 1.0),
    SEND: (2.0, 0.0, 0.0),
}
"""Each operation's passes, whether it adds up, whether pairs exchange. A send is among two ranks:
twice half its message, and nothing that stays."""

IN_NETWORK_FROM = 4.0
"""Groups up to this size gain nothing from adding up in the switch: libraries use a ring."""


@formula(cite="arithmetic")
def group_rate(fabric: Fabric, ranks: Count, pairwise: Ratio) -> ByteRate:
    """One way, what a chip can use of its links in a group: fewer on a mesh, less on a torus."""
    members = np.minimum((ranks - 1) / np.maximum(fabric.domain - 1, 1.0), 1.0)
    usable = 1 - fabric.mesh + fabric.mesh * members
    bisection = 4.0 / np.maximum(fabric.sides * pairwise, 4.0)
    inside = fabric.line * fabric.payload * usable * bisection
    return np.where(ranks > fabric.island, np.minimum(fabric.beyond, inside), inside)


@formula(cite="nccl_1455")
def adds_up(fabric: Fabric, ranks: Count, passes: Count, floating: Ratio) -> Ratio:
    """1 where a library lets the switch add up: an all-reduce of floats among more than four."""
    return np.where(ranks > IN_NETWORK_FROM, fabric.in_network * floating * (passes - 1), 0.0)


def collective(
    fabric: Fabric, operation: str, message: Byte, ranks: Count, floating: Ratio = 1.0
) -> CollectiveShape:
    """The shape of an operation (a key of `OPERATIONS`) among `ranks` chips of one domain."""
    passes, sums, pairwise = OPERATIONS[operation]
    floating = 0.0 if operation == SEND else floating
    return CollectiveShape(
        message=message,
        ranks=ranks,
        passes=passes,
        sums=sums,
        pairwise=pairwise,
        rate=group_rate(fabric, ranks, pairwise),
        bridge=fabric.bridge,
        in_network=adds_up(fabric, ranks, passes, floating),
        latency=fabric.latency,
        slow_host=fabric.slow_host,
        seam=fabric.seam,
        local=0.0 if operation == SEND else 1.0,
    )


class AcrossConstants(NamedTuple):
    """Constants of a flat ring over nodes; see `data/fabrics.json`."""

    share: Ratio
    """Share of the network's rate that long messages reach."""
    step: Second
    """One step of the ring, averaged over hops inside and between nodes."""


@formula(cite="simai_ratios")
def across_nodes_time(
    message: Byte, ranks: Count, passes: Count, rate: ByteRate, constants: AcrossConstants
) -> Second:
    """A ring over nodes: `rate` is what all network ports of a node carry one way, together.

    Each of the parallel rings enters a node through one port, so that the ports' sum is the bus.
    Valid where that is less than the links inside a node carry. Two nodes do better in practice.
    """
    c = constants
    peers = ranks - 1
    return passes * peers * (c.step + message / ranks / (c.share * rate))
