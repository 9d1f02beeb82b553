"""Measured dispatch and combine of experts' tokens: rows as the shapes that the formulas take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

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

SCALED_BLOCK = 128.0
"""Values that share one four-byte scale in a row of 8-bit floats."""


class Place(NamedTuple):
    """Where a chip works: what a table's row does not say."""

    fabric: Fabric
    cores: float
    port: float
    """Rate of its port to the network, one way."""
    node: float
    """Chips of a node, as the table counts nodes."""
    domain: float
    """Chips that the fabric joins: nodes of one domain need no network."""


Places = Callable[[str], Place]


def low_latency_groups(frame: Any, places: Places) -> Iterator[Group]:
    """Dispatch (fp8) and combine (bf16) of a table of low-latency kernels, in seconds."""
    rows = _rows(frame, places)
    workers = low_latency_workers(rows["num_experts"], rows["cores"])
    shape = rows | {
        "copies": rows["num_topk"],
        "abroad": low_latency_abroad(rows["num_topk"], rows["nodes"]),
        "experts": rows["num_experts"],
    }
    for precision, column in (("fp8", "dispatch_avg_t_us"), ("bf16", "combine_avg_t_us")):
        yield _group(precision, "low_latency", shape, workers, rows[column], rows)


def throughput_groups(frame: Any, places: Places) -> Iterator[Group]:
    """Dispatch (fp8) and combine (bf16) of a table of throughput kernels, in seconds."""
    rows = _rows(frame, places)
    shape = rows | {
        "copies": distinct_places(rows["num_topk"], rows["ranks"]),
        "abroad": throughput_abroad(rows["num_topk"], rows["nodes"]),
        "experts": 0.0 * rows["ranks"],
    }
    for precision, step in (("fp8", "dispatch"), ("bf16", "combine")):
        time = rows[f"{step}_transmit_us"]
        yield _group(precision, "throughput", shape, rows[f"{step}_sms"], time, rows)


def exchange_groups(frame: Any, places: Places) -> Iterator[Group]:
    """Dispatch and combine of a table with one row for each, all ranks in one domain, in seconds.

    Steps of another name (setting up the exchange) move next to nothing and are left out.
    """
    words = frame["op_name"].cast(str).str
    for step, wide in (("dispatch", "fp8"), ("combine", "bf16")):
        part = frame.filter(words.contains(step))
        if not len(part):
            continue
        nodes = part["moe_ep_size"].cast(float)
        renamed = part.rename({"num_tokens": "num_token", "topk": "num_topk"})
        rows = _rows(renamed.with_columns(node_num=nodes).drop("moe_dtype", "distribution"), places)
        rows |= {"ranks": nodes.to_numpy(), "nodes": np.ones(len(part))}
        shape = rows | {
            "copies": distinct_places(rows["num_topk"], rows["ranks"]),
            "abroad": np.zeros(len(part)),
            "experts": rows["num_experts"],
        }
        narrow = (part["moe_dtype"].cast(str) == "fp8").to_numpy()
        row = part["row"].to_numpy()
        for precision in ("fp8", "bf16"):
            of = narrow if precision == "fp8" else ~narrow
            of = of if wide == "fp8" else np.full(len(of), precision == "bf16")
            if of.any():
                group = _group(
                    precision, "low_latency", shape, rows["cores"], rows["latency"], rows
                )
                yield _some(group._replace(row=row, time=rows["latency"] * factor("ms")), of)


def _some(group: Group, of: Any) -> Group:
    """Some rows of a group."""
    shape = DispatchShape(*(column[of] for column in group.shape))
    return group._replace(
        chips=group.chips[of], shape=shape, time=group.time[of], row=group.row[of]
    )


def _rows(frame: Any, places: Places) -> dict[str, Any]:
    """The table's numbers as columns, with each chip's facts."""
    words = ("system", "op_name", "kernel_source", "backend_name", "backend_version")
    rows = {name: frame[name].cast(float).to_numpy() for name in frame.columns if name not in words}
    system = np.asarray(frame["system"].cast(str), dtype=str)
    names, index = np.unique(system, return_inverse=True)
    place = [places(name) for name in names.tolist()]
    rows |= {"system": system, "cores": np.array([one.cores for one in place])[index]}
    rows["network"] = np.array([one.port for one in place])[index]
    rows["rate"] = np.array([one.fabric.line * one.fabric.payload for one in place])[index]
    rows["seam"] = np.array([one.fabric.seam for one in place])[index]
    rows["ranks"] = np.array([one.node for one in place])[index] * rows["node_num"]
    joined = rows["ranks"] <= np.array([one.domain for one in place])[index]
    return rows | {"nodes": np.where(joined, 1.0, rows["node_num"])}


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
        ranks=rows["ranks"],
        nodes=rows["nodes"],
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
