"""How many weights a transformer has, what its FLOP are, and what its cache holds.

Parameters come from matrix shapes, one formula for each kind of block; `catalogue.architectures`
adds them up. A flag argument is 1 for yes and 0 for no. FLOP count a multiplication and an
addition as two and leave out what is not a product of matrices (norms, softmax, rotations): below
1 % for every model of the catalogue. All bodies take a number or a column.
"""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop


@formula(cite="gqa_paper")
def grouped_query_parameters(
    hidden: Count, heads: Count, kv_heads: Count, head_dim: Count, value_dim: Count
) -> Count:
    """Query, key, value and output matrices of multi-head, grouped or multi-query attention."""
    query = hidden * heads * head_dim
    key_value = hidden * kv_heads * (head_dim + value_dim)
    output = heads * value_dim * hidden
    return query + key_value + output


@formula(cite="transformer_paper")
def projection_bias_parameters(
    hidden: Count,
    heads: Count,
    kv_heads: Count,
    head_dim: Count,
    value_dim: Count,
    qkv_bias: Count,
    output_bias: Count,
) -> Count:
    """Biases of the same four projections."""
    return qkv_bias * (heads * head_dim + kv_heads * (head_dim + value_dim)) + output_bias * hidden


@formula(cite="hf_config_memory")
def query_key_norm_parameters(
    heads: Count, kv_heads: Count, head_dim: Count, per_head: Count, full: Count
) -> Count:
    """Gains of the norms on queries and keys: shared by all heads, or as wide as the projection."""
    return per_head * 2 * head_dim + full * (heads + kv_heads) * head_dim


@formula(cite="gopher_paper")
def relative_position_parameters(hidden: Count, heads: Count, head_dim: Count) -> Count:
    """The projection of relative position encodings, as in Transformer-XL; its biases left out."""
    return hidden * heads * head_dim


@formula(cite="deepseek_v2_paper")
def latent_parameters(
    hidden: Count,
    heads: Count,
    query_rank: Count,
    latent_rank: Count,
    nope_dim: Count,
    rope_dim: Count,
    value_dim: Count,
) -> Count:
    """Multi-head latent attention with its two inner norms; without a query rank, a full query."""
    h, r, c, d = hidden, query_rank, latent_rank, nope_dim + rope_dim
    query = np.where(r > 0, h * r + r + r * heads * d, h * heads * d) + 0.0 * r
    key_value = h * (c + rope_dim) + c + c * heads * (nope_dim + value_dim)
    return query + key_value + heads * value_dim * h


@formula(cite="deepseek_v32_report")
def indexer_parameters(
    hidden: Count, query_rank: Count, index_heads: Count, index_dim: Count
) -> Count:
    """The lightning indexer: queries from the query latent, one key, its norm, a weight a head."""
    query = query_rank * index_heads * index_dim
    key = hidden * index_dim + 2 * index_dim
    return query + key + hidden * index_heads


@formula(cite="deepseek_v4_code")
def compressed_parameters(
    hidden: Count,
    heads: Count,
    query_rank: Count,
    head_dim: Count,
    output_groups: Count,
    output_rank: Count,
) -> Count:
    """Attention with one shared key-value head and a grouped output; compressor and indexer apart.

    Each output group takes its share of the heads, so the first output matrix holds
    heads x head_dim x output_rank weights however many groups there are.
    """
    query = hidden * query_rank + query_rank + query_rank * heads * head_dim
    key_value = hidden * head_dim + head_dim
    output = heads * head_dim * output_rank + output_groups * output_rank * hidden
    return query + key_value + output + heads


@formula(cite="deepseek_v4_code")
def compressor_parameters(hidden: Count, width: Count, ratio: Count, overlap: Count) -> Count:
    """Value and gate projections, positions within a block and a norm; nothing at ratio 0.

    With `overlap` neighbouring blocks share tokens, which doubles both projections.
    """
    wide = (1 + overlap) * width
    made = np.where(ratio > 0, 2 * hidden * wide + ratio * wide + width, 0.0 * hidden)
    return made + 0.0 * ratio  # an unknown ratio is not ratio 0


@formula(cite="deepseek_v4_code")
def compressed_indexer_parameters(
    hidden: Count,
    query_rank: Count,
    index_heads: Count,
    index_dim: Count,
    ratio: Count,
    overlap: Count,
) -> Count:
    """The indexer over compressed entries: a compressor stands in place of the indexer's key."""
    query = query_rank * index_heads * index_dim
    key = compressor_parameters(hidden, index_dim, ratio, overlap)
    return query + key + hidden * index_heads


@formula(cite="gated_delta_net")
def gated_delta_net_parameters(
    hidden: Count,
    key_heads: Count,
    value_heads: Count,
    key_dim: Count,
    value_dim: Count,
    taps: Count,
) -> Count:
    """Query, key, value and gate; two rates a value head; a depthwise convolution; the output."""
    mixed = 2 * key_heads * key_dim + value_heads * value_dim
    value = value_heads * value_dim
    inputs = hidden * (mixed + value) + 2 * hidden * value_heads
    return inputs + taps * mixed + 2 * value_heads + value_dim + value * hidden


@formula(cite="minimax_01_paper")
def lightning_parameters(
    hidden: Count, key_heads: Count, value_heads: Count, key_dim: Count, value_dim: Count
) -> Count:
    """Query, key and value, an output gate, the output and a norm as wide as the heads."""
    value = value_heads * value_dim
    return hidden * (2 * key_heads * key_dim + 3 * value) + value


@formula(cite="glu_variants")
def feed_forward_parameters(hidden: Count, width: Count, gated: Count, bias: Count) -> Count:
    """Two matrices, or three where gated (SwiGLU, GeGLU), each with a bias where there is one."""
    return (2 + gated) * hidden * width + bias * ((1 + gated) * width + hidden)


@formula(cite="deepseek_v2_paper")
def router_parameters(
    hidden: Count, experts: Count, router_bias: Count, shared_gate: Count
) -> Count:
    """The matrix that scores experts, a bias for each, and the gate of the shared expert."""
    return hidden * experts + router_bias * experts + shared_gate * hidden


@formula(cite="transformer_paper")
def norm_parameters(hidden: Count, norms: Count, bias: Count) -> Count:
    """Gains of `norms` normalisations, and their biases for layer norm."""
    return norms * hidden * (1 + bias)


@formula(cite="hyper_connections")
def hyper_connection_parameters(hidden: Count, streams: Count) -> Count:
    """What one layer needs to mix several residual streams, before and after both its blocks."""
    mixes = (2 + streams) * streams
    mixed = np.where(streams > 1, 2 * (mixes * streams * hidden + mixes + 3), 0.0 * hidden)
    return mixed + 0.0 * streams


@formula(cite="transformer_paper")
def embedding_parameters(rows: Count, hidden: Count) -> Count:
    """A table with one row for each token or position."""
    return rows * hidden


@formula(cite="palm_paper")
def attention_flop_per_pair(heads: Count, head_dim: Count, value_dim: Count) -> Flop:
    """Score and mix one earlier token for one query, in one layer: PaLM's 4 H Q, forward only."""
    return 2 * heads * (head_dim + value_dim)


@formula(cite="deepseek_v2_paper")
def absorbed_latent_flop_per_pair(heads: Count, latent_rank: Count, rope_dim: Count) -> Flop:
    """The same for MLA in decode, with its up-projections absorbed into query and output."""
    return 2 * heads * (latent_rank + rope_dim + latent_rank)


@formula(cite="deepseek_v32_report")
def indexer_flop_per_pair(index_heads: Count, index_dim: Count) -> Flop:
    """Score one earlier token in the lightning indexer, and weight the heads."""
    return 2 * index_heads * (index_dim + 1)


@formula(cite="gated_delta_net")
def gated_delta_net_state_flop(value_heads: Count, key_dim: Count, value_dim: Count) -> Flop:
    """Decay, recall, correct and read the state once, token by token.

    Chunked kernels do more work than this to fill matrix units.
    """
    return 7 * value_heads * key_dim * value_dim


@formula(cite="minimax_01_paper")
def lightning_state_flop(value_heads: Count, key_dim: Count, value_dim: Count) -> Flop:
    """Decay, add to and read the state once, token by token."""
    return 5 * value_heads * key_dim * value_dim


@formula(cite="arithmetic")
def windowed_context(context: Count, window: Count) -> Count:
    """Tokens that a window of `window` tokens leaves of a context."""
    return np.minimum(context, window)


@formula(cite="arithmetic")
def mean_causal_pairs(sequence: Count, window: Count) -> Count:
    """Tokens that a query sees on average in causal training, itself included; window 0 is none.

    The first W queries see 1, 2 … W tokens, the other T - W see W each.
    """
    T = sequence
    W: Count = np.where(window > 0, np.minimum(window, T), T) + 0.0 * window
    return (W * (W + 1) / 2 + (T - W) * W) / T


@formula(cite="palm_paper")
def palm_training_flop_per_token(
    parameters: Count, attention_flop_per_pair: Flop, sequence: Count
) -> Flop:
    """PaLM's Appendix B: 6N + 12 L H Q T, attention counted as if every query saw every token.

    `parameters` is N; PaLM leaves the embedding out, some later tables count it once.
    `attention_flop_per_pair` is summed over layers: 4 L H Q.
    """
    N, A, T = parameters, attention_flop_per_pair, sequence
    return 6 * N + 3 * A * T


@formula(cite="palm_paper")
def causal_half_training_flop_per_token(
    parameters: Count, attention_flop_per_pair: Flop, sequence: Count
) -> Flop:
    """As PaLM's, with half the pairs: 6N + 6 L H Q T, what recent Megatron tables print."""
    N, A, T = parameters, attention_flop_per_pair, sequence
    return 6 * N + 3 * A * T / 2


@formula(cite="palm_paper")
def training_flop_per_token(
    parameters: Count,
    attention_flop_per_pair: Flop,
    windowed_attention_flop_per_pair: Flop,
    window: Count,
    state_flop_per_token: Flop,
    sequence: Count,
) -> Flop:
    """What causal training really needs: exact causal pairs, windows, states; backward is twice.

    Recomputation comes on top and is the plan's choice.
    """
    full = attention_flop_per_pair * mean_causal_pairs(sequence, 0.0 * window)
    near = windowed_attention_flop_per_pair * mean_causal_pairs(sequence, window)
    return 6 * parameters + 3 * (full + near + state_flop_per_token)


@formula(cite="palm_paper")
def forward_flop_per_token(
    parameters: Count,
    attention_flop_per_pair: Flop,
    windowed_attention_flop_per_pair: Flop,
    window: Count,
    state_flop_per_token: Flop,
    context: Count,
) -> Flop:
    """One token's forward pass with `context` tokens to look at, itself included."""
    full = attention_flop_per_pair * context
    near = windowed_attention_flop_per_pair * windowed_context(context, window)
    return 2 * parameters + full + near + state_flop_per_token


@formula(cite="gqa_paper")
def grouped_query_cache_values(kv_heads: Count, head_dim: Count, value_dim: Count) -> Count:
    """Values that one layer stores for one token: a key and a value for each key-value head."""
    return kv_heads * (head_dim + value_dim)


@formula(cite="deepseek_v2_paper")
def latent_cache_values(latent_rank: Count, rope_dim: Count, index_dim: Count) -> Count:
    """Values that one MLA layer stores for one token: latent, rotary key, indexer key if any."""
    return latent_rank + rope_dim + index_dim


@formula(cite="gated_delta_net")
def linear_state_values(
    key_heads: Count, value_heads: Count, key_dim: Count, value_dim: Count, taps: Count
) -> Count:
    """Values of state in one linear layer: a matrix for each value head, the convolution's past."""
    past = np.maximum(taps - 1, 0) * (2 * key_heads * key_dim + value_heads * value_dim)
    return value_heads * key_dim * value_dim + past


@formula(cite="arithmetic")
def cache_bytes_per_token(cached_values_per_token: Count, bytes_per_value: Byte) -> Byte:
    """Memory that one more token of context takes, over the layers that keep the whole context."""
    return cached_values_per_token * bytes_per_value


@formula(cite="arithmetic")
def cache_bytes(
    cached_values_per_token: Count,
    windowed_cached_values_per_token: Count,
    window: Count,
    context: Count,
    bytes_per_value: Byte,
) -> Byte:
    """Cache of one sequence at a context; linear states, often of another precision, left out."""
    near = windowed_cached_values_per_token * windowed_context(context, window)
    return (cached_values_per_token * context + near) * bytes_per_value


@formula(cite="arithmetic")
def distinct_experts(experts: Count, experts_per_token: Count, tokens: Count) -> Count:
    """Experts that a batch is expected to touch in one layer, tokens choosing evenly and alone.

    Each expert is missed by one token with chance 1 - k/E. Real routers are skewed and touch
    fewer. A dense model has none.
    """
    E, k = np.maximum(experts, 1), experts_per_token
    missed = np.maximum(1 - k / E, 0.0) ** tokens
    return experts * (1 - missed)


@formula(cite="arithmetic")
def touched_parameters(
    active_parameters: Count,
    active_expert_parameters: Count,
    expert_parameters: Count,
    experts: Count,
    distinct: Count,
) -> Count:
    """Weights that one step reads: those of every token, and of `distinct` experts in a layer."""
    common = active_parameters - active_expert_parameters
    return common + expert_parameters * distinct / np.maximum(experts, 1)
