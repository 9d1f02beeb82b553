"""Which reader reads which `model_type`."""

from __future__ import annotations

from collections.abc import Callable

from chipassay.catalogue.hugging_face import classic, grouped, hybrid, latent, nemotron
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Architecture

Reader = Callable[[Fields, str], Architecture]

FAMILIES: dict[str, Reader] = {
    **dict.fromkeys(grouped.DIALECTS, grouped.read),
    **dict.fromkeys(latent.DIALECTS, latent.read),
    **dict.fromkeys(hybrid.DIALECTS, hybrid.read_qwen),
    "gemma3_text": grouped.read_gemma3,
    "deepseek_v4": latent.read_v4,
    "minimax_text_01": hybrid.read_minimax,
    "mimo_v2_flash": hybrid.read_mimo_v2,
    "nemotron_h": nemotron.read,
    "gpt2": classic.read_gpt2,
    "gpt_neox": classic.read_gpt_neox,
    "opt": classic.read_opt,
    "bloom": classic.read_bloom,
    "falcon": classic.read_falcon,
    "dbrx": classic.read_dbrx,
    "decoder": classic.read_plain,
}
# Other names of a family: older spellings, and text parts inside multimodal models.
SAME_AS = {
    "Yi": "yi", "minimax": "minimax_text_01", "minimax_m1": "minimax_text_01",
    "MiniMaxText01": "minimax_text_01", "RefinedWeb": "falcon", "RefinedWebModel": "falcon",
    "llama4": "llama4_text", "gemma3": "gemma3_text", "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text", "qwen3_vl_text": "qwen3", "qwen3_vl_moe_text": "qwen3_moe",
    "qwen2_vl": "qwen2", "qwen2_vl_text": "qwen2", "qwen2_5_vl": "qwen2",
    "qwen2_5_vl_text": "qwen2", "kimi_k25": "kimi_k2", "glm4v_moe_text": "glm4_moe",
    "deepseek_r1": "deepseek_v3", "mimo_v2": "mimo_v2_flash",
}  # fmt: skip
# Where multimodal configs keep their language model.
TEXT_SECTIONS = ("text_config", "language_config", "llm_config")
