"""Parts and shipments for tests of the law, as data sheets and tables of cases give them."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.inquiry.shipping import case_of
from chipassay.law import rulebook
from chipassay.law.countries import Countries
from chipassay.law.item import measured
from chipassay.law.judge import Finding, Part, judge
from chipassay.law.parcel import Parcel, Party
from chipassay.law.rulebook import Rulebook
from chipassay.records.item import Item
from chipassay.records.question import decode
from chipassay.units import parse

CATALOGUE = Catalogue.shipped()
COUNTRIES = Countries(CATALOGUE.countries())
CASES = Path(__file__).parents[2] / "shared" / "law" / "cases.csv"
NAN = float("nan")
DENIED = "licence:presumption_of_denial"
APPROVED = "licence:presumption_of_approval"
CASE_BY_CASE = "licence:case_by_case"
CERTIFIED = "licence:case_by_case_if_certified"
NOTIFIED = "exception:NAC_notify_25d"
UNNOTIFIED = "exception:NAC_no_notice"
ACA = "exception:ACA"
LETTER = "licence:letter"
LISTED = "licence:entity_list"
EMBARGO = "licence:part_746_policy"
FREE = "no_licence"
PENDING = "no_licence:compliance_date_pending"
ASLEEP = "no_licence:codified_but_not_enforced"
NEW = "2024-01-01"  # a day under the rule of November 2023
OLD = "2022-12-01"  # a day under the rule of October 2022


def part(
    tpp: float | str = NAN,
    *,
    area: float | str = NAN,
    density: float | str = NAN,
    io: float | str = NAN,
    memory: float | str = NAN,
    stack: float | str = NAN,
    datacenter: bool | None = True,
    least: bool = False,
) -> Item:
    """A part from TPP, mm2 or TPP/mm2, and GB/s."""

    def read(value: float | str, spelling: str, unit: str) -> float:
        return NAN if value != value or value == "" else parse(f"{value} {spelling}", unit)

    item = measured(
        read(tpp, "TPP", "bit.FLOP/s"),
        read(area, "mm2", "m2"),
        least=least,
        input_output=read(io, "GB/s", "B/s"),
        memory_bandwidth=read(memory, "GB/s", "B/s"),
        for_datacenter=0.5 if datacenter is None else float(datacenter),
        stack_density=read(stack, "GB/s/mm2", "B/s/m2"),
    )
    given = read(density, "TPP/mm2", "bit.FLOP/s/m2")
    return item._replace(density=given, density_most=given) if given == given else item


@functools.lru_cache(maxsize=4096)
def book(day: str, known: str = "") -> Rulebook:
    """The rulebook of a day."""
    known_on = datetime.date.fromisoformat(known) if known else None
    return rulebook.at(datetime.date.fromisoformat(day), CATALOGUE.rules(), known_on)


def parcel(
    day: str,
    to: str = "CN",
    *,
    origin: str = "US",
    hq: str = "",
    movement: str = "export",
    party: Party | None = None,
    designer: str = "US",
) -> Parcel:
    """A shipment; made in the US by a company from there unless said otherwise."""
    on = datetime.date.fromisoformat(day)
    return Parcel(on, to, origin, hq, movement, party or Party(), designer)


def ruled(
    of: Item, day: str, to: str = "CN", *, chip: str = "", maker: str = "", kind: str = "ic",
    hq: str = "", origin: str = "US", movement: str = "export", party: Party | None = None,
    designer: str = "US",
) -> Finding:  # fmt: skip
    """The finding for a part and a shipment."""
    sent = parcel(day, to, hq=hq, origin=origin, movement=movement, party=party, designer=designer)
    return judge(of, Part(chip, chip, maker, kind), sent, book(day), COUNTRIES)


def shipped(name: str, day: str, to: str = "CN", **words: object) -> Finding:
    """The finding for a chip of the catalogue."""
    question = decode({"task": "ship", "chip": name, "to": to, "on": day, **words})
    entry = CATALOGUE.chip(name).entry
    return case_of(entry, numbers(entry), question, CATALOGUE).finding()


def paragraph(finding: Finding, name: str) -> str:
    """What one paragraph of a finding says."""
    return next(each.outcome for each in finding.paragraphs if each.id == name)
