"""Reading config.json: public shapes give the catalogue's architectures, bad ones one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chipassay
from chipassay.catalogue.architectures import architecture, numbers, read_config
from chipassay.catalogue.hugging_face.families import FAMILIES, SAME_AS
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.model_file import read_model
from chipassay.facts.yaml_file import read_yaml
from chipassay.records.architecture import GroupedQuery, Latent, Linear, Mixture

MODELS = Path(chipassay.__path__[0]) / "data" / "models"
Config = dict[str, Any]

# What every public config carries besides its shape; none of it may matter.
AROUND: Config = {
    "architectures": ["SomeForCausalLM"], "torch_dtype": "bfloat16", "rope_theta": 500000.0,
    "rms_norm_eps": 1e-05, "initializer_range": 0.02, "use_cache": True, "bos_token_id": 1,
    "eos_token_id": [2, 3], "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "transformers_version": "4.46.3", "attention_dropout": 0.0, "hidden_act": "silu",
}  # fmt: skip
LLAMA: Config = {
    "model_type": "llama", "hidden_size": 8192, "intermediate_size": 28672, "vocab_size": 128256,
    "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
    "max_position_embeddings": 131072, "tie_word_embeddings": False, "attention_bias": False,
    "mlp_bias": False,
}  # fmt: skip
DEEPSEEK: Config = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "num_hidden_layers": 61,
    "num_attention_heads": 128, "num_key_value_heads": 128, "intermediate_size": 18432,
    "vocab_size": 129280, "max_position_embeddings": 163840, "tie_word_embeddings": False,
    "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
    "v_head_dim": 128, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "moe_intermediate_size": 2048, "first_k_dense_replace": 3, "moe_layer_freq": 1, "n_group": 8,
    "topk_group": 4, "topk_method": "noaux_tc", "scoring_func": "sigmoid", "ep_size": 1,
    "num_nextn_predict_layers": 1, "attention_bias": False,
}  # fmt: skip
MIXTRAL: Config = {
    "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "vocab_size": 32000,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None,
    "max_position_embeddings": 32768, "tie_word_embeddings": False,
}  # fmt: skip
QWEN3_MOE: Config = {
    "model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "head_dim": 128,
    "vocab_size": 151936, "num_hidden_layers": 48, "num_attention_heads": 32,
    "num_key_value_heads": 4, "num_experts": 128, "num_experts_per_tok": 8,
    "moe_intermediate_size": 768, "decoder_sparse_step": 1, "mlp_only_layers": [],
    "use_sliding_window": False, "sliding_window": None, "max_window_layers": 48,
    "max_position_embeddings": 40960, "tie_word_embeddings": False, "attention_bias": False,
}  # fmt: skip
QWEN35: Config = {
    "model_type": "qwen3_5_moe", "tie_word_embeddings": False, "image_token_id": 248056,
    "vision_config": {"hidden_size": 1152, "depth": 27, "num_heads": 16},
    "text_config": {
        "model_type": "qwen3_5_moe_text", "hidden_size": 4096, "num_hidden_layers": 60,
        "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 256,
        "vocab_size": 248320, "max_position_embeddings": 262144, "attn_output_gate": True,
        "layer_types": (["linear_attention"] * 3 + ["full_attention"]) * 15,
        "linear_num_key_heads": 16, "linear_num_value_heads": 64, "linear_key_head_dim": 128,
        "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "num_experts": 512,
        "num_experts_per_tok": 10, "moe_intermediate_size": 1024, "mtp_num_hidden_layers": 1,
        "shared_expert_intermediate_size": 1024, "mlp_only_layers": [], "attention_bias": False,
    },
}  # fmt: skip
LLAMA4: Config = {
    "model_type": "llama4", "vision_config": {"hidden_size": 1408, "num_hidden_layers": 34},
    "text_config": {
        "model_type": "llama4_text", "hidden_size": 5120, "num_hidden_layers": 48,
        "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
        "intermediate_size": 8192, "intermediate_size_mlp": 16384, "vocab_size": 202048,
        "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2,
        "attention_chunk_size": 8192, "max_position_embeddings": 1048576, "use_qk_norm": False,
        "attention_bias": False,
    },
}  # fmt: skip
GPT_OSS: Config = {
    "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
    "vocab_size": 201088, "num_hidden_layers": 24, "num_attention_heads": 64,
    "num_key_value_heads": 8, "num_local_experts": 32, "num_experts_per_tok": 4,
    "experts_per_token": 4, "sliding_window": 128, "attention_bias": True,
    "layer_types": ["sliding_attention", "full_attention"] * 12, "swiglu_limit": 7.0,
    "max_position_embeddings": 131072, "tie_word_embeddings": False,
}  # fmt: skip
GEMMA3_4B: Config = {  # the public file says no more: the rest are the class's defaults
    "model_type": "gemma3", "vision_config": {"hidden_size": 1152}, "mm_tokens_per_image": 256,
    "text_config": {
        "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240,
        "num_hidden_layers": 34, "sliding_window": 1024,
    },
}  # fmt: skip
GPT2_XL: Config = {
    "model_type": "gpt2", "n_embd": 1600, "n_layer": 48, "n_head": 25, "n_positions": 1024,
    "n_ctx": 1024, "vocab_size": 50257,
}  # fmt: skip
NEOX_20B: Config = {
    "model_type": "gpt_neox", "hidden_size": 6144, "intermediate_size": 24576,
    "num_hidden_layers": 44, "num_attention_heads": 64, "vocab_size": 50432,
    "max_position_embeddings": 2048, "tie_word_embeddings": False,
}  # fmt: skip
BLOOM: Config = {
    "model_type": "bloom", "hidden_size": 14336, "n_layer": 70, "num_attention_heads": 112,
    "vocab_size": 250880, "seq_length": 2048, "pretraining_tp": 4,
}  # fmt: skip
FALCON_40B: Config = {
    "model_type": "falcon", "hidden_size": 8192, "num_hidden_layers": 60, "num_kv_heads": 8,
    "num_attention_heads": 128, "vocab_size": 65024, "new_decoder_architecture": True,
    "multi_query": True, "parallel_attn": True, "bias": False, "alibi": False,
}  # fmt: skip
FALCON_7B: Config = {
    "model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "vocab_size": 65024,
    "num_attention_heads": 71, "new_decoder_architecture": False, "multi_query": True,
    "parallel_attn": True, "bias": False,
}  # fmt: skip
OPT_66B: Config = {
    "model_type": "opt", "hidden_size": 9216, "ffn_dim": 36864, "num_hidden_layers": 64,
    "num_attention_heads": 72, "vocab_size": 50272, "max_position_embeddings": 2048,
    "word_embed_proj_dim": 9216, "do_layer_norm_before": True,
}  # fmt: skip
DBRX: Config = {
    "model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352,
    "max_seq_len": 32768, "tie_word_embeddings": False,
    "attn_config": {"kv_n_heads": 8, "clip_qkv": 8, "rope_theta": 500000},
    "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4},
}  # fmt: skip
MINIMAX_01: Config = {
    "model_type": "minimax_text_01", "hidden_size": 6144, "num_hidden_layers": 80,
    "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 200064,
    "intermediate_size": 9216, "num_local_experts": 32, "num_experts_per_tok": 2,
    "attn_type_list": ([0] * 7 + [1]) * 10, "shared_intermediate_size": 0,
    "max_position_embeddings": 10240000, "tie_word_embeddings": False,
}  # fmt: skip
KIMI_K25: Config = {
    "model_type": "kimi_k25", "tie_word_embeddings": False,
    "text_config": DEEPSEEK | {
        "model_type": "kimi_k2", "num_attention_heads": 64, "num_key_value_heads": 64,
        "vocab_size": 163840, "n_routed_experts": 384, "first_k_dense_replace": 1,
    },
}  # fmt: skip
PUBLIC = {
    "llama3.1-70b": LLAMA, "deepseek-v3": DEEPSEEK, "mixtral-8x7b": MIXTRAL,
    "qwen3-30b-a3b": QWEN3_MOE, "qwen3.5-397b-a17b": QWEN35, "llama4-maverick": LLAMA4,
    "gpt-oss-20b": GPT_OSS, "gemma3-4b": GEMMA3_4B, "bloom-176b": BLOOM,
    "falcon-40b": FALCON_40B, "falcon-7b": FALCON_7B, "opt-66b": OPT_66B, "dbrx": DBRX,
    "minimax-text-01": MINIMAX_01, "kimi-k2": KIMI_K25,
}  # fmt: skip


def written(folder: Path, config: object) -> Path:
    path = folder / "config.json"
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    return path


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_config_gives_the_catalogues_architecture(name: str, tmp_path: Path) -> None:
    entry = read_model(read_yaml(MODELS / f"{name}.yaml"))
    known = architecture(entry.config, name)
    found = read_config(written(tmp_path, AROUND | PUBLIC[name]))
    assert found.groups == known.groups
    assert found.order == known.order
    assert numbers(found) == numbers(known)


def test_models_outside_the_catalogue_have_their_published_sizes() -> None:
    qwen3_next = {
        "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48,
        "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
        "vocab_size": 151936, "full_attention_interval": 4, "linear_num_key_heads": 16,
        "linear_num_value_heads": 32, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4, "num_experts": 512, "num_experts_per_tok": 10,
        "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512,
        "tie_word_embeddings": False, "intermediate_size": 5120, "decoder_sparse_step": 1,
    }  # fmt: skip
    qwen_moe = {
        "model_type": "qwen2_moe", "hidden_size": 2048, "num_hidden_layers": 24,
        "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 151936,
        "num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408,
        "shared_expert_intermediate_size": 5632, "tie_word_embeddings": False,
    }  # fmt: skip
    assert numbers(architecture(GPT2_XL, "x")).parameters == 1_557_611_200
    assert numbers(architecture(NEOX_20B, "x")).parameters == pytest.approx(20.55e9, rel=0.01)
    assert numbers(architecture(qwen3_next, "x")).parameters == pytest.approx(79.7e9, rel=0.01)
    assert numbers(architecture(qwen_moe, "x")).parameters == pytest.approx(14.3e9, rel=0.01)


def test_defaults_taken_are_told() -> None:
    notes = architecture(GEMMA3_4B, "x").notes
    assert "num_attention_heads absent: 8 taken (default of Gemma3TextConfig)" in notes
    assert "vocab_size absent: 262208 taken (default of Gemma3TextConfig)" in notes
    assert "tie_word_embeddings absent: true taken (default of Gemma3TextConfig)" in notes
    assert architecture(LLAMA, "x").notes == (
        "head_dim absent: 128 taken (hidden size over heads)",
    )


def test_null_key_value_heads_are_as_many_as_heads() -> None:
    attention = architecture(LLAMA | {"num_key_value_heads": None}, "x").groups[0].attention
    assert isinstance(attention, GroupedQuery)
    assert attention.kv_heads == 64


def test_the_structure_is_told_layer_by_layer() -> None:
    maverick = architecture(LLAMA4, "x")
    assert maverick.layers == 48
    routed = [isinstance(maverick.groups[i].feed_forward, Mixture) for i in maverick.order]
    assert routed == [False, True] * 24
    near = [maverick.groups[i].attention for i in maverick.order[:4]]
    assert [a.window for a in near if isinstance(a, GroupedQuery)] == [8192, 8192, 8192, 0]
    assert all(isinstance(a, GroupedQuery) and a.chunked == (a.window > 0) for a in near)
    hybrid = architecture(QWEN35, "x")
    kinds = [type(hybrid.groups[i].attention) for i in hybrid.order[:4]]
    assert kinds == [Linear, Linear, Linear, GroupedQuery]
    assert isinstance(architecture(DEEPSEEK, "x").groups[0].attention, Latent)
    assert architecture(DEEPSEEK, "x").predictors == 1


def test_a_config_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    assert read_config(written(folder, LLAMA)).id == "my-model"
    assert read_config(folder).id == "my-model"
    other = tmp_path / "llama.json"
    other.write_text(json.dumps(LLAMA))
    assert read_config(other).id == "llama"


REFUSED = [
    (LLAMA | {"num_hidden_layers": None}, "num_hidden_layers is missing"),
    (LLAMA | {"hidden_size": -8192}, "hidden_size is -8192: it must lie between 1 and 4000000"),
    (LLAMA | {"num_attention_heads": 0}, "num_attention_heads is 0: it must lie between 1 and"),
    (LLAMA | {"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000: it must lie between"),
    (LLAMA | {"hidden_size": "8192"}, "hidden_size is '8192', not a whole number"),
    (LLAMA | {"num_attention_heads": True}, "num_attention_heads is 'True', not a whole number"),
    (LLAMA | {"hidden_size": 8192.5}, "hidden_size is '8192.5', not a whole number"),
    (LLAMA | {"hidden_size": [8192]}, "hidden_size is '[8192]', not a whole number"),
    (LLAMA | {"num_attention_heads": 60}, "head_dim is absent and 8192 (hidden size) does not"),
    (LLAMA | {"num_key_value_heads": 7}, "num_key_value_heads is 7, which does not divide 64"),
    (LLAMA | {"tie_word_embeddings": 1}, "tie_word_embeddings is '1', not true or false"),
    (LLAMA | {"num_local_experts": 8}, "num_local_experts is 8, which model_type llama does not"),
    (LLAMA | {"kv_lora_rank": 512}, "kv_lora_rank is 512, which model_type llama does not use"),
    (LLAMA | {"model_type": None}, "model_type is missing"),
    (LLAMA | {"model_type": 4}, "model_type is '4', not text"),
    (MIXTRAL | {"num_experts_per_tok": 9}, "num_experts_per_tok is 9, more than the 8 experts"),
    (QWEN3_MOE | {"mlp_only_layers": [48]}, "mlp_only_layers names a layer beyond the last, 47"),
    (GPT_OSS | {"layer_types": ["full_attention"]}, "layer_types has 1 entries for 24 layers"),
    (GPT_OSS | {"layer_types": ["x"] * 24}, "layer_types[0] is 'x'; known are full_attention"),
    (GPT_OSS | {"layer_types": "full"}, "layer_types is 'full', not a list"),
    (DBRX | {"attn_config": None}, "attn_config is missing"),
    (DBRX | {"ffn_config": {"moe_num_experts": 16}}, "ffn_config.moe_top_k is missing"),
    ({k: v for k, v in DEEPSEEK.items() if k != "q_lora_rank"}, "q_lora_rank is missing"),
    (QWEN35 | {"text_config": [1]}, "text_config is '[1]', not an object"),
    (OPT_66B | {"word_embed_proj_dim": 512}, "word_embed_proj_dim differs from hidden_size"),
    (GPT2_XL | {"n_head": 7}, "n_head is 7, which does not divide the hidden size 1600"),
    ([LLAMA], "holds a list, not an object"),
    ("{", "broken JSON at line 1: "),
    ('"llama"', "holds 'llama', not an object"),
    ('{"model_type": "llama", "hidden_size": NaN}', "hidden_size is 'nan', not a whole number"),
    ("[" * 100_000, "broken JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_bad_config_is_refused_in_one_line(config: object, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, config)
    with pytest.raises(QuestionError) as caught:
        read_config(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: {message}")
    assert "\n" not in text
    assert caught.value.hint


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"nowhere\.json: No such file or directory; give"):
        read_config(tmp_path / "nowhere.json")
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionError, match="is no UTF-8 text"):
        read_config(binary)


@pytest.mark.parametrize(
    ("written_type", "near"),
    [("lama", "llama"), ("Qwen3", "qwen3"), ("deepseek_v5", "deepseek_v4"), ("mistal", "mistral")],
)
def test_an_unknown_family_brings_near_misses(written_type: str, near: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        architecture(LLAMA | {"model_type": written_type}, "here.json")
    assert near in caught.value.suggestions
    assert str(caught.value).startswith(f"here.json: no model_type is called '{written_type}'")


def test_other_names_lead_to_families() -> None:
    assert set(SAME_AS.values()) <= set(FAMILIES)
    assert not set(SAME_AS) & set(FAMILIES)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_config_is_read_or_refused(data: st.DataObject) -> None:
    config = dict(data.draw(st.sampled_from(list(PUBLIC.values()))))
    for section in ("text_config",):
        if section in config:
            config[section] = dict(config[section])
            config = data.draw(st.sampled_from([config, config[section]]))
    keys = data.draw(st.lists(st.sampled_from(sorted(config)), max_size=3))
    config |= {key: data.draw(ANY) for key in keys}
    refusal = None
    try:
        assert numbers(architecture(config, "config.json")).parameters > 0
    except QuestionError as error:
        refusal = str(error)
    assert refusal is None or (refusal.startswith("config.json: ") and "\n" not in refusal)


SMALL = st.sampled_from([1, 2, 4, 8])


@given(
    heads=SMALL, group=SMALL, width=st.integers(1, 64), layers=st.integers(1, 40),
    experts=st.integers(1, 16), hidden=st.integers(1, 512),
)  # fmt: skip
def test_any_plain_decoder_adds_up(
    heads: int, group: int, width: int, layers: int, experts: int, hidden: int
) -> None:
    config = {
        "model_type": "decoder", "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": heads * group, "num_key_value_heads": heads, "head_dim": width,
        "vocab_size": 100, "gated": True, "tie_word_embeddings": False, "num_experts": experts,
        "num_experts_per_tok": 1, "moe_intermediate_size": 32,
    }  # fmt: skip
    n = numbers(architecture(config, "x"))
    attention = 2 * hidden * (heads * group + heads) * width
    layer = attention + experts * (3 * hidden * 32 + hidden) + 2 * hidden
    assert n.parameters == layers * layer + 200 * hidden + hidden
    assert n.cached_values_per_token == layers * 2 * heads * width
    assert n.attention_flop_per_pair == layers * 4 * heads * group * width
