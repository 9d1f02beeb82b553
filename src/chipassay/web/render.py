"""From what a page shows to its HTML."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from chipassay.errors import ChipassayError
from chipassay.views import figures, said
from chipassay.views.chart_svg import svg
from chipassay.views.marked import mark, stretches
from chipassay.views.outcomes import told
from chipassay.views.spellings import as_command, as_python
from chipassay.views.strip import SIGNS, kind
from chipassay.web import pages, words

_TEMPLATES = {"train": "run", "serve": "run"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page as it is to be shown; `part` is its answer alone, `report` one file with all."""

    page: str
    given: dict[str, Any]
    built: pages.Page | None
    query: str
    error: ChipassayError | None = None
    waiting: bool = False
    report: bool = False
    part: bool = False
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
        "figure_name": said.figure_name, "kind": kind, "mark": mark,
    }  # fmt: skip
    made.tests["quantity"] = figures.is_quantity
    made.globals |= {"signs": SIGNS, "stretches": stretches, "chart": _chart, "drawn": Markup}
    return made


def _chart(figure: Any, title: str) -> Markup:
    """A picture drawn already, with its data for who wants to look closer."""
    return Markup(svg(figure, title))


def rendered(shown: Shown) -> bytes:
    """The page, its answer alone, or its report."""
    template = _environment().get_template(f"{_TEMPLATES.get(shown.page, shown.page)}.html")
    text = template.render(_context(shown))
    return text.encode("utf-8", "replace")


def _context(shown: Shown) -> dict[str, Any]:
    about = pages.settings()["pages"][shown.page]
    task = pages.TASKS[shown.page][0]
    there = words.there_is(task)
    built = shown.built
    answer = built.answer if built else {}
    return {
        "page": shown.page, "title": about["title"], "about": about["about"], "task": task,
        "nav": [(name, each["title"]) for name, each in pages.settings()["pages"].items()],
        "examples": about["examples"], "there": there, "given": shown.given,
        "form": _form(shown, tuple(about["first"])) if there else None,
        "offered": words.offered(), "query": _complete(shown),
        "marks": shown.marks, "error": shown.error,
        "waiting": shown.waiting, "report": shown.report, "part": shown.part,
        "built": built, "said": built.said if built else [],
        "answer": answer.get("answer", {}), "charts": built.charts if built else {},
        "tables": built.tables if built else {}, "more": built.more if built else {},
        "because": answer.get("because", []), "sources": answer.get("sources", []),
        "warnings": answer.get("warnings", []), "texts": answer.get("texts", []),
        "refusal": answer.get("refusal", False), "asked": _asked(shown),
        "style": _style() if shown.report else "", "data": json.dumps,
        "uploads": shown.page == "check" or (shown.page == "serve" and _takes_trace()),
        "address": f"/{shown.page}?{shown.query}", "quoted": urllib.parse.quote,
    }  # fmt: skip


def _takes_trace() -> bool:
    from chipassay.records.question import Question

    return "trace" in Question.model_fields


def _form(shown: Shown, first: tuple[str, ...]) -> dict[str, list[Any]]:
    """The inputs of every task a page asks, those of its main task before the others."""
    made: dict[str, list[Any]] = {"first": [], "more": []}
    seen: set[str] = set()
    for task in pages.TASKS[shown.page]:
        inputs = words.form(task, shown.given, first)
        for place in ("first", "more"):
            fresh = [each for each in inputs[place] if each["name"] not in seen]
            if task == pages.TASKS[shown.page][0] or place == "first":
                made[place] += fresh
        seen |= {each["name"] for each in made["first"] + made["more"]}
    return made


def _complete(shown: Shown) -> str:
    """The address of this very answer: an absent day is the day it was asked on."""
    if shown.built is None or "question" not in shown.built.answer:
        return shown.query
    taken = {n: v for n, v in shown.given.items() if n != "on" or shown.page == "compare"}
    asked = taken | {k: v for k, v in shown.built.answer["question"].items() if k != "task"}
    pairs: list[tuple[str, str]] = []
    for name, value in asked.items():
        spelled = "from" if name == "from_" else name
        if isinstance(value, dict):
            pairs += [(spelled, f"{key}={each}") for key, each in value.items()]
        elif isinstance(value, (list, tuple)):
            pairs.append((spelled, ",".join(map(str, value))))
        else:
            pairs.append((spelled, str(value).lower() if isinstance(value, bool) else str(value)))
    return urllib.parse.urlencode(pairs)


def _asked(shown: Shown) -> dict[str, str]:
    """The page's question as a command and as Python."""
    if shown.built is None:
        return {}
    asked = {"task": shown.built.answer["question"]["task"]} | shown.built.answer["question"]
    asked = {"task": asked.pop("task")} | asked
    return {"command": as_command(asked), "python": as_python(asked)}


@cache
def _style() -> Markup:
    text = resources.files("chipassay.web").joinpath("static", "pages.css").read_text("utf-8")
    return Markup(text)
