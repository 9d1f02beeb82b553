"""Rows of measured serving as cases (chip, model, formats, plan), and what each was predicted."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel
from chipassay.errors import ChipassayError, QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.serving_case import Case, Served, assembled, level, loop, served
from chipassay.inquiry.serving_deployed import WIDEST_TENSOR, deployed
from chipassay.inquiry.serving_engine import (
    engine_named,
    fitted,
    formats,
    from_file,
    habits,
    outside_of,
)
from chipassay.inquiry.serving_handing import POOLED, handing, transfer_time
from chipassay.inquiry.serving_names import chip_of, model_of
from chipassay.inquiry.serving_pools_told import FEW, told
from chipassay.inquiry.serving_sweep import swept
from chipassay.measured.serving import ServingRow
from chipassay.model.serve_loop import Load, Loop
from chipassay.model.serve_pools import Pools, matching_workers, pooled_loop
from chipassay.records.serve_plan import ServePlan

FILLED = "filled"
"""The level of rows whose plan is told in part: its band is theirs alone."""


class Predicted(NamedTuple):
    """One row, beside its prediction in seconds."""

    row: ServingRow
    chip: str
    model: str
    engine: str
    level: str
    chips: float
    loop: Loop


@dataclass
class Found:
    """Predicted rows, and what was passed over, by reason."""

    rows: list[Predicted] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    total: int = 0


def predicted(rows: Iterable[ServingRow], catalogue: Catalogue, left_out: str = "") -> Found:
    """Every row that names a chip, a model and a plan, or a sweep that tells its plan."""
    return as_told(deployed(rows, catalogue), catalogue, left_out)


def as_told(rows: Iterable[ServingRow], catalogue: Catalogue, left_out: str = "") -> Found:
    """The same of rows whose plans are looked up already; rows of one engine are asked at once."""
    found, groups = Found(), dict[Any, list[ServingRow]]()
    for row in rows:
        found.total += 1
        reason = unusable(row)
        if reason:
            found.skipped[reason] += 1
            continue
        groups.setdefault(_key(row), []).append(row)
    for same in groups.values():
        try:
            found.rows += _together(same, catalogue, left_out)
        except ChipassayError as error:
            found.skipped[str(error).split(";")[0]] += len(same)
    return found


def unusable(row: ServingRow) -> str:
    """Why a row states no load; "" where it does."""
    if not (np.isfinite(row.clients) and row.clients > 0):
        return "says neither how many clients nor how large a batch"
    if not (row.input >= 1 and row.output >= 1):
        return "says no length of prompts and answers"
    if not row.ttft > 0 or not row.tpot > 0:
        return "has no time above zero"
    return ""


def _key(row: ServingRow) -> Any:
    both = (row.prefill, row.decode)
    pools = tuple((p.plan, p.workers, p.seats) if p is not None else None for p in both)
    plan = row.plan if row.prefill is None else None
    told = (row.chip, row.model, row.engine, row.weights, row.benchmark)
    return told, plan, pools, row.drafts, row.sure


def _together(same: list[ServingRow], catalogue: Catalogue, left_out: str) -> list[Predicted]:
    """Rows that differ in their load alone."""
    first = same[0]
    chip, model = chip_of(catalogue, first.chip), model_of(catalogue, first.model)
    name = engine_named(catalogue, first.engine)
    if not name:
        raise QuestionError(f"no engine is known by {first.engine}", where="engine")
    without = left_out if chip.id == left_out else ""
    about = from_file(name, catalogue.engines()[name], without)
    form = formats(model.architecture, first.weights, about)
    case = functools.partial(_case, chip, catalogue, model, form, about, without, same)
    if first.prefill is None or first.decode is None:
        return _one_pool(same, case(first.plan, first.drafts), model)
    return _two_pools(same, case, model)


def _case(
    chip: Entry,
    catalogue: Catalogue,
    model: FoundModel,
    form: Any,
    about: Any,
    without: str,
    same: list[ServingRow],
    plan: ServePlan,
    drafts: float,
) -> Case:
    context = float(np.mean([row.input + row.output / 2.0 for row in same]))
    taken = float(fitted(without)["benchmarks"][same[0].benchmark].get("taken", 0.0))
    return Case(
        chip, catalogue, model.architecture, spread(plan), form, about, context, without, drafts,
        taken,
    )  # fmt: skip


def spread(plan: ServePlan) -> ServePlan:
    """A plan wider than attention can be split: attention-data ranks with experts over all."""
    if plan.tensor <= WIDEST_TENSOR:
        return plan
    return plan._replace(tensor=1, attention_data=plan.tensor, expert=plan.tensor)


def ready(case: Case) -> Served:
    """A case's step times; kernels are looked up once for cases that differ in load or habits."""
    found = assembled(case, _known(case))
    if found.memory.fits:
        return found
    # it was measured, so it did fit: the estimate of its memory is off
    return found._replace(steps=found.steps._replace(kv_capacity_tokens=np.inf))


_TABLES: dict[Any, Any] = {}


def _known(case: Case) -> Any:
    """Tables by what decides them, habits left out."""
    key = (case.chip.id, case.chip.modified, case.model.id, case.plan, case.formats,
           case.engine.kernels, case.without, case.drafts)  # fmt: skip
    if key not in _TABLES:
        _TABLES[key] = served(case).tables
    return _TABLES[key]


def _one_pool(same: list[ServingRow], case: Case, model: FoundModel) -> list[Predicted]:
    about = ready(case)
    at = FILLED if same[0].plan.tensor > WIDEST_TENSOR else level(about.tables)
    fall, waves, length = habits(same[0].benchmark, case.without)
    load, steps = load_of(same, waves, length), about.steps
    if same[0].benchmark == "sweep":
        steps, fall = swept(case, steps, load, fall)
    outside = outside_of(same[0].benchmark, case.engine.id, case.without)
    steps = steps._replace(outside=steps.outside if outside is None else outside)
    done = loop(about._replace(steps=steps), load, fall)
    return _rows(same, done, case, model, at, np.full(len(same), float(case.plan.chips)))


def _two_pools(same: list[ServingRow], case: Any, model: FoundModel) -> list[Predicted]:
    """Rows of two pools, those of few clients and of many apart where plans are filled in."""
    found = []
    for few in (True, False):
        rows = [row for row in same if (row.clients <= FEW) == few]
        if rows:
            found += _pooled(rows, case, model)
    return found


def _pooled(same: list[ServingRow], case: Any, model: FoundModel) -> list[Predicted]:
    prefill, decode, matched = told(same[0], model.architecture)
    fill, reads = ready(case(prefill.plan, 0.0)), ready(case(decode.plan, same[0].drafts))
    _, waves, length = habits(same[0].benchmark, fill.case.without)
    load = load_of(same, min(fill.case.engine.habits.pool_waves, waves), length)
    pools = Pools(
        handing(fill).steps, reads.steps, prefill.workers, decode.workers,
        transfer_time(fill.case, reads.case), decode.seats,
    )  # fmt: skip
    if matched:
        pools = pools._replace(prefill_workers=matching_workers(pools, load))
    done = pooled_loop(pools, load)
    chips = fill.case.plan.chips * pools.prefill_workers + reads.case.plan.chips * decode.workers
    at = FILLED if matched or not same[0].sure else POOLED
    return _rows(same, done, fill.case, model, at, np.broadcast_to(chips, len(same)))


def load_of(rows: list[ServingRow], waves: float, length: float) -> Load:
    """The rows' loads as columns."""
    column = functools.partial(_column, rows)
    return Load(column("clients"), column("input") * length, column("output") * length, waves)


def _column(rows: list[ServingRow], name: str) -> Any:
    return np.array([getattr(row, name) for row in rows], float)


def _rows(
    rows: list[ServingRow], done: Loop, case: Case, model: FoundModel, at: str, chips: Any
) -> list[Predicted]:
    columns = [np.broadcast_to(np.asarray(value, float), len(rows)) for value in done]
    return [
        Predicted(
            row, case.chip.id, model.id, case.engine.id, at, float(chips[i]),
            Loop(*(c[i] for c in columns)),
        )
        for i, row in enumerate(rows)
    ]  # fmt: skip
