"""Published figures beside predictions: each row's plan as told, else the best of those tried."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.fabrics import fabric
from chipassay.errors import ChipassayError, QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.serving_case import Case, Served, band, level, loop
from chipassay.inquiry.serving_engine import (
    DEFAULT,
    engine_named,
    fitted,
    formats,
    from_file,
    habits,
)
from chipassay.inquiry.serving_names import chip_of, model_of
from chipassay.inquiry.serving_plans import candidates
from chipassay.inquiry.serving_rows import ready
from chipassay.measured.serving_published import PublishedRow, published_row
from chipassay.model.serve_loop import Load
from chipassay.model.serve_pools import prompt_service
from chipassay.records.architecture import Architecture, Mixture
from chipassay.records.serve_plan import ServePlan

CLIENTS = 2.0 ** np.arange(0.0, 14.5, 0.5)
"""Clients of a replica that are tried where a row says "as many as you like"."""
TAIL = {"tpot_p99": 1.2, "ttft_p99": 3.0}
"""99th percentiles over means where arrivals are random, as MLPerf's rows lie below its limits."""
KIND = {"tpot_p99": "tpot", "ttft_p99": "ttft"}
BENCHMARK = "varied"
PUBLISHED = "published"
"""The level of figures that pages print: their bands are theirs alone."""


class Point(NamedTuple):
    """What a row's load gives: rates of all chips, times in seconds."""

    output: float
    input: float
    ttft: float
    tpot: float
    latency: float


@dataclass
class Published:
    """What was passed over, by reason."""

    skipped: Counter[str] = field(default_factory=Counter)
    total: int = 0


def published(
    rows: list[dict[str, str]], catalogue: Catalogue, left_out: str = ""
) -> tuple[dict[str, Any], Published]:
    """Predicted rows as columns, and those passed over."""
    found, lines = Published(), list[dict[str, Any]]()
    for written in rows:
        found.total += 1
        row = published_row(written)
        if isinstance(row, str):
            found.skipped[row] += 1
            continue
        try:
            lines.append(_line(row, catalogue, left_out))
        except ChipassayError as error:
            found.skipped[str(error).split(";")[0]] += 1
    if not lines:
        return {}, found
    return {name: np.array([line[name] for line in lines]) for name in lines[0]}, found


def _line(row: PublishedRow, catalogue: Catalogue, left_out: str) -> dict[str, Any]:
    chip, model = chip_of(catalogue, row.chip), model_of(catalogue, row.model).architecture
    options = [
        (about, point(about, row)) for about in _ready(row, catalogue, chip, model, left_out)
    ]
    if not options:
        raise QuestionError("no plan of so many chips holds the model", where=row.model)
    about, best = max(options, key=lambda each: _worth(each[1], row))
    metric = KIND.get(row.metric, "ttft" if row.metric == "latency" else row.metric)
    guess, at = _figure(best, row, _without(chip, left_out)), level(about.tables)
    low, high = band(metric, PUBLISHED)
    kind = "MLPerf" if row.source.startswith("MLPerf") else row.source.split(" ")[0][:40]
    return {
        "id": row.id, "chip": chip.id, "engine": about.case.engine.id, "model": model.id,
        "precision": about.case.formats.experts, "mode": _mode(row), "level": at,
        "benchmark": kind, "metric": metric, "measured": row.value, "predicted": guess,
        "low": guess * low, "high": guess * high,
    }  # fmt: skip


def _mode(row: PublishedRow) -> str:
    if row.decodes:
        return "decode pool"
    if row.fills:
        return "prefill pool"
    return "limited" if math.isfinite(row.limits[1]) else (
        "saturated" if math.isinf(row.clients) else "loaded"
    )  # fmt: skip


def _ready(
    row: PublishedRow, catalogue: Catalogue, chip: Entry, model: Architecture, left_out: str
) -> list[Served]:
    """Step times of the plan told, or of every plan worth trying that holds the model."""
    name, without = engine_named(catalogue, row.software) or DEFAULT, _without(chip, left_out)
    about = from_file(name, catalogue.engines()[name], without)
    cache = row.cache if row.cache in ("fp8", "bf16") else ""
    form = formats(model, _weights(row, chip), about, cache)
    context = row.input + row.output / 2.0
    found = []
    for plan in _plans(row, model, chip):
        case = Case(chip, catalogue, model, plan, form, about, context, without, row.drafts)
        one = ready(case)
        if one.memory.fits or not math.isnan(row.tensor):
            found.append(one)
    return found


def _without(chip: Entry, left_out: str) -> str:
    """The chip, where it is the one that no fit may have seen."""
    return left_out if chip.id == left_out else ""


def _weights(row: PublishedRow, chip: Entry) -> str:
    """The format told; else, for MLPerf, the narrowest of the chip, and 16 bits for others."""
    if row.weights:
        return row.weights
    if re_fp8(row.model):
        return "fp8"
    if not row.source.startswith("MLPerf"):
        return "bf16"
    if not math.isnan(chip.number("dense_fp4")) and "TensorRT" in row.software:
        return "nvfp4"
    return "fp8" if not math.isnan(chip.number("dense_fp8")) else "w4a16"


def re_fp8(name: str) -> bool:
    """Whether a model's name says that it is in 8 bits."""
    return name.casefold().endswith("fp8")


def _plans(row: PublishedRow, model: Architecture, chip: Entry) -> list[ServePlan]:
    chips = int(row.chips)
    if math.isnan(row.tensor):
        found = list(candidates(model, chips, int(fabric(chip).domain)))
        wide = row.decodes and not math.isnan(row.expert)
        return [ServePlan(1, 1, chips, chips)] if wide else found
    tensor, expert = int(row.tensor), 1 if math.isnan(row.expert) else int(row.expert)
    stages = 1 if math.isnan(row.pipeline) else int(row.pipeline)
    data = max(expert // tensor, 1)
    expert = min(expert, tensor * data)
    plan = ServePlan(tensor, stages, data, expert)
    plan = plan._replace(replicas=max(chips // plan.replica_chips, 1))
    mixture = any(isinstance(group.feed_forward, Mixture) for group in model.groups)
    if mixture and expert == 1 and chips == tensor > 1 and math.isinf(row.clients):
        # a table of the most of each model names the chips; how they are used is the best way
        return [plan, plan._replace(expert=chips), ServePlan(1, 1, chips, chips)]
    return [plan]


def point(about: Served, row: PublishedRow) -> Point:
    """The row's load on one plan."""
    if row.fills:
        return _filling(about, row)
    if row.decodes:
        return _decoding(about, row)
    fall, waves, _ = habits(BENCHMARK, about.case.without)
    replicas = about.case.plan.replicas
    fixed = math.isfinite(row.clients)
    clients = np.array([row.clients]) if fixed else CLIENTS * replicas
    done = loop(about, Load(clients, row.input, row.output, waves), fall)
    ttft = done.ttft if fixed else done.steady_ttft
    rate, tpot = done.rate, done.tpot
    at = _operating(row, rate, ttft, tpot)
    stay = float(ttft[at] + (row.output - 1.0) * tpot[at])
    per = float(rate[at])
    return Point(per * row.output, per * row.input, float(ttft[at]), float(tpot[at]), stay)


def _operating(row: PublishedRow, rate: Any, ttft: Any, tpot: Any) -> int:
    """Where on the curve the row was taken."""
    if len(rate) == 1:
        return 0
    if math.isfinite(row.rate):
        over = np.flatnonzero(rate >= row.rate)
        return int(over[0]) if len(over) else int(np.argmax(rate))
    limit_ttft, limit_tpot = row.limits
    good = (tpot * TAIL["tpot_p99"] <= limit_tpot) & (ttft * TAIL["ttft_p99"] <= limit_ttft)
    if not good.any():
        return int(np.argmin(np.maximum(tpot / limit_tpot, ttft / limit_ttft)))
    return int(np.argmax(np.where(good, rate, -1.0)))


def _filling(about: Served, row: PublishedRow) -> Point:
    """A prefill pool at full load."""
    service, lanes = prompt_service(about.steps, np.array([row.input]), 0.0)
    rate = float(about.case.plan.replicas * lanes[0] / service[0])
    ttft = float(service[0]) + about.steps.outside
    return Point(rate, rate * row.input, ttft, math.nan, ttft)


def _decoding(about: Served, row: PublishedRow) -> Point:
    """A decode pool that always holds so many sequences, or as many as its cache has room for."""
    steps, replicas = about.steps, about.case.plan.replicas
    context = row.input + row.output / 2.0
    room = float(steps.room(row.input, row.output))
    asked = row.clients / replicas if math.isfinite(row.clients) else room
    tpot = float(steps.decode(max(asked, 1.0), context)) / steps.per_step
    return Point(asked * replicas / tpot, math.nan, math.nan, tpot, math.nan)


def _worth(point_: Point, row: PublishedRow) -> float:
    """What a plan is chosen for."""
    found = point_.input if row.fills else point_.output
    if math.isfinite(row.limits[1]):
        miss = max(point_.tpot * TAIL["tpot_p99"] / row.limits[1], 1.0)
        return found / miss**2
    return found


def _figure(best: Point, row: PublishedRow, without: str) -> float:
    """The predicted figure in the row's terms."""
    if row.metric == "throughput":
        share = float(fitted(without)["runs"].get(_mode(row), 1.0))
        tokens = share * {"output": best.output, "input": best.input}.get(
            row.counted, best.output + best.input
        )
        return tokens if row.over == 0.0 else tokens * row.over / row.chips
    if row.metric == "latency":
        return best.latency
    kind = KIND.get(row.metric, row.metric)
    return float(getattr(best, kind)) * TAIL.get(row.metric, 1.0)
