"""Training asked the other way round: how many chips, which model, which of a range of sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import memory_bytes
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.errors import QuestionError, shown
from chipassay.inquiry.run_words import spelled
from chipassay.inquiry.training_asked import tokens_of
from chipassay.inquiry.training_bench import FORMATS, MOST_RATE
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.model.run import FLOP_PER_PARAMETER_AND_TOKEN, tokens_to_train
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question
from chipassay.units import parse

MOST_CHIPS = 131072
FEWEST_CHIPS = 8
BETWEEN = ((6, 8), (5, 8), (7, 8))
"""Shares of the number of chips that are tried below the first doubling that is enough."""
LARGEST = "largest"
"""The word for a model that asks which one."""
GOALS = {"time": "days", "cost": "cost", "energy": "energy", "rate": "tokens_per_s_per_chip"}
"""What the best number of chips of a range is best at, and the field that tells."""
LEAST = 4.0
"""Bytes a parameter that no plan goes below: weights and gradients in 16 bits, all else away."""
LINE = ("step_time", "tokens_per_s_per_chip", "mfu", "memory_per_chip", "days", "energy", "cost")
Ask = Callable[[Question, Catalogue], Answer]


def inverse(question: Question, catalogue: Catalogue, answer: Ask) -> Answer:
    """How many chips finish within a time; for the model `largest`, which model so many train."""
    limit = parse(spelled(question.within or ""), "s", where="--within")
    if not limit > 0:
        problem = f"{shown(question.within)} is no time"
        raise QuestionError(problem, where="--within", hint="write 90 days")
    if question.model == LARGEST:
        return _largest(question, catalogue, limit, answer)
    if question.chips:
        problem = "both a number of chips and a time are given"
        hint = "drop --chips to ask how many, or --within to ask how long"
        raise QuestionError(problem, where="--within", hint=hint)
    return _how_many(question, catalogue, limit, answer)


def _how_many(question: Question, catalogue: Catalogue, limit: float, answer: Ask) -> Answer:
    """The least of the doublings that is in time, then of the eighths below it."""
    tried: dict[int, Answer | None] = {}

    def at(count: int) -> Answer | None:
        if count not in tried:
            one = question.model_copy(update={"within": None, "chips": (str(count),)})
            tried[count] = _answered(one, catalogue, answer)
        return tried[count]

    def in_time(count: int, sure: bool = False) -> bool:
        found = at(count)
        days = found.answer["days"] if found is not None and not found.refusal else None
        return days is not None and (days.high if sure else days.value) <= limit

    counts = [FEWEST_CHIPS * 2**n for n in range(int(math.log2(MOST_CHIPS // FEWEST_CHIPS)) + 1)]
    first = _first(counts, in_time)
    if first is None:
        problem = f"{MOST_CHIPS} {question.chip} do not train {question.model} in {question.within}"
        raise QuestionError(problem, where="--within", hint="allow more time or fewer tokens")
    least = min((n for n in _below(first) if in_time(n)), default=first)
    sure = _first([n for n in counts if n >= first], lambda n: in_time(n, sure=True))
    extra = {"within": limit, "chips_to_be_sure": sure, "by_chips": _lines(tried)}
    return _with(question, tried[least], extra)


def _below(first: int) -> list[int]:
    return [first * part // whole for part, whole in BETWEEN if first >= 2 * FEWEST_CHIPS]


def _first(counts: list[int], enough: Callable[[int], bool]) -> int | None:
    """The first that is enough, where all after it are as well."""
    low, high = 0, len(counts)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(counts[middle]) else (middle + 1, high)
    return counts[low] if low < len(counts) else None


def _answered(question: Question, catalogue: Catalogue, answer: Ask) -> Answer | None:
    try:
        return answer(question, catalogue)
    except QuestionError:
        return None


def _largest(question: Question, catalogue: Catalogue, limit: float, answer: Ask) -> Answer:
    """The catalogue's models from the largest down; those out of reach at full rate unsearched."""
    if not question.chips:
        raise QuestionError("how many chips?", where="--chips", hint="add --chips N")
    found = [find_model(catalogue, name) for name in catalogue.models()]
    sized = sorted(found, key=lambda one: -float(one.numbers().parameters))
    late = 0
    for model in sized:
        if not _within_reach(question, catalogue, model, limit):
            continue
        one = question.model_copy(update={"within": None, "model": model.id})
        tried = _answered(one, catalogue, answer)
        if tried is None or tried.refusal:
            continue
        if tried.answer["days"].value <= limit:
            optimal = _compute_optimal(tried, limit)
            return _with(question, tried, {"within": limit, "compute_optimal_parameters": optimal})
        late += 1
    problem = f"{question.chips[0]} {question.chip} train no model of the catalogue in that time"
    raise QuestionError(problem, where="--within", hint="allow more time or more chips")


def _within_reach(
    question: Question, catalogue: Catalogue, model: FoundModel, limit: float
) -> bool:
    """Whether no product's share of the matrix rate, and all memory, rule it out; NaN does not."""
    chip = catalogue.chip(question.chip or "").entry
    chips, numbers = int(question.chips[0].split("..")[-1]), model.numbers()
    active = float(numbers.active_without_input_embedding)
    tokens = tokens_of(question.tokens, model)
    precision = question.precision or "bf16"
    fields = MATRIX_RATES[FORMATS.get(precision, precision)]
    rate = max((chip.number(name) for name in fields if name in chip.facts), default=math.nan)
    flop = FLOP_PER_PARAMETER_AND_TOKEN * active * tokens
    late = flop > MOST_RATE * rate * chips * limit
    return not (late or LEAST * float(numbers.parameters) > memory_bytes(chip) * chips)


def _compute_optimal(found: Answer, limit: float) -> float:
    """Parameters of a dense model that sees 20 tokens for each, at this speed, in that time."""
    run, model = found.answer["run"], found.answer["model"]
    pairs = float(model["active_parameters"]) * float(run["tokens"])
    return math.sqrt(pairs * limit / found.answer["days"].value / float(tokens_to_train(1.0)))


def ranged(question: Question, catalogue: Catalogue, counts: Iterable[int], answer: Ask) -> Answer:
    """Each number of chips of a range; told is the best by the goal, with a line for each."""
    tried: dict[int, Answer | None] = {}
    refused: dict[int, str] = {}
    for count in counts:
        try:
            one = question.model_copy(update={"chips": (str(count),)})
            tried[count] = answer(one, catalogue)
        except QuestionError as refusal:
            tried[count], refused[count] = None, str(refusal)
    fitting = [one for one in tried.values() if one is not None and not one.refusal]
    if not fitting:
        problem = f"no number of chips from {min(tried)} to {max(tried)} trains {question.model}"
        raise QuestionError(problem, where="--chips", hint="give more chips or a smaller model")
    goal = _goal(question, fitting)
    best = min(fitting, key=lambda one: _rank(one, goal))
    return _with(question, best, {"goal": goal, "by_chips": _lines(tried, refused)})


def _goal(question: Question, answers: list[Answer]) -> str:
    """The asker's goal; else money where it is known, else energy, else time."""
    if question.goal is not None:
        if math.isnan(answers[0].answer[GOALS[question.goal]].value):
            needs = "; ".join(answers[0].answer["needs"])
            problem = f"the {question.goal} is unknown"
            raise QuestionError(problem, where="--goal", hint=f"it wants {needs}")
        return question.goal
    known = ("cost", "energy", "time")
    return next(g for g in known if not math.isnan(answers[0].answer[GOALS[g]].value))


def _rank(answer: Answer, goal: str) -> float:
    value = float(answer.answer[GOALS[goal]].value)
    return -value if goal == "rate" else value


def _lines(
    tried: dict[int, Answer | None], refused: dict[int, str] | None = None
) -> list[dict[str, Any]]:
    """One line for each number of chips, the fewest first."""
    lines: list[dict[str, Any]] = []
    for count, one in sorted(tried.items()):
        if one is None:
            lines.append({"chips": count, "refused": (refused or {}).get(count, "no plan")})
            continue
        told = one.answer
        lines.append({
            "chips": count, "fits": told["fits"], "plan_text": told["plan_text"],
            "batch": told["workload"]["batch"], **{name: told[name] for name in LINE},
        })  # fmt: skip
    return lines


def _with(question: Question, best: Answer | None, extra: dict[str, Any]) -> Answer:
    if best is None:
        raise QuestionError("nothing was found", where="--within", hint="allow more time")
    fields = {name: best.answer.whole(name) for name in best.answer} | extra
    return replace(best, question=question, answer=Part(fields))
