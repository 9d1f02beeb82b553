"""Answers as a person reads them: verdict first, then a few rows, then because."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.records.answer import Answer, Reason
from chipassay.views.assay_text import assay_lines, assay_tables
from chipassay.views.claims_scores import score_parts
from chipassay.views.claims_text import claims_lines
from chipassay.views.ship_text import ship_parts
from chipassay.views.validation_text import validation_tables

_WIDE = 132
_STANDINGS = {"unverified": "bold red", "estimate": "yellow", "tertiary": "cyan"}


def render(answer: Answer, *, why: bool = False) -> None:
    """Print one answer."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=_width())
    views = {
        "chips": _chips,
        "show": _show,
        "compare": _compare,
        "assay": _assay,
        "ship": _ship,
        "check": _check,
        "validate": _validate,
        "train": _train,
        "serve": _serve,
    }
    views[answer.question.task](console, answer)
    for warning in answer.warnings:
        console.print(Text(f"note: {warning}", style="dim"))
    if why:
        _why(console, answer)


def _ship(console: Console, answer: Answer) -> None:
    for part in ship_parts(answer.answer, table):
        console.print(part)


def _check(console: Console, answer: Answer) -> None:
    for line in claims_lines(answer):
        console.print(line)


def _train(console: Console, answer: Answer) -> None:
    from chipassay.views.train_text import train_parts

    for part in train_parts(answer.answer, table):
        console.print(part)


def _serve(console: Console, answer: Answer) -> None:
    from chipassay.views.serve_text import serve_parts

    for part in serve_parts(answer.answer, table):
        console.print(part)


def _validate(console: Console, answer: Answer) -> None:
    if answer.question.kind == "claims":
        for part in score_parts(answer, table):
            console.print(part)
        return
    for part in validation_tables(answer, table):
        console.print(part)


def _width() -> int | None:
    return None if sys.stdout.isatty() else _WIDE


def table(*columns: str, numbers: tuple[int, ...] = ()) -> Table:
    """A plain table with a line under its head; `numbers` are columns set to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        right = index in numbers
        made.add_column(column, justify="right" if right else "left", no_wrap=right or index == 0)
    return made


def _chips(console: Console, answer: Answer) -> None:
    rows = answer.answer["chips"]
    made = table("chip", "name", "FP16 dense", "memory", "bandwidth", "scale-up one way", "power",
                 "status", numbers=(2, 3, 4, 5, 6))  # fmt: skip
    kinds = {"dense_fp16": "FLOP/s", "memory_capacity": "B", "memory_bandwidth": "B/s",
             "scaleup_bandwidth": "B/s", "tdp": "W"}  # fmt: skip
    for row in rows:
        numbers = [_number(row[name], unit) for name, unit in kinds.items()]
        made.add_row(row["id"], row["name"], *numbers, row["status"])
    console.print(made)
    console.print(f"{len(rows)} chips. `chipassay show CHIP` gives every figure with its source.")


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else units.text(value, unit)


def _show(console: Console, answer: Answer) -> None:
    chip, entry = answer.answer["chip"], answer.context["entry"]
    about = ", ".join(part for part in (chip["id"], chip["design"], chip["status"]) if part)
    console.print(Text(entry.name, style="bold"), Text(f"({about})"))
    made = table("field", "figure", "basis", "standing", "sources", "rival values", numbers=(1,))
    for name, fact in entry.facts.items():
        if name not in answer.answer["figures"]:
            continue
        rivals = "; ".join(
            f"{fact.field.show(rival.value)} ({', '.join(source.key for source in rival.sources)})"
            for rival in fact.rivals
        )
        standing = Text(fact.standing, style=_STANDINGS.get(fact.standing, ""))
        sources = ", ".join(source.key for source in fact.sources[:3])
        made.add_row(name, fact.shown, fact.field.basis, standing, sources, rivals)
    console.print(made)
    if answer.question.field is not None:
        _sources(console, answer)
        return
    if answer.answer["unknown"]:
        console.print("unknown:", ", ".join(answer.answer["unknown"]))
    _money(console, answer)
    for note in answer.answer["notes"]:
        console.print(f"note: {note}")
    console.print("`--field F` shows one figure with the titles of its sources.")


def _money(console: Console, answer: Answer) -> None:
    if answer.answer["prices"]:
        made = table("price", "kind", "date", "standing", "what", numbers=(0,))
        for price in answer.answer["prices"]:
            keys = ("value", "kind", "date", "confidence", "note")
            made.add_row(*(str(price[key]) for key in keys))
        console.print(made)
    if answer.answer["market"]:
        made = table("market figure", "kind", "period", "value", "unit", "standing", numbers=(3,))
        for row in answer.answer["market"]:
            made.add_row(row["quantity"], row["kind"], row["period"], units.number(row["value"]),
                         row["unit"], row["confidence"])  # fmt: skip
        console.print(made)


def _compare(console: Console, answer: Answer) -> None:
    chips = answer.answer["chips"]
    fields = answer.context["fields"]
    made = table("", *(chip["name"] for chip in chips), numbers=tuple(range(1, len(chips) + 1)))
    for row in answer.answer["rows"]:
        cells = []
        each = zip(row["values"], row["ratios"], row["standing"], strict=True)
        for value, ratio, standing in each:
            cells.append(_cell(fields[row["field"]], value, ratio, standing))
        made.add_row(row["title"], *cells)
    console.print(made)
    console.print("× is the ratio to the first chip; rates are dense, links one way;")
    console.print("? is unverified, ~ an estimate. `chipassay show CHIP` has the sources.")


def _cell(field: Any, value: Any, ratio: float | None, standing: str) -> str:
    if value is None:
        return "unknown"
    mark = {"unverified": " ?", "estimate": " ~"}.get(standing, "")
    times = "" if ratio is None else f"  {units.number(ratio, 3)}×"
    return f"{field.show(value)}{mark}{times}"


def _assay(console: Console, answer: Answer) -> None:
    for line in assay_lines(answer.answer):
        console.print(line)
    for made in assay_tables(answer.answer, table):
        console.print()
        console.print(made)


def _why(console: Console, answer: Answer) -> None:
    console.print()
    console.print(Text("because", style="bold"))
    for reason in answer.because:
        _reason(console, reason, 0)
    _sources(console, answer)


def _reason(console: Console, reason: Reason, depth: int) -> None:
    value = _value(reason)
    parts = [f"{'  ' * depth}{reason.name} = {value}"]
    if reason.formula:
        parts.append(f"{reason.formula}: {reason.sentence}")
    if reason.cite and reason.cite != "arithmetic":
        parts.append(f"[{reason.cite}]")
    if reason.standing:
        parts.append(reason.standing + (f" [{reason.source}]" if reason.source else ""))
    console.print(Text("  ".join(parts)))
    for inner in reason.inner:
        _reason(console, inner, depth + 1)


def _value(reason: Reason) -> str:
    if reason.value is None:
        return "unknown"
    if isinstance(reason.value, str):
        return reason.value
    return units.text(reason.value, reason.unit) if reason.unit else units.number(reason.value)


def _sources(console: Console, answer: Answer) -> None:
    console.print(Text("sources", style="bold"))
    for source in answer.sources:
        told = f"{source['title']}, {source['date']}. {source['url']}"
        console.print(Text(f"  [{source['id']}] {source['kind']}: {told}"))
