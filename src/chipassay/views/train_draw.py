"""What `train --plot` draws: one page of the answer, or a Chrome trace of its step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipassay.inquiry.pipeline_timeline import MOST_TRACED, rounds_of, rounds_shown, timeline
from chipassay.views.plot import check_path
from chipassay.views.timeline_picture import write_timeline
from chipassay.views.train_plot import write_training


def draw_training(answer: Any, path: Path) -> None:
    """Draw an answer of `train`: .svg or .png a page of pictures, .json a trace of the step."""
    said = answer.answer
    if path.suffix.lower() == ".json":
        write_timeline(timeline(answer, MOST_TRACED), said["plan_text"], path)
        return
    check_path(path)
    rounds, shown = rounds_of(said), rounds_shown(said)
    note = f"{rounds} micro-batches" if shown == rounds else f"{shown} of {rounds} micro-batches"
    write_training(said, timeline(answer), note, path)
