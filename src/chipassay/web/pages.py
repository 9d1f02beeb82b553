"""One builder for each page: words in, what its template shows out."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from chipassay.errors import ChipassayError
from chipassay.inquiry.beside import beside
from chipassay.inquiry.law_picture import law_picture
from chipassay.inquiry.picture import rooflines
from chipassay.records.question import FIRST_DAY, decode, encode
from chipassay.views import charts, said
from chipassay.views.figures import is_quantity
from chipassay.views.figures import words as as_words
from chipassay.views.strip import stretches, strip
from chipassay.web.asking import Json, answered
from chipassay.web.words import for_task, offered

MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows: its sentence, its main answer, charts, tables, and more for a template."""

    said: list[str]
    answer: Json
    charts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[Any]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@cache
def settings() -> dict[str, Any]:
    """The pages with their titles, their first inputs and their examples."""
    text = resources.files("chipassay.web").joinpath("examples.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


TASKS = {
    "assay": ("assay", "ship"), "compare": ("compare", "ship"), "law": ("ship",),
    "train": ("train",), "serve": ("serve",), "check": ("check",),
    "catalogue": ("show", "chips"),
}  # fmt: skip
"""The tasks whose words a page takes."""


def assay(given: Json) -> Page:
    """Verdict, ability, cuts, and the ruling through time."""
    answer, lines = answered(for_task("assay", given), _rooflines)
    told = answer["answer"]
    tables = {"figures": [told]} | {
        name: told[name]
        for name in ("cuts", "cuts_given_back", "sensitivity", "what_if")
        if told.get(name)
    }
    drawn: dict[str, Any] = {"rooflines": charts.rooflines(lines)} if lines else {}
    drawn |= _cut_charts(told) | _ratio_chart(told)
    more: dict[str, Any] = {}
    if "ship" in told:
        tables["paragraphs"] = told["ship"]["paragraphs"]
        more["through"] = through(given | {"chip": told["chip"]["id"]})
    return Page(said.assay_said(told), answer, drawn, tables, more)


def _rooflines(answer: Any) -> Any:
    try:
        return rooflines(answer)
    except ChipassayError:
        return None


def _cut_charts(told: Json) -> dict[str, Any]:
    found = {}
    uses = (("training", "train"), ("prefill", "prefill"), ("decode", "decode"))
    for table in ("cuts", "cuts_given_back", "what_if"):
        rows = [row for row in told.get(table, ()) if any(row[f"{u}_ratio"] for _, u in uses)]
        labels = [said.figure_name(row["field"]) for row in rows]
        series = [
            (title, labels, [row[f"{use}_ratio"] for row in rows])
            for title, use in uses
            if any(row[f"{use}_ratio"] for row in rows)
        ]
        if series:
            against = (told.get("against") or told["chip"])["name"]
            found[table] = charts.bars(f"share of {against}", series)
    return found


def _ratio_chart(told: Json) -> dict[str, Any]:
    if "against" not in told:
        return {}
    rows = {f"{name} matrix": value for name, value in told["peak_ratio"].items()}
    rows |= {
        as_words(name): told[f"{name}_ratio"]
        for name in ("memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
    }
    name = f"{told['chip']['id']} / {told['against']['id']}"
    series = [(name, [*rows], [*rows.values()])]
    return {"ratios": charts.bars("ratio of data-sheet figures", series)}


def through(given: Json) -> dict[str, Any]:
    """The ruling on every day the rulebook knows, up to today, and a strip of it."""
    asked = for_task("ship", given)
    on = asked.get("on") or _today()
    last = max(str(on), _today())
    asked |= {"since": FIRST_DAY.isoformat(), "on": last}
    told = answered(asked)[0]["answer"]
    title = f"{told['chip']['name']} to {told['to']}: what was enforced, by day"
    rows = told["timeline"]
    return {
        "on": str(on), "last": last, "rows": rows, "stretches": stretches(rows, last),
        "strip": strip(rows, str(on), last, title), "name": told["chip"]["name"],
        "first": FIRST_DAY.isoformat(),
    }  # fmt: skip


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


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
        drawn[per] = charts.bars(f"ratio to {first}, {as_words(per)}", series)
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
            found.append(f"{each['name']} on {each['on']}: {holds[-1]['told']}.")
    return found


def _beside(answer: Any) -> Any:
    return _rooflines(answer), beside(answer.question)


def _by_name(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return found


def law(given: Json) -> Page:
    """The ruling of a day, its paragraphs, and the picture of the law."""
    answer, picture = answered(for_task("ship", given), law_picture)
    told = answer["answer"]
    more = {"through": through(given | {"chip": told["chip"]["id"]})}
    drawn = {"limits": charts.limits(picture), "plane": charts.plane(picture)}
    tables = {"paragraphs": told["paragraphs"], "timeline": more["through"]["rows"],
              "chips": picture["chips"]}  # fmt: skip
    if told.get("ceilings"):
        tables["ceilings"] = told["ceilings"]
    return Page(said.ship_said(told), answer, drawn, tables, more)


def run(task: str, answer: Json) -> Page:
    """A training run or a server, from the answer of another process; shapes are taken as found."""
    told = answer["answer"]
    tables: dict[str, list[Any]] = {"figures": [told]}
    for path, rows in _lists(told):
        tables[path] = rows
    drawn: dict[str, Any] = {}
    parts = told.get("memory_parts")
    if isinstance(parts, dict):
        drawn["memory"] = charts.in_unit(
            "memory of a chip", "GB", parts.items(), told.get("memory_capacity")
        )
    if isinstance(told.get("breakdown"), dict):
        numbers = [(k, v) for k, v in told["breakdown"].items() if isinstance(v, (int, float))]
        drawn["breakdown"] = charts.stacked("seconds of a step, in the order they add up", numbers)
    for name in ("points", "frontier", "load", "curve"):
        if isinstance(told.get(name), list) and told[name]:
            drawn |= charts.curves(name, told[name])
    return Page(said.run_said(task, told), answer, drawn, tables)


def _lists(value: Any, path: str = "") -> list[tuple[str, list[Any]]]:
    """Every list of records in an answer, by its path."""
    if isinstance(value, dict) and not is_quantity(value):
        pairs = [_lists(each, f"{path}.{key}" if path else key) for key, each in value.items()]
        return [found for each in pairs for found in each]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [(path, value)]
    return []


def checked(answer: Json) -> Page:
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
    "assay": assay, "compare": compare, "law": law, "catalogue": catalogue,
}  # fmt: skip
"""Pages whose answer is at hand at once."""


def asked_of(page: str, given: Json) -> Json:
    """The complete plain words of a page's main question, to copy and to keep."""
    task = {"catalogue": "show" if given.get("chip") else "chips"}.get(page, TASKS[page][0])
    return {"task": task} | encode(decode(for_task(task, given)))


def names() -> Any:
    """What the inputs suggest."""
    return offered()
