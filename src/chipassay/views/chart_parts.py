"""What every drawn chart is made of: scales, ticks, texts, symbols, legends."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from chipassay.units import number

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 560.0, 14.0, 48.0, 66.0, 18.0
DECADE = 10.0
"""A step of a logarithmic axis."""
LETTER = 6.7
"""Width of a character of a label, in units of the picture."""
DASHES = {"dash": "8 4", "dot": "2 4", "dashdot": "8 4 2 4"}
HATCHES = {"/": "hatch-1", ".": "hatch-2", "x": "hatch-3", "-": "hatch-4", "|": "hatch-5"}
"""Patterns by their names in plotly; the page holds them once."""
_FEW_DECADES = 2.2


class Scale(NamedTuple):
    """From a value to a place in the picture."""

    low: float
    high: float
    start: float
    end: float
    kind: str
    ticks: tuple[float, ...] = ()

    def at(self, value: Any) -> float:
        """The place of a value; values outside are held at the edge."""
        share = (bare(value, self.kind) - self.low) / ((self.high - self.low) or 1.0)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def bare(value: Any, kind: str) -> float:
    """A value as an axis of that kind counts: days, or powers of ten."""
    if kind == "date":
        return float(datetime.date.fromisoformat(str(value)).toordinal())
    return math.log10(value) if kind == "log" and value > 0 else float(value)


def scale(axis: Any, values: Sequence[Any], start: float, end: float) -> Scale:
    """The scale of an axis that holds some values, or the range it was given."""
    kind = axis.get("type", "linear")
    given = axis.get("range")
    counted = [
        bare(v, kind) for v in (given or values) if v is not None and (kind != "log" or v > 0)
    ] or [0.0, 1.0]
    low, high = min(counted), max(counted)
    if kind == "linear" and not given:
        low = min(low, 0.0)
    if not given:
        low, high = (low - 0.04 * (high - low) if low else low), high + 0.06 * (high - low or 1.0)
    return Scale(low, high, start, end, kind, tuple(axis.get("tickvals", ())))


def ticks(of: Scale) -> Iterator[tuple[float, str]]:
    """Places and labels along a scale."""
    if of.kind == "date":
        yield from _years(of)
    elif of.ticks:
        yield from ((of.at(value), number(value)) for value in of.ticks)
    elif of.kind == "log":
        found = list(_decades(of))
        yield from found if len(found) > 1 else _evenly(of)
    else:
        yield from ((of.at(tick), number(tick, 3)) for tick in _steps(of.low, of.high))


def _decades(of: Scale) -> Iterator[tuple[float, str]]:
    within = (1.0, 2.0, 5.0) if of.high - of.low < _FEW_DECADES else (1.0,)
    for power in range(math.floor(of.low), math.floor(of.high) + 1):
        for digit in within:
            value = digit * DECADE**power
            if of.low <= math.log10(value) <= of.high:
                yield of.at(value), number(value)


def _evenly(of: Scale) -> Iterator[tuple[float, str]]:
    """Where a logarithmic axis holds no round power, even steps will do."""
    for tick in _steps(DECADE**of.low, DECADE**of.high):
        if tick > 0:
            yield of.at(tick), number(tick, 3)


def _steps(low: float, high: float) -> Iterator[float]:
    """Round values between two."""
    step = _round_step((high - low) / 5)
    first = math.ceil(low / step)
    yield from (round(n * step, 9) for n in range(first, math.floor(high / step) + 1))


def _round_step(rough: float) -> float:
    power = DECADE ** math.floor(math.log10(rough))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough)


def _years(of: Scale) -> Iterator[tuple[float, str]]:
    first, last = (datetime.date.fromordinal(int(each)).year for each in (of.low, of.high))
    for year in range(first, last + 2):
        day = datetime.date(year, 1, 1)
        if of.low <= day.toordinal() <= of.high:
            yield of.at(day.isoformat()), str(year)


def columns(x: Scale, floor: float, ceiling: float, title: str) -> Iterator[str]:
    """The upright lines of a grid with their labels, and the title under them."""
    for place, label in ticks(x):
        yield f'<path class="grid" d="M{place:.1f} {floor:.1f}V{ceiling:.1f}"/>'
        yield text(place, floor + 17, label, "middle")
    yield text((x.start + x.end) / 2, floor + 38, title, "middle")


def rungs(y: Scale, left: float, right: float, title: str) -> Iterator[str]:
    """The level lines of a grid with their labels, and the title beside them."""
    for place, label in ticks(y):
        yield f'<path class="grid" d="M{left:.1f} {place:.1f}H{right:.1f}"/>'
        yield text(left - 7, place + 4, label, "end")
    middle = (y.start + y.end) / 2
    yield (
        f'<text transform="translate(13 {middle:.1f}) rotate(-90)" text-anchor="middle">'
        f"{escape(title)}</text>"
    )


def text(x: float, y: float, said: str, anchor: str = "start", style: str = "") -> str:
    """Words at a place."""
    styled = f' class="{style}"' if style else ""
    return (
        f'<text{styled} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
        if said
        else ""
    )


def symbol(kind: str, x: float, y: float, r: float, colour: str) -> str:
    """A mark of half-width r, by its name in plotly."""
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


def box(left: float, top: float, wide: float, high: float, trace: Any, tip: str = "") -> str:
    """A filled box in the colour and pattern of a trace."""
    marker = trace["marker"]
    where = f'x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    hatch = HATCHES.get(marker.get("pattern", {}).get("shape", ""))
    over = f'<rect {where} fill="url(#{hatch})"/>' if hatch else ""
    said = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<g><rect {where} fill="{marker["color"]}"/>{over}{said}</g>'


def legend(traces: Sequence[Any]) -> tuple[str, float]:
    """The names of traces with their marks, and how high that is; nothing for a single name."""
    named = [trace for trace in traces if trace.get("showlegend", True)]
    if len({trace["name"] for trace in named}) < 2:
        return "", 0.0
    parts, x, y = [], LEFT, 14.0
    for trace in named:
        width = 40 + LETTER * len(trace["name"])
        if x + width > WIDTH and x > LEFT:
            x, y = LEFT, y + 19
        parts.append(_key(trace, x, y))
        parts.append(text(x + 26, y, trace["name"]))
        x += width
    return "".join(parts), y + 8


def _key(trace: Any, x: float, y: float) -> str:
    if trace["type"] == "bar":
        return box(x + 4, y - 10, 16, 11, trace)
    line, marker = trace.get("line"), trace.get("marker", {})
    dash = DASHES.get((line or {}).get("dash", ""), "")
    drawn = (
        f'<path class="line" d="M{x:.1f} {y - 4:.1f}h22" stroke="{line["color"]}" '
        f'stroke-dasharray="{dash}"/>'
        if line and "lines" in trace["mode"]
        else ""
    )
    if "markers" not in trace["mode"]:
        return drawn
    return drawn + symbol(
        marker.get("symbol", "circle"), x + 11, y - 4, 4.5, marker.get("color", "")
    )


def plain(value: Any) -> str:
    """A value of an axis as a tip shows it."""
    return number(value) if isinstance(value, (int, float)) else str(value)
