"""Chips beside each other in training: one fleet, one batch, for each chip its best plan.

The plans are those of `train --search`, fewer of them: degrees that good plans have, and of the
blocks of plans the likeliest that weights leave room for. Copies of one chip that differ in figures
are columns of one search, so a dozen cuts cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.chips import memory_bytes
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.plan_space import Block, Problem, Space, layout, timed
from chipassay.inquiry.plan_words import as_text
from chipassay.inquiry.plans import experts_of
from chipassay.inquiry.search import runs
from chipassay.inquiry.training import posed, tuned
from chipassay.inquiry.training_asked import Asked, asked
from chipassay.inquiry.training_bench import machines
from chipassay.inquiry.training_work import work
from chipassay.model.train_memory import STATE, WEIGHT, Memory, memory
from chipassay.model.train_step import Step, step
from chipassay.records.plan import Plan
from chipassay.records.question import Question

ROOM = 4.0
"""Memory of a fleet over the training state, where nobody says how many chips."""
FEWEST, MOST = 8, 2**17
TENSORS, VIRTUALS, MICRO_BATCHES = (1, 2, 4, 8), (1, 2, 4, 8), (1, 2, 4)
PIPELINES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
EXPERTS = (8, 64)
"""Degrees of experts that are tried, beside all of them."""
ZEROS = ((0.0, 0.0), (1.0, 0.0), (3.0, 0.0))
BLOCKS, EXPERT_BLOCKS = 12, 36
"""Blocks of plans that are timed, of a dense model and of one with experts."""


class Best(NamedTuple):
    """What a chip does under its best plan; no plan, and no end of a step, where none fits."""

    seconds: float
    plan: Plan | None

    @property
    def text(self) -> str:
        """The plan as `--plan` takes it; "" for none."""
        return as_text(self.plan) if self.plan is not None else ""


class Training(NamedTuple):
    """A chip ready to be asked, with the question as `train` reads it."""

    found: Found
    model: FoundModel
    catalogue: Catalogue
    wanted: Asked
    problem: Problem

    def rate(self, seconds: float) -> float:
        """Tokens a second and chip; 0 where a step has no end."""
        return self.wanted.batch * self.wanted.sequence / (seconds * self.wanted.chips)


def training(
    question: Question, catalogue: Catalogue, found: Found, model: FoundModel, chips: int
) -> Training:
    """The question `train` of so many chips. Raises `QuestionError` as that one does."""
    words: dict[str, Any] = {
        "batch": question.batch, "seq": question.seq, "precision": question.precision,
    }  # fmt: skip
    if question.batch is not None and ".." in question.batch:
        problem = "an assay takes one batch"
        raise QuestionError(problem, where="--batch", hint="ask `train` for a range")
    said = {name: value for name, value in words.items() if value is not None}
    one = Question(task="train", model=model.id, chip=found.entry.id, chips=(str(chips),), **said)
    wanted = asked(one, catalogue, found.entry, model)
    return Training(found, model, catalogue, wanted, posed(catalogue, found, model, wanted))


def fleet(model: FoundModel, chips: Sequence[Entry]) -> int:
    """Chips to train on where nobody says: a power of two whose memory is four training states.

    Counted on the chip with the least memory, 16 bytes a parameter; a node of eight at least.
    """
    known = [memory_bytes(each) for each in chips]
    least = min((size for size in known if size > 0), default=math.nan)
    state = (2.0 * WEIGHT + STATE) * float(model.numbers().parameters)
    if math.isnan(least):
        return FEWEST
    return int(min(max(2 ** math.ceil(math.log2(ROOM * state / least)), FEWEST), MOST))


def space(problem: Problem) -> Space:
    """The plans that are tried."""
    experts = experts_of(problem.architecture) or 1
    offered = {n for n in (*EXPERTS, experts) if n <= experts and experts % n == 0}
    return Space(
        experts=tuple(sorted(offered)) or (1,),
        micro_batches=MICRO_BATCHES, virtuals=VIRTUALS, zeros=ZEROS, sequences=(1.0,),
        tensors=TENSORS, pipelines=PIPELINES,
    )  # fmt: skip


def best_plans(about: Training, chips: Sequence[Entry]) -> list[Best]:
    """The best plan of each of these copies of the chip on the same fleet."""
    problem = _side_by_side(about, chips)
    tried = space(about.problem)
    most = EXPERT_BLOCKS if experts_of(problem.architecture) else BLOCKS
    laid = [block for block in layout(about.problem, tried) if _holds(about, chips, block)]
    found = [Best(math.inf, None) for _ in chips]
    for plan, done, held, _ in timed(problem, tried, laid[:most]):
        shape = np.broadcast_shapes(np.shape(done.time), np.shape(held.total), (1, len(chips)))
        fit = (held.total <= problem.capacity) & runs(plan)
        times = np.broadcast_to(np.where(fit, done.time, np.inf), shape).reshape(-1, len(chips))
        for at, place in enumerate(times.argmin(0)):
            if times[place, at] < found[at].seconds:
                found[at] = Best(float(times[place, at]), _plan_at(plan, shape[:-1], int(place)))
    return found


def under(about: Training, chips: Sequence[Entry], plan: Plan) -> list[Best]:
    """Each copy of the chip under one plan; a step has no end where that does not fit."""
    problem = _side_by_side(about, chips)
    done, held = evaluated(problem, plan)
    times = np.where(held.total <= np.asarray(problem.capacity), done.time, np.inf)
    row = np.broadcast_to(times, (1, len(chips)))[0]
    return [Best(float(each), plan if each < math.inf else None) for each in row]


def evaluated(problem: Problem, plan: Plan) -> tuple[Step, Memory]:
    """One plan's step and memory."""
    todo = work(problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    done = step(todo, plan, problem.machine.net, problem.tuning)
    return done, memory(todo, plan, problem.holding)


def _side_by_side(about: Training, chips: Sequence[Entry]) -> Problem:
    """The problem with a column for each copy of the chip, on the last of two axes."""
    made = machines(about.problem.machine, chips, about.catalogue)
    constants = tuned(about.catalogue, about.found, about.model, about.wanted, made.least)
    capacity: Any = np.array([[memory_bytes(each) for each in chips]])
    return about.problem._replace(machine=made, tuning=constants, capacity=capacity)


def _holds(about: Training, chips: Sequence[Entry], block: Block) -> bool:
    """Whether weights and their gradients leave room in the largest memory, unless sharded."""
    if float(block.plan.pipeline) == 1.0:
        return True
    numbers, degrees = about.model.numbers(), block.degrees
    split = degrees.tensor * float(block.plan.pipeline)
    routed = float(numbers.expert_parameters) * float(bool(experts_of(about.problem.architecture)))
    spread = degrees.expert * degrees.expert_tensor * float(block.plan.pipeline)
    held = (float(numbers.parameters) - routed) / split + routed / spread
    return 2.0 * WEIGHT * held <= max(memory_bytes(each) for each in chips)


def _plan_at(plan: Plan, shape: tuple[int, ...], place: int) -> Plan:
    """One plan out of a block's columns, chips left aside."""
    index: Any = (*np.unravel_index(place, shape), 0)
    return Plan(*(float(np.broadcast_to(value, (*shape, 1))[index]) for value in plan))
