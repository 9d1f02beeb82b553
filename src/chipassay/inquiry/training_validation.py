"""`validate training FILE`: predicted steps beside measured ones, whatever the stack and chip."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import memory_bytes
from chipassay.facts.compiled import write_text
from chipassay.inquiry.accuracy import Columns, error, errors_by, parted, spread
from chipassay.inquiry.training_cases import Cases, fits_without, predicted, read
from chipassay.inquiry.training_memory import holding
from chipassay.model.train_memory import memory
from chipassay.model.train_tuning import known
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question

TENTH = 0.1
BY = ("stack", "chip", "precision", "basis", "set", "model")


def training(question: Question, catalogue: Catalogue) -> Answer:
    """Every row that can be predicted: errors of step time and of memory, by several columns.

    A step's time, its tokens a second and tokens a second of one chip are wrong by the same factor,
    but for which of the two is divided; all three are told.
    """
    left_out = catalogue.chip(question.leave_out).entry.id if question.leave_out else ""
    found = read(Path(question.file or ""), catalogue, left_out=left_out)
    columns_ = _columns(found, catalogue, left_out) if found.cases else {}
    judged, others = _parted(columns_, found, left_out, catalogue)
    answer: dict[str, Any] = {
        "table": "training",
        "rows": found.total,
        "predicted": len(found.cases),
        "skipped": [{"reason": r, "count": n} for r, n in found.skipped.most_common()],
        "left_out": left_out or None,
        "filled": dict(Counter(name for each in found.cases for name in each.filled).most_common()),
        "metrics": _metrics(judged) if judged else None,
    }
    if others:
        answer["others"] = error(others)
    if question.rows:
        write_text(Path(question.rows), _csv(found, columns_))
        answer["written"] = question.rows
    return Answer(question, Part(answer), warnings=_warnings(judged, left_out))


def _parted(
    columns: Columns, found: Cases, left_out: str, catalogue: Catalogue
) -> tuple[Columns, Columns]:
    """The rows to judge by, which are the left-out chip's where one is, and the other chips'."""
    if not left_out or not columns:
        return columns, {}
    ids = [catalogue.chip(one.chip).entry.id for one in found.cases]
    return parted(columns, np.array([each == left_out for each in ids]))


def _columns(found: Cases, catalogue: Catalogue, left_out: str = "") -> dict[str, Any]:
    fit = fits_without(left_out)
    step = predicted(found, catalogue, fit)
    bases = [known(fit, place) for place in found.places]
    bands = np.exp(np.array([fit["bands"][basis] for basis in bases]))
    held = np.array([
        float(memory(work, one.plan, holding(fit, one.setting)).total)
        for work, one in zip(found.works, found.cases, strict=True)
    ])  # fmt: skip
    cases = found.cases
    return {
        "measured": np.array([one.step for one in cases]),
        "predicted": np.asarray(step.time),
        "low": np.asarray(step.time) * bands[:, 0],
        "high": np.asarray(step.time) * bands[:, 1],
        "memory": held,
        "capacity": np.array([memory_bytes(catalogue.chip(one.chip).entry) for one in cases]),
        "measured_memory": np.array([one.memory for one in cases]),
        "tokens": np.array([one.plan.batch * one.sequence / one.chips for one in cases]),
        "stack": np.array([one.stack for one in cases]),
        "chip": np.array([one.chip for one in cases]),
        "precision": np.array([one.precision for one in cases]),
        "model": np.array([one.row.word("model") for one in cases]),
        "set": np.array([one.row.word("id").split("-")[0] for one in cases]),
        "basis": np.array(bases),
    }


def _metrics(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "all": error(found),
        "by": errors_by(found, BY),
        "step_time": error(found),
        "tokens_per_s_per_chip": _rate_error(found),
        "memory": _memory_error(found),
        "fits": _fitting(found),
    }


def _rate_error(found: Mapping[str, Any]) -> dict[str, float]:
    return spread(found["measured"] / found["predicted"] - 1.0)


def _memory_error(found: Mapping[str, Any]) -> dict[str, float] | None:
    keep = np.isfinite(found["measured_memory"])
    if not keep.any():
        return None
    return spread(found["memory"][keep] / found["measured_memory"][keep] - 1.0)


def _fitting(found: Mapping[str, Any]) -> dict[str, float]:
    """Rows whose predicted memory their chip has; all were run, so that the rest is error."""
    keep = np.isfinite(found["capacity"])
    over = found["memory"][keep] / found["capacity"][keep]
    return {
        "n": int(keep.sum()),
        "share": float((over <= 1.0).mean()),
        "share_within_a_tenth": float((over <= 1.0 + TENTH).mean()),
    }


def _csv(found: Cases, values: Mapping[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((
        "row", "id", "model", "chip", "stack", "basis", "measured_s", "predicted_s", "low_s",
        "high_s", "measured_memory_B", "predicted_memory_B", "filled",
    ))  # fmt: skip
    for place, each in enumerate(found.cases):
        keys = ("measured", "predicted", "low", "high", "measured_memory", "memory")
        numbers = [f"{float(values[key][place]):.5g}" for key in keys]
        words = (each.row.line, each.row.word("id"), each.row.word("model"), each.chip, each.stack)
        writer.writerow((*words, values["basis"][place], *numbers, " ".join(each.filled)))
    return text.getvalue()


def _warnings(found: Columns, left_out: str) -> tuple[str, ...]:
    if not found:
        what = f"no row of {left_out}" if left_out else "no row"
        return (f"{what} could be predicted; the reasons are under skipped",)
    if left_out:
        parts = "constants and kernels fitted without it; memory and bands are those of all rows"
        return (f"rows of {left_out} are predicted by {parts}",)
    seen = int((found["basis"] == "interpolated").sum())
    note = f"{seen} rows are of stacks and core designs that the fit has seen"
    return (f"{note}; errors on rows left out of it stand in docs/training.md",)
