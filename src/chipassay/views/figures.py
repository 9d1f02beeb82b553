"""An answer's numbers as a page or a spreadsheet shows them, from the JSON form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chipassay import units
from chipassay.errors import UnknownNameError

BAND = frozenset({"value", "low", "high", "unit", "basis"})
_FIRST_CELLS = "=+-@\t\r"
"""A spreadsheet would run a text that begins with one of these as a formula."""


def is_quantity(value: Any) -> bool:
    """Whether a JSON value is a predicted number with its band."""
    return isinstance(value, Mapping) and set(value) >= BAND


def shown(value: Any, unit: str = "1", digits: int = 3, as_: str | None = None) -> str:
    """A plain JSON value as a person reads it; null is unknown."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _text(float(value), unit, digits, as_)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(shown(each) for each in value)
    return str(value)


def _text(value: float, unit: str, digits: int, as_: str | None) -> str:
    try:
        return units.text(value, unit or "1", as_=as_, digits=digits)
    except (KeyError, UnknownNameError):
        return f"{units.number(value, digits)} {unit}"


def banded(quantity: Any, digits: int = 3, as_: str | None = None) -> str:
    """A predicted number with its band, `0.18 (0.11 to 0.3)`; unknown where it is."""
    if not is_quantity(quantity):
        return "–" if quantity is None else shown(quantity, digits=digits)
    if quantity["value"] is None:
        return "unknown"
    value, low, high = spread(quantity, digits, as_)
    return value if not low else f"{value} ({low} to {high})"


def spread(quantity: Any, digits: int = 3, as_: str | None = None) -> tuple[str, str, str]:
    """Value with its unit, then the ends of the band in that unit; no ends where they are one."""
    spelling = as_ or _spelling(quantity["value"], quantity["unit"])
    numbers = [
        shown(quantity[key], quantity["unit"], digits, spelling) for key in ("value", "low", "high")
    ]
    bare = [each.removesuffix(f" {spelling}") for each in numbers] if spelling else numbers
    said = f"{bare[0]} {_SAID.get(spelling, spelling)}" if spelling else bare[0]
    if numbers[1] == numbers[2] == numbers[0] or None in (quantity["low"], quantity["high"]):
        return said, "", ""
    return said, bare[1], bare[2]


_SAID = {
    "kUSD": "thousand USD", "MUSD": "million USD", "BUSD": "billion USD", "day": "days",
    "1/s": "a second",
}  # fmt: skip


def _spelling(value: float, unit: str) -> str | None:
    """The spelling that fits a value, so that its band is told in the same."""
    if unit in ("1", "truth", ""):
        return None
    if unit == "USD":
        fits = [each for each in ("USD", "kUSD", "MUSD", "BUSD") if value >= units.factor(each)]
        return fits[-1] if fits else "USD"
    return _text(value, unit, 3, None).rpartition(" ")[2]


def percent(quantity: Any) -> tuple[str, str]:
    """A ratio as percent, and its band."""
    if not is_quantity(quantity) or quantity["value"] is None:
        return "unknown", ""
    value, low, high = (
        None if quantity[key] is None else units.number(100.0 * quantity[key], 2)
        for key in ("value", "low", "high")
    )
    band = f"{low} to {high} %" if low and high and low != high else ""
    return f"{value} %", band


def unit_of(name: str) -> str:
    """The SI unit of a bare number in a table, by its field's name; "1" where none is meant."""
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "1")


_UNITS = {
    "time": "s", "ttft": "s", "tpot": "s", "days": "s", "memory_per_chip": "B", "memory": "B",
    "capacity": "B", "bandwidth": "B/s", "energy": "J", "cost": "USD",
}  # fmt: skip


def words(name: str) -> str:
    """A field's name as words."""
    return name.rstrip("_").replace("_", " ").replace(".", ": ")


def flat(answer: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Every leaf of an answer as a row: field, value, low, high, unit, basis."""
    if is_quantity(answer):
        yield {"field": path} | {key: answer[key] for key in ("value", "low", "high", "unit",
                                                              "basis")}  # fmt: skip
    elif isinstance(answer, Mapping):
        for key, value in answer.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(answer, list) and any(isinstance(each, (Mapping, list)) for each in answer):
        for number, value in enumerate(answer, 1):
            yield from flat(value, f"{path}.{number}")
    else:
        value = "; ".join(map(str, answer)) if isinstance(answer, list) else answer
        yield {"field": path, "value": value, "low": None, "high": None, "unit": "", "basis": ""}


def rows_of(table: Iterable[Any]) -> list[dict[str, Any]]:
    """A list of records as flat rows, one column for each leaf."""
    found = []
    for record in table:
        row: dict[str, Any] = {}
        for leaf in flat(record):
            name = leaf["field"] or "value"
            row[name] = leaf["value"]
            if leaf["basis"]:
                row |= {f"{name}_{key}": leaf[key] for key in ("low", "high", "unit")}
        found.append(row)
    return found


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Rows as a comma-separated table; text that a spreadsheet would run is quoted with '."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in tuple(_FIRST_CELLS):
        return f"'{value}"
    return "" if value is None else value
