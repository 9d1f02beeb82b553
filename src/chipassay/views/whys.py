"""Which derivation stands behind a figure of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LEANS_ON = {
    "serve.output_tokens_per_s_per_chip": ("serve.tpot",), "serve.requests_per_s": ("serve.tpot",),
    "serve.tokens_per_s_per_user": ("serve.tpot",), "serve.inter_token": ("serve.tpot",),
    "serve.end_to_end": ("serve.tpot", "serve.ttft"),
    "serve.node_power_per_chip": ("serve.power_per_chip",),
    "train.costs": ("train.cost",), "train.run": ("train.days",),
}  # fmt: skip
"""Figures that follow from another's derivation, and from which."""
_COUNTED = {"rent": "rented", "ownership": "owned"}


def why_of(because: Sequence[Mapping[str, Any]], task: str, name: str, key: str = "") -> str:
    """The name of the derivation behind `name` (and of `key` within it); "" where none is told."""
    told = [str(each["name"]) for each in because]
    for wanted in _names(task, name, key):
        for each in told:
            if each == wanted or each.startswith(f"{wanted},"):
                return each
    return ""


def _names(task: str, name: str, key: str) -> Iterator[str]:
    """From the nearest name to the farthest."""
    if key:
        yield f"{task}.{name}.{key}"
        yield f"{task}.{key}_{name.removeprefix('costs_').removeprefix('cost_')}"
        yield f"{task}.{name.rstrip('s')}, {_COUNTED.get(key, key)}"
    yield f"{task}.{name}"
    rest = name.removeprefix("cost_")
    if rest != name:
        yield from (f"{task}.{each}_{rest}" for each in ("ownership", "rent"))
    yield from _LEANS_ON.get(f"{task}.{name}", ())
