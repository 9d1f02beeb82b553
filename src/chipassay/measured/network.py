"""Tables of collectives by size in bytes and system, as one public simulator publishes them.

A system's name is its chip's and how its chips are joined: "_dgx" a switch, "_pairwise_nvlink"
cards with a bridge between two. Rows across nodes are left out: what joins the nodes is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.measured.group import Group
from chipassay.model.kernels.collectives import CollectiveShape
from chipassay.model.kernels.fabric import ALL_REDUCE, SEND, collective
from chipassay.records.fabric import Fabric
from chipassay.units import factor

SWITCHED, BRIDGED = "_dgx", "_pairwise_nvlink"
STACK = "nccl"
KINDS = {"all_reduce": ALL_REDUCE, "send_recv": SEND}


def groups(frame: Any, fabrics: Callable[[str], Fabric]) -> Iterator[Group]:
    """Rows inside a node (a polars frame), in seconds."""
    inside = frame.filter(frame["num_workers"] <= frame["devices_per_node"])
    systems = inside["system"].cast(str).to_numpy().astype(str)
    kinds = inside["collective"].cast(str).to_numpy().astype(str)
    size = inside["size_bytes"].to_numpy().astype(float)
    ranks = inside["num_workers"].to_numpy().astype(float)
    chips = np.array([chip_of(name) for name in systems])
    columns = np.full((len(CollectiveShape._fields), len(size)), np.nan)
    for chip in np.unique(chips).tolist():
        for kind, operation in KINDS.items():
            of = (chips == chip) & (kinds == kind)
            if of.any():
                shape = collective(fabrics(chip), operation, size[of], ranks[of])
                columns[:, of] = [np.broadcast_to(each, size[of].shape) for each in shape]
    time = inside["median_ms"].to_numpy().astype(float) * factor("ms")
    shape = CollectiveShape(*columns)
    yield Group("collectives", "fp16", STACK, chips, shape, time, inside["row"].to_numpy())


def chip_of(system: str) -> str:
    """The chip of a system: a card on the host's bus where bridges join pairs."""
    if system.endswith(SWITCHED):
        return system.removesuffix(SWITCHED)
    base = system.removesuffix(BRIDGED)
    return f"{base}_pcie" if base != system else system
