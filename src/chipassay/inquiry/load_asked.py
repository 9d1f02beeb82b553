"""Where `serve` has arrivals: from the question's words to a simulation, and into the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError
from chipassay.inquiry import load as loads
from chipassay.inquiry.serving_asked import Asked, asked
from chipassay.inquiry.serving_case import level
from chipassay.records.question import Question
from chipassay.simulation.loads import Load
from chipassay.simulation.search import Slo

if TYPE_CHECKING:
    from chipassay.inquiry.serving import Option


def asked_by_trace(question: Question, model: FoundModel) -> tuple[Load, Asked]:
    """A trace, and the question as if it had asked for the trace's means."""
    load = loads.trace(question.trace or "")
    if not load.rate > 0:
        what = "a trace needs two requests at least, at different times"
        raise QuestionError(what, where=str(question.trace), hint="ask with --input and --output")
    means = {
        "input": f"{np.mean(load.prompt):.1f}",
        "output": f"{np.mean(load.output):.1f}",
        "rate": repr(load.rate),
        "trace": None,
    }
    return load, asked(question.model_copy(update=means), model)


def under_load(
    best: Option, wanted: Asked, came: Load | None, fields: dict[str, Any]
) -> tuple[list[str], Any]:
    """Put the simulation's figures into the answer's fields; what there is to warn of, the run."""
    from chipassay.inquiry.serving import quantity

    case, steps = best.about.case, best.about.steps
    at = level(best.about.tables)

    def band(metric: str, value: float, unit: str) -> Any:
        return quantity(metric, value, unit, at)

    plan = loads.fleet(
        steps, case.plan.replica_chips, case.plan.replicas, bool(case.engine.habits.mixes)
    )
    load = came or loads.traffic(wanted.input, wanted.output, wanted.rate, steps)
    slo = Slo(wanted.ttft, wanted.tpot)
    found, seen = loads.simulated(plan, load, band, slo)
    for name in ("ttft", "tpot"):
        found[name] = {**fields[name], **found[name]}
    fields.update(found)
    if min(slo.first, slo.token) < float("inf"):
        fields["goodput"] = loads.within(plan, load, band, slo)
    told = best.loop.rate < 0.98 * wanted.rate
    return [] if told else list(loads.overload(plan, load, seen)), seen
