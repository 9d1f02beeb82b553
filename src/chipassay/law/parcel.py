"""What is shipped where, by whom, to whom: everything the law asks for but the part's figures."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chipassay.errors import QuestionError, shown
from chipassay.law.countries import Countries, groups_at
from chipassay.law.rulebook import Rule, When

HOME = "US"
_KINDS = (
    (r"seller|supplier|maker of the part", "none"),
    (r"government", "government"),
    (r"\bg42\b|core42", "g42"),
    (r"supplement[- ]?(no\. ?)?8|supp\.? ?(no\. ?)?8", "supplement-8"),
    (r"military", "military"),
    (r"fabricator|foundry|\bosat\b|packager", "fabricator"),
)
_SHARES = (("minority", 0.0), ("wholly", 1.0), ("subsidiary", 1.0))
"""Words for a share; else a half, with which the rule begins."""
PARTIES = (
    "entity-list", "affiliate 60%", "military", "uae-government", "supplement-8", "g42",
    "fabricator", "none",
)  # fmt: skip
"""Spellings that `--party` is sure to know; sentences that say the same are read as well."""


@dataclass(frozen=True, slots=True)
class Party:
    """What is known of purchaser, consignee and end user: a kind, and a share of ownership."""

    kind: str = "none"
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One shipment. `headquarters` is that of the entity or its ultimate parent; "" is unknown."""

    on: datetime.date
    to: str
    origin: str = HOME
    headquarters: str = ""
    movement: str = "export"
    party: Party = Party()
    designer: str = ""
    """Where the designer of the part is headquartered; "" is unknown."""

    def meets(self, rule: Rule, countries: Countries) -> bool:
        """Whether a rule reaches this shipment; one that names nobody reaches nobody."""
        return _reached(self, rule, countries)

    def may_meet(self, rule: Rule, countries: Countries) -> bool:
        """Whether a rule whose reach was never published may reach it."""
        return any(self.fits(when, countries) for when in rule.perhaps)

    def fits(self, when: When, countries: Countries) -> bool:
        """Whether every condition of one list holds."""
        return (
            self._within(self.to, when.to, when.not_to, countries)
            and self._within(self.headquarters, when.headquarters, when.not_headquarters, countries)
            and self._within(self.origin, when.origin, when.not_origin, countries)
            and (not when.movement or self.movement in when.movement)
            and (not when.party or self.party.kind in when.party)
            and self.party.kind not in when.not_party
        )

    def _within(
        self, code: str, sets: Iterable[str], outside: Iterable[str], countries: Countries
    ) -> bool:
        code = countries.treated_as(code)
        groups = groups_at(countries, self.on)

        def any_of(names: Iterable[str]) -> bool:
            return any(code == name or code in groups.get(name, ()) for name in names)

        return (not sets or any_of(sets)) and not any_of(outside)

    def headquartered(self, code: str) -> Parcel:
        """The same shipment to an entity headquartered in a country."""
        return replace(self, headquarters=code)


@functools.lru_cache(maxsize=16384)
def _reached(parcel: Parcel, rule: Rule, countries: Countries) -> bool:
    return any(parcel.fits(when, countries) for when in rule.when)


def party(written: str, *, where: str = "--party") -> Party:
    """The kind of party behind a word or a sentence.

    Raises `QuestionError` for words that name none of the kinds a rule asks for.
    """
    text = written.strip().casefold()
    share = _share(text)
    if share is not None:
        return Party("affiliate", share)
    for pattern, kind in _KINDS:
        if re.search(pattern, text):
            if kind == "government":
                emirates = re.search(r"uae|emirat|abu dhabi|dubai", text)
                kind = "uae-government" if emirates else "none"
            return Party(kind)
    if re.search(r"entity[- ]?list|listed", text) and not re.search(r"\b(un|not )listed", text):
        return Party("entity-list")
    if text in ("", "none", "unlisted", "not listed", "civil", "private", "commercial"):
        return Party()
    hint = f"write one of {', '.join(PARTIES)}"
    raise QuestionError(
        f"{shown(written)} names no party the rules ask for", where=where, hint=hint
    )


def _share(text: str) -> float | None:
    """The share that listed parties own of an unlisted one; None where no ownership is told."""
    owned = re.search(r"\bown|affiliate|subsidiary", text)
    if not owned or not re.search(r"list|affiliate|%", text) or "government" in text:
        return None
    percent = re.search(r"(\d+(?:\.\d+)?)\s*(%|per ?cent)", text)
    if percent:
        return float(percent.group(1)) / 100
    return next((share for word, share in _SHARES if word in text), 0.5)
