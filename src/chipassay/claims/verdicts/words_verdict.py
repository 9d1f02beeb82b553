"""A figure in words before the catalogue: the type of memory, the process."""

from __future__ import annotations

import re

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.claims.verdicts.fields import Reading
from chipassay.claims.verdicts.figure_parts import made
from chipassay.claims.verdicts.tolerance import agrees
from chipassay.facts.fact import Entry, Fact


def words_verdict(claim: Claim, entries: list[Entry], catalogue: Catalogue) -> Verdict:
    """A figure in words: the type of memory, the process."""
    found = [(e, e.facts[claim.field]) for e in entries if claim.field in e.facts]
    if not found:
        return cannot_tell("no source gives this", field=claim.field)
    lacking = _lacking(claim, found)
    if lacking is not None:
        return made("contradicted", lacking[0], Reading(lacking[1]), "one of the variants differs")
    for entry, fact in found:
        if _same_words(claim, str(fact.value)):
            outcome = "supported" if fact.verified else "cannot tell"
            note = "" if fact.verified else f"it agrees with a figure that is only {fact.standing}"
            return made(outcome, entry, Reading(fact), note)
    entry, fact = found[0]
    rivals = [rival for _, each in found for rival in each.rivals]
    if any(_same_words(claim, str(rival.value)) for rival in rivals):
        return made("cannot tell", entry, Reading(fact), "sources disagree")
    unsure = next((each for _, each in found if not each.verified), None)
    if unsure is not None:
        told = f"our own figure is only {unsure.standing}; it contradicts nobody"
        return made("cannot tell", entry, Reading(fact), told)
    if claim.field == "process" and not _process(str(fact.value)):
        return made("cannot tell", entry, Reading(fact), "the names of processes are not numbers")
    if claim.field == "memory_type" and not re.search(r"\d", claim.words):
        return made("cannot tell", entry, Reading(fact), "it may stand for any generation")
    others = [
        chip for chip in catalogue.chips()
        if chip.vendor == entry.vendor and chip.design == entry.design and chip.id != entry.id
        and claim.field in chip.facts and _same_words(claim, str(chip.facts[claim.field].value))
    ]  # fmt: skip
    if others:
        told = "it belongs to the " + ", ".join(each.name for each in others[:3])
        ids = tuple(each.id for each in others[:6])
        return made("right for another chip", entry, Reading(fact), told, others=ids)
    return made("contradicted", entry, Reading(fact), "")


def _lacking(claim: Claim, found: list[tuple[Entry, Fact]]) -> tuple[Entry, Fact] | None:
    """Of several capacities told with one type, the variant that surely has another type."""
    for capacity in claim.facts.get("capacities", ()):
        own = [(e, f) for e, f in found if agrees(capacity, e.number("memory_capacity"))]
        told = [str(fact.value) for _, fact in own]
        told += [str(rival.value) for _, fact in own for rival in fact.rivals]
        sure = own and all(fact.verified for _, fact in own)
        if sure and not any(_same_words(claim, each) for each in told):
            return own[0]
    return None


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
