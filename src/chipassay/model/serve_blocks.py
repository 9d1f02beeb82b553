"""Feed-forward blocks, experts and the head of a served model as kernels; whole models of them."""

from __future__ import annotations

import numpy as np

from chipassay.formulas import pointwise_traffic as traffic
from chipassay.formulas.collectives import distinct_places
from chipassay.formulas.routing import busiest_rank_rows, touched_experts
from chipassay.model.kernels.dispatch import (
    DispatchShape,
    low_latency_abroad,
    low_latency_workers,
    throughput_abroad,
)
from chipassay.model.kernels.experts import ExpertsShape
from chipassay.model.kernels.fabric import collective
from chipassay.model.serve_attention import attention_operations
from chipassay.model.serve_formats import SIXTEEN, WEIGHTS
from chipassay.model.serve_work import (
    HEAD,
    PASSED,
    Operation,
    Setting,
    gathering,
    norm,
    pointwise,
    product,
    reduction,
)
from chipassay.records.architecture import Architecture, Dense, FeedForward, Mixture

SKEW = 0.0
"""Power law of experts' popularity: what public kernel tables take for real traffic."""
SENDERS = 24.0
"""Cores that a throughput exchange of experts' tokens is given."""
BLOCK = 128.0
"""Values that share one four-byte scale in an 8-bit row."""


def model_operations(at: Setting, model: Architecture) -> list[Operation]:
    """All kernels of one step."""
    found: list[Operation] = []
    for group in model.groups:
        layers = float(group.count)
        found += attention_operations(at, group.attention, layers)
        found += feed_forward_operations(at, group.feed_forward, layers)
    return found + head_operations(at, model) + _stage_sends(at)


def feed_forward_operations(at: Setting, block: FeedForward, layers: float) -> list[Operation]:
    """A dense block, or a router with its experts, and the norm before it."""
    m = at.local
    found = norm(at, layers)
    if isinstance(block, Dense):
        if not block.width:
            return []
        found += _dense(at, block.width / at.plan.tensor, block.gated, layers)
        return found + reduction(at, PASSED, layers, m)
    found.append(product(at, PASSED, layers, m, float(block.experts), at.hidden, "bf16"))
    if block.shared_width:
        found += _dense(at, block.shared_width / at.plan.tensor, block.gated, layers)
    if block.latent_width:
        found.append(product(at, PASSED, 2.0 * layers, m, block.latent_width, at.hidden, "bf16"))
    return [*found, _experts(at, block, layers), *_exchange(at, block, layers)]


def _dense(at: Setting, width: float, gated: bool, layers: float) -> list[Operation]:
    m, form = at.local, at.formats.dense
    columns = 2.0 * width if gated else width
    kind = "gated_activation" if gated else "activation"
    moved = (
        traffic.gated_activation_forward_traffic(m * width, SIXTEEN)
        if gated
        else traffic.activation_forward_traffic(m * width, SIXTEEN)
    )
    return [
        product(at, PASSED, layers, m, columns, at.hidden, form),
        pointwise(PASSED, layers, kind, moved, m * width),
        product(at, PASSED, layers, m, at.hidden, width, form),
    ]


def _experts(at: Setting, block: Mixture, layers: float) -> Operation:
    """Routed experts on the busiest rank, which all others wait for."""
    tokens, per_token, experts = at.grids.tokens, float(block.per_token), float(block.experts)
    ranks = float(at.plan.expert)
    asked = (tokens, per_token, experts, ranks, SKEW)
    rows, touched = busiest_rank_rows(*asked), touched_experts(*asked)
    form, held = at.formats.experts, experts / ranks
    width = WEIGHTS[form]
    shape = ExpertsShape(
        tokens=tokens,
        pairs=tokens * per_token,
        rows=rows,
        touched=touched,
        cycled=held * layers,
        held=held,
        hidden=float(block.latent_width or at.hidden),
        intermediate=block.width / at.plan.expert_tensor,
        matrices=3.0 if block.gated else 2.0,
        weight_bytes=width.weight,
        activation_bytes=width.activation,
        outer_bytes=SIXTEEN,
    )
    spread = at.kernels.spread_experts if at.plan.attention_data > 1 and ranks > 1.0 else ()
    stack = "|".join(spread or at.kernels.experts)
    return Operation("experts", form, stack, PASSED, layers, shape, launches=6.0)


def _exchange(at: Setting, block: Mixture, layers: float) -> list[Operation]:
    """How tokens reach their experts and come back."""
    if at.plan.attention_data == 1:
        return reduction(at, PASSED, layers, at.local)
    gathered = gathering(at, PASSED, layers, "all_gather", at.grids.tokens, "exchange/gather")
    gathered += gathering(at, PASSED, layers, "reduce_scatter", at.grids.tokens, "exchange/gather")
    if at.plan.expert == 1:
        return gathered
    return gathered + _dispatch(at, block, layers)


def _dispatch(at: Setting, block: Mixture, layers: float) -> list[Operation]:
    """Rows sent to the chips of their experts: a low-latency way, and one for throughput."""
    ranks, experts = float(at.plan.expert), float(block.experts)
    nodes = float(max(np.ceil(ranks / at.node), 1.0))
    choices = float(block.per_token)
    tokens = np.maximum(at.grids.tokens / (at.plan.tensor * at.plan.attention_data), 1.0)
    found = []
    for way, copies, abroad, workers, counted in (
        ("low_latency", choices, low_latency_abroad(choices, nodes),
         low_latency_workers(experts, at.cores), experts),
        ("throughput", distinct_places(choices, ranks), throughput_abroad(choices, nodes),
         SENDERS, 0.0),
    ):  # fmt: skip
        for form, row in (
            ("fp8", at.hidden * (1.0 + 2.0 * SIXTEEN / BLOCK)),
            ("bf16", at.hidden * SIXTEEN),
        ):
            shape = DispatchShape(
                tokens, row, copies, abroad, ranks, nodes, workers, counted,
                at.fabric.line * at.fabric.payload, at.port, at.fabric.seam,
            )  # fmt: skip
            crossing = f"exchange/{way}"
            found.append(Operation("dispatch", form, way, PASSED, layers, shape, crossing))
    return found


def head_operations(at: Setting, model: Architecture) -> list[Operation]:
    """The language-model head on the sampled rows, its logits brought together, a draw."""
    rows, ranks = at.grids.rows, float(at.plan.tensor)
    columns = model.vocabulary / ranks
    values = rows * model.vocabulary
    found = [product(at, HEAD, 1.0, rows, columns, at.hidden, at.formats.head)]
    found.append(pointwise(HEAD, 1.0, "add", traffic.sampling_traffic(values, SIXTEEN), values))
    if ranks > 1:
        inside = min(ranks, at.node)
        shape = collective(at.fabric, "all_gather", values * SIXTEEN, inside)
        found.append(Operation("collectives", "fp16", "nccl", HEAD, 1.0, shape))
    return found


def _stage_sends(at: Setting) -> list[Operation]:
    """Hidden states handed from stage to stage."""
    sends = float(at.plan.pipeline - 1)
    if not sends:
        return []
    message = at.local * at.hidden * SIXTEEN
    shape = collective(at.fabric, "all_gather", 2.0 * message, 2.0)
    if at.plan.tensor * at.plan.pipeline > at.node:
        shape = shape._replace(rate=at.port)
    return [Operation("collectives", "fp16", "nccl", PASSED, sends, shape)]
