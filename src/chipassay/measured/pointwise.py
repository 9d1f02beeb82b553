"""Measured operators that touch each element once, from a table of one layer's medians.

Times are rounded to a microsecond: a row of 3 µs says 2.5 to 3.5. What other groups call a stack
is the operator here, since one kernel serves one operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.formulas.pointwise_traffic import (
    activation_forward_traffic,
    add_traffic,
    embedding_forward_traffic,
    gated_activation_forward_traffic,
    norm_forward_traffic,
    rotary_traffic,
)
from chipassay.measured.group import Group
from chipassay.model.kernels.pointwise import PointwiseShape
from chipassay.units import factor

VALUE_BYTES = 2.0
RANKS = "num_tensor_parallel_workers"
OPERATORS = (
    ("embedding", "emb_ms", "hidden", embedding_forward_traffic, None),
    ("norm", "input_layernorm_ms", "hidden", norm_forward_traffic, True),
    ("norm", "post_attention_layernorm_ms", "hidden", norm_forward_traffic, True),
    ("layer_norm", "input_layernorm_ms", "hidden", norm_forward_traffic, False),
    ("rotary", "attn_rope_ms", "turned", rotary_traffic, True),
    ("gated_activation", "mlp_act_ms", "inner", gated_activation_forward_traffic, True),
    ("activation", "mlp_act_ms", "inner", activation_forward_traffic, False),
    ("add", "add_ms", "hidden", add_traffic, None),
)
"""Operator, column, the width it works on, its traffic, and whether the model's MLP is gated.

The one model without a gate has LayerNorm, too, and turns only part of each head: that is left out.
"""


def groups(frame: Any) -> Iterator[Group]:
    """Each operator of the table (a polars frame), in seconds."""
    chips = np.asarray(frame["system"].cast(str), dtype=str)
    counted = "row" in frame.columns
    numbers = frame["row"].to_numpy() if counted else np.arange(len(chips))
    gated = _number(frame, "use_gated_mlp", 1.0) > 0
    width = _widths(frame)
    for operator in dict.fromkeys(name for name, *_ in OPERATORS):
        parts = []
        for name, column, of, traffic, needs in OPERATORS:
            if name == operator:
                time = _number(frame, column, np.nan) * factor("ms")
                keep = (time > 0) & (width[of] > 0) & ((gated == needs) | (needs is None))
                kept, values = np.flatnonzero(keep), width[of][keep]
                parts.append((kept, time[kept], traffic(values, VALUE_BYTES), values))
        row, time, size, values = (np.concatenate(each) for each in zip(*parts, strict=True))
        if len(row):
            shape = PointwiseShape(size, values)
            yield Group("pointwise", "fp16", operator, chips[row], shape, time, numbers[row])


def _widths(frame: Any) -> dict[str, Any]:
    """Elements of each kind of tensor, on one rank."""
    tokens, ranks = (_number(frame, name, 1.0) for name in ("num_tokens", RANKS))
    heads, hidden = (_number(frame, name, np.nan) for name in ("n_head", "n_embd"))
    turned = heads + _number(frame, "n_kv_head", np.nan)
    return {
        "hidden": tokens * hidden,
        "turned": tokens * hidden / heads * turned / ranks,
        "inner": tokens * _number(frame, "n_expanded_embd", np.nan) / ranks,
    }


def _number(frame: Any, name: str, otherwise: float) -> Any:
    """A column of numbers; one number for all rows where the table has no such column."""
    if name not in frame.columns:
        return np.full(len(frame), otherwise)
    return frame[name].cast(float).to_numpy()
