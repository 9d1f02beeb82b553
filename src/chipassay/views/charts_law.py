"""The law as pictures: limits through time, and every chip on the plane of a day's paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipassay.units import convert, number
from chipassay.views.charts import GREY, Figure, across, axis, line
from chipassay.views.strip import SIGNS, stretches

_CLASSES = {
    "3A090.a": ("#c2484f", "x"), "3A090.b": ("#d9822b", "square"),
    "none": ("#2e9e6b", "circle"), "indeterminate": ("#7a7f87", "diamond"),
}  # fmt: skip
_SHADES = {"free": "#2e9e6b", "licence": "#c2484f", "open": "#7a7f87"}
_LEFT, _RIGHT, _SPARSE, _DENSE = 800.0, 110000.0, 0.9, 90.0  # the plane drawn, TPP and TPP/mm2


def limits(picture: Any, on: str, last: str) -> Figure:
    """Each limit on performance while it held, the chip's own line, and outcomes as shades."""
    grouped: dict[tuple[float, str, str], list[str]] = {}
    for step in picture["steps"]:
        key = (convert(step["limit"], "TPP"), step["from"], step["until"])
        names = grouped.setdefault(key, [])
        if step["name"] not in names:
            names.append(step["name"])
    data = [
        line(_joined(names), [begun, until], [limit, limit], place, points=False,
             mode="lines+text", text=[_joined(names), ""], textposition="top right",
             hovertext=[f"{_joined(names)}: {number(limit)} TPP"] * 2, showlegend=False)
        for place, ((limit, begun, until), names) in enumerate(sorted(grouped.items()))
    ]  # fmt: skip
    own = picture.get("performance")
    ticks = sorted({limit for limit, _, _ in grouped})
    shapes = [_shade(each) for each in stretches(picture["timeline"], last)]
    shapes.append(across(on, "x", "#1f5aa6", on))
    if own is not None:
        said = f"this chip: {number(convert(own, 'TPP'))} TPP"
        shapes.append(across(convert(own, "TPP"), "y", "#1f5aa6", said))
    reach = [*ticks, *([convert(own, "TPP")] if own else [])] or [1.0]
    span = [max(min(reach), 1.0) / 1.4, max(reach) * 1.4]
    layout = {
        "xaxis": {"type": "date", "title": {"text": "shades: what was enforced"}},
        "yaxis": axis("TPP", "log", tickvals=ticks, range=span), "shapes": shapes,
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _joined(names: Sequence[str]) -> str:
    """Names of paragraphs, their common head said once: `3A090.a.1, .b.1, Note 2`."""
    first = names[0]
    head = first.split(".")[0].split(" ")[0]
    return ", ".join([first, *(each.removeprefix(head).strip() for each in names[1:])])


def _shade(each: Any) -> Figure:
    return {
        "type": "rect", "x0": each["from"], "x1": each["until"], "yref": "paper", "y0": 0, "y1": 1,
        "fillcolor": _SHADES[each["kind"]], "opacity": 0.09, "line": {"width": 0},
        "layer": "below",
        "label": {
            "text": f"{SIGNS[each['kind']]} {each['told']}", "textposition": "bottom left",
        },
    }  # fmt: skip


def plane(picture: Any) -> Figure:
    """Performance against density: regions of the day's paragraphs, and every chip in its class."""
    data = []
    for class_, (colour, symbol) in _CLASSES.items():
        chips = [chip for chip in picture["chips"] if _class(chip) == class_]
        if chips:
            data.append({
                "type": "scatter", "mode": "markers+text", "textposition": "top right",
                "name": class_ if class_.startswith("3A") else f"class {class_}",
                "x": [convert(chip["performance"], "TPP") for chip in chips],
                "y": [convert(chip["density"], "TPP/mm2") for chip in chips],
                "hovertext": [chip["id"] for chip in chips], "meta": "name all",
                "text": [chip["id"] if chip["asked"] else "" for chip in chips],
                "marker": {
                    "color": colour, "symbol": symbol,
                    "size": [13 if chip["asked"] else 7 for chip in chips],
                },
            })  # fmt: skip
    axes = {
        "xaxis": axis("total processing performance, TPP", "log", range=[_LEFT, _RIGHT]),
        "yaxis": axis("performance density, TPP/mm2", "log", range=[_SPARSE, _DENSE]),
    }
    shapes = [_region(region) for region in picture["regions"]]
    return {"data": data, "layout": axes | {"shapes": shapes}}


def _class(chip: Any) -> str:
    found = str(chip["classification"])
    return found if found in _CLASSES else "indeterminate"


def _region(region: Any) -> Figure:
    colour, _ = _CLASSES.get(str(region["class"]), (GREY, ""))
    return {
        "type": "rect", "fillcolor": colour, "opacity": 0.13, "line": {"width": 0},
        "x0": max(convert(region["performance"], "TPP"), _LEFT),
        "x1": min(convert(region["performance_below"], "TPP"), _RIGHT),
        "y0": max(convert(region["density"], "TPP/mm2"), _SPARSE),
        "y1": min(convert(region["density_below"], "TPP/mm2"), _DENSE),
        "label": {"text": region["name"], "textposition": "top left"}, "layer": "below",
    }  # fmt: skip
