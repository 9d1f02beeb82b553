"""The same figure of both operands of a comparison: of chips, or of systems and their sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Mention
from chipassay.claims.text.attributes import BANDWIDTH, DENSE, LINK, RATE
from chipassay.claims.verdicts.fields import SYSTEM_FIELDS
from chipassay.claims.verdicts.figure_verdict import is_rumoured
from chipassay.facts.fact import STRENGTH, Entry, Fact


class Pair(NamedTuple):
    """The same figure of both operands."""

    first: Entry
    second: Entry
    own: Fact
    theirs: Fact
    reckoned: bool = False
    """Whether a figure is a sum over a system's chips."""

    @property
    def ratio(self) -> float:
        """First over second."""
        return float(self.own.value) / float(self.theirs.value)

    @property
    def verified(self) -> bool:
        """Whether both figures were read in a source."""
        rumoured = is_rumoured(self.first) or is_rumoured(self.second)
        return self.own.verified and self.theirs.verified and not rumoured

    def is_like(self, other: Pair) -> bool:
        """Whether another pair is of the same figure."""
        return self.own.field.name == other.own.field.name

    def rival_ratios(self) -> Iterator[tuple[float, bool]]:
        """First over second by what other sources give of either, and whether they are sure."""
        for own, theirs in product(_told(self.own), _told(self.theirs)):
            if theirs[0] > 0 and (own[0], theirs[0]) != (self.own.value, self.theirs.value):
                yield own[0] / theirs[0], own[1] and theirs[1]

    def rival_gaps(self) -> Iterator[float]:
        """First less second by what other sources give of either."""
        for own, theirs in product(_told(self.own), _told(self.theirs)):
            yield own[0] - theirs[0]

    def told(self) -> str:
        """Both figures and their ratio in a line."""
        title = self.own.field.title
        return (
            f"{title}: {self.first.name} {self.own.shown}, {self.second.name} {self.theirs.shown}"
            f" ({self.ratio:.3g}×)"
        )


def of_one_form(pairs: list[Pair]) -> list[Pair]:
    """The pairs whose chips have the same form, where every chip of them is in such a pair."""
    alike = [pair for pair in pairs if _form(pair.first) == _form(pair.second) != ""]
    named = {each.id for pair in pairs for each in (pair.first, pair.second)}
    return alike if named == {e.id for pair in alike for e in (pair.first, pair.second)} else pairs


def _form(entry: Entry) -> str:
    """The form of a chip without its generation: "SXM5" is SXM."""
    fact = entry.facts.get("form_factor")
    return str(fact.value).rstrip("0123456789") if fact is not None else ""


def _told(fact: Fact) -> list[tuple[float, bool]]:
    """A figure and those that other sources give of it, each with whether it was read there and
    nothing speaks against it."""
    found = [(float(fact.value), fact.verified)]
    for rival in fact.rivals:
        if not isinstance(rival.value, str):
            kinds = any(source.kind in STRENGTH[:3] for source in rival.sources)
            found.append(
                (float(rival.value), rival.confidence == "seen" and kinds and not rival.note)
            )
    return found


def entries_of(mention: Mention, catalogue: Catalogue) -> list[Entry]:
    """The entries that a name may mean."""
    if mention.kind == "system":
        return [catalogue.system(mention.ids[0]).entry]
    return [catalogue.chip_entry(id_) for id_ in mention.ids]


def pairs_of(subject: Mention, other: Mention, field: str, catalogue: Catalogue) -> Iterator[Pair]:
    """The figure of both, for every variant that a name may mean; the usual ones first."""
    names = {RATE: ("dense_fp16", "dense_bf16"), LINK: ("scaleup_bandwidth_both_ways",),
             BANDWIDTH: ("memory_bandwidth", "scaleup_bandwidth_both_ways")}  # fmt: skip
    for first in entries_of(subject, catalogue):
        for second in entries_of(other, catalogue):
            if bool(first.chip) != bool(second.chip):
                continue
            if first.chip:
                yield from _systems(first, second, field, catalogue)
                continue
            for name in names.get(field, (field,)):
                own, theirs = first.facts.get(name), second.facts.get(name)
                if _are_numbers(own, theirs) and own is not None and theirs is not None:
                    yield Pair(first, second, own, theirs)


def _are_numbers(own: Fact | None, theirs: Fact | None) -> bool:
    plain = not any(each is None or isinstance(each.value, str) for each in (own, theirs))
    return plain and theirs is not None and float(theirs.value) > 0


def _systems(first: Entry, second: Entry, field: str, catalogue: Catalogue) -> Iterator[Pair]:
    """The figure of two systems: their own, else the sum over their chips."""
    for name in SYSTEM_FIELDS.get(field, ()) if field == "tdp" else ():
        own = first.facts.get(name)
        for told in SYSTEM_FIELDS["tdp"]:
            theirs = second.facts.get(told)
            if _are_numbers(own, theirs) and own is not None and theirs is not None:
                yield Pair(first, second, own, theirs, reckoned=name != told)
    plain = {RATE: "dense_bf16", "dense_fp16": "dense_bf16"}.get(field, field)
    own, theirs = (_summed(each, plain, catalogue) for each in (first, second))
    if field != "tdp" and _are_numbers(own, theirs) and own is not None and theirs is not None:
        yield Pair(first, second, own, theirs, reckoned=True)


def _summed(system: Entry, field: str, catalogue: Catalogue) -> Fact | None:
    """A figure of all of a system's chips: its own where verified, else chips times a chip's."""
    for name in SYSTEM_FIELDS.get(field, ()):
        fact = system.facts.get(name)
        if fact is not None and fact.verified and not isinstance(fact.value, str):
            return fact
    count = system.number("scaleup_domain")
    chip = catalogue.chip_entry(system.chip).facts.get(field)
    if chip is None or isinstance(chip.value, str) or not count > 1:
        return None
    return replace(chip, value=float(chip.value) * count)


def rate_ratios(first: Entry, second: Entry) -> Iterator[float]:
    """First over second for each matrix rate that both have."""
    for name in DENSE:
        own, theirs = first.facts.get(f"dense_{name}"), second.facts.get(f"dense_{name}")
        if own is not None and theirs is not None and float(theirs.value) > 0:
            yield float(own.value) / float(theirs.value)
