"""Measured layers of experts: rows of a table as the shapes that the formulas take.

The table's tokens are those of all ranks together; what is timed is one rank, the busiest. Its
"balanced" routing deals experts to tokens in turn, rank 0 first; its power laws are draws, of which
five take turns. A stack is the software that ran the row and whose kernels it called: "-triton",
"-marlin", "-cutlass" or "-gen" (generated ahead of time by the chip's vendor), with the release
where a later one replaced the kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.formulas.routing import (
    busiest_rank_rows,
    cycled_experts,
    dealt_experts,
    dealt_rows,
    touched_experts,
)
from chipassay.measured.group import Group
from chipassay.model.kernels.experts import ExpertsShape
from chipassay.units import factor

PRECISIONS = {
    "bfloat16": "bf16",
    "fp8": "fp8",
    "fp8_block": "fp8_block",
    "nvfp4": "nvfp4",
    "int4_wo": "w4a16",
    "w4a16_mxfp4": "w4a16_mxfp4",
    "w4a8_mxfp4_mxfp8": "w4a8_mxfp4",
}
"""The table's words for number formats."""
BYTES = {
    "bf16": (2.0, 2.0),
    "fp8": (1.0, 1.0),
    "fp8_block": (1.0, 1.0),
    "nvfp4": (0.5625, 0.5625),
    "w4a16": (0.515625, 2.0),
    "w4a16_mxfp4": (0.53125, 2.0),
    "w4a8_mxfp4": (0.53125, 1.0),
}
"""Bytes of a weight and of an activation, with the scales that go with a block of them."""
KERNELS = {"triton": "triton", "marlin": "marlin", "cutlass": "cutlass", "trtllm": "gen"}
"""Who wrote the kernels, by a word in their name."""
WRITER = "trtllm"
"""The stack whose kernels are its own."""
REPLACED = ("1.0.", "0.14.")
"""Releases whose kernels were replaced since."""
CLAMPED = ("sglang", ("0.4.", "0.5.9", "0.5.10"))
"""A benchmark that sent choices of other ranks' experts to the first expert of this rank."""
PLAIN = ((1856, 6), (2688, 22), (5120, 22))
"""Width of an expert, and experts a token, of the models whose experts have no gate."""
GROUPED = (7168, 2048, 256, 8)
"""A model whose router picks groups of experts first. Fed balanced choices, it finds half of them
in the first half of the experts and fills up with the first four experts of all."""
GROUP_FORMATS = ("fp8_block", "nvfp4")
"""Formats in which that model's router was used."""
FILLED_UP = 4.0
DRAWS = 5.0
SIXTEEN_BITS = 2.0


def groups(frame: Any) -> Iterator[Group]:
    """Each precision and stack of a table (a polars frame), in seconds."""
    text = {
        name: np.asarray(frame[name].cast(str).fill_null(""), dtype=str)
        for name in (
            "system", "kernel_source", "moe_dtype", "distribution", "backend_name",
            "backend_version",
        )
    }  # fmt: skip
    number = {
        name: frame[name].cast(float).to_numpy()
        for name in (
            "num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size",
            "moe_ep_size", "latency",
        )
    }  # fmt: skip
    precision = np.array([PRECISIONS.get(each, each) for each in text["moe_dtype"]])
    stack = _stacks(text["backend_name"], text["kernel_source"], text["backend_version"])
    shape = _shape(text, number, precision)
    cells = np.char.add(np.char.add(precision, " "), stack)
    for each in np.unique(cells):
        form, of = str(each).split(" ")
        keep = np.flatnonzero(cells == each)
        yield Group(
            "experts",
            form,
            of,
            text["system"][keep],
            ExpertsShape(*(np.asarray(column)[keep] for column in shape)),
            number["latency"][keep] * factor("ms"),
            keep,
        )


def _stacks(backend: Any, kernel: Any, release: Any) -> Any:
    """The stack of each row."""
    names, index = np.unique(
        np.char.add(np.char.add(np.char.add(backend, " "), np.char.add(kernel, " ")), release),
        return_inverse=True,
    )
    return np.array([stack_name(*str(name).split(" ")) for name in names])[index]


def stack_name(backend: str, kernel: str, release: str) -> str:
    """A row's stack: "sglang-triton", "vllm-cutlass", "trtllm", "trtllm-1.0" …"""
    found = [written for word, written in KERNELS.items() if word in kernel]
    if backend == WRITER:
        name = backend
    elif found:
        name = f"{backend}-{found[0]}"
    else:
        name = f"{backend}-triton" if kernel.startswith("vllm_fused") else backend
    old = [each for each in REPLACED if release.startswith(each)]
    return f"{name}-{old[0].rstrip('.')}" if old else name


def _shape(text: dict[str, Any], number: dict[str, Any], precision: Any) -> ExpertsShape:
    """What the timed rank did."""
    tokens, per_token = number["num_tokens"], number["topk"]
    ranks, held = number["moe_ep_size"], number["num_experts"] / number["moe_ep_size"]
    hidden, between = number["hidden_size"], number["inter_size"]
    law = np.char.startswith(text["distribution"], "power_law_")
    skew = np.array([float(each.rsplit("_", 1)[-1]) if "_" in each else 0.0
                     for each in text["distribution"]])  # fmt: skip
    asked = (tokens, per_token, number["num_experts"], ranks, np.where(law, skew, 1.0))
    rows = np.where(law, busiest_rank_rows(*asked), dealt_rows(tokens, per_token, ranks))
    touched = np.where(law, touched_experts(*asked), dealt_experts(rows, held))
    rows, touched = _regrouped(text, number, precision, rows, touched, held)
    turns = np.where(law, cycled_experts(touched, held, DRAWS), touched)
    backend, releases = CLAMPED
    clamped = (text["backend_name"] == backend) & (ranks > 1.0)
    clamped &= np.any([np.char.startswith(text["backend_version"], r) for r in releases], axis=0)
    here = np.where(clamped, np.minimum(tokens, rows), tokens)
    plain = np.any([(between == f) & (per_token == k) for f, k in PLAIN], axis=0)
    width = {form: np.array(BYTES.get(form, (np.nan, np.nan))) for form in np.unique(precision)}
    bytes_of = np.array([width[form] for form in precision])
    return ExpertsShape(
        tokens=here,
        pairs=here * per_token,
        rows=np.where(clamped, here * per_token, rows),
        touched=touched,
        cycled=turns,
        held=held,
        hidden=hidden,
        intermediate=between / number["moe_tp_size"],
        matrices=np.where(plain, 2.0, 3.0),
        weight_bytes=bytes_of[:, 0],
        activation_bytes=bytes_of[:, 1],
        outer_bytes=np.full(len(tokens), SIXTEEN_BITS),
    )


def _regrouped(
    text: dict[str, Any], number: dict[str, Any], precision: Any, rows: Any, touched: Any, held: Any
) -> tuple[Any, Any]:
    """Rows and touched experts where a router of groups was fed balanced choices."""
    names = ("hidden_size", "inter_size", "num_experts", "topk")
    off = (text["distribution"] == "balanced") & (text["backend_name"] != WRITER)
    off &= np.isin(precision, GROUP_FORMATS)
    for name, value in zip(names, GROUPED, strict=True):
        off &= number[name] == value
    tokens, found = number["num_tokens"], number["topk"] / 2.0
    half = number["num_experts"] / 2.0
    part, filled = np.minimum(held / half, 1.0), np.minimum(held, FILLED_UP)
    chosen = found * tokens * part
    some = np.minimum(np.minimum(held, half), np.ceil(chosen) + filled)
    rows = np.where(off, np.maximum(chosen + tokens * filled, 1.0), rows)
    return rows, np.where(off, np.maximum(some, 1.0), touched)
