"""The sentence that a page begins with, from an answer's JSON form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chipassay.views.figures import banded, is_quantity, percent, shown, words
from chipassay.views.ship_text import verdict

_LITTLE = 0.9
_USES = {"train": "training", "prefill": "prefill", "decode": "decode"}


def assay_said(answer: Any, place: str = "") -> list[str]:
    """May it ship, what it can do, which cut does it, and practice where it is more than law.

    `place` is the destination's name.
    """
    ship = answer.get("ship")
    lines = ship_said(ship, answer["chip"]["name"], place) if ship else []
    able = ", and ".join(_able(answer))
    if able:
        against = answer["against"]["name"]
        lines.append(f"Chip for chip, it {able} of the speed of {against}.{_worst(answer)}")
    return lines or [f"{answer['chip']['name']}: choose what to ask of it."]


def _able(answer: Any) -> Iterator[str]:
    for use, verb in (("train", "trains"), ("serve", "serves")):
        share = answer.get(use, {}).get("throughput_ratio")
        if is_quantity(share):
            figure, band = percent(share)
            told = f"{figure} ({band})" if band else figure
            yield f"{verb} {answer[use]['model']['name']} at {told}"


def _worst(answer: Any) -> str:
    """Which single cut hurts what."""
    parts = [
        f"the {figure_name(field)}, which alone takes {' and '.join(each)}"
        for field, each in worst_cuts(answer).items()
    ]
    return f" The cut that does it: {'; '.join(parts)}." if parts else ""


def worst_cuts(answer: Any) -> dict[str, list[str]]:
    """The cuts that hurt most, each with what it takes from what: `training to 22 %`."""
    rows = {row["field"]: row for row in answer.get("cuts", ())}
    found: dict[str, list[str]] = {}
    for use, told in _USES.items():
        field = answer.get("cuts_worst", {}).get(use)
        if field in rows and hurts(rows[field][f"{use}_ratio"]):
            share, _ = percent(rows[field][f"{use}_ratio"])
            found.setdefault(field, []).append(f"{told} to {share}")
    return found


def hurts(ratio: Any) -> bool:
    """Whether a ratio is a loss worth a word: a tenth or more."""
    return is_quantity(ratio) and ratio["value"] is not None and ratio["value"] < _LITTLE


def figure_name(field: str) -> str:
    """A chip's figure as words: `dense_bf16` is the BF16 matrix rate."""
    if field.startswith("dense_"):
        return f"{words(field.removeprefix('dense_')).upper()} matrix rate"
    return words(field)


def run_said(task: str, answer: Any) -> list[str]:
    """What a training run or a server does, in a sentence or two."""
    name, chip = answer.get("model", {}).get("name"), answer.get("chip", {}).get("name")
    count = f"{shown(answer['chips'])} " if isinstance(answer.get("chips"), (int, float)) else ""
    subject = f"{name} on {count}{chip}" if name and chip else words(task)
    found = {key: middle(answer.get(key)) for key in _RUN}
    parts = [
        f"{told} {banded(found[key])}"
        for key, told in _RUN.items()
        if found[key] is not None and found[key]["value"] is not None
    ]
    lines = [f"{subject}: {', '.join(parts)}." if parts else f"{subject}."]
    bound = answer.get("bound_by")
    if answer.get("fits") is False:
        lines.insert(0, f"It does not fit: {subject} needs more memory than there is.")
        if answer.get("would_fit"):
            lines.insert(1, f"It would fit {str(answer['would_fit']).removeprefix('fit ')}.")
    elif bound:
        lines.append(f"Bound by {bound}.")
    return [*lines, *_kept(answer)]


def _kept(answer: Any) -> Iterator[str]:
    """Whether a server keeps its objectives, and up to which load."""
    share = answer.get("simulation", {}).get("attainment")
    most = answer.get("goodput", {}).get("requests_per_s")
    if isinstance(share, (int, float)):
        yield f"Of the requests, {100 * share:.3g} % kept the objectives."
    if is_quantity(most) and most["value"] is not None:
        yield f"Nine of ten keep them up to {banded(most)} requests."


def middle(value: Any) -> Any:
    """A quantity, or the mean or median of one that has several; None where there is none."""
    if is_quantity(value) or not isinstance(value, Mapping):
        return value if is_quantity(value) else None
    return next((value[key] for key in ("mean", "p50") if is_quantity(value.get(key))), None)


_RUN = {
    "days": "the run takes", "cost": "it costs", "step_time": "a step takes",
    "ttft": "the first token comes after", "tpot": "a further one every",
    "output_tokens_per_s_per_chip": "a chip writes tokens at",
}  # fmt: skip


def ship_said(answer: Any, name: str, place: str = "") -> list[str]:
    """The ruling, why, and what happens in practice where that is more."""
    enforced, practical = answer["enforced"]["because"], answer["practical"]["because"]
    lines = [verdict(answer | ({"to": place} if place else {}), name)]
    if answer["enforced"]["outcome"] != "no_licence":
        lines.append(f"Because of: {enforced}.")
    return lines if practical == enforced else [*lines, f"In practice: {practical}."]
