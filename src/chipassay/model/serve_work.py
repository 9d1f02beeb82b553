"""What a step of a served model consists of: kernels with their shapes, on the grids of a step.

An operation's columns lie on one of four grids: tokens that pass every layer, rows of the head,
prompts (new by cached tokens), decoding sequences (batch by context). `inquiry.serving_steps`
looks the kernels up and adds the operations of each grid together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.formulas.pointwise_traffic import added_norm_forward_traffic
from chipassay.model.kernels.collectives import CollectiveShape
from chipassay.model.kernels.fabric import collective
from chipassay.model.kernels.gemm import GemmShape
from chipassay.model.kernels.pointwise import PointwiseShape
from chipassay.model.serve_formats import SIXTEEN, WEIGHTS
from chipassay.records.fabric import Fabric
from chipassay.records.serve_plan import EngineKernels, Formats, ServePlan

COLD = 64.0
"""Copies of a weight that take turns: every layer has its own, so none is found in the cache."""

STATIC = ("fp8", "int8")
"""Formats with one scale for a tensor, known beforehand."""

PASSED, HEAD, PROMPT, DECODE = "passed", "head", "prompt", "decode"


class Operation(NamedTuple):
    """One kernel of a layer, called `repeat` times in a step."""

    family: str
    form: str
    stack: str
    part: str
    repeat: float
    shape: Any
    way: str = ""
    """Where an engine may go one of several ways, "crossing/way": the shortest way counts."""
    launches: float = 1.0


class Grids(NamedTuple):
    """Knots of a step's tables, without the zeros that begin them."""

    tokens: Any
    rows: Any
    new: Any
    """[new * cached], flattened, with `cached` beside it."""
    cached: Any
    batch: Any
    context: Any


class Setting(NamedTuple):
    """What all layers of one engine share."""

    hidden: float
    plan: ServePlan
    formats: Formats
    kernels: EngineKernels
    fabric: Fabric
    port: float
    """One way, a chip's part of its node's network ports."""
    node: float
    """Chips that the fabric joins."""
    cores: float
    grids: Grids
    verified: float = 1.0
    """Tokens of a decoding sequence that a step passes: its queries see the cache together."""
    hop: float = 0.0
    """What a hop between nodes takes, in seconds, beside its bytes."""

    @property
    def local(self) -> Any:
        """Tokens of a step on one attention-data rank."""
        return np.maximum(np.ceil(self.grids.tokens / self.plan.attention_data), 1.0)


def product(at: Setting, part: str, repeat: float, m: Any, n: Any, k: Any, form: str) -> Operation:
    """A dense product of m rows with a cold k x n weight."""
    width = WEIGHTS[form]
    fused = at.kernels.fused_static if form in STATIC else at.kernels.fused_dynamic
    alone = (1.0 - fused) * width.quantised
    shape = GemmShape(
        m, np.maximum(n, 1.0), k, width.activation, width.weight, SIXTEEN, alone, COLD, 0.0
    )
    launches = 1.0 + alone
    return Operation("gemm", form, at.kernels.gemm, part, repeat, shape, launches=launches)


def pointwise(part: str, repeat: float, kind: str, size: Any, elements: Any) -> Operation:
    """An operator that touches each element once."""
    return Operation("pointwise", "fp16", kind, part, repeat, PointwiseShape(size, elements))


def norm(at: Setting, layers: float) -> list[Operation]:
    """The norm before a block with the residual sum, as far as no all-reduce does it."""
    values = at.local * at.hidden
    size = added_norm_forward_traffic(values, SIXTEEN)
    alone = 1.0 - at.kernels.fused_norm * float(at.plan.tensor > 1)
    return [pointwise(PASSED, layers * alone, "norm", size, values)]


def reduction(at: Setting, part: str, repeat: float, rows: Any) -> list[Operation]:
    """Partial sums of `rows` hidden states, added up over the tensor ranks."""
    ranks = float(at.plan.tensor)
    if ranks <= 1:
        return []
    message = rows * at.hidden * SIXTEEN
    inside = min(ranks, at.node)
    found: list[Operation] = []
    if inside > 1:
        shape = collective(at.fabric, "all_reduce", message, inside)
        stack = at.kernels.reduce
        found.append(Operation("direct_all_reduce", "bf16", stack, part, repeat, shape))
    if ranks > inside:
        found.append(between(at, part, repeat, "all_reduce", message / inside, ranks / inside))
    return found


def gathering(
    at: Setting, part: str, repeat: float, operation: str, rows: Any, way: str
) -> list[Operation]:
    """All-gather or reduce-scatter of `rows` hidden states over the chips of a replica's stage."""
    ranks = float(at.plan.tensor * at.plan.attention_data)
    message = rows * at.hidden * SIXTEEN
    inside = min(ranks, at.node)
    shape = collective(at.fabric, operation, message, inside)
    found = [Operation("collectives", "fp16", "nccl", part, repeat, shape, way)]
    if ranks > inside:
        found.append(between(at, part, repeat, operation, message, ranks / inside, way))
    return found


def between(
    at: Setting, part: str, repeat: float, operation: str, message: Any, nodes: float, way: str = ""
) -> Operation:
    """A collective between nodes, one chip of each, over the chips' ports."""
    inner = collective(at.fabric, operation, message, max(np.ceil(nodes), 2.0))
    shape = inner._replace(
        rate=at.port, bridge=np.inf, in_network=0.0, latency=inner.latency + at.hop
    )
    return Operation("collectives", "fp16", "nccl", part, repeat, CollectiveShape(*shape), way)
