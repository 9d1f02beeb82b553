"""The text of a training answer: how fast, does it fit, what it costs; then where a step goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.views.cuts_text import banded

MakeTable = Callable[..., Table]
_PARTS = {
    "arithmetic": "arithmetic and memory traffic",
    "recompute": "forward passes again",
    "bubble": "pipeline waits",
    "tensor": "tensor ranks' exchanges that show",
    "context": "context ranks' exchanges that show",
    "expert": "expert ranks' exchanges that show",
    "pipeline": "messages between stages that show",
    "data": "data ranks' exchanges that show",
    "optimizer": "optimiser",
    "other": "the host's launches and the rest",
}


def train_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """Verdict, figures, where a step goes, what fills the memory, the search."""
    yield Text(_verdict(answer), style="bold" if answer["fits"] else "bold red")
    yield _figures(answer, table)
    yield _shares(answer["breakdown"], _PARTS, "a step", "s", table)
    memory = {name: name for name in answer["memory_parts"]}
    yield _shares(answer["memory_parts"], memory, "memory", "B", table)
    if "search" in answer:
        yield from _search(answer["search"], table)
    for need in answer.get("needs", ()):
        yield Text(f"would settle it: {need}")


def _verdict(answer: Mapping[str, Any]) -> str:
    who = f"{answer['model']['name']} on {answer['chips']} {answer['chip']['name']}"
    if answer["fits"]:
        days = banded(answer["days"], as_="day")
        return f"{who}: {days} for {answer['run']['tokens']:.3g} tokens"
    size = units.text(answer["memory_per_chip"].value, "B", digits=3)
    room = units.text(answer["memory_capacity"], "B", digits=3)
    return f"{who}: does not fit, {size} of {room} a chip; it would {answer['would_fit']}"


def _figures(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("", "value (80 % band)", "basis", numbers=(1,))
    rows = (
        ("step time", "step_time", None),
        ("tokens a second and chip", "tokens_per_s_per_chip", None),
        (f"MFU ({answer['mfu_convention']})", "mfu", None),
        ("memory a chip", "memory_per_chip", None),
        ("energy", "energy", "GWh"),
        (f"cost ({answer['cost_basis'].get('what', 'unknown')})", "cost", None),
    )
    for title, name, as_ in rows:
        quantity = answer[name]
        made.add_row(title, banded(quantity, as_=as_), getattr(quantity, "basis", ""))
    made.add_row("plan", answer["plan_text"], answer["stack"])
    work = answer["workload"]
    made.add_row("step", f"{work['batch']} x {work['sequence']} tokens", work["precision"])
    return made


def _shares(
    parts: Mapping[str, float], titles: Mapping[str, str], of: str, unit: str, table: MakeTable
) -> Table:
    total = sum(parts.values())
    made = table(of, "", "share", numbers=(1, 2))
    for name, value in parts.items():
        if value > 0.0005 * total:
            made.add_row(
                titles[name], units.text(value, unit, digits=3), f"{100 * value / total:.1f} %"
            )
    return made


def _search(search: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    speed = f"{search['plans']} plans, {search['fitting']} fit, {search['cpu_seconds']:.2f} CPU-s"
    yield Text(speed)
    made = table("plan", "batch", "step", "tokens/s/chip", "memory", numbers=(1, 2, 3, 4))
    for each in search["best"]:
        size = units.text(each["memory_per_chip"], "B", digits=3)
        rate = f"{each['tokens_per_s_per_chip']:.4g}"
        step = units.text(each["step_time"], "s", digits=4)
        made.add_row(each["plan_text"], str(each["batch"]), step, rate, size)
    yield made
    if "runner_up" in search:
        other = search["runner_up"]
        yield Text(
            f"the runner-up is {100 * other['slower_by']:.2g} % slower, most of it in "
            f"{_PARTS[other['loses_in']]}"
        )
