"""Power, energy and money of a serving answer: each with its band, its kind and its date.

A chip draws a floor and what its traffic and arithmetic add (`formulas.power`), fitted on one kind
of chip. Another takes over the shares of its rating, or the joules for a byte and an operation:
the value lies between, both are in the band. Its node is taken to follow, between idle and full
load, as in training. Energy is at the meter. Prices are those of `train`: rents and servers with a
source and a date, or unknown. A band moves each uncertain input alone to both ends of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from chipassay.catalogue.run_costs import Figure, Range, assumed, rated_power, rental, server_price
from chipassay.formulas.money import capital_charge, capital_per_chip, capital_recovery, mean_power
from chipassay.formulas.power import (
    activity,
    chip_power,
    drawn_share,
    energy_of_token,
    rent_of_token,
    share_by_energy,
    time_of_token,
)
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.run import OWNED, banded, weaker
from chipassay.inquiry.serving_options import Option, Placed, Wanted
from chipassay.inquiry.serving_use import Use, sixteen_bits, use_of
from chipassay.model.run import YEAR
from chipassay.records.answer import Basis, Quantity, Reason
from chipassay.units import Num, factor

POWER = {"idle": "node-idle", "load": "node-load", "overhead": "power-overhead"}
FITTED = {
    "floor": ("chip-power-floor", ""),
    "memory": ("chip-power-memory", "chip-power-fitted-bandwidth"),
    "arithmetic": ("chip-power-arithmetic", "chip-power-fitted-rate"),
}
"""Shares of a rating, and the rate of the chip they were fitted on that each goes with."""
RATING = "chip-power-fitted-rating"
MILLION = factor("MW") / factor("W")
Inputs = Mapping[str, Any]


class Side(NamedTuple):
    """What a pool's chips draw and cost."""

    placed: Placed
    use: Use
    rated: Figure
    rented: Figure | None
    bought: Figure | None


def worth(
    best: Option, about: Wanted, fields: dict[str, Any], notes: Footnotes
) -> tuple[Reason, ...]:
    """Put power, energy and cost into the fields; how they came about."""
    sides = [_side(each, best, about) for each in best.pools]
    rate = fields["output_tokens_per_s_per_chip"]
    ranges = {name: assumed(about.catalogue, id_) for name, id_ in {**POWER, **OWNED}.items()}
    ranges["rate"] = Range(rate.low, rate.value, rate.high)
    for place, side in enumerate(sides):
        ranges |= {f"{n}{place}": each for n, each in _carried(side, about).items()}
        ranges[f"rated{place}"] = side.rated.range
        if side.rented is not None:
            ranges[f"rent{place}"] = side.rented.range
        if side.bought is not None:
            ranges[f"server{place}"] = side.bought.range
    found = banded(lambda inputs: _outputs(sides, inputs, best), ranges)
    basis = weaker(rate.basis, "transferred" if _measured(sides) else "assumed")
    fields |= _figures(found, basis, sides)
    return _reasons(found, sides, about, notes)


def _side(placed: Placed, best: Option, about: Wanted) -> Side:
    chip = placed.about.case.chip
    return Side(
        placed, use_of(placed, best, about.asked), rated_power(about.catalogue, chip),
        rental(about.catalogue, chip), server_price(about.catalogue, chip),
    )  # fmt: skip


def _carried(side: Side, about: Wanted) -> dict[str, Range]:
    """The fitted shares on this chip: by its rating and by energy, the mean and both ends.

    On the chip they were fitted on both are the same.
    """
    case, found = side.placed.about.case, {}
    rated = case.chip.number("tdp") / assumed(about.catalogue, RATING).value
    rates = {"memory": case.chip.number("memory_bandwidth"), "arithmetic": sixteen_bits(case)}
    for name, (id_, rate) in FITTED.items():
        share = assumed(about.catalogue, id_)
        faster = rates[name] / assumed(about.catalogue, rate).value if rate else 1.0
        other = float(share_by_energy(share.value, faster, rated))
        middle = math.sqrt(share.value * other)
        found[name] = Range(min(share.low, other), middle, max(share.high, other))
    return found


def _measured(sides: list[Side]) -> bool:
    return not any(side.rated.estimated for side in sides)


def _outputs(sides: list[Side], at: Inputs, best: Option) -> dict[str, Any]:
    """All figures for one set of inputs, or columns of them; a price that is missing leaves out."""
    chips = float(best.chips)
    tokens = at["rate"] * chips
    found: dict[str, Num] = dict.fromkeys(("chip", "node", "rented", "owned"), 0.0)
    yearly = capital_recovery(at["discount"], at["life"])
    for place, side in enumerate(sides):
        many = float(side.placed.plan.chips)
        floor, memory, arithmetic = (at[f"{name}{place}"] for name in FITTED)
        drawn = drawn_share(floor, memory, arithmetic, side.use.reading, side.use.computing)
        rating = side.placed.about.case.chip.number("tdp")
        found["chip"] += many / chips * chip_power(rating, drawn, at["idle"], side.use.busy)
        active = activity(drawn, at["idle"], side.use.busy)
        node = mean_power(at[f"rated{place}"], at["load"], at["idle"], active)
        found["node"] += many / chips * node
        time = time_of_token(many, tokens)
        rent = at.get(f"rent{place}", math.nan)
        found["rented"] += rent_of_token(time, rent)
        capital = capital_per_chip(at.get(f"server{place}", math.nan), at["server_share"])
        found["owned"] += capital_charge(capital, yearly, time, YEAR, at["busy"])
    found["energy"] = energy_of_token(found["node"], at["overhead"], at["rate"])
    found["owned"] += found["energy"] * at["electricity"]
    return found


def _figures(found: Mapping[str, Range], basis: Basis, sides: list[Side]) -> dict[str, Any]:
    money = {"rent": found["rented"], "ownership": found["owned"]}
    quotes = {
        "rent": [side.rented for side in sides], "ownership": [side.bought for side in sides]
    }  # fmt: skip
    most = max(side.placed.about.case.chip.number("tdp") for side in sides)
    drawn = found["chip"]._replace(high=min(found["chip"].high, most))
    known = [kind for kind in money if not math.isnan(money[kind].value)]
    kind = min(known, key=lambda each: any(q is not None and q.estimated for q in quotes[each]),
               default="")  # fmt: skip
    costs = {each: _quantity(money[each], "USD", basis, MILLION) for each in known}
    unknown = Quantity(math.nan, math.nan, math.nan, "USD", "assumed")
    told = [_told(q, side) for q, side in zip(quotes.get(kind, []), sides, strict=False)]
    return {
        "power_per_chip": _quantity(drawn, "W", basis),
        "node_power_per_chip": _quantity(found["node"], "W", basis),
        "energy_per_output_token": _quantity(found["energy"], "J", basis),
        "cost_per_million_output_tokens": costs.get(kind, unknown),
        "costs_per_million_output_tokens": costs,
        "cost_basis": {"kind": kind or "unknown", "quotes": told},
        "utilisation": [
            {"role": side.placed.role, "memory_bandwidth": side.use.reading,
             "arithmetic": side.use.computing, "busy": side.use.busy}
            for side in sides
        ],
        "needs": _needs(found, sides),
    }  # fmt: skip


def _quantity(of: Range, unit: str, basis: Basis, times: float = 1.0) -> Quantity:
    return Quantity(times * of.value, times * of.low, times * of.high, unit, basis)


def _told(quote: Figure | None, side: Side) -> dict[str, Any]:
    """What a price rests on."""
    if quote is None:
        return {}
    band = quote.range
    basis: Basis = "assumed" if quote.estimated else "measured"
    return {
        "chip": side.placed.about.case.chip.id, "what": quote.kind, "date": quote.date,
        "quotes": quote.quotes, "sources": list(quote.sources), "estimate": quote.estimated,
        "each": Quantity(band.value, band.low, band.high, quote.unit, basis),
    }  # fmt: skip


def _needs(found: Mapping[str, Range], sides: list[Side]) -> list[str]:
    """What would settle what is unknown."""
    needs = []
    for side in sides:
        chip = side.placed.about.case.chip
        if side.rented is None and side.bought is None:
            needs.append(f"a dated rent or price of {chip.id}, from any source")
        if math.isnan(chip.number("tdp")):
            needs.append(f"{chip.id}.tdp")
    if math.isnan(found["node"].value) and not needs:
        needs.append("the rated power of a node")
    return list(dict.fromkeys(needs))


def _reasons(
    found: Mapping[str, Range], sides: list[Side], about: Wanted, notes: Footnotes
) -> tuple[Reason, ...]:
    """The draw of a chip, the energy and the price of a token, down to what they rest on."""
    fitted = tuple(
        _assumed(about, id_, notes)
        for id_ in [each for each, _ in FITTED.values()] + [*POWER.values()]
    )
    drawn = Reason(
        "serve.power_per_chip", found["chip"].value, "W", "chip_power",
        "a floor, and what traffic and arithmetic add", cite="splitwise_power",
        inner=(*(leaf for side in sides for leaf in _used(side, notes)), *fitted),
    )  # fmt: skip
    energy = Reason(
        "serve.energy_per_output_token", found["energy"].value, "J", "energy_of_token",
        "a chip's share of its node at the meter, over its tokens a second",
        inner=tuple(_quoted(side, side.rated, "rated", about, notes) for side in sides),
    )  # fmt: skip
    prices = [
        _quoted(side, quote, name, about, notes)
        for side in sides
        for name, quote in (("rent", side.rented), ("server", side.bought))
        if quote is not None
    ]
    owned = tuple(_assumed(about, id_, notes) for id_ in OWNED.values())
    return (
        drawn, energy,
        Reason("serve.rent_per_million_output_tokens", MILLION * found["rented"].value, "USD",
               "rent_of_token", "chip time of a token, at a chip's rent",
               inner=tuple(each for each in prices if each.unit == "USD/s")),
        Reason("serve.ownership_per_million_output_tokens", MILLION * found["owned"].value, "USD",
               "capital_charge", "a chip's part of a server and its site, and the electricity",
               inner=(*(each for each in prices if each.unit == "USD"), *owned)),
    )  # fmt: skip


def _used(side: Side, notes: Footnotes) -> list[Reason]:
    chip = side.placed.about.case.chip
    found = [
        Reason(f"{chip.id}: bandwidth used", side.use.reading, "1", "reading_share"),
        Reason(f"{chip.id}: arithmetic used", side.use.computing, "1", "computing_share"),
        Reason(f"{chip.id}: time busy", side.use.busy, "1"),
    ]
    fact = chip.facts.get("tdp")
    if fact is not None:
        notes.use(*fact.sources)
        key = fact.sources[0].key
        found.append(Reason(f"{chip.id}.tdp", chip.number("tdp"), "W", source=key,
                            standing=fact.standing))  # fmt: skip
    return found


def _assumed(about: Wanted, id_: str, notes: Footnotes) -> Reason:
    written = about.catalogue.assumption(id_)
    key = written["sources"][0]
    notes.use(about.catalogue.source(key))
    standing = f"{'fitted' if 'script' in written else 'assumed'}: {id_}"
    value = assumed(about.catalogue, id_).value
    unit = "USD/J" if "USD" in written["unit"] else "1"
    return Reason(id_, value, unit, source=key, standing=standing)


def _quoted(side: Side, quote: Figure, name: str, about: Wanted, notes: Footnotes) -> Reason:
    keys = [key for key in quote.sources if key != "asker"]
    notes.use(*(about.catalogue.source(key) for key in keys))
    standing = " ".join(filter(None, (quote.kind, quote.date)))
    chip = side.placed.about.case.chip.id
    return Reason(f"{chip}: {name}", quote.range.value, quote.unit, source=next(iter(keys), ""),
                  standing=standing)  # fmt: skip
