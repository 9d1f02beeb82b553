"""A figure said of a chip before the catalogue: the same, another convention's, another chip's?

Only a verified figure can contradict anyone, and only where no rival and no variant agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.attributes import BANDWIDTH, RATE
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.derived import asked, efficiency, link_alone, pcie, per_core
from chipassay.claims.doubts import doubt, far_off, is_slip, of_another_named
from chipassay.claims.fields import (
    Reading,
    field_names,
    other_readings,
    plain_readings,
    shown_field,
    superchip_readings,
    system_readings,
)
from chipassay.claims.tolerance import agrees
from chipassay.facts.fact import STRENGTH, Entry, Fact

UNHELD = {
    "throughput": "what it gets done at work",
    "network_bandwidth": "what a network or a benchmark reaches", "parameters": "a model's size",
}  # fmt: skip
_DOMAIN = "the most chips one link can join"
_LOOSE = {"measured": "a measured or reached rate is no data-sheet figure",
          "limit": "a limit of a rule is no figure of a chip",
          "part": "a figure of one part is no figure of the package",
          "either": "one of several figures for several variants",
          "bits": "a rate in bits is a network's or a pin's"}  # fmt: skip


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
    if claim.field in ("lanes", "matrix_units") and claim.amount is not None:
        found = per_core(claim, claim.amount, entries, catalogue)
    elif claim.amount is None or claim.field == "process":
        found = _words_verdict(claim, entries, catalogue)
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
    close = 0.1 if is_system else 0.02
    plain = [
        (entry, reading)
        for entry in entries
        for reading in (
            system_readings(entry, claim.field) if is_system
            else plain_readings(entry, claim.field, said)
        )
    ]  # fmt: skip
    if not plain:
        return cannot_tell("no source gives this figure", field=shown_field(claim.field))
    for entry, reading in plain:
        if _agrees_with(amount, reading, close):
            return _supported(claim, entry, reading, entries)
    found = _not_plain(claim, amount, entries, plain, catalogue)
    return replace(found, differs=found.outcome == "cannot tell")


def _agrees_with(amount: Amount, reading: Reading, close: float = 0.02) -> bool:
    return agrees(amount, float(reading.fact.value) * reading.times, close)


def _supported(claim: Claim, entry: Entry, reading: Reading, entries: list[Entry]) -> Verdict:
    fact = reading.fact
    note = "" if entry is entries[0] else f"of the {entry.name}"
    if claim.field == RATE:
        note = "; ".join(filter(None, [note, f"this is its {fact.field.title} rate, dense"]))
    if not fact.verified:
        told = f"it agrees with a figure that is only {fact.standing}"
        return _made("cannot tell", entry, reading, told)
    return _made("supported", entry, reading, note)


def _made(outcome: str, entry: Entry, reading: Reading, note: str, **more: object) -> Verdict:
    fact = reading.fact
    basis = reading.convention or fact.field.basis
    reference = f"{entry.name}: {fact.field.title} {fact.shown}" + (f" ({basis})" if basis else "")
    return Verdict(
        outcome, reference, note, entry.id, fact.field.name, asked(entry, fact.field.name),  # type: ignore[arg-type]
        tuple(source.key for source in fact.sources), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _not_plain(
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
            if _agrees_with(amount, other) and other.fact.verified:
                told = f"the figure is right {other.convention}: " + _told(other)
                return _made("right under another convention", each, reading, told)
    if rival is not None:
        return rival
    if amount.unit == "B/s" and _BITS.search(amount.written):
        whole = Amount(amount.value * 8, amount.low * 8, amount.high * 8, amount.unit, "",
                       amount.start, amount.end, amount.written, amount.manner)  # fmt: skip
        for each, other in plain:
            if _agrees_with(whole, other) and other.fact.verified:
                told = "the figure is right in bytes; a small b stands for bits"
                return _made("right under another convention", each, other, told)
    slip = is_slip(amount, plain) and plain[0][1].fact.verified
    together = "together" in claim.conventions and not slip
    if together and claim.subject and claim.subject.kind != "system":
        return _together(claim, amount, entries, entry, reading, catalogue)
    former = claim.facts.get("former")
    if isinstance(former, Amount) and any(_agrees_with(former, each) for _, each in plain):
        return _made("cannot tell", entry, reading, "the figure is that of a changed version of it")
    loose = next((told for mark, told in _LOOSE.items() if mark in claim.conventions), "")
    if loose:
        return _made("cannot tell", entry, reading, loose)
    unsure = doubt(amount, plain, claim)
    if unsure:
        return _made("cannot tell", entry, reading, unsure)
    return _wrong(claim, amount, entries, plain, catalogue)


_BITS = re.compile(r"[TG]b|bit")


def _told(reading: Reading) -> str:
    return f"{reading.fact.field.title} of the {reading.fact.subject}"


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
            if seen and not rival.note:
                return _made("supported", entry, reading, told)
            return _made("cannot tell", entry, reading, "; ".join(filter(None, [told, rival.note])))
    return None


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
            if _agrees_with(amount, other):
                return _made("right under another convention", each, reading,
                             f"the figure is right {other.convention}")  # fmt: skip
    whole = _of_systems(claim, amount, entries, catalogue)
    if whole is not None:
        return whole
    told = "the words may mean a node or a system, whose figure is not held"
    return _made("cannot tell", entry, reading, told)


def _of_systems(
    claim: Claim, amount: Amount, entries: list[Entry], catalogue: Catalogue
) -> Verdict | None:
    """Whether a figure is that of a system that is built of the chip."""
    for entry in entries:
        for system in catalogue.systems_of(entry.id):
            for reading in system_readings(system, claim.field):
                if _agrees_with(amount, reading, 0.1) and reading.fact.verified:
                    return _made("supported", system, reading, f"of a system of the {entry.name}")
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
        return _made("cannot tell", entry, reading, told)
    own = _own_other_figure(claim, amount, entries)
    if claim.field == RATE and _may_be_own(amount, entries):
        told = "no format is named, and it lies among the chip's own rates"
        return _made("cannot tell", entry, reading, told)
    unsure = of_another_named(claim, amount, catalogue)
    if own is None and ("yardstick" in claim.conventions or claim.facts.get("named")):
        unsure = unsure or far_off(amount, plain)
    if unsure:
        return _made("cannot tell", entry, reading, unsure)
    if own is not None and own.field.name in claim.facts.get("formats", ()):
        told = f"{own.shown} is its {own.field.title}, which the sentence names too"
        return _made("cannot tell", entry, reading, told)
    if own is not None:
        told = f"{own.shown} is its {own.field.title}"
        return _made("contradicted", entry, reading, told)
    others = sorted(_siblings(claim, amount, entries, catalogue), key=_kinship(entry))
    if others and others[0].vendor == entry.vendor:
        told = "the figure belongs to the " + ", ".join(each.name for each in others[:3])
        ids = tuple(each.id for each in others[:6])
        return _made("right for another chip", entry, reading, told, others=ids)
    return _made("contradicted", entry, reading, "no variant and no convention explains the figure")


def _is_other_size(amount: Amount, plain: list[tuple[Entry, Reading]]) -> bool:
    """Whether a capacity is half or twice the chip's: chips are sold with stacks of two sizes."""
    return any(
        _agrees_with(amount, r._replace(times=r.times * k)) for _, r in plain for k in (0.5, 2.0)
    )


def _may_be_own(amount: Amount, entries: Iterable[Entry]) -> bool:
    """Whether a rate of no format lies between the slowest of a chip and twice its fastest."""
    rates = [
        float(fact.value) for entry in entries for fact in entry.facts.values()
        if fact.field.si == "FLOP/s" and not isinstance(fact.value, str)
    ]  # fmt: skip
    return bool(rates) and min(rates) / 2 < amount.value < 4 * max(rates)


def _own_other_figure(claim: Claim, amount: Amount, entries: Iterable[Entry]) -> Fact | None:
    """Another figure of the same chip that has this value: attributes were swapped."""
    taken = set(field_names(claim.field))
    for entry in entries:
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
        if any(r.fact.verified and _agrees_with(amount, r, 0.005) for r in readings):
            yield chip


def _kinship(entry: Entry):  # type: ignore[no-untyped-def]
    """Order of chips: the same design first, then the same class of name."""
    return lambda other: (other.design != entry.design, other.variant_of != entry.id, other.id)


def _words_verdict(claim: Claim, entries: list[Entry], catalogue: Catalogue) -> Verdict:
    """A figure in words: the type of memory, the process."""
    found = [(e, e.facts[claim.field]) for e in entries if claim.field in e.facts]
    if not found:
        return cannot_tell("no source gives this", field=claim.field)
    for entry, fact in found:
        if _same_words(claim, str(fact.value)):
            outcome = "supported" if fact.verified else "cannot tell"
            note = "" if fact.verified else f"it agrees with a figure that is only {fact.standing}"
            return _made(outcome, entry, Reading(fact), note)
    entry, fact = found[0]
    rivals = [rival for _, each in found for rival in each.rivals]
    if any(_same_words(claim, str(rival.value)) for rival in rivals):
        return _made("cannot tell", entry, Reading(fact), "sources disagree")
    unsure = next((each for _, each in found if not each.verified), None)
    if unsure is not None:
        told = f"our own figure is only {unsure.standing}; it contradicts nobody"
        return _made("cannot tell", entry, Reading(fact), told)
    if claim.field == "process" and not _process(str(fact.value)):
        return _made("cannot tell", entry, Reading(fact), "the names of processes are not numbers")
    if claim.field == "memory_type" and str(fact.value).casefold().startswith(
        claim.words.casefold()
    ):
        return _made("cannot tell", entry, Reading(fact), "it may stand for the whole generation")
    others = [
        chip for chip in catalogue.chips()
        if chip.vendor == entry.vendor and chip.design == entry.design and chip.id != entry.id
        and claim.field in chip.facts and _same_words(claim, str(chip.facts[claim.field].value))
    ]  # fmt: skip
    if others:
        told = "it belongs to the " + ", ".join(each.name for each in others[:3])
        ids = tuple(each.id for each in others[:6])
        return _made("right for another chip", entry, Reading(fact), told, others=ids)
    return _made("contradicted", entry, Reading(fact), "")


def _same_words(claim: Claim, known: str) -> bool:
    if claim.field == "process" and claim.amount is not None:
        return claim.amount.value in _process(known)
    return re.sub(r"[\s-]", "", claim.words).casefold() == re.sub(r"[\s-]", "", known).casefold()


def _process(known: str) -> set[float]:
    """The nanometres in a process's name; "4N" is told as 4 and as 5, being of the 5 nm class."""
    found = {float(n) for n in re.findall(r"(\d+) ?nm", known)}
    found |= {float(n) for n in re.findall(r"\bN(\d+)", known) if not known.startswith("SMIC")}
    for digit in re.findall(r"\b(\d)N", known):
        found |= {float(digit), float(digit) + 1}
    return found
