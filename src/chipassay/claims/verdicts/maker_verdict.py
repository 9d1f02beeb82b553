"""Whether a chip is of the maker that a sentence gives it."""

from __future__ import annotations

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Claim, Verdict, cannot_tell

_USERS = ("AWS", "Google", "Microsoft", "Meta", "T-Head", "Kunlunxin")
"""Makers that buy and rent out the chips of others as well: theirs need not be made by them."""


def maker_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """Right where the catalogue's vendor is the firm; wrong where the firm sells chips and this one
    is another's."""
    firm, chip = claim.other, claim.subject
    if firm is None or chip is None:
        return cannot_tell("no maker is named", field="maker")
    entry = catalogue.chip_entry(chip.ids[0])
    reference = f"{entry.name}: by {entry.vendor}"
    asked = {"task": "show", "chip": entry.id}
    if not entry.vendor:
        return cannot_tell("its maker is not held", chip=entry.id, field="maker")
    if entry.vendor in firm.ids:
        return Verdict("supported", reference, chip=entry.id, field="maker", asked=asked)
    told = f"it is made by {entry.vendor}"
    return Verdict("contradicted", reference, told, entry.id, "maker", asked)


_KNOWN = ("TSMC", "SMIC", "Samsung", "GlobalFoundries", "Intel")


def foundry_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """Right where the process of any variant, or a rival to it, is that foundry's."""
    if claim.subject is None:
        return cannot_tell("no chip is named", field="foundry")
    entries = [catalogue.chip_entry(id_) for id_ in claim.subject.ids]
    facts = [(each, each.facts["process"]) for each in entries if "process" in each.facts]
    told = [(each, fact) for each, fact in facts if any(k in str(fact.value) for k in _KNOWN)]
    if not told:
        return cannot_tell("no source tells who makes it", field="foundry")
    entry, fact = told[0]
    reference = f"{entry.name}: {fact.field.title} {fact.shown}"
    sources = tuple(source.key for source in fact.sources)
    asked = {"task": "show", "chip": entry.id}
    values = [str(fact.value) for _, fact in told]
    rivals = [str(rival.value) for _, each in told for rival in each.rivals]
    if any(claim.words in value for value in values):
        outcome = "supported" if fact.verified else "cannot tell"
    elif any(claim.words in value for value in rivals) or not fact.verified:
        outcome = "cannot tell"
    else:
        outcome = "contradicted"
    return Verdict(outcome, reference, "", entry.id, "foundry", asked, sources)  # type: ignore[arg-type]


def is_told(claim: Claim, catalogue: Catalogue) -> bool:
    """Whether a firm's name before a chip says anything of who makes it: not where it does, nor
    where the firm may be one that bought it."""
    if claim.field != "maker" or claim.other is None or claim.subject is None:
        return True
    vendor = catalogue.chip_entry(claim.subject.ids[0]).vendor
    return claim.relation == "makes" or not {vendor, *_USERS} & set(claim.other.ids)
