"""Measured rows predicted: cases, their work as columns, the tuning of each."""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry
from chipassay.inquiry.training_bench import Machine, machine
from chipassay.inquiry.training_filling import filled_in
from chipassay.inquiry.training_rows import Case, case
from chipassay.inquiry.training_work import work
from chipassay.measured.training import rows
from chipassay.model.train_step import Step, Work, step
from chipassay.model.train_tuning import Place, bounded, constants, tuning


@functools.cache
def fits() -> dict[str, Any]:
    """`data/training.json`: the constants that `builders/fit_training.py` found."""
    text = (resources.files("chipassay") / "data" / "training.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@functools.cache
def _left_out() -> dict[str, Any]:
    path = resources.files("chipassay") / "data" / "training.without.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def fits_without(chip: str) -> Mapping[str, Any]:
    """The constants by the rows of all chips but this one; "" leaves none out.

    Raises:
        QuestionError: no row of it was in the fit.
    """
    if chip and chip not in _left_out():
        problem = f"no fit has seen training steps of {chip}, so nothing can be left out"
        seen = ", ".join(_left_out())
        raise QuestionError(problem, where="--leave-out", hint=f"it has seen {seen}")
    return {**fits(), **_left_out()[chip]} if chip else fits()


def place_of(
    stack: str, chip: Entry, catalogue: Catalogue, precision: str, model: str = ""
) -> Place:
    """Where a step runs. A chip of no named core design stands for its maker's chips."""
    design = catalogue.core_design(chip)[0] or str(chip.vendor)
    measured = {each.split("|")[0] for each in fits()["measured"]}
    habits = catalogue.stacks()[stack]
    kin = "" if stack in measured else habits["kin"]
    recipe = f"{habits['recipes']}|{model}" if habits["recipes"] and model else ""
    return Place(stack, design, "bf16" if precision == "fp16" else precision, kin, recipe)


@dataclass
class Cases:
    """Rows that can be predicted, their work, and why others cannot."""

    cases: list[Case] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    total: int = 0


def read(
    path: Path, catalogue: Catalogue, fit: Mapping[str, Any] | None = None, left_out: str = ""
) -> Cases:
    """Every row of a file as a case, or counted with the reason.

    `fit` holds the constants by which plans are chosen where rows leave them out; the shipped ones
    by default. Nothing comes from rows of a chip that is left out.
    """
    found = Cases()
    known = fit or fits_without(left_out)

    @functools.cache
    def chip(name: str, precision: str, *links: float) -> Machine:
        words = dict(zip(("node", "link", "port", "reach"), links, strict=True))
        entry = catalogue.chip(name).entry
        without = left_out if entry.id == left_out else ""
        return machine(entry, catalogue, precision, **words, without=without)

    for row in rows(path):
        found.total += 1
        try:
            each = case(row, catalogue)
            link = tuple(each.links[key] for key in ("node", "link", "port", "reach"))
            where = chip(each.chip, each.precision, *(_known(x) for x in link))
            each = _complete(each, where, catalogue, known)
            todo = work(each.architecture, where, each.plan, each.sequence, each.setting)
        except (QuestionError, UnknownNameError) as refusal:
            found.skipped[_reason(refusal)] += 1
            continue
        except (ValueError, ZeroDivisionError, OverflowError):
            found.skipped["a cell holds a number that makes no sense"] += 1
            continue
        if not math.isfinite(float(step(todo, each.plan, where.net, _plain()).time)):
            found.skipped[_unknown(where)] += 1
            continue
        found.cases.append(each)
        found.machines.append(where)
        found.works.append(todo)
        entry = catalogue.chip(each.chip).entry
        model = each.architecture.id
        found.places.append(place_of(each.stack, entry, catalogue, each.precision, model))
    return found


def _complete(each: Case, where: Machine, catalogue: Catalogue, fit: Mapping[str, Any]) -> Case:
    """The case with what its row leaves out filled in."""
    entry = catalogue.chip(each.chip).entry
    place = place_of(each.stack, entry, catalogue, each.precision, each.architecture.id)
    tuned = tuning(constants(fit, place), catalogue.stacks()[each.stack])
    return filled_in(each, where, catalogue, bounded(tuned, where.least), fit)


def _unknown(where: Machine) -> str:
    """What a step lacks that came to nothing."""
    if math.isnan(float(where.net.port)):
        return f"nobody says how fast the network of {where.chip.name} is beyond its links"
    return "a figure of the chip that the step needs is unknown"


def _plain() -> Any:
    from chipassay.model.train_step import Tuning

    return Tuning()


def _known(value: float) -> float:
    return math.nan if math.isnan(value) else value


def _reason(refusal: Exception) -> str:
    """The refusal without the row that it names, so that equal reasons count together."""
    text = str(refusal)
    return text.split(": ", 1)[1] if ": " in text else text


def columns(items: list[Any]) -> Any:
    """Equal records as one record of columns."""
    first = items[0]
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        kind = type(first)
        return kind(*(columns([getattr(item, name) for item in items]) for name in first._fields))
    return np.array([float(item) for item in items])


def habit_columns(habits: list[dict[str, Any]]) -> dict[str, Any]:
    """What `tuning` asks of stacks, as columns."""
    numbers = ("gradient_bytes", "elementwise", "selective_again")
    words = [key for key in habits[0] if key.startswith("overlap") or key in numbers]
    return {key: np.array([one[key] for one in habits], float) for key in words}


def predicted(found: Cases, catalogue: Catalogue, fit: Mapping[str, Any]) -> Step:
    """All cases' steps as columns."""
    stacks = catalogue.stacks()
    each = [constants(fit, place) for place in found.places]
    together = {name: np.array([one[name] for one in each]) for name in each[0]}
    habits = [stacks[place.stack] for place in found.places]
    habit = habit_columns(habits)
    plan = columns([one.plan for one in found.cases])
    net = columns([one.net for one in found.machines])
    least = np.array([one.least for one in found.machines])
    return step(columns(found.works), plan, net, bounded(tuning(together, habit), least))
