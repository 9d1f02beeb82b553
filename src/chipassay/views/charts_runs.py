"""Runs as pictures: memory, time of a step, plans, operating points, how full a server was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chipassay.units import convert, number
from chipassay.views.charts import RED, Figure, across, axis, in_unit, line, stacked
from chipassay.views.figures import is_quantity, words

_LOADS = (("rate", "requests that arrive in a second"), ("concurrency", "clients at once"))
_LATENCIES = (("ttft", "first token"), ("tpot", "each further token"))
_SHARES = ("mean", "p50", "p99")
_MOST_ENGINES = 4


def run_charts(told: Mapping[str, Any]) -> dict[str, Figure]:
    """Every picture that an answer of `train` or `serve` holds the figures for, by name."""
    found: dict[str, Figure] = {}
    parts = told.get("memory_parts")
    if isinstance(parts, dict):
        found["memory"] = in_unit(
            "memory of a chip", "GB", parts.items(), told.get("memory_capacity")
        )
    if isinstance(told.get("breakdown"), dict):
        found["breakdown"] = stacked("seconds of a step", _numbers(told["breakdown"]))
    if told.get("search", {}).get("best"):
        found["plans"] = plans(told["search"], told.get("memory_capacity"))
    if told.get("by_chips"):
        found |= by_chips(told["by_chips"])
    for name in ("points", "frontier", "curve", "load_curve"):
        if isinstance(told.get(name), list) and told[name]:
            found |= operating(told[name])
    found |= occupancy(told.get("simulation", {}).get("timeline") or ())
    return found


def _numbers(parts: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(k, float(v)) for k, v in parts.items() if isinstance(v, (int, float))]


def plans(search: Mapping[str, Any], capacity: float | None) -> Figure:
    """Plans of a search: time of a step against memory; those that none beats are joined."""
    data = []
    for place, (key, name) in enumerate((("pareto", "none beats these"), ("best", "the fastest"))):
        rows = sorted(search.get(key, ()), key=lambda row: row["memory_per_chip"])
        if not rows:
            continue
        drawn = line(
            name, [convert(row["memory_per_chip"], "GB") for row in rows],
            [row["step_time"] for row in rows], place,
            hovertext=[row["plan_text"] for row in rows],
        )  # fmt: skip
        data.append(drawn if key == "pareto" else drawn | {"mode": "markers"})
    times = [time for trace in data for time in trace["y"]]
    span = [min(times) - 0.08 * (max(times) - min(times)), max(times) * 1.03]
    layout: Figure = {
        "xaxis": axis("memory of a chip, GB"), "yaxis": axis("seconds of a step", range=span),
    }  # fmt: skip
    if capacity:
        most = convert(capacity, "GB")
        layout["shapes"] = [across(most, "x", RED, f"it has {number(most, 4)} GB")]
    return {"data": data, "layout": layout}


def by_chips(rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    """Days and money of a run over the number of chips; numbers that do not fit are left out."""
    held = [row for row in rows if row.get("fits") and "refused" not in row]
    found: dict[str, Figure] = {}
    for name, unit, title in (("days", "day", "days"), ("cost", "MUSD", "million USD")):
        drawn = [
            (row["chips"], convert(value, unit), row["plan_text"])
            for row in held
            if (value := _number(row.get(name))) is not None
        ]
        if len(drawn) > 1:
            chips, values, told = zip(*drawn, strict=True)
            axes = {"xaxis": axis("chips", "log"), "yaxis": axis(title, "log"), "height": 250}
            found[f"{name} by chips"] = {
                "data": [line(title, chips, values, 0, hovertext=list(told))], "layout": axes,
            }  # fmt: skip
    return found


def operating(rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    """A table of operating points: the frontier, and latency against load."""
    return _frontier(rows) | _latency(rows)


def _frontier(rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    drawn = frontiers([("frontier", rows)])
    return {"frontier": drawn} if drawn["data"] else {}


def frontiers(curves: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> Figure:
    """Tokens of a chip over those of a user, a curve for each name; one alone names its points."""
    data = []
    for place, (name, rows) in enumerate(curves):
        drawn = sorted(
            (x, y, _about(row))
            for row in rows
            if (x := _number(row.get("tokens_per_s_per_user"))) is not None
            and (y := _number(row.get("tokens_per_s_per_chip"))) is not None
        )
        if len(drawn) > 1:
            users, chips, told = zip(*drawn, strict=True)
            more: Figure = {"meta": "name all"} if len(curves) == 1 else {}
            data.append(line(name, users, chips, place, hovertext=list(told), **more))
    axes = {
        "xaxis": axis("tokens a second, as one user sees them"),
        "yaxis": axis("tokens a second that one chip writes"),
    }
    return {"data": data, "layout": axes}


def _about(row: Mapping[str, Any]) -> str:
    for key, name in (("concurrency", "clients"), ("rate", "a second")):
        if _number(row.get(key)) is not None:
            return f"{number(_number(row[key]) or 0.0)} {name}"
    return str(row.get("plan", ""))


def _latency(rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    for load, title in _LOADS:
        data: list[Figure] = []
        for key, name in _LATENCIES:
            for share in _SHARES:
                found = _least(rows, load, key, share)
                if len(found) > 1:
                    loads, times = zip(*found, strict=True)
                    said = name if share == "mean" else f"{name}, {share}"
                    data.append(line(said, loads, times, len(data)))
        if data:
            axes = {"xaxis": axis(title, "log"), "yaxis": axis("milliseconds", "log")}
            return {"latency": {"data": data, "layout": axes}}
    return {}


def _least(
    rows: Sequence[Mapping[str, Any]], load: str, key: str, share: str
) -> list[tuple[float, float]]:
    """The best milliseconds of each load, the lightest load first."""
    least: dict[float, float] = {}
    for row in rows:
        x, y = _number(row.get(load)), _share(row.get(key), share)
        if x and y:
            least[x] = min(convert(y, "ms"), least.get(x, math.inf))
    return sorted(least.items())


def _share(value: Any, share: str) -> float | None:
    """One percentile of a latency; a bare one is a mean."""
    if isinstance(value, Mapping) and not is_quantity(value):
        return _number(value.get(share))
    return _number(value) if share == "mean" else None


def occupancy(engines: Sequence[Sequence[Sequence[float]]]) -> dict[str, Figure]:
    """Requests that run and wait, and the cache, over the seconds of a simulation."""
    shown = [rows for rows in engines if len(rows) > 1][:_MOST_ENGINES]
    if not shown:
        return {}
    columns = (("running", 2, "requests"), ("queued", 1, "requests"), ("cache", 3, "% of blocks"))
    return {
        name: {
            "data": [
                line(f"replica {place + 1}" if len(shown) > 1 else words(name),
                     [row[0] for row in rows], _column(rows, at), place, points=False)
                for place, rows in enumerate(shown)
            ],
            "layout": {"xaxis": axis("seconds"), "yaxis": axis(title), "height": 215},
        }
        for name, at, title in columns
    }  # fmt: skip


def _column(rows: Iterable[Sequence[float]], at: int) -> list[float]:
    return [100.0 * row[at] if at == 3 else row[at] for row in rows]


def _number(value: Any) -> float | None:
    if is_quantity(value):
        value = value["value"]
    elif isinstance(value, dict):
        value = _number(value.get("mean", value.get("p50")))
    return float(value) if isinstance(value, (int, float)) else None
