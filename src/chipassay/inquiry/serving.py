"""`serve`: a model on so many chips under a load: latencies, throughput, memory, what binds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.fabrics import fabric
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.errors import QuestionError
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_asked import Asked, asked
from chipassay.inquiry.serving_binding import bound_by
from chipassay.inquiry.serving_case import BINARY, Case, Served, band, level, loop, served
from chipassay.inquiry.serving_engine import Engine, engine, formats, habits
from chipassay.inquiry.serving_plans import as_text, as_words, candidates, check, read_plan
from chipassay.inquiry.serving_why import reasons
from chipassay.model.serve_loop import Load, Loop
from chipassay.records.answer import Answer, Basis, Part, Quantity
from chipassay.records.question import Question
from chipassay.records.serve_plan import Formats, ServePlan

BENCHMARK = "varied"
MOST_TRIED = 512
"""Chips up to which a plan that would fit is looked for."""
BASIS = {"own": "interpolated", "design": "transferred", "far": "assumed"}


class Option(NamedTuple):
    """One plan under the load."""

    about: Served
    loop: Loop
    tokens: float
    """Output tokens a second and chip."""

    @property
    def fits(self) -> bool:
        """Whether the weights and one sequence have room."""
        return self.about.memory.fits


def serve(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `serve` for a closed loop, or a rate in its steady state."""
    model = find_model(catalogue, question.model or "")
    found = catalogue.chip(question.chip or "")
    about = engine(catalogue, question.engine, found.entry)
    came = None
    if question.trace is not None:
        from chipassay.inquiry.load_asked import asked_by_trace

        came, wanted = asked_by_trace(question, model)
    else:
        wanted = asked(question, model)
    options = list(_options(question, catalogue, found, model, about, wanted))
    best = chosen(options, wanted)
    fields = _fields(best, wanted, found, model)
    if question.frontier:
        from chipassay.inquiry.serving_frontier import frontier

        fields["points"] = frontier(options, wanted)
    notes = Footnotes(catalogue, [model])
    notes.use(*(catalogue.source(key) for key in about.sources), *model.sources)
    why = reasons(best.about, best.loop, catalogue, notes)
    warnings = (*found.remarks, *model.remarks, *_warnings(best, wanted, options))
    context = {"steps": best.about.steps, "case": best.about.case}
    if wanted.rate and best.fits:
        from chipassay.inquiry.load_asked import under_load

        more, seen = under_load(best, wanted, came, fields)
        warnings, context = (*warnings, *more), {**context, "outcome": seen}
    return Answer(
        question, Part(fields), why, notes.sources(), warnings, refusal=not best.fits,
        context=context,
    )  # fmt: skip


def _options(
    question: Question,
    catalogue: Catalogue,
    found: Found,
    model: FoundModel,
    about: Engine,
    wanted: Asked,
) -> Iterator[Option]:
    """The plan asked, or every plan worth trying."""
    if question.plan is not None:
        plan, cache = read_plan(question.plan, wanted.chips)
        check(plan, model.architecture, wanted.chips)
        plans = [plan]
    else:
        cache = ""
        node = int(fabric(found.entry).domain)
        plans = list(candidates(model.architecture, wanted.chips, node))
    form = formats(model.architecture, wanted.precision, about, cache)
    for plan in plans:
        case = _case(catalogue, found, model, about, form, plan, wanted)
        yield option(served(case), wanted)


def _case(
    catalogue: Catalogue,
    found: Found,
    model: FoundModel,
    about: Engine,
    form: Formats,
    plan: ServePlan,
    wanted: Asked,
) -> Case:
    context = wanted.input + wanted.output / 2.0
    return Case(found.entry, catalogue, model.architecture, plan, form, about, context)


def option(about: Served, wanted: Asked) -> Option:
    """A plan under the load asked."""
    fall, waves, _ = habits(BENCHMARK)
    load = Load(wanted.clients, wanted.input, wanted.output, waves)
    done = loop(about, load, fall)
    if wanted.rate:
        done = at_rate(about, wanted, waves)
    done = Loop(*(float(np.asarray(value)) for value in done))
    return Option(about, done, done.rate * wanted.output / about.case.plan.chips)


def at_rate(about: Served, wanted: Asked, waves: float) -> Loop:
    """The closed loop whose clients together finish as many requests as arrive."""
    fall, _, _ = habits(BENCHMARK)
    clients = np.geomspace(1.0, 65536.0, 97)
    found = loop(about, Load(clients, wanted.input, wanted.output, waves), fall)
    rates = np.maximum.accumulate(found.rate)
    at = int(np.searchsorted(rates, wanted.rate))
    if at >= len(rates):
        at = int(np.argmax(rates >= rates[-1] * 0.999))
    columns = [np.broadcast_to(np.asarray(value, float), len(clients)) for value in found]
    one = Loop(*(column[at] for column in columns))
    return one._replace(ttft=one.steady_ttft)


def chosen(options: list[Option], wanted: Asked) -> Option:
    """The plan with the most tokens a second and chip that fits and meets the objective.

    Raises `QuestionError` where no plan can be made of the chips.
    """
    if not options:
        problem = f"no plan uses {wanted.chips} chips"
        raise QuestionError(problem, where="--chips", hint="give one with --plan")
    fitting = [each for each in options if each.fits]
    if not fitting:
        return min(options, key=lambda each: each.about.memory.used)
    good = [each for each in fitting if misses(each, wanted) <= 1.0]
    if good:
        return max(good, key=lambda each: each.tokens)
    if wanted.ttft < math.inf or wanted.tpot < math.inf:
        return min(fitting, key=lambda each: misses(each, wanted))
    return max(fitting, key=lambda each: each.tokens)


def misses(each: Option, wanted: Asked) -> float:
    """By what factor the worse of two latencies is over its objective."""
    return float(max(each.loop.ttft / wanted.ttft, each.loop.tpot / wanted.tpot))


def quantity(metric: str, value: float, unit: str, at: str) -> Quantity:
    """A figure with the band of its kind at a level."""
    low, high = band(metric, at)
    return Quantity(value, value * low, value * high, unit, cast(Basis, BASIS[at]))


def _fields(best: Option, wanted: Asked, found: Found, model: FoundModel) -> dict[str, Any]:
    about, done = best.about, best.loop
    case, memory = about.case, about.memory
    unknown = math.nan if not best.fits else 1.0
    share = done.held_tokens / memory.tokens if memory.tokens else 0.0
    used = memory.used + min(share, 1.0) * memory.cache
    fields: dict[str, Any] = _figures(best, unknown) | {
        "chip": {"id": found.entry.id, "name": found.entry.name},
        "model": {"id": model.id, "name": model.name},
        "chips": wanted.chips,
        "memory_per_chip": Quantity(used, memory.used, memory.used + memory.cache, "B", "assumed"),
        "memory_capacity": case.chip.number("memory_capacity") * BINARY,
        "memory_parts": {
            "weights": memory.weights,
            "activations": memory.activations,
            "libraries": memory.libraries,
            "cache": memory.cache,
        },
        "fits": best.fits,
        "plan": as_words(case.plan),
        "plan_text": as_text(case.plan),
        "engine": {"id": case.engine.id, "name": case.engine.name},
        "formats": case.formats._asdict(),
        "load": wanted.told(),
        "bound_by": bound_by(about, done) if best.fits else "memory capacity",
        "cache": {
            "capacity_tokens": memory.tokens,
            "held_tokens": done.held_tokens,
            "sequences": done.decoding,
        },
        "steps": {"decode": done.decode_step, "with_prompt": done.mixed_step,
                  "share_with_prompt": done.mixed_share},
    }  # fmt: skip
    if not best.fits:
        fields["would_fit"] = _would_fit(case, wanted)
    return fields


def _figures(best: Option, unknown: float) -> dict[str, Any]:
    """What is predicted, with bands; unknown where the model does not fit."""
    done, at = best.loop, level(best.about.tables)
    return {
        "ttft": {
            "mean": quantity("ttft", done.ttft * unknown, "s", at),
            "steady": quantity("ttft", done.steady_ttft * unknown, "s", at),
            "first_wave": quantity("ttft", done.first_ttft * unknown, "s", at),
        },
        "tpot": {"mean": quantity("tpot", done.tpot * unknown, "s", at)},
        "output_tokens_per_s_per_chip": quantity("throughput", best.tokens * unknown, "1/s", at),
        "requests_per_s": quantity("throughput", done.rate * unknown, "1/s", at),
    }


def _would_fit(case: Case, wanted: Asked) -> str:
    """How many chips of this kind would hold the model."""
    from chipassay.inquiry.serving_case import memory_of

    chips = wanted.chips
    node = int(fabric(case.chip).domain)
    while chips < MOST_TRIED:
        chips *= 2
        for plan in candidates(case.model, chips, node):
            if memory_of(case._replace(plan=plan)).fits:
                return f"fit on {chips} chips ({as_text(plan)})"
    return f"not fit on {chips:,} chips either"


def _warnings(best: Option, wanted: Asked, options: list[Option]) -> Iterator[str]:
    if best.fits and misses(best, wanted) > 1.0:
        over = misses(best, wanted)
        yield f"no plan meets the objective; the nearest is over it by a factor of {over:.2f}"
    if wanted.rate and best.loop.rate < 0.98 * wanted.rate:
        yield (
            f"the queue grows without end: {wanted.rate:.3g} requests a second arrive, "
            f"{best.loop.rate:.3g} can be served"
        )
    if best.about.case.plan.chips < wanted.chips:
        yield f"the plan uses {best.about.case.plan.chips} of {wanted.chips} chips"
    if len(options) > 1:
        yield f"{len(options)} plans tried; --plan asks for one"
