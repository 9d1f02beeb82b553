"""Measured dispatch and combine of experts' tokens: rows as the shapes that the formulas take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.formulas.collectives import distinct_places
from chipassay.measured.group import Group
from chipassay.model.kernels.dispatch import (
    DispatchShape,
    low_latency_abroad,
    low_latency_workers,
    throughput_abroad,
)
from chipassay.records.fabric import Fabric
from chipassay.units import factor

CHIPS_OF_A_NODE = 8.0
SCALED_BLOCK = 128.0
"""Values that share one four-byte scale in a row of 8-bit floats."""
Facts = Callable[[str], tuple[Fabric, float, float]]
"""A chip's fabric, its cores, and the rate of its port to the network."""


def low_latency_groups(frame: Any, facts: Facts) -> Iterator[Group]:
    """Dispatch (fp8) and combine (bf16) of a table of low-latency kernels, in seconds."""
    rows = _rows(frame, facts)
    workers = low_latency_workers(rows["num_experts"], rows["cores"])
    shape = rows | {
        "copies": rows["num_topk"],
        "abroad": low_latency_abroad(rows["num_topk"], rows["node_num"]),
        "experts": rows["num_experts"],
    }
    for precision, column in (("fp8", "dispatch_avg_t_us"), ("bf16", "combine_avg_t_us")):
        yield _group(precision, "low_latency", shape, workers, rows[column], rows)


def throughput_groups(frame: Any, facts: Facts) -> Iterator[Group]:
    """Dispatch (fp8) and combine (bf16) of a table of throughput kernels, in seconds."""
    rows = _rows(frame, facts)
    ranks = rows["node_num"] * CHIPS_OF_A_NODE
    shape = rows | {
        "copies": distinct_places(rows["num_topk"], ranks),
        "abroad": throughput_abroad(rows["num_topk"], rows["node_num"]),
        "experts": 0.0 * ranks,
    }
    for precision, step in (("fp8", "dispatch"), ("bf16", "combine")):
        time = rows[f"{step}_transmit_us"]
        yield _group(precision, "throughput", shape, rows[f"{step}_sms"], time, rows)


def _rows(frame: Any, facts: Facts) -> dict[str, Any]:
    """The table's numbers as columns, with each chip's facts."""
    words = ("system", "op_name", "kernel_source", "backend_name", "backend_version")
    rows = {name: frame[name].cast(float).to_numpy() for name in frame.columns if name not in words}
    system = np.asarray(frame["system"].cast(str), dtype=str)
    names, index = np.unique(system, return_inverse=True)
    each = [facts(name) for name in names.tolist()]
    fabric, cores, port = (list(column) for column in zip(*each, strict=True))
    rows |= {"system": system, "cores": np.array(cores)[index], "network": np.array(port)[index]}
    rows["rate"] = np.array([one.line * one.payload for one in fabric])[index]
    rows["seam"] = np.array([one.seam for one in fabric])[index]
    return rows


def _group(
    precision: str, stack: str, shape: dict[str, Any], workers: Any, time: Any, rows: dict[str, Any]
) -> Group:
    hidden = rows["hidden_size"]
    row = hidden * (1 + 4 / SCALED_BLOCK) if precision == "fp8" else hidden * 2.0
    columns = DispatchShape(
        tokens=rows["num_token"],
        row=row,
        copies=shape["copies"],
        abroad=shape["abroad"],
        ranks=rows["node_num"] * CHIPS_OF_A_NODE,
        nodes=rows["node_num"],
        workers=workers,
        experts=shape["experts"],
        rate=rows["rate"],
        network=rows["network"],
        seam=rows["seam"],
    )
    return Group(
        "dispatch", precision, stack, rows["system"], columns, time * factor("us"),
        np.arange(len(time)),
    )  # fmt: skip
