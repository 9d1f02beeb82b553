"""All plans of a model on so many chips, evaluated as columns; the best, and what the rest lack.

Nothing is sampled or cut off: every plan offered gets its step and its memory. Plans that share
kernels share their times: layers are timed once for each tensor, context and expert degree, over
all micro-batches at once, and each option is an axis that numpy broadcasts. Interleaved schedules
want micro-batches that divide by the stages; such plans count, and do not fit otherwise.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chipassay.inquiry.plans import experts_of, heads_of
from chipassay.inquiry.training_bench import Machine
from chipassay.inquiry.training_work import Pieces, Setting, pieces, work
from chipassay.model.train_memory import Holding, memory
from chipassay.model.train_step import Step, Tuning, step
from chipassay.records.architecture import Architecture
from chipassay.records.plan import Plan, micro_batches

STACKS_OWN = ((-1.0, -1.0),)
MOST_UNEVEN = 4
"""Chunks that are tried where stages hold unequal layers."""


class Space(NamedTuple):
    """What is tried. Degrees are all that divide; the rest is listed."""

    most_tensor: int = 64
    contexts: tuple[int, ...] = (1,)
    experts: tuple[int, ...] = (1,)
    micro_batches: tuple[int, ...] = (1, 2, 4, 8, 16)
    virtuals: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16)
    zeros: tuple[float, ...] = (0.0, 1.0, 3.0)
    """Stages of ZeRO. Two and three shard what a pipeline's micro-batches add to: without one."""
    recomputes: tuple[float, ...] = (0.0, 1.0, 2.0)
    sequences: tuple[float, ...] = (0.0, 1.0)
    schedules: tuple[float, ...] = (1.0,)
    offloads: tuple[float, ...] = (0.0,)
    hidden: tuple[tuple[float, float], ...] = STACKS_OWN
    """Pairs: share of tensor exchanges that shows, window for reductions; -1: the stack's."""


class Problem(NamedTuple):
    """What is searched for."""

    architecture: Architecture
    machine: Machine
    chips: int
    batch: int
    sequence: float
    setting: Setting
    tuning: Tuning
    holding: Holding
    capacity: float


@dataclass
class Found:
    """What a search came to."""

    plans: int = 0
    fitting: int = 0
    pruned: int = 0
    seconds: float = 0.0
    best: list[tuple[float, float, Plan]] = field(default_factory=list)
    """Step time, memory and plan, the fastest first."""
    least: tuple[float, Plan] | None = None
    """The plan that needs the least memory, where none fits."""
    pareto: list[tuple[float, float, Plan]] = field(default_factory=list)


def blocks(problem: Problem, space: Space) -> Iterator[tuple[Plan, Step, Any, int]]:
    """Blocks of plans as broadcast columns, with their steps and memory, and how many they are."""
    for tensor, context, expert in _degrees(problem, space):
        ready: Pieces | None = None
        for pipeline in _pipelines(problem, tensor, context, expert):
            data = problem.chips // (tensor * context * pipeline)
            for chunks in _chunkings(problem, space, pipeline):
                plan = _axes(problem, space, (tensor, pipeline, data, context, expert), chunks)
                if plan is None:
                    continue
                if ready is None:
                    ready = _timed(problem, space, plan)
                todo = _picked(ready, problem, space, plan, chunks[0] if len(chunks) == 1 else 1)
                done = step(todo, plan, problem.machine.net, _offered(problem, space))
                held = memory(todo, plan, problem.holding)
                sides = (np.shape(side) for side in (*plan, done.time))
                yield plan, done, held, int(np.prod(np.broadcast_shapes(*sides)))


def _offered(problem: Problem, space: Space) -> Tuning:
    """The stack's tuning, or overlap as the space's own axis."""
    if space.hidden == STACKS_OWN:
        return problem.tuning
    tensor, window = (
        np.array(side).reshape(-1, *[1] * 7) for side in zip(*space.hidden, strict=True)
    )
    return problem.tuning._replace(tensor=tensor, data_window=window)


def _chunkings(problem: Problem, space: Space, pipeline: int) -> list[list[int]]:
    """Chunks a stage may hold: together where each deals the same layers to a stage, else alone."""
    if pipeline == 1:
        return [[1]]
    layers = problem.architecture.layers
    places = layers + 2 * _with_ends(layers, pipeline)
    whole = [v for v in space.virtuals if v == 1 or places % (pipeline * v) == 0]
    if places % pipeline == 0 and len(problem.architecture.groups) == 1:
        return [whole]
    most = places + pipeline
    return [[v] for v in space.virtuals if v == 1 or (pipeline * v <= most and v <= MOST_UNEVEN)]


def _with_ends(layers: int, pipeline: int) -> bool:
    """Whether embedding and head take a layer's place each: where layers divide only with them."""
    return layers % pipeline != 0 and (layers + 2) % pipeline == 0


def _degrees(problem: Problem, space: Space) -> Iterator[tuple[int, int, int]]:
    heads, experts = heads_of(problem.architecture), experts_of(problem.architecture)
    most = min(space.most_tensor, problem.chips, heads)
    tensors = [n for n in range(1, most + 1) if heads % n == 0 and problem.chips % n == 0]
    for tensor, context, expert in itertools.product(tensors, space.contexts, space.experts):
        whole = problem.chips % (tensor * context) == 0
        if whole and (expert == 1 or (experts and experts % expert == 0)):
            yield tensor, context, expert


def _pipelines(problem: Problem, tensor: int, context: int, expert: int) -> list[int]:
    left = problem.chips // (tensor * context)
    layers = problem.architecture.layers
    offered = [n for n in range(1, min(left, layers) + 1) if left % n == 0]
    return [n for n in offered if (tensor * context * (left // n)) % expert == 0]


def _axes(
    problem: Problem, space: Space, degrees: tuple[int, ...], chunks: list[int]
) -> Plan | None:
    """All plans of these degrees: micro-batch, chunks, ZeRO, recompute, … each on its own axis."""
    tensor, pipeline, data, context, expert = degrees
    each = problem.batch // data if problem.batch % data == 0 else 0
    micro = [n for n in space.micro_batches if each and each % n == 0]
    if not micro:
        return None
    with_ends = pipeline > 1 and _with_ends(problem.architecture.layers, pipeline)
    split = space.sequences if tensor > 1 else (0.0,)
    most = 1.0 if pipeline > 1 else 3.0
    zeros = tuple(z for z in space.zeros if z <= most) if data * context > 1 else (0.0,)
    axes = (micro, split, chunks, zeros, space.recomputes, space.schedules, space.offloads)
    columns = [
        np.array(axis, float).reshape([-1 if place == own else 1 for place in range(len(axes))])
        for own, axis in enumerate(axes)
    ]
    return Plan(
        float(tensor), float(pipeline), float(data), float(context), float(expert), 1.0,
        virtual=columns[2], micro_batch=columns[0], batch=float(problem.batch), zero=columns[3],
        sequence=columns[1], recompute=columns[4], schedule=columns[5],
        offload_optimizer=columns[6], embedding_layers=float(with_ends),
    )  # fmt: skip


def _timed(problem: Problem, space: Space, plan: Plan) -> Pieces:
    """Layers of these degrees for every micro-batch offered, whatever the pipeline."""
    micro = np.array(space.micro_batches, float).reshape(-1, *[1] * 6)
    wide = plan._replace(micro_batch=micro, pipeline=1.0)
    return pieces(problem.architecture, problem.machine, wide, problem.sequence, problem.setting)


def _picked(ready: Pieces, problem: Problem, space: Space, plan: Plan, virtual: int) -> Any:
    """The plan's work from layers timed for all micro-batches."""
    wanted = np.asarray(plan.micro_batch).ravel()
    at = np.searchsorted(np.array(space.micro_batches, float), wanted)

    def pick(layer: Any) -> Any:
        return type(layer)(
            *(
                x[at] if np.ndim(x) and x.shape[0] == len(space.micro_batches) > 1 else x
                for x in layer
            )
        )

    own = Pieces([pick(kind) for kind in ready.kinds], pick(ready.embedding), pick(ready.head))
    args = (problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    return work(*args, ready=own, virtual=virtual)


def search(problem: Problem, space: Space, keep: int = 10) -> Found:
    """Every plan; the fastest that fit, and the plans none beats in both time and memory."""
    began = time.process_time()
    found = Found()
    capacity = problem.capacity
    corners: list[tuple[float, float, Plan]] = []
    for plan, done, held, count in blocks(problem, space):
        seconds = np.broadcast_arrays(done.time, held.total)
        times, sizes = (side.ravel() for side in seconds)
        rounds = (plan.virtual < 2.0) | (micro_batches(plan) % plan.pipeline < 0.5)
        fits = (sizes <= capacity) & np.broadcast_to(rounds, seconds[0].shape).ravel()
        found.plans += count
        found.fitting += int(fits.sum())
        shape = seconds[0].shape
        if fits.any():
            least = np.where(fits, times, np.inf)
            for place in np.argsort(least)[: min(keep, int(fits.sum()))]:
                found.best.append(
                    (float(times[place]), float(sizes[place]), _at(plan, shape, place))
                )
            found.best = sorted(found.best, key=lambda each: each[:2])[: 4 * keep]
            corners += _corner(times, sizes, fits, plan, shape)
        else:
            place = int(np.argmin(sizes))
            if found.least is None or sizes[place] < found.least[0]:
                found.least = (float(sizes[place]), _at(plan, shape, place))
    found.best = found.best[:keep]
    found.pareto = _frontier(corners)
    found.seconds = time.process_time() - began
    return found


def _at(plan: Plan, shape: tuple[int, ...], place: Any) -> Plan:
    """One plan out of a block."""
    index = np.unravel_index(int(place), shape)
    return Plan(*(float(np.broadcast_to(value, shape)[index]) for value in plan))


def _corner(
    times: Any, sizes: Any, fits: Any, plan: Plan, shape: tuple[int, ...]
) -> list[tuple[float, float, Plan]]:
    """Of a block, the fastest and the leanest plan that fit."""
    fast = int(np.argmin(np.where(fits, times, np.inf)))
    lean = int(np.argmin(np.where(fits, sizes, np.inf)))
    return [(float(times[p]), float(sizes[p]), _at(plan, shape, p)) for p in (fast, lean)]


def _frontier(corners: list[tuple[float, float, Plan]]) -> list[tuple[float, float, Plan]]:
    """Plans that no other beats in both time and memory, the fastest first."""
    kept: list[tuple[float, float, Plan]] = []
    for each in sorted(corners, key=lambda one: one[:2]):
        if not kept or each[1] < kept[-1][1]:
            kept.append(each)
    return kept
