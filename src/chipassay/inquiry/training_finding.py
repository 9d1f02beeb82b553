"""Plans found: the search a question asks for, what it tells while it runs, its runner-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chipassay.errors import QuestionError
from chipassay.inquiry import search as searching
from chipassay.inquiry.plan_space import Problem, Space, layout
from chipassay.inquiry.plan_words import as_text, as_words
from chipassay.inquiry.plans import nearest_text
from chipassay.inquiry.search import Candidate
from chipassay.inquiry.training_asked import Asked
from chipassay.inquiry.training_space import HOST, PAIRS, narrowed, usual_space
from chipassay.inquiry.training_work import work
from chipassay.model.train_step import Step, step
from chipassay.records.plan import Plan

SHOWN = 10
"""Plans that an answer lists."""
Hook = Callable[[dict[str, Any]], None]
"""What a caller hears while plans are tried: `done` of `total` plans, `chips`, `best` so far.

`best` has lines like `search.best` of an answer. An error that the hook raises ends the search.
"""


def searched(
    problem: Problem, wanted: Asked, hook: Hook | None = None, *, host: bool = False
) -> searching.Found:
    """All plans, over all batches asked for; `host`: with state and activations moved there."""
    total = searching.Found()
    problems = [problem._replace(batch=batch) for batch in wanted.batches]
    spaces = [narrowed(usual_space(each, wanted.habits), wanted.said) for each in problems]
    if host:
        spaces = [each._replace(offloads=HOST) for each in spaces]
    for place, (each, tried) in enumerate(zip(problems, spaces, strict=True), 1):
        later = zip(problems[place:], spaces[place:], strict=True) if hook else ()
        watch = hook and _watcher(hook, each, total, sum(offered(*both) for both in later))
        found = searching.search(each, tried, 4 * SHOWN, watch)
        total.plans += found.plans
        total.fitting += found.fitting
        total.seconds += found.seconds
        total.best = sorted([*total.best, *found.best], key=lambda one: (one.each, one.memory))
        total.pareto = searching.frontier([*total.pareto, *found.pareto])
        if found.least and (total.least is None or found.least[0] < total.least[0]):
            total.least = found.least
    return total


def offered(problem: Problem, space: Space) -> int:
    """How many plans a space holds."""
    return sum(block.offered for block in layout(problem, space))


def _watcher(
    hook: Hook, problem: Problem, before: searching.Found, after: int
) -> searching.Watcher:
    """A search's progress as a caller hears it: among all batches, in an answer's words."""

    def heard(now: searching.Progress) -> None:
        best = sorted([*before.best, *now.best], key=lambda one: (one.each, one.memory))
        hook({
            "done": before.plans + now.done, "total": before.plans + now.total + after,
            "chips": problem.chips, "best": [_line(one, problem) for one in best[:SHOWN]],
        })  # fmt: skip

    return heard


def found_plan(
    problem: Problem, wanted: Asked, hook: Hook | None = None
) -> tuple[Plan, dict[str, Any]]:
    """The best plan that fits, and what the search says. Where none fits, the leanest.

    Host memory is tried where nothing fits without.
    """
    found = searched(problem, wanted, hook)
    if not found.best and found.least and not wanted.said.fields & set(PAIRS["offloads"]):
        found = searched(problem, wanted, hook, host=True)
    if not found.best:
        if found.least is None:
            words = {name: values[0] for name, values in wanted.said.values.items()}
            known = {name: value for name, value in words.items() if name in Plan._fields}
            plan = wanted.plan._replace(**known, batch=float(wanted.batch))
            what = f"no plan of these words splits {wanted.batch} sequences over {problem.chips}"
            hint = nearest_text(plan, problem.chips, problem.architecture)
            raise QuestionError(f"{what} chips", where="--search", hint=hint)
        return found.least[1], {"search": _told(found, problem, [])}
    distinct = _distinct(found.best)
    return distinct[0].plan, {"search": _told(found, problem, distinct)}


def _distinct(best: list[Candidate]) -> list[Candidate]:
    """Plans that differ in time: of equals, the one that holds the least."""
    kept: list[Candidate] = []
    for each in best:
        if not kept or round(each.each / kept[-1].each, 9) != 1.0:
            kept.append(each)
    return kept


def _told(found: searching.Found, problem: Problem, best: list[Candidate]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "plans": found.plans,
        "fitting": found.fitting,
        "cpu_seconds": found.seconds,
        "best": [_line(each, problem) for each in best[:SHOWN]],
        "pareto": [_line(each, problem) for each in found.pareto],
    }
    if len(best) > 1:
        told["runner_up"] = _why(problem, best[0].plan, best[1].plan)
    return told


def _line(each: Candidate, problem: Problem) -> dict[str, Any]:
    seconds, size, plan = each
    beside = problem.setting.beside()
    rate = float(plan.batch) * problem.sequence / (seconds * problem.chips)
    return {
        "plan": as_words(plan, beside), "plan_text": as_text(plan, beside),
        "batch": int(plan.batch),
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
        "plan_text": as_text(other, problem.setting.beside()),
        "slower_by": float(second.time) / float(first.time) - 1.0,
        "loses_in": worst,
        "lost": lost[worst],
    }


def _step(problem: Problem, plan: Plan) -> Step:
    args = (problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    return step(work(*args), plan, problem.machine.net, problem.tuning)
