"""From one pool to the other: what handing a request on takes, and how sure two pools are."""

from __future__ import annotations

import math

from chipassay.catalogue.fabrics import port_and_node
from chipassay.inquiry.serving_case import Case, Served
from chipassay.inquiry.serving_memory import sequence_bytes
from chipassay.inquiry.serving_steps import DEFAULT_PORT

POOLED = "pooled"
"""The level of two pools told in full: measured rows of such have a band of their own."""


def port(case: Case) -> float:
    """One way, bytes a second that a chip sends to other nodes: its part of its system's ports."""
    systems = case.catalogue.systems_of(case.chip.id)
    found, _ = port_and_node(systems, DEFAULT_PORT, case.chip)
    return float(found) if not math.isnan(found) else DEFAULT_PORT


def transfer_time(fill: Case, read: Case) -> float:
    """Seconds to move one token's cache, all chips of a rank by their ports, the slower end's."""
    return max(
        sequence_bytes(each.model, each.plan, each.formats, each.context)
        / each.context
        / port(each)
        for each in (fill, read)
    )


def handing(fill: Served) -> Served:
    """A pool that hands its requests on: the engine's seconds for that lie outside its steps."""
    outside = fill.steps.outside + fill.case.engine.habits.hand_over
    return fill._replace(steps=fill.steps._replace(outside=outside))
