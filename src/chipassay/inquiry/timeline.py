"""What changed for a chip and a destination between two days."""

from __future__ import annotations

import datetime
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.inquiry.shipping import Case


def days_of_change(catalogue: Catalogue, first: str, last: str) -> list[str]:
    """Every day in (first, last] on which a rule's standing or a country group changes."""
    days = {change["day"] for change in catalogue.countries()["changes"]}
    for rule in catalogue.rules().values():
        for status in rule["status"]:
            days |= {status["from_"], status.get("until") or ""}
    return sorted(day for day in days if first < day <= last)


def timeline(case: Case, since: datetime.date, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The ruling on the first day, and again on each day that changed any line of it."""
    last = case.parcel.on.isoformat()
    told: list[dict[str, Any]] = []
    for day in (since.isoformat(), *days_of_change(catalogue, since.isoformat(), last)):
        finding = case.on(datetime.date.fromisoformat(day), catalogue).finding()
        row = {
            "on": day,
            "classification": finding.classification,
            "codified": finding.codified.outcome,
            "enforced": finding.enforced.outcome,
            "because": finding.enforced.because,
            "practical": finding.practical.because,
        }
        if not told or any(told[-1][key] != row[key] for key in row if key != "on"):
            told.append(row)
    return told
