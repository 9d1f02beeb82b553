"""The kinds of kernels by name: each one's formula, its constants, and where a shape lies."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

_PLACES = {
    "gemm": ("gemm", "gemm_time", "GemmConstants", "coordinates"),
    "attention_prefill": (
        "attention_prefill",
        "attention_prefill_time",
        "AttentionPrefillConstants",
        "prefill_coordinates",
    ),
    "attention_decode": (
        "attention_decode",
        "attention_decode_time",
        "AttentionDecodeConstants",
        "decode_coordinates",
    ),
    "latent_prefill": (
        "latent",
        "latent_prefill_time",
        "LatentPrefillConstants",
        "prefill_coordinates",
    ),
    "latent_decode": (
        "latent",
        "latent_decode_time",
        "LatentDecodeConstants",
        "decode_coordinates",
    ),
    "experts": ("experts", "experts_time", "ExpertsConstants", "coordinates"),
    "pointwise": ("pointwise", "pointwise_time", "PointwiseConstants", "coordinates"),
    "collectives": ("collectives", "collective_time", "CollectiveConstants", "coordinates"),
    "direct_all_reduce": (
        "collectives",
        "direct_all_reduce_time",
        "DirectConstants",
        "coordinates",
    ),
    "dispatch": ("dispatch", "dispatch_time", "DispatchConstants", "coordinates"),
}


class Family(NamedTuple):
    """One kind of kernel."""

    name: str
    time: Any
    """The formula: `time(silicon, shape, constants)` in seconds."""
    constants: Callable[..., Any]
    coordinates: Callable[[Any], tuple[Any, ...]]
    """log2 coordinates of a shape in the family's correction table."""


NAMES = tuple(_PLACES)


@functools.cache
def family(name: str) -> Family:
    """A kind of kernel, its module imported when first wanted."""
    module, time, constants, coordinates = _PLACES[name]
    room = importlib.import_module(f"chipassay.model.kernels.{module}")
    return Family(name, getattr(room, time), getattr(room, constants), getattr(room, coordinates))
