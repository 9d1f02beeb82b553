"""3A090 Note 1: what a fab or packager ships is presumed a data-centre .a part."""

from __future__ import annotations

import re

from chipassay.law.classes import BIT
from chipassay.law.countries import Countries, groups_at
from chipassay.law.paragraphs import TESTS
from chipassay.law.parcel import Parcel
from chipassay.law.rulebook import WRITTEN, Rulebook
from chipassay.records.item import Item

PRESUMPTION, WITHOUT_MEMORY = "presumption", "without memory"


def presumed(item: Item, told: str, parcel: Parcel, book: Rulebook, countries: Countries) -> int:
    """The cells that the presumption leaves possible.

    `told` is what is said of the part: `hbm=no`, `packaged in Taiwan`, `approved designer`. What
    is not said is unknown, and the packaging site counts as the place it is shipped from.
    """
    presumption = [r for r in book.layer("guidance", WRITTEN) if r.outcome == PRESUMPTION]
    text = told.casefold()
    if not presumption or re.search(
        r"(approved|authori[sz]ed) (ic |integrated circuit )?design", text
    ):
        return BIT["none"]
    if _packaged_in_reach(text, parcel, countries):
        return BIT["a_datacenter"]
    overcome = float(TESTS[presumption[0].test](item, presumption[0].limits))
    for rule in book.layer("guidance", WRITTEN):
        if rule.outcome == WITHOUT_MEMORY and rule.order > 1:
            few = float(TESTS[rule.test](item, rule.limits))
            overcome = max(overcome, min(few, _without_memory(text)))
    free = BIT["none"] if overcome > 0 else 0
    return free | (BIT["a_datacenter"] if overcome < 1 else 0)


def _without_memory(text: str) -> float:
    """Whether the package is said to hold no high-bandwidth memory; unknown if nothing is said."""
    if re.search(r"hbm\s*=\s*no|no hbm|without hbm", text):
        return 1.0
    return 0.0 if "hbm" in text else 0.5


def _packaged_in_reach(text: str, parcel: Parcel, countries: Countries) -> bool:
    """Whether the part is packaged in Macau or D:5, where a count overcomes nothing.

    An approved packager (Supplement 7) overcomes wherever it sits.
    """
    if re.search(r"approved (osat|packager)", text):
        return False
    found = re.search(r"packaged in ([a-z .]+)", text)
    site = countries.code(found.group(1).strip(" .")) if found else parcel.origin
    armed = groups_at(countries, parcel.on)["D:5 or Macau"]
    return countries.treated_as(site) in armed
