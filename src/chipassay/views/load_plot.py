"""Pictures of serving under load: how full it was, latency against load, the frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipassay.units import convert
from chipassay.views.plot import new_figure, write_figure

_COLOURS = ("#1f5a8a", "#b3541e", "#4a7c3a", "#7a4a8a", "#8a7a1f", "#555555")


def write_occupancy(engines: Sequence[Any], path: Path) -> None:
    """Queue, running requests and cache over time, a line for each engine.

    A sample is time in seconds, requests queued, requests running, shares of the cache held and
    kept known. Raises as `write_figure` and `new_figure` do.
    """
    figure = new_figure((9, 7))
    axes = figure.subplots(3, 1, sharex=True)
    titles = ("requests queued", "requests running", "cache, share of its blocks")
    for place, samples in enumerate(engines):
        colour = _COLOURS[place % len(_COLOURS)]
        times = [row[0] for row in samples]
        for axis, column in zip(axes, (1, 2, 3), strict=True):
            axis.plot(times, [row[column] for row in samples], color=colour, lw=1.2)
        known = [row[3] + row[4] for row in samples]
        axes[2].plot(times, known, color=colour, lw=0.8, ls=":")
    for axis, title in zip(axes, titles, strict=True):
        axis.set_ylabel(title)
        axis.set_ylim(bottom=0)
        axis.grid(visible=True, alpha=0.3)
    axes[2].set_xlabel("seconds; dotted: with blocks that are only remembered")
    figure.suptitle(f"How full {len(engines)} engine{'s' * (len(engines) > 1)} ran")
    write_figure(figure, path)


def write_latency(points: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Latencies against the rate of arrivals, medians and 99th percentiles.

    A point has `rate` in requests a second, and `ttft` and `tpot` with `p50` and `p99` in seconds.
    """
    figure = new_figure((8, 6))
    axes = figure.subplots(2, 1, sharex=True)
    rates = [point["rate"] for point in points]
    named = (("ttft", "time to first token, s", "s"), ("tpot", "time per output token, ms", "ms"))
    for axis, (name, title, unit) in zip(axes, named, strict=True):
        for share, style, word in (("p50", "-o", "median"), ("p99", "--s", "99 of 100")):
            values = [convert(point[name][share], unit) for point in points]
            axis.plot(rates, values, style, ms=4, color=_COLOURS[share == "p99"], label=word)
        _plain_log(axis)
        axis.set_ylabel(title)
        axis.grid(visible=True, which="both", alpha=0.3)
        axis.legend(frameon=False)
    axes[1].set_xlabel("requests that arrive in a second")
    figure.suptitle("Latency against load")
    write_figure(figure, path)


def _plain_log(axes: Any) -> None:
    """A logarithmic axis with plain numbers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")


def write_frontier(curves: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Tokens a second of a chip against those of a user, a curve for each name.

    Of one curve the points are coloured by plan; numbers are clients.
    """
    figure = new_figure((8.5, 6))
    axes = figure.add_subplot()
    for place, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)] if len(curves) > 1 else "#999999"
        users, chips = _columns(points)
        axes.plot(users, chips, "-o", ms=4, color=colour, label=name)
        if len(curves) == 1:
            _by_plan(axes, points)
        for point in points[:: max(1, len(points) // 6)]:
            at = point["tokens_per_s_per_user"], point["tokens_per_s_per_chip"]
            axes.annotate(f"{point['concurrency']:.0f}", at, (4, 5), textcoords="offset points",
                          fontsize=8)  # fmt: skip
    axes.set_xlabel("output tokens a second of one user")
    axes.set_ylabel("output tokens a second of one chip")
    _plain_log(axes)
    axes.set_title("The frontier; numbers are clients")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    write_figure(figure, path)


def _columns(points: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    users = [point["tokens_per_s_per_user"] for point in points]
    return users, [point["tokens_per_s_per_chip"] for point in points]


def _by_plan(axes: Any, points: Sequence[Mapping[str, Any]]) -> None:
    """Points of one curve once more, a colour for each plan."""
    plans = list(dict.fromkeys(point.get("plan", "") for point in points))
    for place, plan in enumerate(plans):
        mine = [point for point in points if point.get("plan", "") == plan]
        colour = _COLOURS[place % len(_COLOURS)]
        axes.plot(*_columns(mine), "o", ms=7, color=colour, label=plan or None)
