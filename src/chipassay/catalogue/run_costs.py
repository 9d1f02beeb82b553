"""What a run needs from the catalogue: assumed constants in SI, node power, rents and prices.

A price is taken only from quotes with a source and a date; where there is none, it is unknown.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterable
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.fact import Entry, Price
from chipassay.units import factor, si_unit

UNKNOWN = float("nan")


class Range(NamedTuple):
    """A figure and its 80 % band, in SI."""

    low: float
    value: float
    high: float


NOBODY_KNOWS = Range(UNKNOWN, UNKNOWN, UNKNOWN)


class Figure(NamedTuple):
    """A figure with what it rests on, for the answer's footnotes."""

    range: Range
    unit: str
    kind: str
    date: str
    sources: tuple[str, ...]
    quotes: int = 0
    estimated: bool = False
    """Every quote is somebody's estimate."""


def assumed(catalogue: Catalogue, id_: str) -> Range:
    """An assumed constant in SI; a time in years stays a number of years."""
    written = catalogue.assumption(id_)
    unit = factor(written["unit"]) if written["unit"] != "year" else 1.0
    return Range(*(float(written[end]) * unit for end in ("low", "value", "high")))


def rated_power(catalogue: Catalogue, chip: Entry) -> Figure:
    """Rated power of a chip's share of its node, rack or pod; else of the chip and what nodes add.

    An asked `tdp` counts before any node, so that a what-if is felt.
    """
    fact = chip.facts.get("tdp")
    if fact is None or fact.confidence != "asked":
        for system in catalogue.systems_of(chip.id):
            for field in ("node_power", "rack_power", "pod_power"):
                power = system.number(field) / _chips_in(system, field)
                if not math.isnan(power):
                    return _share(system, field, Range(power, power, power), "W")
    adds = assumed(catalogue, "node-power-over-chips")
    keys = tuple(source.key for source in fact.sources) if fact else ()
    found = Range(*(each * chip.number("tdp") for each in adds))
    return Figure(found, "W", "chip, and what nodes usually add", "", keys, 1, True)


def _chips_in(system: Entry, field: str) -> float:
    """Chips that a figure of a system is for; a rack's price stands where a node's does."""
    rack = field in ("rack_power", "pod_power")
    sold_whole = field == "node_price" and {"rack_power", "pod_power"} & set(system.facts)
    return system.number("scaleup_domain" if rack or sold_whole else "chips_per_node")


def _share(system: Entry, field: str, found: Range, unit: str) -> Figure:
    """A chip's share of a system's figure."""
    fact = system.facts[field]
    keys = tuple(source.key for source in fact.sources)
    date = min((source.date for source in fact.sources), default="")
    estimated = fact.confidence == "estimate"
    return Figure(found, unit, f"share of {system.id}", date, keys, 1, estimated)


def rental(catalogue: Catalogue, chip: Entry, *, until: str = "") -> Figure | None:
    """What an hour of a chip rents for: the quotes of the last period that has any, in USD/s.

    `until` is a day, as in "2025-06-30"; later quotes are left out.
    """
    rows = [row for row in catalogue.market(chip.id) if row["kind"] == "rental price"]
    rows = [row for row in rows if not until or _month(row["period"]) <= _month(until)]
    if not rows:
        return None
    last = max(_month(row["period"]) for row in rows)
    rows = [row for row in rows if _month(row["period"]) == last]
    ends = [_dollars(catalogue, row) for row in rows if _is_end(row)]
    middles = [_dollars(catalogue, row) for row in rows if not _is_end(row)]
    return _figure(catalogue, middles, ends, rows, "rent", "USD/s")


def server_price(catalogue: Catalogue, chip: Entry) -> Figure | None:
    """A chip's share of a server, in USD: of a system's price, else of the chip's own and more."""
    spread = assumed(catalogue, "price-spread").value
    for system in catalogue.systems_of(chip.id):
        price = system.number("node_price") / _chips_in(system, "node_price")
        if not math.isnan(price):
            found = Range(price / spread, price, price * spread)
            return _share(system, "node_price", found, "USD")
    own = chip_price(catalogue, chip)
    if own is None:
        return None
    adds = assumed(catalogue, "server-price-over-chips")
    ends = (own.range.low * adds.value, own.range.value * adds.value, own.range.high * adds.value)
    return own._replace(range=Range(*ends), kind=f"{own.kind}, and what servers usually add")


def chip_price(catalogue: Catalogue, chip: Entry) -> Figure | None:
    """What one chip cost new, in USD: quotes of the last year that has any."""
    quotes = [_row(price) for price in chip.prices if price.kind != "used"]
    quotes += [row for row in catalogue.market(chip.id) if row["kind"] == "unit price"]
    if not quotes:
        return None
    last = max(_month(row["period"])[0] for row in quotes)
    quotes = [row for row in quotes if _month(row["period"])[0] == last]
    paid = [_dollars(catalogue, row) for row in quotes]
    return _figure(catalogue, [statistics.geometric_mean(paid)], paid, quotes, "price", "USD")


def _row(price: Price) -> dict[str, Any]:
    """An entry's price as a market figure."""
    value, unit = price.written.rsplit(" ", 1)
    sources = [source.key for source in price.sources]
    row = {"period": price.date, "value": value, "unit": unit, "sources": sources}
    return row | {"confidence": price.confidence}


def _figure(
    catalogue: Catalogue,
    middles: list[float],
    ends: list[float],
    rows: list[dict[str, Any]],
    kind: str,
    unit: str,
) -> Figure:
    """Quotes as a figure: their median; a lone quote gets the usual spread."""
    value = statistics.median(middles) if middles else statistics.geometric_mean(ends)
    low, high = min([*middles, *ends]), max([*middles, *ends])
    if high <= low * (1 + 2**-20):
        spread = assumed(catalogue, "price-spread").value
        low, high = value / spread, value * spread
    sources = tuple(dict.fromkeys(key for row in rows for key in row["sources"]))
    dates = sorted({str(row["period"]) for row in rows})
    estimated = all(row["confidence"] == "estimate" for row in rows)
    found = Range(low, value, high)
    return Figure(found, unit, kind, _span(dates), sources, len(rows), estimated)


def _span(dates: Iterable[str]) -> str:
    return " to ".join(dict.fromkeys((*list(dates)[:1], *list(dates)[-1:])))


def _is_end(row: dict[str, Any]) -> bool:
    return str(row["quantity"]).endswith(("_low", "_high"))


def _dollars(catalogue: Catalogue, row: dict[str, Any]) -> float:
    """A quote in USD or USD/s; yuan at the catalogue's rate of exchange."""
    unit = row["unit"].replace("chip-hour", "h")
    amount = float(str(row["value"]).replace(",", "")) * factor(unit)
    return amount / _exchange(catalogue) if si_unit(unit).startswith("CNY") else amount


def _exchange(catalogue: Catalogue) -> float:
    rates = [row for row in catalogue.market("world") if row["kind"] == "exchange rate"]
    return float(max(rates, key=lambda row: _month(row["period"]))["value"]) if rates else UNKNOWN


def _month(period: str) -> tuple[int, int]:
    """The end of a period: "2025-Q4", "2025-H1", "2025-10", "2023-2026" or "2024"."""
    found = re.search(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(\d\d)(?!\d)))?(?:-\d\d)?$", str(period))
    if found is None:
        return 0, 0
    year, quarter, half, month = found.groups()
    return int(year), int(quarter or 0) * 3 or int(half or 0) * 6 or int(month or 12)
