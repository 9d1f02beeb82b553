"""The fields of a serving answer: figures with bands, memory, what binds, pool by pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.catalogue.chips import memory_bytes
from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_binding import bound_by, decoding_bound_by, prompts_bound_by
from chipassay.inquiry.serving_options import (
    Option,
    Placed,
    Wanted,
    holds,
    misses,
    would_fit,
)  # fmt: skip
from chipassay.inquiry.serving_plans import as_text, as_words
from chipassay.model.serve_pools import prompt_service
from chipassay.records.answer import Quantity

FULL = 0.95
"""Share of its time from which a pool is the one that binds."""


def fields_of(best: Option, about: Wanted) -> dict[str, Any]:
    """Everything that arithmetic says of a plan; latencies are unknown where nothing fits."""
    asked, memory = about.asked, best.about.memory
    case = best.about.case
    share = best.loop.held_tokens / memory.tokens if memory.tokens else 0.0
    used = memory.used + min(share, 1.0) * memory.cache
    fields: dict[str, Any] = _figures(best, asked) | {
        "chip": {"id": case.chip.id, "name": case.chip.name},
        "model": {"id": about.model.id, "name": about.model.name},
        "chips": best.chips,
        "memory_per_chip": Quantity(used, memory.used, memory.used + memory.cache, "B", "assumed"),
        "memory_capacity": memory.capacity,
        "memory_parts": memory_parts(best.pools[-1]),
        "fits": best.fits,
        "plan": plan_words(best),
        "plan_text": plan_text(best, about),
        "engine": {"id": case.engine.id, "name": case.engine.name},
        "schedule": best.pools[-1].policy._asdict(),
        "formats": case.formats._asdict(),
        "load": asked.told(),
        "bound_by": binding(best, asked) if best.fits else "memory capacity",
        "cache": {
            "capacity_tokens": memory.tokens,
            "held_tokens": best.loop.held_tokens,
            "sequences": best.loop.decoding,
        },
        "steps": {"decode": best.loop.decode_step, "with_prompt": best.loop.mixed_step,
                  "share_with_prompt": best.loop.mixed_share},
        "speculation": {"drafts": case.drafts, "tokens_per_step": best.about.steps.per_step},
    }  # fmt: skip
    if len(best.pools) > 1:
        fields["pools"] = [_pool(each, best, asked) for each in best.pools]
        fields["transfer"] = _transfer(best, asked)
    if not best.fits:
        fields["would_fit"] = would_fit(about, best)
    return fields


def _figures(best: Option, asked: Asked) -> dict[str, Any]:
    """What is predicted, with bands; unknown where the model does not fit."""
    done, unknown = best.loop, 1.0 if best.fits else math.nan
    whole = done.ttft + (asked.output - 1.0) * done.tpot

    def made(metric: str, value: float, unit: str) -> Quantity:
        return best.quantity(metric, value * unknown, unit)

    return {
        "ttft": {
            "mean": made("ttft", done.ttft, "s"),
            "steady": made("ttft", done.steady_ttft, "s"),
            "first_wave": made("ttft", done.first_ttft, "s"),
        },
        "tpot": {"mean": made("tpot", done.tpot, "s")},
        "end_to_end": {"mean": made("tpot", whole, "s")},
        "output_tokens_per_s_per_chip": made("throughput", best.tokens, "1/s"),
        "tokens_per_s_per_user": made("throughput", 1.0 / done.tpot, "1/s"),
        "requests_per_s": made("throughput", done.rate, "1/s"),
    }


def memory_parts(placed: Placed) -> dict[str, float]:
    """Bytes on a chip of a pool, by what they are for."""
    memory = placed.about.memory
    return {
        "weights": memory.weights,
        "activations": memory.activations,
        "libraries": memory.libraries,
        "cache": memory.cache,
    }


def plan_words(best: Option) -> dict[str, Any]:
    """The plan by the words that a question takes, pool by pool where there are two."""
    if len(best.pools) == 1:
        return as_words(best.pools[0].plan)
    return {
        each.role: {
            "chip": each.about.case.chip.id,
            "chips": each.plan.chips,
            **as_words(each.plan),
        }
        for each in best.pools
    }


def plan_text(best: Option, about: Wanted) -> str:
    """The plan as `--plan` takes it."""
    setup = about.setup
    if len(best.pools) == 1:
        parts = [as_text(best.pools[0].plan)]
    else:
        parts = [_pool_text(each) for each in best.pools]
    parts += [f"kv={setup.cache}"] if setup.cache else []
    parts += [f"mtp={setup.drafts}"] if setup.drafts else []
    parts += [] if math.isnan(setup.acceptance) else [f"accept={setup.acceptance:g}"]
    return ",".join(parts)


def _pool_text(placed: Placed) -> str:
    plan = placed.plan
    return (
        f"{placed.role}={placed.about.case.chip.id}*{plan.chips}:{as_text(plan).replace(',', ':')}"
    )


def busy(best: Option, asked: Asked) -> float:
    """Share of its time that the pool of prompts computes."""
    fill = best.pools[0]
    new = np.asarray(asked.input - asked.known * fill.policy.prefix_cache)
    service, lanes = prompt_service(fill.about.steps, new, asked.input - new)
    return float(np.minimum(best.loop.rate * service / (lanes * fill.plan.replicas), 1.0))


def binding(best: Option, asked: Asked) -> str:
    """What binds, and of two pools which one."""
    if len(best.pools) == 1:
        return bound_by(best.about, best.loop, asked.input)
    if busy(best, asked) >= FULL:
        return f"the prefill pool: {_pool_bound(best.pools[0], best, asked)}"
    return f"the decode pool: {_pool_bound(best.pools[1], best, asked)}"


def _pool_bound(placed: Placed, best: Option, asked: Asked) -> str:
    if placed.role == "prefill":
        return prompts_bound_by(placed.about, asked.input)
    lanes = placed.plan.replicas * placed.about.steps.stages
    context = best.loop.held_tokens / max(best.loop.decoding, 1.0)
    return decoding_bound_by(placed.about, best.loop, max(best.loop.decoding / lanes, 1.0), context)


def _pool(placed: Placed, best: Option, asked: Asked) -> dict[str, Any]:
    """One pool: where it runs, what binds it, how much of the work it does for a chip."""
    case, memory = placed.about.case, placed.about.memory
    fills = placed.role == "prefill"
    tokens = best.loop.rate * (asked.input if fills else asked.output) / placed.plan.chips
    room = placed.about.steps.room(asked.input, asked.output) * placed.plan.replicas
    share = busy(best, asked) if fills else float(np.minimum(best.loop.decoding / room, 1.0))
    return {
        "role": placed.role,
        "chip": {"id": case.chip.id, "name": case.chip.name},
        "chips": placed.plan.chips,
        "engine": {"id": case.engine.id, "name": case.engine.name},
        "plan": as_words(case.plan),
        "formats": case.formats._asdict(),
        "fits": memory.fits,
        "bound_by": _pool_bound(placed, best, asked) if memory.fits else "memory capacity",
        "busy" if fills else "seats_taken": share,
        f"{'input' if fills else 'output'}_tokens_per_s_per_chip": best.quantity(
            "throughput", tokens if best.fits else math.nan, "1/s"
        ),
        "memory_parts": memory_parts(placed),
        "memory_capacity": memory_bytes(case.chip),
    }


def _transfer(best: Option, asked: Asked) -> dict[str, Any]:
    """What a prompt's cache takes to the other pool."""
    time = best.transfer * asked.input
    found = best.quantity("ttft", time, "s")
    return {"time": found, "tokens": asked.input, "token_time": best.transfer}


def warnings_of(best: Option, about: Wanted, tried: int) -> Iterator[str]:
    """What there is to say of the plan: objectives missed, a rate too high, chips unused."""
    asked = about.asked
    if best.fits and misses(best, asked) > 1.0:
        over = misses(best, asked)
        yield f"no plan meets the objective; the nearest is over it by a factor of {over:.2f}"
    if best.fits and not holds(best, asked):
        yield (
            f"the queue grows without end: {asked.rate:.3g} requests a second arrive, "
            f"{best.loop.rate:.3g} can be served"
        )
    if asked.chips and best.chips < asked.chips:
        yield f"the plan uses {best.chips} of {asked.chips} chips"
    if asked.known and not best.pools[0].policy.prefix_cache:
        name = best.pools[0].about.case.engine.name
        yield f"{name} keeps no blocks of old prompts unless told; --plan schedule=… asks for it"
    if tried > 1:
        yield f"{tried} plans tried; --plan asks for one"
