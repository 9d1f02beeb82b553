"""What `serve --plot` draws: the frontier where it was asked, else the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipassay.errors import QuestionError
from chipassay.views.chrome_trace import write_chrome_trace
from chipassay.views.load_plot import write_frontier, write_occupancy


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
        write_frontier({answer.answer["chip"]["name"]: answer.answer["points"]}, path)
    else:
        write_occupancy(answer.answer["simulation"]["timeline"], path)
