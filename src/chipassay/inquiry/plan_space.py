"""A space of plans as blocks of broadcast columns, the likely ones first.

Degrees are all that divide; each other choice is an axis. Plans that share kernels share their
times: layers are timed once for each tensor, context and expert degree, over all micro-batches at
once. Only what can be run is offered: zero-bubble schedules and DualPipe deal their own chunks, so
that no interleaving goes with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from chipassay.inquiry.plans import experts_of, heads_of
from chipassay.inquiry.training_bench import Machine
from chipassay.inquiry.training_work import Pieces, Setting, pieces, work
from chipassay.model.train_memory import STATE, WEIGHT, Holding, memory
from chipassay.model.train_step import Step, Tuning, step
from chipassay.records.architecture import Architecture
from chipassay.records.plan import Plan

STACKS_OWN = ((-1.0, -1.0),)
MOST_UNEVEN = 4
"""Chunks that are tried where stages hold unequal layers."""
INTERLEAVED = 1.0
"""The one schedule that takes several chunks a stage."""
AXES = 7
LIKELY_TENSOR, LIKELY_EXPERT, ROOM = 8.0, 32.0, 0.5
"""Where good plans lie, for the order alone: degrees near these, half the memory for states."""


class Space(NamedTuple):
    """What is tried. Degrees are all that divide, or those listed; the rest is listed."""

    most_tensor: int = 64
    contexts: tuple[int, ...] = (1,)
    experts: tuple[int, ...] = (1,)
    expert_tensors: tuple[int, ...] = (1,)
    micro_batches: tuple[int, ...] = (1, 2, 4, 8, 16)
    virtuals: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16)
    zeros: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 0.0), (3.0, 0.0))
    """Stages of ZeRO with the ranks of a set of shards (0: all)."""
    sharded_pipelines: bool = False
    """Whether stages two and three go with a pipeline: they shard what micro-batches add to."""
    recomputes: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0), (2.0, 1.0))
    """Codes of `RECOMPUTE` with the share of layers they apply to."""
    sequences: tuple[float, ...] = (0.0, 1.0)
    schedules: tuple[float, ...] = (INTERLEAVED,)
    offloads: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    """Shares of the optimiser's state, and of stored activations, in host memory."""
    exchanges: tuple[float, ...] = (0.0,)
    """Codes of `EXCHANGES`; they matter to context ranks alone."""
    hidden: tuple[tuple[float, float], ...] = STACKS_OWN
    """Pairs: share of tensor exchanges that shows, window for reductions; -1: the stack's."""
    tensors: tuple[int, ...] = ()
    pipelines: tuple[int, ...] = ()
    datas: tuple[int, ...] = ()
    """Degrees that are offered; none: all that divide."""
    ends: tuple[float, float] = (0.0, 0.0)
    """Layers of the first and the last stage; 0: as `model.stages` deals them."""
    embedding: float = -1.0
    """1 where embedding and head take a layer's place, 0 where not; -1: where that divides."""


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


class Degrees(NamedTuple):
    """What decides how layers are split, apart from the pipeline."""

    tensor: int
    context: int
    expert: int
    expert_tensor: int


class Block(NamedTuple):
    """Plans of the same degrees as columns that broadcast, and how many they are."""

    degrees: Degrees
    plan: Plan
    dealt: int
    """Chunks by which layers are dealt where the plan's are a column."""
    offered: int


def layout(problem: Problem, space: Space) -> list[Block]:
    """Every block of the space, those where good plans are likely first; nothing is timed yet."""
    found: list[Block] = []
    for degrees in sorted(_degrees(problem, space), key=lambda one: _unlikely(problem, *one)):
        stages = _pipelines(problem, space, degrees)
        best = _pipeline_that_holds(problem, degrees)
        for pipeline in sorted(stages, key=lambda p: abs(math.log2(p / best))):
            for chunks in _chunkings(problem, space, pipeline):
                found += _block(problem, space, degrees, pipeline, chunks)
    return found


def timed(
    problem: Problem, space: Space, laid: list[Block]
) -> Iterator[tuple[Plan, Step, Any, int]]:
    """Each block's plans with their steps and memory; layers are timed once for all its kin."""
    ready: Pieces | None = None
    own: Degrees | None = None
    offered = _offered(problem, space)
    for degrees, plan, dealt, count in laid:
        if ready is None or degrees != own:
            ready, own = _layers(problem, space, plan), degrees
        todo = _picked(ready, problem, space, plan, dealt)
        done = step(todo, plan, problem.machine.net, offered)
        yield plan, done, memory(todo, plan, problem.holding), count


def blocks(problem: Problem, space: Space) -> Iterator[tuple[Plan, Step, Any, int]]:
    """All of a space: columns of plans, with their steps and memory, and how many they are."""
    return timed(problem, space, layout(problem, space))


def _offered(problem: Problem, space: Space) -> Tuning:
    """The stack's tuning, or overlap as the space's own axis."""
    if space.hidden == STACKS_OWN:
        return problem.tuning
    tensor, window = (
        np.array(side).reshape(-1, *[1] * AXES) for side in zip(*space.hidden, strict=True)
    )
    return problem.tuning._replace(tensor=tensor, data_window=window)


def _unlikely(problem: Problem, tensor: int, context: int, expert: int, spread: int) -> float:
    likely = min(LIKELY_TENSOR, max(float(problem.machine.net.node), 1.0))
    experts = min(experts_of(problem.architecture), LIKELY_EXPERT) or 1.0
    far = abs(math.log2(expert / experts)) + math.log2(context) + math.log2(spread)
    return far + abs(math.log2(tensor / (likely if experts == 1.0 else 2.0)))


def _pipeline_that_holds(problem: Problem, degrees: Degrees) -> float:
    """Stages over which weights and their gradients take half the memory."""
    split = degrees.tensor * degrees.expert
    weights = sum(g.count for g in problem.architecture.groups)
    square = problem.architecture.hidden**2
    size = (WEIGHT + STATE / 2.0) * 12.0 * weights * square / split
    return max(size / (ROOM * problem.capacity), 1.0)


def _degrees(problem: Problem, space: Space) -> Iterator[Degrees]:
    heads, experts = heads_of(problem.architecture), experts_of(problem.architecture)
    most = min(space.most_tensor, problem.chips, heads)
    offered = space.tensors or range(1, most + 1)
    for tensor in (n for n in offered if heads % n == 0 and problem.chips % n == 0):
        for context in (n for n in space.contexts if problem.chips % (tensor * n) == 0):
            for expert in (n for n in space.experts if n == 1 or (experts and experts % n == 0)):
                for spread in space.expert_tensors:
                    if spread == 1 or (experts and tensor % spread == 0):
                        yield Degrees(tensor, context, expert, spread)


def _pipelines(problem: Problem, space: Space, degrees: Degrees) -> list[int]:
    tensor, context, expert, spread = degrees
    left = problem.chips // (tensor * context)
    most = min(left, problem.architecture.layers)
    offered = [n for n in space.pipelines or range(1, most + 1) if n <= most and left % n == 0]
    if space.datas:
        offered = [n for n in offered if left // n in space.datas]
    return [n for n in offered if (tensor * context * (left // n)) % (expert * spread) == 0]


def _chunkings(problem: Problem, space: Space, pipeline: int) -> list[list[int]]:
    """Chunks a stage may hold: together where each deals the same layers to a stage, else alone."""
    if pipeline == 1:
        return [[1]] if 1 in space.virtuals else []
    if any(space.ends):
        return [[1]]
    layers = problem.architecture.layers
    places = layers + 2 * _with_ends(space, layers, pipeline)
    whole = [v for v in space.virtuals if v == 1 or places % (pipeline * v) == 0]
    if places % pipeline == 0 and len(problem.architecture.groups) == 1:
        return [whole] if whole else []
    most = places + pipeline
    return [[v] for v in space.virtuals if v == 1 or (pipeline * v <= most and v <= MOST_UNEVEN)]


def _with_ends(space: Space, layers: int, pipeline: int) -> bool:
    """Whether embedding and head take a layer's place each: where layers divide only with them."""
    if space.embedding >= 0.0:
        return space.embedding > 0.0
    return layers % pipeline != 0 and (layers + 2) % pipeline == 0


def _block(
    problem: Problem, space: Space, degrees: Degrees, pipeline: int, chunks: list[int]
) -> list[Block]:
    """All plans of these degrees: micro-batch, chunks, ZeRO, recompute, … each on its own axis."""
    tensor, context, expert, spread = degrees
    data = problem.chips // (tensor * context * pipeline)
    each = problem.batch // data if problem.batch % data == 0 else 0
    micro = [n for n in space.micro_batches if each and each % n == 0]
    turns = _turns(space, pipeline, chunks)
    axes: tuple[Any, ...] = (
        micro,
        space.sequences if tensor > 1 else (0.0,),
        turns,
        _zeros(space, pipeline, data * context),
        [(code, _share(share, problem, pipeline)) for code, share in space.recomputes],
        space.offloads,
        space.exchanges if context > 1 else (0.0,),
    )
    if not all(len(axis) for axis in axes):
        return []
    split, turn, zero, again, moved, kind = (_columns(axis, n) for n, axis in enumerate(axes) if n)
    with_ends = pipeline > 1 and _with_ends(space, problem.architecture.layers, pipeline)
    first, last = space.ends if pipeline > 1 else (0.0, 0.0)
    plan = Plan(
        float(tensor), float(pipeline), float(data), float(context), float(expert), float(spread),
        virtual=turn[0], micro_batch=_columns(micro, 0)[0], batch=float(problem.batch),
        zero=zero[0], shard=zero[1], sequence=split[0], recompute=again[0], recomputed=again[1],
        schedule=turn[1], offload_optimizer=moved[0], offload_activations=moved[1],
        exchange=kind[0], embedding_layers=float(with_ends), first_layers=first, last_layers=last,
    )  # fmt: skip
    count = math.prod(len(axis) for axis in axes) * len(space.hidden)
    return [Block(degrees, plan, chunks[0] if len(chunks) == 1 else 1, count)]


def _columns(axis: Any, own: int) -> list[Any]:
    """One axis, of numbers or of pairs, as columns that broadcast against the other axes."""
    sides = np.atleast_2d(np.array(axis, float).T)
    return [side.reshape([-1 if n == own else 1 for n in range(AXES)]) for side in sides]


def _turns(space: Space, pipeline: int, chunks: list[int]) -> list[tuple[float, float]]:
    """Chunks with schedules: several chunks go with 1F1B alone, DualPipe with an even pipeline."""
    if pipeline == 1:
        return [(1.0, INTERLEAVED)]
    found = []
    for schedule in space.schedules:
        for chunk in chunks if schedule == INTERLEAVED else [v for v in chunks if v == 1]:
            if schedule != DUALPIPE or pipeline % 2 == 0:
                found.append((float(chunk), schedule))
    return found


DUALPIPE = 4.0


def _share(share: float, problem: Problem, pipeline: int) -> float:
    """A share of the layers; below zero it is a number of layers of each stage."""
    return share if share >= 0.0 else min(-share * pipeline / problem.architecture.layers, 1.0)


def _zeros(space: Space, pipeline: int, ranks: int) -> list[tuple[float, float]]:
    if ranks == 1:
        return [(0.0, 0.0)] if any(zero == 0.0 for zero, _ in space.zeros) else []
    most = 3.0 if pipeline == 1 or space.sharded_pipelines else 1.0
    return [
        (zero, shard)
        for zero, shard in space.zeros
        if zero <= most and (shard == 0.0 or (shard < ranks and ranks % shard == 0.0))
    ]


def _layers(problem: Problem, space: Space, plan: Plan) -> Pieces:
    """Layers of these degrees for every micro-batch offered, whatever the pipeline."""
    micro = _columns(space.micro_batches, 0)[0]
    wide = plan._replace(micro_batch=micro, pipeline=1.0)
    return pieces(problem.architecture, problem.machine, wide, problem.sequence, problem.setting)


def _picked(ready: Pieces, problem: Problem, space: Space, plan: Plan, virtual: int) -> Any:
    """The plan's work from layers timed for all micro-batches."""
    wanted = np.asarray(plan.micro_batch).ravel()
    at = np.searchsorted(np.array(space.micro_batches, float), wanted)
    many = len(space.micro_batches)

    def pick(layer: Any) -> Any:
        return type(layer)(*(x[at] if np.ndim(x) and x.shape[0] == many > 1 else x for x in layer))

    own = Pieces([pick(kind) for kind in ready.kinds], pick(ready.embedding), pick(ready.head))
    args = (problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    return work(*args, ready=own, virtual=virtual)
