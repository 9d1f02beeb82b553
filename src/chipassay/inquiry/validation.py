"""Predictions beside measured rows: how wrong is the model, by operator, format, size and chip?"""

from __future__ import annotations

import csv
import functools
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue import chips
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.fabrics import fabric, port_and_node
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.compiled import write_text
from chipassay.facts.fact import Entry
from chipassay.facts.kernel_file import load
from chipassay.inquiry.accuracy import Columns, error, errors_by, parted
from chipassay.inquiry.kernels import SIZE_EDGES, Kernel, kernel
from chipassay.measured.dispatch import Place
from chipassay.measured.group import Group, waits_for_host
from chipassay.measured.tables import Facts, groups
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question
from chipassay.units import parse

SIZES = ("up to 10 us", "10 to 50 us", "50 us to 1 ms", "over 1 ms")
PORT = parse("400 Gb/s", "B/s")
"""A chip's network port in the measured clusters of more than one node."""
STRAY = 300.0
"""Half the rows this far from prediction: not an error of the model, another unit."""
IMPOSSIBLE = "measured faster than the chip's published rates allow by 5 %"
WAITING = "launched one by one by the host and waited for: the host's time, not the chip's"
LARGEST = 2.0**63
"""No count of a shape is larger: it would not fit 64 bits."""
BY = ("operator", "precision", "stack", "size", "chip", "basis")


@dataclass
class Rows:
    """Predicted rows as columns, and what was passed over, by reason."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def add(self, **parts: Any) -> None:
        """Append equally long columns."""
        for name, values in parts.items():
            self.columns.setdefault(name, []).append(np.asarray(values))

    def joined(self) -> dict[str, Any]:
        """Each column as one array."""
        return {name: np.concatenate(parts) for name, parts in self.columns.items()}


def validate(question: Question, catalogue: Catalogue) -> Answer:
    """`validate KIND FILE`: the function of the kind."""
    if question.kind == "law":
        from chipassay.inquiry.law_cases import law

        return law(question, catalogue)
    if question.kind == "training":
        from chipassay.inquiry.training_validation import training

        return training(question, catalogue)
    if question.kind == "serving":
        from chipassay.inquiry.serving_validation import serving

        return serving(question, catalogue)
    return kernels(question, catalogue)


def kernels(question: Question, catalogue: Catalogue) -> Answer:
    """`validate kernels FILE`: every row of a table that a formula can predict."""
    path = Path(question.file or "")
    left_out = catalogue.chip(question.leave_out).entry.id if question.leave_out else ""
    name, rows = predicted(path, catalogue, left_out)
    columns = rows.joined()
    if columns:
        _refuse_units(columns, path)
    judged, others = _parted(columns, left_out, catalogue)
    answer: dict[str, Any] = {
        "table": name,
        "rows": rows.total,
        "predicted": len(columns.get("measured", ())),
        "skipped": [{"reason": r, "count": n} for r, n in rows.skipped.most_common()],
        "left_out": left_out or None,
        "metrics": _metrics(judged) if judged else None,
    }
    if others:
        answer["others"] = error(others)
    if question.rows:
        write_text(Path(question.rows), _csv(columns))
        answer["written"] = question.rows
    return Answer(question, Part(answer), warnings=_warnings(answer, left_out))


def predicted(path: Path, catalogue: Catalogue, left_out: str = "") -> tuple[str, Rows]:
    """The kind of table, and its rows beside their predictions."""
    name, found = groups(path, _facts(catalogue))
    if left_out:
        _refuse_unmeasured(left_out, found)
    rows = Rows()
    for group in found:
        _predict(group, rows, catalogue, left_out)
    return name, rows


def _facts(catalogue: Catalogue) -> Facts:
    """What the readers ask of chips. A name nobody knows has no figures; its rows are skipped."""

    @functools.cache
    def entry(name: str) -> Entry | None:
        try:
            return catalogue.chip(name).entry
        except UnknownNameError:
            return None

    @functools.cache
    def joined(name: str) -> Any:
        found = entry(name)
        return fabric(found or catalogue.chips()[0], name)

    def cache(name: str) -> float:
        found = entry(name)
        return float("nan") if found is None else float(chips.numbers(found).l2_capacity)

    def dispatch(name: str) -> Place:
        found, links = entry(name), joined(name)
        cores = float("nan") if found is None else float(chips.numbers(found).cores)
        port, node = port_and_node(catalogue.systems_of(found.id) if found else [], PORT)
        return Place(links, cores, port, node, max(float(links.domain), node))

    return Facts(cache, joined, dispatch)


def _predict(group: Group, rows: Rows, catalogue: Catalogue, left_out: str) -> None:
    """Add a group's predictions, chip by chip; count what cannot be predicted, and why."""
    names = np.asarray(group.chips).astype(str)
    rows.total += len(names)
    waiting = waits_for_host(group)
    if waiting.any():
        rows.skipped[WAITING] += int(waiting.sum())
    for name in np.unique(names[~waiting]):
        keep = (names == name) & ~waiting
        try:
            model = _model(group, str(name), catalogue, left_out)
        except (QuestionError, UnknownNameError) as refusal:
            rows.skipped[str(refusal)] += int(keep.sum())
            continue
        shape = type(group.shape)(*(column[keep] for column in map(np.asarray, group.shape)))
        measured = np.asarray(group.time)[keep]
        with np.errstate(all="ignore"):
            seconds = np.asarray(model.time(shape), float)
            usable, possible = _sensible(shape, model), ~model.impossible(shape, measured)
        usable &= np.isfinite(seconds) & np.isfinite(measured)
        usable &= (seconds > 0) & (measured > 0)
        if not usable.all():
            rows.skipped["a shape or a time of zero or beyond reason"] += int((~usable).sum())
        if not possible[usable].all():
            rows.skipped[IMPOSSIBLE] += int((usable & ~possible).sum())
        usable &= possible
        if usable.any():
            bare = np.asarray(model.roofline(shape), float)[usable]
            _add(rows, group, model, str(name), np.flatnonzero(keep)[usable], seconds[usable])
            rows.add(roofline=bare)


def _sensible(shape: Any, model: Kernel) -> Any:
    """Rows whose numbers are no less than zero and no larger than any kernel's, with work to do."""
    numbers = [np.asarray(column, float) for column in shape]
    fine = functools.reduce(
        np.logical_and, [(x >= 0) & ((x < LARGEST) | (x == np.inf)) for x in numbers]
    )
    return fine & (np.asarray(model.least(shape)) > 0)


def _model(group: Group, name: str, catalogue: Catalogue, left_out: str) -> Kernel:
    chip = catalogue.chip(name).entry
    without = left_out if chip.id == left_out else ""
    return kernel(group.family, chip, catalogue, group.precision, group.stack, without=without)


def _add(rows: Rows, group: Group, model: Kernel, name: str, at: Any, seconds: Any) -> None:
    count = len(at)
    low, high = model.band(seconds)
    measured = np.asarray(group.time)[at]
    rows.add(
        row=np.asarray(group.row)[at],
        operator=np.full(count, group.family),
        precision=np.full(count, group.precision),
        stack=np.full(count, group.stack),
        chip=np.full(count, name),
        basis=np.full(count, model.choice.basis),
        size=np.array(SIZES)[np.digitize(measured, SIZE_EDGES)],
        measured=measured,
        predicted=seconds,
        low=low,
        high=high,
    )


def _parted(columns: Columns, left_out: str, catalogue: Catalogue) -> tuple[Columns, Columns]:
    """The rows to judge by, which are the left-out chip's where one is, and the other chips'."""
    if not left_out or not columns:
        return columns, {}
    known = {name: catalogue.chip(str(name)).entry.id for name in np.unique(columns["chip"])}
    return parted(columns, np.array([known[name] == left_out for name in columns["chip"]]))


def _metrics(columns: Columns) -> dict[str, Any]:
    pairs = {
        f"{chip} {operator}": (columns["chip"] == chip) & (columns["operator"] == operator)
        for chip in np.unique(columns["chip"])
        for operator in np.unique(columns["operator"])
    }
    return {
        "all": error(columns),
        "by": errors_by(columns, BY),
        "by_chip_and_operator": {
            name: error(columns, keep) for name, keep in pairs.items() if keep.any()
        },
    }


def _refuse_unmeasured(left_out: str, found: list[Group]) -> None:
    """Leaving out a chip that no fit has looked at changes nothing: say so."""
    for name in {group.family for group in found}:
        if any(left_out in fit["chips"] for fit in load(name)["formats"].values()):
            return
    problem = f"no fit has seen rows of {left_out}, so nothing can be left out"
    raise QuestionError(problem, where="--leave-out", hint="drop the option")


def _refuse_units(columns: Mapping[str, Any], path: Path) -> None:
    """Times a thousandfold off are in another unit than the format's."""
    ratio = float(np.median(columns["measured"] / columns["predicted"]))
    if 1 / STRAY < ratio < STRAY:
        return
    problem = f"half the times are over {STRAY:.0f} times {'longer' if ratio > 1 else 'shorter'}"
    problem += " than any kernel's"
    hint = "latency is in milliseconds, columns that end in _us in microseconds"
    raise QuestionError(problem, where=str(path), hint=hint)


def _csv(columns: Mapping[str, Any]) -> str:
    """One line a row, in the file's order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ("row", *BY[:5], "basis", "measured_s", "predicted_s", "low_s", "high_s")
    writer.writerow(names)
    if columns:
        order = np.argsort(columns["row"], kind="stable")
        keys = [name.removesuffix("_s") for name in names]
        writer.writerows(_lines(columns, keys, order))
    return text.getvalue()


def _lines(columns: Mapping[str, Any], keys: list[str], order: Any) -> Iterator[tuple[Any, ...]]:
    ready = []
    for key in keys:
        values = columns[key][order]
        ready.append([f"{v:.4g}" for v in values] if values.dtype.kind == "f" else values.tolist())
    return zip(*ready, strict=True)


def _warnings(answer: Mapping[str, Any], left_out: str) -> tuple[str, ...]:
    notes = []
    if answer["metrics"] and not left_out:
        seen = answer["metrics"]["by"]["basis"].get("measured", {}).get("n", 0)
        if seen:
            notes.append(
                f"{seen} rows are of chips and stacks the fit has seen; "
                "--leave-out CHIP predicts a chip without them"
            )
    if not answer["predicted"]:
        notes.append("no row could be predicted; the reasons are under skipped")
    elif not answer["metrics"]:
        notes.append(f"the file has no row of {left_out} that could be predicted")
    return tuple(notes)
