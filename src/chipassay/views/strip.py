"""What the law said through time, as a strip: one stretch for each outcome, a line at the day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from chipassay.views.outcomes import told

HIGH = 34.0
_LATE = 85.0
"""Percent of the width from which a day is written before its line."""


def kind(outcome: str) -> str:
    """One of free, licence, open: how an outcome is shaded, and its sign."""
    if outcome.startswith(("no_licence", "exception")):
        return "free"
    return "licence" if outcome.startswith("licence") else "open"


SIGNS = {"free": "✓", "licence": "✗", "open": "?"}


def stretches(timeline: Sequence[Any], last: str) -> list[dict[str, Any]]:
    """Rows of a timeline joined where the enforced outcome stays: from, until, outcome, kind."""
    joined: list[dict[str, Any]] = []
    for row in timeline:
        if joined and joined[-1]["outcome"] == row["enforced"]:
            continue
        if joined:
            joined[-1]["until"] = row["on"]
        joined.append({
            "from": row["on"], "until": last, "outcome": row["enforced"],
            "told": told(row["enforced"]), "kind": kind(row["enforced"]),
            "sign": SIGNS[kind(row["enforced"])], "because": row["because"],
        })  # fmt: skip
    return joined


def strip(timeline: Sequence[Any], on: str, last: str, title: str) -> str:
    """The strip as SVG, as wide as its place; words keep their size and end with their stretch."""
    found = stretches(timeline, last)
    if not found:
        return ""
    first, final = _day(found[0]["from"]), _day(last)
    span = max(final - first, 1)

    def at(day: str) -> float:
        return 100.0 * min(max((_day(day) - first) / span, 0), 1)

    inner = "".join(_stretch(each, at(each["from"]), at(each["until"])) for each in found)
    years = "".join(_year(year, at(f"{year}-01-01")) for year in _years(found[0]["from"], last))
    label = escape(title, quote=True)
    return (
        f'<svg class="strip" width="100%" height="{HIGH + 36:g}" role="img" aria-label="{label}">'
        f"<title>{label}</title>{inner}{years}{_pin(on, at(on))}</svg>"
    )


def _pin(on: str, place: float) -> str:
    late = place > _LATE
    return (
        f'<line class="pin" x1="{place:.2f}%" x2="{place:.2f}%" y1="0" y2="{HIGH + 20:g}"/>'
        f'<text class="strong" x="{place:.2f}%" dx="{-6 if late else 6}" y="{HIGH + 17:g}" '
        f'text-anchor="{"end" if late else "start"}">{escape(on)}</text>'
    )


def _stretch(each: Any, left: float, right: float) -> str:
    tip = f"{each['from']} to {each['until']}: {each['told']}"
    return (
        f'<svg x="{left:.2f}%" y="0" width="{max(right - left, 0.3):.2f}%" height="{HIGH:g}">'
        f'<rect class="{each["kind"]}" width="100%" height="100%"/>'
        f'<text x="8" y="{HIGH / 2 + 4:g}">{escape(each["sign"])} {escape(each["told"])}</text>'
        f"<title>{escape(tip)}</title></svg>"
    )


def _year(year: int, place: float) -> str:
    return (
        f'<line class="grid" x1="{place:.2f}%" x2="{place:.2f}%" y1="{HIGH:g}" y2="{HIGH + 5:g}"/>'
        f'<text class="small" x="{place:.2f}%" dx="3" y="{HIGH + 32:g}">{year}</text>'
    )


def _years(first: str, last: str) -> Iterator[int]:
    begun = _day(first)
    for year in range(int(first[:4]), int(last[:4]) + 1):
        if _day(f"{year}-01-01") >= begun:
            yield year


def _day(written: str) -> int:
    return datetime.date.fromisoformat(written).toordinal()
