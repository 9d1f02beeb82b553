"""What a page shows beside the answer's own figures, made where the answer is."""

from __future__ import annotations

import contextlib
from typing import Any

from chipassay.errors import ChipassayError
from chipassay.inquiry.pipeline_timeline import MOST_TRACED, timeline
from chipassay.views.chrome_trace import events
from chipassay.views.timeline_picture import trace


def extras(answer: Any, form: str) -> dict[str, Any]:
    """The boxes of a step; for the form `.trace`, the run as trace events."""
    task = answer.question.task
    found: dict[str, Any] = {}
    with contextlib.suppress(ChipassayError, KeyError):
        if task == "train":
            found["boxes"] = timeline(answer)
    if form == ".trace" and found.get("boxes"):
        found["trace"] = trace(timeline(answer, MOST_TRACED))
    elif form == ".trace" and "outcome" in answer.context:
        found["trace"] = {
            "traceEvents": list(events(answer.context["outcome"])), "displayTimeUnit": "ms",
        }  # fmt: skip
    return found
