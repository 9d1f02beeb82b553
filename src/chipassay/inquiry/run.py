"""The run part of a training answer: days, energy and money, each with its band and its basis.

A band comes from moving each uncertain input to both ends of its own 80 % band, alone, and adding
the shifts of the logarithm as independent ones: the square root of their squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.run_costs import Figure, Range, assumed, rated_power, rental, server_price
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry
from chipassay.inquiry.footnotes import Footnotes
from chipassay.model.run import YEAR, ownership_cost, rental_cost, run
from chipassay.records.answer import Basis, Quantity, Reason
from chipassay.records.run import Job, Ownership, Power, Run, Upkeep
from chipassay.trace import leaf
from chipassay.units import Num, si_unit

UPKEEP = {
    "failure_rate": "failure-rate",
    "downtime": "failure-downtime",
    "state": "checkpoint-state",
    "store_rate": "checkpoint-store-rate",
    "copy_rate": "checkpoint-copy-rate",
    "spread": "straggler-spread",
}
POWER = {"load": "node-load", "idle": "node-idle", "overhead": "power-overhead"}
OWNED = {
    "server_share": "server-share",
    "discount": "discount-rate",
    "life": "chip-life",
    "busy": "owned-busy-share",
    "electricity": "electricity-price",
}
ASSUMED = {**UPKEEP, **POWER, **OWNED}
"""The inputs that stand in `data/assumptions` until the asker sets them, by field."""
_MAY_BE_ZERO = ("spread", "downtime", "idle", "electricity", "rent", "server")
_STRENGTH: tuple[Basis, ...] = ("measured", "interpolated", "transferred", "assumed")
Inputs = Mapping[str, Num]


def plan_run(
    catalogue: Catalogue,
    chip: Entry,
    step: Quantity,
    job: Job,
    *,
    asked: Mapping[str, float] | None = None,
    asynchronous: bool = True,
    until: str = "",
    notes: Footnotes | None = None,
    reasons: list[Reason] | None = None,
) -> dict[str, Any]:
    """`days`, `energy`, `cost` and how they came about, for a step time with its band.

    `job.step_time` only leads the derivation to where it came from, for `notes` and `reasons`;
    the number and its band are read from `step`. `asked` sets inputs by their field in `ASSUMED`,
    or `interval`, `rent` (USD/s), `server` (USD) or `rated` (W), in SI. `days` is in seconds, as
    all quantities are. A price that nobody quotes makes `cost` unknown, and `needs` says what would
    settle it.
    """
    given = dict(asked or {})
    _check(job, given)
    rated = _asked(given, "rated", "W") or rated_power(catalogue, chip)
    rented = _asked(given, "rent", "USD/s") or rental(catalogue, chip, until=until)
    bought = _asked(given, "server", "USD") or server_price(catalogue, chip)
    ranges = {name: assumed(catalogue, id_) for name, id_ in ASSUMED.items()}
    ranges |= {name: _fixed(value) for name, value in given.items() if name in ranges}
    ranges["step_time"] = Range(step.low, step.value, step.high)
    ranges["rated"] = rated.range
    if rented is not None:
        ranges["rent"] = rented.range
    if bought is not None:
        ranges["server"] = bought.range
    fixed = {"asynchronous": float(asynchronous), "interval": given.get("interval", math.nan)}
    bands = banded(lambda inputs: _outputs(job, {**inputs, **fixed}), ranges)
    if notes is not None and reasons is not None:
        figures = {"rated": rated, "rent": rented, "server": bought}
        notes.tell(*_reasons_assumed(catalogue, given), *_reasons_quoted(figures))
        named = {name: leaf(f"run.{name}", ranges[name].value) for name in ranges}
        shown = _outputs(job, {**named, **fixed, "step_time": job.step_time})
        for name, called in _CALLED.items():
            reasons += notes.reasons(f"train.{called}", shown.get(name))
    return _answer(bands, job, step, rated, rented, bought, chip)


def _check(job: Job, given: Mapping[str, float]) -> None:
    """Refuse what no run can have; the reason and the name of the input in one line."""
    known = (*ASSUMED, "interval", "rent", "server", "rated")
    for name, value in given.items():
        if name not in known:
            raise UnknownNameError("input of a run", name, known)
        if not math.isfinite(value) or value < 0:
            raise QuestionError(f"{name} cannot be {_flaw(value)}", hint="give a plain quantity")
        if value == 0 and name not in _MAY_BE_ZERO:
            raise QuestionError(f"{name} is to be above zero", hint="for none, give a tiny one")
    for name in ("tokens", "tokens_per_step", "chips", "parameters"):
        if not float(getattr(job, name)) > 0:
            problem = f"a run wants {name.replace('_', ' ')} above zero"
            raise QuestionError(problem, hint="see train --help")


def _flaw(value: float) -> str:
    return "negative" if value < 0 else "without bound or unknown"


def _asked(given: Mapping[str, float], name: str, unit: str) -> Figure | None:
    if name not in given:
        return None
    return Figure(_fixed(given[name]), unit, "assumed by the asker", "", ("asker",), 1)


def _fixed(value: float) -> Range:
    return Range(value, value, value)


def banded(
    outputs: Callable[[Inputs], Mapping[str, Num]], ranges: Mapping[str, Range]
) -> dict[str, Range]:
    """Each output with its band: a column in which each input moves to its ends, one at a time."""
    names = list(ranges)
    columns = {name: np.full(2 * len(names) + 1, ranges[name].value) for name in names}
    for index, name in enumerate(names):
        columns[name][2 * index + 1] = ranges[name].low
        columns[name][2 * index + 2] = ranges[name].high
    found = outputs(columns)
    return {name: _banded(np.asarray(column, dtype=float)) for name, column in found.items()}


def _banded(column: np.ndarray[Any, np.dtype[np.float64]]) -> Range:
    if column.ndim == 0 or not column[0] > 0 or np.isnan(column).any():
        value = float(column if column.ndim == 0 else column[0])
        ends = value if column.ndim == 0 else math.nan
        return Range(ends, value, ends)
    shifts = np.log(column[1:] / column[0])
    up = math.sqrt(float(np.sum(np.maximum(shifts, 0.0) ** 2)))
    down = math.sqrt(float(np.sum(np.minimum(shifts, 0.0) ** 2)))
    value = float(column[0])
    return Range(value * math.exp(-down), value, value * math.exp(up))


def _outputs(job: Job, inputs: Inputs) -> dict[str, Num]:
    """Everything of a run that is shown, for one set of inputs or columns of them."""
    upkeep = {name: inputs[name] for name in (*UPKEEP, "asynchronous", "interval")}
    power = {name: inputs[name] for name in ("rated", *POWER)}
    done = run(job._replace(step_time=inputs["step_time"]), Upkeep(**upkeep), Power(**power))
    shown: dict[str, Num] = {name: getattr(done, name) for name in Run._fields}
    shown["lost"] = 1 / done.effective - 1
    if "rent" in inputs:
        shown["rent"] = rental_cost(done, inputs["rent"])
    if "server" in inputs:
        owned = Ownership(**{name: inputs[name] for name in ("server", *OWNED)})
        shown["ownership"] = ownership_cost(done, owned, YEAR)
    return shown


_CALLED = {
    "elapsed": "days",
    "energy": "energy",
    "rent": "cost, rented",
    "ownership": "cost, owned",
}
"""Whose derivations are shown, and what the answer calls them."""


def _reasons_assumed(catalogue: Catalogue, given: Mapping[str, float]) -> list[Reason]:
    """One line for each assumed input: on whose word."""
    lines = []
    for name, id_ in ASSUMED.items():
        written, value = catalogue.assumption(id_), given.get(name, assumed(catalogue, id_).value)
        unit = "1" if written["unit"] == "year" else si_unit(written["unit"])
        if name in given:
            lines.append(Reason(f"run.{name}", value, unit, standing="assumed by the asker"))
            continue
        standing = f"{'fitted' if 'script' in written else 'assumed'}: {id_}"
        source = written["sources"][0]
        lines.append(Reason(f"run.{name}", value, unit, source=source, standing=standing))
    return lines


def _reasons_quoted(figures: Mapping[str, Figure | None]) -> list[Reason]:
    """One line for each price or rating that was found."""
    return [
        Reason(
            f"run.{name}",
            figure.range.value,
            figure.unit,
            source=next((key for key in figure.sources if key != "asker"), ""),
            standing=" ".join(filter(None, (figure.kind, figure.date))),
        )
        for name, figure in figures.items()
        if figure is not None
    ]


_UNITS = {"energy": "J", "checkpoint": "B", "effective": "1", "failures": "1", "steps": "1"}


def _answer(
    bands: Mapping[str, Range],
    job: Job,
    step: Quantity,
    rated: Figure,
    rented: Figure | None,
    bought: Figure | None,
    chip: Entry,
) -> dict[str, Any]:
    days = weaker(step.basis, "transferred")
    lost = bands["lost"]
    effective = Range(*(1 / (1 + each) for each in (lost.high, lost.value, lost.low)))
    power = weaker(days, "assumed" if rated.estimated else "transferred")
    money = {"rent": rented, "ownership": bought}
    costs = {
        kind: _quantity(bands[kind], "USD", weaker(power, "assumed" if quote.estimated else days))
        for kind, quote in money.items()
        if quote is not None
    }
    kind = min(costs, key=lambda kind: _STRENGTH.index(costs[kind].basis), default="")
    paid = money[kind] if kind else None
    parts = {
        name: _quantity(bands[name], _UNITS.get(name, "s"), days)
        for name in Run._fields
        if name not in ("energy", "elapsed", "steps", "young_interval", "effective")
    }
    return {
        "days": _quantity(bands["elapsed"], "s", days),
        "energy": _quantity(bands["energy"], "J", power),
        "cost": costs.get(kind, Quantity(math.nan, math.nan, math.nan, "USD", "assumed")),
        "cost_basis": {"kind": kind or "unknown"} | (_told(paid) if paid is not None else {}),
        "costs": costs,
        "run": {"tokens": float(job.tokens), "steps": bands["steps"].value, **parts}
        | {"effective": _quantity(effective, "1", "assumed")},
        "power_basis": _told(rated),
        "needs": _needs(bands, rented, bought, chip),
    }


def _quantity(band: Range, unit: str, basis: Basis) -> Quantity:
    return Quantity(band.value, band.low, band.high, unit, basis)


def weaker(first: Basis, second: Basis) -> Basis:
    """The weaker of two ways of knowing."""
    return max(first, second, key=_STRENGTH.index)


def _told(figure: Figure) -> dict[str, Any]:
    """What a figure rests on."""
    band = figure.range
    basis: Basis = "assumed" if figure.estimated else "measured"
    told = {"what": figure.kind, "date": figure.date, "quotes": figure.quotes}
    told["each"] = Quantity(band.value, band.low, band.high, figure.unit, basis)
    return told | {"sources": list(figure.sources), "estimate": figure.estimated}


def _needs(
    bands: Mapping[str, Range], rented: Figure | None, bought: Figure | None, chip: Entry
) -> list[str]:
    """What would settle what is unknown."""
    needs = []
    if rented is None and bought is None:
        needs.append(f"a dated rent or price of {chip.id}, from any source")
    elif rented is None:
        needs.append(f"a dated rent of {chip.id}: the cost shown is an owner's")
    if math.isnan(bands["energy"].value):
        needs.append(f"{chip.id}.tdp, or the rated power of a node with it")
    if math.isnan(bands["elapsed"].value):
        needs.append("a step time")
    return needs
