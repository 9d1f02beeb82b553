"""Fit the constants of training stacks on measured steps, and say how wrong they are on others.

    .venv/bin/python -m builders.fit_training ../shared/measured/training.csv

Each constant is a base times factors (see `model.train_tuning`); a factor's logarithm is pulled to
zero by a spread stated here, so that a stack with few rows stays near the rest. Errors are told for
rows of sources, chips and models that the fit did not see, and bands come from those.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from chipassay.catalogue.catalogue import DATA, Catalogue
from chipassay.facts.compiled import write_text
from chipassay.inquiry.training_cases import Cases, columns, fits, habit_columns, read
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_rows import Case
from chipassay.model.train_memory import Holding, memory
from chipassay.model.train_step import step
from chipassay.model.train_tuning import bounded, tuning

FIELDS: dict[str, tuple[float, dict[str, float]]] = {
    "matrix": (1.0, {"stack": 0.1, "format": 0.2, "both": 0.1}),
    "experts": (1.0, {"all": 0.3, "stack": 0.1, "format": 0.2}),
    "attention": (1.0, {"all": 0.3, "stack": 0.2, "both": 0.1}),
    "state": (1.0, {"all": 0.7, "stack": 0.2}),
    "routed": (1.0, {"all": 0.5, "stack": 0.2}),
    "pointwise": (1.0, {"all": 0.3, "stack": 0.2}),
    "launch": (1.2e-5, {"all": 0.5, "stack": 0.5}),
    "tensor": (1.0, {"all": 0.3, "stack": 0.2}),
    "tensor_hidden": (0.5, {"all": 0.5, "stack": 0.2}),
    "expert": (1.0, {"all": 0.3, "stack": 0.3}),
    "expert_hidden": (0.5, {"all": 0.5, "stack": 0.3}),
    "pipeline": (1.0, {"all": 0.3, "stack": 0.2}),
    "pipeline_hidden": (0.2, {"all": 0.5}),
    "tax": (0.1, {"all": 0.5, "stack": 0.5}),
    "straggle": (0.005, {"all": 0.7, "stack": 0.5}),
    "network": (1.15, {"all": 0.2, "stack": 0.2}),
    "step": (0.01, {"stack": 0.7}),
    "recipe": (1.0, {"recipe": 0.07}),
    "accumulate": (8.0, {"all": 0.5, "stack": 1.0}),
}
"""Each constant's base, and the spread (of a logarithm) of its factors by level."""
NOISE = 0.06
"""Spread of a measured step around any model: what repeated runs of one plan show."""
KEPT = 0.01
"""Factors nearer to one than this are left out."""
FARTHEST = 5.0
"""Logarithm of a factor that a fit's trial step may not pass."""
FOLDS = 10
OUTLIER = 0.7
"""Rows this far off (a logarithm) are no evidence on constants: a wrong cell, another model."""


class Data:
    """Rows as columns, and the fit's unknowns."""

    def __init__(self, found: Cases, catalogue: Catalogue) -> None:
        self.work = columns(found.works)
        self.plan = columns([one.plan for one in found.cases])
        self.net = columns([one.net for one in found.machines])
        self.least = np.array([one.least for one in found.machines])
        self.measured = np.array([one.step for one in found.cases])
        stacks = catalogue.stacks()
        habits = [stacks[place.stack] for place in found.places]
        self.habit = habit_columns(habits)
        self.keys = [place.keys() for place in found.places]
        self.names = [
            (name, level, key)
            for name, (_, levels) in FIELDS.items()
            for level in levels
            for key in sorted({keys[level] for keys in self.keys})
        ]
        index = {name: place for place, name in enumerate(self.names)}
        self.spread = np.array([FIELDS[name][1][level] for name, level, _ in self.names])
        self.at = {
            name: [
                np.array([index[name, level, keys[level]] for keys in self.keys])
                for level in levels
            ]
            for name, (_, levels) in FIELDS.items()
        }
        self.weight = _weights(found)

    def predicted(self, log: Any) -> Any:
        """Seconds of each row with these factors."""
        found = {
            name: base * np.exp(np.clip(sum(log[at] for at in self.at[name]), -FARTHEST, FARTHEST))
            for name, (base, _) in FIELDS.items()
        }
        tuned = bounded(tuning(found, self.habit), self.least)
        return step(self.work, self.plan, self.net, tuned).time


def _weights(found: Cases) -> Any:
    """Rows that repeat a plan under newer releases count together as one and a bit."""
    keys = [
        (one.architecture.id, one.chip, one.precision, one.plan, one.sequence)
        for one in found.cases
    ]
    times = Counter(keys)
    return np.array([times[key] ** -0.5 for key in keys])


def fitted(data: Data, keep: Any) -> Any:
    """Logarithms of the factors, from the rows of `keep`."""

    def residuals(log: Any) -> Any:
        off = np.log(data.predicted(log) / data.measured)[keep]
        off = np.nan_to_num(off, nan=OUTLIER)  # a trial step beyond what a step can be
        scaled = np.clip(off, -OUTLIER, OUTLIER) / NOISE * data.weight[keep]
        soft = np.sign(scaled) * np.sqrt(2.0 * (np.sqrt(1.0 + scaled * scaled) - 1.0))
        return np.concatenate([soft, log / data.spread])

    seen = np.array([name in _seen(data, keep) for name in data.names])
    start = np.zeros(len(data.names))
    try:
        found = least_squares(residuals, start, max_nfev=20)
    except np.linalg.LinAlgError:  # a trial step beyond what can be decomposed: damp from the start
        found = least_squares(residuals, start, max_nfev=20 * len(start), method="lm")
    return np.where(seen, found.x, 0.0)


def _seen(data: Data, keep: Any) -> set[tuple[str, str, str]]:
    keys = [each for each, kept in zip(data.keys, keep, strict=True) if kept]
    return {
        (name, level, each[level])
        for name, (_, levels) in FIELDS.items()
        for level in levels
        for each in keys
    }


def left_out(data: Data, groups: list[str]) -> Any:
    """Log of predicted over measured, each group predicted by a fit without it."""
    names = np.array(groups)
    off = np.zeros(len(names))
    for name in sorted(set(groups)):
        away = names == name
        log = fitted(data, ~away)
        off[away] = np.log(data.predicted(log) / data.measured)[away]
    return off


def errors(off: Any, by: list[str]) -> dict[str, Any]:
    """n, mean and median absolute error, overall and by group."""
    parts: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(by):
        parts[name].append(place)
    whole = {"all": _error(off)}
    return whole | {name: _error(off[places]) for name, places in sorted(parts.items())}


def _error(off: Any) -> dict[str, float]:
    ape = np.abs(np.exp(off) - 1.0)
    return {
        "n": len(ape),
        "mape": round(float(ape.mean()), 4),
        "median_ape": round(float(np.median(ape)), 4),
        "bias": round(float(np.expm1(np.median(off))), 4),
    }


def folds(keys: list[str], count: int) -> list[str]:
    """Rows of one key stay together; keys are dealt out."""
    order = {key: place % count for place, key in enumerate(dict.fromkeys(keys))}
    return [str(order[key]) for key in keys]


def band(off: Any) -> list[float]:
    """The 80 % band of log(measured / predicted)."""
    return [round(float(each), 4) for each in np.quantile(-off, [0.1, 0.9])]


def memory_constants(found: Cases) -> dict[str, float]:
    """Buffers and slack that bring predicted memory nearest to measured, by the median row."""
    rows = [
        (work, one)
        for work, one in zip(found.works, found.cases, strict=True)
        if np.isfinite(one.memory) and one.setting.slack == 0.0
    ]
    best = (np.inf, 0.0, 1.0)
    for buffers in np.arange(2.0, 10.0, 0.5):
        for slack in np.arange(1.0, 1.7, 0.1):
            off = [
                abs(_held(work, one, float(buffers), float(slack)) / one.memory - 1.0)
                for work, one in rows
            ]
            best = min(best, (float(np.mean(off)), float(buffers), float(slack)))
    return {
        "buffers_gib": best[1],
        "slack": round(best[2], 2),
        "mape": round(best[0], 4),
        "rows": len(rows),
    }


def _held(work: Any, one: Case, buffers: float, slack: float) -> float:
    """Bytes with these constants."""
    return float(memory(work, one.plan, _holding(one, buffers, slack)).total)


def _holding(one: Case, buffers: float, slack: float) -> Holding:
    return holding({"memory": {"buffers_gib": buffers, "slack": slack}}, one.setting)


def inside(off: Any, groups: list[str]) -> float:
    """Share of rows inside a band that was drawn on all other groups."""
    names = np.array(groups)
    held = np.zeros(len(names), bool)
    for name in sorted(set(groups)):
        low, high = band(off[names != name])
        held[names == name] = (low <= -off[names == name]) & (-off[names == name] <= high)
    return round(float(held.mean()), 3)


def shape(log: Any, names: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The constants as `model.train_tuning` reads them: bases, and factors worth keeping."""
    fields: dict[str, Any] = {
        name: {"base": base, "log": {level: {} for level in levels}}
        for name, (base, levels) in FIELDS.items()
    }
    for (name, level, key), value in zip(names, log, strict=True):
        if abs(value) >= KEPT:
            fields[name]["log"][level][key] = round(float(value), 3)
    return fields


def filled(path: Path, catalogue: Catalogue) -> Cases:
    """The rows, with what they leave out chosen by constants fitted on a first reading.

    That reading chooses by unfitted constants, so that nothing depends on what is shipped.
    """
    memory_fit = {"memory": fits()["memory"]}
    first = read(path, catalogue, {"fields": shape([], [])} | memory_fit)
    data = Data(first, catalogue)
    log = fitted(data, np.ones(len(first.cases), bool))
    return read(path, catalogue, {"fields": shape(log, data.names)} | memory_fit)


def without(found: Cases, data: Data, catalogue: Catalogue) -> dict[str, Any]:
    """The constants by the rows of all chips but one, for each chip."""
    ids = np.array([catalogue.chip(one.chip).entry.id for one in found.cases])
    keys = np.array([place.keys()["both"] for place in found.places])
    return {
        name: {
            "fields": shape(fitted(data, ids != name), data.names),
            "measured": sorted(set(keys[ids != name].tolist())),
        }
        for name in np.unique(ids).tolist()
    }


def main(path: Path) -> None:
    """Fit, leave out, write."""
    catalogue = Catalogue.shipped()
    found = filled(path, catalogue)
    data = Data(found, catalogue)
    left = json.dumps(without(found, data, catalogue), separators=(",", ":"))
    write_text(DATA / "training.without.json", left.replace('},"', '},\n"') + "\n")
    log = fitted(data, np.ones(len(found.cases), bool))
    sources = [one.row.word("id").split("-")[0] for one in found.cases]
    chips = [one.chip for one in found.cases]
    models = [one.architecture.id for one in found.cases]
    ways = {
        "model and chip": folds([f"{m} {c}" for m, c in zip(models, chips, strict=True)], FOLDS),
        "model": folds(models, FOLDS),
        "source": sources,
        "chip": chips,
    }
    seen = np.log(data.predicted(log) / data.measured)
    result: dict[str, Any] = {"seen": errors(seen, sources)}
    offs = {name: left_out(data, groups) for name, groups in ways.items()}
    for name, off in offs.items():
        result[f"left out by {name}"] = errors(off, chips if name == "chip" else sources)
    near, far = offs["model and chip"], offs["source"]
    document = {
        "script": "builders/fit_training.py",
        "rows_from": "training_rows",
        "fitted": len(found.cases),
        "fields": shape(log, data.names),
        "measured": sorted({place.keys()["both"] for place in found.places}),
        "bands": {"interpolated": band(near), "transferred": band(far)},
        "inside": {
            "interpolated": inside(near, ways["model and chip"]),
            "transferred": inside(far, sources),
        },
        "memory": memory_constants(found),
        "errors": result,
    }
    write_text(DATA / "training.json", json.dumps(document, indent=1) + "\n")
    for name, cells in result.items():
        print(name)
        for key, each in cells.items():
            print(f"  {key:16} {each}")
    print("inside bands drawn on others", document["inside"], document["bands"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
