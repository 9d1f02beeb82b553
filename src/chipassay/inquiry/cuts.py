"""Which figure costs what: each difference between two chips alone, given back, and together.

A *cut* takes the second chip of a comparison and gives it one figure of the first; *given back*
is the first chip with one figure of the second. All ratios are to the second chip as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from chipassay.catalogue.models import FoundModel
from chipassay.formulas.sensitivity import elasticity
from chipassay.inquiry.bands import cut_band
from chipassay.inquiry.side import Side, training_sequence
from chipassay.inquiry.work import decode_rate
from chipassay.model.first_serve import serving
from chipassay.model.first_train import training
from chipassay.records.answer import Quantity
from chipassay.records.model import Model
from chipassay.records.workload import Workload

FIELDS = ("matrix_rate", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
EIGHT_BIT = "dense_fp8"
OUTPUTS = ("train_ratio", "prefill_ratio", "decode_ratio")
UNPRICED = {
    "vector_fp32": "the roofline has no vector work; kernels wait for it in softmax and norms",
    "cores": "counted in the matrix and vector rates; alone it only sets how work is tiled",
    "l2_capacity": "the roofline reads every byte from memory",
    "scaleout_bandwidth": "the group of the assay lies inside one node",
}
"""Figures that may differ and that these models do not price, with the reason."""
FELT = 0.99
"""A cut that leaves more than this is not called the one that hurts."""
STEP = 1.01


class Shapes(NamedTuple):
    """The models asked about, as numbers; None where none was."""

    train: Model | None
    sequence: float
    serve: Model | None


def shapes(models: dict[str, FoundModel]) -> Shapes:
    """The numbers of the models to train and to serve."""
    to_train, to_serve = models.get("train"), models.get("serve")
    return Shapes(
        to_train.numbers() if to_train else None,
        training_sequence(to_train) if to_train else 0.0,
        to_serve.numbers() if to_serve else None,
    )


def cut_fields(side: Side, other: Side, models: dict[str, FoundModel]) -> dict[str, Any]:
    """Everything `--cuts` adds to an assay."""
    of = shapes(models)
    alone = [
        _row(side, field, other.having(field, side.figure(field)), other, of)
        | {"from": other.figure(field), "to": side.figure(field)}
        for field in _differing(side, other)
    ]
    alone += list(_eight_bit(side, other, of))
    return {
        "cuts": alone + ([_together(side, other, of)] if len(alone) > 1 else []),
        "cuts_given_back": [
            _row(side, field, side.having(field, other.figure(field)), other, of)
            | {"from": side.figure(field), "to": other.figure(field)}
            for field in _differing(side, other)
        ],
        "cuts_worst": worst(alone),
        "cuts_unpriced": list(_unpriced(side, other)),
        "sensitivity": [_elasticities(side, field, of) for field in FIELDS if _known(side, field)],
    }


def worst(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    """The cut that takes most from each output, the first of equals; None where none is felt."""
    found: dict[str, str | None] = {}
    for output in OUTPUTS:
        felt = [
            (row[output].value, row["field"])
            for row in rows
            if isinstance(row[output], Quantity) and row[output].value < FELT
        ]
        least = min(felt)[0] if felt else math.nan
        like = [field for value, field in felt if value * FELT <= least]
        found[output.removesuffix("_ratio")] = like[0] if like else None
    return found


def against_real(asked: Side, real: Side, other: Side | None, models: dict[str, FoundModel],
                 ) -> list[dict[str, Any]]:  # fmt: skip
    """A chip as the asker changed it beside the real one: each changed figure alone, then all."""
    of, whole = shapes(models), other or real
    fields = _differing(asked, real)
    rows = [_row(real, "as it is", real, whole, of)]
    rows += [
        _row(asked, field, real.having(field, asked.figure(field)), whole, of)
        | {"from": real.figure(field), "to": asked.figure(field)}
        for field in fields
    ]
    rows += list(_eight_bit(asked, real, of))
    if len(rows) > 2:
        rows.append(_row(real, "all together", asked, whole, of))
    return rows


def _differing(side: Side, other: Side) -> list[str]:
    return [
        field
        for field in FIELDS
        if _known(side, field)
        and _known(other, field)
        and side.figure(field) != other.figure(field)
    ]


def _known(side: Side, field: str) -> bool:
    return not math.isnan(side.figure(field))


def _row(named: Side, field: str, cut: Side, whole: Side, of: Shapes) -> dict[str, Any]:
    name = named.rate_field if field == "matrix_rate" else field
    return {"field": name} | _ratios(cut, whole, of, Workload())


def _together(side: Side, other: Side, of: Shapes) -> dict[str, Any]:
    """Every priced difference at once: the first chip against the second, in 16 bits."""
    return {"field": "all together"} | _ratios(side, other, of, Workload())


def _eight_bit(side: Side, other: Side, of: Shapes) -> Iterator[dict[str, Any]]:
    """The second chip with the first one's FP8 rate, at 8-bit work; none is 16-bit work instead."""
    mine, theirs = side.figure(EIGHT_BIT), other.figure(EIGHT_BIT)
    if math.isnan(theirs) or theirs == 0 or math.isnan(mine) or mine == theirs:
        return
    narrow = Workload(bytes_per_value=1.0)
    whole = replace(other, rate=theirs)
    cut, work = (replace(other, rate=mine), narrow) if mine > 0 else (other, Workload())
    yield {"field": EIGHT_BIT, "precision": "fp8"} | _ratios(cut, whole, of, work, narrow) | {
        "from": theirs, "to": mine,
    }  # fmt: skip


def _unpriced(side: Side, other: Side) -> Iterator[dict[str, Any]]:
    for field, why in UNPRICED.items():
        mine, theirs = side.figure(field), other.figure(field)
        if not math.isnan(mine) and not math.isnan(theirs) and mine != theirs:
            yield {"field": field, "from": theirs, "to": mine, "note": why}


def _elasticities(side: Side, field: str, of: Shapes) -> dict[str, Any]:
    more = side.having(field, side.figure(field) * STEP)
    ratios = _ratios(more, side, of, Workload())
    name = side.rate_field if field == "matrix_rate" else field
    return {"field": name} | {
        output.removesuffix("_ratio"): _elasticity(ratios[output]) for output in OUTPUTS
    }


def _elasticity(ratio: Quantity | None) -> Quantity | None:
    if ratio is None:
        return None
    value, low, high = (
        float(elasticity(each, STEP)) if each > 0 else math.nan
        for each in (ratio.value, ratio.low, ratio.high)
    )
    return Quantity(value, low, high, "1", "assumed")


def _ratios(
    cut: Side, whole: Side, of: Shapes, work: Workload, whole_work: Workload | None = None
) -> dict[str, Quantity | None]:
    """What the cut chip does over what the whole one does, exchange shown and exchange hidden."""
    ends = [
        _outputs(one, of, work, other, whole_work or work)
        for one, other in ((cut, whole), (_exchange_hidden(cut), _exchange_hidden(whole)))
    ]
    return {
        name: cut_band(ends[0][name], ends[1][name]) if name in ends[0] else None
        for name in OUTPUTS
    }


def _exchange_hidden(side: Side) -> Side:
    """The chip with links so fast that the exchange takes no time."""
    return side.having("scaleup_bandwidth", math.inf)


def _outputs(
    cut: Side, of: Shapes, work: Workload, whole: Side, whole_work: Workload
) -> dict[str, float]:
    found: dict[str, float] = {}
    if of.train is not None:
        stated = Workload(sequence=of.sequence)
        rates = [
            float(training(side.rate, side.chip, of.train, stated).tokens_per_second)
            for side in (cut, whole)
        ]
        found["train_ratio"] = rates[0] / rates[1]
    if of.serve is not None:
        own = serving(cut.rate, cut.chip, of.serve, work)
        theirs = serving(whole.rate, whole.chip, of.serve, whole_work)
        found["prefill_ratio"] = float(theirs.prefill) / float(own.prefill)
        found["decode_ratio"] = decode_rate(own) / decode_rate(theirs)
    return found
