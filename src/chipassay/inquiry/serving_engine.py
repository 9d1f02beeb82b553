"""An engine as numbers: its file, the host times fitted for it, and the formats it takes."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry
from chipassay.model.serve_formats import CACHE, WEIGHTS
from chipassay.model.serve_loop import Habits
from chipassay.records.architecture import Architecture, Mixture
from chipassay.records.serve_plan import EngineHabits, EngineKernels, Formats

DEFAULT = "vllm"
FINE_GRAINED = 64
"""From so many experts on, public 8-bit checkpoints scale by blocks (DeepSeek's recipe)."""
WRITTEN = {
    "fp4": "nvfp4",
    "w8a8": "int8",
    "float16": "fp16",
    "bfloat16": "bf16",
    "w4a8": "w4a8_mxfp4",
}
"""Other words for formats."""
KEPT = ("nvfp4", "mxfp4", "w4a16_mxfp4", "w4a8_mxfp4")
"""Formats in which public checkpoints of experts leave attention in 16 bits."""


class Engine(NamedTuple):
    """One engine, ready to be asked for step times."""

    id: str
    name: str
    kernels: EngineKernels
    habits: EngineHabits
    narrow_cache: tuple[str, ...]
    sources: tuple[str, ...]
    because: str


@functools.cache
def fits() -> dict[str, Any]:
    """`data/serving.json`: what `builders/fit_serving.py` fitted."""
    file = resources.files("chipassay") / "data" / "serving.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def fitted(without: str = "") -> dict[str, Any]:
    """The constants; with `without`, those fitted on no row of that chip, where there are any."""
    return {**fits(), **fits().get("without", {}).get(without, {})}


def engine(catalogue: Catalogue, name: str | None, chip: Entry) -> Engine:
    """The engine asked, else the usual one of the chip's maker.

    Raises `UnknownNameError` with suggestions for one that has no file.
    """
    files = catalogue.engines()
    id_ = name or next((i for i, f in files.items() if chip.vendor in f["makers"]), DEFAULT)
    if id_ not in files:
        raise UnknownNameError("engine", id_, files, where="--engine")
    return from_file(id_, files[id_])


def from_file(id_: str, file: dict[str, Any], without: str = "") -> Engine:
    """A file and the constants fitted for it, on no row of the chip `without`."""
    found, kernels = fitted(without)["engines"][file["fitted"]], file["kernels"]
    return Engine(
        id_,
        file["name"],
        EngineKernels(
            kernels["gemm"],
            kernels["attention"],
            kernels["latent"],
            tuple(kernels["experts"]) or ("",),
            tuple(kernels["spread_experts"]),
            kernels["reduce"],
            fused_static=file["fused_static"],
            fused_dynamic=file["fused_dynamic"],
            fused_norm=file["fused_norm"],
        ),
        EngineHabits(
            host=found["host"],
            host_sequence=0.0,
            admission=found["outside"],
            launch=found["launch"],
            glue=found["glue"],
            chunk=float(file["chunk_tokens"]),
            sequences=float(file["sequences"]),
            graph_rows=float(file["graph_rows"]),
            block=float(file["block_tokens"]),
            memory_fraction=file["memory_fraction"],
            of_free=float(file["fraction_of"] == "free"),
            reserves=float(file["reserves"]),
            mixes=float(file["schedule"] == "mixed"),
            chunks=float(file["chunks"]),
            prefix_cache=float(file["prefix_cache"]),
            overlaps=float(file["overlaps"]),
            hand_over=found["hand_over"],
            pool_waves=found["pool_waves"],
        ),
        tuple(file["narrow_cache"]),
        tuple(file["sources"]),
        file["because"],
    )


def engine_named(catalogue: Catalogue, words: str) -> str:
    """The engine that a row's software names; "" where none does. The longest word counts."""
    found = [
        (len(word), id_)
        for id_, file in catalogue.engines().items()
        for word in file["named_in"]
        if word.casefold() in words.casefold()
    ]
    return max(found)[1] if found else ""


NATIVE = {"gpt_oss": "w4a16_mxfp4"}
"""Families whose experts were published in a narrow format, whatever a table calls the rest."""


def formats(model: Architecture, precision: str, about: Engine, cache: str = "") -> Formats:
    """The formats of a model served at a precision, as public checkpoints have them."""
    form = WRITTEN.get(precision, precision)
    if form not in WEIGHTS:
        hint = f"known: {', '.join(WEIGHTS)}"
        raise QuestionError(f"{precision} is no format of weights", where="--precision", hint=hint)
    blocks = [g.feed_forward for g in model.groups if isinstance(g.feed_forward, Mixture)]
    if form == "fp8" and any(block.experts >= FINE_GRAINED for block in blocks):
        form = "fp8_block"
    attention = "bf16" if blocks and form in KEPT else form
    if model.family in NATIVE:
        kept = cache or ("fp8" if form in about.narrow_cache else "bf16")
        return Formats("bf16", "bf16", NATIVE[model.family], "bf16", kept)
    kept = cache or ("fp8" if form in about.narrow_cache else "bf16")
    if kept not in CACHE:
        hint = f"known: {', '.join(CACHE)}"
        raise QuestionError(f"{kept} is no format of a cache", where="--plan kv", hint=hint)
    return Formats(attention, form, form, "bf16", kept)


def habits(benchmark: str, without: str = "") -> tuple[Habits, float, float]:
    """How requests of a benchmark fall together, its waves, and its mean length over the named."""
    found = fitted(without)["benchmarks"][benchmark]
    return (
        Habits(found["bunching"], found["missed"], found["together"]),
        float(found["waves"]),
        float(found["length"]),
    )


def outside_of(benchmark: str, engine_: str, without: str = "") -> float | None:
    """Time of a request outside the steps, where a benchmark's client saw another than the rest."""
    found = fitted(without)["benchmarks"][benchmark].get("outside", {}).get(engine_)
    return None if found is None else float(found)
