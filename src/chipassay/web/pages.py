"""One builder for each page: an answer in, what its template shows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chipassay.errors import QuestionError
from chipassay.inquiry.beside import beside
from chipassay.records.question import decode, encode
from chipassay.views import charts, glance, said
from chipassay.views.charts_runs import plans, run_charts
from chipassay.views.figures import is_quantity
from chipassay.views.figures import words as as_words
from chipassay.views.timeline_picture import svg as gantt
from chipassay.web.asking import Json, answered
from chipassay.web.assay_page import assay, lines_of, work_of
from chipassay.web.law_pages import law, through
from chipassay.web.page import Page
from chipassay.web.words import for_task

TASKS = {
    "assay": ("assay", "ship"), "compare": ("compare", "ship"), "law": ("ship",),
    "train": ("train",), "serve": ("serve",), "check": ("check",),
    "catalogue": ("show", "chips"),
}  # fmt: skip
"""The tasks whose words a page takes."""
MOST_COMPARED = 4


def compare(given: Json) -> Page:
    """Chips side by side, and where a destination is named, what the law said of each.

    Raises `QuestionError` for more than a reader can tell apart.
    """
    if len(given.get("chips", ())) > MOST_COMPARED:
        hint = "the command compares as many as you like"
        raise QuestionError("four chips at most are set side by side", where="chips", hint=hint)
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


def _beside(answer: Any) -> Any:
    return lines_of(answer), beside(answer.question)


def _by_name(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return found


def run(page: str, answer: Json) -> Page:
    """A training run or a server; shapes are taken as found."""
    told = answer["answer"]
    tables: dict[str, list[Any]] = {"figures": [told]}
    tables |= dict(_lists(told))
    more: dict[str, Any] = {"glance": glance.of_run(page, told)}
    boxes = answer.get("boxes")
    if boxes and told.get("fits"):
        title = f"{told['model']['name']}, {told['plan_text']}"
        more["gantt"] = gantt(boxes, title)
        tables["timeline"] = [box._asdict() for box in boxes]
    lines = said.run_said(page, told)
    if "first" in answer:
        lines.insert(1, answer["first"])
    return Page(lines, answer, run_charts(told), tables, more)


def so_far(answer: Json) -> Page:
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
    "compare": compare, "law": law, "catalogue": catalogue,
}  # fmt: skip
"""Pages whose answer is at hand at once."""


def built(page: str, given: Json, answer: Json | None) -> Page | None:
    """The page of an answer that came from a process of its own, or of what is known before it."""
    if page == "assay":
        return assay(given, answer)
    if answer is None:
        return None
    if "so_far" in answer:
        return so_far(answer)
    return checked(answer) if page == "check" else run(page, answer)


def job_of(page: str, given: Json) -> Json:
    """What a process of its own is asked for a page: of an assay, all but the law."""
    return work_of(given) if page == "assay" else asked_of(page, given)


def asked_of(page: str, given: Json) -> Json:
    """The complete plain words of a page's main question, to copy and to keep."""
    task = {"catalogue": "show" if given.get("chip") else "chips"}.get(page, TASKS[page][0])
    return {"task": task} | encode(decode(for_task(task, given)))
