"""A step's time line as SVG, or as a Chrome trace (JSON) for a trace viewer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from chipassay.errors import QuestionError
from chipassay.facts.compiled import write_text
from chipassay.units import convert, text

_WIDTH, _LEFT, _TOP, _FOOT = 960.0, 70.0, 56.0, 30.0
_ROW, _LEAST_ROW, _TALL = 26.0, 9.0, 640.0
"""Height of a stage's row, the least of it, and of all rows where there are many."""
COLOURS = {
    "forward": ("#3b6ea5", "#7fa3cc"), "backward": ("#c0803d", "#dcb07f"),
    "weight": ("#5d8a4a", "#9cc08b"), "data": ("#7a4a8a",), "optimizer": ("#555555",),
}  # fmt: skip
"""A colour for each kind of box; chunks of interleaved stages take turns."""
NAMES = {
    "forward": "forward", "backward": "backward", "weight": "gradients of weights",
    "data": "data ranks' reduction", "optimizer": "optimiser",
}  # fmt: skip
_TICKS = 6


def write_timeline(boxes: Sequence[Any], title: str, path: Path) -> None:
    """Write the picture that the file's ending asks for: .svg or .json."""
    if path.suffix == ".json":
        write_text(path, json.dumps(trace(boxes), separators=(",", ":")) + "\n")
    elif path.suffix == ".svg":
        write_text(path, svg(boxes, title))
    else:
        hint = "end it in .svg or .png, or in .json for a trace viewer"
        raise QuestionError("nobody draws this kind of file", where=str(path), hint=hint)


def trace(boxes: Sequence[Any]) -> dict[str, Any]:
    """Complete events, one thread for each stage; times in microseconds as the format has them."""
    named: list[dict[str, Any]] = [
        {"name": "thread_name", "ph": "M", "pid": 0, "tid": s, "args": {"name": f"stage {s}"}}
        for s in sorted({box.stage for box in boxes})
    ]
    events = [
        {
            "name": f"{box.kind} {box.number}", "cat": box.kind, "ph": "X", "pid": 0,
            "tid": box.stage, "ts": convert(box.start, "us"), "dur": convert(box.length, "us"),
            "args": {"chunk": box.chunk},
        }
        for box in boxes
    ]  # fmt: skip
    return {"traceEvents": named + events, "displayTimeUnit": "ms"}


def colour(box: Any) -> str:
    """A box's colour."""
    of = COLOURS[str(box.kind)]
    return of[int(box.chunk) % len(of)]


def svg(boxes: Sequence[Any], title: str) -> str:
    """Stages as rows, passes as boxes; waits are the gaps."""
    end = max(box.start + box.length for box in boxes)
    stages = 1 + max(box.stage for box in boxes)
    row = min(_ROW, max(_LEAST_ROW, _TALL / stages))
    scale, foot = (_WIDTH - _LEFT - 40.0) / end, _TOP + row * stages
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {foot + _FOOT:.0f}" '
        'font-family="sans-serif" font-size="11">',
        f'<text x="6" y="18">{escape(title)}</text>',
        *_legend({box.kind for box in boxes}),
        *_axis(end, scale, foot),
    ]
    every = max(1, round(12.0 / row))
    for stage in range(0, stages, every):
        parts.append(f'<text x="6" y="{_TOP + row * (stage + 0.7):.0f}">stage {stage}</text>')
    for box in boxes:
        x, y = _LEFT + box.start * scale, _TOP + row * box.stage
        wide = max(box.length * scale - 0.4, 0.3)
        said = f"{NAMES[box.kind]} {box.number}, {text(box.length, 's', digits=3)}"
        parts.append(
            f'<rect x="{x:.2f}" y="{y:.1f}" width="{wide:.2f}" height="{row * 0.86:.1f}" '
            f'fill="{colour(box)}"><title>{said}</title></rect>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(kinds: set[str]) -> list[str]:
    """What each colour is."""
    parts, x = [], _LEFT
    for kind in (kind for kind in COLOURS if kind in kinds):
        mark = f'<rect x="{x:.0f}" y="28" width="12" height="12" fill="{COLOURS[kind][0]}"/>'
        parts.append(f'{mark}<text x="{x + 16:.0f}" y="38">{escape(NAMES[kind])}</text>')
        x += 40.0 + 6.5 * len(NAMES[kind])
    return parts


def _axis(end: float, scale: float, foot: float) -> list[str]:
    """Times along the bottom."""
    parts = []
    for tick in range(_TICKS + 1):
        time = end * tick / _TICKS
        x = _LEFT + time * scale
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP:.0f}" y2="{foot + 4:.0f}"'
        said = text(time, "s", digits=3) if tick else "0"
        parts.append(f'{line} stroke="#cccccc" stroke-width="0.5"/>')
        parts.append(f'<text x="{x:.1f}" y="{foot + 18:.0f}" text-anchor="middle">{said}</text>')
    return parts
