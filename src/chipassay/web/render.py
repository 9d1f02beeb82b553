"""From what a page shows to its HTML."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from chipassay.errors import ChipassayError
from chipassay.views import figures, said
from chipassay.views.chart_svg import numbers, svg
from chipassay.views.figure_groups import figure_groups
from chipassay.views.marked import mark, stretches
from chipassay.views.outcomes import told
from chipassay.views.plan_table import plan_table
from chipassay.views.spellings import as_command, as_python
from chipassay.views.strip import SIGNS, kind
from chipassay.views.whys import why_of
from chipassay.web import pages, words
from chipassay.web.page import Page, settings
from chipassay.web.statics import static, tag

_URGENT = ("no plan meets", "the queue grows", "no request was answered")
_TAGGED = ("pages.css", "pages.js")


@dataclass(frozen=True, slots=True)
class Shown:
    """One page as it is to be shown; `part` is its answer alone, `report` one file with all.

    `uploaded` means that no address can ask it again: the answer is about a file.
    """

    page: str
    given: dict[str, Any]
    built: Page | None
    query: str
    error: ChipassayError | None = None
    waiting: bool = False
    report: bool = False
    part: bool = False
    uploaded: bool = False
    marks: str = ""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("chipassay.web"), autoescape=select_autoescape(default=True),
        undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "banded": figures.banded, "shown": figures.shown, "words": figures.words, "told": told,
        "spread": figures.spread, "unit_of": figures.unit_of,
        "figure_name": said.figure_name, "figure_unit": _figure_unit, "kind": kind,
        "mark": mark, "plan_table": plan_table, "figure_groups": figure_groups,
        "why_of": why_of, "with_plan": _with_plan,
    }  # fmt: skip
    made.tests["quantity"] = figures.is_quantity
    made.globals |= {"signs": SIGNS, "stretches": stretches, "chart": _chart, "drawn": Markup,
                     "numbers": numbers}  # fmt: skip
    return made


def _figure_unit(field: str) -> str:
    """The SI unit of a chip's figure."""
    return words.units().get(field, "1")


def _with_plan(query: str, row: dict[str, Any]) -> str:
    """The address of a plan that a search found."""
    left = [
        (k, v) for k, v in urllib.parse.parse_qsl(query) if k not in ("search", "batch", "plan")
    ]
    return urllib.parse.urlencode([*left, ("batch", row["batch"]), ("plan", row["plan_text"])])


def _chart(figure: Any, title: str) -> Markup:
    """A picture drawn already, with its data for who wants to look closer."""
    return Markup(svg(figure, title))


def rendered(shown: Shown) -> bytes:
    """The page, its answer alone, or its report."""
    template = _environment().get_template(f"{shown.page}.html")
    text = template.render(_context(shown))
    return text.encode("utf-8", "replace")


def _context(shown: Shown) -> dict[str, Any]:
    about = settings()["pages"][shown.page]
    task = pages.TASKS[shown.page][0]
    there = words.there_is(task)
    built = shown.built
    answer = built.answer if built else {}
    return {
        "page": shown.page, "title": about["title"], "about": about["about"], "task": task,
        "nav": [(name, each["title"]) for name, each in settings()["pages"].items()],
        "examples": about["examples"], "there": there, "given": shown.given,
        "form": _form(shown, tuple(about["first"])) if there else None,
        "offered": words.offered(), "query": _complete(shown),
        "marks": shown.marks, "error": shown.error,
        "waiting": shown.waiting, "uploaded": shown.uploaded,
        "report": shown.report, "part": shown.part,
        "built": built, "said": [*built.said, *_urgent(shown), *_changed(shown)] if built else [],
        "answer": answer.get("answer", {}), "charts": built.charts if built else {},
        "tables": built.tables if built else {}, "more": built.more if built else {},
        "because": answer.get("because", []), "sources": answer.get("sources", []),
        "warnings": answer.get("warnings", []), "texts": answer.get("texts", []),
        "refusal": answer.get("refusal", False), "asked": _asked(shown),
        "style": _style() if shown.report else "", "tags": {each: tag(each) for each in _TAGGED},
        "uploads": shown.page in ("check", "serve"),
        "example": settings()["article"] if "example=" in shown.query else "",
    }  # fmt: skip


def _form(shown: Shown, first: tuple[str, ...]) -> dict[str, list[Any]]:
    """The inputs of every task a page asks, those of its main task before the others.

    A day that was left out is shown as the day the question was read on.
    """
    made: dict[str, list[Any]] = {"first": [], "more": []}
    seen: set[str] = set()
    for task in pages.TASKS[shown.page]:
        inputs = words.form(task, _dated(shown), first)
        for place in ("first", "more"):
            fresh = [each for each in inputs[place] if each["name"] not in seen]
            if task == pages.TASKS[shown.page][0] or place == "first":
                made[place] += fresh
        seen |= {each["name"] for each in made["first"] + made["more"]}
    return made


def _dated(shown: Shown) -> dict[str, Any]:
    answer = shown.built.answer if shown.built else {}
    day = answer.get("question", {}).get("on")
    return shown.given | ({"on": day} if day and "on" not in shown.given else {})


def _complete(shown: Shown) -> str:
    """The address of this very answer: an absent day is the day it was asked on."""
    if shown.built is None or "question" not in shown.built.answer:
        return shown.query
    taken = {n: v for n, v in shown.given.items() if n != "on" or shown.page == "compare"}
    asked = taken | _question(shown)
    pairs: list[tuple[str, str]] = []
    for name, value in asked.items():
        spelled = "from" if name == "from_" else name
        if name == "task" or words.is_path(name):
            continue
        if isinstance(value, dict):
            pairs += [(spelled, f"{key}={each}") for key, each in value.items()]
        elif isinstance(value, (list, tuple)):
            pairs.append((spelled, ",".join(map(str, value))))
        else:
            pairs.append((spelled, str(value).lower() if isinstance(value, bool) else str(value)))
    return urllib.parse.urlencode(pairs)


def _urgent(shown: Shown) -> list[str]:
    """Notes that change what the verdict means, said beside it."""
    warnings = shown.built.answer.get("warnings", ()) if shown.built else ()
    return [f"{each[0].upper()}{each[1:]}." for each in warnings if each.startswith(_URGENT)]


def _changed(shown: Shown) -> list[str]:
    """What a what-if changes, said beside the verdict."""
    changes = _question(shown).get("but") or {}
    told = ", ".join(f"{field} = {value}" for field, value in changes.items())
    return [f"What if: {told}; everything else is as it is."] if told else []


def _question(shown: Shown) -> dict[str, Any]:
    """The question that was answered, its task first; a pasted text is a file to be saved."""
    found = dict(shown.built.answer["question"]) if shown.built else {}
    if "files" in found:
        found["files"] = tuple(_SAVED.get(each, each) for each in found["files"])
    return {"task": found.pop("task", None)} | found


PASTED = "the pasted text"
"""What is shown for the name of a text that was pasted."""
_SAVED = {PASTED: "article.txt"}


def _asked(shown: Shown) -> dict[str, str]:
    """The page's questions as commands and as Python."""
    if shown.built is None:
        return {}
    asked = [_question(shown), *_ships(shown), *_frontiers(shown)]
    python = [as_python(each) for each in asked]
    calls = [python[0], *(each.partition("\n")[2] for each in python[1:])]
    return {"command": "\n".join(map(as_command, asked)), "python": "\n".join(calls)}


def _frontiers(shown: Shown) -> list[dict[str, Any]]:
    """The frontiers that an assay shows beside its own answer."""
    found = shown.built.answer.get("frontiers", ()) if shown.built else ()
    return [each["question"] for each in found]


def _ships(shown: Shown) -> list[dict[str, Any]]:
    """The rulings that a comparison shows beside its own answer."""
    if shown.page != "compare" or shown.built is None:
        return []
    own = {name: value for name, value in shown.given.items() if name in words.fields("ship")}
    return [
        {"task": "ship", "chip": chip["id"]} | own | {"on": each["on"]}
        for chip, each in zip(
            shown.built.answer["answer"]["chips"], shown.built.more.get("through", ()), strict=False
        )
    ]


@cache
def _style() -> Markup:
    return Markup(static("pages.css").decode())
