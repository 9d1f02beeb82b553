"""Pictures as plain data: `{data, layout}`, as plotly.js takes them and `chart_svg` draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chipassay.units import convert, number
from chipassay.views.figures import is_quantity, words

Figure = dict[str, Any]
COLOURS = ("#3b7dd8", "#d9822b", "#2e9e6b", "#b455b0", "#8a8a2a", "#c2484f", "#4aa3b5", "#7a7f87")
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "triangle-down")
PATTERNS = ("", "/", ".", "x", "-", "|")
GREY, RED = "#7a7f87", "#c2484f"
_LOWEST, _HIGHEST = 0.25, 4096.0  # FLOP/B: decode of one request to a large training GEMM


def rooflines(chips: Iterable[Any]) -> Figure:
    """The rooflines of some chips over one another, each ridge with its name."""
    data = []
    drawn = (chip for chip in chips if chip["rate"] > 0 and chip["bandwidth"] > 0)
    for place, chip in enumerate(drawn):
        rate, bandwidth = convert(chip["rate"], "TFLOPS"), convert(chip["bandwidth"], "TB/s")
        ridge = rate / bandwidth
        told = f"{chip['name']}: {number(rate, 3)} TFLOPS, {number(bandwidth, 3)} TB/s"
        data.append(line(
            chip["name"], [_LOWEST, ridge, max(_HIGHEST, ridge * 2)],
            [_LOWEST * bandwidth, rate, rate], place, hovertext=[told] * 3,
        ))  # fmt: skip
    axes = {
        "xaxis": axis("FLOP per byte of memory traffic", "log"),
        "yaxis": axis("attainable TFLOPS, 16-bit, dense", "log"),
    }
    return {"data": data, "layout": axes}


def line(
    name: str, x: Sequence[Any], y: Sequence[Any], place: int, *, points: bool = True, **more: Any
) -> Figure:
    """A line with the colour, dash and symbol of its place."""
    return {
        "type": "scatter", "mode": "lines+markers" if points else "lines", "name": name,
        "x": list(x), "y": list(y),
        "line": {"color": pick(COLOURS, place), "dash": pick(DASHES, place)},
        "marker": {"color": pick(COLOURS, place), "symbol": pick(SYMBOLS, place)},
    } | more  # fmt: skip


def bars(
    title: str, series: Sequence[tuple[str, Sequence[str], Sequence[Any]]], one: str = "1: no loss"
) -> Figure:
    """Horizontal bars, a colour and pattern for each series; predicted numbers carry their band.

    `one` is what the line at one says; "" leaves it out.
    """
    data = []
    for place, (name, labels, values) in enumerate(series):
        middles = [each["value"] if is_quantity(each) else each for each in values]
        trace: Figure = {
            "type": "bar", "orientation": "h", "name": name, "y": list(labels), "x": middles,
            "marker": marker(place),
        }  # fmt: skip
        if any(is_quantity(each) for each in values):
            trace["error_x"] = _whiskers(values)
        data.append(trace)
    layout: Figure = {"xaxis": axis(title), "yaxis": {"type": "category"}, "barmode": "group"}
    if one:
        layout["shapes"] = [across(1, "x", GREY, one)]
    return {"data": data, "layout": layout}


def stacked(
    title: str, parts: Iterable[tuple[str, float]], limit: tuple[float, str] | None = None
) -> Figure:
    """One bar made of parts that add up, each named with its size, and a line at the limit."""
    data = [
        {
            "type": "bar", "orientation": "h", "name": f"{words(name)} {number(value, 3)}",
            "y": [""], "x": [value], "marker": marker(place),
        }
        for place, (name, value) in enumerate(part for part in parts if part[1] > 0)
    ]  # fmt: skip
    layout: Figure = {"xaxis": axis(title), "yaxis": {"type": "category"}, "barmode": "stack"}
    if limit is not None:
        layout["shapes"] = [across(limit[0], "x", RED, limit[1])]
    return {"data": data, "layout": layout}


def in_unit(
    title: str, unit: str, parts: Iterable[tuple[str, Any]], limit: float | None = None
) -> Figure:
    """Parts that add up, in a unit a person reads, beside what there is."""
    known = [(name, convert(v, unit)) for name, v in parts if isinstance(v, (int, float)) and v]
    most = convert(limit, unit) if limit else None
    at = None if most is None else (most, f"it has {number(most, 4)} {unit}")
    return stacked(f"{title}, {unit}", known, at)


def marker(place: int) -> Figure:
    """Colour and pattern of a series of bars: one can be told without the other."""
    return {
        "color": pick(COLOURS, place),
        "pattern": {"shape": pick(PATTERNS, place), "fgcolor": "#ffffff", "solidity": 0.25},
    }


def axis(title: str, type_: str = "linear", **more: Any) -> Figure:
    """An axis with its title."""
    return {"type": type_, "title": {"text": title}} | more


def across(at: float | str, axis_: str, colour: str, said: str = "") -> Figure:
    """A dotted line from edge to edge at a value of the axis, with words."""
    span = {"x": ("y0", "y1"), "y": ("x0", "x1")}[axis_]
    other = {"x": "yref", "y": "xref"}[axis_]
    shape: Figure = {"type": "line", f"{axis_}0": at, f"{axis_}1": at, other: "paper"}
    shape |= {span[0]: 0, span[1]: 1, "line": {"color": colour, "width": 2, "dash": "dot"}}
    upright = {"textangle": 0, "yanchor": "top"} if axis_ == "x" else {}
    label = {"label": {"text": said, "textposition": "end"} | upright}
    return shape | label if said else shape


def _whiskers(values: Sequence[Any]) -> Figure:
    known = [each if is_quantity(each) and each["value"] is not None else None for each in values]
    return {
        "type": "data", "symmetric": False, "color": GREY,
        "array": [_over(each, "high") if each else 0 for each in known],
        "arrayminus": [-_over(each, "low") if each else 0 for each in known],
    }  # fmt: skip


def _over(quantity: Any, end: str) -> float:
    """How far an end of the band lies above the value; an unknown end is the value."""
    return 0.0 if quantity[end] is None else float(quantity[end] - quantity["value"])


def pick(of: Sequence[str], place: int) -> str:
    """One of a few, round and round."""
    return of[place % len(of)]
