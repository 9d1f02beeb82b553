"""A chart of `charts` as SVG: what a page shows before, and without, any script."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from chipassay.units import number

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 640.0, 14.0, 46.0, 62.0, 16.0
ROW = 26.0
DECADE = 10.0
"""A step of a logarithmic axis."""
_DASHES = {"dash": "8 4", "dot": "2 4", "dashdot": "8 4 2 4"}
_LABEL = 6.3
"""Width of a character of a label, in units of the picture."""


class Scale(NamedTuple):
    """From a value to a place in the picture."""

    low: float
    high: float
    start: float
    end: float
    kind: str

    def at(self, value: Any) -> float:
        """The place of a value; values outside are held at the edge."""
        share = (self.bare(value) - self.low) / ((self.high - self.low) or 1.0)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def bare(self, value: Any) -> float:
        """A value as the axis counts: days, or powers of ten."""
        return bare(value, self.kind)


def bare(value: Any, kind: str) -> float:
    """A value as an axis of that kind counts."""
    if kind == "date":
        return float(datetime.date.fromisoformat(str(value)).toordinal())
    return math.log10(value) if kind == "log" and value > 0 else float(value)


def svg(figure: Any, title: str) -> str:
    """The picture, with its title for those who cannot see it."""
    if not any(len(trace["x"]) for trace in figure["data"]):
        inner, height = [_text(LEFT, 30, "nothing to draw on this day", "start")], 50.0
    elif figure["data"][0]["type"] == "bar":
        inner, height = _bars(figure)
    else:
        inner, height = _scatter(figure)
    return (
        f'<svg class="drawn" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>'
        f"{''.join(inner)}</svg>"
    )


def _scatter(figure: Any) -> tuple[list[str], float]:
    layout, traces = figure["layout"], figure["data"]
    legend, below = _legend(traces)
    height = 330.0 + below
    floor = height - BOTTOM - below
    x = _scale(layout["xaxis"], [v for t in traces for v in t["x"]], LEFT, WIDTH - RIGHT)
    y = _scale(layout["yaxis"], [v for t in traces for v in t["y"]], floor, TOP)
    parts = [*_grid(x, y, layout), *_rungs(x, y, layout), *_shapes(layout.get("shapes", ()), x, y)]
    for trace in traces:
        parts += _trace(trace, x, y)
    parts += _annotations(layout.get("annotations", ()), x, y)
    return [*parts, _shifted(legend, height - below)], height


def _scale(axis: Any, values: Sequence[Any], start: float, end: float) -> Scale:
    kind = axis.get("type", "linear")
    given = axis.get("range")
    counted = [bare(v, kind) for v in (given or values) if v is not None] or [0.0, 1.0]
    low, high = min(counted), max(counted)
    if kind == "linear" and not given:
        low = min(low, 0.0)
    if not given:
        low, high = (low - 0.04 * (high - low) if low else low), high + 0.06 * (high - low or 1.0)
    return Scale(low, high, start, end, kind)


def _ticks(scale: Scale) -> Iterator[tuple[float, str]]:
    if scale.kind == "date":
        yield from _years(scale)
        return
    if scale.kind == "log":
        for power in range(math.ceil(scale.low), math.floor(scale.high) + 1):
            yield scale.at(DECADE**power), number(DECADE**power)
        return
    step = _round_step((scale.high - scale.low) / 5)
    tick = math.ceil(scale.low / step) * step
    while tick <= scale.high:
        yield scale.at(tick), number(round(tick, 9), 3)
        tick += step


def _round_step(rough: float) -> float:
    power = DECADE ** math.floor(math.log10(rough))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough)


def _years(scale: Scale) -> Iterator[tuple[float, str]]:
    first, last = (datetime.date.fromordinal(int(each)).year for each in (scale.low, scale.high))
    for year in range(first, last + 2):
        day = datetime.date(year, 1, 1)
        if scale.low <= day.toordinal() <= scale.high:
            yield scale.at(day.isoformat()), str(year)


def _grid(x: Scale, y: Scale, layout: Any) -> Iterator[str]:
    for place, label in _ticks(x):
        yield f'<path class="grid" d="M{place:.1f} {y.start:.1f}V{y.end:.1f}"/>'
        yield _text(place, y.start + 16, label, "middle")
    middle = (x.start + x.end) / 2
    yield _text(middle, y.start + 36, layout["xaxis"].get("title", {}).get("text", ""), "middle")


def _rungs(x: Scale, y: Scale, layout: Any) -> Iterator[str]:
    for place, label in _ticks(y):
        yield f'<path class="grid" d="M{x.start:.1f} {place:.1f}H{x.end:.1f}"/>'
        yield _text(x.start - 6, place + 4, label, "end")
    said = layout["yaxis"].get("title", {}).get("text", "")
    middle = (y.start + y.end) / 2
    yield (
        f'<text transform="translate(14 {middle:.1f}) rotate(-90)" text-anchor="middle">'
        f"{escape(said)}</text>"
    )


def _shapes(shapes: Sequence[Any], x: Scale, y: Scale) -> Iterator[str]:
    for shape in shapes:
        ends = [
            (scale.start, scale.end)[shape[f"{axis}{end}"]]
            if shape.get(f"{axis}ref") == "paper"
            else scale.at(shape[f"{axis}{end}"])
            for axis, scale in (("x", x), ("y", y))
            for end in (0, 1)
        ]
        left, right, low, high = ends
        if shape["type"] == "rect":
            yield (
                f'<rect x="{left:.1f}" y="{high:.1f}" width="{max(right - left, 0):.1f}" '
                f'height="{max(low - high, 0):.1f}" fill="{shape["fillcolor"]}" '
                f'opacity="{shape["opacity"]}"/>'
            )
            yield _text(left + 4, low - 5, shape.get("label", {}).get("text", ""), "start")
            continue
        dash = _DASHES.get(shape["line"]["dash"], "")
        yield (
            f'<path d="M{left:.1f} {low:.1f}L{right:.1f} {high:.1f}" stroke-dasharray="{dash}" '
            f'stroke="{shape["line"]["color"]}" stroke-width="{shape["line"]["width"]}"/>'
        )


def _trace(trace: Any, x: Scale, y: Scale) -> Iterator[str]:
    places = [(x.at(a), y.at(b)) for a, b in zip(trace["x"], trace["y"], strict=True)]
    marker = trace.get("marker", {})
    if "lines" in trace["mode"]:
        dash = _DASHES.get(trace["line"].get("dash", ""), "")
        joined = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        yield (
            f'<path class="line" d="M{joined}" stroke="{trace["line"]["color"]}" '
            f'stroke-dasharray="{dash}"/>'
        )
    sizes = marker.get("size", 7)
    told = trace.get("hovertext") or [trace["name"]] * len(places)
    for place, (a, b) in enumerate(places):
        size = sizes[place] if isinstance(sizes, list) else sizes
        drawn = _symbol(marker.get("symbol", "circle"), a, b, size / 2, marker.get("color", ""))
        tip = f"{told[place]}: {_plain(trace['x'][place])}, {_plain(trace['y'][place])}"
        yield f"<g>{drawn}<title>{escape(tip)}</title></g>"
        if trace.get("text") and trace["text"][place]:
            yield f'<g class="strong">{_text(a + 9, b - 6, trace["text"][place], "start")}</g>'


def _plain(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) else str(value)


def _symbol(kind: str, x: float, y: float, r: float, colour: str) -> str:
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{colour}"/>'
    if kind in ("x", "cross"):
        turn = 45 if kind == "x" else 0
        return (
            f'<path transform="translate({x:.1f} {y:.1f}) rotate({turn})" stroke="{colour}" '
            f'stroke-width="2.4" d="M{-r:g} 0H{r:g}M0 {-r:g}V{r:g}"/>'
        )
    turn = {"square": 0, "diamond": 45, "triangle-up": 0, "triangle-down": 180}.get(kind, 22)
    shape = f"M{-r:g} {r:g}H{r:g}L0 {-r:g}Z" if "triangle" in kind else (
        f"M{-r:g} {-r:g}H{r:g}V{r:g}H{-r:g}Z"
    )  # fmt: skip
    return (
        f'<path transform="translate({x:.1f} {y:.1f}) rotate({turn})" fill="{colour}" d="{shape}"/>'
    )


def _annotations(notes: Sequence[Any], x: Scale, y: Scale) -> Iterator[str]:
    for note in notes:
        place = x.at(note["x"])
        yield (
            f'<text class="small" transform="translate({place + 11:.1f} {y.start - 6:.1f}) '
            f'rotate(-90)">{escape(note["text"])}</text>'
        )


def _bars(figure: Any) -> tuple[list[str], float]:
    traces, layout = figure["data"], figure["layout"]
    stack = layout.get("barmode") == "stack"
    labels = list(dict.fromkeys(label for trace in traces for label in trace["y"]))
    lanes = 1 if stack else len(traces)
    lane = ROW if lanes == 1 else max(12.0, ROW / lanes * 1.6)
    left = 16 + _LABEL * max((len(label) for label in labels), default=0)
    legend, below = _legend(traces) if len(traces) > 1 else ("", 0.0)
    rows = len(labels) * (lane * lanes + 10)
    height = TOP + rows + BOTTOM + below
    x = _scale(layout["xaxis"], list(_reach(traces, layout, stack)), left, WIDTH - RIGHT - 44)
    y = Scale(0, 1, TOP + rows, TOP, "linear")
    parts = list(_grid(x, y, layout))
    parts += _shapes(layout.get("shapes", ()), x, y)
    for row, label in enumerate(labels):
        top = TOP + row * (lane * lanes + 10) + 5
        parts.append(_text(left - 8, top + lane * lanes / 2 + 4, label, "end"))
        begun = 0.0
        for place, trace in enumerate(traces):
            if label in trace["y"]:
                at = top + (0 if stack else place * lane)
                parts += _bar(trace, trace["y"].index(label), x, at, lane, begun, stack)
                begun += (trace["x"][trace["y"].index(label)] or 0.0) if stack else 0.0
    return [*parts, _shifted(legend, height - below)], height


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


def _bar(
    trace: Any, index: int, x: Scale, top: float, lane: float, begun: float, stack: bool
) -> Iterator[str]:
    value = trace["x"][index]
    if value is None:
        yield _text(x.start + 4, top + lane / 2 + 4, "unknown", "start")
        return
    start, end = x.at(begun), x.at(begun + value)
    tip = escape(f"{trace['name']}: {number(value, 3)}")
    yield (
        f'<rect x="{start:.1f}" y="{top + 1:.1f}" width="{max(end - start, 1):.1f}" '
        f'height="{lane - 2:.1f}" fill="{trace["marker"]["color"]}"><title>{tip}</title></rect>'
    )
    middle, edge = top + lane / 2, end
    if "error_x" in trace:
        low = x.at(value - trace["error_x"]["arrayminus"][index])
        edge = x.at(value + trace["error_x"]["array"][index])
        yield (
            f'<path class="band" d="M{low:.1f} {middle:.1f}H{edge:.1f}'
            f'M{low:.1f} {middle - 3:.1f}v6M{edge:.1f} {middle - 3:.1f}v6"/>'
        )
    if not stack:
        yield _text(max(end, edge) + 5, middle + 4, number(value, 3), "start")


def _legend(traces: Sequence[Any]) -> tuple[str, float]:
    parts, x, y = [], LEFT, 14.0
    for trace in traces:
        width = 26 + _LABEL * len(trace["name"])
        if x + width > WIDTH and x > LEFT:
            x, y = LEFT, y + 18
        marker = trace.get("marker", {})
        symbol = "square" if trace["type"] == "bar" else marker.get("symbol", "circle")
        parts.append(_symbol(symbol, x + 6, y - 4, 4.5, marker.get("color", "")))
        parts.append(_text(x + 16, y, trace["name"], "start"))
        x += width
    return "".join(parts), y + 8


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
        if said
        else ""
    )


def _shifted(inner: str, down: float) -> str:
    return f'<g transform="translate(0 {down:g})">{inner}</g>'
