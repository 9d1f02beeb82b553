"""A figure that no plain figure of the chip agrees with: rivals, other conventions, what it may be
instead, and only then a call of wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict
from chipassay.claims.text.attributes import BANDWIDTH, RATE
from chipassay.claims.text.numerals import SCALES
from chipassay.claims.verdicts.doubts import doubt, is_slip
from chipassay.claims.verdicts.fields import (
    Reading,
    field_names,
    other_readings,
    plain_readings,
    superchip_readings,
    system_readings,
)
from chipassay.claims.verdicts.figure_parts import agrees_with, made, told_of
from chipassay.claims.verdicts.tolerance import CLOSE, agrees
from chipassay.facts.fact import STRENGTH, Entry, Fact, Rival

_LOOSE = {"measured": "a measured or reached rate is no data-sheet figure",
          "limit": "a limit of a rule is no figure of a chip",
          "part": "a figure of one part is no figure of the package",
          "either": "one of several figures for several variants",
          "bits": "a rate in bits is a network's or a pin's"}  # fmt: skip


def not_plain(
    claim: Claim,
    amount: Amount,
    entries: list[Entry],
    plain: list[tuple[Entry, Reading]],
    catalogue: Catalogue,
) -> Verdict:
    """No plain figure agrees: rivals, other conventions, then what it may be instead."""
    entry, reading = plain[0]
    rival = _rival(amount, plain)
    if rival is not None and rival.outcome == "supported":
        return rival
    for each in entries:
        for other in other_readings(each, claim.field, claim.conventions):
            if agrees_with(amount, other) and other.fact.verified:
                told = f"the figure is right {other.convention}: " + told_of(other)
                return made("right under another convention", each, reading, told)
    if rival is not None:
        return rival
    if amount.unit == "B/s" and _BITS.search(amount.written):
        whole = Amount(amount.value * 8, amount.low * 8, amount.high * 8, amount.unit, "",
                       amount.start, amount.end, amount.written, amount.manner)  # fmt: skip
        for each, other in plain:
            if agrees_with(whole, other) and other.fact.verified:
                told = "the figure is right in bytes; a small b stands for bits"
                return made("right under another convention", each, other, told)
    thousands = _with_thousands(amount)
    for each, other in plain:
        if thousands and agrees_with(thousands, other) and other.fact.verified:
            return made("supported", each, other, "the point in it marks thousands")
    slip = is_slip(amount, plain) and plain[0][1].fact.verified
    together = "together" in claim.conventions and not slip
    together = together and ("counted" in claim.conventions or _may_be_several(amount, plain))
    if together and claim.subject and claim.subject.kind != "system":
        return _together(claim, amount, entries, entry, reading, catalogue)
    former = claim.facts.get("former")
    if isinstance(former, Amount) and any(agrees_with(former, each) for _, each in plain):
        return made("cannot tell", entry, reading, "the figure is that of a changed version of it")
    loose = next((told for mark, told in _LOOSE.items() if mark in claim.conventions), "")
    if loose:
        return made("cannot tell", entry, reading, loose)
    unsure = doubt(amount, plain, claim)
    if unsure:
        return made("cannot tell", entry, reading, unsure)
    return _wrong(claim, amount, entries, plain, catalogue)


_THOUSANDS = re.compile(r"\d{1,3}[.]\d{3}(?!\d)")


def _with_thousands(amount: Amount) -> Amount | None:
    """A number such as "1.555" read with a point for thousands, as much of Europe writes it."""
    if _THOUSANDS.match(amount.written) is None:
        return None
    value = amount.value * SCALES["thousand"]
    return replace(amount, value=value, low=value, high=value)


_BITS = re.compile(r"[TG]b|bit")


def _rival(amount: Amount, plain: list[tuple[Entry, Reading]]) -> Verdict | None:
    for entry, reading in plain:
        for rival in reading.fact.rivals:
            if isinstance(rival.value, str) or not agrees(amount, rival.value * reading.times):
                continue
            kinds = [source.kind for source in rival.sources]
            seen = rival.confidence == "seen" and any(kind in STRENGTH[:3] for kind in kinds)
            told = (
                f"sources disagree; {', '.join(s.key for s in rival.sources)} gives {rival.written}"
            )
            if _is_beaten(reading.fact, rival):
                continue
            if seen and not rival.note:
                return made("supported", entry, reading, told)
            return made("cannot tell", entry, reading, "; ".join(filter(None, [told, rival.note])))
    return None


def _is_beaten(fact: Fact, rival: Rival) -> bool:
    """Whether a rival figure is only what others give, and is known to be mistaken."""
    others = all(source.kind != STRENGTH[0] for source in rival.sources)
    mistaken = _MISTAKEN.search(rival.note) is not None
    return fact.verified and others and mistaken


_MISTAKEN = re.compile(
    r"implausible|before the check|first \w+ report|mistak|misprint|wrong|rumou?r", re.I
)


_ADDS_UP = ("memory_capacity", "memory_bandwidth", "l2_capacity", "transistors", "compute_dies")
_SEVERAL = 1.9
"""How many times one chip's figure that of two is at least; figures are told in round numbers."""


def _may_be_several(amount: Amount, plain: list[tuple[Entry, Reading]]) -> bool:
    """Whether a figure is large enough to be that of several chips: never less than one's, and
    twice as much where it only adds up."""
    least = min(float(reading.fact.value) * reading.times for _, reading in plain)
    name = plain[0][1].fact.field.name
    adds = name in _ADDS_UP or name.startswith("dense_")
    return amount.high >= least * (_SEVERAL if adds else 1.0)


def _together(
    claim: Claim,
    amount: Amount,
    entries: list[Entry],
    entry: Entry,
    reading: Reading,
    catalogue: Catalogue,
) -> Verdict:
    for each in entries:
        for other in superchip_readings(each, claim.field):
            if agrees_with(amount, other):
                return made("right under another convention", each, reading,
                             f"the figure is right {other.convention}")  # fmt: skip
    whole = _of_systems(claim, amount, entries, catalogue)
    if whole is not None:
        return whole
    told = "the words may mean a node or a system, whose figure is not held"
    return made("cannot tell", entry, reading, told)


def _of_systems(
    claim: Claim, amount: Amount, entries: list[Entry], catalogue: Catalogue
) -> Verdict | None:
    """Whether a figure is that of a system that is built of the chip."""
    for entry in entries:
        for system in catalogue.systems_of(entry.id):
            for reading in system_readings(system, claim.field):
                if agrees_with(amount, reading, 0.1) and reading.fact.verified:
                    return made("supported", system, reading, f"of a system of the {entry.name}")
    return None


def _wrong(
    claim: Claim,
    amount: Amount,
    entries: list[Entry],
    plain: list[tuple[Entry, Reading]],
    catalogue: Catalogue,
) -> Verdict:
    entry, reading = entries[0], plain[0][1]
    if claim.field == "memory_capacity" and _is_other_size(amount, plain):
        told = "it may be a variant with half or twice the memory, which is not held"
        return made("cannot tell", entry, reading, told)
    own = own_other_figure(claim, amount, entries)
    if claim.field == RATE and _may_be_own(amount, entries):
        told = "no format is named, and it lies among the chip's own rates"
        return made("cannot tell", entry, reading, told)
    if own is not None and own.field.name in claim.facts.get("formats", ()):
        told = f"{own.shown} is its {own.field.title}, which the sentence names too"
        return made("cannot tell", entry, reading, told)
    if own is not None:
        told = f"{own.shown} is its {own.field.title}"
        return made("contradicted", entry, reading, told)
    others = sorted(_siblings(claim, amount, entries, catalogue), key=_kinship(entry))
    if claim.field == "memory_capacity" and any(_is_namesake(entry, each) for each in others):
        told = "it is the capacity of another form of the chip"
        return made("cannot tell", entry, reading, told)
    if others and others[0].vendor == entry.vendor:
        told = "the figure belongs to the " + ", ".join(each.name for each in others[:3])
        ids = tuple(each.id for each in others[:6])
        return made("right for another chip", entry, reading, told, others=ids)
    return made("contradicted", entry, reading, "no variant and no convention explains the figure")


_SIZES = 0.04
"""A superchip's two packages are told together in round numbers."""


def _is_other_size(amount: Amount, plain: list[tuple[Entry, Reading]]) -> bool:
    """Whether a capacity is half or twice the chip's: chips are sold with stacks of two sizes."""
    return any(
        agrees_with(amount, r._replace(times=r.times * k), close)
        for _, r in plain
        for k, close in ((0.5, CLOSE), (2.0, _SIZES))
    )


def _may_be_own(amount: Amount, entries: Iterable[Entry]) -> bool:
    """Whether a rate of no format lies between the slowest of a chip and twice its fastest."""
    rates = [
        float(fact.value) for entry in entries for fact in entry.facts.values()
        if fact.field.si == "FLOP/s" and not isinstance(fact.value, str)
    ]  # fmt: skip
    return bool(rates) and min(rates) / 2 < amount.value < 4 * max(rates)


def own_other_figure(claim: Claim, amount: Amount, entries: Iterable[Entry]) -> Fact | None:
    """Another figure of the same chip that has this value: attributes were swapped."""
    taken = set(field_names(claim.field))
    for entry in entries if amount.unit != "1" else ():
        for name, fact in entry.facts.items():
            plain = not isinstance(fact.value, (str, bool)) and fact.field.si == amount.unit
            if plain and name not in taken and fact.verified and agrees(amount, float(fact.value)):
                return fact
    return None


def _siblings(
    claim: Claim, amount: Amount, entries: list[Entry], catalogue: Catalogue
) -> Iterator[Entry]:
    own = {entry.id for entry in entries}
    for chip in catalogue.chips():
        if chip.id in own or chip.vendor != entries[0].vendor:
            continue
        readings = plain_readings(chip, claim.field, claim.conventions)
        if claim.field == BANDWIDTH:
            readings = iter(list(readings)[:1])
        if any(r.fact.verified and agrees_with(amount, r, 0.005) for r in readings):
            yield chip


def _is_namesake(entry: Entry, other: Entry) -> bool:
    """Whether two chips go by one name: the same design, the same first word with a number."""
    one, two = (
        next((word for word in each.name.split() if any(map(str.isdigit, word))), "")
        for each in (entry, other)
    )
    return entry.design == other.design and one == two


def _kinship(entry: Entry):  # type: ignore[no-untyped-def]
    """Order of chips: the same design first, then the same class of name."""
    return lambda other: (other.design != entry.design, other.variant_of != entry.id, other.id)
