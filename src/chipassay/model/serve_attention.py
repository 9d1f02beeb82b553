"""Attention blocks of a served model as kernels: projections, the cache, what attends to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipassay.formulas import pointwise_traffic as traffic
from chipassay.model.kernels.attention_decode import AttentionDecodeShape
from chipassay.model.kernels.attention_prefill import AttentionPrefillShape
from chipassay.model.kernels.latent import LatentDecodeShape, LatentPrefillShape
from chipassay.model.serve_formats import CACHE, SIXTEEN
from chipassay.model.serve_work import (
    DECODE,
    PASSED,
    PROMPT,
    Operation,
    Setting,
    norm,
    pointwise,
    product,
    reduction,
)
from chipassay.records.architecture import Attention, Compressed, GroupedQuery, Latent, Linear

INDEX_BYTES = 1.0
"""A key of the lightning indexer is kept in 8 bits."""
STATE_BYTES = 4.0
"""A state of linear attention is kept in 32 bits."""


def attention_operations(at: Setting, attention: Attention, layers: float) -> list[Operation]:
    """All kernels of `layers` equal attention blocks with the norm before them."""
    found = norm(at, layers)
    match attention:
        case GroupedQuery():
            found += _grouped(at, attention, layers)
        case Latent():
            found += _latent(at, attention, layers)
        case Compressed():
            found += _compressed(at, attention, layers)
        case Linear():
            found += _linear(at, attention, layers)
    return found + reduction(at, PASSED, layers, at.local)


def _grouped(at: Setting, a: GroupedQuery, layers: float) -> list[Operation]:
    heads, kv_heads = a.heads / at.plan.tensor, max(a.kv_heads / at.plan.tensor, 1.0)
    form, m = at.formats.attention, at.local
    queries = heads * a.head_dim * (2.0 if a.output_gate else 1.0)
    wide = queries + kv_heads * (a.head_dim + a.value_dim)
    turned = m * (heads + kv_heads) * a.head_dim
    found = [
        product(at, PASSED, layers, m, wide, at.hidden, form),
        pointwise(PASSED, layers, "rotary", traffic.rotary_traffic(turned, SIXTEEN), turned),
        product(at, PASSED, layers, m, at.hidden, heads * a.value_dim, form),
    ]
    if a.qk_norm != "none":
        found += _normalised(m * heads * a.head_dim, m * kv_heads * a.head_dim, layers)
    if a.qk_norm == "full":  # its mean square runs over the heads of all ranks
        found += reduction(at, PASSED, 2.0 * layers, m / at.hidden)
    window = float(a.window) if a.window else np.inf
    return found + softmax(at, layers, heads, kv_heads, float(a.head_dim), window)


def _normalised(queries: Any, keys: Any, layers: float) -> list[Operation]:
    """Queries and keys, each cut out of the product's result and normalised by itself."""
    found = []
    for values in (queries, keys):
        cut = traffic.rotary_traffic(values, SIXTEEN)
        found.append(pointwise(PASSED, layers, "rotary", cut, values))
        size = traffic.norm_forward_traffic(values, SIXTEEN)
        found.append(pointwise(PASSED, layers, "norm", size, values))
    return found


def softmax(
    at: Setting, layers: float, heads: float, kv_heads: float, size: float, window: float
) -> list[Operation]:
    """Attention itself over a cache of keys and values, of prompts and of decoding sequences."""
    g, cached = at.grids, CACHE[at.formats.cache]
    stack = at.kernels.attention
    narrow = stack + at.kernels.narrow if cached < SIXTEEN else stack
    prompt = AttentionPrefillShape(
        1.0, g.new, g.cached, heads, kv_heads, size, window, SIXTEEN, SIXTEEN, cached
    )
    batch = np.maximum(np.ceil(g.batch / at.plan.attention_data), 1.0)
    queries = heads * at.verified
    step = AttentionDecodeShape(batch, g.context, queries, kv_heads, size, window, cached)
    return [
        Operation("attention_prefill", "bf16", narrow, PROMPT, layers, prompt, launches=2.0),
        Operation("attention_decode", "bf16", narrow, DECODE, layers, step, launches=2.0),
    ]


def _latent(at: Setting, a: Latent, layers: float) -> list[Operation]:
    heads, form, m = a.heads / at.plan.tensor, at.formats.attention, at.local
    key = float(a.nope_dim + a.rope_dim)
    down = a.query_rank + a.latent_rank + a.rope_dim
    small = m * (a.query_rank + a.latent_rank)
    queries = heads * key
    turned = traffic.rotary_traffic(m * queries, SIXTEEN)
    found = [
        pointwise(PASSED, layers, "norm", traffic.norm_forward_traffic(small, SIXTEEN), small),
        pointwise(PASSED, layers, "rotary", turned, m * queries),
        product(at, PASSED, layers, m, heads * (a.nope_dim + a.value_dim), a.latent_rank, "bf16"),
        product(at, PASSED, layers, m, at.hidden, heads * a.value_dim, form),
    ]
    if a.query_rank:
        found.append(product(at, PASSED, layers, m, down, at.hidden, form))
        found.append(product(at, PASSED, layers, m, queries, a.query_rank, form))
    else:
        found.append(product(at, PASSED, layers, m, down + queries, at.hidden, form))
    return found + _latent_softmax(at, a, layers, heads) + _indexer(at, a, layers)


def _latent_softmax(at: Setting, a: Latent, layers: float, heads: float) -> list[Operation]:
    g, cached = at.grids, CACHE[at.formats.cache]
    stack = at.kernels.latent + (at.kernels.narrow if cached < SIXTEEN else "")
    kept = float(a.index_kept) if a.index_kept else np.inf
    batch = np.maximum(g.new / kept, 1.0)
    prompt = LatentPrefillShape(
        batch, np.minimum(g.new, kept), np.minimum(g.cached, kept / 2.0), heads, heads,
        float(a.nope_dim + a.rope_dim), float(a.value_dim), SIXTEEN,
    )  # fmt: skip
    sequences = np.maximum(np.ceil(g.batch / at.plan.attention_data), 1.0)
    step = LatentDecodeShape(
        sequences, np.minimum(g.context, kept), heads * at.verified,
        float(a.latent_rank + a.rope_dim),
        float(a.latent_rank), cached, SIXTEEN,
    )  # fmt: skip
    return [
        Operation("latent_prefill", "bf16", stack, PROMPT, layers, prompt, launches=2.0),
        Operation("latent_decode", "bf16", stack, DECODE, layers, step, launches=2.0),
    ]


def _indexer(at: Setting, a: Latent, layers: float) -> list[Operation]:
    """The lightning indexer: its projections, and a score for every pair."""
    if not a.index_heads or a.index_shared:
        return []
    g, wide = at.grids, float(a.index_heads * a.index_dim)
    form = at.formats.attention
    read = np.ceil(g.batch / at.plan.attention_data) * g.context * a.index_dim * INDEX_BYTES
    mean = g.cached + g.new / 2.0
    return [
        product(at, PASSED, layers, at.local, wide, float(a.query_rank or at.hidden), form),
        product(at, PASSED, layers, at.local, float(a.index_dim), at.hidden, form),
        pointwise(DECODE, layers, "add", read, read / a.index_dim),
        product(at, PROMPT, layers, g.new, mean, wide, form),
    ]


def _compressed(at: Setting, a: Compressed, layers: float) -> list[Operation]:
    """Near keys by a window, far ones by one entry for `ratio` tokens, or the picked of them."""
    heads, form, m, g = a.heads / at.plan.tensor, at.formats.attention, at.local, at.grids
    found = [
        product(at, PASSED, layers, m, float(a.query_rank + a.head_dim), at.hidden, form),
        product(at, PASSED, layers, m, heads * a.head_dim, float(a.query_rank), form),
        product(at, PASSED, layers, m, float(a.output_rank), heads * a.head_dim, form),
        product(at, PASSED, layers, m, at.hidden, float(a.output_groups * a.output_rank), form),
    ]
    if not a.ratio:
        return found + softmax(at, layers, heads, 1.0, float(a.head_dim), float(a.window))
    most = float(a.index_kept) if a.index_kept else np.inf
    shrunk = g._replace(
        context=np.minimum(g.context, a.window) + np.minimum(g.context / a.ratio, most),
        cached=np.minimum(g.cached, a.window) + np.minimum(g.cached / a.ratio, most),
    )
    far = softmax(at._replace(grids=shrunk), layers, heads, 1.0, float(a.head_dim), np.inf)
    return found + far


def _linear(at: Setting, a: Linear, layers: float) -> list[Operation]:
    """Projections, and a state read and written for each sequence, or by chunks of a prompt."""
    keys, values = a.key_heads / at.plan.tensor, a.value_heads / at.plan.tensor
    form, m, g = at.formats.attention, at.local, at.grids
    wide = 2.0 * keys * a.key_dim + 2.0 * values * a.value_dim
    state = values * a.key_dim * a.value_dim
    sequences = np.maximum(np.ceil(g.batch / at.plan.attention_data), 1.0) + 0.0 * g.context
    held = sequences * state
    moved = 2.0 * held * STATE_BYTES
    chunk = g.new + 0.0 * g.cached
    return [
        product(at, PASSED, layers, m, wide, at.hidden, form),
        product(at, PASSED, layers, m, at.hidden, values * a.value_dim, form),
        pointwise(DECODE, layers, "add", moved, held),
        product(at, PROMPT, layers, chunk, 2.0 * a.value_dim, values * a.key_dim, "bf16"),
    ]
