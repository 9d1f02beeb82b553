"""What a page shows beside the answer's own figures, made where the answer is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from chipassay.errors import ChipassayError
from chipassay.inquiry import ask
from chipassay.inquiry.pipeline_timeline import MOST_TRACED, timeline
from chipassay.records.question import decode, encode
from chipassay.views.chrome_trace import events
from chipassay.views.timeline_picture import trace


def extras(answer: Any, form: str) -> dict[str, Any]:
    """The boxes of a step, the frontiers of an assay; for `.trace`, the run as trace events."""
    task = answer.question.task
    found: dict[str, Any] = {}
    with contextlib.suppress(ChipassayError, KeyError):
        if task == "assay":
            found["frontiers"] = list(_frontiers(answer))
        if task == "train":
            found["boxes"] = timeline(answer)
    if form == ".trace" and found.get("boxes"):
        found["trace"] = trace(timeline(answer, MOST_TRACED))
    elif form == ".trace" and "outcome" in answer.context:
        found["trace"] = {
            "traceEvents": list(events(answer.context["outcome"])), "displayTimeUnit": "ms",
        }  # fmt: skip
    return found


def _frontiers(answer: Any) -> Iterator[dict[str, Any]]:
    """The operating points of each chip of an assay that serves a model, and how to ask for them.

    A chip that cannot be asked is left out.
    """
    asked, told = answer.question, answer.answer
    load = told["serve"]["workload"] if "serve" in told else {}
    words: dict[str, Any] = {
        name: f"{load[name]:g}" for name in ("input", "output") if name in load
    }
    if not words or "chips" not in load:
        return
    words |= {"task": "serve", "model": asked.serve, "chips": (str(load["chips"]),)}
    words |= {"precision": asked.precision, "but": asked.but, "frontier": True}
    for name, chip in (("chip", asked.chip), ("against", asked.against)):
        with contextlib.suppress(ChipassayError, KeyError, ArithmeticError):
            question = decode({k: v for k, v in (words | {"chip": chip}).items() if v})
            points = [dict(point) for point in ask(question).answer["points"]]
            yield {"name": told[name]["name"], "question": encode(question), "points": points}
