"""The sentence that a page begins with, from an answer's JSON form."""

from __future__ import annotations

from typing import Any

from chipassay.views.figures import banded, is_quantity, shown, words
from chipassay.views.ship_text import verdict

_USES = {"train": "training", "prefill": "reading prompts (prefill)", "decode": "writing (decode)"}


def assay_said(answer: Any) -> list[str]:
    """May it ship; what it can do; which cut does it."""
    lines = [verdict(answer["ship"], answer["chip"]["name"])] if "ship" in answer else []
    clauses = []
    for use, verb in (("train", "trains"), ("serve", "serves")):
        share = answer.get(use, {}).get("throughput_ratio")
        if is_quantity(share):
            clauses.append(f"{verb} {answer[use]['model']['name']} at {banded(share)} of its speed")
    if clauses:
        against = answer["against"]["name"]
        lines.append(f"Against {against}, chip for chip, it {' and '.join(clauses)}.")
    lines += worst_said(answer)
    return lines or [f"{answer['chip']['name']}: choose what to ask of it."]


def worst_said(answer: Any) -> list[str]:
    """Which single cut hurts what."""
    by_field: dict[str, list[str]] = {}
    for use, told in _USES.items():
        field = answer.get("cuts_worst", {}).get(use)
        row = next((each for each in answer.get("cuts", ()) if each["field"] == field), None)
        if row is not None:
            left = shown(row[f"{use}_ratio"]["value"])
            by_field.setdefault(field, []).append(f"{told} to {left}")
    return [
        f"The cut that does it: {figure_name(field)}, which alone takes {' and '.join(parts)}."
        for field, parts in by_field.items()
    ]


def figure_name(field: str) -> str:
    """A chip's figure as words: `dense_bf16` is the BF16 matrix rate."""
    if field.startswith("dense_"):
        return f"{words(field.removeprefix('dense_')).upper()} matrix rate"
    return words(field)


def run_said(task: str, answer: Any) -> list[str]:
    """What a training run or a server does, in a sentence or two."""
    name, chip = answer.get("model", {}).get("name"), answer.get("chip", {}).get("name")
    count = shown(answer["chips"]) if isinstance(answer.get("chips"), (int, float)) else "some"
    subject = f"{name} on {count} {chip}" if name and chip else words(task)
    found = {key: _middle(answer.get(key)) for key in _RUN}
    parts = [
        f"{told} {banded(found[key])}"
        for key, told in _RUN.items()
        if found[key] is not None and found[key]["value"] is not None
    ]
    lines = [f"{subject}: {', '.join(parts)}." if parts else f"{subject}."]
    bound = answer.get("bound_by")
    if answer.get("fits") is False:
        lines.insert(0, f"It does not fit: {subject} needs more memory than there is.")
    elif bound:
        lines.append(f"Bound by {bound}.")
    return lines


def _middle(value: Any) -> Any:
    """A quantity, or the mean or median of one that has several."""
    if is_quantity(value) or not isinstance(value, dict):
        return value if is_quantity(value) else None
    return next((value[key] for key in ("mean", "p50") if is_quantity(value.get(key))), None)


_RUN = {
    "step_time": "a step takes", "days": "the run takes", "cost": "it costs",
    "mfu": "MFU", "ttft": "the first token after", "tpot": "then one every",
    "output_tokens_per_s_per_chip": "tokens written by a chip:",
}  # fmt: skip


def ship_said(answer: Any) -> list[str]:
    """The ruling, and why."""
    return [verdict(answer, answer["chip"]["name"]), f"{answer['enforced']['because']}."]
