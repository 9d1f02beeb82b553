"""What the law said through time, as a strip: one stretch for each outcome, a line at the day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from chipassay.views.outcomes import told

WIDTH, HIGH = 640.0, 34.0


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
    """The strip as SVG."""
    found = stretches(timeline, last)
    if not found:
        return ""
    first, final = _day(found[0]["from"]), _day(last)
    span = max(final - first, 1)

    def at(day: str) -> float:
        return WIDTH * min(max((_day(day) - first) / span, 0), 1)

    inner = "".join(_stretch(each, at(each["from"]), at(each["until"])) for each in found)
    years = "".join(_year(year, at(f"{year}-01-01")) for year in _years(found[0]["from"], last))
    place = at(on)
    anchor = "end" if place > WIDTH - 90 else "start"
    pin = (
        f'<path class="pin" d="M{place:.1f} 0V{HIGH + 20:g}"/><text class="strong" '
        f'x="{place + (-4 if anchor == "end" else 4):.1f}" y="{HIGH + 17:g}" '
        f'text-anchor="{anchor}">{escape(on)}</text>'
    )
    label = escape(title, quote=True)
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH:g} {HIGH + 36:g}" role="img" aria-label="{label}">'
        f"<title>{label}</title>{inner}{years}{pin}</svg>"
    )


def _stretch(each: Any, left: float, right: float) -> str:
    width = max(right - left, 1.5)
    tip = f"{each['from']} to {each['until']}: {each['told']}"
    drawn = (
        f'<rect class="{each["kind"]}" x="{left:.1f}" y="0" width="{width:.1f}" height="{HIGH:g}">'
        f"<title>{escape(tip)}</title></rect>"
    )
    if width > 46:
        words = f"{each['sign']} {each['told']}"
        room = int(width / 6.4)
        words = words if len(words) <= room else words[: room - 1] + "…"
        drawn += f'<text x="{left + 6:.1f}" y="{HIGH / 2 + 4:g}">{escape(words)}</text>'
    return drawn


def _year(year: int, place: float) -> str:
    return (
        f'<path class="grid" d="M{place:.1f} {HIGH:g}v5"/>'
        f'<text class="small" x="{place + 2:.1f}" y="{HIGH + 32:g}">{year}</text>'
    )


def _years(first: str, last: str) -> Iterator[int]:
    begun = _day(first)
    for year in range(int(first[:4]), int(last[:4]) + 1):
        if _day(f"{year}-01-01") >= begun:
            yield year


def _day(written: str) -> int:
    return datetime.date.fromisoformat(written).toordinal()
