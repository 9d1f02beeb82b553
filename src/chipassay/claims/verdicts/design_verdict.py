"""What a chip is made of, before the catalogue: architecture, die, generations, process."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.claims.figures.designs import key_of
from chipassay.claims.text.attributes import DESIGN
from chipassay.claims.verdicts.derived import asked
from chipassay.facts.fact import Entry, Fact

FIELDS = ("design", "scaleup_name", "pcie_generation", "tensor_generation")
_DIE = re.compile(r"[a-z]{2}\d{3}")
_SPLIT = re.compile(r"[\s,;()+/]+")


def is_named_process(claim: Claim) -> bool:
    """Whether a claim names a process by its maker's name, and not by nanometres."""
    return claim.field == "process" and claim.amount is None


def design_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The verdict on an architecture, a die, the generation of a link or the name of a process."""
    if claim.subject is None or claim.subject.kind not in ("chip", "system"):
        return cannot_tell("the sentence names no chip", field=claim.field)
    if claim.subject.kind == "system":
        entries = [catalogue.chip_entry(catalogue.system(claim.subject.ids[0]).entry.chip)]
    else:
        entries = [catalogue.chip_entry(id_) for id_ in claim.subject.ids]
    if entries[0].status.startswith("reported"):
        told = f"the chip is only {entries[0].status}; its figures are hearsay"
        return cannot_tell(told, chip=entries[0].id, field=claim.field)
    if claim.field == "design":
        return _design(claim, entries, catalogue)
    if claim.field == "tensor_generation":
        return _tensor(claim, entries[0], catalogue)
    return _words(claim, entries)


def _tensor(claim: Claim, entry: Entry, catalogue: Catalogue) -> Verdict:
    """The generation of a chip's matrix units, by the design of its cores."""
    known, sources = catalogue.matrix_generation(entry)
    if not known or not claim.words:
        return cannot_tell("the generation of its matrix units is not held", field=claim.field)
    outcome: Any = "supported" if str(known) == claim.words else "contradicted"
    told = f"{entry.name}: matrix units of generation {known}"
    asked_ = {"task": "show", "chip": entry.id}
    return Verdict(outcome, told, "", entry.id, claim.field, asked_, sources)


def _design(claim: Claim, entries: list[Entry], catalogue: Catalogue) -> Verdict:
    known = [entry for entry in entries if entry.design]
    if not known:
        return cannot_tell("no source gives its design", field="design")
    entry, word = known[0], key_of(claim.words)
    base: dict[str, Any] = {
        "reference": f"{entry.name}: design {entry.design}", "chip": entry.id, "field": "design",
        "asked": {"task": "show", "chip": entry.id},
    }  # fmt: skip
    for each in known:
        if word in key_of(each.design):
            note = "" if each is entry else f"of the {each.name}"
            return Verdict("supported", note=note, **base)
    if DESIGN.search(entry.design) is None and entry.vendor in ("", "Huawei"):
        return Verdict("cannot tell", note="its design has no name of its own", **base)
    if _DIE.fullmatch(word):
        return _die(word, known, catalogue, base)
    return Verdict("contradicted", note="it is of another design", **base)


def _die(word: str, known: list[Entry], catalogue: Catalogue, base: dict[str, Any]) -> Verdict:
    """A die's name is wrong only where it is that of another architecture."""
    others = [chip for chip in catalogue.chips() if word in key_of(chip.design)]
    first = {_family(entry) for entry in known}
    if others and not first & {_family(each) for each in others}:
        told = f"that die is the {others[0].name}'s"
        return Verdict("contradicted", note=told, **base)
    return Verdict("cannot tell", note="the name of the die is not held", **base)


def _family(entry: Entry) -> str:
    return entry.design.split()[0].casefold() if entry.design else ""


def _words(claim: Claim, entries: Iterable[Entry]) -> Verdict:
    found = [(e, e.facts[claim.field]) for e in entries if claim.field in e.facts]
    if not found:
        return cannot_tell("no source gives this", field=claim.field)
    entry, fact = found[0]
    for each, own in found:
        if _fits(claim, own):
            note = "" if each is entry else f"of the {each.name}"
            if not own.verified:
                note = f"it agrees with a figure that is only {own.standing}"
            return _made("supported" if own.verified else "cannot tell", each, own, note)
    if not all(own.verified and not own.rivals for _, own in found):
        told = "our own figure is not verified, or disputed; it contradicts nobody"
        return _made("cannot tell", entry, fact, told)
    if claim.field == "process":
        return _made("cannot tell", entry, fact, "the names of processes are told in several ways")
    if claim.field == "scaleup_name" and not _generation(str(fact.value)):
        return _made("cannot tell", entry, fact, "its link is of no generation that is held")
    return _made("contradicted", entry, fact, "it is of another generation")


def _fits(claim: Claim, fact: Fact) -> bool:
    if claim.field == "pcie_generation":
        return float(fact.value) == float(claim.words)
    if claim.field == "scaleup_name":
        return _generation(str(fact.value)) == _generation(claim.words)
    known = {part.casefold() for part in _SPLIT.split(str(fact.value))}
    return claim.words.casefold() in known


def _generation(words: str) -> str:
    """The digit behind the name of a link; "" where there is none."""
    match = re.match(r"NVLink\s?(\d)", words)
    return match.group(1) if match else ""


def _made(outcome: str, entry: Entry, fact: Fact, note: str) -> Verdict:
    return Verdict(
        outcome, f"{entry.name}: {fact.field.title} {fact.shown}", note, entry.id, fact.field.name,  # type: ignore[arg-type]
        asked(entry, fact.field.name), tuple(source.key for source in fact.sources),
    )  # fmt: skip
