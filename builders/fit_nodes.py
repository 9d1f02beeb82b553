"""Fit what a node adds to its chips, in rated power and in price, from the catalogue's own systems.

python builders/fit_nodes.py src/chipassay/data/assumptions

For chips whose node nobody rates or prices. The value is the geometric mean over systems, the band
their 10th to 90th percentile. A system whose power is an estimate of ours is left out; prices are
few, so all count.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.facts.fact import Entry
from chipassay.units import parse

SCRIPT = "builders/fit_nodes.py"
Shares = dict[str, float]


def power_ratios(catalogue: Catalogue) -> Shares:
    """Rated power of a node over that of its chips, where both were read or recalled."""
    found = {}
    for system, chip in _systems(catalogue):
        fact = system.facts.get("node_power")
        if fact is None or fact.confidence == "estimate":
            continue
        chips = system.number("chips_per_node") * chip.number("tdp")
        if not math.isnan(chips):
            found[system.id] = system.number("node_power") / chips
    return found


def price_ratios(catalogue: Catalogue) -> Shares:
    """Price of a node over the price of its chips, at the geometric mean of what they cost."""
    found = {}
    for system, chip in _systems(catalogue):
        paid = [parse(p.written, "USD") for p in chip.prices if p.kind != "used"]
        price = system.number("node_price")
        if paid and not math.isnan(price) and "pod_power" not in system.facts:
            chips = system.number("chips_per_node") * statistics.geometric_mean(paid)
            found[system.id] = price / chips
    return {name: each for name, each in found.items() if each < _POD}


_POD = 4.0
"""A ratio above this is the price of a rack or a pod, not of a node."""


def _systems(catalogue: Catalogue) -> Iterator[tuple[Entry, Entry]]:
    for entry in catalogue.chips():
        for system in catalogue.systems_of(entry.id):
            yield system, entry


def _write(output: Path, id_: str, title: str, because: str, ratios: Shares) -> None:
    low, high = (float(cut) for cut in np.quantile(list(ratios.values()), (0.1, 0.9)))
    value = statistics.geometric_mean(ratios.values())
    each = ", ".join(f"{name} {ratio:.2f}" for name, ratio in sorted(ratios.items()))
    written = {
        "id": id_,
        "title": title,
        "value": round(value, 2),
        "low": round(low, 2),
        "high": round(high, 2),
        "unit": "1",
        "because": f"{because}: {each}",
        "script": SCRIPT,
        "rows": len(ratios),
        "sources": ["derived"],
    }
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100)
    write_text(output / f"{id_}.yaml", text)
    print(f"{id_}: {value:.2f} ({low:.2f} to {high:.2f}), {len(ratios)} systems; {each}")


def main(output: Path) -> None:
    """Fit both ratios, write their files and print what they rest on."""
    catalogue = Catalogue.shipped()
    how = "geometric mean over the catalogue's systems, 10th to 90th percentile"
    title = "Rated power of a node over that of its chips"
    _write(output, "node-power-over-chips", title, how, power_ratios(catalogue))
    title = "Price of a server over that of its chips"
    _write(output, "server-price-over-chips", title, how, price_ratios(catalogue))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
