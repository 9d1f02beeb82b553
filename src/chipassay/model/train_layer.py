"""One layer of a training step on one rank: its operators' shapes, timed by a bench of kernels.

A micro-batch's tokens pass a few matrix products, an attention core and kernels that touch each
element once; the backward pass does every product twice. Columns of plans go through as arrays.
"""

from __future__ import annotations

import numpy as np

from chipassay.formulas.pointwise_traffic import (
    activation_backward_traffic,
    activation_forward_traffic,
    added_norm_forward_traffic,
    gated_activation_backward_traffic,
    gated_activation_forward_traffic,
    norm_backward_traffic,
    rotary_traffic,
)
from chipassay.model.train_needs import MASTER, VALUE, Bench, Layer, LayerSum, Work
from chipassay.records.architecture import (
    Attention,
    Compressed,
    FeedForward,
    GroupedQuery,
    Latent,
    Linear,
    Mixture,
)  # fmt: skip
from chipassay.records.plan import Plan
from chipassay.units import Byte, Num


def layer(
    hidden: float, attention: Attention | None, block: FeedForward, bench: Bench, work: Work
) -> Layer:
    """One layer's needs."""
    total = LayerSum(bench, work)
    plan = work.plan
    tokens = plan.micro_batch * work.sequence / plan.context
    values = tokens * hidden / residual_split(plan)
    _residual(total, values)
    total.add(input=2.0 * values)
    if isinstance(attention, GroupedQuery):
        _grouped_query(total, hidden, attention, tokens)
    elif isinstance(attention, Latent):
        _latent(total, hidden, attention, tokens)
    elif attention is not None:
        _other(total, hidden, attention, tokens)
    if isinstance(block, Mixture):
        _mixture(total, hidden, block, tokens)
    elif block.width:
        _dense(total, hidden, block.width, block.gated, tokens)
        _exchange(total, tokens * hidden)
    return Layer(**total.total)


def _residual(total: LayerSum, values: Num) -> None:
    """Two norms, two residual sums; dropout makes a mask for each."""
    drop = total.work.dropout
    forward = 2.0 * added_norm_forward_traffic(values, VALUE) + drop * 2.0 * 3.0 * values
    backward = 2.0 * (norm_backward_traffic(values, VALUE) + VALUE * values) + drop * 6.0 * values
    total.stream(forward, backward, kernels=4.0)
    total.add(stored=4.0 * values + drop * 2.0 * values)
    _light(total, 4.0 * values, 2.0 * added_norm_forward_traffic(values, VALUE))


def _light(total: LayerSum, held: Byte, traffic: Byte) -> None:
    """Outputs that fused stacks may make again rather than keep, by streaming inputs once more."""
    again = total.bench.stream(traffic)
    total.add(light=total.work.fused * held, light_forward=total.work.fused * again)


def _exchange(total: LayerSum, values: Num) -> None:
    """One gather before and one scatter after a block whose weights are split."""
    total.add(tensor_bytes=0.5 * VALUE * values * 2.0, tensor_rounds=1.0)


def _grouped_query(total: LayerSum, hidden: float, a: GroupedQuery, tokens: Num) -> None:
    plan = total.work.plan
    heads = a.heads / plan.tensor
    shared = np.maximum(a.kv_heads / plan.tensor, 1.0)
    queries = heads * a.head_dim * (1.0 + a.output_gate)
    keys = shared * (a.head_dim + a.value_dim)
    total.product(tokens, queries + keys, hidden)
    total.product(tokens, hidden, heads * a.value_dim)
    turned = rotary_traffic(tokens * (queries + keys / 2.0), VALUE)
    total.stream(turned, turned, kernels=2.0)
    width = (a.head_dim + a.value_dim) / 2.0
    _core(total, heads, shared, width, float(a.window or np.inf), tokens)
    total.add(
        dense_parameters=(queries + keys) * hidden + heads * a.value_dim * hidden,
        context_bytes=VALUE * tokens * keys,
        swapped_bytes=VALUE * tokens * (queries + keys + heads * a.value_dim),
        stored=VALUE * tokens * (queries + keys + heads * a.value_dim)
        + (VALUE - total.work.narrow) * tokens * hidden / residual_split(plan),
    )
    _exchange(total, tokens * hidden)


def residual_split(plan: Plan) -> Num:
    """Ranks that norms and residuals are split over."""
    return 1.0 + plan.sequence * (plan.tensor - 1.0)


def _core(
    total: LayerSum, heads: Num, shared: Num, width: float, window: float, tokens: Num
) -> None:
    """Attention itself: fused, or as two batches of products with scores stored between."""
    work, bench = total.work, total.bench
    plan = work.plan
    length = np.minimum(work.document, work.sequence)
    batch = plan.micro_batch * work.sequence / length
    core = bench.attend(batch, length, heads, shared, width, window) / plan.context
    pairs = plan.micro_batch * work.sequence * work.sequence * heads / plan.context
    skewed = float(width % ALIGNED > 0)
    products = 4.0 * width * pairs / (UNFUSED * bench.matrix) * (1.0 + skewed * SKEWED)
    drop = work.dropout
    forward = products + bench.stream(pairs * (8.0 + 5.0 * drop))
    backward = 2.0 * products + bench.stream(pairs * (14.0 + 5.0 * drop))
    fused = work.fused
    total.add(
        attention_forward=fused * core + (1.0 - fused) * forward,
        attention_backward=fused * BACKWARD * core + (1.0 - fused) * backward,
        kernels=fused + (1.0 - fused) * 4.0,
        stored=(1.0 - fused) * pairs * (2.0 + 3.0 * drop) + 4.0 * tokens * heads,
        scores=(1.0 - fused) * pairs * (2.0 + 3.0 * drop),
    )


BACKWARD = 2.5
"""Backward arithmetic of fused attention over forward: five products for each pair, against two."""
UNFUSED = 0.55
"""Share of the matrix rate that batched products of heads reach."""
ALIGNED = 8
"""Values of a head that matrix units load at once."""
SKEWED = 12.0
"""How much longer batched products take, less one, where a head's width is no multiple of that."""


def _latent(total: LayerSum, hidden: float, a: Latent, tokens: Num) -> None:
    plan = total.work.plan
    heads = a.heads / plan.tensor
    query = a.nope_dim + a.rope_dim
    down = a.query_rank + a.latent_rank + a.rope_dim
    total.product(tokens, down, hidden)
    total.product(tokens, heads * query, a.query_rank or hidden)
    total.product(tokens, heads * (a.nope_dim + a.value_dim), a.latent_rank)
    total.product(tokens, hidden, heads * a.value_dim)
    turned = rotary_traffic(tokens * heads * 2.0 * query, VALUE)
    total.stream(turned + 6.0 * tokens * down, turned + 10.0 * tokens * down, kernels=6.0)
    _core(total, heads, heads, (query + a.value_dim) / 2.0, np.inf, tokens)
    up = heads * ((a.query_rank or hidden) * query + a.latent_rank * (a.nope_dim + a.value_dim))
    kept = down + heads * (2.0 * query + 2.0 * a.value_dim) + hidden / residual_split(plan)
    total.add(
        dense_parameters=hidden * down + up + heads * a.value_dim * hidden,
        context_bytes=VALUE * tokens * (a.latent_rank + a.rope_dim),
        swapped_bytes=VALUE * tokens * heads * 2.0 * (query + a.value_dim),
        stored=VALUE * tokens * kept
        - total.work.narrow * tokens * hidden / residual_split(plan)
        - total.work.narrow_kept * tokens * heads * a.value_dim,
        light=VALUE * tokens * heads * (query + a.nope_dim + a.value_dim),
        light_forward=total.bench.product(tokens, heads * query, a.query_rank or hidden, VALUE)
        + total.bench.product(tokens, heads * (a.nope_dim + a.value_dim), a.latent_rank, VALUE),
    )
    _exchange(total, tokens * hidden)


def _other(total: LayerSum, hidden: float, a: Compressed | Linear, tokens: Num) -> None:
    """State-space and compressed attention: their projections, and their states' arithmetic."""
    plan = total.work.plan
    if isinstance(a, Linear):
        inner = a.value_heads * a.value_dim / plan.tensor
        wide = (2.0 * a.key_heads * a.key_dim + a.value_heads * a.value_dim) / plan.tensor + inner
        state = 4.0 * a.value_heads * a.key_dim * a.value_dim / plan.tensor
        chunk = 2.0 * CHUNK * (a.value_heads * a.value_dim + a.key_heads * a.key_dim) / plan.tensor
        flop, passes = tokens * (state + chunk), 14.0
    else:
        inner = a.heads * a.head_dim / plan.tensor
        wide = a.query_rank + a.head_dim
        length = np.minimum(total.work.document, total.work.sequence)
        seen = np.minimum(a.window + (length / a.ratio if a.ratio else 0.0), length / 2.0)
        flop, passes = 4.0 * tokens * inner * seen, 6.0
    total.product(tokens, wide, hidden)
    total.product(tokens, hidden, inner)
    core = flop / (STATE_SHARE * total.bench.matrix)
    streamed = total.bench.stream(passes * tokens * wide)
    total.add(
        state_forward=core + streamed,
        state_backward=2.5 * core + 2.0 * streamed,
        kernels=5.0,
        dense_parameters=hidden * (wide + inner),
        context_bytes=VALUE * tokens * inner / 8.0,
        swapped_bytes=VALUE * tokens * (wide + inner),
        stored=VALUE * tokens * (2.0 * wide + inner + hidden / residual_split(plan)),
    )
    _exchange(total, tokens * hidden)


CHUNK, STATE_SHARE = 128.0, 0.25
"""Tokens of a state-space block at once; share of the matrix rate its products reach."""


def _dense(total: LayerSum, hidden: float, width: float, gated: bool, tokens: Num) -> None:
    plan = total.work.plan
    part = width / plan.tensor
    total.product(tokens, (1.0 + gated) * part, hidden)
    total.product(tokens, hidden, part)
    _activate(total, tokens * part, gated)
    kept = VALUE - total.work.narrow
    total.add(
        dense_parameters=(2.0 + gated) * hidden * part,
        stored=tokens
        * (
            (VALUE - total.work.narrow_kept) * (1.0 + gated) * part
            + kept * (part + hidden / residual_split(plan))
        ),
    )
    _light(total, kept * tokens * part, VALUE * (2.0 + gated) * tokens * part)


def _activate(total: LayerSum, values: Num, gated: bool, kind: str = "pointwise") -> None:
    forward = gated_activation_forward_traffic if gated else activation_forward_traffic
    backward = gated_activation_backward_traffic if gated else activation_backward_traffic
    total.stream(forward(values, VALUE), backward(values, VALUE), 1.0, kind)


def _mixture(total: LayerSum, hidden: float, block: Mixture, tokens: Num) -> None:
    """Router, exchange with the experts' ranks, grouped products, and the shared expert."""
    plan = total.work.plan
    inner = float(block.latent_width or hidden)
    own = tokens * plan.expert_tensor / plan.tensor
    rows = own * block.per_token
    part = block.width / plan.expert_tensor
    held = block.experts / plan.expert
    total.product(tokens / plan.tensor, block.experts, hidden)
    if block.latent_width:
        total.product(tokens / plan.tensor, inner, hidden)
        total.product(tokens / plan.tensor, hidden, inner)
    _grouped(total, rows, held, (1.0 + block.gated) * part, inner)
    _grouped(total, rows, held, inner, part)
    _activate(total, rows * part, block.gated, "routed")
    moved = rows * inner * VALUE
    total.stream(6.0 * moved, 6.0 * moved, ROUTING, "routed")
    sent = tokens / plan.tensor * block.per_token * inner * VALUE
    kept = VALUE - total.work.narrow
    total.add(
        expert_bytes=2.0 * sent,
        token_bytes=2.0 * sent / block.per_token,
        expert_parameters=held * (2.0 + block.gated) * inner * part,
        dense_parameters=block.experts * hidden + 2.0 * hidden * block.latent_width,
        stored=rows
        * ((VALUE - total.work.narrow_kept) * (1.0 + block.gated) * part + kept * (part + inner))
        + VALUE * tokens * hidden / residual_split(plan),
    )
    _light(total, kept * rows * part, VALUE * (2.0 + block.gated) * rows * part)
    if block.shared_width:
        _dense(total, hidden, block.shared_width, block.gated, tokens)
        _exchange(total, tokens * hidden)


def _grouped(total: LayerSum, rows: Num, held: Num, n: Num, k: Num) -> None:
    """Products of all experts held, as one of all rows, filled up to tiles; weights read once.

    Reading the weights of experts beyond the first is added where rows are too few to hide it.
    """
    bench = total.bench
    filled = rows + held * TILE / 2.0
    extra = bench.stream(np.maximum(held - 1.0, 0.0) * n * k * (VALUE - total.work.narrow))
    learning = 1.0 - total.work.frozen
    weight = learning * bench.product(n, k, filled, MASTER)
    more = learning * bench.stream(np.maximum(held - 1.0, 0.0) * n * k * MASTER)
    forward = bench.product(filled, n, k, VALUE)
    total.add(
        experts_forward=np.maximum(forward, extra),
        experts_backward=np.maximum(bench.product(filled, k, n, VALUE), extra)
        + np.maximum(weight, more),
        experts_weight=np.maximum(weight, more),
        kernels=1.0,
    )
    cast = total.work.narrow * 4.0 * rows
    total.stream(cast * k, cast * n, kind="routed")


TILE = 128.0
"""Rows to which an expert's are filled up."""
ROUTING = 200.0
"""Kernels and waits of routing, sorting, dispatching and adding up, as launches of one."""
