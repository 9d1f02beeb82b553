"""What a chip does for a model, and against another: the first assay's two kinds of work."""

from __future__ import annotations

import math
from typing import Any

from chipassay.catalogue.models import FoundModel
from chipassay.formulas.roofline import ratio
from chipassay.inquiry.bands import Share, rate_band, ratio_band, time_band
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.side import (
    SERVE_FIELDS,
    TRAIN_FIELDS,
    Side,
    stated_work,
    training_sequence,
)
from chipassay.model.first_serve import Serving, serving
from chipassay.model.first_train import Training, training
from chipassay.records.answer import Reason
from chipassay.records.model import Model
from chipassay.records.workload import Workload
from chipassay.units import Num

CROWDS = (8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""Requests in flight over which a serving ratio is banded: it moves with the batch."""


def train(
    sides: list[Side], model: FoundModel, share: Share, notes: Footnotes, reasons: list[Reason]
) -> dict[str, Any]:
    """Tokens a second of the first side, and their ratio to the second side's."""
    shape = model.numbers()
    work = stated_work(sequence=training_sequence(model))
    rates = [training(side.rate, side.chip, shape, work) for side in sides]
    own = rates[0].tokens_per_second
    reasons += notes.reasons("train.tokens_per_s_per_chip, at full rates", own)
    result: dict[str, Any] = {
        "model": identity(model, shape),
        "tokens_per_s_per_chip": rate_band(_arithmetic_rate(rates[0], work), share),
        "bound_by": bound_by(rates[0]),
        "workload": {"sequence": float(work.sequence), "tensor_parallel": float(work.group)},
        "needs": [name for side in sides for name in side.unknown(TRAIN_FIELDS)],
    }
    if len(sides) > 1:
        value = ratio(own, rates[1].tokens_per_second)
        reasons += notes.reasons("train.throughput_ratio", value)
        result["throughput_ratio"] = ratio_band(value, value, value, share)
    return result


def serve(
    sides: list[Side], model: FoundModel, share: Share, notes: Footnotes, reasons: list[Reason]
) -> dict[str, Any]:
    """Output tokens a second of the first side, and ratios to the second side's."""
    shape, work = model.numbers(), stated_work()
    answers = [serving(side.rate, side.chip, shape, work) for side in sides]
    own = answers[0]
    reasons += notes.reasons("serve.tokens_per_s_per_chip, at full rates", own.tokens_per_second)
    result: dict[str, Any] = {
        "model": identity(model, shape),
        "output_tokens_per_s_per_chip": rate_band(own.tokens_per_second, share),
        "tpot": time_band(_time_per_token(own, work), share),
        "fits": None if math.isnan(own.in_flight) else bool(own.in_flight >= 1),
        "bound_by": decode_bound(own),
        "workload": {name: float(value) for name, value in work._asdict().items()},
        "needs": [name for side in sides for name in side.unknown(SERVE_FIELDS)],
    }
    if len(sides) > 1:
        value: Num = math.nan
        if answers[1].tokens_per_second:  # who holds no request has no rate to divide by
            value = ratio(own.tokens_per_second, answers[1].tokens_per_second)
            reasons += notes.reasons("serve.throughput_ratio", value)
        result |= _serving_ratios(sides, answers, shape, share, float(value))
    return result


def _arithmetic_rate(times: Training, work: Workload) -> float:
    """Tokens a second of one chip that did nothing but arithmetic: what an MFU is a share of."""
    return 1.0 / (float(times.arithmetic) * float(work.group))


def _time_per_token(times: Serving, work: Workload) -> float:
    """How long a request waits for its next token, prompts of others in between; NaN if unfit."""
    group = float(times.tokens_per_second) * float(work.group)
    return float(times.in_flight) / group if group > 0 else math.nan


def identity(model: FoundModel, shape: Model) -> dict[str, Any]:
    """Which model, and how large."""
    return {"id": model.id, "name": model.name, "parameters": float(shape.parameters)}


def bound_by(times: Training) -> str:
    """The kind of time that takes the longest."""
    named = {kind: float(getattr(times, kind)) for kind in ("arithmetic", "memory", "exchange")}
    if any(math.isnan(each) for each in named.values()):
        return "unknown"
    return max(named, key=lambda kind: named[kind])


def decode_bound(times: Serving) -> str:
    """What a decode step waits for."""
    if math.isnan(times.step):
        return "unknown"
    return "arithmetic" if times.step_arithmetic > times.step_memory else "memory"


def decode_rate(times: Serving) -> float:
    """Tokens a second of a group that only decodes; NaN where nothing fits."""
    step = float(times.step)
    return float(times.in_flight) / step if step > 0 and times.in_flight >= 1 else math.nan


def _serving_ratios(
    sides: list[Side], answers: list[Serving], shape: Model, share: Share, value: float
) -> dict[str, Any]:
    crowds = [value, *(_at_crowd(sides, shape, crowd) for crowd in CROWDS)]
    known = [each for each in crowds if not math.isnan(each)] or [math.nan]
    prefill = float(answers[1].prefill) / float(answers[0].prefill)
    theirs = decode_rate(answers[1])
    decode = decode_rate(answers[0]) / theirs if theirs else math.nan
    return {
        "throughput_ratio": ratio_band(value, min(known), max(known), share),
        "prefill_ratio": ratio_band(prefill, prefill, prefill, share),
        "decode_ratio": ratio_band(decode, decode, decode, share),
    }


def _at_crowd(sides: list[Side], shape: Model, crowd: float) -> float:
    work = Workload(in_flight=crowd)
    own, theirs = (
        float(serving(side.rate, side.chip, shape, work).tokens_per_second) for side in sides
    )
    return own / theirs if theirs > 0 else math.nan
