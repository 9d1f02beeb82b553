"""How far a served chip is used: its memory's bandwidth, its arithmetic, its time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.catalogue.chips import matrix_field
from chipassay.catalogue.model_numbers import expert_parameters, numbers
from chipassay.formulas import transformer as f
from chipassay.formulas.power import computing_share, reading_share
from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_case import Case
from chipassay.inquiry.serving_memory import sequence_bytes, weight_bytes
from chipassay.inquiry.serving_options import Option, Placed
from chipassay.model.serve_formats import SIXTEEN, WEIGHTS
from chipassay.model.serve_loop import LEAST
from chipassay.model.serve_pools import prompt_service
from chipassay.records.architecture import Mixture

NARROW = {"int8": "dense_int8", "nvfp4": "dense_fp4"}
"""Where the peak of products of narrow activations stands; others are at that of fp8."""


class Use(NamedTuple):
    """Shares, means over the time in which a chip is busy, and that time's share."""

    reading: float
    computing: float
    busy: float


def use_of(placed: Placed, best: Option, asked: Asked) -> Use:
    """How a pool's chips are used under the load."""
    rate = min(best.loop.rate, asked.rate) if asked.rate else best.loop.rate
    idle = min(asked.rate / best.loop.rate, 1.0) if asked.rate else 1.0
    if placed.role == "prefill":
        return _filling(placed, asked, rate)
    case, chips = placed.about.case, float(placed.plan.chips)
    work = _answer_work(case, asked, placed.about.steps.per_step)
    if placed.role == "both":
        work += _prompt_work(placed, asked)
    share = min(best.loop.mixed_share, 1.0)
    step = (1.0 - share) * best.loop.decode_step + share * best.loop.mixed_step
    computing = float(computing_share(work, rate / idle, chips, peak(case)))
    return Use(min(_reading(placed, best, step), 1.0), min(computing, 1.0), idle)


def _filling(placed: Placed, asked: Asked, rate: float) -> Use:
    """A pool of prompts: it computes while it has some, at full steps."""
    steps, case = placed.about.steps, placed.about.case
    new = np.asarray(asked.input - asked.known * placed.policy.prefix_cache)
    service, lanes = prompt_service(steps, new, asked.input - new)
    busy = float(np.minimum(rate * service / (lanes * placed.plan.replicas), 1.0))
    work = _prompt_work(placed, asked)
    computing = float(computing_share(work, rate / max(busy, LEAST), placed.plan.chips, peak(case)))
    pieces = max(float(new) / (steps.chunk_tokens / steps.ranks), 1.0)
    held = weight_bytes(case.model, case.plan, case.formats)
    bandwidth = case.chip.number("memory_bandwidth")
    reading = float(reading_share(held, float(service) / pieces, bandwidth))
    return Use(min(reading, 1.0), min(computing, 1.0), busy)


def sixteen_bits(case: Case) -> float:
    """The chip's peak rate in 16 bits: an operation of half the width takes half the energy."""
    return float(case.chip.number(matrix_field(case.chip)))


def peak(case: Case) -> float:
    """The chip's peak rate in the products' format; 16 bits where that is not published."""
    form = WEIGHTS[case.formats.experts]
    field = matrix_field(case.chip)
    if form.activation < SIXTEEN:
        field = NARROW.get(case.formats.experts, "dense_fp8")
    found = case.chip.number(field)
    return float(found) if found == found else sixteen_bits(case)


def _answer_work(case: Case, asked: Asked, per_step: float) -> float:
    """FLOP of one answer, guesses that were not taken among them."""
    model = numbers(case.model)
    each = f.forward_flop_per_token(
        model.active_without_input_embedding, model.absorbed_attention_flop_per_pair,
        model.absorbed_windowed_attention_flop_per_pair, model.window, model.state_flop_per_token,
        asked.input + asked.output / 2.0,
    )  # fmt: skip
    return float(each * asked.output * (1.0 + case.drafts) / per_step)


def _prompt_work(placed: Placed, asked: Asked) -> float:
    """FLOP of one prompt's part that no cache holds."""
    model = numbers(placed.about.case.model)
    new = asked.input - asked.known * placed.policy.prefix_cache
    each = f.forward_flop_per_token(
        model.active_without_input_embedding, model.attention_flop_per_pair,
        model.windowed_attention_flop_per_pair, model.window, model.state_flop_per_token,
        asked.input - new / 2.0,
    )  # fmt: skip
    return float(each * new)


def _reading(placed: Placed, best: Option, step: float) -> float:
    """Weights that a step touches, and the cache of those who decode."""
    case, steps = placed.about.case, placed.about.steps
    lanes = placed.plan.replicas * steps.stages
    batch = max(best.loop.decoding / lanes, 1.0)
    weights = weight_bytes(case.model, case.plan, case.formats) - _untouched(case, batch)
    each = sequence_bytes(case.model, case.plan, case.formats, case.context) / case.context
    cache = each * best.loop.held_tokens / (placed.plan.replicas * steps.ranks)
    size = weights * steps.stages + cache
    return float(reading_share(size, step, case.chip.number("memory_bandwidth")))


def _untouched(case: Case, batch: float) -> float:
    """Bytes of experts on a chip that no sequence of a step visits."""
    plan, width = case.plan, WEIGHTS[case.formats.experts].weight
    spread = plan.expert * plan.expert_tensor * plan.pipeline
    found = 0.0
    for group in case.model.groups:
        block = group.feed_forward
        if isinstance(block, Mixture):
            each = float(expert_parameters(float(case.model.hidden), block)) * width / spread
            visited = float(f.distinct_experts(block.experts, block.per_token, batch))
            found += group.count * each * (block.experts - visited)
    return found
