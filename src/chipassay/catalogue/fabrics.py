"""The fabric of a chip's group, from its entry and the kinds of links in `data/fabrics.json`."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib import resources
from typing import Any

from chipassay.facts.fact import Entry
from chipassay.formulas.control import pcie_both_ways
from chipassay.records.fabric import Fabric
from chipassay.units import parse

_USUAL_NODE = 8.0


@cache
def kinds() -> dict[str, Any]:
    """`data/fabrics.json`."""
    text = (resources.files("chipassay") / "data" / "fabrics.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def fabric(entry: Entry, host: str = "") -> Fabric:
    """What joins this chip to its peers; `host` names a measured host with a path of its own."""
    name = entry.text("scaleup_name")
    kind: dict[str, Any] = next(
        (each for each in kinds()["links"] if re.search(each["name"], name)), {}
    )
    line, domain = entry.number("scaleup_bandwidth"), entry.number("scaleup_domain")
    domain = _USUAL_NODE if math.isnan(domain) or domain <= 1.0 else domain
    dimensions = kind.get("torus", 0)
    shared = kinds()["measured_hosts"].get(host, {}).get("bridge", False)
    bridged = "bridge" in name
    return Fabric(
        line=line,
        payload=kind.get("payload", 1.0),
        domain=domain,
        island=domain if bridged else math.inf,
        beyond=_host_rate(entry) if bridged else math.inf,
        mesh=float(kind.get("mesh", 0)),
        sides=dimensions * domain ** (1 / dimensions) if dimensions else 0.0,
        bridge=line if shared else math.inf,
        in_network=float(kind.get("in_network", 0)),
        latency=parse(kind.get("latency", "0 us"), "s"),
        slow_host=1.0 if entry.number("pcie_generation") < kinds()["new_host_from_pcie"] else 0.0,
        seam=1.0 if entry.number("compute_dies") > 1 else 0.0,
    )


def port_and_node(
    systems: list[Entry], port: float, chip: Entry | None = None
) -> tuple[float, float]:
    """One way, a chip's part of a node's network ports, and the chips of a node.

    By the first system; where none is known, `port` and the usual node. Ports of the `chip` itself,
    where its entry has them, count before those of a system.
    """
    own = math.nan if chip is None else chip.number("scaleout_bandwidth")
    if not systems:
        return (port if math.isnan(own) else own), _USUAL_NODE
    node = systems[0].number("chips_per_node")
    share = systems[0].number("nics") * systems[0].number("nic_bandwidth") / node
    return (share if math.isnan(own) else own), node


def excess_band() -> tuple[float, float, float]:
    """Likely, least and most of `CollectiveConstants.excess` on links that nobody measured."""
    share = kinds()["share"]
    return 1 / share["value"] - 1, 1 / share["high"] - 1, 1 / share["low"] - 1


def _host_rate(entry: Entry) -> float:
    """One way, what a chip's host port carries after packet headers."""
    kind = next(each for each in kinds()["links"] if "pcie" in each)
    return float(pcie_both_ways(entry.number("pcie_generation"))) / 2.0 * float(kind["payload"])
