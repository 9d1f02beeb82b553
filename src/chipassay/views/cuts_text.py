"""The text of the cuts: which figure costs what, in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.records.answer import Quantity

MakeTable = Callable[..., Table]
_USES = ("train", "prefill", "decode")
_HEADS = ("training", "prefill", "decode")


def banded(quantity: Any, *, as_: str | None = None) -> str:
    """A predicted quantity with its band: `0.18 (0.11 to 0.3)`."""
    if not isinstance(quantity, Quantity):
        return "-"
    if quantity.value != quantity.value:
        return "unknown"
    value, low, high = (
        units.text(each, quantity.unit, as_=as_, digits=3)
        for each in (quantity.value, quantity.low, quantity.high)
    )
    return value if low == high else f"{value} ({low} to {high})"


def cut_tables(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """The cuts one by one, given back one by one, then how far each output follows each figure."""
    mine, theirs = answer["chip"]["name"], answer["against"]["name"]
    yield Text("\n".join(worst_lines(answer)), style="bold")
    yield _rows(f"{theirs} with only, of {mine}", answer["cuts"], table)
    if answer["cuts_given_back"]:
        yield _rows(f"{mine} with, of {theirs}", answer["cuts_given_back"], table)
    if answer["sensitivity"]:
        yield _rows(f"{mine}: % of output for 1 % more of", answer["sensitivity"], table, "")
    held = answer["cuts_plans"] == "held"
    yield Text("Every copy keeps the plan of its chip." if held else
               "Every copy has its own best plan; --hold-plan keeps that of its chip.")  # fmt: skip
    if answer["cuts_unpriced"]:
        yield Text("\n".join(f"Not priced: {each['field']} ({each['note']})." for each in
                             answer["cuts_unpriced"]))  # fmt: skip


def what_if_table(answer: Mapping[str, Any], table: MakeTable) -> Table:
    """The chip as asked beside the chip as it is."""
    against = f"against {answer['against']['name']}" if "against" in answer else "against itself"
    return _rows(f"{answer['chip']['name']} {against}", answer["what_if"], table)


def worst_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The cut that takes most from each kind of work, a sentence each."""
    for use, head in zip(_USES, _HEADS, strict=True):
        field = answer["cuts_worst"][use]
        for row in answer["cuts"]:
            if field is not None and row["field"] == field:
                share = units.number(float(row[f"{use}_ratio"].value), 3)
                yield f"The cut that hurts {head} most: {field}, which alone leaves {share}."
    if not any(answer["cuts_worst"].values()):
        yield "No single cut is felt."


def _rows(title: str, rows: Any, table: MakeTable, ending: str = "_ratio") -> Table:
    made = table(title, *_HEADS)
    for row in rows:
        precision = f" ({row['precision']} work)" if "precision" in row else ""
        cells = [banded(row[f"{use}{ending}"]) for use in _USES]
        made.add_row(f"{row['field']}{precision}", *cells)
    return made
