"""Operators that touch each element once: norms, activations, rotation, sums, lookups, updates.

One form serves them all: bytes over the bandwidth, or elements over what the cores issue, whichever
takes longer, after a launch. What an operator moves stands in `formulas/pointwise_traffic.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas.residency import (
    cache_rate,
    cached_transfer_time,
    longer_time,
    usable_cache,
)
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Byte, Count, Num, Ratio, Second


class PointwiseShape(NamedTuple):
    """One call of an operator."""

    size: Byte
    """Bytes read and written."""
    elements: Count
    """Results, for the cores to compute."""


class PointwiseConstants(NamedTuple):
    """What one operator's kernels make of a chip."""

    launch: Second
    """A call on next to nothing."""
    share: Ratio
    """Share of the published bandwidth that it streams at."""
    issue: Count
    """Clocks of a core for each element: loads, address arithmetic, functions, stores."""
    resident: Ratio
    """Share of the last-level cache in which a tensor waits for its next reader."""


@formula(cite="arithmetic")
def issue_time(elements: Count, silicon: Silicon, issue: Count) -> Second:
    """Time for all cores to issue what the elements need."""
    return elements * issue / (silicon.cores * silicon.clock)


@formula(cite="williams_2009")
def pointwise_time(
    silicon: Silicon, shape: PointwiseShape, constants: PointwiseConstants
) -> Second:
    """A launch, then traffic against instructions."""
    launch, share, issue, resident = constants
    inner = cache_rate(silicon.cores, silicon.clock)
    usable = usable_cache(silicon.cache, resident)
    traffic = cached_transfer_time(shape.size, usable, silicon.memory * share, inner)
    return launch + longer_time(traffic, issue_time(shape.elements, silicon, issue))


def coordinates(shape: PointwiseShape) -> tuple[Num, ...]:
    """Where a call stands in a table of corrections: its bytes."""
    return (np.log2(shape.size),)
