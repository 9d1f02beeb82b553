"""Pictures of the law: limits as steps in time, and chips as dots on the plane they draw."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from chipassay.units import convert
from chipassay.views.plot import new_figure, write_figure

_SHADES = {
    "3A090.a": "#b3541e",
    "3A090.b": "#d9a441",
    "none": "#4a7c3a",
    "indeterminate": "#777777",
}
_LOW, _HIGH, _SPARSE, _DENSE = 400.0, 90000.0, 0.5, 60.0  # the plane drawn, TPP and TPP/mm2


def write_law(picture: dict[str, Any], path: Path) -> None:
    """Draw the limits through time above the plane of one day; written whole or not at all.

    Raises `QuestionError` for a folder that is not there or an ending that is neither .svg nor
    .png, `MissingPartError` without matplotlib.
    """
    figure = new_figure((9, 9))
    above, below = figure.subplots(2, 1, height_ratios=(1, 1.7))
    _steps(above, picture)
    _plane(below, picture)
    write_figure(figure, path)


def _steps(axes: Any, picture: dict[str, Any]) -> None:
    """Each limit on performance as a step, and the day's outcomes as bands."""
    for step in picture["steps"]:
        days = [datetime.date.fromisoformat(day) for day in (step["from"], step["until"])]
        limit = convert(step["limit"], "TPP")
        axes.plot(days, [limit, limit], lw=2.4, solid_capstyle="butt")
        axes.annotate(
            step["name"], (days[0], limit), (3, 3), textcoords="offset points", fontsize=7
        )
    performance = picture["performance"]
    if performance is not None:
        axes.axhline(convert(performance, "TPP"), color="#222222", lw=1, ls=":")
    for row in picture["timeline"]:
        day = datetime.date.fromisoformat(row["on"])
        axes.axvline(day, color="#999999", lw=0.8)
        axes.annotate(row["enforced"], (day, 0.02), xycoords=("data", "axes fraction"),
                      rotation=90, fontsize=7, ha="right", va="bottom")  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylabel("total processing performance, TPP")
    axes.set_title(picture["title"], fontsize=10)


def _plane(axes: Any, picture: dict[str, Any]) -> None:
    """The regions of the day's paragraphs, and every chip that has both figures."""
    for region in picture["regions"]:
        left = max(convert(region["performance"], "TPP"), _LOW)
        right = min(convert(region["performance_below"], "TPP"), _HIGH)
        low = max(convert(region["density"], "TPP/mm2"), _SPARSE)
        high = min(convert(region["density_below"], "TPP/mm2"), _DENSE)
        axes.fill_between(
            [left, right], low, high, alpha=0.18, color=_SHADES[region["class"]], lw=0
        )
        axes.annotate(region["name"], (left, low), (3, 3), textcoords="offset points", fontsize=7)
    for chip in picture["chips"]:
        at = convert(chip["performance"], "TPP"), convert(chip["density"], "TPP/mm2")
        colour = _SHADES.get(chip["classification"], "#555555")
        axes.plot([at[0]], [at[1]], "o", ms=7 if chip["asked"] else 4, color=colour,
                  mec="black" if chip["asked"] else "none")  # fmt: skip
        axes.annotate(chip["id"], at, (4, 2), textcoords="offset points", fontsize=6)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(_LOW, _HIGH)
    axes.set_ylim(_SPARSE, _DENSE)
    axes.set_xlabel("total processing performance, TPP")
    axes.set_ylabel("performance density, TPP/mm2")
    axes.set_title(f"{picture['plane']} - not legal advice", fontsize=10)
    axes.grid(visible=True, which="major", alpha=0.3)
