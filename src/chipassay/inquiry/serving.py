"""`serve`: a model on so many chips under a load: latencies, throughput, memory, what binds."""

from __future__ import annotations

from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_asked import Asked, asked
from chipassay.inquiry.serving_fields import fields_of, warnings_of
from chipassay.inquiry.serving_options import Option, Wanted, chosen, options
from chipassay.inquiry.serving_setup import read_setup
from chipassay.inquiry.serving_why import reasons
from chipassay.inquiry.serving_worth import worth
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question


def serve(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `serve`: a closed loop, arrivals at a rate, a trace; or the fewest chips.

    Raises `QuestionError` in one line for words that make no sense.
    """
    came, about = _wanted(question, catalogue)
    fewest: dict[str, Any] = {}
    if about.asked.chips:
        tried = options(about)
        best = chosen(tried, about.asked)
    else:
        from chipassay.inquiry.serving_fleet import smallest

        tried, best, fewest = smallest(about, came)
    fields = fields_of(best, about) | fewest
    warnings = [*_remarks(best, about), *warnings_of(best, about, len(tried))]
    if question.frontier:
        from chipassay.inquiry.serving_frontier import frontier

        fields["points"] = frontier(tried, about.asked)
    context: dict[str, Any] = {"steps": best.about.steps, "case": best.about.case}
    if best.fits and _simulates(about.asked):
        from chipassay.inquiry.load_asked import under_load

        more, context["outcome"] = under_load(best, about, came, fields)
        warnings += more
    notes = Footnotes(catalogue, [about.model])
    why = (*reasons(best, about.asked, catalogue, notes), *worth(best, about, fields, notes))
    refused = not best.fits or not fewest.get("smallest", {"carried": True})["carried"]
    return Answer(question, Part(fields), why, notes.sources(), tuple(warnings), refused, context)


def _wanted(question: Question, catalogue: Catalogue) -> tuple[Any, Wanted]:
    """The question in numbers, and the trace where one was given."""
    model = find_model(catalogue, question.model or "")
    setup = read_setup(question.plan)
    came = None
    if question.trace is not None:
        from chipassay.inquiry.load_asked import asked_by_trace

        came, numbers = asked_by_trace(question, model)
    else:
        numbers = asked(question, model)
    return came, Wanted(question, catalogue, model, setup, numbers, {})


def _simulates(load: Asked) -> bool:
    return bool(load.rate) or load.pattern.simulated


def _remarks(best: Option, about: Wanted) -> list[str]:
    found = [remark for each in best.pools for remark in each.found.remarks]
    return list(dict.fromkeys([*found, *about.model.remarks]))
