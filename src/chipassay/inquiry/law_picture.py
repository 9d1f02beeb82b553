"""What a picture of the law needs: limits through time, regions of a day, chips and classes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.inquiry import catalogue_for
from chipassay.inquiry.shipping import Case, case_of
from chipassay.inquiry.timeline import timeline
from chipassay.law.classes import named, possible, table
from chipassay.law.item import item
from chipassay.law.rulebook import Rulebook
from chipassay.records.answer import Answer
from chipassay.records.question import FIRST_DAY
from chipassay.units import parse


def law_picture(answer: Answer) -> dict[str, Any]:
    """The picture behind a ruling: since `--since`, or since the rulebook begins."""
    question = answer.question
    catalogue = catalogue_for(question)
    entry = catalogue.chip(question.chip or "").entry
    case = case_of(entry, numbers(entry), question, catalogue)
    since = question.since or FIRST_DAY
    last = case.parcel.on.isoformat()
    performance = float(case.item.performance)
    return {
        "title": f"{entry.name} to {case.parcel.to}, {since} to {last}",
        "plane": f"3A090 on {last}",
        "performance": None if math.isnan(performance) else performance,
        "steps": list(_steps(catalogue, since.isoformat(), last)),
        "timeline": timeline(case, since, catalogue),
        "regions": list(_regions(case.book)),
        "chips": list(_chips(catalogue, case)),
    }


def _steps(catalogue: Catalogue, since: str, last: str) -> Iterator[dict[str, Any]]:
    for rule in catalogue.rules().values():
        for name, limit in rule.get("limits", {}).items():
            if rule["layer"] not in ("classification", "review") or "performance" not in name:
                continue
            for status in rule["status"]:
                until = min(status.get("until") or last, last)
                begun = max(status["from_"], since)
                if begun < until:
                    value = parse(limit["value"], limit["unit"])
                    yield {"name": rule["paragraph"], "limit": value, "from": begun, "until": until}


def _regions(book: Rulebook) -> Iterator[dict[str, Any]]:
    for rule in book.layer("classification"):
        if rule.test in ("stacked_memory", "performance_and_interconnect", "consumer_part"):
            continue
        bounds = {"performance": 0.0, "density": 0.0}
        bounds |= {"performance_below": parse("1e9 TPP", "bit.FLOP/s")}
        bounds |= {"density_below": parse("1e9 TPP/mm2", "bit.FLOP/s/m2")}
        class_ = rule.paragraph.rsplit(".", 1)[0]
        yield bounds | dict(rule.limits) | {"name": rule.paragraph, "class": class_}


def _chips(catalogue: Catalogue, case: Case) -> Iterator[dict[str, Any]]:
    rows = table(case.book, "ic")
    for entry in catalogue.chips():
        flag = entry.facts.get("marketed_for_datacenter")
        market = bool(flag.value) if flag else None
        of = item(numbers(entry), for_datacenter=market, subject=entry.id)
        known = of.performance == of.performance and of.density == of.density
        if known and entry.status != "cancelled":
            yield {
                "id": entry.id, "performance": float(of.performance), "density": float(of.density),
                "classification": named(int(possible(of, rows))),
                "asked": entry.id == case.entry.id,
            }  # fmt: skip
