"""Features, days of launch, market figures and sums: the smaller kinds of claim."""

from __future__ import annotations

import math
import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.claims.claim import Amount, Claim, Mention, Verdict, cannot_tell
from chipassay.claims.derived import asked
from chipassay.claims.tolerance import agrees, differs
from chipassay.facts.fact import Fact
from chipassay.units import text

_KINDS = {
    "sales": ("sales", "demand"), "lost sales": ("lost sales",), "charge": ("charge",),
    "unit price": ("unit price", "system price"), "share": ("share",), "orders": ("orders",),
    "demand": ("demand",), "fee": ("fee",), "yield": ("yield",), "rent": ("rental price",),
    "capacity": ("capacity",), "stock": ("stock", "smuggling", "orders"),
    "shipments": ("shipments", "production", "plan"),
    "production": ("production", "shipments", "plan"),
}  # fmt: skip
_UNITS = {"USD": ("USD", "USD/chip-hour"), "CNY": ("CNY", "CNY/chip-hour"),
          "1": ("units", "dies", "stacks", "fraction", "wafers/month")}  # fmt: skip
_OTHERS = re.compile(r"\b(?:SMIC|Samsung|TSMC)\b")


_CHINA = re.compile(r"China|Chinese|Beijing|domestic|local|国产|中国|中國|本土|国内")
"""Every share of a market that is held is of China's."""


def feature_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A feature is there where the catalogue knows a figure of it."""
    if claim.subject is None or claim.subject.kind != "chip":
        return cannot_tell("the sentence names no chip, and none is named just before it")
    entry = catalogue.chip_entry(claim.subject.ids[0])
    fact = entry.facts.get(claim.field)
    if fact is None:
        return cannot_tell("no source says whether it is there", chip=entry.id, field=claim.field)
    there = bool(fact.value)
    support = _support(entry.facts, claim.field)
    reference = f"{entry.name}: {fact.field.title} {fact.shown}" + support
    base: dict[str, Any] = {
        "reference": reference, "chip": entry.id, "field": claim.field,
        "asked": asked(entry, claim.field), "sources": tuple(s.key for s in fact.sources),
    }  # fmt: skip
    if not fact.verified:
        return Verdict("cannot tell", note=f"our own figure is only {fact.standing}", **base)
    if "switch" in claim.words.casefold() and claim.relation == "absent":
        return Verdict("cannot tell", note="chips may be linked without a switch", **base)
    agrees_with = there == (claim.relation == "present")
    return Verdict("supported" if agrees_with else "contradicted", **base)


def _support(facts: Any, field: str) -> str:
    rate: Fact | None = facts.get("dense_fp8")
    return f"; FP8 matrix {rate.shown}, dense" if field == "fp8_engine" and rate is not None else ""


def day_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The day of a launch; announced and released are both tried, and every rival."""
    if claim.subject is None:
        return cannot_tell("the sentence names no chip")
    told = []
    for id_ in claim.subject.ids:
        entry = catalogue.chip_entry(id_)
        for name in ("announced", "released"):
            fact = entry.facts.get(name)
            if fact is None:
                continue
            told.append((entry, fact))
            if _same_day(claim.words, str(fact.value)) and fact.verified:
                return _dated("supported", entry, fact)
    if not told:
        return cannot_tell("no source gives a day", field=claim.field)
    entry, fact = told[0]
    if any(_same_day(claim.words, str(r.value)) for _, each in told for r in each.rivals):
        return _dated("cannot tell", entry, fact, "sources disagree")
    dates = [each for each in told if each[1].field.name == claim.field] or told
    entry, fact = dates[0]
    far = fact.verified and not fact.rivals and claim.words[:4] != str(fact.value)[:4]
    near = len(claim.words) == 4 and abs(int(claim.words) - int(str(fact.value)[:4])) == 1
    if far and not near:
        return _dated("contradicted", entry, fact)
    return _dated("cannot tell", entry, fact, "announced, shown and shipped are different days")


def _dated(outcome: Any, entry: Any, fact: Fact, note: str = "") -> Verdict:
    return Verdict(
        outcome, f"{entry.name}: {fact.field.title} {fact.shown}", note, entry.id, fact.field.name,
        asked(entry, fact.field.name), tuple(source.key for source in fact.sources),
    )  # fmt: skip


def _same_day(written: str, known: str) -> bool:
    shorter = min(len(written), len(known))
    return shorter >= 7 and written[:shorter] == known[:shorter]


def market_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A market figure: supported where a source gives it; sources differ, so never contradicted."""
    amount = claim.amount
    if claim.voice.forecast or (claim.voice.hedged and amount is not None and not amount.manner):
        return cannot_tell("a forecast, a plan or a rumour", field=claim.field)
    subjects = {"China"} if _CHINA.search(claim.words) else set()
    if claim.subject is not None:
        subjects = {*claim.subject.ids, claim.subject.name}
    subjects |= set(_OTHERS.findall(claim.words))
    if amount is not None and claim.field == "unit price" and claim.subject is not None:
        priced = _priced(claim.subject, amount, catalogue)
        if priced is not None:
            return priced
    abroad = claim.field == "share" and not _CHINA.search(claim.words)
    if amount is None or not subjects or abroad:
        return cannot_tell("no market figure is held about this", field=claim.field)
    years = set(re.findall(r"\b20[23]\d\b", claim.words))
    rows = [
        row for row in catalogue.market_rows()
        if row["subject"] in subjects and row["kind"] in _KINDS.get(claim.field, ())
        and row["unit"] in _UNITS.get(amount.unit, ())
    ]  # fmt: skip
    for row in rows:
        of_year = not years or any(year in row["period"] for year in years)
        if agrees(amount, float(row["value"])) and row["confidence"] == "seen" and of_year:
            if row["kind"] in _COUNTED or _is_own(row, catalogue):
                return _row(row, "supported", "")
            return _row(row, "cannot tell", "it agrees with an outside estimate, which is no count")
    if not rows:
        return cannot_tell("no market figure is held about this", field=claim.field)
    nearest = min(rows, key=lambda row: abs(float(row["value"]) - amount.value))
    return _row(
        nearest, "cannot tell", "figures of other periods or sources are held, not this one"
    )


_COUNTED = (
    "shipments",
    "share",
    "sales",
    "unit price",
    "system price",
    "fee",
    "charge",
    "lost sales",
)
"""Kinds of figure that somebody counts or prints; the others are estimates and plans."""


def _is_own(row: Any, catalogue: Catalogue) -> bool:
    """Whether a company told its own figure."""
    return any(catalogue.source(key).kind == "primary" for key in row["sources"])


def _priced(subject: Mention, amount: Amount, catalogue: Catalogue) -> Verdict | None:
    """Whether a price of the chip's own entry is the one printed."""
    if subject.kind != "chip":
        return None
    for id_ in subject.ids:
        entry = catalogue.chip_entry(id_)
        for price in entry.prices:
            number, _, currency = price.written.partition(" ")
            if currency != amount.unit or price.confidence != "seen":
                continue
            if agrees(amount, float(number)):
                told = f"{entry.name}: {price.kind} price {price.written} ({price.date})"
                return Verdict("supported", told, price.note, id_, "price", asked(entry, "price"),
                               tuple(source.key for source in price.sources))  # fmt: skip
    return None


def _row(row: dict[str, Any], outcome: Any, note: str) -> Verdict:
    value = float(row["value"])
    shown = (
        text(value, row["unit"]) if row["unit"] in ("USD", "CNY") else f"{value:,g} {row['unit']}"
    )
    reference = f"{row['quantity']}, {row['period']}: {shown}"
    return Verdict(
        outcome, reference, note, row["subject"] if "-" in row["subject"] else "", row["quantity"],
        {}, tuple(row["sources"]),
    )  # fmt: skip


def sum_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A sum is done again; a model's size is looked up."""
    amount = claim.amount
    if amount is None:
        return cannot_tell("nothing to reckon with", field=claim.field)
    if claim.field == "parameters":
        return _size(claim, amount, catalogue)
    known = float(claim.facts["known"])
    if math.isnan(known):
        return cannot_tell(f"nothing to reckon with: {claim.words}", field=claim.field)
    shown = f"{100 * known:.3g} %" if claim.field == "share" else text(known, "s")
    reference = f"{claim.words} = {shown}"
    half = 1.5 * max((amount.high - amount.low) / 2, 0.0)
    if abs(known - amount.value) <= half or agrees(amount, known):
        return Verdict("supported", reference, field=claim.field)
    return Verdict("inconsistent", reference, "the sentence's own numbers give another result",
                   field=claim.field)  # fmt: skip


def _size(claim: Claim, amount: Amount, catalogue: Catalogue) -> Verdict:
    if claim.subject is None:
        return cannot_tell("no model is named", field="parameters")
    models = [find_model(catalogue, id_) for id_ in claim.subject.ids]
    sizes = [float(model.numbers().parameters) for model in models]
    near = min(range(len(sizes)), key=lambda i: abs(math.log(sizes[i] / max(amount.value, 1.0))))
    found, size = models[near], sizes[near]
    reference = f"{found.name}: {text(size, '1')} parameters"
    base: dict[str, Any] = {"reference": reference, "field": "parameters",
                            "sources": tuple(source.key for source in found.sources)}  # fmt: skip
    if agrees(amount, size, 0.06):
        return Verdict("supported", **base)
    sure = all(
        model.confidence == "seen" or not 0.5 < each / max(amount.value, 1.0) < 2.0
        for model, each in zip(models, sizes, strict=True)
    )
    if differs(amount, size, 0.15) and sure and claim.facts.get("beside"):
        told = "no model of that name has this size" if len(models) > 1 else ""
        return Verdict("contradicted", note=told, **base)
    return Verdict("cannot tell", note="close to it, or not verified", **base)
