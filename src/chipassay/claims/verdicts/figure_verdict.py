"""A figure said of a chip before the catalogue: the same, another convention's, another chip's?

Only a verified figure can contradict anyone, and only where no rival and no variant agrees.
"""

from __future__ import annotations

from dataclasses import replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.text.attributes import BANDWIDTH, DENSE, RATE
from chipassay.claims.verdicts.derived import efficiency, link_alone, of_lanes, pcie, per_core
from chipassay.claims.verdicts.differing import not_plain, own_other_figure
from chipassay.claims.verdicts.fields import (
    Reading,
    plain_readings,
    shown_field,
    system_readings,
)
from chipassay.claims.verdicts.figure_parts import agrees_with, made
from chipassay.claims.verdicts.tolerance import CLOSE, COUNTED, COUNTED_NOUNS, agrees, differs
from chipassay.claims.verdicts.words_verdict import words_verdict
from chipassay.facts.fact import Entry

UNHELD = {
    "throughput": "what it gets done at work",
    "network_bandwidth": "what a network or a benchmark reaches", "parameters": "a model's size",
}  # fmt: skip
_DOMAIN = "the most chips one link can join"


def figure_verdict(claim: Claim, catalogue: Catalogue, on: str) -> Verdict:
    """The verdict on a figure. `on` is the article's day: later chips were not yet known."""
    if claim.subject is None:
        return link_alone(claim, catalogue)
    field = shown_field(claim.field)
    if claim.field in UNHELD or (
        claim.field == "scaleup_domain" and claim.subject.kind != "system"
    ):
        return cannot_tell(
            f"the catalogue does not hold {UNHELD.get(claim.field, _DOMAIN)}", field=field
        )
    entries = _entries(claim, catalogue, on)
    if not entries:
        return cannot_tell("the chip was not announced on the day of the article", field=field)
    if is_rumoured(entries[0]):
        told = f"the chip is only {entries[0].status}; its figures are hearsay"
        return cannot_tell(told, chip=entries[0].id, field=field)
    if claim.field == "pcie_bandwidth" and claim.amount is not None:
        return pcie(claim.amount, entries)
    if claim.field == "efficiency":
        return efficiency(claim, entries)
    counted = of_lanes(claim, entries)
    if counted.field in ("lanes", "matrix_units") and claim.amount is not None:
        found = per_core(counted, claim.amount, entries, catalogue)
    elif claim.amount is None or claim.field == "process":
        found = words_verdict(claim, entries, catalogue)
    else:
        found = _number_verdict(claim, claim.amount, entries, catalogue)
    if claim.subject.kind == "line" and found.outcome != "supported":
        told = "a line of chips is named, not one of them"
        return replace(found, outcome="cannot tell", note=told)
    return found


def _entries(claim: Claim, catalogue: Catalogue, on: str) -> list[Entry]:
    if claim.subject is None:
        return []
    if claim.subject.kind == "system":
        system = catalogue.system(claim.subject.ids[0]).entry
        return [catalogue.chip_entry(system.chip) if _is_of_one(claim) else system]
    entries = [catalogue.chip_entry(id_) for id_ in claim.subject.ids]
    known = [entry for entry in entries if not on or _announced(entry) <= on]
    return known or (entries[:1] if len(entries) == 1 and not on else [])


def _is_of_one(claim: Claim) -> bool:
    """Whether a figure said of a system is that of one chip in it."""
    return "per chip" in claim.conventions


def _announced(entry: Entry) -> str:
    """The earliest day anybody gives for a chip; "" where none is known for sure."""
    fact = entry.facts.get("announced")
    if fact is None or not fact.verified:
        return ""
    return min(str(fact.value), *(str(rival.value) for rival in fact.rivals), "9")


def is_rumoured(entry: Entry) -> bool:
    """Whether a chip was only ever reported: nobody has published a data sheet of it."""
    return entry.status.startswith("reported")


def _number_verdict(
    claim: Claim, amount: Amount, entries: list[Entry], catalogue: Catalogue
) -> Verdict:
    capacity = claim.facts.get("capacity")
    if isinstance(capacity, Amount):
        kept = [e for e in entries if agrees(capacity, e.number("memory_capacity"))]
        if not kept:
            return cannot_tell(f"no variant with {capacity.written} is held", field=claim.field)
        entries = kept
    is_system = claim.subject is not None and claim.subject.kind == "system"
    is_system = is_system and not _is_of_one(claim)
    said = claim.conventions
    exact = amount.noun in COUNTED_NOUNS or claim.field == "die_area"
    close = 0.1 if is_system else COUNTED if exact else CLOSE
    plain = [
        (entry, reading)
        for entry in entries
        for reading in (
            _system_readings(entry, claim, catalogue) if is_system
            else plain_readings(entry, claim.field, said)
        )
    ]  # fmt: skip
    if not plain:
        return _lacking(claim, amount, entries)
    for entry, reading in plain:
        if agrees_with(amount, reading, close):
            found = _supported(claim, entry, reading, entries)
            return _against_base(claim, entry, catalogue) or found
    if is_system and claim.field == BANDWIDTH:
        told = "of its memory or of its links is not said"
        return replace(made("cannot tell", *plain[0], told), differs=True)
    if is_system and not any(True for _ in system_readings(entries[0], claim.field)):
        return _added_up(amount, *plain[0])
    if (
        is_system
        and amount.unit == "W"
        and amount.value
        > _SEVERAL * max(float(reading.fact.value) * reading.times for _, reading in plain)
    ):
        told = "it may be what a rack, or several of them, draw"
        return replace(made("cannot tell", *plain[0], told), differs=True)
    found = not_plain(claim, amount, entries, plain, catalogue)
    return replace(found, differs=found.outcome == "cannot tell")


def _against_base(claim: Claim, entry: Entry, catalogue: Catalogue) -> Verdict | None:
    """The call of wrong on what a cut-down chip was cut from, where that is none of its base's
    figures; None where it is, or nothing is told of it."""
    cut = claim.facts.get("cut")
    if not isinstance(cut, Amount) or not entry.variant_of:
        return None
    base = catalogue.chip_entry(entry.variant_of)
    readings = list(plain_readings(base, claim.field, claim.conventions))
    if not readings or any(not differs(cut, float(r.fact.value) * r.times) for r in readings):
        return None
    told = f"it was cut from that, not from {cut.written}"
    outcome = "contradicted" if readings[0].fact.verified else "cannot tell"
    return made(outcome, base, readings[0], told)


def _system_readings(entry: Entry, claim: Claim, catalogue: Catalogue) -> list[Reading]:
    """A system's own figures; else those of its chip times as many as one link joins."""
    own = list(system_readings(entry, claim.field))
    count = entry.number("scaleup_domain")
    if own or claim.field not in _ADDS_UP or not count > 1:
        return own
    chip = catalogue.chip_entry(entry.chip)
    each = plain_readings(chip, claim.field, claim.conventions)
    return [reading._replace(times=reading.times * count) for reading in each]


_ADDS_UP = (
    "memory_capacity",
    "memory_bandwidth",
    "compute_dies",
    *(f"dense_{name}" for name in DENSE),
)
"""What a system has as many times as it has chips."""


_SEVERAL = 1.9
"""How many times a system's power is that of several of it at least."""
_OUT_OF_REACH = 4.0
"""Sparsity and a finer counting of dies make a factor of two each."""


def _added_up(amount: Amount, entry: Entry, reading: Reading) -> Verdict:
    """A system's figure that is not its chips' together: wrong only where no convention helps."""
    told = f"{reading.times:.0f} of its chips have {reading.fact.shown} each"
    known = float(reading.fact.value) * reading.times
    near = known / _OUT_OF_REACH <= amount.value <= known * _OUT_OF_REACH
    if near or not reading.fact.verified:
        return replace(made("cannot tell", entry, reading, told), differs=True)
    return made("contradicted", entry, reading, told)


def _lacking(claim: Claim, amount: Amount, entries: list[Entry]) -> Verdict:
    """No figure is held: wrong where it is known that the chip has no such units at all."""
    engine = entries[0].facts.get("fp8_engine")
    if claim.field != "dense_fp8" or engine is None or not engine.verified or engine.value:
        return cannot_tell("no source gives this figure", field=shown_field(claim.field))
    own = own_other_figure(claim, amount, entries)
    told = "its matrix units do not take FP8" + (
        f"; {own.shown} is its {own.field.title}" if own else ""
    )
    return made("contradicted", entries[0], Reading(engine), told)


def _supported(claim: Claim, entry: Entry, reading: Reading, entries: list[Entry]) -> Verdict:
    fact = reading.fact
    note = "" if entry is entries[0] else f"of the {entry.name}"
    outcome = "supported"
    if claim.field == RATE:
        note = "; ".join(filter(None, [note, f"this is its {fact.field.title} rate, dense"]))
        if fact.field.name not in _USUAL and claim.amount is not None:
            outcome = "right under another convention"
    if not fact.verified:
        told = f"it agrees with a figure that is only {fact.standing}"
        return made("cannot tell", entry, reading, told)
    return made(outcome, entry, reading, note)


_USUAL = ("dense_fp16", "dense_bf16")
"""What a rate of no stated format is taken for."""
