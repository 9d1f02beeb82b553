"""A step's time line as SVG, or as a Chrome trace (JSON) for a trace viewer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from chipassay.errors import QuestionError
from chipassay.facts.compiled import write_text
from chipassay.units import factor

_WIDTH, _ROW, _LEFT, _TOP = 960.0, 26.0, 70.0, 34.0
_COLOURS = {"forward": "#3b6ea5", "backward": "#c0803d"}


def write_timeline(boxes: Sequence[Any], title: str, path: Path) -> None:
    """Write the picture that the file's ending asks for: .svg or .json."""
    if path.suffix == ".json":
        write_text(path, json.dumps(trace(boxes), separators=(",", ":")) + "\n")
    elif path.suffix == ".svg":
        write_text(path, svg(boxes, title))
    else:
        hint = "end it in .svg, or in .json for a trace viewer"
        raise QuestionError("nobody draws this kind of file", where=str(path), hint=hint)


def trace(boxes: Sequence[Any]) -> dict[str, Any]:
    """Complete events, one thread for each stage; times in microseconds as the format has them."""
    micro = factor("us")
    events = [
        {
            "name": f"{box.kind} {box.number}", "cat": box.kind, "ph": "X", "pid": 0,
            "tid": box.stage, "ts": box.start / micro, "dur": box.length / micro,
        }
        for box in boxes
    ]  # fmt: skip
    return {"traceEvents": events, "displayTimeUnit": "ms"}


def svg(boxes: Sequence[Any], title: str) -> str:
    """Stages as rows, passes as boxes; waits are the gaps."""
    end = max(box.start + box.length for box in boxes)
    stages = 1 + max(box.stage for box in boxes)
    scale = (_WIDTH - _LEFT - 10.0) / end
    height = _TOP + _ROW * stages + 10.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" '
        'font-family="sans-serif" font-size="11">',
        f'<text x="{_LEFT:.0f}" y="20">{escape(title)}</text>',
    ]
    for stage in range(stages):
        parts.append(f'<text x="6" y="{_TOP + _ROW * stage + 16:.0f}">stage {stage}</text>')
    for box in boxes:
        x, y = _LEFT + box.start * scale, _TOP + _ROW * box.stage
        wide = max(box.length * scale - 0.5, 0.5)
        parts.append(
            f'<rect x="{x:.2f}" y="{y:.0f}" width="{wide:.2f}" height="{_ROW - 4:.0f}" '
            f'fill="{_COLOURS[box.kind]}"><title>{box.kind} {box.number}</title></rect>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
