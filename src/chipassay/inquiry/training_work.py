"""A model under a plan on a machine: layers timed, dealt to stages, ready to be stepped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipassay.catalogue.model_numbers import group_parameters
from chipassay.inquiry.training_bench import NARROW, Machine
from chipassay.model import train_layer
from chipassay.model.stages import deal
from chipassay.model.train_layer import Layer, joined
from chipassay.model.train_step import Parameters, Tuning, Work, stage
from chipassay.records.architecture import Architecture
from chipassay.records.plan import Plan
from chipassay.units import Count


@dataclass(frozen=True, slots=True)
class Setting:
    """What a software stack does, whatever the chip."""

    fused: float = 1.0
    dropout: float = 0.0
    gradient: float = 4.0
    document: float = math.inf
    vocabulary_multiple: float = 128.0
    predictors: float = 0.0


def layers(
    architecture: Architecture, machine: Machine, plan: Plan, sequence: Count, setting: Setting
) -> tuple[list[Layer], Layer, Layer]:
    """One layer of each group, the embedding and the head."""
    work = train_layer.Work(
        sequence, plan, float(machine.precision in NARROW), setting.fused, setting.dropout,
        setting.document,
    )  # fmt: skip
    hidden = float(architecture.hidden)
    kinds = [
        train_layer.layer(hidden, g.attention, g.feed_forward, machine.bench, work)
        for g in architecture.groups
    ]
    step = setting.vocabulary_multiple * plan.tensor
    vocabulary = np.ceil(architecture.vocabulary / step) * step
    embedding = train_layer.embedding(hidden, vocabulary, machine.bench, work)
    return kinds, embedding, train_layer.head(hidden, vocabulary, machine.bench, work)


def work(
    architecture: Architecture, machine: Machine, plan: Plan, sequence: Count, setting: Setting,
    network: float = 1.0,
) -> Work:
    """One plan's work (degrees of the pipeline are numbers, the rest may be columns)."""
    kinds, embedding, head = layers(architecture, machine, plan, sequence, setting)
    weights = tuple(group_parameters(architecture, g) for g in architecture.groups)
    active = tuple(_active(architecture, i) for i in range(len(weights)))
    dealt = deal(
        architecture.order, active, int(plan.pipeline), int(plan.virtual),
        bool(plan.embedding_layers),
    )  # fmt: skip
    counts = [float(g.count) for g in architecture.groups]
    extra = [(setting.predictors, kinds[-1]), (setting.predictors, head)]
    whole = joined([*zip(counts, kinds, strict=True), (1.0, embedding), (1.0, head), *extra])
    if plan.pipeline > 1:
        heavy = joined(list(zip(map(float, dealt.heavy), kinds, strict=True)))
        last = joined([*zip(map(float, dealt.last), kinds, strict=True), (1.0, head), *extra])
        first = joined([*zip(map(float, dealt.first), kinds, strict=True), (1.0, embedding)])
        fullest = np.maximum(
            np.maximum(first.dense_parameters, last.dense_parameters), heavy.dense_parameters
        )
    else:
        heavy = last = whole
        fullest = whole.dense_parameters - architecture.tied_embeddings * head.dense_parameters
    split = 1.0 + plan.sequence * (plan.tensor - 1.0)
    tokens = plan.micro_batch * sequence / plan.context
    net = machine.net
    return Work(
        stage(heavy, plan, net, network),
        stage(last, plan, net, network),
        stage(whole, plan, net, network),
        Parameters(fullest, heavy.expert_parameters),
        2.0 * tokens * architecture.hidden / split,
        float(sum(dealt.heavy)),
        joined(list(zip(map(float, dealt.first if plan.pipeline > 1 else counts), kinds, strict=True))),
        head.stored,
    )


def _active(architecture: Architecture, kind: int) -> float:
    from chipassay.catalogue.model_numbers import expert_parameters
    from chipassay.records.architecture import Mixture

    group = architecture.groups[kind]
    total = group_parameters(architecture, group)
    block = group.feed_forward
    if isinstance(block, Mixture):
        idle = block.experts - block.per_token
        total = total - idle * expert_parameters(float(architecture.hidden), block)
    return float(total)


__all__ = ["Mapping", "Setting", "Tuning", "Any", "layers", "work"]
