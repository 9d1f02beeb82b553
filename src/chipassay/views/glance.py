"""The whole answer at a glance: a few tiles, each a label, a figure and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chipassay.views.figures import is_quantity, percent, shown, spread
from chipassay.views.said import figure_name, hurts, middle, worst_cuts

_MUCH = 1.1
"""A ratio up to this is no gain worth a word."""


class Tile(NamedTuple):
    """What is said, how much, what stands behind it; `kind` is loss, gain or plain."""

    label: str
    figure: str
    note: str
    kind: str = ""
    why: str = ""


def of_assay(told: Mapping[str, Any]) -> list[Tile]:
    """Training and serving beside the other chip, and the cut that does it."""
    tiles = [each for use in ("train", "serve") for each in _share(told, use)]
    return [*tiles, *_worst(told)]


def _share(told: Mapping[str, Any], use: str) -> Iterator[Tile]:
    work = told.get(use)
    if not work:
        return
    verb = {"train": "training", "serve": "serving"}[use]
    name = work["model"]["name"]
    bound = f"bound by {work['bound_by']}" if work.get("bound_by") else ""
    if "throughput_ratio" in work and "against" in told:
        figure, band = percent(work["throughput_ratio"])
        behind = f"of the speed of {told['against']['name']}{f' ({band})' if band else ''}"
        yield Tile(f"{verb.capitalize()} {name}", figure, "; ".join(filter(None, (behind, bound))),
                   _kind(work["throughput_ratio"]), f"{use}.throughput_ratio")  # fmt: skip
        return
    rate = work.get("tokens_per_s_per_chip") or work.get("output_tokens_per_s_per_chip")
    if is_quantity(rate):
        yield _tile(f"{verb.capitalize()} {name}, tokens of a chip", rate, bound,
                    f"{use}.tokens_per_s_per_chip")  # fmt: skip


def _kind(ratio: Any) -> str:
    value = ratio["value"]
    return "loss" if hurts(ratio) else "gain" if value is not None and value > _MUCH else ""


def _worst(told: Mapping[str, Any]) -> Iterator[Tile]:
    label = "The single cut that does it"
    worst = worst_cuts(told)
    for field, parts in worst.items():
        yield Tile(label, figure_name(field), f"alone it takes {' and '.join(parts)}", "loss")
    if told.get("cuts") and not worst:
        yield Tile(label, "none", "no single cut takes a tenth of anything")


def of_run(task: str, told: Mapping[str, Any]) -> list[Tile]:
    """The figures of a training run or a server that people ask for first."""
    found = []
    for key, label in _RUN[task]:
        value = middle(told.get(key))
        if value is not None and value["value"] is not None:
            found.append(_tile(label, value, "", f"{task}.{key}"))
    memory, capacity = told.get("memory_per_chip"), told.get("memory_capacity")
    if is_quantity(memory) and capacity:
        fits = told.get("fits")
        note = f"of {shown(capacity, 'B', 4, 'GB')}{'' if fits else ': it does not fit'}"
        found.append(_tile("Memory of a chip", memory, note, f"{task}.memory_per_chip")._replace(
            kind="" if fits else "loss"))  # fmt: skip
    return found


_RUN = {
    "train": (
        ("days", "The whole run"), ("cost", "Its cost"), ("energy", "Its energy"),
        ("step_time", "One step"), ("mfu", "Model FLOP utilisation"),
    ),
    "serve": (
        ("ttft", "First token"), ("tpot", "Each further token"),
        ("output_tokens_per_s_per_chip", "Tokens that a chip writes"),
        ("cost_per_million_output_tokens", "A million tokens"),
        ("energy_per_output_token", "Energy of a token"),
    ),
}  # fmt: skip


def _tile(label: str, quantity: Any, note: str, why: str) -> Tile:
    if quantity["value"] is None:
        return Tile(label, "unknown", note, why=why)
    figure, low, high = spread(quantity)
    band = f"{low} to {high}" if low else ""
    return Tile(label, figure, "; ".join(each for each in (band, note) if each), why=why)
