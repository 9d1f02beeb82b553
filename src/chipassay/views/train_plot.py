"""The pictures of a training answer on one page: its pipeline, its time, its memory, its scaling.

What is drawn follows the answer: the pipeline where there is one, the scaling curve where numbers
of chips were asked for, plans in time and memory where they were searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chipassay.units import convert, text
from chipassay.views.plot import new_figure, write_figure
from chipassay.views.timeline_picture import COLOURS, NAMES, colour

PARTS = {
    "arithmetic": "arithmetic, memory traffic", "recompute": "forward again",
    "bubble": "pipeline waits", "tensor": "tensor ranks", "context": "context ranks",
    "expert": "expert ranks", "pipeline": "between stages", "data": "data ranks",
    "optimizer": "optimiser", "other": "host, rest",
}  # fmt: skip
_PALETTE = ("#1f5a8a", "#b3541e", "#999999", "#4a7c3a", "#8a7a1f", "#7a4a8a", "#c2484f",
            "#4aa3b5", "#2b2b2b", "#b8a9d0")  # fmt: skip
_LIMIT, _BAND = "#c2484f", 0.18
_SEEN = 0.002
"""Share of a bar that is worth a line in its legend."""
_EDGED, _TICKS = 150, 16
"""Boxes of a row that still show their edges; stages that are still told one by one."""


def write_training(answer: Any, boxes: Sequence[Any], note: str, path: Path) -> None:
    """Draw an answer of `train`; `boxes` are its step's time line, `note` says what it shows.

    Raises as `write_figure` and `new_figure` do.
    """
    panels = [(_step, 0.9), (_memory, 0.9)]
    if int(answer["plan"].get("pp", 1)) > 1:
        panels.insert(0, (_pipeline, 2.6))
    if len(_drawn(answer)) > 1:
        panels.append((_scaling, 2.8))
    if len(answer.get("search", {}).get("pareto", ())) > 1:
        panels.append((_frontier, 2.4))
    figure = new_figure((10, 0.8 + 1.25 * sum(height for _, height in panels)))
    axes = figure.subplots(len(panels), 1, height_ratios=[height for _, height in panels])
    for axis, (panel, _) in zip(axes, panels, strict=True):
        panel(axis, answer, boxes, note)
    said = f"{answer['model']['name']} on {answer['chips']} {answer['chip']['name']}"
    figure.suptitle(f"{said}\n{answer['plan_text']}", fontsize=10)
    write_figure(figure, path)


def _pipeline(axis: Any, answer: Any, boxes: Sequence[Any], note: str) -> None:  # noqa: ARG001
    """Stages as rows, passes as boxes."""
    stages = 1 + max(box.stage for box in boxes)
    for stage in range(stages):
        own = [box for box in boxes if box.stage == stage]
        axis.broken_barh(
            [(box.start, box.length) for box in own], (stage + 0.06, 0.88),
            facecolors=[colour(box) for box in own], edgecolor="white",
            linewidth=0.3 if len(own) < _EDGED else 0.0,
        )  # fmt: skip
    axis.set_ylim(stages, 0)
    every = -(-stages // _TICKS)
    axis.set_yticks([n + 0.5 for n in range(0, stages, every)], range(0, stages, every), fontsize=7)
    axis.set_xlim(0, max(box.start + box.length for box in boxes))
    axis.set_ylabel("stage")
    axis.set_title(f"a step's {note}; gaps are waits", fontsize=9, loc="left")
    axis.set_xlabel("seconds", fontsize=8)
    handles = [
        axis.plot([], [], "s", color=COLOURS[kind][0], label=NAMES[kind])[0]
        for kind in COLOURS
        if any(box.kind == kind for box in boxes)
    ]
    axis.legend(
        handles=handles, fontsize=6.5, frameon=False, loc="center left",
        bbox_to_anchor=(1.0, 0.5), handlelength=1.0,
    )  # fmt: skip


def _step(axis: Any, answer: Any, boxes: Sequence[Any], note: str) -> None:  # noqa: ARG001
    """Where a step's time goes."""
    time = answer["step_time"]
    said = [text(each, "s", as_="s", digits=3) for each in (time.value, time.low, time.high)]
    _stack(axis, {PARTS[name]: value for name, value in answer["breakdown"].items()})
    axis.set_title(f"a step: {said[0]} ({said[1]} to {said[2]})", fontsize=9, loc="left")
    axis.errorbar(
        [time.value], [0], xerr=[[time.value - time.low], [time.high - time.value]],
        color="#333333", capsize=4, lw=1.2,
    )  # fmt: skip
    axis.set_xlim(0, time.high * 1.02)
    axis.set_xlabel("seconds; the whisker is the 80 % band", fontsize=8)


def _memory(axis: Any, answer: Any, boxes: Sequence[Any], note: str) -> None:  # noqa: ARG001
    """What fills a chip's memory, and what there is of it."""
    room = convert(answer["memory_capacity"], "GB")
    parts = {name: convert(size, "GB") for name, size in answer["memory_parts"].items()}
    _stack(axis, parts)
    axis.axvline(room, color=_LIMIT, lw=2, ls="--")
    axis.text(room, 0.44, f" {room:.0f} GB a chip", color=_LIMIT, fontsize=8, va="top")
    held = sum(parts.values())
    axis.set_xlim(0, max(room, held) * 1.15)
    verdict = "fits" if answer["fits"] else "does not fit"
    axis.set_title(f"memory: {held:.1f} GB on the fullest chip, {verdict}", fontsize=9, loc="left")
    axis.set_xlabel("GB", fontsize=8)


def _stack(axis: Any, parts: dict[str, float]) -> None:
    """One bar of parts that add up, each named with its share."""
    left, total = 0.0, sum(parts.values())
    for place, (name, value) in enumerate(parts.items()):
        if value > _SEEN * total:
            share = f"{name} {100 * value / total:.0f} %"
            axis.barh([0], [value], left=left, height=0.7, color=_PALETTE[place], label=share)
        left += value
    axis.set_yticks([])
    axis.set_ylim(-0.5, 0.5)
    axis.legend(
        ncol=1, fontsize=6.5, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5),
        handlelength=1.0, labelspacing=0.25,
    )  # fmt: skip
    axis.margins(x=0)


def _drawn(answer: Any) -> list[Any]:
    return [line for line in answer.get("by_chips", ()) if line.get("fits")]


def _scaling(axis: Any, answer: Any, boxes: Sequence[Any], note: str) -> None:  # noqa: ARG001
    """Tokens a second of all chips, and MFU, against chips; bands are 80 %."""
    lines = _drawn(answer)
    chips = [line["chips"] for line in lines]
    rates = [line["tokens_per_s_per_chip"] for line in lines]
    _banded(axis, chips, [(n * r.low, n * r.value, n * r.high) for n, r in _pairs(chips, rates)],
            _PALETTE[0], "tokens a second, all chips")  # fmt: skip
    first = rates[0].value
    axis.plot(chips, [n * first for n in chips], ":", color="#777777", lw=1, label="in proportion")
    axis.set_xscale("log", base=2)
    axis.set_yscale("log")
    axis.set_xticks(chips, [f"{n:,}" for n in chips], fontsize=8)
    axis.set_xlabel("chips", fontsize=8)
    axis.set_ylabel("tokens a second", color=_PALETTE[0])
    axis.grid(visible=True, which="major", alpha=0.3)
    beside = axis.twinx()
    shares = [line["mfu"] for line in lines]
    _banded(beside, chips, [(q.low, q.value, q.high) for q in shares], _PALETTE[1], "MFU")
    beside.set_ylim(0, 1)
    beside.set_ylabel(f"MFU ({answer['mfu_convention']})", color=_PALETTE[1])
    axis.set_title("scaling: the best plan of each number of chips", fontsize=9, loc="left")
    handles = [*axis.get_legend_handles_labels()[0], *beside.get_legend_handles_labels()[0]]
    axis.legend(handles=handles, fontsize=7, frameon=False, loc="upper left")


def _pairs(chips: list[int], rates: list[Any]) -> Any:
    return zip(chips, rates, strict=True)


def _banded(
    axis: Any, x: Any, rows: list[tuple[float, float, float]], colour: str, of: str
) -> None:
    low, middle, high = zip(*rows, strict=True)
    axis.fill_between(x, low, high, color=colour, alpha=_BAND, lw=0)
    axis.plot(x, middle, "-o", color=colour, ms=4, lw=1.6, label=of)


def _frontier(axis: Any, answer: Any, boxes: Sequence[Any], note: str) -> None:  # noqa: ARG001
    """Plans that no other beats in both time and memory."""
    plans = answer["search"]["pareto"]
    sizes = [convert(one["memory_per_chip"], "GB") for one in plans]
    rates = [one["tokens_per_s_per_chip"] for one in plans]
    axis.step(sizes, rates, "-o", where="post", color=_PALETTE[0], ms=4, lw=1.2)
    half = len(plans) // 2
    for place, (across, up) in ((0, (0, -24)), (half, (0, -40)), (-1, (6, 2))):
        said = plans[place]["plan_text"].replace(",schedule=1f1b", "").replace("recompute=", "")
        axis.annotate(
            said, (sizes[place], rates[place]), (across, up), textcoords="offset points",
            fontsize=6.5, ha="left" if place else "right",
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "#777777"},
        )  # fmt: skip
    axis.axvline(convert(answer["memory_capacity"], "GB"), color=_LIMIT, lw=1.5, ls="--")
    axis.set_xlabel("memory on the fullest chip, GB", fontsize=8)
    axis.set_ylabel("tokens/s/chip")
    axis.grid(visible=True, alpha=0.3)
    kept = f"{len(plans)} of {answer['search']['plans']:,} plans"
    axis.set_title(f"{kept} that none beats in both time and memory", fontsize=9, loc="left")
