"""Plans found: the search a question asks for, its runner-up, and inverse questions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError, shown
from chipassay.inquiry import search as searching
from chipassay.inquiry.plans import as_text, as_words, experts_of
from chipassay.inquiry.search import Problem, Space
from chipassay.inquiry.training_asked import Asked
from chipassay.inquiry.training_work import work
from chipassay.model.train_step import Step, step
from chipassay.records.answer import Answer, Part
from chipassay.records.plan import Plan
from chipassay.records.question import Question
from chipassay.units import parse

LONG = 16384
"""Sequences from here on are worth splitting over context ranks."""


def space(problem: Problem, sequence: float) -> Space:
    """What is tried: expert degrees where there are experts, context ones where it is long."""
    experts = experts_of(problem.architecture)
    degrees = tuple(2**n for n in range(int(math.log2(experts)) + 1)) if experts else (1,)
    most = max(int(sequence // LONG), 1)
    contexts = tuple(2**n for n in range(int(math.log2(most)) + 2)) if most > 1 else (1,)
    node = max(int(problem.machine.net.node), 1)
    return Space(
        most_tensor=min(max(node, 8), 16),
        contexts=contexts,
        experts=tuple(n for n in degrees if experts % n == 0) if experts else (1,),
    )


def searched(problem: Problem, wanted: Asked) -> searching.Found:
    """All plans, over all batches asked for."""
    total = searching.Found()
    for batch in wanted.batches:
        each = problem._replace(batch=batch)
        found = searching.search(each, space(each, wanted.sequence))
        total.plans += found.plans
        total.fitting += found.fitting
        total.seconds += found.seconds
        total.best += found.best
        total.pareto += found.pareto
        if found.least and (total.least is None or found.least[0] < total.least[0]):
            total.least = found.least
    rate = {id(one): one[0] / float(one[2].batch) for one in total.best}
    total.best.sort(key=lambda one: (rate[id(one)], one[1]))
    return total


def found_plan(problem: Problem, wanted: Asked) -> tuple[Plan, dict[str, Any]]:
    """The best plan that fits, and what the search says. Where none fits, the leanest."""
    found = searched(problem, wanted)
    if not found.best:
        if found.least is None:
            problem_ = f"no plan splits {wanted.batch} sequences over {problem.chips} chips"
            hint = "ask for another batch or number of chips, powers of two divide best"
            raise QuestionError(problem_, where="--chips", hint=hint)
        return found.least[1], {"search": _told(found, problem, [])}
    distinct = _distinct(found.best)
    return distinct[0][2], {"search": _told(found, problem, distinct)}


def _distinct(best: list[tuple[float, float, Plan]]) -> list[tuple[float, float, Plan]]:
    """Plans that differ in time: of equals, the one that holds the least."""
    kept: list[tuple[float, float, Plan]] = []
    for each in best:
        if not kept or round(each[0] / kept[-1][0], 9) != 1.0:
            kept.append(each)
    return kept


def _told(
    found: searching.Found, problem: Problem, best: list[tuple[float, float, Plan]]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "plans": found.plans,
        "fitting": found.fitting,
        "cpu_seconds": found.seconds,
        "best": [_line(each, problem) for each in best[:10]],
        "pareto": [_line(each, problem) for each in found.pareto[:10]],
    }
    if len(best) > 1:
        told["runner_up"] = _why(problem, best[0][2], best[1][2])
    return told


def _line(each: tuple[float, float, Plan], problem: Problem) -> dict[str, Any]:
    seconds, size, plan = each
    rate = float(plan.batch) * problem.sequence / (seconds * problem.chips)
    return {
        "plan": as_words(plan), "plan_text": as_text(plan), "batch": int(plan.batch),
        "step_time": seconds, "tokens_per_s_per_chip": rate, "memory_per_chip": size,
    }  # fmt: skip


def _why(problem: Problem, winner: Plan, other: Plan) -> dict[str, Any]:
    """By how much the runner-up is slower, and in which part of a step it loses most."""
    first, second = _step(problem, winner), _step(problem, other)
    lost = {
        name: float(getattr(second, name)) - float(getattr(first, name))
        for name in Step._fields[1:]
    }
    worst = max(lost, key=lambda name: lost[name])
    return {
        "plan_text": as_text(other),
        "slower_by": float(second.time) / float(first.time) - 1.0,
        "loses_in": worst,
        "lost": lost[worst],
    }


def _step(problem: Problem, plan: Plan) -> Step:
    args = (problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    return step(work(*args), plan, problem.machine.net, problem.tuning)


MOST_CHIPS = 131072
FEWEST_CHIPS = 8


LARGEST = "largest"
"""The word for a model that asks which one."""


def inverse(
    question: Question, catalogue: Catalogue, answer: Callable[[Question, Catalogue], Answer]
) -> Answer:
    """How many chips finish within a time; for the model `largest`, which model so many train."""
    written = re.sub(r"\b(day|hour|week|month|year)s\b", r"\1", question.within or "")
    limit = parse(written, "s", where="--within")
    if not limit > 0:
        problem = f"{shown(question.within)} is no time"
        raise QuestionError(problem, where="--within", hint="write 90 days")
    if question.model == LARGEST:
        return _largest(question, catalogue, limit, answer)
    if question.chips:
        problem = "both a number of chips and a time are given"
        hint = "drop --chips to ask how many, or --within to ask how long"
        raise QuestionError(problem, where="--within", hint=hint)
    counts = [FEWEST_CHIPS * 2**n for n in range(int(math.log2(MOST_CHIPS // FEWEST_CHIPS)) + 1)]
    tries = [question.model_copy(update={"within": None, "chips": (str(n),)}) for n in counts]
    best = _first(tries, catalogue, limit, answer)
    if best is None:
        problem = f"{MOST_CHIPS} {question.chip} do not train {question.model} in {question.within}"
        raise QuestionError(problem, where="--within", hint="allow more time or fewer tokens")
    return _asked_for(question, best, limit)


def _largest(
    question: Question,
    catalogue: Catalogue,
    limit: float,
    answer: Callable[[Question, Catalogue], Answer],
) -> Answer:
    if not question.chips:
        raise QuestionError("how many chips?", where="--chips", hint="add --chips N")
    sized = [
        (float(found.numbers().parameters), name)
        for name in catalogue.models()
        for found in (find_model(catalogue, name),)
    ]
    names = [name for _, name in sorted(sized, reverse=True)]
    tries = [question.model_copy(update={"within": None, "model": name}) for name in names]
    for each in tries:
        tried = _tried(each, catalogue, limit, answer)
        if tried is not None:
            return _asked_for(question, tried, limit)
    problem = f"{question.chips[0]} {question.chip} train no model of the catalogue in that time"
    raise QuestionError(problem, where="--within", hint="allow more time or more chips")


def _first(
    tries: list[Question],
    catalogue: Catalogue,
    limit: float,
    answer: Callable[[Question, Catalogue], Answer],
) -> Answer | None:
    """The first that is in time, where all after it are as well."""
    low, high, best = 0, len(tries), None
    while low < high:
        middle = (low + high) // 2
        tried = _tried(tries[middle], catalogue, limit, answer)
        if tried is None:
            low = middle + 1
        else:
            best, high = tried, middle
    return best


def _tried(
    question: Question,
    catalogue: Catalogue,
    limit: float,
    answer: Callable[[Question, Catalogue], Answer],
) -> Answer | None:
    """The answer if it fits and is in time."""
    try:
        tried = answer(question, catalogue)
    except QuestionError:
        return None
    return tried if not tried.refusal and tried.answer["days"].value <= limit else None


def _asked_for(question: Question, best: Answer, limit: float) -> Answer:
    fields = {name: best.answer.whole(name) for name in best.answer} | {"within": limit}
    return replace(best, question=question, answer=Part(fields))


def ranged(
    question: Question,
    catalogue: Catalogue,
    counts: tuple[int, ...],
    answer: Callable[[Question, Catalogue], Answer],
) -> Answer:
    """Each number of chips of a range; told is the best by the goal, with a line for each."""
    goal = {"time": "days", "cost": "cost", "energy": "energy"}[question.goal or "cost"]
    lines, best = [], None
    for count in counts:
        try:
            one = answer(question.model_copy(update={"chips": (str(count),)}), catalogue)
        except QuestionError as refusal:
            lines.append({"chips": count, "refused": str(refusal)})
            continue
        lines.append({
            "chips": count, "fits": one.answer["fits"], "plan_text": one.answer["plan_text"],
            **{name: one.answer[name] for name in ("step_time", "days", "energy", "cost")},
        })  # fmt: skip
        if not one.refusal and (best is None or one.answer[goal].value < best.answer[goal].value):
            best = one
    if best is None:
        problem = f"no number of chips from {counts[0]} to {counts[-1]} trains {question.model}"
        raise QuestionError(problem, where="--chips", hint="give more chips or a smaller model")
    fields = {name: best.answer.whole(name) for name in best.answer} | {"by_chips": lines}
    return replace(best, question=question, answer=Part(fields))
