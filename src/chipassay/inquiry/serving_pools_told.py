"""Pools of disaggregated rows: what a table leaves out of their plans, filled in by the usual.

Older rows of the public table give one size for a worker's tensor ranks and neither the number of
workers nor their attention-data ranks. The newer ones of the same sweep show the habit: few clients
are served by workers of tensor ranks, four of them beside one for prompts; many by one wide worker
whose ranks each hold sequences of their own, with experts over all of them, and as many workers
for prompts as keep pace.
"""

from __future__ import annotations

import math

from chipassay.measured.serving import Pool, ServingRow
from chipassay.records.architecture import Architecture, Mixture
from chipassay.records.serve_plan import ServePlan

FEW = 256.0
"""Clients up to which decoding is spread over workers of tensor ranks."""
NARROW_WORKERS = 4.0
WIDE = 16
"""A decode worker of so many chips has attention-data ranks, whatever the load."""
WHOLE = 32
"""A wide worker where the table says one chip and means "not recorded"."""


def told(row: ServingRow, model: Architecture) -> tuple[Pool, Pool, bool]:
    """Both pools, and whether the number of prompt workers is left to be matched."""
    prefill, decode = row.prefill, row.decode
    if prefill is None or decode is None:
        raise ValueError("a row of one pool has no two")
    mixture = any(isinstance(group.feed_forward, Mixture) for group in model.groups)
    if decode.workers > 0.0:
        return _wide(prefill, mixture), _wide(decode, mixture), False
    few, chips = row.clients <= FEW, decode.plan.tensor * decode.plan.attention_data
    if chips == 1 and mixture:
        chips = 4 if few else WHOLE
    if few and chips < WIDE:
        plan = ServePlan(chips, 1, 1, chips if decode.plan.expert > 1 else 1)
        reads = Pool(plan, NARROW_WORKERS, math.nan)
    else:
        reads = Pool(ServePlan(1, 1, chips, chips), 1.0, math.nan)
    size = max(prefill.plan.tensor * prefill.plan.attention_data, min(chips, 4) if mixture else 1)
    fills = ServePlan(1, 1, size, size if mixture else 1)
    return Pool(fills, 1.0, math.nan), reads, True


def _wide(pool: Pool, mixture: bool) -> Pool:
    """Experts over all ranks where attention is data-parallel and the table says one group."""
    plan = pool.plan
    if mixture and plan.attention_data > 1 and plan.expert == 1:
        plan = plan._replace(expert=plan.tensor * plan.attention_data)
    return pool._replace(plan=plan)
