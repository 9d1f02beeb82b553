"""Bars as SVG: beside one another with their bands, or parts of one that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from chipassay.units import number
from chipassay.views.chart_parts import (
    BOTTOM,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    box,
    columns,
    legend,
    scale,
    text,
)

ROW, GAP = 26.0, 10.0
_WIDE = 7.3
"""Width of a character of a label at the left: none may be cut off."""
MORE = 44.0
"""Room for a number at a bar's end."""


def bars(figure: Any) -> tuple[list[str], float]:
    """The parts of the picture and its height."""
    traces, layout = figure["data"], figure["layout"]
    stack = layout.get("barmode") == "stack"
    labels = list(dict.fromkeys(label for trace in traces for label in trace["y"]))
    lanes = 1 if stack else len(traces)
    lane = ROW if lanes == 1 else max(13.0, ROW / lanes * 1.6)
    left = 16 + _WIDE * max((len(label) for label in labels), default=0)
    keys, below = legend(traces)
    top = TOP + (14.0 if any("label" in each for each in layout.get("shapes", ())) else 0.0)
    floor = top + len(labels) * (lane * lanes + GAP)
    x = scale(layout["xaxis"], list(_reach(traces, layout, stack)), left, WIDTH - RIGHT - MORE)
    parts = list(columns(x, floor, top, layout["xaxis"].get("title", {}).get("text", "")))
    for row, label in enumerate(labels):
        begun = top + row * (lane * lanes + GAP) + GAP / 2
        parts.append(text(left - 8, begun + lane * lanes / 2 + 4, label, "end"))
        parts += _row(traces, label, x, begun, lane, stack)
    parts += _limits(layout.get("shapes", ()), x, floor, top)
    height = floor + BOTTOM + below
    return [*parts, f'<g transform="translate(0 {height - below:g})">{keys}</g>'], height


def _row(
    traces: Sequence[Any], label: str, x: Scale, top: float, lane: float, stack: bool
) -> Iterator[str]:
    begun = 0.0
    for place, trace in enumerate(traces):
        if label not in trace["y"]:
            continue
        index = trace["y"].index(label)
        if stack:
            yield _part(trace, index, x, top, lane, begun)
            begun += trace["x"][index] or 0.0
        else:
            yield from _bar(trace, index, x, top + place * lane, lane)


def _reach(traces: Sequence[Any], layout: Any, stack: bool) -> Iterator[float]:
    """How far the axis must go: bars, their bands, and lines drawn across."""
    yield 0.0
    yield from (shape["x1"] for shape in layout.get("shapes", ()))
    if stack:
        yield sum(value or 0.0 for trace in traces for value in trace["x"])
        return
    for trace in traces:
        over = trace.get("error_x", {}).get("array") or [0.0] * len(trace["x"])
        yield from ((value or 0.0) + more for value, more in zip(trace["x"], over, strict=True))


def _part(trace: Any, index: int, x: Scale, top: float, lane: float, begun: float) -> str:
    value = trace["x"][index] or 0.0
    start, end = x.at(begun), x.at(begun + value)
    return box(start, top, max(end - start - 1, 0.7), lane, trace, trace["name"])


def _bar(trace: Any, index: int, x: Scale, top: float, lane: float) -> Iterator[str]:
    value = trace["x"][index]
    middle = top + lane / 2
    if value is None:
        yield text(x.start + 4, middle + 4, "unknown", style="small")
        return
    end = edge = x.at(value)
    tip = f"{trace['name']}: {number(value, 3)}"
    yield box(x.start, top + 1, max(end - x.start, 1), lane - 2, trace, tip)
    if "error_x" in trace:
        low = x.at(value - trace["error_x"]["arrayminus"][index])
        edge = x.at(value + trace["error_x"]["array"][index])
        yield (
            f'<path class="band" d="M{low:.1f} {middle:.1f}H{edge:.1f}'
            f'M{low:.1f} {middle - 3:.1f}v6M{edge:.1f} {middle - 3:.1f}v6"/>'
        )
    yield text(max(end, edge) + 5, middle + 4, number(value, 3), style="halo")


def _limits(shapes: Sequence[Any], x: Scale, floor: float, top: float) -> Iterator[str]:
    for shape in shapes:
        at = x.at(shape["x0"])
        yield (
            f'<path d="M{at:.1f} {floor:.1f}V{top - 3:.1f}" stroke-dasharray="2 4" '
            f'stroke="{escape(shape["line"]["color"])}" stroke-width="{shape["line"]["width"]}"/>'
        )
        said = shape.get("label", {}).get("text", "")
        anchor = "end" if at > (x.start + x.end) / 2 else "start"
        yield text(at, top - 7, said, anchor, "strong")
