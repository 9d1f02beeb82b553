"""`train … --against CHIP`: how much of a gap is silicon, how much software; what a move costs.

Both chips train the same model, each with its own maker's stack, as measured rows have it. The
silicon's part of the ratio is what the same formulas give at the rates of the data sheets; what is
left over is software, kernels included. Measured pairs of like work, from the asker's file, stand
beside it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError, shown
from chipassay.formulas.training import step_rate
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.plan_space import Problem
from chipassay.inquiry.run_words import spelled
from chipassay.inquiry.training_bench import links_alone, without_links
from chipassay.inquiry.training_fit import evaluated
from chipassay.inquiry.training_pairs import measured_pairs
from chipassay.model.run import Gap, gap, move_cost
from chipassay.model.train_step import Tuning
from chipassay.model.utilisation import counted
from chipassay.records.answer import Answer, Basis, Part, Quantity, Reason
from chipassay.records.model import Model
from chipassay.records.plan import Plan
from chipassay.records.question import Question
from chipassay.records.run import Move
from chipassay.trace import leaf, watching
from chipassay.units import parse

MOVE = ("people", "time", "wage")
SHOWN = ("step_time", "tokens_per_s_per_chip", "mfu", "memory_per_chip", "days", "energy", "cost")


class Side(NamedTuple):
    """One chip under its plan."""

    answer: Answer
    problem: Problem
    plan: Plan
    model: Model

    @property
    def id(self) -> str:
        """The chip's."""
        return str(self.problem.machine.chip.id)

    @property
    def rate(self) -> Quantity:
        """Tokens a second and chip."""
        found: Quantity = self.answer.answer["tokens_per_s_per_chip"]
        return found


def beside(
    question: Question, catalogue: Catalogue, own: Side, other: Side, model: FoundModel
) -> Answer:
    """The answer with `against`: the other chip, the gap and its parts, what a move costs."""
    notes, reasons = Footnotes(catalogue, [model]), list[Reason]()
    move = read_move(question.move) if question.move else {}
    ideals = _alike(own), _alike(other)
    notes.tell(*_reasons(own, ideals[0]), *_reasons(other, ideals[1]), *_reasons_asked(move))
    with watching():
        found = _gap(own, other, *ideals)
        for name in ("total", "silicon", "stack"):
            reasons += notes.reasons(f"train.against.{name}", getattr(found, name))
        told = _told(own, other, found, move)
        if move:
            reasons += notes.reasons("train.against.move", told.pop("watched"))
    if question.measured:
        told["measured"] = measured_pairs(Path(question.measured), catalogue, own.id, other.id)
    fields = {name: own.answer.answer.whole(name) for name in own.answer.answer}
    own_notes = {source["id"]: source for source in (*own.answer.sources, *notes.sources())}
    warnings = [*own.answer.warnings, *(f"{other.id}: {each}" for each in other.answer.warnings)]
    return replace(
        own.answer, question=question, answer=Part(fields | {"against": told}),
        because=(*own.answer.because, *reasons), sources=tuple(own_notes.values()),
        warnings=tuple(dict.fromkeys(warnings)),
    )  # fmt: skip


def _alike(side: Side) -> float:
    """Tokens a second and chip of a side's plan at the data sheet's rates: the silicon alone.

    A step is the longer of two: arithmetic with its memory traffic, waits of the pipeline and the
    optimiser; and all exchanges. Neither knows of a launch, a stack or a kernel.
    """
    problem = side.problem
    seconds = max(
        float(evaluated(problem._replace(machine=each, tuning=Tuning()), side.plan).step.time)
        for each in (without_links(problem.machine), links_alone(problem.machine))
    )
    return float(step_rate(side.plan.batch, problem.sequence, seconds, problem.chips))


def _reasons(side: Side, ideal: float) -> list[Reason]:
    """Where the two rates of a side come from."""
    said = side.answer.answer
    own = f"{said['plan_text']} with {said['stack']}"
    return [
        Reason(f"predicted.{side.id}", side.rate.value, "1/s", standing=f"this answer: {own}"),
        Reason(f"alike.{side.id}", ideal, "1/s", standing="its plan at the data sheet's rates"),
    ]


def _reasons_asked(move: dict[str, float]) -> list[Reason]:
    units = {"people": "1", "time": "s", "wage": "USD/s"}
    standing = "assumed by the asker"
    return [Reason(f"move.{n}", move[n], unit, standing=standing) for n, unit in units.items()
            if n in move]  # fmt: skip


def _gap(own: Side, other: Side, ideal: float, other_ideal: float) -> Gap:
    rates = (
        leaf(f"predicted.{own.id}", own.rate.value),
        leaf(f"alike.{own.id}", ideal),
        leaf(f"predicted.{other.id}", other.rate.value),
        leaf(f"alike.{other.id}", other_ideal),
    )
    return gap(*rates)


def _told(own: Side, other: Side, found: Gap, move: dict[str, float]) -> dict[str, Any]:
    ends = zip(_ends(own.rate), _ends(other.rate, -1), strict=True)
    spread = [math.hypot(*pair) for pair in ends]
    order: tuple[Basis, ...] = ("measured", "interpolated", "transferred", "assumed")
    basis = max(own.rate.basis, other.rate.basis, key=order.index)

    def banded(value: float) -> Quantity:
        low, high = value * math.exp(-spread[0]), value * math.exp(spread[1])
        return Quantity(value, low, high, "1", basis)

    said = other.answer.answer
    stack = float(found.stack)
    peaks = (float(each.problem.machine.silicon.matrix) for each in (own, other))
    flop = float(counted(own.model, own.problem.sequence, "causal-half"))
    flat = gap(own.rate.value, next(peaks) / flop, other.rate.value, next(peaks) / flop)
    told: dict[str, Any] = {
        "chip": said.whole("chip"), "stack_used": said["stack"], "plan_text": said["plan_text"],
        "fits": said["fits"], **{name: said[name] for name in SHOWN},
        "throughput_ratio": banded(float(found.total)), "silicon_ratio": float(found.silicon),
        "stack_ratio": banded(stack), "stack_share": float(found.stack_share),
        "at_full_rate": {"silicon_ratio": float(flat.silicon), "stack_ratio": float(flat.stack)},
        "lost": _lost(own, stack),
    }  # fmt: skip
    return told | (_moved(own, stack, move) if move else {})


def _ends(rate: Quantity, power: int = 1) -> tuple[float, float]:
    """How far a band reaches below and above its value, as logarithms; turned for a divisor."""
    down, up = math.log(rate.value / rate.low), math.log(rate.high / rate.value)
    return (down, up) if power > 0 else (up, down)


def _lost(own: Side, stack: float) -> dict[str, Any]:
    """What the weaker stack takes of a run: its share, chips' time, money; none if it is better."""
    share = max(1.0 - stack, 0.0)
    answer = own.answer.answer
    cost = answer["cost"]
    return {
        "throughput": share,
        "chip_time": share * float(answer["run"]["chip_time"].value),
        "cost": Quantity(
            cost.value * share, cost.low * share, cost.high * share, cost.unit, cost.basis
        ),
    }


def _moved(own: Side, stack: float, move: dict[str, float]) -> dict[str, Any]:
    """People's time, and what the run costs more than on a stack as good as the other's."""
    cost = own.answer.answer["cost"].value
    named = {name: leaf(f"move.{name}", value) for name, value in move.items()}
    people = Move(named["people"], named["time"], named.get("wage", math.nan), stack)
    watched = move_cost(cost * stack, people)
    work = move["people"] * move["time"]
    wage = move.get("wage", math.nan)
    needs = [] if "wage" in move else ["what one of them costs: wage=150000USD/year in --move"]
    if math.isnan(cost):
        needs += own.answer.answer["needs"]
    lost, people_cost = _lost(own, stack)["cost"], work * wage
    low, high = (people_cost + each for each in (lost.low, lost.high))
    told = {
        "people_time": work,
        "people_cost": Quantity(people_cost, people_cost, people_cost, "USD", "assumed"),
        "total": Quantity(float(watched), low, high, "USD", "assumed"),
        "needs": needs,
    }
    return {"move": told, "watched": watched}


def read_move(written: str) -> dict[str, float]:
    """`people=20,time=6 months,wage=150000 USD/year` as numbers."""
    found: dict[str, float] = {}
    for part in written.split(","):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or name not in MOVE:
            hint = "write people=20,time=6months,wage=150000USD/year"
            raise QuestionError(f"{shown(part)} is no part of a move", where="--move", hint=hint)
        unit = {"people": "1", "time": "s", "wage": "USD/s"}[name]
        found[name] = parse(spelled(value), unit, where="--move")
    if missing := [name for name in ("people", "time") if name not in found]:
        hint = "write people=20,time=6months,wage=150000USD/year"
        raise QuestionError(f"a move wants {' and '.join(missing)}", where="--move", hint=hint)
    return found
