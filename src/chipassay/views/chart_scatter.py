"""Lines and points as SVG, on linear, logarithmic or dated axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from chipassay.views.chart_parts import (
    BOTTOM,
    DASHES,
    LEFT,
    LETTER,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    columns,
    legend,
    plain,
    rungs,
    scale,
    symbol,
    text,
)

HIGH = 310.0
_LINE = 13.0
"""Height of a line of words."""


class Room:
    """The places of a picture that words have taken."""

    def __init__(self, right: float) -> None:
        self._taken: list[tuple[float, float, float, float]] = []
        self._right = right

    def take(self, x: float, y: float, said: str) -> bool:
        """Whether words that start here meet no others; they have the place then."""
        wide = LETTER * len(said)
        mine = (x, y - _LINE, x + wide, y + 2)
        if x + wide > self._right or any(_meet(mine, other) for other in self._taken):
            return False
        self._taken.append(mine)
        return True


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    )  # fmt: skip


def scatter(figure: Any) -> tuple[list[str], float]:
    """The parts of the picture and its height."""
    layout, traces = figure["layout"], figure["data"]
    keys, below = legend(traces)
    height = float(layout.get("height", HIGH)) + below
    floor = height - BOTTOM - below
    x = scale(layout["xaxis"], [v for t in traces for v in t["x"]], LEFT, WIDTH - RIGHT)
    y = scale(layout["yaxis"], [v for t in traces for v in t["y"]], floor, TOP)
    room = Room(WIDTH)
    parts = [
        *columns(x, floor, TOP, layout["xaxis"].get("title", {}).get("text", "")),
        *rungs(y, x.start, x.end, layout["yaxis"].get("title", {}).get("text", "")),
    ]
    for shape in layout.get("shapes", ()):
        parts += _shape(shape, x, y)
    for trace in traces:
        parts += _trace(trace, x, y)
    parts += _words(layout.get("shapes", ()), traces, x, y, room)
    return [*parts, f'<g transform="translate(0 {height - below:g})">{keys}</g>'], height


def _ends(shape: Any, x: Scale, y: Scale) -> list[float]:
    return [
        (of.start, of.end)[shape[f"{axis}{end}"]]
        if shape.get(f"{axis}ref") == "paper"
        else of.at(shape[f"{axis}{end}"])
        for axis, of in (("x", x), ("y", y))
        for end in (0, 1)
    ]


def _shape(shape: Any, x: Scale, y: Scale) -> Iterator[str]:
    left, right, low, high = _ends(shape, x, y)
    if shape["type"] == "rect":
        yield (
            f'<rect x="{left:.1f}" y="{high:.1f}" width="{max(right - left, 0):.1f}" '
            f'height="{max(low - high, 0):.1f}" fill="{shape["fillcolor"]}" '
            f'opacity="{shape["opacity"]}"/>'
        )
        return
    dash = DASHES.get(shape["line"]["dash"], "")
    yield (
        f'<path d="M{left:.1f} {low:.1f}L{right:.1f} {high:.1f}" stroke-dasharray="{dash}" '
        f'stroke="{shape["line"]["color"]}" stroke-width="{shape["line"]["width"]}"/>'
    )


def _trace(trace: Any, x: Scale, y: Scale) -> Iterator[str]:
    pairs = list(zip(trace["x"], trace["y"], strict=True))
    marker = trace.get("marker", {})
    if "lines" in trace["mode"]:
        dash = DASHES.get(trace["line"].get("dash", ""), "")
        yield (
            f'<path class="line" d="{_path(pairs, x, y)}" stroke="{trace["line"]["color"]}" '
            f'stroke-dasharray="{dash}"/>'
        )
    if "markers" not in trace["mode"]:
        return
    sizes = marker.get("size", 7)
    told = trace.get("hovertext") or [trace["name"]] * len(pairs)
    for place, (a, b) in enumerate(pairs):
        if a is None or b is None:
            continue
        size = sizes[place] if isinstance(sizes, list) else sizes
        kind, colour = marker.get("symbol", "circle"), marker.get("color", "")
        drawn = symbol(kind, x.at(a), y.at(b), size / 2, colour)
        tip = f"{told[place]}: {plain(a)}, {plain(b)}"
        yield f"<g>{drawn}<title>{escape(tip)}</title></g>"


def _path(pairs: Sequence[Any], x: Scale, y: Scale) -> str:
    """Points joined; an absent one breaks the line."""
    said, pen = "", "M"
    for a, b in pairs:
        if a is None or b is None:
            pen = "M"
            continue
        said += f"{pen}{x.at(a):.1f} {y.at(b):.1f}"
        pen = "L"
    return said


def _words(
    shapes: Sequence[Any], traces: Sequence[Any], x: Scale, y: Scale, room: Room
) -> Iterator[str]:
    """Words at points, lines and regions: the strong first, the rest where there is room."""
    wanted: list[tuple[list[tuple[float, float]], str, str]] = []
    for trace in traces:
        for a, b, said in zip(trace["x"], trace["y"], trace.get("text") or (), strict=False):
            if said and a is not None:
                wanted.append((_around(x.at(a), y.at(b), said), said, "strong"))
    for shape in shapes:
        said = shape.get("label", {}).get("text", "")
        if said:
            style = "soft" if shape["type"] == "rect" else "strong"
            wanted.append((_corners(_ends(shape, x, y), said), said, style))
    for trace in traces:
        if trace.get("meta") == "name all":
            for a, b, said in zip(trace["x"], trace["y"], trace["hovertext"], strict=True):
                wanted.append((_around(x.at(a), y.at(b), said)[:1], said, "small"))
    for places, said, style in wanted:
        found = next((each for each in places if room.take(*each, said)), None)
        if found is None and style == "strong":
            found = places[0]
        if found is not None:
            yield text(*found, said, style=f"{style} halo")


def _around(a: float, b: float, said: str) -> list[tuple[float, float]]:
    wide = LETTER * len(said)
    return [(a + 8, b - 5), (a + 8, b + 14), (a - 8 - wide, b - 5), (a - 8 - wide, b + 14)]


def _corners(ends: Sequence[float], said: str) -> list[tuple[float, float]]:
    left, right, low, high = ends
    wide = LETTER * len(said)
    low, high = max(low, high), min(low, high)
    if right - left < 1:  # a line upright: beside its top
        return [
            (left + 5, high + 10), (left - 5 - wide, high + 10), (left + 5, low - 40),
            (left - 5 - wide, low - 40),
        ]  # fmt: skip
    if low - high < 1:  # a level line: under its end
        return [(right - wide - 4, low + 14), (left + 4, low + 14), (left + 4, low - 5)]
    return [
        (left + 5, low - 6), (right - wide - 5, low - 6), (left + 5, high + 14),
        (right - wide - 5, high + 14),
    ]  # fmt: skip
