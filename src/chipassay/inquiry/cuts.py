"""Each difference between two chips turned on alone: which figure costs what."""

from __future__ import annotations

import math
from typing import Any

from chipassay.catalogue.models import FoundModel
from chipassay.inquiry.bands import cut_band
from chipassay.inquiry.side import Side, training_sequence
from chipassay.inquiry.work import decode_rate
from chipassay.model.first_serve import Serving, serving
from chipassay.model.first_train import training
from chipassay.records.answer import Quantity
from chipassay.records.model import Model
from chipassay.records.workload import Workload

FIELDS = ("matrix_rate", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth")


def cuts(side: Side, other: Side, models: dict[str, FoundModel]) -> list[dict[str, Any]]:
    """The other chip with one figure of this one, for each figure in which they differ."""
    rows = []
    for field in FIELDS:
        mine, theirs = side.figure(field), other.figure(field)
        if mine == theirs or math.isnan(mine) or math.isnan(theirs):
            continue
        name = side.rate_field if field == "matrix_rate" else field
        row: dict[str, Any] = {"field": name, "from": theirs, "to": mine}
        rows.append(row | _ratios(other.having(field, mine), other, models))
    return rows


def _ratios(cut: Side, whole: Side, models: dict[str, FoundModel]) -> dict[str, Quantity | None]:
    row: dict[str, Quantity | None] = dict.fromkeys(
        ("train_ratio", "prefill_ratio", "decode_ratio")
    )
    fast, fast_whole = _exchange_hidden(cut), _exchange_hidden(whole)
    if "train" in models:
        model = models["train"]
        work = Workload(sequence=training_sequence(model))
        exposed = _train(cut, whole, model.numbers(), work)
        row["train_ratio"] = cut_band(exposed, _train(fast, fast_whole, model.numbers(), work))
    if "serve" in models:
        shape = models["serve"].numbers()
        exposed_parts = _serve(cut, whole, shape)
        hidden_parts = _serve(fast, fast_whole, shape)
        for name in ("prefill_ratio", "decode_ratio"):
            row[name] = cut_band(exposed_parts[name], hidden_parts[name])
    return row


def _exchange_hidden(side: Side) -> Side:
    """The chip with links so fast that the exchange takes no time."""
    return side.having("scaleup_bandwidth", math.inf)


def _train(cut: Side, whole: Side, shape: Model, work: Workload) -> float:
    own, theirs = (
        float(training(side.rate, side.chip, shape, work).tokens_per_second)
        for side in (cut, whole)
    )
    return own / theirs


def _serve(cut: Side, whole: Side, shape: Model) -> dict[str, float]:
    own, theirs = (_serving(side, shape) for side in (cut, whole))
    return {
        "prefill_ratio": float(theirs.prefill) / float(own.prefill),
        "decode_ratio": decode_rate(own) / decode_rate(theirs),
    }


def _serving(side: Side, shape: Model) -> Serving:
    return serving(side.rate, side.chip, shape, Workload())
