"""How a training step is spread over chips, as numbers; any field may be a column."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import Count, Ratio

SCHEDULES = ("gpipe", "1f1b", "zb-h1", "zb-v", "dualpipe")
"""Pipeline schedules by their code; 1f1b with `virtual` above 1 is the interleaved one."""
RECOMPUTE = ("none", "selective", "full")
"""What is computed again in the backward pass, by its code."""
EXCHANGES = ("ring", "ulysses", "allgather")
"""How context ranks come by what they lack, by its code: keys and values passed round behind the
attention, heads swapped for tokens before and after it, or keys and values gathered before it."""


class Plan(NamedTuple):
    """Degrees of parallelism and what else decides a step's time and memory.

    `tensor * pipeline * data * context` chips; experts are spread over chips of `tensor`, `data`
    and `context`.
    """

    tensor: Count = 1.0
    pipeline: Count = 1.0
    data: Count = 1.0
    context: Count = 1.0
    expert: Count = 1.0
    expert_tensor: Count = 1.0
    virtual: Count = 1.0
    """Chunks of layers that each pipeline stage holds."""
    micro_batch: Count = 1.0
    batch: Count = 1.0
    """Sequences of one step, over all chips."""
    zero: Count = 0.0
    """0 nothing is sharded over data ranks, 1 optimiser, 2 gradients too, 3 weights too (FSDP)."""
    shard: Count = 0.0
    """Data ranks that share one set of shards (HSDP); 0: all."""
    sequence: Ratio = 0.0
    """1 where norms and residuals are split over tensor ranks (sequence parallelism)."""
    recompute: Count = 0.0
    """Code in `RECOMPUTE`."""
    recomputed: Ratio = 1.0
    """Share of the layers that `recompute` applies to."""
    schedule: Count = 1.0
    """Code in `SCHEDULES`."""
    offload_optimizer: Ratio = 0.0
    """Share of the optimiser's state that lies in host memory."""
    offload_activations: Ratio = 0.0
    """Share of stored activations that goes to host memory."""
    exchange: Count = 0.0
    """Code in `EXCHANGES`."""
    embedding_layers: Ratio = 0.0
    """1 where embedding and head count as a layer each when layers are dealt to stages."""
    first_layers: Count = 0.0
    """Layers of the first stage where the asker deals them; 0: as `model.stages` does."""
    last_layers: Count = 0.0
    """The same of the last stage."""


def chips(plan: Plan) -> Count:
    """How many chips a plan needs."""
    return plan.tensor * plan.pipeline * plan.data * plan.context


def micro_batches(plan: Plan) -> Count:
    """Micro-batches that one pipeline works off in a step."""
    return plan.batch / (plan.data * plan.micro_batch)
