"""What the fullest chip of a plan holds: weights, gradients, optimiser, activations, buffers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas import training_memory as f
from chipassay.formulas.training import DUALPIPE, in_flight
from chipassay.model.train_step import Work, kept_bytes
from chipassay.records.plan import Plan, micro_batches
from chipassay.units import Byte, Count, Num, Ratio

WEIGHT, STATE = 2.0, 12.0
"""Bytes of a working weight, and of its 32-bit master and two moments."""
AHEAD = 2.0
"""Layers whose gathered weights a chip holds at once where weights are sharded."""


class Holding(NamedTuple):
    """What a stack keeps besides: fitted on measured memory."""

    gradient: Byte = 4.0
    state: Byte = STATE
    """Bytes of a weight's master and moments."""
    buffers: Byte = 0.0
    """Context, communication buffers, workspaces."""
    selective: Ratio = 1.0
    """Share of stored activations that selective recomputing keeps."""
    slack: Ratio = 1.0
    """Memory that an allocator holds for each byte of activations."""
    light: Ratio = 1.0
    """Share kept of what is cheap to make again: norms' and activations' outputs."""


class Memory(NamedTuple):
    """Bytes on the fullest chip, by what they are for."""

    weights: Byte
    gradients: Byte
    optimizer: Byte
    activations: Byte
    logits: Byte
    buffers: Byte

    @property
    def total(self) -> Byte:
        """All of it."""
        return f.held_memory(*self)


def memory(work: Work, plan: Plan, holding: Holding) -> Memory:
    """A step's memory; columns go through."""
    ranks = plan.data * plan.context
    experts = np.maximum(ranks * plan.tensor / (plan.expert * plan.expert_tensor), 1.0)
    shards = np.where(plan.shard > 0.0, plan.shard, ranks)
    dense, routed, paired = work.parameters
    buckets = (
        (dense, paired, np.minimum(ranks, shards)),
        (routed, 2.0 * routed, np.minimum(experts, shards)),
    )
    # both ends feed a DualPipe: each stage is held by two ranks, its optimiser's state by either
    twice = np.asarray(plan.schedule == DUALPIPE) & np.asarray(plan.pipeline > 1.0)
    weights: Num = 0.0
    gradients: Num = 0.0
    state: Num = 0.0
    for single, double, members in buckets:
        count = np.where(twice, double, single)
        trained = work.trained * count
        weights = weights + f.sharded(WEIGHT, count, members, plan.zero, 3.0)
        gradients = gradients + f.sharded(holding.gradient, trained, members, plan.zero, 2.0)
        own = work.trained * single
        state = state + f.sharded(holding.state, own, members, plan.zero, 1.0)
    ahead = (plan.zero > 2.5) * AHEAD * WEIGHT * (dense + routed) / np.maximum(work.sections, 1.0)
    kept = _activations(work, plan, holding) * holding.slack
    return Memory(
        weights + ahead,
        gradients,
        state * (1.0 - plan.offload_optimizer),
        kept,
        work.logits * holding.slack,
        holding.buffers + 0.0 * weights,
    )


def _activations(work: Work, plan: Plan, holding: Holding) -> Byte:
    """Micro-batches in flight on the first stage, and one layer at work where others are not here.

    Those are layers that are computed again, and activations that lie with the host.
    """
    kept = kept_bytes(work.kept, plan, holding.selective, holding.light)
    each = kept * (1.0 - plan.offload_activations)
    again = (plan.recompute > 0.5) | (plan.offload_activations > 0.0)
    at_work = again * work.kept.stored / np.maximum(work.sections, 1.0)
    count = in_flight(micro_batches(plan), plan.pipeline, plan.virtual, plan.schedule)
    return each * count + at_work


def spare(total: Byte, capacity: Byte) -> Count:
    """Bytes left; below zero where a plan does not fit."""
    return capacity - total
