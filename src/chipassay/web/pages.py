"""One builder for each page: an answer in, what its template shows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chipassay.errors import ChipassayError
from chipassay.inquiry.beside import beside
from chipassay.inquiry.picture import rooflines
from chipassay.records.question import decode, encode
from chipassay.views import charts, glance, said
from chipassay.views.charts_runs import plans, run_charts
from chipassay.views.figures import is_quantity
from chipassay.views.figures import words as as_words
from chipassay.views.timeline_picture import svg as gantt
from chipassay.web.asking import Json, answered
from chipassay.web.law_pages import law, place_of, through
from chipassay.web.page import Page
from chipassay.web.words import for_task

TASKS = {
    "assay": ("assay", "ship"), "compare": ("compare", "ship"), "law": ("ship",),
    "train": ("train",), "serve": ("serve",), "check": ("check",),
    "catalogue": ("show", "chips"),
}  # fmt: skip
"""The tasks whose words a page takes."""
_CUT_TABLES = ("cuts", "cuts_given_back", "sensitivity", "what_if", "as_claimed")
_USES = (("training", "train"), ("prefill", "prefill"), ("decode", "decode"))


def assay(given: Json, answer: Json) -> Page:
    """Verdict, ability, cuts, and the ruling through time."""
    told = answer["answer"]
    tables = {"figures": [told]} | {name: told[name] for name in _CUT_TABLES if told.get(name)}
    lines = answer.get("rooflines")
    drawn: dict[str, Any] = {"rooflines": charts.rooflines(lines)} if lines else {}
    drawn |= _cut_charts(told) | _ratio_chart(told)
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


def compare(given: Json) -> Page:
    """Chips side by side, and where a destination is named, what the law said of each."""
    answer, (lines, rows) = answered(for_task("compare", given), _beside)
    told = answer["answer"]
    drawn: dict[str, Any] = {"rooflines": charts.rooflines(lines)} if lines else {}
    for per in ("per_chip", "per_watt", "per_dollar"):
        series = [
            (name, [as_words(row["measure"]) for row in own], [row[per] for row in own])
            for name, own in _by_name(rows).items()
        ]
        first = told["chips"][0]["name"]
        drawn[per] = charts.bars(f"ratio to {first}, {as_words(per)}", series, "1: the same")
    more: dict[str, Any] = {}
    if given.get("to"):
        more["through"] = [through(given | {"chip": chip["id"]}) for chip in told["chips"]]
    names = [chip["name"] for chip in told["chips"]]
    sentence = f"{' and '.join(names[:2]) if len(names) == 2 else ', '.join(names)}, side by side."
    tables = {"rows": told["rows"], "beside": rows}
    return Page([sentence, *_told_on(more)], answer, drawn, tables, more)


def _told_on(more: Mapping[str, Any]) -> list[str]:
    found = []
    for each in more.get("through", ()):
        holds = [s for s in each["stretches"] if s["from"] <= each["on"]]
        if holds:
            sign, told = holds[-1]["sign"], holds[-1]["told"]
            found.append(f"{sign} {each['name']} to {each['place']} on {each['on']}: {told}.")
    return found


def lines_of(answer: Any) -> Any:
    """The rooflines behind an answer; None where a figure is missing."""
    try:
        return rooflines(answer)
    except ChipassayError:
        return None


def _beside(answer: Any) -> Any:
    return lines_of(answer), beside(answer.question)


def _by_name(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return found


def run(page: str, given: Json, answer: Json) -> Page:
    """A training run or a server; shapes are taken as found."""
    told = answer["answer"]
    tables: dict[str, list[Any]] = {"figures": [told]}
    tables |= dict(_lists(told))
    more: dict[str, Any] = {"glance": glance.of_run(page, told)}
    boxes = answer.get("boxes")
    if boxes:
        title = f"{told['model']['name']}, {told['plan_text']}"
        more["gantt"] = gantt(boxes, title)
        tables["timeline"] = [box._asdict() for box in boxes]
    return Page(said.run_said(page, told), answer, run_charts(told), tables, more)


def so_far(page: str, answer: Json) -> Page:
    """The plans that a search has found by now."""
    told = answer["so_far"]
    best = told["best"]
    drawn = {"plans": plans({"best": best}, None)} if len(best) > 1 else {}
    sentence = f"The best of {told['done']:,} plans so far; {told['total']:,} will be tried."
    return Page([sentence], answer, drawn, {"best so far": best}, {"so_far": told})


def _lists(value: Any, path: str = "") -> list[tuple[str, list[Any]]]:
    """Every list of records in an answer, by its path."""
    if isinstance(value, dict) and not is_quantity(value):
        pairs = [_lists(each, f"{path}.{key}" if path else key) for key, each in value.items()]
        return [found for each in pairs for found in each]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [(path, value)]
    return []


def checked(page: str, given: Json, answer: Json) -> Page:
    """An article's claims."""
    told = answer["answer"]
    return Page([told["summary"]], answer, tables={"claims": told["claims"]})


def catalogue(given: Json) -> Page:
    """One chip's figures, or every chip in a line."""
    if given.get("chip"):
        answer, _ = answered(for_task("show", given))
        told = answer["answer"]
        rows = [{"figure": name} | figure for name, figure in told["figures"].items()]
        sentence = f"{told['chip']['name']}: {len(rows)} figures, each with its source."
        return Page([sentence], answer, tables={"figures": rows, "prices": told.get("prices", [])})
    answer, _ = answered(for_task("chips", given))
    rows = answer["answer"]["chips"]
    return Page([f"{len(rows)} chips; choose one for its figures."], answer, tables={"chips": rows})


QUICK: dict[str, Callable[[Json], Page]] = {
    "compare": compare, "law": law, "catalogue": catalogue,
}  # fmt: skip
"""Pages whose answer is at hand at once."""


def built(page: str, given: Json, answer: Json) -> Page:
    """The page of an answer that came from a process of its own."""
    if "so_far" in answer:
        return so_far(page, answer)
    if page == "assay":
        return assay(given, answer)
    return (checked if page == "check" else run)(page, given, answer)


def asked_of(page: str, given: Json) -> Json:
    """The complete plain words of a page's main question, to copy and to keep."""
    task = {"catalogue": "show" if given.get("chip") else "chips"}.get(page, TASKS[page][0])
    return {"task": task} | encode(decode(for_task(task, given)))
