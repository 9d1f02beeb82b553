"""DeepSeek's line: latent attention (V2, V3, Kimi K2), with an indexer (V3.2, GLM-5), and V4."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.catalogue.hugging_face import mixtures
from chipassay.catalogue.hugging_face.blocks import assembled
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Architecture, Compressed, Latent, Mixture

_INDEXERS = {"full": "full", "shared": "shared"}


class Dialect(NamedTuple):
    """One family: the class behind it, a bias for balance, whether an indexer picks tokens."""

    config: str
    balanced: bool = True
    indexed: bool = False


DIALECTS = {
    "deepseek_v2": Dialect("DeepseekV2Config", balanced=False),
    "deepseek_v3": Dialect("DeepseekV3Config"),
    "kimi_k2": Dialect("DeepseekV3Config"),
    "deepseek_v32": Dialect("DeepseekV32Config", indexed=True),
    "glm_moe_dsa": Dialect("GlmMoeDsaConfig", indexed=True),
}


def read(fields: Fields, family: str) -> Architecture:
    """A decoder with multi-head latent attention, by its family's row of the table."""
    dialect = DIALECTS[family]
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    return assembled(
        fields,
        family,
        hidden,
        _attention(fields, dialect, layers),
        mixtures.deepseek(fields, layers, balanced=dialect.balanced),
        config=dialect.config,
        predictors=fields.optional("num_nextn_predict_layers", limit="layers"),
    )


def _attention(fields: Fields, dialect: Dialect, layers: int) -> list[Latent]:
    shared = [False] * layers
    if fields.has("indexer_types"):
        kinds = fields.words("indexer_types", layers, _INDEXERS)
        shared = [kind == "shared" for kind in kinds]
    shape = (
        fields.count("num_attention_heads", limit="heads"),
        _query_rank(fields),
        fields.count("kv_lora_rank"),
        fields.count("qk_nope_head_dim"),
        fields.count("qk_rope_head_dim"),
        fields.count("v_head_dim"),
    )
    index = _indexer(fields) if dialect.indexed else (0, 0, 0)
    return [Latent(*shape, *index, index_shared=each) for each in shared]


def _query_rank(fields: Fields) -> int:
    """The rank of the query latent; the key must be there, null says that queries have none."""
    if not fields.mentions("q_lora_rank"):
        raise fields.refusal("q_lora_rank", "is missing", "write null where queries have no latent")
    return fields.optional("q_lora_rank")


def _indexer(fields: Fields) -> tuple[int, int, int]:
    heads = fields.count("index_n_heads", limit="heads")
    return heads, fields.count("index_head_dim"), fields.count("index_topk", limit="tokens")


def read_v4(fields: Fields, family: str) -> Architecture:
    """DeepSeek-V4: a short window in every layer, and by `compress_ratios` a compressed stream."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    total, visited = mixtures.experts(fields, "n_routed_experts")
    width = fields.count("moe_intermediate_size")
    shared = fields.optional("n_shared_experts", limit="experts") * width
    mixture = Mixture(total, visited, width, shared_width=shared, router_bias=True)
    return assembled(
        fields,
        family,
        hidden,
        _compressed(fields, layers),
        [mixture] * layers,
        config="DeepseekV4Config",
        streams=fields.count_or(1, "no hyper-connections", "hc_mult", limit="heads"),
        predictors=fields.optional("num_nextn_predict_layers", limit="layers"),
    )


def _compressed(fields: Fields, layers: int) -> list[Compressed]:
    shape = (
        fields.count("num_attention_heads", limit="heads"),
        fields.count("q_lora_rank"),
        fields.count("head_dim"),
        fields.count("sliding_window", limit="tokens"),
    )
    output = (fields.count("o_groups", limit="heads"), fields.count("o_lora_rank"))
    index = _indexer(fields)
    # Blocks of four tokens overlap and are picked from; the coarser stream is read whole.
    return [
        Compressed(*shape, ratio, ratio == 4, *output, *(index if ratio == 4 else (0, 0, 0)))
        for ratio in fields.counts("compress_ratios", layers)
    ]
