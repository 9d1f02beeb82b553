"""Pictures as plain data: `{data, layout}`, as plotly.js takes them and `chart_svg` draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chipassay.units import convert
from chipassay.views.figures import is_quantity, words
from chipassay.views.outcomes import told

Figure = dict[str, Any]
COLOURS = ("#3b7dd8", "#d9822b", "#2e9e6b", "#b455b0", "#8a8a2a", "#c2484f", "#4aa3b5", "#7a7f87")
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "triangle-down")
_LOWEST, _HIGHEST = 0.25, 4096.0  # FLOP/B: decode of one request to a large training GEMM
_CLASSES = {
    "3A090.a": ("#c2484f", "x"), "3A090.b": ("#d9822b", "square"),
    "none": ("#2e9e6b", "circle"), "indeterminate": ("#7a7f87", "diamond"),
}  # fmt: skip
_LEFT, _RIGHT, _SPARSE, _DENSE = 400.0, 90000.0, 0.5, 60.0  # the plane drawn, TPP and TPP/mm2


def rooflines(chips: Iterable[Any]) -> Figure:
    """The rooflines of some chips over one another."""
    data = []
    for place, chip in enumerate(chips):
        rate, bandwidth = convert(chip["rate"], "TFLOPS"), convert(chip["bandwidth"], "TB/s")
        ridge = rate / bandwidth
        data.append({
            "type": "scatter", "mode": "lines+markers", "name": chip["name"],
            "x": [_LOWEST, ridge, max(_HIGHEST, ridge * 2)], "y": [_LOWEST * bandwidth, rate, rate],
            "line": {"color": _pick(COLOURS, place), "dash": _pick(DASHES, place)},
            "marker": {"color": _pick(COLOURS, place), "symbol": _pick(SYMBOLS, place)},
        })  # fmt: skip
    axes = {
        "xaxis": _axis("FLOP per byte of memory traffic", "log"),
        "yaxis": _axis("attainable TFLOPS, 16-bit, dense", "log"),
    }
    return {"data": data, "layout": axes}


def bars(
    title: str, series: Sequence[tuple[str, Sequence[str], Sequence[Any]]], one: bool = True
) -> Figure:
    """Horizontal bars, a colour for each series; predicted numbers carry their band."""
    data = []
    for place, (name, labels, values) in enumerate(series):
        middles = [each["value"] if is_quantity(each) else each for each in values]
        trace: Figure = {
            "type": "bar", "orientation": "h", "name": name, "y": list(labels), "x": middles,
            "marker": {"color": _pick(COLOURS, place)},
        }  # fmt: skip
        if any(is_quantity(each) for each in values):
            trace["error_x"] = _whiskers(values)
        data.append(trace)
    layout: Figure = {"xaxis": _axis(title), "yaxis": {"type": "category"}, "barmode": "group"}
    if one:
        layout["shapes"] = [_line(1, 1, "x", "#7a7f87")]
    return {"data": data, "layout": layout}


def stacked(title: str, parts: Iterable[tuple[str, float]], limit: float | None = None) -> Figure:
    """One bar made of parts that add up, and a line where there is a limit."""
    data = [
        {
            "type": "bar", "orientation": "h", "name": words(name), "y": [""], "x": [value],
            "marker": {"color": _pick(COLOURS, place)},
        }
        for place, (name, value) in enumerate(part for part in parts if part[1] > 0)
    ]  # fmt: skip
    layout: Figure = {"xaxis": _axis(title), "yaxis": {"type": "category"}, "barmode": "stack"}
    if limit is not None:
        layout["shapes"] = [_line(limit, limit, "x", "#c2484f")]
    return {"data": data, "layout": layout}


def points(title_x: str, title_y: str, rows: Iterable[tuple[float, float, str]]) -> Figure:
    """Points with labels, joined in their order: a frontier, or a curve."""
    found = list(rows)
    trace = {
        "type": "scatter", "mode": "lines+markers", "name": title_y,
        "x": [row[0] for row in found], "y": [row[1] for row in found],
        "hovertext": [row[2] for row in found],
        "line": {"color": COLOURS[0], "dash": "dot"}, "marker": {"color": COLOURS[0]},
    }  # fmt: skip
    return {"data": [trace], "layout": {"xaxis": _axis(title_x), "yaxis": _axis(title_y)}}


def limits(picture: Any) -> Figure:
    """Each limit on performance as a step in time, the chip's own as a line."""
    data = []
    for place, step in enumerate(picture["steps"]):
        limit = convert(step["limit"], "TPP")
        data.append({
            "type": "scatter", "mode": "lines+markers", "name": step["name"],
            "x": [step["from"], step["until"]], "y": [limit, limit],
            "line": {"color": _pick(COLOURS, place), "dash": _pick(DASHES, place)},
            "marker": {"color": _pick(COLOURS, place), "symbol": _pick(SYMBOLS, place)},
        })  # fmt: skip
    layout: Figure = {"xaxis": {"type": "date"}, "yaxis": _axis("TPP", "log")}
    layout["shapes"] = [_day(row["on"]) for row in picture["timeline"]]
    if picture.get("performance") is not None:
        own = convert(picture["performance"], "TPP")
        layout["shapes"].append(_line(own, own, "y", "#3b7dd8"))
    layout["annotations"] = [
        {
            "x": row["on"],
            "text": told(row["enforced"]),
            "showarrow": False,
            "textangle": -90,
            "yref": "paper",
            "y": 0,
            "yanchor": "bottom",
            "xanchor": "left",
        }
        for row in picture["timeline"]
    ]
    return {"data": data, "layout": layout}


def plane(picture: Any) -> Figure:
    """Performance against density: regions of the day's paragraphs, and every chip in its class."""
    data = []
    for class_, (colour, symbol) in _CLASSES.items():
        chips = [chip for chip in picture["chips"] if _class(chip) == class_]
        if chips:
            data.append({
                "type": "scatter", "mode": "markers+text", "name": f"class {class_}",
                "textposition": "top right",
                "x": [convert(chip["performance"], "TPP") for chip in chips],
                "y": [convert(chip["density"], "TPP/mm2") for chip in chips],
                "hovertext": [chip["id"] for chip in chips],
                "text": [chip["id"] if chip["asked"] else "" for chip in chips],
                "marker": {
                    "color": colour, "symbol": symbol,
                    "size": [13 if chip["asked"] else 7 for chip in chips],
                },
            })  # fmt: skip
    axes = {
        "xaxis": _axis("total processing performance, TPP", "log") | {"range": [_LEFT, _RIGHT]},
        "yaxis": _axis("performance density, TPP/mm2", "log") | {"range": [_SPARSE, _DENSE]},
    }
    shapes = [_region(region) for region in picture["regions"]]
    return {"data": data, "layout": axes | {"shapes": shapes}}


def _class(chip: Any) -> str:
    found = str(chip["classification"])
    return found if found in _CLASSES else "indeterminate"


def _region(region: Any) -> Figure:
    colour, _ = _CLASSES.get(str(region["class"]), _CLASSES["indeterminate"])
    return {
        "type": "rect", "fillcolor": colour, "opacity": 0.13, "line": {"width": 0},
        "x0": max(convert(region["performance"], "TPP"), _LEFT),
        "x1": min(convert(region["performance_below"], "TPP"), _RIGHT),
        "y0": max(convert(region["density"], "TPP/mm2"), _SPARSE),
        "y1": min(convert(region["density_below"], "TPP/mm2"), _DENSE),
        "label": {"text": region["name"]},
    }  # fmt: skip


def _axis(title: str, type_: str = "linear") -> Figure:
    return {"type": type_, "title": {"text": title}}


def _line(first: float, last: float, axis: str, colour: str) -> Figure:
    span = {"x": ("y0", "y1"), "y": ("x0", "x1")}[axis]
    other = {"x": "yref", "y": "xref"}[axis]
    shape: Figure = {"type": "line", f"{axis}0": first, f"{axis}1": last, other: "paper"}
    return shape | {span[0]: 0, span[1]: 1, "line": {"color": colour, "width": 2, "dash": "dot"}}


def _day(day: str) -> Figure:
    shape = {"type": "line", "x0": day, "x1": day, "yref": "paper", "y0": 0, "y1": 1}
    return shape | {"line": {"color": "#7a7f87", "width": 1, "dash": "solid"}}


def _whiskers(values: Sequence[Any]) -> Figure:
    known = [each if is_quantity(each) and each["value"] is not None else None for each in values]
    return {
        "type": "data", "symmetric": False, "color": "#7a7f87",
        "array": [each["high"] - each["value"] if each else 0 for each in known],
        "arrayminus": [each["value"] - each["low"] if each else 0 for each in known],
    }  # fmt: skip


def _pick(of: Sequence[str], place: int) -> str:
    return of[place % len(of)]


def in_unit(
    title: str, unit: str, parts: Iterable[tuple[str, Any]], limit: float | None = None
) -> Figure:
    """Parts that add up, in a unit a person reads, beside what there is."""
    known = [(name, convert(v, unit)) for name, v in parts if isinstance(v, (int, float)) and v]
    return stacked(f"{title}, {unit}", known, convert(limit, unit) if limit else None)


_CURVES = (
    ("tokens_per_s_per_user", ("tokens_per_s_per_chip", "output_tokens_per_s_per_chip")),
    ("concurrency", ("ttft", "tpot")),
    ("rate", ("ttft", "tpot")),
)
"""What is drawn of operating points: an output over an input, the frontier before latencies."""


def curves(name: str, rows: Sequence[Any]) -> dict[str, Figure]:
    """A table of operating points as pictures: the frontier, and latency against load."""
    found = {}
    for across, outputs in _CURVES:
        for up in outputs:
            drawn = [
                (x, y, str(row.get("plan", f"point {place}")))
                for place, row in enumerate(rows, 1)
                if (x := _number(row.get(across))) is not None
                and (y := _number(row.get(up))) is not None
            ]
            if len(drawn) > 1:
                picture = points(words(across), words(up), sorted(drawn))
                found[f"{name}: {words(up)} by {words(across)}"] = picture
    return found


def _number(value: Any) -> float | None:
    if is_quantity(value):
        value = value["value"]
    elif isinstance(value, dict):
        value = _number(value.get("mean", value.get("p50")))
    return float(value) if isinstance(value, (int, float)) else None
