"""The two ends of a model in training: the embedding, and the head with its loss."""

from __future__ import annotations

from chipassay.model.train_layer import residual_split
from chipassay.model.train_needs import VALUE, Bench, Layer, LayerSum, Work
from chipassay.units import Num


def head(hidden: float, vocabulary: Num, bench: Bench, work: Work) -> Layer:
    """Logits, their softmax and loss; the embedding's lookup and its gradient."""
    total = LayerSum(bench, work)
    plan = work.plan
    tokens = plan.micro_batch * work.sequence / plan.context
    part = vocabulary / plan.tensor
    wide = total.work._replace(narrow=0.0)
    total.work = wide
    total.product(tokens, part, hidden)
    logits = tokens * part
    total.stream(logits * 18.0, logits * 10.0, kernels=6.0)
    total.add(
        dense_parameters=part * hidden,
        stored=6.0 * logits,
        tensor_bytes=VALUE * tokens * hidden,
        tensor_rounds=1.0,
    )
    return Layer(**total.total)


def embedding(hidden: float, vocabulary: Num, bench: Bench, work: Work) -> Layer:
    """The lookup and its gradient."""
    total = LayerSum(bench, work)
    plan = work.plan
    tokens = plan.micro_batch * work.sequence / plan.context
    values = tokens * hidden
    drop = work.dropout
    total.stream(values * (4.0 + 3.0 * drop), values * (10.0 + 3.0 * drop), kernels=2.0)
    total.add(
        dense_parameters=vocabulary / plan.tensor * hidden,
        stored=values * drop / residual_split(plan),
        tensor_bytes=VALUE * tokens * hidden,
        tensor_rounds=0.5,
    )
    return Layer(**total.total)


def joined(parts: list[tuple[Num, Layer]]) -> Layer:
    """Layers added up, each so many times."""
    return Layer(
        *(
            sum((count * getattr(part, name) for count, part in parts), 0.0)
            for name in Layer._fields
        )
    )
