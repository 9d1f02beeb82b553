"""Write one file for each language model from the first catalogue and `model_additions.yaml`.

    python -m builders.import_models ../shared/catalogue src/chipassay/data/models

The first catalogue has one spelling for all families. Here every config gets the keys of its own
family's config.json, so that the reader of public configs reads it too. A key that is neither
renamed, nor kept, nor implied by the family stops the import: nothing is lost in silence.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import yaml

from chipassay.errors import DataError
from chipassay.facts.yaml_file import read_yaml

Draft = dict[str, Any]

KEPT = {
    "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
    "intermediate_size", "vocab_size", "tie_word_embeddings", "max_position_embeddings",
    "sliding_window", "num_experts_per_tok", "moe_intermediate_size", "q_lora_rank",
    "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "index_n_heads",
    "index_head_dim", "index_topk", "full_attention_interval", "first_k_dense_replace",
}  # fmt: skip
# What a family's reader knows without being told.
IMPLIED = {
    "gated", "ffn_bias", "qkv_bias", "o_bias", "norm", "norms_per_layer", "qk_norm", "attention",
    "router_bias", "expert_bias", "attn_sinks", "attn_output_gate", "shared_gate", "embed_norm",
    "full_attention_layers", "swa", "learned_positions",
}  # fmt: skip
_EXPERTS = {"num_experts": "num_local_experts", "moe_intermediate_size": "intermediate_size"}
_NO_DENSE = ("first_k_dense_replace", "num_shared_experts")
RENAMED: dict[str, dict[str, str]] = {
    "gpt2": {
        "hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
        "intermediate_size": "n_inner", "max_position_embeddings": "n_positions",
    },
    "opt": {"intermediate_size": "ffn_dim"},
    "bloom": {
        "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
        "max_position_embeddings": "seq_length",
    },
    "falcon": {"num_key_value_heads": "num_kv_heads", "intermediate_size": "ffn_hidden_size"},
    "dbrx": {
        "hidden_size": "d_model", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
        "max_position_embeddings": "max_seq_len",
    },
    "mixtral": _EXPERTS,
    "grok-1": _EXPERTS | {"num_experts": "num_experts"},
    "gpt_oss": _EXPERTS,
    "minimax_m2": _EXPERTS,
    "minimax_text_01": _EXPERTS,
    "llama4_text": _EXPERTS | {
        "intermediate_size": "intermediate_size_mlp", "moe_layer_step": "interleave_moe_layer_step",
    },
    "glm4_moe": {"qkv_bias": "attention_bias"},
    "decoder": {
        "o_bias": "output_bias", "rel_pos_proj": "relative_positions",
        "parallel_attn_ffn": "parallel", "embed_norm": "embedding_norm", "qkv_bias": "qkv_bias",
        "ffn_bias": "ffn_bias", "gated": "gated", "norms_per_layer": "norms_per_layer",
        "num_experts": "num_experts", "num_shared_experts": "num_shared_experts",
    },
}  # fmt: skip
# Keys whose value a family's own config does not carry, or carries in `model_additions.yaml`.
DROPPED: dict[str, set[str]] = {
    "gpt2": {"num_key_value_heads"},
    "opt": {"num_key_value_heads"},
    "bloom": {"num_key_value_heads", "intermediate_size"},
    "falcon": {"head_dim"},
    "dbrx": {
        "num_key_value_heads", "head_dim", "num_experts", "num_experts_per_tok",
        "moe_intermediate_size",
    },
    "mixtral": {"intermediate_size", *_NO_DENSE},
    "gpt_oss": {"intermediate_size", *_NO_DENSE},
    "minimax_m2": {"intermediate_size", *_NO_DENSE},
    "llama4_text": set(_NO_DENSE),
    "qwen3_moe": set(_NO_DENSE),
    "qwen3_5_moe_text": {*_NO_DENSE, "linear_attn"},
    "mimo_v2_flash": {"first_k_dense_replace"},
    "deepseek_v4": {"first_k_dense_replace"},
}  # fmt: skip
_DEEPSEEK = {"num_experts": "n_routed_experts", "num_shared_experts": "n_shared_experts"}
for _family in (
    "deepseek_v2", "deepseek_v3", "deepseek_v32", "deepseek_v4", "kimi_k2", "glm_moe_dsa",
    "glm4_moe", "mimo_v2_flash",
):  # fmt: skip
    RENAMED[_family] = RENAMED.get(_family, {}) | _DEEPSEEK
for _family in ("qwen3_moe", "qwen3_5_moe_text"):
    RENAMED[_family] = {"num_experts": "num_experts"}


def main(source: Path, output: Path) -> None:
    """Read the first catalogue and the additions, write one file for each model."""
    path = Path(__file__).parent / "model_additions.yaml"
    additions = read_yaml(path).data["models"]
    for entry in read_yaml(source / "models.yaml").data["models"]:
        model = model_file(entry, additions[entry["id"]])
        text = yaml.dump(model, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
        write_text(output / f"{model['id']}.yaml", text)


def model_file(entry: Draft, addition: Draft) -> Draft:
    """One model's file from its entry in the first catalogue and what was added since."""
    sources = [*entry["source"], *addition.get("sources", [])]
    model: Draft = {"id": entry["id"], "name": entry["name"]}
    model |= {"organisation": entry["organisation"], "released": str(entry["release"])}
    if aliases := _with_tails(addition.get("aliases", []), entry):
        model["aliases"] = aliases
    model["config"] = _config(entry, addition)
    model |= {"config_confidence": entry["confidence"], "sources": sources}
    if published := _published(entry, addition, sources):
        model["published"] = published
    notes = [] if addition.get("drop_note") or not entry.get("note") else [entry["note"]]
    if notes := [*notes, *addition.get("notes", [])]:
        model["notes"] = notes
    return model


def _with_tails(aliases: list[str], entry: Draft) -> list[str]:
    """The aliases, and what stands after the slash of a repository's name."""
    found = list(aliases)
    for alias in aliases:
        found.append(alias.split("/")[-1])
    taken = {entry["id"].casefold(), entry["name"].casefold()}
    return [name for name in dict.fromkeys(found) if name.casefold() not in taken]


def _config(entry: Draft, addition: Draft) -> Draft:
    """The config in its family's own keys, what was read since laid over it."""
    family = addition["model_type"]
    config: Draft = {"model_type": family}
    for key, value in _spelled_out(entry["config"], family).items():
        if key in DROPPED.get(family, ()):
            continue
        if key in RENAMED.get(family, {}):
            config[RENAMED[family][key]] = value
        elif key in KEPT:
            config[key] = value
        elif key not in IMPLIED:
            raise DataError(f"{key} of {entry['id']} has no place in family {family}")
    config |= addition.get("set", {})
    return config


def _spelled_out(config: Draft, family: str) -> Draft:
    """Values that change with the spelling: positions, norms, shared widths, linear heads."""
    config = dict(config)
    if family == "opt":
        config["max_position_embeddings"] = config["learned_positions"] - 2
    if family == "decoder" and config.pop("norm", "") == "layernorm":
        config["norm_bias"] = True
    if family == "decoder":
        config.setdefault("gated", True)
        positions = config.pop("learned_positions", 0)
        return config | ({"learned_positions": positions} if positions else {})
    if family == "qwen3_5_moe_text":
        linear = config["linear_attn"]
        config["shared_expert_intermediate_size"] = (
            config["num_shared_experts"] * config["moe_intermediate_size"]
        )
        config |= {f"linear_{k}": linear[v] for k, v in _LINEAR.items()}
    return config


_LINEAR = {
    "num_key_heads": "num_key_heads", "num_value_heads": "num_value_heads",
    "key_head_dim": "key_head_dim", "value_head_dim": "value_head_dim",
    "conv_kernel_dim": "conv_kernel",
}  # fmt: skip
KEPT |= {f"linear_{key}" for key in _LINEAR}
KEPT |= {"shared_expert_intermediate_size", "norm_bias"}


def _published(entry: Draft, addition: Draft, sources: list[str]) -> Draft:
    """Published counts as plain numbers, with what is known about them."""
    merged = {**entry, **addition}
    own = "published_sources" in addition
    told = addition.get("published_sources", sources)
    common = {"sources": told, "confidence": "seen" if own else "memory"}
    found: Draft = {}
    if merged.get("published_total_b"):
        found["total_parameters"] = {"value": _billions(merged["published_total_b"]), **common}
        if "total_exception" in addition:
            found["total_parameters"]["exception"] = addition["total_exception"]
    if merged.get("published_active_b"):
        found["active_parameters"] = {
            "value": _billions(merged["published_active_b"]),
            "convention": addition["active_convention"],
            **common,
        }
        if "active_exception" in addition:
            found["active_parameters"]["exception"] = addition["active_exception"]
    return found


def _billions(value: float) -> float:
    return float(f"{value}e+9")


def write_text(path: Path, text: str) -> None:
    """Write under a temporary name, then rename: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


class _Dumper(yaml.SafeDumper):
    """Lists of short plain values on one line, counts in billions, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    short = all(isinstance(item, (int, str)) and len(str(item)) < 24 for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=short)


def _float(dumper: yaml.SafeDumper, data: float) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{round(data / 1e9, 6)}e+9")


_Dumper.add_representer(list, _list)
_Dumper.add_representer(float, _float)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
