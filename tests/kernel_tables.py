"""Small measured tables of our own making: one of each kind that `validate kernels` reads.

Times are round numbers near what the chips' figures allow; nobody measured them.
"""

from __future__ import annotations

from typing import Any

Table = dict[str, list[Any]]

_ATTENTION: Table = {
    "system": ["h100_sxm", "h100_sxm", "h20"],
    "backend_name": ["vllm"] * 3,
    "kernel_source": ["flash_attention"] * 3,
    "attn_dtype": ["bfloat16"] * 3,
    "kv_cache_dtype": ["bfloat16"] * 3,
    "batch_size": [4, 4, 4],
    "num_heads": [32] * 3,
    "num_key_value_heads": [8] * 3,
    "head_dim": [128] * 3,
    "window_size": [0, 0, 0],
}
_LATENT: Table = {
    "system": ["h100_sxm", "h200"],
    "backend_name": ["vllm"] * 2,
    "kernel_source": ["default"] * 2,
    "mla_dtype": ["bfloat16"] * 2,
    "kv_cache_dtype": ["bfloat16"] * 2,
    "backend_version": ["0.11.0"] * 2,
    "num_heads": [16] * 2,
    "tp_size": [8] * 2,
    "batch_size": [8] * 2,
}
_COLLECTIVE: Table = {
    "system": ["h100_sxm", "h100_sxm", "a100_sxm"],
    "backend_name": ["trtllm"] * 3,
    "backend_version": ["1.0.0"] * 3,
    "num_gpus": [8, 4, 8],
    "message_size": [33554432, 33554432, 1048576],
}
_DISPATCH: Table = {
    "system": ["h100_sxm", "h800"],
    "backend_name": ["sglang"] * 2,
    "node_num": [1, 1],
    "hidden_size": [7168] * 2,
    "num_topk": [8] * 2,
    "num_experts": [256] * 2,
}

TABLES: dict[str, tuple[str, str, int, Table]] = {
    "gemm": (
        "gemm",
        "gemm",
        3,
        {
            "system": ["h100_sxm", "h20", "b200_sxm"],
            "backend_name": ["vllm", "", "sglang"],
            "gemm_dtype": ["fp8", "bfloat16", "nvfp4"],
            "m": [4096] * 3,
            "n": [4096] * 3,
            "k": [4096] * 3,
            "latency": [0.15, 1.1, 0.045],
        },
    ),
    "prefill": (
        "prefill or decode attention",
        "attention_prefill",
        3,
        _ATTENTION
        | {
            "op_name": ["context_attention"] * 3,
            "isl": [4096] * 3,
            "step": [0, 1024, 0],
            "latency": [1.5, 2.2, 6.0],
        },
    ),
    "decode": (
        "prefill or decode attention",
        "attention_decode",
        3,
        _ATTENTION
        | {
            "op_name": ["generation_attention"] * 3,
            "isl": [1] * 3,
            "step": [4095, 32767, 4095],
            "latency": [0.03, 0.2, 0.025],
        },
    ),
    "latent prefill": (
        "latent attention",
        "latent_prefill",
        2,
        _LATENT
        | {
            "op_name": ["mla_context"] * 2,
            "isl": [4096] * 2,
            "step": [0] * 2,
            "latency": [2.0, 2.0],
        },
    ),
    "latent decode": (
        "latent attention",
        "latent_decode",
        2,
        _LATENT
        | {
            "op_name": ["mla_generation"] * 2,
            "isl": [1] * 2,
            "step": [8192] * 2,
            "latency": [0.16, 0.16],
        },
    ),
    "experts": (
        "experts",
        "experts",
        2,
        {
            "system": ["h100_sxm", "h20"],
            "backend_name": ["vllm"] * 2,
            "backend_version": ["0.14.0"] * 2,
            "kernel_source": ["vllm_fused_moe"] * 2,
            "moe_dtype": ["bfloat16"] * 2,
            "num_tokens": [4096] * 2,
            "hidden_size": [4096] * 2,
            "inter_size": [1536] * 2,
            "topk": [8] * 2,
            "num_experts": [128] * 2,
            "moe_tp_size": [1] * 2,
            "moe_ep_size": [8] * 2,
            "distribution": ["power_law_1.2", "balanced"],
            "latency": [1.7, 2.2],
        },
    ),
    "collectives": (
        "collectives",
        "collectives",
        3,
        _COLLECTIVE
        | {
            "op_name": ["all_reduce", "all_gather", "alltoall"],
            "kernel_source": ["NCCL"] * 3,
            "nccl_dtype": ["half"] * 3,
            "latency": [0.28, 0.2, 0.05],
        },
    ),
    "all-reduce": (
        "all-reduce",
        "direct_all_reduce",
        3,
        _COLLECTIVE
        | {
            "op_name": ["all_reduce"] * 3,
            "kernel_source": ["TRTLLM"] * 3,
            "allreduce_dtype": ["bfloat16"] * 3,
            "latency": [0.28, 0.3, 0.05],
        },
    ),
    "low-latency dispatch": (
        "low-latency dispatch",
        "dispatch",
        4,
        _DISPATCH
        | {
            "num_token": [128] * 2,
            "dispatch_avg_t_us": [60.0, 90.0],
            "combine_avg_t_us": [90.0, 150.0],
        },
    ),
    "throughput dispatch": (
        "throughput dispatch",
        "dispatch",
        4,
        _DISPATCH
        | {
            "num_token": [4096] * 2,
            "dispatch_sms": [24] * 2,
            "combine_sms": [24] * 2,
            "dispatch_transmit_us": [700.0, 1100.0],
            "combine_transmit_us": [1300.0, 2000.0],
        },
    ),
    "exchange": (
        "exchange of experts' tokens",
        "dispatch",
        2,
        {
            "system": ["h100_sxm"] * 2,
            "backend_name": ["trtllm"] * 2,
            "backend_version": ["1.1.0"] * 2,
            "kernel_source": ["exchange"] * 2,
            "op_name": ["dispatch", "combine"],
            "moe_dtype": ["fp8", "bfloat16"],
            "num_tokens": [128] * 2,
            "hidden_size": [7168] * 2,
            "topk": [8] * 2,
            "num_experts": [256] * 2,
            "moe_ep_size": [8] * 2,
            "distribution": ["balanced"] * 2,
            "latency": [0.05, 0.08],
        },
    ),
    "collectives by bytes": (
        "collectives by bytes",
        "collectives",
        2,
        {
            "system": ["h100_dgx", "a100_dgx"],
            "num_workers": [8, 2],
            "size_bytes": [67108864, 1048576],
            "collective": ["all_reduce", "send_recv"],
            "devices_per_node": [8, 8],
            "median_ms": [0.3, 0.02],
        },
    ),
    "operators of a layer": (
        "operators of a layer",
        "pointwise",
        12,
        {
            "system": ["a100", "h100"],
            "n_head": [32] * 2,
            "n_kv_head": [8] * 2,
            "n_embd": [4096] * 2,
            "n_expanded_embd": [14336] * 2,
            "use_gated_mlp": [1] * 2,
            "num_tensor_parallel_workers": [1] * 2,
            "num_tokens": [4096] * 2,
            "emb_ms": [0.08, 0.05],
            "input_layernorm_ms": [0.08, 0.05],
            "post_attention_layernorm_ms": [0.08, 0.05],
            "attn_rope_ms": [0.09, 0.06],
            "mlp_act_ms": [0.25, 0.15],
            "add_ms": [0.08, 0.05],
        },
    ),
}
"""Each table's kind as `validate` names it, the operator, its predictions, and its columns."""
