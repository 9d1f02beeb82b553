"""What `serve --plot` draws: the frontier, or latency over rates where asked, else the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipassay.errors import QuestionError
from chipassay.views.chrome_trace import write_chrome_trace
from chipassay.views.load_plot import write_frontier, write_latency, write_occupancy


def draw(answer: Any, path: Path) -> None:
    """Draw an answer of `serve`. Raises `QuestionError` where it has nothing over time."""
    if "outcome" not in answer.context and not answer.answer.get("points"):
        hint = "add --rate, --trace or --frontier"
        raise QuestionError("nothing to draw", where=f"--plot {path}", hint=hint)
    if path.suffix.lower() == ".json":
        if "outcome" not in answer.context:
            hint = "add --rate or --trace"
            raise QuestionError("no run to trace", where=f"--plot {path}", hint=hint)
        write_chrome_trace(answer.context["outcome"], path)
    elif answer.answer.get("points"):
        said = answer.answer
        name = f"{said['model']['name']} on {said['chips']} {said['chip']['name']}"
        write_frontier({name: said["points"]}, path)
    elif answer.answer.get("curve"):
        write_latency(answer.answer["curve"], path)
    else:
        write_occupancy(answer.answer["simulation"]["timeline"], path)
