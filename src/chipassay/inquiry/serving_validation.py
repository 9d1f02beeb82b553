"""`validate serving FILE`: predicted latencies and throughputs beside measured ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.inquiry.accuracy import Columns, error, errors_by, parted
from chipassay.inquiry.serving_case import band
from chipassay.inquiry.serving_engine import fits
from chipassay.inquiry.serving_rows import Found, Predicted, predicted
from chipassay.measured.serving import closed_rows, columns_of, kind_of
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question

METRICS = ("ttft", "tpot", "throughput")
BY = ("chip", "engine", "model", "precision", "mode", "level", "benchmark")


def serving(question: Question, catalogue: Catalogue) -> Answer:
    """Every row of either table that can be predicted, with the errors of each kind of figure."""
    path = Path(question.file or "")
    rows = columns_of(path)
    left_out = catalogue.chip(question.leave_out).entry.id if question.leave_out else ""
    kind = kind_of(rows, path)
    found: Any
    if kind == "published":
        from chipassay.inquiry.serving_published import published

        columns, found = published(rows, catalogue, left_out)
    else:
        found = predicted(closed_rows(rows), catalogue, left_out)
        columns = closed_columns(found)
    judged: Columns = columns
    others: Columns = {}
    if left_out and columns:
        judged, others = parted(columns, columns["chip"] == left_out)
    answer: dict[str, Any] = {
        "table": f"serving, {kind}",
        "rows": found.total,
        "predicted": len(np.unique(columns["id"])) if columns else 0,
        "skipped": [{"reason": r, "count": n} for r, n in found.skipped.most_common()],
        "left_out": left_out or None,
        "left_out_of": _left_out_of(left_out) if left_out else None,
        "metrics": metrics(judged) if judged else None,
    }
    if others:
        answer["others"] = {name: each["all"] for name, each in metrics(others).items()}
    if question.rows:
        write_text(Path(question.rows), _csv(columns))
        answer["written"] = question.rows
    return Answer(question, Part(answer), warnings=_warnings(judged, left_out))


def closed_columns(found: Found) -> dict[str, Any]:
    """Both latencies of each row, and the throughput that follows from them by Little's law."""
    if not found.rows:
        return {}
    parts = []
    for metric in METRICS:
        measured = np.array([_measured(each, metric) for each in found.rows])
        guess = np.array([_guessed(each, metric) for each in found.rows])
        parts.append(_part(found.rows, metric, measured, guess))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _part(rows: list[Predicted], metric: str, measured: Any, guess: Any) -> dict[str, Any]:
    ends = np.array([band(metric, each.level) for each in rows])
    words = {
        "id": [each.row.id for each in rows],
        "chip": [each.chip for each in rows],
        "engine": [each.engine for each in rows],
        "model": [each.model for each in rows],
        "precision": [each.row.weights for each in rows],
        "mode": [each.row.mode for each in rows],
        "level": [each.level for each in rows],
        "benchmark": [each.row.benchmark for each in rows],
        "metric": [metric] * len(rows),
    }
    return {name: np.array(value) for name, value in words.items()} | {
        "measured": measured,
        "predicted": guess,
        "low": guess * ends[:, 0],
        "high": guess * ends[:, 1],
    }


def _measured(each: Predicted, metric: str) -> float:
    if metric != "throughput":
        return float(getattr(each.row, metric))
    return little(each, each.row.ttft, each.row.tpot)


def _guessed(each: Predicted, metric: str) -> float:
    if metric != "throughput":
        return float(getattr(each.loop, metric))
    return little(each, float(each.loop.ttft), float(each.loop.tpot))


def little(each: Predicted, ttft: float, tpot: float) -> float:
    """Output tokens a second and chip of clients that always have one request under way."""
    stay = ttft + (each.row.output - 1.0) * tpot
    return each.row.clients * each.row.output / stay / each.chips


def metrics(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Errors of each kind of figure: over all rows, and by each column's values."""
    found = {}
    for metric in np.unique(columns["metric"]).tolist():
        of, _ = parted(columns, columns["metric"] == metric)
        names = [name for name in BY if name in columns]
        found[metric] = {"all": error(of), "by": errors_by(of, names)}
    return found


def _csv(columns: Mapping[str, Any]) -> str:
    """One line a row and metric; times in seconds, rates in tokens a second and chip."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    lines = [
        [f"{v:.5g}" for v in values] if values.dtype.kind == "f" else values.tolist()
        for values in columns.values()
    ]
    writer.writerows(zip(*lines, strict=True))
    return text.getvalue()


def _left_out_of(chip: str) -> dict[str, bool]:
    """Which of the constants behind the chip's rows were fitted without it."""
    found = fits()["without"].get(chip, {})
    return {
        "kernels": True,
        "host times and habits": "engines" in found,
        "shares of runs": "runs" in found,
        "bands": False,
    }


def _warnings(columns: Mapping[str, Any], left_out: str) -> tuple[str, ...]:
    if not columns:
        return ("no row could be predicted; the reasons are under skipped",)
    if not left_out:
        note = "host times were fitted on rows of the development chips"
        return (f"{note}; errors on chips and models left out stand in docs/serving.md",)
    parts = _left_out_of(left_out)
    told = [name for name, done in parts.items() if done]
    rest = [name for name, done in parts.items() if not done]
    own = " (it has no row in their fit)" if "host times and habits" in rest else ""
    return (
        f"rows of {left_out} are predicted by {', '.join(told)} fitted without it; "
        f"{', '.join(rest)} are those of all rows{own}",
    )
