"""All plans of a model on so many chips; the best, the frontier, and how far a search has come.

Nothing is sampled or cut off: every plan of the space gets its step and its memory. A caller may
watch: `progress` is called between blocks, and whatever it raises ends the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chipassay.inquiry.plan_space import DUALPIPE, Problem, Space, layout, timed
from chipassay.records.plan import Plan, micro_batches

OFTEN = 0.2
"""Seconds between two calls of `progress`, at least; a block takes less than a tenth of one."""


class Candidate(NamedTuple):
    """A plan that fits."""

    time: float
    """Seconds of its step."""
    memory: float
    plan: Plan

    @property
    def each(self) -> float:
        """Seconds for one sequence: what plans of different batches are ranked by."""
        return self.time / float(self.plan.batch)


@dataclass
class Found:
    """What a search came to."""

    plans: int = 0
    """Plans that got a step and a memory."""
    fitting: int = 0
    seconds: float = 0.0
    best: list[Candidate] = field(default_factory=list)
    """The fastest first."""
    least: tuple[float, Plan] | None = None
    """The plan that needs the least memory, where none fits."""
    pareto: list[Candidate] = field(default_factory=list)
    """Plans that no other beats in both time and memory, the fastest first."""


class Progress(NamedTuple):
    """How far a search has come."""

    done: int
    """Plans evaluated."""
    total: int
    """Plans there are."""
    best: tuple[Candidate, ...]
    """The best so far, the fastest first; empty while nothing fits."""


Watcher = Callable[[Progress], None]


def search(
    problem: Problem, space: Space, keep: int = 10, progress: Watcher | None = None
) -> Found:
    """Every plan; the fastest that fit, and the plans none beats in both time and memory.

    `progress` is called after the first block in which a plan fits, then every `OFTEN` seconds, and
    once at the end; an error it raises goes through.
    """
    began, last = time.process_time(), time.monotonic()
    found = Found()
    laid = layout(problem, space)
    total = sum(block.offered for block in laid)
    for plan, done, held, count in timed(problem, space, laid):
        fresh = not found.best
        _add(found, problem.capacity, plan, np.broadcast_arrays(done.time, held.total), keep)
        found.plans += count
        if progress and (time.monotonic() - last > OFTEN or (fresh and found.best)):
            progress(Progress(found.plans, total, tuple(found.best[:keep])))
            last = time.monotonic()
    found.best = found.best[:keep]
    found.seconds = time.process_time() - began
    if progress:
        progress(Progress(found.plans, total, tuple(found.best)))
    return found


def _add(found: Found, capacity: float, plan: Plan, sides: Any, keep: int) -> None:
    """One block's plans among those found."""
    shape = sides[0].shape
    times, sizes = (side.ravel() for side in sides)
    fits = (sizes <= capacity) & np.broadcast_to(runs(plan), shape).ravel()
    count = int(np.count_nonzero(fits))
    found.fitting += count
    if not count:
        place = int(np.argmin(sizes))
        if found.least is None or sizes[place] < found.least[0]:
            found.least = (float(sizes[place]), _at(plan, shape, place))
        return
    limit = found.best[keep - 1].time if len(found.best) >= keep else np.inf
    good = np.flatnonzero(fits & (times < limit))
    if good.size > keep:
        good = good[np.argpartition(times[good], keep)[:keep]]
    fresh = [Candidate(float(times[n]), float(sizes[n]), _at(plan, shape, n)) for n in good]
    found.best = sorted([*found.best, *fresh], key=lambda one: (one.time, one.memory))[:keep]
    _extend(found, times, sizes, np.flatnonzero(fits), plan, shape)


def runs(plan: Plan) -> Any:
    """Whether a schedule takes so many micro-batches.

    Interleaved ones want a number that divides by the stages, DualPipe twice the stages or more.
    """
    count = micro_batches(plan)
    rounds = (plan.virtual < 2.0) | (count % plan.pipeline < 0.5)
    return rounds & ((plan.schedule != DUALPIPE) | (count >= 2.0 * plan.pipeline))


def _extend(
    found: Found, times: Any, sizes: Any, at: Any, plan: Plan, shape: tuple[int, ...]
) -> None:
    """The frontier with a block's plans: those that no other beats in both time and memory."""
    if found.pareto:
        edge_times = np.array([one.time for one in found.pareto])
        edge_sizes = np.array([np.inf, *(one.memory for one in found.pareto)])
        beaten = edge_sizes[np.searchsorted(edge_times, times[at], side="right")] <= sizes[at]
        at = at[~beaten]
    order = at[np.lexsort((sizes[at], times[at]))]
    lower = np.minimum.accumulate(sizes[order]) if order.size else order
    edge = order[np.concatenate(([True], sizes[order][1:] < lower[:-1]))] if order.size else order
    fresh = [Candidate(float(times[n]), float(sizes[n]), _at(plan, shape, n)) for n in edge]
    found.pareto = frontier([*found.pareto, *fresh])


def frontier(plans: list[Candidate]) -> list[Candidate]:
    """Plans that no other beats in both time for a sequence and memory, the fastest first."""
    kept: list[Candidate] = []
    for one in sorted(plans, key=lambda one: (one.each, one.memory)):
        if not kept or one.memory < kept[-1].memory:
            kept.append(one)
    return kept


def _at(plan: Plan, shape: tuple[int, ...], place: Any) -> Plan:
    """One plan out of a block."""
    index = np.unravel_index(int(place), shape)
    return Plan(*(float(np.broadcast_to(value, shape)[index]) for value in plan))
