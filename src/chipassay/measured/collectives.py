"""Measured collectives inside a node: rows as the shapes that the formulas take.

The tables count elements. A gather's size is the whole buffer in one library's table and one
rank's part in the other's: the times only make sense so (its rate must not grow with the group).
An engine's own kernels changed between versions; those from the newer generation on are a stack
of their own, "+", as far as the table's versions tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.catalogue.fabrics import kinds
from chipassay.measured.group import Group
from chipassay.model.kernels.collectives import CollectiveShape
from chipassay.model.kernels.fabric import OPERATIONS, collective
from chipassay.records.fabric import Fabric
from chipassay.units import factor

WIDTHS = {"half": ("fp16", 2.0), "int8": ("int8", 1.0), "bfloat16": ("bf16", 2.0)}
OPERATION = {"alltoall": "all_to_all"}
PART_OF_A_RANK = {("oneccl", "all_gather")}
NEWER = {"sglang": (0, 5, 11)}
Fabrics = Callable[[str], Fabric]


def library_groups(frame: Any, fabrics: Fabrics) -> Iterator[Group]:
    """Each library and precision of a table of collectives (a polars frame), in seconds."""
    yield from _groups("collectives", _rows(frame, "nccl_dtype"), fabrics)


def engine_groups(frame: Any, fabrics: Fabrics) -> Iterator[Group]:
    """Each serving engine's all-reduce, in graphs and launched one by one, in seconds."""
    yield from _groups("direct_all_reduce", _rows(frame, "allreduce_dtype"), fabrics)


def _rows(frame: Any, dtype: str) -> dict[str, Any]:
    text = {
        name: np.asarray(frame[column].cast(str).fill_null(""), dtype=str)
        for name, column in (
            ("system", "system"),
            ("operation", "op_name"),
            ("dtype", dtype),
            ("source", "kernel_source"),
            ("backend", "backend_name"),
            ("version", "backend_version"),
        )
    }
    width = np.array([_format(name)[1] for name in text["dtype"].tolist()])
    ranks = frame["num_gpus"].cast(float).to_numpy()
    stack = [
        _stack(*each)
        for each in zip(*(text[k].tolist() for k in ("backend", "source", "version")), strict=True)
    ]
    part = [pair in PART_OF_A_RANK for pair in zip(stack, text["operation"].tolist(), strict=True)]
    message = frame["message_size"].cast(float).to_numpy() * width * np.where(part, ranks, 1.0)
    return text | {
        "stack": np.array(stack),
        "message": message,
        "ranks": ranks,
        "time": frame["latency"].cast(float).to_numpy() * factor("ms"),
        "row": np.arange(len(ranks)),
    }


def _format(dtype: str) -> tuple[str, float]:
    """A table's word for a format, and its bytes; a word nobody knows stays as it is."""
    return WIDTHS.get(dtype, (dtype, np.nan))


def _stack(backend: str, source: str, version: str) -> str:
    """The software: a library, or an engine and how it launches."""
    if "_" not in source:
        return source.lower()
    how = "eager" if source.endswith("eager") else "graph"
    newer = backend in NEWER and _numbers(version) >= NEWER[backend]
    return f"{backend}{'+' if newer else ''}_{how}"


def _numbers(version: str) -> tuple[int, ...]:
    """`0.5.6.post2` as (0, 5, 6)."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def _groups(family: str, rows: dict[str, Any], fabrics: Fabrics) -> Iterator[Group]:
    known = {name: fabrics(name) for name in np.unique(rows["system"]).tolist()}
    for dtype, stack in sorted(
        set(zip(rows["dtype"].tolist(), rows["stack"].tolist(), strict=True))
    ):
        of = (rows["dtype"] == dtype) & (rows["stack"] == stack)
        precision, floating = _format(dtype)[0], 0.0 if dtype == "int8" else 1.0
        chips, row = rows["system"][of], rows["row"][of]
        shape = _shapes(rows, of, known, floating)
        yield Group(family, precision, stack, chips, shape, rows["time"][of], row)


def _shapes(
    rows: dict[str, Any], of: Any, known: dict[str, Fabric], floating: float
) -> CollectiveShape:
    """Each row's operation on its chip's fabric."""
    count = int(of.sum())
    columns = np.zeros((len(CollectiveShape._fields), count))
    system, operation = rows["system"][of], rows["operation"][of]
    for name, fabric in known.items():
        for asked in np.unique(operation).tolist():
            rows_here = (system == name) & (operation == asked)
            message, ranks = rows["message"][of][rows_here], rows["ranks"][of][rows_here]
            kind = OPERATION.get(asked, asked)
            if kind in OPERATIONS and rows_here.any():
                shape = collective(fabric, kind, message, ranks, floating)
                columns[:, rows_here] = [np.broadcast_to(each, message.shape) for each in shape]
    return CollectiveShape(*columns)._replace(bridge=_bridge(columns, rows, of))


def _bridge(columns: Any, rows: dict[str, Any], of: Any) -> Any:
    """Each row's shared path: none in the runs that were made on another host than the others."""
    hosts = kinds()["measured_hosts"]
    runs = zip(*(rows[name][of].tolist() for name in ("system", "backend", "version")), strict=True)
    other = [f"{name} {at}" in hosts.get(chip, {}).get("but", ()) for chip, name, at in runs]
    return np.where(other, np.inf, columns[CollectiveShape._fields.index("bridge")])
