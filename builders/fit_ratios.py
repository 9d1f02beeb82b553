"""How far ratios of two chips can be trusted: bands from pairs of measured rows.

    .venv/bin/python -m builders.fit_ratios ../shared/measured src/chipassay/data/ratios.json

A pair is the same work measured on two chips. What two predictions have in common cancels in their
ratio, so its error is the difference of two logarithmic errors. Each pair of chips under one model
counts alike, both ways round, hence a band is the same up and down: the 80th percentile of the
error's size. Levels, by how the farther of two chips is known:

    design  both of one core design; one of them left out of the fit
    apart   of two designs, both measured (serving: both chips themselves)
    far     one of the two left out, its design with it (serving: the chip)
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from builders.fit_serving import usable
from builders.fit_training import Data, folds, left_out

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.inquiry import serving_engine
from chipassay.inquiry.serving_rows import Predicted, predicted
from chipassay.inquiry.serving_validation import little
from chipassay.inquiry.training_cases import Cases, read
from chipassay.measured.serving import closed_rows, columns_of

CATALOGUE = Catalogue.shipped()
SHARE = 0.8
LEVELS = ("design", "apart", "far")
Errors = dict[str, dict[Any, list[float]]]
"""By level, by cell (chips and model): logarithmic errors of ratios."""


def training_errors(found: Cases) -> Errors:
    """Errors of ratios of step times."""
    data = Data(found, CATALOGUE)
    chips = [one.chip for one in found.cases]
    near = left_out(data, folds([f"{one.architecture.id} {one.chip}" for one in found.cases], 10))
    no_chip = left_out(data, chips)
    no_design = left_out(data, [place.design for place in found.places])
    errors: Errors = {level: defaultdict(list) for level in LEVELS}
    for i, j in itertools.permutations(range(len(chips)), 2):
        one, other = found.cases[i], found.cases[j]
        same = (one.architecture.id, one.precision) == (other.architecture.id, other.precision)
        if one.chip == other.chip or not same:
            continue
        cell = (one.chip, other.chip, one.architecture.id)
        if found.places[i].design != found.places[j].design:
            errors["apart"][cell].append(float(near[i] - near[j]))
            errors["far"][cell].append(float(no_design[i] - near[j]))
        elif found.places[i].stack == found.places[j].stack:
            errors["design"][cell].append(float(no_chip[i] - near[j]))
    return errors


def serving_errors(rows: list[Any], metric: str) -> Errors:
    """Errors of ratios of a metric, rows of the same load under the same plan and engine."""
    own = {_key(each): each for each in predicted(rows, CATALOGUE).rows}
    errors: Errors = {level: defaultdict(list) for level in LEVELS}
    _pair(errors, own.values(), own.values(), metric, "apart")
    for name in sorted({each.chip for each in own.values()}):
        mine = [row for row in rows if CATALOGUE.chip(row.chip).entry.id == name]
        away = predicted(mine, CATALOGUE, name).rows
        for level, is_ in (("design", "design"), ("far", "far")):
            _pair(errors, [p for p in away if p.level == is_], own.values(), metric, level)
    return errors


def _key(each: Predicted) -> Any:
    return each.chip, *_load(each)


def _load(each: Predicted) -> Any:
    row = each.row
    return (each.model, each.engine, row.weights, row.mode, row.plan, row.clients, row.input,
            row.output)  # fmt: skip


def _pair(
    errors: Errors, some: Iterable[Predicted], others: Iterable[Predicted], metric: str, level: str
) -> None:
    by_load: dict[Any, list[Predicted]] = defaultdict(list)
    for each in others:
        if each.level == "own":
            by_load[_load(each)].append(each)
    for each in some:
        for other in by_load[_load(each)]:
            if each.chip != other.chip and (level != "apart" or each.level == "own"):
                cell = (each.chip, other.chip, each.model)
                errors[level][cell].append(_off(each, metric) - _off(other, metric))


def _off(each: Predicted, metric: str) -> float:
    """log(measured / predicted)."""
    if metric == "throughput":
        loop = each.loop
        measured = little(each, each.row.ttft, each.row.tpot)
        return float(np.log(measured / little(each, float(loop.ttft), float(loop.tpot))))
    return float(np.log(getattr(each.row, metric) / float(getattr(each.loop, metric))))


def bands(errors: Errors, alone: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """By level the logarithmic half-width, and what it rests on; a farther one is never surer.

    Without pairs nothing is known to cancel: the band is that of one figure `alone`.
    """
    found: dict[str, dict[str, float]] = {}
    least = 0.0
    for level in LEVELS:
        cells = errors[level]
        values = [abs(off) for offs in cells.values() for off in offs]
        cut = max(map(abs, alone.get(level, (0.0,))))
        if values:
            weights = [1.0 / len(offs) for offs in cells.values() for _ in offs]
            cut = float(np.quantile(values, SHARE, weights=weights, method="inverted_cdf"))
        least = max(least, cut)
        pairs = {frozenset(cell[:2]) for cell in cells}
        found[level] = {
            "log": round(least, 3), "own": round(cut, 3), "pairs": len(values), "chips": len(pairs),
        }  # fmt: skip
    return found


def main(measured: Path, out: Path) -> None:
    """Pair, measure, write."""
    document: dict[str, Any] = {"script": "builders/fit_ratios.py", "bands": {}}
    cases = read(measured / "training.csv", CATALOGUE)
    document["bands"]["train"] = bands(training_errors(cases), {})
    rows = usable(closed_rows(columns_of(measured / "serving_closed_loop.csv")))
    for metric in ("throughput", "tpot", "ttft"):
        errors = serving_errors(rows, metric)
        document["bands"][metric] = bands(errors, serving_engine.fits()["bands"][metric])
    document["sources"] = ["training_rows", "serving_rows"]
    write_text(out, json.dumps(document, indent=1) + "\n")
    for kind, levels in document["bands"].items():
        for level, each in levels.items():
            print(f"{kind:11} {level:7} {np.expm1(each['log']):6.1%} {each}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
