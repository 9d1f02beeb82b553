"""Fit what an engine adds to its kernels, and how benchmarks' requests fall together.

    .venv/bin/python -m builders.fit_serving ../shared/measured src/chipassay/data/serving.json
    … --keep     the constants as they stand; only what is left out is predicted again

Few constants, each with a meaning: for an engine the chip's time in small kernels of a layer, the
host's time of a step, of a launch outside a captured graph, and of a request outside the steps; for
a benchmark how prompts bunch, how many steps a request waits, how long waves stay together; for
published figures the share of the steady state that a whole run reaches. Rows are split by chip and
by model, never by row: bands come from chips and models left out. The errors on them are printed as
the table of docs/serving.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.inquiry import serving_engine
from chipassay.inquiry.serving_deployed import deployed
from chipassay.inquiry.serving_handing import POOLED
from chipassay.inquiry.serving_published import PUBLISHED, published
from chipassay.inquiry.serving_rows import FILLED, Predicted, as_told
from chipassay.inquiry.serving_validation import little
from chipassay.measured.serving import ServingRow, closed_rows, columns_of

CATALOGUE = Catalogue.shipped()
GRIDS: dict[str, tuple[float, ...]] = {
    "glue": (0.0, 1e-6, 2e-6, 3e-6, 4e-6, 6e-6, 8e-6, 1.1e-5),
    "host": (0.0, 1e-4, 2e-4, 4e-4, 7e-4, 1e-3, 1.5e-3),
    "outside": (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.09, 0.12, 0.16, 0.2),
    "launch": (6e-6, 1e-5, 1.5e-5, 2e-5, 3e-5, 4e-5, 5e-5, 7e-5),
    "hand_over": (0.0, 0.03, 0.06, 0.09, 0.13, 0.2),
    "pool_waves": (2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 10.0),
    "bunching": (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
    "missed": (0.5, 1.0, 1.5, 2.0, 3.0, 5.0),
    "together": (0.0, 0.1, 0.2, 0.35, 0.5, 0.7),
    "waves": (3.0, 4.0, 6.0, 7.0, 8.0, 10.0),
    "taken": (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85),
}
ENGINE = ("glue", "host", "launch")
POOL = ("hand_over", "pool_waves")
FREE = {
    "sweep": ("bunching", "missed", "together", "waves", "taken"),
    "plain": ("bunching", "missed", "waves"),
}
LEVELS = ("own", "design", "far", FILLED, POOLED)
TTFT_WEIGHT = 0.35
"""A time to first token is as much noise of the benchmark as of the engine."""
CLIPS = {"tpot": 0.6, "ttft": 1.5}
"""An error beyond counts as this: another configuration than the row tells."""
TENTH, NINE_TENTHS = 0.1, 0.9
THIN = 3
"""Every third row is enough to fit again without a chip or a model."""


def usable(rows: Iterable[ServingRow]) -> list[ServingRow]:
    """Rows whose plan is known in full, by their table or their sweep's own configurations."""
    return [
        row
        for row in deployed(rows, CATALOGUE)
        if row.sure and (row.decode is None or row.decode.workers > 0.0) and row.plan.tensor <= 16
    ]


def residuals(found: list[Predicted], metric: str) -> Any:
    """log(measured / predicted)."""
    if metric == "throughput":
        pairs = [
            (little(p, p.row.ttft, p.row.tpot), little(p, float(p.loop.ttft), float(p.loop.tpot)))
            for p in found
        ]
    else:
        pairs = [(getattr(p.row, metric), float(getattr(p.loop, metric))) for p in found]
    return np.log(np.array([m for m, _ in pairs]) / np.array([g for _, g in pairs]))


def loss(rows: list[ServingRow]) -> float:
    """Mean absolute logarithm, every model on every chip under every engine counting alike."""
    found = as_told(rows, CATALOGUE).rows
    cells = np.unique([f"{p.chip} {p.model} {p.engine}" for p in found], return_inverse=True)[1]
    weight = 1.0 / np.sqrt(np.bincount(cells))[cells]
    total = 0.0
    for metric, share in (("tpot", 1.0), ("ttft", TTFT_WEIGHT)):
        off = np.minimum(np.abs(residuals(found, metric)), CLIPS[metric])
        total += share * float((off * weight).sum() / weight.sum())
    return total


def search(
    at: dict[str, Any],
    name: str,
    measure: Callable[[], float],
    near: bool,
    kind: str = "",
    known: float | None = None,
) -> float:
    """The best value of one constant's grid (or of its neighbours), the others standing still.

    `known` is the loss as things stand, where it was measured already; the new one is handed out.
    """
    best = (measure() if known is None else known, at[name])
    values = GRIDS[kind or name]
    if near:
        place = int(np.argmin(np.abs(np.array(values) - at[name])))
        values = values[max(place - 2, 0) : place + 3 : 2]
    for value in (value for value in values if value != best[1]):
        at[name] = value
        best = min(best, (measure(), value))
    at[name] = best[1]
    return float(best[0])


def fit(rows: list[ServingRow], passes: int, near: bool = False) -> dict[str, Any]:
    """All constants, one after another; they lie in what `serving_engine.fits` hands out."""
    fits = serving_engine.fits()
    for _ in range(passes):
        for engine, at in fits["engines"].items():
            mine = [row for row in rows if row.engine == engine]
            _searched(at, ENGINE, [row for row in mine if row.decode is None], near)
            _searched(at, POOL, [row for row in mine if row.decode is not None], near)
            for name, place in (("sweep", at), ("plain", fits["benchmarks"]["plain"]["outside"])):
                key = "outside" if name == "sweep" else engine
                same = [r for r in mine if r.benchmark == name and r.decode is None]
                if same and key in place:
                    search(place, key, lambda same=same: loss(same), near, "outside")  # type: ignore[misc]
        for name, free in FREE.items():
            mine = [row for row in rows if row.benchmark == name and row.decode is None]
            _searched(fits["benchmarks"][name], free, mine, near)
    fits["benchmarks"]["varied"] = fits["benchmarks"]["sweep"] | {"length": 1.0}
    fits["benchmarks"]["varied"].pop("taken")
    return fits


def _searched(at: dict[str, Any], names: Iterable[str], rows: list[ServingRow], near: bool) -> None:
    """Constants that all `rows` share, one after another."""
    known = None
    for name in names if rows else ():
        known = search(at, name, lambda: loss(rows), near, known=known)


def run_shares(rows: list[dict[str, str]]) -> tuple[dict[str, float], dict[str, Any]]:
    """Share of the steady state that whole runs reach, saturated and under limits of latency.

    Runs begin empty and end empty, and arrivals at random leave room. The median over chips of the
    median of each one's rows, so that no chip with many rows sets it; and the same without a chip.
    """
    serving_engine.fits()["runs"] = {"saturated": 1.0, "limited": 1.0}
    columns, _ = published(rows, CATALOGUE)
    ratio = columns["measured"] / columns["predicted"]
    medians: dict[str, dict[str, float]] = {"saturated": {}, "limited": {}}
    for mode, of_chips in medians.items():
        of = (columns["mode"] == mode) & (columns["metric"] == "throughput")
        for chip in np.unique(columns["chip"][of]).tolist():
            of_chips[chip] = float(np.median(ratio[of & (columns["chip"] == chip)]))
    chips = sorted({chip for of_chips in medians.values() for chip in of_chips})
    return _shares(medians, ""), {chip: {"runs": _shares(medians, chip)} for chip in chips}


def _shares(medians: dict[str, dict[str, float]], without: str) -> dict[str, float]:
    return {
        mode: round(float(np.median([m for chip, m in of.items() if chip != without])), 3)
        for mode, of in medians.items()
    }


def left_out_rows(
    rows: list[ServingRow], every: list[ServingRow], start: str
) -> tuple[dict[str, list[Predicted]], dict[str, Any]]:
    """Predictions of each chip, and of each model, by constants that have not seen it.

    The constants without a chip are handed out too: they are shipped.
    """
    found: dict[str, list[Predicted]] = {}
    without: dict[str, Any] = {}
    for kind in ("chip", "model"):
        for name in sorted({getattr(row, kind) for row in rows}):
            _restore(start)
            rest = [row for row in rows if getattr(row, kind) != name]
            mine = [row for row in every if getattr(row, kind) == name]
            fits = fit(rest[::THIN], 1, near=True)
            id_ = CATALOGUE.chip(name).entry.id if kind == "chip" else ""
            if id_:
                told = {key: fits[key] for key in ("engines", "benchmarks")}
                without[id_] = json.loads(json.dumps(told))
                fits["without"] = without
            found[f"{kind} {name}"] = as_told(mine, CATALOGUE, id_).rows
            print(_line(f"{kind} {name}", found[f"{kind} {name}"]), flush=True)
    _restore(start)
    return found, without


def _restore(start: str) -> None:
    fits = serving_engine.fits()
    fits.pop("without", None)
    for key, value in json.loads(start).items():
        fits[key] = value


def _line(name: str, found: list[Predicted]) -> str:
    ape = {m: np.abs(np.exp(-residuals(found, m)) - 1.0) for m in ("tpot", "ttft", "throughput")}
    medians = " | ".join(f"{100 * float(np.median(each)):.1f} %" for each in ape.values())
    return f"| {name} | {len(found)} | {medians} |"


def bands(found: dict[str, list[Predicted]]) -> dict[str, Any]:
    """80 % bands by how far away kernels were found: from models left out, and chips."""
    by_level: dict[str, list[Predicted]] = {at: [] for at in LEVELS}
    for name, rows in found.items():
        for each in rows:
            kind = "model" if each.level == "own" else "chip"
            if name.startswith(kind) or each.level in (FILLED, POOLED):
                by_level[each.level].append(each)
    made: dict[str, Any] = {}
    for metric in ("ttft", "tpot", "throughput"):
        made[metric] = {}
        for at, rows in by_level.items():
            if not rows:
                continue
            off = residuals(rows, metric)
            made[metric][at] = [round(float(np.quantile(off, q)), 3) for q in (TENTH, NINE_TENTHS)]
    return widened(made)


def published_bands(rows: list[dict[str, str]]) -> dict[str, dict[str, list[float]]]:
    """80 % bands of figures that pages print, and of chips without measured kin among them.

    Every chip weighs alike. Pages leave out more than the closed-loop table does, and the shares of
    runs were the only constants fitted on them.
    """
    columns, _ = published(rows, CATALOGUE)
    made: dict[str, dict[str, list[float]]] = {}
    for metric in ("ttft", "tpot", "throughput"):
        every = columns["metric"] == metric
        kinds = {PUBLISHED: every, "far": every & (columns["level"] == "far")}
        made[metric] = {name: _ends(columns, of) for name, of in kinds.items()}
    return made


def _ends(columns: dict[str, Any], of: Any) -> list[float]:
    """A tenth and nine tenths of the residuals, each chip counted as one."""
    off = np.log(columns["measured"][of] / columns["predicted"][of])
    chip = np.unique(columns["chip"][of], return_inverse=True)[1]
    order = np.argsort(off)
    weight = np.cumsum((1.0 / np.bincount(chip)[chip])[order])
    places = [int(np.searchsorted(weight, q * weight[-1])) for q in (TENTH, NINE_TENTHS)]
    return [round(float(off[order][place]), 3) for place in places]


def widened(made: dict[str, Any]) -> dict[str, Any]:
    """Farther levels are never told as surer than nearer ones."""
    for ends in made.values():
        ends.setdefault(PUBLISHED, ends[FILLED])
        for near, far in (("own", "design"), ("design", "far")):
            ends.setdefault(far, ends[near])
            ends[far] = [min(ends[near][0], ends[far][0]), max(ends[near][1], ends[far][1])]
    return made


def main(measured: str, out: str, keep: str = "") -> None:
    """Fit, write, and report."""
    path = Path(out)
    every = list(closed_rows(columns_of(Path(measured) / "serving_closed_loop.csv")))
    rows = usable(every)
    fits = serving_engine.fits()
    fits.pop("without", None)
    fits = fits if keep else fit(rows[::2], 1) and fit(rows, 1, near=True)
    told = {key: fits[key] for key in ("engines", "benchmarks")}
    print("fitted on", len(rows), "rows:", json.dumps(told), flush=True)
    shares = run_shares(columns_of(Path(measured) / "serving_published.csv"))
    fits["runs"] = shares[0]
    print("shares of the steady state:", fits["runs"], flush=True)
    start = json.dumps(fits)
    print("| left out | rows | TPOT | TTFT | throughput |\n| --- | --- | --- | --- | --- |")
    found, without = left_out_rows(rows, deployed(every, CATALOGUE), start)
    for kind in ("chip", "model"):
        each = [one for name, rows_ in found.items() if name.startswith(kind) for one in rows_]
        print(_line(f"all, each {kind} left out", each))
    fits["bands"] = bands(found)
    pages = published_bands(columns_of(Path(measured) / "serving_published.csv"))
    fits["bands"] = widened({k: {**v, **pages[k]} for k, v in fits["bands"].items()})
    print("bands", json.dumps(fits["bands"]))
    for chip, found_ in without.items():
        shares[1].setdefault(chip, {}).update(found_)
    fits["without"] = shares[1]
    write_text(path, json.dumps(fits, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
