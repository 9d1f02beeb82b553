"""The page of an assay: the law at once, what the chip can do when it is known.

The two do not depend on each other. So the answer to the question without a destination is kept
apart, and another day asks only the law anew; `whole` joins them to the answer of the question.
"""

from __future__ import annotations

from typing import Any

from chipassay.errors import ChipassayError
from chipassay.inquiry.picture import rooflines
from chipassay.records.question import decode, encode
from chipassay.views import charts, glance, said
from chipassay.views.charts_runs import frontiers
from chipassay.views.figures import words as as_words
from chipassay.web.asking import Json, answered
from chipassay.web.law_pages import place_of, through
from chipassay.web.page import Page
from chipassay.web.words import for_task

_CUT_TABLES = ("cuts", "cuts_given_back", "sensitivity", "what_if", "as_claimed")
_USES = (("training", "train"), ("prefill", "prefill"), ("decode", "decode"))
_OF_LAW = ("chip", "against", "to", "on", "but")
"""Words of an assay that its law and its data sheets take."""


def work_of(given: Json) -> Json:
    """The words of an assay that say nothing of a shipment."""
    asked = {name: value for name, value in given.items() if name not in ("to", "on")}
    return {"task": "assay"} | encode(decode(for_task("assay", asked)))


def whole(given: Json, work: Json | None) -> Json:
    """The answer of the whole question, from its law and from the work that was asked apart."""
    asked = for_task("assay", given)
    short = {name: value for name, value in asked.items() if name in _OF_LAW}
    law, lines = answered({"task": "assay"} | short, lines_of)
    found: Json = {"rooflines": lines} | law | {"question": encode(decode(dict(asked)))}
    if work is None:
        return found
    known = {each["name"] for each in law["because"]}
    cited = {each["id"] for each in law["sources"]}
    return found | {
        "answer": law["answer"] | work["answer"],
        "because": law["because"] + [e for e in work["because"] if e["name"] not in known],
        "sources": law["sources"] + [e for e in work["sources"] if e["id"] not in cited],
        "frontiers": work.get("frontiers", []),
        "warnings": list(dict.fromkeys([*law["warnings"], *work["warnings"]])),
    }  # fmt: skip


def lines_of(answer: Any) -> Any:
    """The rooflines behind an answer; None where a figure is missing."""
    try:
        return rooflines(answer)
    except ChipassayError:
        return None


def assay(given: Json, work: Json | None) -> Page:
    """Verdict, ability, cuts, and the ruling through time."""
    answer = whole(given, work)
    told = answer["answer"]
    tables = {"figures": [told]} | {name: told[name] for name in _CUT_TABLES if told.get(name)}
    lines = answer.get("rooflines")
    drawn: dict[str, Any] = {"rooflines": charts.rooflines(lines)} if lines else {}
    drawn |= _cut_charts(told) | _ratio_chart(told)
    curves = [(each["name"], each["points"]) for each in answer.get("frontiers", ())]
    if curves:
        drawn["frontier"] = frontiers(curves)
        tables["frontier"] = [{"chip": name} | row for name, rows in curves for row in rows]
    more: dict[str, Any] = {"glance": glance.of_assay(told)}
    place = ""
    if "ship" in told:
        tables["paragraphs"] = told["ship"]["paragraphs"]
        place = place_of(told["ship"]["to"])
        asked = {name: value for name, value in given.items() if name != "on"}
        asked |= {"chip": told["chip"]["id"], "on": told["ship"]["on"]}
        more["through"] = through(asked)
        tables["timeline"] = more["through"]["rows"]
    return Page(said.assay_said(told, place), answer, drawn, tables, more)


def _cut_charts(told: Json) -> dict[str, Any]:
    found = {}
    for table in _CUT_TABLES:
        rows = [
            row
            for row in told.get(table, ())
            if any(row.get(f"{use}_ratio") for _, use in _USES)
        ]  # fmt: skip
        labels = [said.figure_name(row["field"]) for row in rows]
        series = [
            (title, labels, [row.get(f"{use}_ratio") for row in rows])
            for title, use in _USES
            if any(row.get(f"{use}_ratio") for row in rows)
        ]
        if series:
            against = (told.get("against") or told["chip"])["name"]
            found[table] = charts.bars(f"share of {against}", series)
    return found


def _ratio_chart(told: Json) -> dict[str, Any]:
    if "against" not in told:
        return {}
    rows = {f"{name.upper()} matrix": value for name, value in told["peak_ratio"].items()}
    rows |= {
        as_words(name): told[f"{name}_ratio"]
        for name in ("memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
    }
    name = f"{told['chip']['id']} / {told['against']['id']}"
    series = [(name, [*rows], [*rows.values()])]
    return {"ratios": charts.bars("ratio of data-sheet figures", series, "1: the same")}
