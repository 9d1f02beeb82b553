"""How rows of a public sweep were deployed, where their table leaves it out.

The sweep's own configurations (`data/deployments.json`, made by `builders/import_deployments.py`)
say for each chip, engine, format, lengths and number of clients which workers ran. A row is given
the deployment that agrees with all it tells, its day and its fellows of the same run among it; what
was measured is never looked at. Where several agree, one without guessed tokens is taken, and the
row counts as filled in.
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import ChipassayError
from chipassay.inquiry.serving_names import chip_of, model_of
from chipassay.measured.serving import Pool, ServingRow
from chipassay.records.serve_plan import ServePlan

WIDEST_TENSOR = 16
"""A size above this is no tensor size: it is that of a whole deployment, or of data ranks."""
PRECISIONS = {"nvfp4": "fp4", "mxfp4": "fp4", "fp4": "fp4", "fp8": "fp8", "fp8_block": "fp8"}


class Point(NamedTuple):
    """One deployment: both pools, tokens guessed ahead, and the days on which it stood there."""

    run: str
    clients: float
    prefill: Pool
    decode: Pool
    drafts: float
    first: str
    last: str

    @property
    def chips(self) -> float:
        """Chips of both pools."""
        return (
            self.prefill.workers * self.prefill.plan.chips
            + self.decode.workers * self.decode.plan.chips
        )


@functools.cache
def entries() -> list[dict[str, Any]]:
    """`data/deployments.json`."""
    file = resources.files("chipassay") / "data" / "deployments.json"
    return list(json.loads(file.read_text(encoding="utf-8"))["entries"])


def deployed(rows: Iterable[ServingRow], catalogue: Catalogue) -> list[ServingRow]:
    """All rows, those told in part with the deployment that their sweep ran."""
    found, known = list(rows), dict[Any, list[dict[str, Any]]]()
    options = {i: _options(row, catalogue, known) for i, row in enumerate(found) if in_part(row)}
    runs = _runs(found, options)
    for i, points in options.items():
        run = runs.get(_batch(found[i]), "")
        same = [point for point in points if point.run == run] or points
        if same:
            found[i] = _given(found[i], same)
    return found


def in_part(row: ServingRow) -> bool:
    """Whether a row of the sweep leaves out its workers, or how much they take."""
    if row.benchmark != "sweep" or not row.clients > 0 or (_in_full(row) and row.drafts):
        return False
    return row.decode is not None or row.plan.tensor > WIDEST_TENSOR or _whole(row)


def _in_full(row: ServingRow) -> bool:
    """Whether both pools are told: only their seats are looked up, and nothing is guessed ahead."""
    return row.decode is not None and row.decode.workers > 0.0


def _whole(row: ServingRow) -> bool:
    """One pool whose tensor size is no power of two: a count of chips of several workers."""
    return row.prefill is None and row.plan.tensor & (row.plan.tensor - 1) > 0


def _options(
    row: ServingRow, catalogue: Catalogue, known: dict[Any, list[dict[str, Any]]]
) -> list[Point]:
    """Deployments that agree with what the row tells; of as many clients, else of the nearest."""
    told = (row.chip, row.model, row.engine, row.weights, row.input, row.output, row.version)
    if told not in known:
        known[told] = _entries_of(row, catalogue)
    points = [
        point
        for entry in known[told]
        for point in map(functools.partial(_point, entry["run"]), entry["points"])
        if _sizes_agree(row, point) and _days_agree(row, point)
    ]
    if _in_full(row):
        return [point for point in points if point.clients == row.clients]
    if not points:
        return []
    near = min(abs(math.log(point.clients / row.clients)) for point in points)
    return [p for p in points if abs(math.log(p.clients / row.clients)) <= near]


def _entries_of(row: ServingRow, catalogue: Catalogue) -> list[dict[str, Any]]:
    try:
        chip = chip_of(catalogue, row.chip).id
        groups = model_of(catalogue, row.model).architecture.groups
    except ChipassayError:
        return []
    form = PRECISIONS.get(row.weights, "")
    told = (chip, row.engine, form, row.input, row.output)
    return [
        entry
        for entry in entries()
        if told == tuple(entry[k] for k in ("chip", "engine", "precision", "input", "output"))
        and (entry["version"].startswith(row.version) or not row.version)
        and groups == model_of(catalogue, entry["model"]).architecture.groups
    ]


def _point(run: str, numbers: list[Any]) -> Point:
    clients, *sizes, seats, drafts, first, last = numbers
    prefill, decode = _pool(*sizes[:4]), _pool(*sizes[4:])._replace(seats=seats or math.inf)
    return Point(run, float(clients), prefill, decode, float(drafts), first, last)


def _pool(workers: int, chips: int, data: int, expert: int) -> Pool:
    return Pool(ServePlan(chips // data, 1, data, expert), float(workers), math.nan)


def _sizes_agree(row: ServingRow, point: Point) -> bool:
    """Both workers' sizes; or the chips of all; a size of one says nothing."""
    if row.prefill is None or row.decode is None:
        return row.plan.chips == point.chips
    if _in_full(row):
        mine = (row.prefill.plan.chips, row.prefill.workers, row.decode.plan, row.decode.workers)
        told = (point.prefill.plan.chips, point.prefill.workers, point.decode.plan,
                point.decode.workers)  # fmt: skip
        return mine == told and not point.drafts
    fills, reads = row.prefill.plan.chips, row.decode.plan.chips
    if fills == reads == point.chips or fills == reads == 1:
        return True
    return (fills, reads) == (point.prefill.plan.chips, point.decode.plan.chips)


def _days_agree(row: ServingRow, point: Point) -> bool:
    """Whether the deployment was in the files by the month of the row, or the row has no image."""
    return not row.version or not row.day or point.first[:7] <= row.day[:7]


def _batch(row: ServingRow) -> tuple[str, ...]:
    return row.source, row.chip, row.engine, row.weights, row.version, row.day


def _runs(rows: list[ServingRow], options: dict[int, list[Point]]) -> dict[tuple[str, ...], str]:
    """The configuration that explains most rows of one day; none where two explain as many."""
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for i, points in options.items():
        counted = counts.setdefault(_batch(rows[i]), Counter())
        counted.update({p.run for p in points if p.clients == rows[i].clients})
    return {batch: max(each, key=lambda run: each[run]) for batch, each in counts.items() if each}


def _given(row: ServingRow, points: list[Point]) -> ServingRow:
    """The row with the one deployment, or the plainest of several."""
    best = min(points, key=lambda point: (point.drafts, point.chips))
    if row.decode is not None and _in_full(row):
        return row._replace(decode=row.decode._replace(seats=best.decode.seats))
    alike = {point[2:5] for point in points}
    sure = len(alike) == 1 and best.clients == row.clients
    return row._replace(
        mode="disagg", prefill=best.prefill, decode=best.decode, drafts=best.drafts, sure=sure
    )
