"""Decoders with keys of their own: GPT-2's and GPT-3's line, GPT-NeoX, OPT, BLOOM, Falcon, DBRX."""

from __future__ import annotations

from chipassay.catalogue.hugging_face.blocks import Heads, assembled, checked, head_width
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.catalogue.hugging_face.mixtures import experts
from chipassay.records.architecture import Architecture, Dense, GroupedQuery, Mixture


def multi_head(fields: Fields, hidden: int, *keys: str, bias: bool = True) -> GroupedQuery:
    """Plain multi-head attention, with biases throughout or nowhere."""
    heads = fields.count(*keys, limit="heads")
    if hidden % heads:
        problem = f"is {heads}, which does not divide the hidden size {hidden}"
        raise fields.refusal(keys[0], problem, "check both figures")
    width = hidden // heads
    return GroupedQuery(heads, heads, width, width, qkv_bias=bias, output_bias=bias)


def read_gpt2(fields: Fields, family: str) -> Architecture:
    """GPT-2; GPT-3 and Megatron's benchmark models have the same shape."""
    hidden = fields.count("n_embd", "hidden_size")
    layers = fields.count("n_layer", "num_hidden_layers", limit="layers")
    positions = fields.count("n_positions", "n_ctx", limit="tokens")
    inner = 4 * hidden
    width = fields.count_or(inner, "four times n_embd", "n_inner", "intermediate_size")
    return assembled(
        fields,
        family,
        hidden,
        [multi_head(fields, hidden, "n_head", "num_attention_heads")] * layers,
        [Dense(width, gated=False, bias=True)] * layers,
        config="GPT2Config",
        tied=True,
        norm_bias=True,
        learned_positions=positions,
        context=positions,
    )


def read_gpt_neox(fields: Fields, family: str) -> Architecture:
    """GPT-NeoX: biases throughout, attention and feed-forward side by side by default."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    bias = fields.flag("attention_bias", True, "default of GPTNeoXConfig")
    parallel = fields.flag("use_parallel_residual", True, "default of GPTNeoXConfig")
    return assembled(
        fields,
        family,
        hidden,
        [multi_head(fields, hidden, "num_attention_heads", bias=bias)] * layers,
        [Dense(fields.count("intermediate_size"), gated=False, bias=True)] * layers,
        config="GPTNeoXConfig",
        norm_bias=True,
        parallel=parallel,
    )


def read_opt(fields: Fields, family: str) -> Architecture:
    """OPT: two rows more in the position table than positions."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    if fields.has("word_embed_proj_dim") and fields.count("word_embed_proj_dim") != hidden:
        problem = "differs from hidden_size, which is not modelled"
        raise fields.refusal("word_embed_proj_dim", problem, "take a model without it")
    positions = fields.count("max_position_embeddings", limit="tokens")
    bias = fields.flag("enable_bias", True, "default of OPTConfig")
    return assembled(
        fields,
        family,
        hidden,
        [multi_head(fields, hidden, "num_attention_heads", bias=bias)] * layers,
        [Dense(fields.count("ffn_dim"), gated=False, bias=bias)] * layers,
        config="OPTConfig",
        tied=True,
        norm_bias=True,
        learned_positions=positions + 2,
    )


def read_bloom(fields: Fields, family: str) -> Architecture:
    """BLOOM: linear position biases without weights, a norm on the embedding."""
    hidden = fields.count("hidden_size", "n_embed")
    layers = fields.count("n_layer", "num_hidden_layers", limit="layers")
    return assembled(
        fields,
        family,
        hidden,
        [multi_head(fields, hidden, "n_head", "num_attention_heads")] * layers,
        [Dense(4 * hidden, gated=False, bias=True)] * layers,
        config="BloomConfig",
        tied=True,
        norm_bias=True,
        embedding_norm=True,
        context=fields.optional("seq_length", limit="tokens"),
    )


def read_falcon(fields: Fields, family: str) -> Architecture:
    """Falcon: multi-query in the 7B, grouped in `new_decoder_architecture`, which has two norms."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", "n_layer", limit="layers")
    heads = fields.count("num_attention_heads", "n_head", limit="heads")
    new = fields.flag("new_decoder_architecture", False, "default of FalconConfig")
    parallel = fields.flag("parallel_attn", True, "default of FalconConfig")
    bias = fields.flag("bias", False, "default of FalconConfig")
    width = head_width(fields, hidden, heads)
    shape = checked(fields, Heads(heads, _falcon_kv(fields, heads, new), width), "num_kv_heads")
    inner = fields.count_or(4 * hidden, "four times hidden_size", "ffn_hidden_size")
    attention = GroupedQuery(heads, shape.key_value, width, width, qkv_bias=bias, output_bias=bias)
    return assembled(
        fields,
        family,
        hidden,
        [attention] * layers,
        [Dense(inner, gated=False, bias=bias)] * layers,
        config="FalconConfig",
        tied=True,
        norms=1 if parallel and not new else 2,
        norm_bias=True,
        parallel=parallel,
    )


def _falcon_kv(fields: Fields, heads: int, new: bool) -> int:
    if new:
        key = ("num_kv_heads", "n_head_kv")
        return fields.count_or(heads, "as many as num_attention_heads", *key, limit="heads")
    return 1 if fields.flag("multi_query", True, "default of FalconConfig") else heads


def read_dbrx(fields: Fields, family: str) -> Architecture:
    """DBRX: heads and experts in sections of their own; layer norm without bias."""
    hidden = fields.count("d_model")
    layers = fields.count("n_layers", limit="layers")
    heads = fields.count("n_heads", limit="heads")
    attention, inner = fields.section("attn_config"), fields.section("ffn_config")
    width = head_width(fields, hidden, heads)
    key_value = attention.count("kv_n_heads", limit="heads")
    shape = checked(attention, Heads(heads, key_value, width), "kv_n_heads")
    total, visited = experts(inner, "moe_num_experts", visited="moe_top_k")
    mixture = Mixture(total, visited, inner.count("ffn_hidden_size"))
    return assembled(
        fields,
        family,
        hidden,
        [GroupedQuery(heads, shape.key_value, width, width)] * layers,
        [mixture] * layers,
        config="DbrxConfig",
        context=fields.optional("max_seq_len", limit="tokens"),
    )


def read_plain(fields: Fields, family: str) -> Architecture:
    """This program's own `decoder`: any dense or routed model of grouped heads, told outright.

    For models without a public config. What changes the size must be said: `gated`,
    `tie_word_embeddings`, `num_key_value_heads`; other parts are absent unless named.
    """
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    return assembled(
        fields,
        family,
        hidden,
        [_plain_attention(fields, hidden)] * layers,
        _plain_feed_forward(fields, layers),
        config="this program's decoder",
        norms=fields.optional("norms_per_layer") or 2,
        norm_bias=_named(fields, "norm_bias"),
        embedding_norm=_named(fields, "embedding_norm"),
        parallel=_named(fields, "parallel"),
        learned_positions=fields.optional("learned_positions", limit="tokens"),
    )


def _plain_attention(fields: Fields, hidden: int) -> GroupedQuery:
    heads = fields.count("num_attention_heads", limit="heads")
    key_value = fields.count("num_key_value_heads", limit="heads")
    width = head_width(fields, hidden, heads)
    checked(fields, Heads(heads, key_value, width))
    return GroupedQuery(
        *(heads, key_value, width, width),
        window=fields.optional("sliding_window", limit="tokens"),
        qkv_bias=_named(fields, "qkv_bias"),
        output_bias=_named(fields, "output_bias"),
        relative_positions=_named(fields, "relative_positions"),
    )


def _plain_feed_forward(fields: Fields, layers: int) -> list[Dense | Mixture]:
    gated = fields.said("gated")
    bias = _named(fields, "ffn_bias")
    if not fields.has("num_experts"):
        return [Dense(fields.count("intermediate_size"), gated, bias)] * layers
    first = fields.optional("first_k_dense_replace", limit="layers")
    width = fields.count("moe_intermediate_size")
    total, visited = experts(fields, "num_experts")
    shared = fields.optional("num_shared_experts", limit="experts") * width
    balanced = _named(fields, "router_bias")
    mixture = Mixture(total, visited, width, gated, bias, shared_width=shared, router_bias=balanced)
    dense = [Dense(fields.count("intermediate_size"), gated, bias)] * first if first else []
    return [*dense, *[mixture] * (layers - first)]


def _named(fields: Fields, key: str) -> bool:
    return fields.has(key) and fields.said(key)
