"""One engine that serves one model on one kind of chip: its step times, memory, closed loop."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import memory_bytes
from chipassay.catalogue.fabrics import fabric
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.serving_engine import Engine, fits
from chipassay.inquiry.serving_memory import ServeMemory, serve_memory
from chipassay.inquiry.serving_steps import (
    BATCH,
    CACHED,
    CONTEXT,
    NEW,
    ROWS,
    TOKENS,
    Subject,
    Tables,
    tables,
)
from chipassay.model.serve_loop import Habits, Load, Loop, accepted, closed_loop
from chipassay.records.architecture import Architecture
from chipassay.records.serve_plan import Formats, ServePlan
from chipassay.records.step_times import StepTimes


class Case(NamedTuple):
    """Everything that decides a step's time and the memory."""

    chip: Entry
    catalogue: Catalogue
    model: Architecture
    plan: ServePlan
    formats: Formats
    engine: Engine
    context: float
    """Mean tokens of a sequence, for the room of the cache."""
    without: str = ""
    """A chip whose rows must not have been looked at in any fit."""
    drafts: float = 0.0
    """Tokens that a decode step guesses for each sequence, and verifies at once."""
    taken: float = 0.0
    """Chance that a guess is taken once those before it were; 0: as public tables have it."""


class Served(NamedTuple):
    """A case's step times and memory."""

    case: Case
    steps: StepTimes
    memory: ServeMemory
    tables: Tables


def served(case: Case) -> Served:
    """Step times from kernels, an engine's habits laid over them; room for the cache."""
    kernels = case.engine.kernels
    about = Subject(
        case.chip, case.catalogue, case.model, case.plan, case.formats, kernels, 1.0 + case.drafts
    )
    return assembled(case, tables(about, case.without))


def assembled(case: Case, found: Tables) -> Served:
    """The same from tables made before."""
    memory = memory_of(case)
    h, plan = case.engine.habits, case.plan
    passed = overlapped(case, found) + h.glue * found.layers
    ranks = float(plan.attention_data)
    steps = StepTimes(
        tokens=TOKENS,
        passed=passed,
        launched=np.maximum(passed, found.launches * h.launch),
        rows=ROWS,
        head=found.head,
        new=np.concatenate([[0.0], NEW]),
        cached=CACHED,
        prompt_attention=np.vstack([np.zeros(len(CACHED)), found.prompt]),
        batch=np.concatenate([[0.0], BATCH * ranks]),
        context=CONTEXT,
        decode_attention=np.vstack([np.zeros(len(CONTEXT)), found.decode]),
        host=h.host,
        admission=0.0,
        graph_rows=h.graph_rows * ranks,
        stages=float(plan.pipeline),
        ranks=ranks,
        per_step=accepted(case.drafts, case.taken),
        kv_capacity_tokens=max(memory.tokens, 1.0),
        block_tokens=h.block,
        most_sequences=h.sequences * ranks,
        chunk_tokens=h.chunk * ranks,
        transfer=0.0,
        outside=h.admission,
        verified=1.0 + case.drafts,
        reserved=h.reserves,
        layers=found.layers,
    )
    return Served(case, steps, memory, found)


def overlapped(case: Case, found: Tables) -> Any:
    """What every token passes, where two half batches take turns across nodes if that is shorter.

    One exchanges while the other computes: the longer of both counts, each on half of the tokens.
    """
    plan, exchange = case.plan, found.shares.get("passed.exchange")
    joined = float(fabric(case.chip).domain)
    if not case.engine.habits.overlaps or exchange is None or plan.replica_chips <= joined:
        return found.passed
    halves = (np.interp(TOKENS / 2.0, TOKENS, v) for v in (exchange, found.passed - exchange))
    return np.minimum(found.passed, 2.0 * np.maximum(*halves))


def memory_of(case: Case) -> ServeMemory:
    """What lies on one chip of the case."""
    capacity = memory_bytes(case.chip)
    if math.isnan(capacity):
        hint = f"set it with --but {case.chip.id}.memory_capacity=…"
        problem = f"nobody published the memory of {case.chip.id}"
        raise QuestionError(problem, where=case.chip.id, hint=hint)
    return serve_memory(
        capacity, case.model, case.plan, case.formats, case.engine.habits, case.context
    )


def loop(about: Served, load: Load, habits: Habits) -> Loop:
    """The closed loop of all clients over the case's replicas."""
    replicas = float(about.case.plan.replicas)
    mine = load._replace(clients=np.maximum(np.asarray(load.clients) / replicas, 1.0))
    found = closed_loop(about.steps, mine, habits, about.case.engine.habits.mixes)
    return found._replace(decoding=found.decoding * replicas, rate=found.rate * replicas)


LEVELS = {"measured": "own", "interpolated": "own", "transferred": "design", "assumed": "far"}


def level(found: Tables) -> str:
    """How far away the kernels' constants were found: by the farthest that counts."""
    order = ["own", "design", "far"]
    main = [each for each in found.basis if not each.startswith("pointwise")]
    return max((LEVELS[each.split(" ")[1]] for each in main), key=order.index)


def band(metric: str, at: str) -> tuple[float, float]:
    """Factors of the 80 % band of a metric ("ttft", "tpot", "throughput") at a level."""
    low, high = fits()["bands"][metric][at]
    return math.exp(low), math.exp(high)
