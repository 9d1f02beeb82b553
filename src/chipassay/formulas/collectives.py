"""Collectives by their textbook algorithms: latency of each step, and bytes over the links.

`message` is what nccl-tests calls the size: the whole buffer, of which each of n ranks holds or
wants one n-th. Bandwidths are one way, per chip. No protocol overhead is in here: the fitted model
is `model.kernels.collectives`.
"""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Ratio, Second


@formula(cite="hockney_1994")
def point_to_point_time(message: Byte, latency: Second, link: ByteRate) -> Second:
    """One message from one chip to another: a start and a stream."""
    return latency + message / link


@formula(cite="thakur_2005")
def ring_gather_time(message: Byte, ranks: Count, latency: Second, link: ByteRate) -> Second:
    """All-gather or reduce-scatter round a ring: n-1 steps of an n-th of the message."""
    return (ranks - 1) * latency + (ranks - 1) / ranks * message / link


@formula(cite="thakur_2005")
def ring_reduce_time(message: Byte, ranks: Count, latency: Second, link: ByteRate) -> Second:
    """All-reduce round a ring: a reduce-scatter, then an all-gather."""
    return 2.0 * ring_gather_time(message, ranks, latency, link)


@formula(cite="sanders_2009")
def tree_reduce_time(message: Byte, ranks: Count, latency: Second, link: ByteRate) -> Second:
    """All-reduce over two binary trees at once: a ring's bytes at a tree's depth."""
    n = ranks
    return 2.0 * np.log2(n) * latency + 2.0 * (n - 1) / n * message / link


@formula(cite="thakur_2005")
def broadcast_time(message: Byte, ranks: Count, latency: Second, link: ByteRate) -> Second:
    """Broadcast down a pipelined chain of logarithmic depth: every rank takes the message once."""
    return np.log2(ranks) * latency + message / link


@formula(cite="thakur_2005")
def all_to_all_time(message: Byte, ranks: Count, gap: Second, link: ByteRate) -> Second:
    """All-to-all on a switch: n-1 sends issued a gap apart, an n-th of the message each."""
    return (ranks - 1) * gap + (ranks - 1) / ranks * message / link


@formula(cite="graham_2016")
def in_network_reduce_time(message: Byte, ranks: Count, latency: Second, link: ByteRate) -> Second:
    """All-reduce where the switch adds up: a rank sends its message once and takes the sum once.

    Each rank also asks for its n-th of the sum and has it spread: 1 + 1/n of the message each way.
    Quoted as bus bandwidth, 2 (n-1)/n of the message, this exceeds the link: an accounting effect.
    """
    return latency + (1 + 1 / ranks) * message / link


@formula(cite="thakur_2005")
def mesh_gather_time(message: Byte, ranks: Count, latency: Second, pair: ByteRate) -> Second:
    """All-gather or reduce-scatter on a full mesh: every pair's link carries one n-th at once."""
    return latency + message / ranks / pair


@formula(cite="thakur_2005")
def mesh_reduce_time(message: Byte, ranks: Count, latency: Second, pair: ByteRate) -> Second:
    """All-reduce on a full mesh: scatter the sums, gather them."""
    return 2.0 * mesh_gather_time(message, ranks, latency, pair)


@formula(cite="arithmetic")
def mesh_rate(line: ByteRate, group: Count, domain: Count) -> ByteRate:
    """What a group of a full mesh can use of a chip's links: those that lead to its members."""
    return line * (group - 1) / (domain - 1)


@formula(cite="chan_2007")
def torus_reduce_time(
    message: Byte, side: Count, dimensions: Count, latency: Second, link: ByteRate
) -> Second:
    """All-reduce on a torus with wrap links: a ring along each dimension, both ways, at once.

    `link` is one way, of one of the 2 x dimensions links of a chip.
    """
    ranks = side**dimensions
    steps = 2.0 * dimensions * (side - 1)
    return steps * latency + 2.0 * (ranks - 1) / ranks * message / (2.0 * dimensions * link)


@formula(cite="dally_2004")
def torus_exchange_time(message: Byte, side: Count, link: ByteRate) -> Second:
    """All-to-all on a torus: bound by its bisection, so that it grows with the side."""
    return message * side / 8.0 / link


@formula(cite="arithmetic")
def two_tier_exchange_time(
    message: Byte, ranks: Count, in_node: Count, link: ByteRate, network: ByteRate
) -> Second:
    """All-to-all over nodes: what stays in the node and what leaves it, each on its own links."""
    inside = (in_node - 1) / ranks * message / link
    outside = (ranks - in_node) / ranks * message / network
    return np.maximum(inside, outside)


@formula(cite="thakur_2005")
def hierarchical_reduce_time(
    message: Byte,
    in_node: Count,
    nodes: Count,
    latency: Second,
    link: ByteRate,
    network_latency: Second,
    network: ByteRate,
) -> Second:
    """All-reduce over nodes: scatter sums inside, all-reduce each share across, gather inside."""
    inside = ring_reduce_time(message, in_node, latency, link)
    across = ring_reduce_time(message / in_node, nodes, network_latency, network)
    return inside + across


@formula(cite="arithmetic")
def oversubscribed_rate(rate: ByteRate, oversubscription: Ratio, crossing: Ratio) -> ByteRate:
    """A leaf's ports where a share of the traffic crosses uplinks with 1/o of their capacity."""
    return rate / (1 - crossing + crossing * oversubscription)


@formula(cite="arithmetic")
def bus_factor(ranks: Count, passes: Count) -> Ratio:
    """What makes bus bandwidth of algorithm bandwidth; an all-reduce passes twice."""
    return passes * (ranks - 1) / ranks


@formula(cite="arithmetic")
def distinct_places(choices: Count, places: Count) -> Count:
    """Places that get at least one of `choices` independent, even draws (a token's top-k)."""
    return places * (1 - (1 - 1 / places) ** choices)
