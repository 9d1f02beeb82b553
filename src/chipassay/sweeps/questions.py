"""One assay asked many times: figures of the chip as columns, the same formulas in blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.formulas.control import performance_density
from chipassay.inquiry import catalogue_for
from chipassay.inquiry.side import Side, side_of, stated_work, training_sequence
from chipassay.law.item import chip_performance
from chipassay.model.first_serve import serving
from chipassay.model.first_train import training
from chipassay.records.chip import Chip
from chipassay.records.question import Question, decode
from chipassay.sweeps.blocks import evaluate
from chipassay.sweeps.grid import Table, table

RATES = ("tokens_per_second", "arithmetic", "step", "prefill", "in_flight")


def sweep(
    question: Question | None = None,
    /,
    *,
    columns: Mapping[str, ArrayLike],
    engine: str = "auto",
    **words: Any,
) -> Table:
    """An assay of one chip for every row of `columns`: figures of the chip, in SI units, by field.

    Gives the columns asked with, then `performance` and `density` as 3A090 measures them, and
    for `train` and `serve` the times and rates at full speed (`train.tokens_per_second`, for one
    chip). Each row equals the same what-if asked alone. To cross axes: `grid.product`.

    Raises `QuestionError` for a field that is no number of a chip, or columns of unequal length.
    """
    asked = question if question is not None else decode({"task": "assay", **words})
    if asked.task != "assay":
        hint = "ask an assay of a chip"
        raise QuestionError(f"{asked.task} has no numbers to sweep", where="sweep", hint=hint)
    for name in columns:
        if name not in Chip._fields:
            raise UnknownNameError("numeric field", name, Chip._fields, where="sweep")
    swept = table(**columns)
    catalogue = catalogue_for(asked)
    side = _with_columns(side_of(catalogue.chip(asked.chip or "").entry), swept)
    result = Table(swept)
    result |= evaluate(chip_performance, (side.chip,), engine=engine)
    result["performance"] = np.broadcast_to(result.pop("chip_performance"), swept.rows)
    density = performance_density(result["performance"], side.chip.die_area)
    result["density"] = np.broadcast_to(density, swept.rows)
    for use, model_name, formula in (
        ("train", asked.train, training),
        ("serve", asked.serve, serving),
    ):
        if model_name:
            model = find_model(catalogue, model_name)
            changed = {"sequence": training_sequence(model)} if use == "train" else {}
            arguments = (side.rate, side.chip, model.numbers(), stated_work(**changed))
            made = evaluate(formula, arguments, engine=engine)
            wanted = [name for name in RATES if name in made]
            result |= {f"{use}.{name}": made[name] for name in wanted}
    return result


def _with_columns(side: Side, columns: Table) -> Side:
    chip = side.chip._replace(**columns)
    return Side(side.entry, chip, getattr(chip, side.rate_field), side.rate_field)
