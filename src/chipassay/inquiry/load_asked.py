"""Where `serve` has arrivals: from the question's words to a simulation, and into the answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError
from chipassay.inquiry import load as loads
from chipassay.inquiry.serving_asked import Asked, asked
from chipassay.inquiry.serving_options import Option, Wanted, holds
from chipassay.records.question import Question
from chipassay.simulation.loads import Load
from chipassay.simulation.search import Slo
from chipassay.simulation.serving import Outcome


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
    best: Option, about: Wanted, came: Load | None, fields: dict[str, Any]
) -> tuple[list[str], Outcome]:
    """Put the simulation's figures into the answer's fields; what there is to warn of, the run."""
    wanted = about.asked
    whole = loads.fleet(best, about.setup.routing)
    load = came if came is not None else loads.traffic(wanted, best)
    slo = Slo(wanted.ttft, wanted.tpot)
    found, seen, plan, part = loads.simulated(whole, load, best.quantity, slo)
    for name in ("ttft", "tpot", "end_to_end"):
        found[name] = {**fields[name], **found[name]}
    fields.update(found)
    if wanted.slowest:
        fields["curve"] = loads.curve(plan, part, wanted.rates(), found["simulation"]["whole"])
    if wanted.objective and not load.clients:
        fields["goodput"] = loads.within(whole, load, best.quantity, slo)
    if not holds(best, wanted):
        return [], seen
    return list(loads.overload(plan, part, seen, found["simulation"]["whole"])), seen
