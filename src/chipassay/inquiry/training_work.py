"""A model under a plan on a machine: layers timed, dealt to stages, ready to be stepped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chipassay.catalogue.model_numbers import expert_parameters, group_parameters
from chipassay.inquiry.training_bench import NARROW, Machine
from chipassay.model import train_ends, train_layer, train_needs
from chipassay.model.stages import Deal, deal
from chipassay.model.train_ends import joined
from chipassay.model.train_memory import STATE
from chipassay.model.train_needs import Layer
from chipassay.model.train_step import Parameters, Work, stage
from chipassay.records.architecture import Architecture, LayerGroup, Mixture
from chipassay.records.plan import Plan
from chipassay.units import Count, Num, factor

SLACK = 1.05
"""Memory that an allocator of today holds for each byte of activations: 3 to 8 % more (SimuMax)."""
BUFFERS = 2.0 * factor("GiB")
"""A context, libraries' workspaces and the buffers of a few communicators."""
ADAPTERS = 0.01
"""Weights of low-rank adapters against those they stand beside, at ranks of 8 to 32."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a software stack does, whatever the chip."""

    fused: float = 1.0
    dropout: float = 0.0
    gradient: float = 4.0
    held: float = 4.0
    """Bytes of a gradient that memory keeps."""
    selective: float = 1.0
    """Share of stored activations that selective recomputing keeps."""
    document: float = math.inf
    """Tokens of the document that a mean token stands in; it attends to no other."""
    vocabulary_multiple: float = 128.0
    predictors: float = 0.0
    """Layers for multi-token prediction, each with a head's work."""
    slack: float = SLACK
    """Memory held for each byte of activations; 0: as fitted on an allocator of 2022."""
    buffers: float = BUFFERS
    state: float = STATE
    """Bytes of a weight's 32-bit master and of its two moments."""
    narrow_kept: float = 0.0
    """1 where inputs of activation functions are kept in the products' 8 bits."""
    light: float = 1.0
    """Share kept of outputs that are cheap to make again."""
    frozen: float = 0.0
    """1 where only low-rank adapters learn (LoRA)."""

    def beside(self) -> dict[str, float]:
        """What a plan's words may say of the work."""
        told = {"predictors": self.predictors}
        return told | ({"document": self.document} if math.isfinite(self.document) else {})


class Pieces(NamedTuple):
    """One layer of each group, the embedding and the head, timed."""

    kinds: list[Layer]
    embedding: Layer
    head: Layer


def pieces(
    architecture: Architecture, machine: Machine, plan: Plan, sequence: Count, setting: Setting
) -> Pieces:
    """What a plan's layers need; the pipeline's depth does not matter here."""
    narrow = float(machine.precision in NARROW)
    work = train_needs.Work(
        sequence, plan, narrow, setting.fused, setting.dropout, setting.document, setting.frozen,
        narrow * setting.narrow_kept,
    )  # fmt: skip
    hidden = float(architecture.hidden)
    kinds = [
        train_layer.layer(hidden, g.attention, g.feed_forward, machine.bench, work)
        for g in architecture.groups
    ]
    step = setting.vocabulary_multiple * plan.tensor
    vocabulary = np.ceil(architecture.vocabulary / step) * step
    embedding = train_ends.embedding(hidden, vocabulary, machine.bench, work)
    return Pieces(kinds, embedding, train_ends.head(hidden, vocabulary, machine.bench, work))


def work(
    architecture: Architecture,
    machine: Machine,
    plan: Plan,
    sequence: Count,
    setting: Setting,
    ready: Pieces | None = None,
    virtual: int = 0,
) -> Work:
    """One plan's work. The pipeline's depth is a number, all else may be columns.

    `virtual` is how layers are dealt where `plan.virtual` is a column.
    """
    found = ready or pieces(architecture, machine, plan, sequence, setting)
    stages, chunks = int(plan.pipeline), virtual or int(plan.virtual)
    active = tuple(_active(architecture, group) for group in architecture.groups)
    ends = int(plan.first_layers), int(plan.last_layers)
    dealt = deal(architecture.order, active, stages, chunks, bool(plan.embedding_layers), ends)
    more = setting.predictors
    heavy, last, whole = _stages(architecture, found, dealt, stages, more)
    counts = [float(g.count) for g in architecture.groups]
    kept: list[tuple[Num, Layer]] = [
        *zip(map(float, dealt.first if stages > 1 else counts), found.kinds, strict=True)
    ]
    kept += [(more * (stages == 1), found.kinds[-1])]
    split = 1.0 + plan.sequence * (plan.tensor - 1.0)
    tokens = plan.micro_batch * sequence / plan.context
    net = machine.net
    return Work(
        stage(heavy, plan, net),
        stage(last, plan, net),
        stage(whole, plan, net),
        _fullest(architecture, found, dealt, stages, more)._replace(
            expert=np.maximum(heavy.expert_parameters, last.expert_parameters)
        ),
        2.0 * tokens * architecture.hidden / split,
        float(sum(dealt.heavy)),
        joined(kept),
        found.head.stored * (1.0 + more),
        1.0 - setting.frozen * (1.0 - ADAPTERS),
    )


def _stages(
    architecture: Architecture, found: Pieces, dealt: Deal, stages: int, predictors: float
) -> tuple[Layer, Layer, Layer]:
    """The fullest stage, the last, and all together; a predictor is a layer and a head more."""
    kinds, embedding, head = found
    counts = [float(g.count) for g in architecture.groups]
    extra = [(predictors, kinds[-1]), (predictors, head)] if predictors else []
    whole = joined([*zip(counts, kinds, strict=True), (1.0, embedding), (1.0, head), *extra])
    if stages == 1:
        return whole, whole, whole
    heavy = joined(list(zip(map(float, dealt.heavy), kinds, strict=True)))
    last = joined([*zip(map(float, dealt.last), kinds, strict=True), (1.0, head), *extra])
    return heavy, last, whole


def _fullest(
    architecture: Architecture, found: Pieces, dealt: Deal, stages: int, predictors: float
) -> Parameters:
    """Weights, experts left out, on the rank that holds the most.

    A predictor is a layer and a projection of twice the hidden width; it shares the last stage's
    head and, beyond one stage, holds a copy of the embedding.
    """
    table = found.head.dense_parameters
    own = 2.0 * architecture.hidden**2
    extra = predictors * (found.kinds[-1].dense_parameters + own)
    shared = float(predictors > 0.0)
    if stages == 1:
        layers = sum(
            g.count * kind.dense_parameters
            for g, kind in zip(architecture.groups, found.kinds, strict=True)
        )
        whole = layers + table * (2.0 - architecture.tied_embeddings) + extra
        return Parameters(whole, 0.0, whole)
    ends = (
        (dealt.heavy, 0.0),
        (dealt.first, table),
        (dealt.last, table * (1.0 + shared) + extra),
    )
    per_stage = [
        sum(n * kind.dense_parameters for n, kind in zip(held, found.kinds, strict=True)) + more
        for held, more in ends
    ]
    middle, first, last = per_stage
    most = np.maximum(np.maximum(middle, first), last)
    return Parameters(most, 0.0, np.maximum(first + last, 2.0 * middle))


def _active(architecture: Architecture, group: LayerGroup) -> float:
    """Weights of a layer that one token visits."""
    total = group_parameters(architecture, group)
    block = group.feed_forward
    if isinstance(block, Mixture):
        idle = block.experts - block.per_token
        total = total - idle * expert_parameters(float(architecture.hidden), block)
    return float(total)
