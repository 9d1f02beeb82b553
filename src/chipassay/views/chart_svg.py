"""A chart of `charts` as SVG: what a page shows before, and without, any script."""

from __future__ import annotations

from html import escape
from typing import Any

from chipassay.views.chart_bars import bars
from chipassay.views.chart_parts import LEFT, WIDTH, text
from chipassay.views.chart_scatter import scatter


def svg(figure: Any, title: str) -> str:
    """The picture, with its title for those who cannot see it."""
    if not any(len(trace["x"]) for trace in figure["data"]):
        inner, height = [text(LEFT, 30, "nothing to draw on this day")], 50.0
    elif figure["data"][0]["type"] == "bar":
        inner, height = bars(figure)
    else:
        inner, height = scatter(figure)
    return (
        f'<svg class="drawn" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>'
        f"{''.join(inner)}</svg>"
    )


def numbers(figure: Any, most: int = 80) -> tuple[list[str], list[list[Any]]]:
    """A chart as a table: its head and its rows, none where they would be too many to read."""
    if figure["data"] and figure["data"][0]["type"] == "bar":
        return _bar_numbers(figure)
    axes = [
        figure["layout"][axis].get("title", {}).get("text") or axis[0]
        for axis in ("xaxis", "yaxis")
    ]
    rows = [
        [_named(trace, place), a, b]
        for trace in figure["data"]
        for place, (a, b) in enumerate(zip(trace["x"], trace["y"], strict=True))
        if a is not None and b is not None
    ]
    return ["what", *axes], rows if len(rows) <= most else []


def _named(trace: Any, place: int) -> str:
    told = (trace.get("hovertext") or [""] * (place + 1))[place]
    return f"{trace['name']}: {told}" if told and told != trace["name"] else str(trace["name"])


def _bar_numbers(figure: Any) -> tuple[list[str], list[list[Any]]]:
    traces = figure["data"]
    if figure["layout"].get("barmode") == "stack":
        head = ["part", figure["layout"]["xaxis"].get("title", {}).get("text", "")]
        return head, [[trace["name"], trace["x"][0]] for trace in traces]
    labels = list(dict.fromkeys(label for trace in traces for label in trace["y"]))
    rows = [
        [label, *(dict(zip(trace["y"], trace["x"], strict=True)).get(label) for trace in traces)]
        for label in labels
    ]
    return ["figure", *(trace["name"] for trace in traces)], rows
