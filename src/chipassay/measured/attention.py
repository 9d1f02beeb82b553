"""Measured attention of dense transformers: rows as the shapes that the formulas take.

A stack is the software that ran the row; kernels written in Triton are one of their own, whoever
calls them. Where queries are 16-bit and the cache is fp8, the kernel differs again: "+kv8".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.measured.group import Group
from chipassay.model.kernels.attention_decode import AttentionDecodeShape
from chipassay.model.kernels.attention_prefill import AttentionPrefillShape
from chipassay.units import parse

PRECISIONS = {"bfloat16": "bf16", "float16": "fp16", "fp8": "fp8", "int8": "int8"}
OWN_KERNELS = ("triton", "vllm_triton", "fa4")
"""Kernels that make a stack of their own, whichever software calls them."""
WIDTHS = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0}


def prefill_groups(frame: Any) -> Iterator[Group]:
    """Each precision and stack of a table of prefill attention (a polars frame), in seconds."""
    for precision, stack, rows in _split(frame):
        queries = rows["isl"]
        shape = AttentionPrefillShape(
            batch=rows["batch_size"],
            queries=queries,
            prefix=rows["step"],
            heads=rows["num_heads"],
            kv_heads=rows["kv_heads"],
            head_size=rows["head_dim"],
            window=_window(rows["window_size"]),
            bytes_per_value=np.full(len(queries), WIDTHS.get(precision, np.nan)),
            result_bytes_per_value=np.full(len(queries), 2.0),
            cache_bytes_per_value=rows["cache_width"],
        )
        yield _group("attention_prefill", precision, stack, rows, shape)


def decode_groups(frame: Any) -> Iterator[Group]:
    """Each precision and stack of a table of decode attention (a polars frame), in seconds."""
    for precision, stack, rows in _split(frame):
        context = rows["step"] + 1.0
        shape = AttentionDecodeShape(
            batch=rows["batch_size"],
            context=context,
            heads=rows["num_heads"],
            kv_heads=rows["kv_heads"],
            head_size=rows["head_dim"],
            window=_window(rows["window_size"]),
            cache_bytes_per_value=rows["cache_width"],
        )
        yield _group("attention_decode", precision, stack, rows, shape)


def _group(family: str, precision: str, stack: str, rows: dict[str, Any], shape: Any) -> Group:
    millisecond = parse("1 ms", "s")
    return Group(
        family, precision, stack, rows["system"], shape, rows["latency"] * millisecond, rows["row"]
    )


def _window(window: Any) -> Any:
    """Keys that a query may see: all there are where no window is stated."""
    return np.where(window > 0.0, window, np.inf)


def _split(frame: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The table by precision and stack, its numbers as float columns."""
    text = {
        name: np.asarray(frame[name].cast(str).fill_null(""), dtype=str)
        for name in ("system", "kernel_source", "backend_name", "attn_dtype", "kv_cache_dtype")
    }
    number = {
        name: frame[name].cast(float).fill_null(0.0).to_numpy()
        for name in ("batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "step")
    }
    number |= {"latency": frame["latency"].cast(float).to_numpy(), "system": text["system"]}
    number["window_size"] = frame["window_size"].cast(float).fill_null(0.0).to_numpy()
    number["row"] = np.arange(len(text["system"]))
    stated = number["num_key_value_heads"]
    number["kv_heads"] = np.where(stated > 0, stated, number["num_heads"])
    precision = np.array([PRECISIONS.get(each, each) for each in text["attn_dtype"]])
    cache = np.array([PRECISIONS.get(each, each) for each in text["kv_cache_dtype"]])
    number["cache_width"] = np.array([WIDTHS.get(each, 2.0) for each in cache])
    stack = text["backend_name"]
    for kernel in OWN_KERNELS:
        stack = np.where(np.char.find(text["kernel_source"], kernel) >= 0, kernel, stack)
    narrow = (cache == "fp8") & (precision != "fp8")
    stack = np.where(narrow, np.char.add(stack, "+kv8"), stack)
    for each in np.unique(np.char.add(np.char.add(precision, " "), stack)):
        name, of = str(each).split(" ")
        keep = (precision == name) & (stack == of)
        yield name, of, {key: column[keep] for key, column in number.items()}
