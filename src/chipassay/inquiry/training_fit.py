"""One plan's step and memory; and what would make one fit that does not."""

from __future__ import annotations

from dataclasses import dataclass

from chipassay.inquiry.plan_space import Problem
from chipassay.inquiry.plan_words import as_text
from chipassay.inquiry.training_asked import Asked
from chipassay.inquiry.training_finding import searched
from chipassay.inquiry.training_work import work
from chipassay.model.train_memory import Memory, memory
from chipassay.model.train_step import Passes, Step, passes, step
from chipassay.records.plan import Plan

CHANGES: tuple[tuple[str, dict[str, float]], ...] = (
    ("zero=1", {"zero": 1.0}),
    ("recompute=selective", {"recompute": 1.0, "recomputed": 1.0}),
    ("sp=yes", {"sequence": 1.0}),
    ("mbs=1", {"micro_batch": 1.0}),
    ("recompute=full", {"recompute": 2.0, "recomputed": 1.0}),
    ("zero=3", {"zero": 3.0}),
    ("offload=1", {"offload_optimizer": 1.0}),
)
"""What saves memory, the cheapest first."""
TIMES = (2, 4, 8, 16, 32, 64)
"""How many times the chips are tried where no plan fits on them."""


@dataclass(frozen=True, slots=True)
class Training:
    """One plan's step and memory, ready to be told."""

    plan: Plan
    step: Step
    memory: Memory
    stage: Passes
    """One micro-batch on a stage; of the last, with the head, in `last`."""
    last: Passes


def evaluated(problem: Problem, plan: Plan) -> Training:
    """One plan on the problem's chips."""
    todo = work(problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    net, tuned = problem.machine.net, problem.tuning
    done = step(todo, plan, net, tuned)
    sides = (passes(each, plan, net, tuned) for each in (todo.heavy, todo.last))
    return Training(plan, done, memory(todo, plan, problem.holding), *sides)


def would_fit(problem: Problem, wanted: Asked, plan: Plan) -> str:
    """What brings a plan into memory: changes of its words, another plan, or more chips."""
    return _changed(problem, plan) or _other(problem, wanted) or "on no number of these chips"


def _changed(problem: Problem, plan: Plan) -> str:
    """The first changes of the plan's words that do it."""
    tried, words = plan, dict[str, str]()
    for word, change in CHANGES:
        name, _, value = word.partition("=")
        fields = [(float(getattr(tried, field)), to) for field, to in change.items()]
        saved = all(now == to if name == "mbs" else now >= to for now, to in fields)
        if saved or (name == "sp" and plan.tensor == 1.0):
            continue
        tried = tried._replace(**change)
        words[name] = value
        if float(evaluated(problem, tried).memory.total) <= problem.capacity:
            return "with --plan …," + ",".join(f"{n}={v}" for n, v in words.items())
    return ""


def _other(problem: Problem, wanted: Asked) -> str:
    """The fastest plan that fits on as many chips, or on the least multiple of them."""
    for times in (1, *TIMES):
        more = problem._replace(chips=problem.chips * times)
        found = searched(more, wanted)
        if found.best:
            text = as_text(found.best[0].plan, problem.setting.beside())
            on = f"on {more.chips} chips, " if times > 1 else ""
            return f"{on}with --plan {text}"
    return ""
