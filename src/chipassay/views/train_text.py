"""The text of a training answer: how fast, does it fit, what it costs; then where a step goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.views.cuts_text import banded

MakeTable = Callable[..., Table]
PARTS = {
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
_OTHERS = ("full", "6N", "sc21", "hardware-flash")
_WHOLE = 100.0
"""Days from here on are told whole."""
_BAR, _FULL, _EIGHTHS = 30, "█", " ▏▎▍▌▋▊▉"


def train_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """Verdict, figures, where a step goes, what fills the memory; then what else was asked."""
    from chipassay.views.train_more import against_parts, range_parts, search_parts

    yield Text(_verdict(answer), style="bold" if answer["fits"] else "bold red")
    yield Text(_plan(answer))
    yield Text("")
    yield _figures(answer, table)
    yield Text(_conventions(answer))
    yield Text("")
    yield _shares(answer["breakdown"], PARTS, "a step", "s", sum(answer["breakdown"].values()),
                  table)  # fmt: skip
    yield Text("")
    yield _memory(answer, table)
    for more in (search_parts, range_parts, against_parts):
        yield from more(answer, table)
    for need in answer.get("needs", ()):
        yield Text(f"would settle it: {need}")


def bar(share: float, width: int = _BAR) -> str:
    """A bar of so much of the width, in eighths of a character."""
    eighths = round(max(min(share, 1.0), 0.0) * width * 8)
    return _FULL * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def count(number: float) -> str:
    """A count as people write it: 15.6T, 4M, 512."""
    for letter, unit in (("T", "TB"), ("B", "GB"), ("M", "MB"), ("k", "kB")):
        if number >= units.factor(unit):
            return f"{units.number(number / units.factor(unit), 3)}{letter}"
    return units.number(number, 3)


def days(quantity: Any) -> str:
    """A time in days with its band: `73.1 days (62.8 to 91)`."""
    if quantity.value != quantity.value:
        return "unknown"
    ends = (units.convert(each, "day") for each in (quantity.value, quantity.low, quantity.high))
    middle, low, high = (f"{n:,.0f}" if n >= _WHOLE else units.number(n, 3) for n in ends)
    return f"{middle} days ({low} to {high})"


def money(quantity: Any) -> str:
    """Dollars with their band: `61.3M USD (38M to 101M)`; one number where it has none."""
    if quantity.value != quantity.value:
        return "unknown"
    value, low, high = (count(each) for each in (quantity.value, quantity.low, quantity.high))
    return f"{value} USD" + (f" ({low} to {high})" if low != high else "")


def _verdict(answer: Mapping[str, Any]) -> str:
    who = f"{answer['model']['name']} on {answer['chips']:,} {answer['chip']['name']}"
    if answer["fits"]:
        return f"{who}: {days(answer['days'])} for {count(answer['run']['tokens'])} tokens"
    size = units.text(answer["memory_per_chip"].value, "B", digits=3)
    room = units.text(answer["memory_capacity"], "B", digits=3)
    return f"{who}: does not fit, {size} of {room} a chip; it would fit {answer['would_fit']}"


def _plan(answer: Mapping[str, Any]) -> str:
    work = answer["workload"]
    step = f"{work['batch']:,} x {work['sequence']:,} tokens a step"
    return f"{answer['plan_text']}\n{step}, {work['precision']}, {answer['stack']}"


def _figures(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("", "value (80 % band)", "basis", numbers=(1,))
    kind = answer["cost_basis"]
    paid = ", ".join(filter(None, (kind.get("what", "unknown"), kind.get("date", ""))))
    run = answer["run"]
    rows = (
        ("step time", answer["step_time"], "s"),
        ("tokens a second and chip", answer["tokens_per_s_per_chip"], None),
        (f"MFU ({answer['mfu_convention']})", answer["mfu"], None),
        ("memory a chip", answer["memory_per_chip"], "GB"),
        ("share of it at work, not stopped", run["effective"], None),
        ("between failures", run["between_failures"], "h"),
        ("energy", answer["energy"], "GWh"),
    )
    for title, quantity, as_ in rows:
        made.add_row(title, banded(quantity, as_=as_), getattr(quantity, "basis", ""))
    made.add_row("time on the calendar", days(answer["days"]), answer["days"].basis)
    made.add_row(f"cost ({paid})", money(answer["cost"]), answer["cost"].basis)
    return made


def _conventions(answer: Mapping[str, Any]) -> str:
    """The same speed as other people count it; JSON has all conventions."""
    shares = answer["mfu_by_convention"]
    told = ", ".join(f"{name} {units.number(shares[name], 3)}" for name in _OTHERS)
    return f"MFU by other conventions (docs/run.md): {told}"


def _shares(
    parts: Mapping[str, float],
    titles: Mapping[str, str],
    of: str,
    unit: str,
    whole: float,
    table: MakeTable,
) -> Table:
    """Parts that add up, each with its share and a bar."""
    made = table(of, "", "share", "", numbers=(1, 2))
    for name, value in parts.items():
        if value > 0.0005 * whole:
            share = value / whole
            size = units.text(value, unit, digits=3)
            made.add_row(titles.get(name, name), size, f"{100 * share:.1f} %", bar(share))
    return made


def _memory(answer: Mapping[str, Any], table: MakeTable) -> Table:
    """What fills a chip, as shares of what it has."""
    parts, room = dict(answer["memory_parts"]), answer["memory_capacity"]
    left = room - sum(parts.values())
    parts["left" if left >= 0.0 else "too much"] = abs(left)
    title = f"memory of {units.text(room, 'B', digits=3)}"
    return _shares(parts, {"optimizer": "optimiser"}, title, "B", room, table)
