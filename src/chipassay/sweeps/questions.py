"""One assay asked many times: figures of the chip as columns, the models a block at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from chipassay.catalogue import chips
from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry
from chipassay.formulas.control import performance_density
from chipassay.inquiry import catalogue_for
from chipassay.inquiry.abilities import Copy, Rates, fleets, needs, side
from chipassay.inquiry.variants import in_fields
from chipassay.law.item import chip_performance
from chipassay.records.chip import Chip
from chipassay.records.question import Question, decode
from chipassay.sweeps.blocks import evaluate
from chipassay.sweeps.grid import Table, table

BLOCK = 64
"""Chips that are asked together: more would leave a core's cache."""
RESULTS = {
    "train": {"train.tokens_per_s_per_chip": "train"},
    "serve": {
        "serve.prefill_tokens_per_s_per_chip": "prefill",
        "serve.decode_tokens_per_s_per_chip": "decode",
    },
}
"""Columns that a model adds, and the rates they hold."""


def sweep(
    question: Question | None = None,
    /,
    *,
    columns: Mapping[str, ArrayLike],
    engine: str = "auto",
    **words: Any,
) -> Table:
    """An assay of one chip for every row of `columns`: figures of the chip, in SI units, by field.

    Gives the columns asked with, then `performance` and `density` as 3A090 measures them, and for
    `train` and `serve` tokens a second and chip under the best plan of each row, on one fleet under
    one load. Each row equals the same what-if asked alone. To cross axes: `grid.product`. `engine`
    chooses how the law's measures are computed.

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
    found = catalogue.chip(asked.chip or "")
    chip = chips.numbers(found.entry)._replace(**swept)
    result = Table(swept)
    result |= evaluate(chip_performance, (chip,), engine=engine)
    result["performance"] = np.broadcast_to(result.pop("chip_performance"), swept.rows)
    density = performance_density(result["performance"], chip.die_area)
    result["density"] = np.broadcast_to(density, swept.rows)
    named = {"train": asked.train, "serve": asked.serve}
    models = {use: find_model(catalogue, name) for use, name in named.items() if name}
    if models:
        result.update(_work(asked, catalogue, found, swept, models))
    return result


def _work(
    question: Question,
    catalogue: Catalogue,
    found: Found,
    swept: Table,
    models: dict[str, FoundModel],
) -> Table:
    """Training and serving of each row; NaN where a figure that the models want is none."""
    many = fleets(question, catalogue, [found], models)
    made = {name: np.full(swept.rows, np.nan) for use in models for name in RESULTS[use]}
    rows = list(zip(*swept.values(), strict=True))
    copies = [_copy(found.entry, catalogue, swept, row) for row in rows]
    known = [place for place, one in enumerate(copies) if not needs(one, question.precision)]
    for start in range(0, len(known), BLOCK):
        block = known[start : start + BLOCK]
        first = Found(copies[block[0]], found.remarks)
        rest = [Copy(copies[place]) for place in block[1:]]
        rates = side(question, catalogue, first, rest, models, many, loaded=False).rates
        for at, place in enumerate(block):
            _fill(made, place, rates(at), models)
    return Table(made)


def _copy(chip: Entry, catalogue: Catalogue, swept: Table, row: tuple[float, ...]) -> Entry:
    return in_fields(chip, dict(zip(swept, map(float, row), strict=True)), catalogue)


def _fill(made: dict[str, Any], place: int, rates: Rates, models: dict[str, FoundModel]) -> None:
    for use in models:
        for name, rate in RESULTS[use].items():
            made[name][place] = getattr(rates, rate)
