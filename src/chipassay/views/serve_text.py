"""The text of a serving answer: how fast, does it fit; then memory, steps, the frontier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.views.cuts_text import banded

MakeTable = Callable[..., Table]


def serve_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """Verdict, figures, what fills the memory, the frontier."""
    yield Text(_verdict(answer), style="bold" if answer["fits"] else "bold red")
    if answer["fits"]:
        yield _figures(answer, table)
    yield _memory(answer, table)
    if answer.get("points"):
        yield _points(answer["points"], table)


def _verdict(answer: Mapping[str, Any]) -> str:
    who = f"{answer['model']['name']} on {answer['chips']} {answer['chip']['name']}"
    if answer["fits"]:
        rate = banded(answer["output_tokens_per_s_per_chip"])
        return f"{who}: {rate} output tokens and chip; bound by {answer['bound_by']}"
    size = units.text(answer["memory_per_chip"].value, "B", digits=3)
    room = units.text(answer["memory_capacity"], "B", digits=3)
    return f"{who}: does not fit, {size} of {room} a chip; it would {answer['would_fit']}"


def _figures(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("", "value (80 % band)", "basis", numbers=(1,))
    rows = (
        ("time to first token, mean", answer["ttft"]["mean"], "ms"),
        ("… after the first wave", answer["ttft"]["steady"], "ms"),
        *_tail("time to first token", answer["ttft"]),
        ("time per output token, mean", answer["tpot"]["mean"], "ms"),
        *_tail("time per output token", answer["tpot"]),
        ("output tokens a second and chip", answer["output_tokens_per_s_per_chip"], None),
        ("requests a second, all chips", answer["requests_per_s"], None),
    )
    for title, quantity, as_ in rows:
        made.add_row(title, banded(quantity, as_=as_), quantity.basis)
    load = answer["load"]
    asked = f"{load['rate']:g} requests/s" if "rate" in load else f"{load['concurrency']:g} clients"
    made.add_row("load", f"{asked}, {load['input']:g} in, {load['output']:g} out", "")
    made.add_row("plan", answer["plan_text"], answer["engine"]["name"])
    if "simulation" in answer:
        house = answer["simulation"]
        made.add_row("requests queued, running", f"{house['queued']:.1f}, {house['running']:.1f}")
    if "goodput" in answer:
        holds = answer["goodput"]["requests_per_s"]
        made.add_row("objective holds up to, requests a second", banded(holds), holds.basis)
    formats = answer["formats"]
    made.add_row("formats", f"weights {formats['experts']}, cache {formats['cache']}", "")
    return made


def _tail(name: str, of: Mapping[str, Any]) -> list[tuple[str, Any, str]]:
    """Median and 99th percentile, where arrivals were simulated."""
    shares = (("p50", "median"), ("p99", "99 of 100"))
    return [(f"{name}, {word}", of[key], "ms") for key, word in shares if key in of]


def _memory(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("memory of a chip", "", numbers=(1,))
    for name, value in answer["memory_parts"].items():
        made.add_row(name, units.text(value, "B", digits=3))
    made.add_row("cache holds", f"{answer['cache']['capacity_tokens']:,.0f} tokens")
    made.add_row("in use", f"{answer['cache']['held_tokens']:,.0f} tokens")
    return made


def _points(points: Any, table: MakeTable) -> Table:
    made = table("tokens/s/user", "tokens/s/chip", "clients", "TTFT", "plan", numbers=(0, 1, 2, 3))
    for point in points:
        made.add_row(
            f"{point['tokens_per_s_per_user']:.1f}",
            f"{point['tokens_per_s_per_chip']:.1f}",
            f"{point['concurrency']:.0f}",
            units.text(point["ttft"], "s", digits=3),
            point["plan"],
        )
    return made
