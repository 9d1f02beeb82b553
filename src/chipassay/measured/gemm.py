"""Tables of dense matrix products, as public serving benchmarks publish them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.measured.group import Group
from chipassay.model.kernels.gemm import GemmShape
from chipassay.units import factor

FORMATS = {
    "bfloat16": "bf16",
    "float16": "fp16",
    "fp8": "fp8",
    "fp8_block": "fp8_block",
    "nvfp4": "nvfp4",
    "mxfp4": "mxfp4",
    "int4_wo": "w4a16",
    "int8_wo": "w8a16",
    "sq": "int8",
}
"""The table's words for number formats."""
BYTES = {
    "bf16": (2.0, 2.0),
    "fp16": (2.0, 2.0),
    "fp8": (1.0, 1.0),
    "fp8_block": (1.0, 1.0),
    "nvfp4": (0.5625, 0.5625),
    "mxfp4": (0.53125, 0.53125),
    "w4a16": (0.5, 2.0),
    "w8a16": (1.0, 2.0),
    "int8": (1.0, 1.0),
}
"""Bytes of a weight and of an activation, with the scales that go with a block of them."""
QUANTISED = ("fp8", "fp8_block", "nvfp4", "mxfp4", "int8")
EAGER = {("fp8_block", "vllm")}
"""Timed outside a captured graph, so that the host's launch is in the time."""
COLD_COPIES = 6.0
"""These benchmarks let six layers' weights take turns …"""
SPANNING = "trtllm"
"""… but this one takes as many as the cache needs to be spanned, one to five."""


def groups(frame: Any, cache_of: Callable[[str], float]) -> Iterator[Group]:
    """A table's rows by format and stack. `frame`: polars; `cache_of`: a chip's cache in bytes."""
    for (dtype, stack), part in frame.group_by(["gemm_dtype", "backend_name"], maintain_order=True):
        form = FORMATS.get(dtype, str(dtype))
        chips = part["system"].cast(str).to_numpy().astype(str)
        m, n, k = (part[name].to_numpy().astype(float) for name in "mnk")
        weight, activation = BYTES.get(form, (np.nan, np.nan))
        yield Group(
            "gemm",
            form,
            stack,
            chips,
            GemmShape(
                m=m,
                n=n,
                k=k,
                input_bytes=np.full(len(m), activation),
                weight_bytes=np.full(len(m), weight),
                output_bytes=np.full(len(m), 2.0),
                quantised=np.full(len(m), float(form in QUANTISED)),
                copies=_copies(stack, form, chips, n * k * weight, cache_of),
                eager=np.full(len(m), float((form, stack) in EAGER)),
            ),
            part["latency"].to_numpy().astype(float) * factor("ms"),
            part["row"].to_numpy(),
        )


def _copies(
    stack: str, form: str, chips: Any, weight: Any, cache_of: Callable[[str], float]
) -> Any:
    """How many weights took turns: cached ones are faster than any layer of a model would be."""
    if stack == SPANNING:
        names, index = np.unique(chips, return_inverse=True)
        cache = np.array([cache_of(str(name)) for name in names])[index]
        return np.clip(np.ceil(cache / weight), 1.0, 5.0)
    once = stack == "vllm" and form in ("fp8_block", "nvfp4")
    return np.full(len(chips), 1.0 if once else COLD_COPIES)
