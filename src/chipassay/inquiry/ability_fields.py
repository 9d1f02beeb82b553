"""What an assay says of training and of serving, with the ratio to another chip and its grounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel
from chipassay.inquiry.abilities import Side
from chipassay.inquiry.ability_reasons import serving_reasons, training_reasons
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.ratios import ratio_of, unknown, worse
from chipassay.inquiry.serving_beside import Serving
from chipassay.inquiry.serving_binding import bound_by
from chipassay.inquiry.serving_case import band, level
from chipassay.inquiry.training_beside import Training
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.model.train_step import Step
from chipassay.model.train_tuning import known
from chipassay.records.answer import Basis, Quantity, Reason

SERVED: dict[str, Basis] = {"own": "interpolated", "design": "transferred", "far": "assumed"}


def train_fields(
    sides: list[Side], model: FoundModel, catalogue: Catalogue, notes: Footnotes,
    reasons: list[Reason],
) -> dict[str, Any]:  # fmt: skip
    """Tokens a second and chip under the best plan, and their ratio to the second side's."""
    own = sides[0]
    about = own.training
    rate, basis = own.rates(0).train, training_basis(own.training)
    result: dict[str, Any] = {
        "model": identity(model),
        "tokens_per_s_per_chip": _rate(rate, about, basis),
        "bound_by": _train_bound(own),
        "fits": None if about is None else rate > 0,
        "needs": [name for side in sides for name in side.train_needs],
        "workload": _train_load(sides),
        "plan_text": {side.entry.id: side.trained[0].text for side in sides if side.trained},
    }
    if len(sides) > 1:
        grounds = worse(*(training_basis(side.training) for side in sides))
        rates = [side.rates(0).train for side in sides]
        chips = sides[0].entry, sides[1].entry
        result["throughput_ratio"] = ratio_of(
            "train", rates[0], rates[1], chips, catalogue, grounds
        )
    notes.use(catalogue.source("training_rows"))
    reasons += training_reasons(sides, result, notes)
    return result


def serve_fields(
    sides: list[Side], model: FoundModel, catalogue: Catalogue, notes: Footnotes,
    reasons: list[Reason],
) -> dict[str, Any]:  # fmt: skip
    """Output tokens a second and chip under the best plan, latencies, and ratios."""
    own = sides[0]
    about = own.whole.about
    at = level(about.tables) if about is not None else "far"
    loop = own.whole.loop
    asked = own.serving is not None
    result: dict[str, Any] = {
        "model": identity(model),
        "output_tokens_per_s_per_chip": _served(
            "throughput", own.whole.tokens if asked else math.nan, "1/s", at
        ),
        "tpot": _served("tpot", loop.tpot if loop else math.nan, "s", at),
        "ttft": _served("ttft", loop.ttft if loop else math.nan, "s", at),
        "prefill_tokens_per_s_per_chip": _phase("ttft", own.rates(0).prefill, at),
        "decode_tokens_per_s_per_chip": _phase("tpot", own.rates(0).decode, at),
        "fits": bool(own.phases and own.phases[0].decode.plan) if asked else None,
        "bound_by": bound_by(about, loop) if about is not None and loop else "unknown",
        "needs": [name for side in sides for name in side.serve_needs],
        "workload": _serve_load(sides),
        "plan_text": {side.entry.id: _serve_plan(side) for side in sides if side.serving},
    }
    if len(sides) > 1:
        result |= _serving_ratios(sides, catalogue)
    notes.use(catalogue.source("serving_rows"), catalogue.source("nccl_rows"))
    reasons += serving_reasons(sides, result, notes)
    return result


def identity(model: FoundModel) -> dict[str, Any]:
    """Which model, and how large."""
    parameters = float(model.numbers().parameters)
    return {"id": model.id, "name": model.name, "parameters": parameters}


def training_basis(about: Training | None) -> Basis:
    """How a chip's training figure is known; assumed where it is not."""
    if about is None:
        return "assumed"
    basis = known(fits(), _place(about))
    if about.problem.machine.product.choice.basis == "assumed" and basis != "interpolated":
        return "assumed"
    return cast(Basis, basis)


def _place(about: Training) -> Any:
    wanted = about.wanted
    chip, model = about.found.entry, about.model.id
    return place_of(wanted.stack, chip, about.catalogue, wanted.precision, model)


def serving_basis(side: Side) -> Basis:
    """How a chip's serving figures are known; assumed where they are not."""
    return SERVED[side.near]


def _rate(rate: float, about: Training | None, basis: Basis) -> Quantity:
    if about is None:
        return unknown(basis, "1/s")
    near = known(fits(), _place(about)) == "interpolated"
    low, high = fits()["bands"]["interpolated" if near else "transferred"]
    return Quantity(rate, rate * math.exp(-high), rate * math.exp(-low), "1/s", basis)


def _served(metric: str, value: float, unit: str, at: str) -> Quantity:
    low, high = band(metric, at)
    return Quantity(value, value * low, value * high, unit, SERVED[at])


def _phase(metric: str, rate: float, at: str) -> Quantity:
    """A rate, banded as the time it is one over."""
    low, high = band(metric, at)
    return Quantity(rate, rate / high, rate / low, "1/s", SERVED[at])


def _train_bound(side: Side) -> str:
    """The part of a step that takes the longest."""
    done = side.step()
    if done is None:
        return "unknown" if side.training is None else "memory capacity"
    return max(Step._fields[1:], key=lambda name: float(getattr(done, name)))


def _train_load(sides: list[Side]) -> dict[str, Any]:
    abouts = [side.training for side in sides if side.training is not None]
    if not abouts:
        return {}
    wanted = abouts[0].wanted
    return {
        "chips": wanted.chips, "batch": wanted.batch, "sequence": wanted.sequence,
        "precision": wanted.precision, "stack": _joined(about.wanted.stack for about in abouts),
    }  # fmt: skip


def _serve_load(sides: list[Side]) -> dict[str, Any]:
    abouts: list[Serving] = [side.serving for side in sides if side.serving is not None]
    if not abouts:
        return {}
    wanted = abouts[0].wanted
    load: dict[str, Any] = {"chips": wanted.chips, "input": wanted.input, "output": wanted.output}
    if not abouts[0].free:
        load["concurrency"] = wanted.clients
    limits = {"ttft": wanted.ttft, "tpot": wanted.tpot}
    load |= {name: limit for name, limit in limits.items() if limit < math.inf}
    engines = _joined(about.case.engine.id for about in abouts)
    return load | {"precision": wanted.precision, "engine": engines}


def _joined(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _serve_plan(side: Side) -> str:
    from chipassay.inquiry.serving_plans import as_text

    return as_text(side.whole.about.case.plan) if side.whole.about is not None else ""


def _serving_ratios(sides: list[Side], catalogue: Catalogue) -> dict[str, Any]:
    """Throughput under the load, prefill and decode alone, and the same under other loads."""
    basis = worse(*(serving_basis(side) for side in sides))
    chips = sides[0].entry, sides[1].entry
    known_ = all(side.serving is not None for side in sides)

    def over(kind: str, one: float, other: float) -> Quantity:
        return ratio_of(kind, one if known_ else math.nan, other, chips, catalogue, basis)

    rates = [side.rates(0) for side in sides]
    loads = zip(sides[0].whole.loads, sides[1].whole.loads, strict=True) if known_ else ()
    return {
        "throughput_ratio": over("throughput", sides[0].whole.tokens, sides[1].whole.tokens),
        "prefill_ratio": over("ttft", rates[0].prefill, rates[1].prefill),
        "decode_ratio": over("tpot", rates[0].decode, rates[1].decode),
        "by_load": [
            {"concurrency": mine[0], "throughput_ratio": over("throughput", mine[1], theirs[1]),
             "decode_ratio": over("tpot", mine[2], theirs[2])}
            for mine, theirs in loads
        ],
    }  # fmt: skip
