"""Chips beside each other in serving: one fleet, one load, for each chip its best plan.

Three figures of a chip: tokens a second under the whole load, prompts read alone (prefill), tokens
written alone (decode). Each is the best that any plan of the fleet gives. Copies of one chip that
differ in figures, and all plans, have their step times from one call of each kernel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.fabrics import fabric
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.serving_asked import Asked, asked
from chipassay.inquiry.serving_case import Case, Served, assembled, loop, memory_of
from chipassay.inquiry.serving_engine import engine, formats, habits
from chipassay.inquiry.serving_plans import as_text, candidates
from chipassay.inquiry.serving_steps import Subject, all_tables
from chipassay.model.serve_loop import Load, Loop
from chipassay.model.serve_pools import prompt_service
from chipassay.records.question import Question
from chipassay.records.serve_plan import ServePlan

BENCHMARK = "varied"
INPUT, OUTPUT = "1024", "1024"
CLIENTS_PER_CHIP = 4
"""Where nobody says: 32 on eight chips, the middle of what public closed-loop tables use."""
CROWDS = tuple(2.0**n for n in range(11))
"""Clients on a chip of the fleet that are tried where an objective, and no load, is given."""
TOLD = (1.0, 8.0, 32.0, 128.0, 512.0)
"""Clients for which ratios are told beside those asked: serving moves with the load."""
NODE, MOST = 8, 512


class Serving(NamedTuple):
    """A chip ready to be asked, with the question as `serve` reads it."""

    found: Found
    model: FoundModel
    catalogue: Catalogue
    wanted: Asked
    case: Case
    """The case of any plan; each plan replaces its own."""
    plans: tuple[ServePlan, ...]
    free: bool
    """Whether an objective and no load is given: clients come until it is missed."""


class Phase(NamedTuple):
    """Tokens a second and chip, the plan that gives them, and one token's time, or a prompt's."""

    rate: float = 0.0
    plan: ServePlan | None = None
    seconds: float = math.nan

    @property
    def text(self) -> str:
        """The plan as `--plan` takes it; "" where none fits."""
        return as_text(self.plan) if self.plan is not None else ""


class Phases(NamedTuple):
    """The best of prefill and of decode."""

    prefill: Phase
    decode: Phase


class Whole(NamedTuple):
    """The best plan under a load."""

    tokens: float = 0.0
    """Output tokens a second and chip; 0 where nothing fits or meets the objective."""
    about: Served | None = None
    loop: Loop | None = None
    loads: Sequence[tuple[float, float, float]] = ()
    """Clients, output tokens a second and chip under them, and in decode alone; best of plans."""


def serving(
    question: Question, catalogue: Catalogue, found: Found, model: FoundModel, chips: int
) -> Serving:
    """The question `serve` of so many chips. Raises `QuestionError` as that one does."""
    clients = question.concurrency or str(CLIENTS_PER_CHIP * chips)
    loads: dict[str, Any] = {"input": question.input or INPUT, "output": question.output or OUTPUT,
                             "concurrency": clients}  # fmt: skip
    for word, value in loads.items():
        if "," in value:
            problem = "an assay takes plain numbers"
            raise QuestionError(problem, where=f"--{word}", hint="ask `serve` for the rest")
    one = Question(
        task="serve", model=model.id, chip=found.entry.id, chips=(str(chips),), slo=question.slo,
        precision=question.precision, **loads,
    )  # fmt: skip
    wanted = asked(one, model)
    about = engine(catalogue, None, found.entry)
    form = formats(model.architecture, wanted.precision, about)
    plans = tuple(candidates(model.architecture, chips, int(fabric(found.entry).domain)))
    context = wanted.input + wanted.output / 2.0
    first = plans[0] if plans else ServePlan()
    case = Case(found.entry, catalogue, model.architecture, first, form, about, context)
    free = question.slo is not None and question.concurrency is None
    return Serving(found, model, catalogue, wanted, case, plans, free)


def fleet(question: Question, catalogue: Catalogue, model: FoundModel, chips: list[Found]) -> int:
    """Chips to serve on where nobody says: a node of eight, doubled until each chip's fit."""
    count = NODE
    while count < MOST:
        if all(_fits(serving(question, catalogue, each, model, count)) for each in chips):
            return count
        count *= 2
    return NODE


def _fits(about: Serving) -> bool:
    return any(memory_of(about.case._replace(plan=plan)).fits for plan in about.plans)


def all_served(
    about: Serving, chips: Sequence[Entry], plans: Sequence[ServePlan] = ()
) -> list[list[Served]]:
    """Step times of every plan that fits, for each copy of the chip."""
    cases = [
        [case for plan in plans or about.plans if memory_of(case := _of(about, chip, plan)).fits]
        for chip in chips
    ]
    flat = [case for row in cases for case in row]
    if not flat:
        return [[] for _ in chips]
    made = iter(all_tables([_subject(case) for case in flat]))
    return [[assembled(case, next(made)) for case in row] for row in cases]


def _of(about: Serving, chip: Entry, plan: ServePlan) -> Case:
    return about.case._replace(chip=chip, plan=plan)


def _subject(case: Case) -> Subject:
    kernels = case.engine.kernels
    return Subject(case.chip, case.catalogue, case.model, case.plan, case.formats, kernels)


def phases(about: Serving, served: Sequence[Served]) -> Phases:
    """The best of prefill and of decode over the plans."""
    return Phases(
        max((_prefill(about, each) for each in served), key=lambda p: p.rate, default=Phase()),
        max((_decode(about, each) for each in served), key=lambda p: p.rate, default=Phase()),
    )


def _prefill(about: Serving, served: Served) -> Phase:
    """Prompts read one after another, as many at once as the plan has lanes."""
    plan, tokens = served.case.plan, about.wanted.input
    seconds, lanes = (float(each) for each in prompt_service(served.steps, tokens, 0.0))
    if seconds > about.wanted.ttft:
        return Phase()
    return Phase(tokens * lanes / seconds / plan.replica_chips, plan, seconds)


def _decode(about: Serving, served: Served) -> Phase:
    """Tokens written by the clients' sequences, or by as many as meet the objective."""
    rates, each = _written(about, served, _crowd(about))
    good = np.where(each <= about.wanted.tpot, rates, 0.0)
    at = int(np.argmax(good))
    return Phase(float(good[at]), served.case.plan, float(each[at])) if good[at] > 0 else Phase()


def _written(about: Serving, served: Served, clients: Any) -> tuple[Any, Any]:
    """Tokens a second and chip while so many clients decode, and the time of each token."""
    plan, steps, wanted = served.case.plan, served.steps, about.wanted
    room = float(steps.room(wanted.input, wanted.output))
    batch = np.minimum(np.maximum(clients / plan.replicas, 1.0), room)
    lane = np.maximum(batch / steps.stages, 1.0)
    each = steps.decode(lane, wanted.input + wanted.output / 2.0) / steps.per_step
    busy = np.minimum(clients / plan.replicas, 1.0)  # replicas that have a client at all
    return busy * lane * steps.stages / each / plan.replica_chips, each


def _crowd(about: Serving) -> Any:
    return np.array(CROWDS) * about.wanted.chips if about.free else np.array([about.wanted.clients])


def under_load(about: Serving, served: Sequence[Served]) -> Whole:
    """The plan with the most output tokens a second and chip that meets the objective.

    And, under each of the loads that are told besides, the most of any plan.
    """
    wanted, asked, told = about.wanted, _crowd(about), len(TOLD)
    best, most = Whole(), np.zeros((2, told))
    for each in served:
        done, tokens = _looped(about, each, np.concatenate([TOLD, asked]))
        good = np.where((done.ttft <= wanted.ttft) & (done.tpot <= wanted.tpot), tokens, 0.0)
        at = told + int(np.argmax(good[told:]))
        if good[at] > best.tokens:
            best = Whole(float(good[at]), each, Loop(*(float(column[at]) for column in done)))
        most = np.maximum(most, [tokens[:told], _written(about, each, np.array(TOLD))[0]])
    return best._replace(loads=list(zip(TOLD, *most.tolist(), strict=True)))


def _looped(about: Serving, served: Served, clients: Any) -> tuple[Loop, Any]:
    """The closed loop of each number of clients, and its output tokens a second and chip."""
    fall, waves, _ = habits(BENCHMARK)
    wanted = about.wanted
    done = loop(served, Load(clients, wanted.input, wanted.output, waves), fall)
    done = Loop(*(np.broadcast_to(np.asarray(v, float), np.shape(clients)) for v in done))
    return done, done.rate * wanted.output / served.case.plan.chips
