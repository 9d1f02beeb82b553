"""Fit attention of dense transformers, from the repository:

python -m builders.kernels.fit_attention ../shared/measured/kernels
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy
from builders.kernels.hierarchy import Rules, Spread

from chipassay.measured.attention import decode_groups, prefill_groups
from chipassay.measured.group import Group
from chipassay.model.kernels.attention_decode import (
    AttentionDecodeConstants,
    attention_decode_time,
    decode_coordinates,
)
from chipassay.model.kernels.attention_prefill import (
    AttentionPrefillConstants,
    attention_prefill_time,
    prefill_coordinates,
)

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
PEAK = 1.05
"""A row above this share of a published rate is impossible."""
PREFILL = common.Family(
    name="attention_prefill",
    time=attention_prefill_time,
    start=AttentionPrefillConstants(
        core_power=2.0, softmax=1.2, beyond=0.02, longest=3.0, tile=3500.0, cache_passes=2.0,
        query_passes=1.0, start=20000.0, loose=0.5, wide=600.0,
    ),
    coordinates=prefill_coordinates,
    knots=(
        (0, 4, 5, 6, 7, 8, 9, 10, 12, 14), (0, 5, 7, 9, 11, 14),
        (6, 7, 7.585, 8, 9), (0, 3), (7, 20),
    ),
    smooth=0.03,
)  # fmt: skip
DECODE = common.Family(
    name="attention_decode",
    time=attention_decode_time,
    start=AttentionDecodeConstants(
        stream=0.87, unit=10000.0, loose=0.02, start=20000.0, key=0.5,
        piece=1e15, most=8.0, exposed=0.5, light=0.5, step=8.0, lone=10.0, packed=1e6, modern=5e12,
        least=0.5, narrow=1.0,
    ),
    coordinates=decode_coordinates,
    knots=(
        (1, 5, 6, 7, 8, 9, 10, 12, 14, 17), (0, 4, 7, 9, 11, 14),
        (0, 1, 3.5, 7), (6, 7, 8), (7, 20),
    ),
    smooth=0.03,
)  # fmt: skip
KNOWN: dict[str, dict[str, float]] = {
    "trtllm": {"packed": 40.0, "piece": 32.0},
    "trtllm+kv8": {"packed": 40.0, "piece": 32.0},
    "vllm": {"least": 1.5, "narrow": 1e6},
    "fa4": {"modern": 1e16, "least": 1e6},
    "triton": {"modern": 1e16},
    "triton+kv8": {"modern": 1e16},
    "vllm_triton+kv8": {"modern": 1e16},
}
"""Which kernel a stack calls, known from its source and not fitted.

TensorRT-LLM leaves groups of more than 32 heads to a kernel of one head a block, and cuts long
sequences into ever more pieces, window or not; FlashAttention 2,
which vLLM calls on chips without asynchronous matrix units, packs and splits only groups without a
window; FlashAttention 4 does neither.
"""


S = Spread
PREFILL_SPREADS = {
    "core_power": S(0.5, 0.4, 0.3, 0.2), "softmax": S(0.4, 0.3, 0.3, 0.2),
    "beyond": S(1.0, 0.4, 1.0, 0.4), "longest": S(0.5, 0.4, 0.3, 0.2),
    "tile": S(0.5, 0.4, 0.4, 0.2), "cache_passes": S(0.6, 0.3, 0.6, 0.2),
    "query_passes": S(0.6, 0.3, 0.6, 0.2), "start": S(0.6, 0.3, 0.6, 0.3),
    "loose": S(0.6, 0.4, 0.6, 0.3), "wide": S(0.4, 0.4, 0.3, 0.2),
}  # fmt: skip
FIXED = S(1e-3, 1e-3, 1e-3, 1e-3)
DECODE_SPREADS = {
    "stream": S(0.06, 0.06, 0.04, 0.03), "unit": S(0.5, 0.4, 0.4, 0.2),
    "loose": S(1.0, 0.5, 0.7, 0.3), "start": S(0.6, 0.4, 0.5, 0.3), "key": S(1.0, 0.6, 0.7, 0.4),
    "most": S(0.5, 0.3, 0.4, 0.2), "exposed": S(0.5, 0.3, 0.3, 0.2),
    "light": S(0.5, 0.3, 0.4, 0.3), "step": S(0.5, 0.3, 0.4, 0.3), "lone": S(0.5, 0.3, 0.4, 0.3),
    "piece": FIXED, "packed": FIXED, "modern": FIXED, "least": FIXED, "narrow": FIXED,
}  # fmt: skip
RULES = Rules(by={"stream": "memory"}, carried=0.75)


def impossible_prefill(group: Group) -> dict[str, Any]:
    """Rows of prefill that no chip can have done."""
    about, s = common.silicon_of(group), group.shape
    context = s.queries + s.prefix
    window = np.minimum(s.window, context)
    pairs = _seen(context, window) - _seen(s.prefix, window)
    flop = 4.0 * s.batch * s.heads * s.head_size * pairs
    # A kernel whose cache is fp8 may multiply in fp8, at twice the 16-bit rate.
    rate = about.matrix * np.where(s.bytes_per_value > s.cache_bytes_per_value, 2.0, 1.0)
    values = s.queries * s.heads * (s.bytes_per_value + s.result_bytes_per_value)
    values = values + 2.0 * context * s.kv_heads * s.cache_bytes_per_value
    size = s.batch * s.head_size * values
    return {
        "faster than 105 % of the published rate": flop / group.time > PEAK * rate,
        "beyond the cache, faster than 105 % of the bandwidth": _too_fast(size, about, group.time),
    }


def impossible_decode(group: Group) -> dict[str, Any]:
    """Rows of decode that no chip can have done."""
    about, s = common.silicon_of(group), group.shape
    seen = np.minimum(s.context, s.window)
    size = 2.0 * s.cache_bytes_per_value * s.batch * s.kv_heads * s.head_size * seen
    return {
        "beyond the cache, faster than 105 % of the bandwidth": _too_fast(size, about, group.time),
    }


def _too_fast(size: Any, about: Any, time: Any) -> Any:
    """What the last-level cache cannot hold has to come from memory."""
    return (size - about.cache) / time > PEAK * about.memory


def _seen(tokens: Any, window: Any) -> Any:
    short = np.minimum(tokens, window)
    return short * (short + 1.0) / 2.0 + (tokens - short) * short


def main(measured: Path, only: Sequence[str]) -> None:
    """Read, gate, fit and write both formulas' files."""
    for family, spreads, groups, impossible, table in (
        (PREFILL, PREFILL_SPREADS, prefill_groups, impossible_prefill, "attn_prefill.parquet"),
        (DECODE, DECODE_SPREADS, decode_groups, impossible_decode, "attn_decode.parquet"),
    ):
        if only and family.name not in only:
            continue
        gate = common.Gate()
        frame = pl.read_parquet(measured / table).with_row_index("row")
        kept = [gate.keep(g, impossible(g)) for g in groups(frame)]
        known = KNOWN if family is DECODE else {}
        formats, without, errors = hierarchy.study(family, kept, spreads, RULES, known=known)
        hierarchy.show(errors)
        hierarchy.write(
            DATA, family, RULES, gate, formats, without, errors,
            script="builders/kernels/fit_attention.py",
            rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
        )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
