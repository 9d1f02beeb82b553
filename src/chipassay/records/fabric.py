"""What joins the chips of a group: a switch, a mesh, a torus, a host's bridge."""

from __future__ import annotations

import math
from typing import NamedTuple

from chipassay.units import ByteRate, Count, Ratio, Second


class Fabric(NamedTuple):
    """Links between the chips of one domain, in SI units; any field may be a column."""

    line: ByteRate
    """One way, all links of one chip."""
    payload: Ratio = 1.0
    """Share of the line rate that packet headers leave."""
    domain: Count = 8.0
    """Chips that the links join."""
    mesh: Ratio = 0.0
    """1 where each pair has links of its own, so that a small group can use few of them."""
    island: Count = math.inf
    """Chips that the links join where only some are joined (bridged pairs); inf: the domain."""
    beyond: ByteRate = math.inf
    """One way, what joins islands, after packet headers."""
    sides: Count = 0.0
    """Side times dimensions of a torus; 0: none. An exchange of pairs is bound by its bisection."""
    bridge: ByteRate = math.inf
    """A path that all pairs but neighbours share (a host's bridge); inf: none."""
    in_network: Ratio = 0.0
    """1 where the switch can add up floating-point numbers."""
    latency: Second = 0.0
    """What one hop takes beyond the cores' own cycles."""
    slow_host: Ratio = 0.0
    """1 where the host's ports are older than the fifth generation, and so is the host, else 0."""
    seam: Ratio = 0.0
    """1 where a chip's memory lies on more than one die."""
