"""How wrong predictions were, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay.records.answer import Answer

_TITLES = {"by_chip_and_operator": "chip and operator"}


def validation_tables(answer: Answer, table: Callable[..., Table]) -> Iterator[Any]:
    """A sentence, a table of errors by each column, and what was passed over."""
    said = answer.answer
    if answer.question.kind == "law":
        yield from _law(answer, table)
        return
    if answer.question.kind == "serving":
        yield from _serving(said, table)
        return
    left = f", {said['left_out']} left out of the fit" if said["left_out"] else ""
    yield Text(
        f"{said['predicted']} of {said['rows']} rows of {said['table']} predicted{left}",
        style="bold",
    )
    metrics = said["metrics"]
    if metrics is not None:
        made = table(
            "by", "", "rows", "mean error", "median", "90th percentile", "bias", "inside the band",
            numbers=(2, 3, 4, 5, 6, 7),
        )  # fmt: skip
        _row(made, "all", "", metrics["all"])
        for name in ("tokens_per_s_per_chip", "memory"):
            if metrics.get(name):
                _row(made, "all", name, metrics[name])
        for name, cells in metrics["by"].items():
            _rows(made, name, cells)
        if len(metrics["by"].get("operator", ())) > 1:
            _rows(made, _TITLES["by_chip_and_operator"], metrics["by_chip_and_operator"])
        if said.get("others"):
            _row(made, "the other chips", "seen", said["others"])
        yield made
    for skipped in said["skipped"]:
        yield Text(f"{skipped['count']} rows passed over: {skipped['reason']}")


def _serving(said: Mapping[str, Any], table: Callable[..., Table]) -> Iterator[Any]:
    """Latencies and throughput, each with its errors over all and by column."""
    left = f", {said['left_out']} left out of the fits" if said["left_out"] else ""
    share = f"{said['predicted']} of {said['rows']} rows of {said['table']} predicted{left}"
    yield Text(share, style="bold")
    made = table(
        "figure", "of", "rows", "mean error", "median", "90th percentile", "bias",
        "inside the band",
        numbers=(2, 3, 4, 5, 6, 7),
    )  # fmt: skip
    for metric, found in (said["metrics"] or {}).items():
        _row(made, metric, "all", found["all"])
        for name, cells in found["by"].items():
            for value, error in cells.items():
                _row(made, "", f"{name} {value}", error)
    yield made
    for skipped in said["skipped"]:
        yield Text(f"{skipped['count']} rows passed over: {skipped['reason']}")


def _law(answer: Answer, table: Callable[..., Table]) -> Iterator[Any]:
    said = answer.answer
    yield Text(f"{said['agree']} of {said['predicted']} cases agree", style="bold")
    if said["disagree"]:
        made = table("case", "chip", "to", "on", "expected", "answered")
        for each in said["disagree"]:
            names = ("case", "chip", "destination", "on", "expected", "answered")
            made.add_row(*(each[name] for name in names))
        yield made
    for skipped in said["skipped"]:
        yield Text(f"passed over: {skipped['reason']}")
    yield Text("Not legal advice.")


def _rows(made: Table, name: str, cells: Mapping[str, Any]) -> None:
    for value, error in cells.items():
        _row(made, name, value, error)


def _row(made: Table, name: str, value: str, error: Mapping[str, float]) -> None:
    shares = [f"{100 * error[key]:.1f} %" for key in ("mape", "median_ape", "p90_ape")]
    bias = f"{100 * error['bias']:+.1f} %"
    inside = f"{100 * error['inside_band']:.0f} %" if "inside_band" in error else ""
    made.add_row(name, value, str(error["n"]), *shares, bias, inside)
