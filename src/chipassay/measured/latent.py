"""Measured attention over a latent cache: tables of prefill and of decode.

`num_heads` is what one rank has: divided by `tp_size` already. A stack is the software that ran the
row; "-triton" where it took a kernel written in Triton, as it does on chips that its other kernels
do not run on; "+kv8" where the cache is fp8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.measured.group import Group
from chipassay.model.kernels.latent import LatentDecodeShape, LatentPrefillShape
from chipassay.units import factor

RANK, ROTATED, SPREAD = 512.0, 64.0, 128.0
"""Widths of every model in these tables: the latent, the rotated part, a head's key and value."""

ABSORBED = ("flash_attention", "triton")
"""Kernels whose prefill attends to the latent itself instead of spreading it out."""

TRITON = "-triton"
"""What a stack's name goes on with where it takes kernels written in Triton."""
NARROW = "+kv8"
"""What it ends with where the cache is fp8 (queries are 16-bit)."""
DEAF = ("1.0.",)
"""A release whose "default" kernels keep a 16-bit cache, whatever is asked: times are the same."""

WORDS = (
    "system",
    "kernel_source",
    "backend_name",
    "backend_version",
    "mla_dtype",
    "kv_cache_dtype",
)
PRECISIONS = {"bfloat16": "bf16", "float16": "fp16", "fp8": "fp8"}
VALUE_BYTES, NARROW_BYTES = 2.0, 1.0


def prefill_groups(frame: Any) -> Iterator[Group]:
    """Each precision and stack of a table of prefill (a polars frame), in seconds."""
    for precision, stack, rows in _split(frame):
        heads, absorbed = rows["num_heads"], np.isin(rows["kernel_source"], ABSORBED)
        shape = LatentPrefillShape(
            batch=rows["batch_size"],
            new=rows["isl"],
            past=rows["step"],
            heads=heads,
            shared=np.where(absorbed, 1.0, heads),
            key_width=np.where(absorbed, RANK, SPREAD) + ROTATED,
            value_width=np.where(absorbed, RANK, SPREAD),
            value_bytes=np.full(len(heads), VALUE_BYTES),
        )
        yield _group("latent_prefill", precision, stack, rows, shape)


def decode_groups(frame: Any) -> Iterator[Group]:
    """Each precision and stack of a table of decode (a polars frame), in seconds."""
    for precision, stack, rows in _split(frame):
        count = len(rows["row"])
        narrow = NARROW_BYTES if stack.endswith(NARROW) else VALUE_BYTES
        shape = LatentDecodeShape(
            batch=rows["batch_size"],
            keys=rows["step"] + rows["isl"],
            heads=rows["num_heads"],
            key_width=np.full(count, RANK + ROTATED),
            value_width=np.full(count, RANK),
            cached_bytes=np.full(count, narrow),
            value_bytes=np.full(count, VALUE_BYTES),
        )
        yield _group("latent_decode", precision, stack, rows, shape)


def _group(family: str, precision: str, stack: str, rows: dict[str, Any], shape: Any) -> Group:
    time = rows["latency"] * factor("ms")
    return Group(family, precision, stack, rows["system"], shape, time, rows["row"])


def _split(frame: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The table by precision and stack: its numbers as float columns, its words as text."""
    table: dict[str, Any] = {name: _text(frame, name) for name in WORDS}
    for name in ("batch_size", "isl", "step", "num_heads", "latency"):
        table[name] = frame[name].cast(float).to_numpy()
    counted = "row" in frame.columns
    table["row"] = frame["row"].to_numpy() if counted else np.arange(len(table["system"]))
    precision = np.array([PRECISIONS.get(each, each or "bf16") for each in table["mla_dtype"]])
    stack = _stack(table)
    for each in np.unique(np.char.add(np.char.add(precision, " "), stack)):
        name, of = str(each).split(" ")
        keep = (precision == name) & (stack == of)
        yield name, of, {key: column[keep] for key, column in table.items()}


def _text(frame: Any, name: str) -> Any:
    """A column of words; empty ones where the table has no such column."""
    if name not in frame.columns:
        return np.full(len(frame), "")
    return np.asarray(frame[name].cast(str).fill_null(""), dtype=str)


def _stack(table: dict[str, Any]) -> Any:
    triton = np.char.find(table["kernel_source"], "triton") >= 0
    stack = np.char.add(table["backend_name"], np.where(triton, TRITON, ""))
    deaf = np.array([version.startswith(DEAF) for version in table["backend_version"]])
    narrow = (table["kv_cache_dtype"] == "fp8") & ~(deaf & (table["kernel_source"] == "default"))
    return np.char.add(stack, np.where(narrow, NARROW, ""))
