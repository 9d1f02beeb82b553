"""What binds a served model: the resource that most of a step's time goes to."""

from __future__ import annotations

import math

import numpy as np

from chipassay.catalogue.model_numbers import numbers
from chipassay.inquiry.serving_case import Served
from chipassay.inquiry.serving_steps import TOKENS
from chipassay.model.serve_formats import CACHE, WEIGHTS
from chipassay.model.serve_loop import Loop
from chipassay.model.serve_work import PASSED
from chipassay.records.architecture import Architecture, Latent, Mixture
from chipassay.records.step_times import line, plane

LINKS = ("direct_all_reduce", "collectives", "dispatch", "exchange")
PRODUCTS = ("gemm", "experts")


def parts(about: Served, tokens: float) -> dict[str, float]:
    """Seconds by kind of kernel of what `tokens` tokens pass."""
    found: dict[str, float] = {}
    for name, column in about.tables.shares.items():
        part, _, kind = name.partition(".")
        if part == PASSED:
            found[kind] = float(line(TOKENS, column, tokens))
    return found


def bound_by(about: Served, done: Loop, prompt: float = math.inf) -> str:
    """In words: what the mean step spends most of its time on; `prompt` tokens are the usual."""
    steps = about.steps
    lanes = about.case.plan.replicas * steps.stages
    batch = max(done.decoding / lanes, 1.0)
    context = done.held_tokens / max(done.decoding, 1.0)
    share = min(done.mixed_share, 1.0)
    prompts = share * done.mixed_step
    if prompts > (1.0 - share) * done.decode_step and share > 0.0:
        return prompts_bound_by(about, prompt)
    return decoding_bound_by(about, done, batch, context)


def prompts_bound_by(about: Served, prompt: float) -> str:
    """In words: what a step full of prompts spends most of its time on."""
    steps = about.steps
    tokens = float(steps.chunk_tokens)
    found = parts(about, tokens)
    one = min(prompt, tokens / steps.ranks)
    rows = tokens / steps.ranks / one
    pairs = rows * float(plane(steps.new, steps.cached, steps.prompt_attention, one, 0.0))
    products = sum(v for k, v in found.items() if k in PRODUCTS)
    links = _links(found)
    whole = float(line(steps.tokens, steps.launched, tokens)) + pairs
    kinds = {
        "arithmetic of prompts": products,
        "attention of prompts": pairs,
        "links between chips": links,
        "launches and small kernels": max(whole - products - links - pairs, 0.0),
    }
    return max(kinds, key=lambda kind: kinds[kind])


def _links(found: dict[str, float]) -> float:
    return sum(v for k, v in found.items() if any(each in k for each in LINKS))


def decoding_bound_by(about: Served, done: Loop, batch: float, context: float) -> str:
    """In words: what a step of decoding spends most of its time on."""
    steps = about.steps
    found = parts(about, batch)
    reading = float(
        plane(steps.batch, steps.context, steps.decode_attention, batch, context)
    )  # fmt: skip
    links = _links(found)
    products = sum(v for k, v in found.items() if k in PRODUCTS)
    rest = max(done.decode_step - links - products - reading, 0.0)
    kinds = {
        _of_reading(about): reading,
        "links between chips": links,
        f"{_of_products(about, batch)}": products,
        "launches and small kernels": rest,
    }
    return max(kinds, key=lambda kind: kinds[kind])


def _of_reading(about: Served) -> str:
    """Whether attention waits for its cache or, as a latent one may, for arithmetic."""
    case, chip = about.case, about.case.chip
    model = numbers(case.model)
    latent = any(isinstance(group.attention, Latent) for group in case.model.groups)
    pair = model.absorbed_attention_flop_per_pair + model.absorbed_windowed_attention_flop_per_pair
    values = model.read_values_per_token + model.windowed_read_values_per_token
    read = values * CACHE[case.formats.cache] * (case.plan.tensor if latent else 1.0)
    rate = np.nanmax([chip.number("dense_bf16"), chip.number("dense_fp16")])
    if read and pair / read > rate / chip.number("memory_bandwidth"):
        return "arithmetic of attention"
    return "memory bandwidth (keys and values)"


def _of_products(about: Served, batch: float) -> str:
    """Whether products wait for weights or for arithmetic."""
    case = about.case
    chip, form = case.chip, WEIGHTS[case.formats.experts]
    bandwidth = chip.number("memory_bandwidth")
    rate = np.nanmax([chip.number("dense_bf16"), chip.number("dense_fp16")])
    rate = rate * (2.0 if form.weight < WEIGHTS["bf16"].weight else 1.0)
    reuse = batch * _visited(case.model)
    return (
        "memory bandwidth (weights)"
        if 2.0 * reuse / form.weight < rate / bandwidth
        else "arithmetic of decoding"
    )


def _visited(model: Architecture) -> float:
    """Share of the experts that a token visits; 1 where all tokens pass all weights."""
    blocks = [g.feed_forward for g in model.groups if isinstance(g.feed_forward, Mixture)]
    return min((b.per_token / b.experts for b in blocks), default=1.0)
