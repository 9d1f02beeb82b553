"""What a measured row leaves out of its plan, as those who run such a stack would have set it.

Rows were run, so their plans fit the chip. Of what a row does not say, the lightest recomputing
that fits is taken; a micro-batch and chunks, or a whole plan, as the fastest that fits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.inquiry.plan_space import Problem, Space
from chipassay.inquiry.plans import experts_of
from chipassay.inquiry.search import search
from chipassay.inquiry.training_bench import Machine
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_rows import Case
from chipassay.inquiry.training_work import work
from chipassay.model.train_memory import memory
from chipassay.model.train_step import Tuning, step
from chipassay.records.plan import Plan, micro_batches

MICRO_BATCHES = (1.0, 2.0, 4.0, 8.0)
CHUNKS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
LONG = 32768.0
"""Tokens of a sequence from which context ranks are tried."""
CONTEXTS = (1, 2, 4, 8, 16)
EXPERTS = (8, 32, 64)


def filled_in(
    each: Case,
    machine: Machine,
    catalogue: Catalogue,
    tuning: Tuning,
    fit: Mapping[str, Any],
) -> Case:
    """The case with what its row left out set well; as it was where nothing would fit."""
    # Whoever ran it left room to spare: decimal gigabytes, a fifteenth less than memory holds.
    capacity = catalogue.chip(each.chip).entry.number("memory_capacity")
    missing = set(each.filled) & {"plan", "micro_batch", "recompute"}
    if not missing or math.isnan(capacity):
        return each
    problem = Problem(
        each.architecture, machine, int(each.chips), int(each.plan.batch), each.sequence,
        each.setting, tuning, holding(fit, each.setting), capacity,
    )  # fmt: skip
    found = _searched(problem, each) if "plan" in missing else _best(problem, each, missing)
    return each if found is None else replace(each, plan=found)


def _best(problem: Problem, each: Case, missing: set[str]) -> Plan | None:
    """The fastest that fits of what is offered, the lightest recomputing first."""
    for offered in _recomputes(each, missing):
        fitting = [
            (seconds, plan)
            for plan in _offered(each, missing, offered)
            for seconds, size in (_weighed(problem, plan),)
            if size <= problem.capacity
        ]
        if fitting:
            return min(fitting, key=lambda one: one[0])[1]
    return None


def _recomputes(each: Case, missing: set[str]) -> tuple[float, ...]:
    """The stack's own, and beyond none the light one: full recomputing is said where it is done."""
    own = float(each.plan.recompute)
    return (0.0, 1.0) if "recompute" in missing and own == 0.0 else (own,)


def _offered(each: Case, missing: set[str], recompute: float) -> Iterator[Plan]:
    plan = each.plan._replace(recompute=recompute)
    if "micro_batch" not in missing:
        yield plan
        return
    chunks = CHUNKS if _interleaves(plan) else (plan.virtual,)
    for micro, virtual in itertools.product(MICRO_BATCHES, chunks):
        tried = plan._replace(micro_batch=micro, virtual=virtual)
        rounds = float(micro_batches(tried))
        whole = rounds == int(rounds) and rounds >= 1.0
        level = each.architecture.layers % (plan.pipeline * virtual) == 0
        if whole and (virtual == 1.0 or (level and rounds % plan.pipeline == 0)):
            yield tried


def _interleaves(plan: Plan) -> bool:
    """Whether chunks may be chosen: not where a row has some, nor with DualPipe's own."""
    single = plan.pipeline > 1 and plan.virtual == 1
    return bool(single and plan.schedule == 1.0 and plan.zero < 3.0)


def _weighed(problem: Problem, plan: Plan) -> tuple[float, float]:
    """Seconds and bytes."""
    todo = work(problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    done = step(todo, plan, problem.machine.net, problem.tuning)
    return float(done.time), float(memory(todo, plan, problem.holding).total)


def _searched(problem: Problem, each: Case) -> Plan | None:
    """The fastest plan of all that fit."""
    experts = experts_of(problem.architecture)
    space = Space(
        most_tensor=8,
        contexts=CONTEXTS if problem.sequence > LONG else (1,),
        experts=tuple(n for n in EXPERTS if experts and experts % n == 0) or (1,),
        micro_batches=(1, 2, 4),
        virtuals=(1, 4),
        tensors=(1, 2, 4, 8),
        zeros=((float(each.plan.zero), 0.0),),
        sequences=(1.0,),
    )
    found = search(problem, space, keep=1)
    return found.best[0].plan if found.best else None
