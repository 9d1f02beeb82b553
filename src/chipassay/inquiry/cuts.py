"""Which figure costs what: each difference between two chips alone, given back, and together.

A *cut* takes the second chip of a comparison and gives it one figure of the first; *given back* is
the first chip with one figure of the second. All ratios are to the second chip as it is. Each copy
has its own best plan, as its owner would choose it, unless plans are held.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.models import FoundModel
from chipassay.facts.fact import Entry
from chipassay.formulas.sensitivity import elasticity
from chipassay.inquiry.abilities import Copy, Fleets, Rates, Side, needs, side
from chipassay.inquiry.ability_fields import serving_basis, training_basis
from chipassay.inquiry.ratios import cut_ratio, ratio_of, same_core, unknown, worse
from chipassay.inquiry.variants import (
    EIGHT_BIT,
    FIGURES,
    Figure,
    differing,
    figure_of,
    having,
    named,
    unstated,
)
from chipassay.records.answer import Basis, Quantity
from chipassay.records.question import Question

OUTPUTS = {"train_ratio": "train", "prefill_ratio": "ttft", "decode_ratio": "tpot"}
"""What a row tells, and the kind of band each has."""
FELT = 0.99
"""A cut that leaves more than this is not called the one that hurts."""
STEP = 1.01
TOGETHER, AS_IS = "all together", "as it is"
OF_A_CORE = ("cores", "boost_clock", "special_rate")
"""Figures that count or describe cores: between unlike cores they compare nothing."""
STEADY = ("scaleup_domain",)
"""Figures of which one percent more is nothing."""


class Row(NamedTuple):
    """One copy in a table: the chip with some figures changed."""

    table: str
    name: str
    copy: Copy
    gained: float = 0.0
    """1 where the change gives, -1 where it takes, 0 where it may do either."""
    ends: tuple[float, float] = (math.nan, math.nan)
    """The figure before and after."""


class Asked(NamedTuple):
    """The question, and what it is asked of."""

    question: Question
    catalogue: Catalogue
    models: dict[str, FoundModel]
    fleets: Fleets


Teller = Callable[[Row, Side, int], dict[str, Any]]


class Tables(NamedTuple):
    """Rows whose copies are of the first chip, and of the second."""

    own: list[Row]
    theirs: list[Row]


def planned(
    question: Question, catalogue: Catalogue, chip: Entry, other: Entry | None, real: Entry | None
) -> Tables:
    """The copies that a question asks for; `real` is the chip as it is where figures were asked."""
    own, theirs = list[Row](), list[Row]()
    if question.cuts and other is not None:
        figures = list(_comparable(chip, other, catalogue))
        theirs += _alone("cuts", other, chip, figures, question)
        if len(theirs) > 1:
            theirs.append(_together("cuts", other, chip, figures, question))
        own += _alone("cuts_given_back", chip, other, figures, question)
        own += [_more(chip, figure) for figure in FIGURES if figure.name not in STEADY
                and figure_of(chip, figure) > 0]  # fmt: skip
    if real is not None:
        figures = list(differing(chip, real))
        own.append(Row("what_if", AS_IS, Copy(real, question.hold_plan)))
        own += _alone("what_if", real, chip, figures, question)
        own.append(_together("what_if", real, chip, figures, question))
    return Tables(own, theirs)


def _comparable(chip: Entry, other: Entry, catalogue: Catalogue) -> Iterator[Figure]:
    alike = same_core(chip, other, catalogue)
    for figure in differing(chip, other):
        if alike or figure.name not in OF_A_CORE:
            yield figure


def _alone(
    table: str, chip: Entry, other: Entry, figures: list[Figure], question: Question
) -> Iterator[Row]:
    """The chip with each figure of the other, one by one."""
    for figure in figures:
        before, after = figure_of(chip, figure), figure_of(other, figure)
        copy = Copy(having(chip, {figure: after}), question.hold_plan)
        gained = math.copysign(1.0, after - before) if figure.monotone else 0.0
        yield Row(table, named(other, figure), copy, gained, (before, after))


def _together(
    table: str, chip: Entry, other: Entry, figures: list[Figure], question: Question
) -> Row:
    changed = having(chip, {figure: figure_of(other, figure) for figure in figures})
    return Row(table, TOGETHER, Copy(changed, question.hold_plan))


def _more(chip: Entry, figure: Figure) -> Row:
    """The chip with a little more of a figure, under the same plan: at the best plan a small
    change of plan changes nothing."""
    changed = having(chip, {figure: figure_of(chip, figure) * STEP})
    return Row("sensitivity", named(chip, figure), Copy(changed, held=True), 1.0)


def cut_fields(about: Asked, sides: list[Side], tables: Tables) -> dict[str, Any]:
    """Everything `--cuts` and `--but` add to an assay."""
    question, chip, found = about.question, sides[0].entry, dict[str, Any]()
    if question.cuts and len(sides) > 1:
        whole = sides[1]
        cuts = [_cut(row, whole, place) for place, row in _of(tables.theirs)]
        alone = [row for row in cuts if row["field"] != TOGETHER]
        alone += _eight_bit(about, chip, whole.found, whole.rates(0))
        found["cuts"] = alone + [row for row in cuts if row["field"] == TOGETHER]
        for table in ("cuts_given_back", "sensitivity"):
            mine = [(place, row) for place, row in _of(tables.own) if row.table == table]
            told = _elasticities if table == "sensitivity" else _against(whole, about.catalogue)
            found[table] = [told(row, sides[0], place) for place, row in mine]
        found["cuts_worst"] = worst(alone)
        found["cuts_unpriced"] = list(_unpriced(chip, whole.entry, about.catalogue))
        found["cuts_plans"] = "held" if question.hold_plan else "best of each"
    asked = [(place, row) for place, row in _of(tables.own) if row.table == "what_if"]
    if asked:
        real = replace(sides[0].found, entry=asked[0][1].copy.entry)
        narrow = _eight_bit(about, chip, real, sides[0].rates(asked[0][0]))
        found["what_if"] = _what_if(asked, sides, narrow, about.catalogue)
    return found


def _of(rows: list[Row]) -> Iterator[tuple[int, Row]]:
    """Rows with their copies' places; the chip itself stands first."""
    return enumerate(rows, start=1)


def _cut(row: Row, own: Side, place: int) -> dict[str, Any]:
    """A copy's rates over those of the chip itself."""
    return _row(row, own, place, _changes(own.rates(place), own.rates(0), own, row.gained))


def _against(whole: Side, catalogue: Catalogue) -> Teller:
    """Rows of a chip's copies over another chip."""

    def told(row: Row, own: Side, place: int) -> dict[str, Any]:
        each = zip(OUTPUTS.items(), own.rates(place), whole.rates(0), _bases(own), _bases(whole),
                   strict=True)  # fmt: skip
        found: dict[str, Quantity | None] = {}
        for (output, kind), one, other, mine, theirs in each:
            found[output] = None
            if mine is not None and theirs is not None:
                basis = worse(mine, theirs, "transferred")
                chips = row.copy.entry, whole.entry
                found[output] = ratio_of(kind, one, other, chips, catalogue, basis)
        return _row(row, own, place, found)

    return told


def _row(row: Row, own: Side, place: int, ratios: Mapping[str, Quantity | None]) -> dict[str, Any]:
    """Ratios with the figure's ends and the plans behind them."""
    told: dict[str, Any] = {"field": row.name, **ratios}
    if not math.isnan(row.ends[0]):
        told |= {"from": row.ends[0], "to": row.ends[1]}
    plans = _plans(own, place)
    return told | ({"plans": plans} if plans else {})


def _plans(own: Side, place: int) -> dict[str, str]:
    found = {}
    if own.training is not None:
        found["train"] = own.trained[place].text
    if own.serving is not None:
        phases = own.phases[place]
        found |= {"prefill": phases.prefill.text, "decode": phases.decode.text}
    return found


def _changes(rates: Rates, base: Rates, own: Side, gained: float) -> dict[str, Quantity | None]:
    bases = _bases(own)
    return {
        output: _ratio(kind, one, other, gained, basis)
        for (output, kind), one, other, basis in zip(
            OUTPUTS.items(), rates, base, bases, strict=True
        )
    }


def _ratio(
    kind: str, one: float, other: float, gained: float, basis: Basis | None
) -> Quantity | None:
    """None where no model was asked for; unknown where the whole chip has no rate."""
    if basis is None:
        return None
    return cut_ratio(kind, one / other, gained, basis) if other > 0 else unknown(basis)


def _bases(own: Side) -> tuple[Basis | None, Basis | None, Basis | None]:
    train = training_basis(own.training) if own.training or own.train_needs else None
    serve = serving_basis(own) if own.serving or own.serve_needs else None
    return train, serve, serve


def _elasticities(row: Row, own: Side, place: int) -> dict[str, Any]:
    """Percent of each output for a percent of the figure."""
    told: dict[str, Any] = {"field": row.name}
    each = zip(OUTPUTS, own.rates(place), own.rates(0), _bases(own), strict=True)
    for output, more, plain, basis in each:
        name = output.removesuffix("_ratio")
        if basis is None:
            told[name] = None
        elif not plain > 0 or not more > 0:
            told[name] = unknown(basis)
        else:
            value = float(elasticity(more / plain, STEP))
            told[name] = Quantity(value, value, value, "1", basis)
    return told


def worst(rows: list[dict[str, Any]]) -> dict[str, str | None]:
    """The cut that takes most from each output, the first of equals; None where none is felt."""
    found: dict[str, str | None] = {}
    for output in OUTPUTS:
        felt = [
            (row[output].value, row["field"])
            for row in rows
            if isinstance(row[output], Quantity)
            and row[output].value < FELT
            and "precision" not in row  # other work, of another length
        ]
        least = min(felt)[0] if felt else math.nan
        like = [field for value, field in felt if value * FELT <= least]
        found[output.removesuffix("_ratio")] = like[0] if like else None
    return found


def _what_if(
    asked: list[tuple[int, Row]],
    sides: list[Side],
    narrow: list[dict[str, Any]],
    catalogue: Catalogue,
) -> list[dict[str, Any]]:
    """A chip as the asker changed it beside the real one: each changed figure alone, then all."""
    own = sides[0]
    whole = sides[1] if len(sides) > 1 else _copy_side(own, asked[0][0])
    rows = [_against(whole, catalogue)(row, own, place) for place, row in asked]
    few = len(rows) + len(narrow) <= 3
    return rows[:-1] + narrow + ([] if few else rows[-1:])


def _copy_side(own: Side, place: int) -> Side:
    """A copy as a side of its own, with what it was found to do."""
    found = replace(own.found, entry=own.copies[place].entry)
    return replace(
        own, found=found, copies=own.copies[place : place + 1],
        silent=frozenset({0} if place in own.silent else ()),
        trained=own.trained[place : place + 1], phases=own.phases[place : place + 1],
    )  # fmt: skip


def _eight_bit(about: Asked, chip: Entry, whole: Found, sixteen: Rates) -> list[dict[str, Any]]:
    """The whole chip with the other's FP8 rate, at 8-bit work; none is 16-bit work instead."""
    mine, theirs = _eight_bit_rate(chip), _eight_bit_rate(whole.entry)
    if about.question.precision is not None or not theirs > 0 or not mine >= 0 or mine == theirs:
        return []
    narrow = about.question.model_copy(update={"precision": "fp8"})
    cut = having(whole.entry, {Figure(EIGHT_BIT, (EIGHT_BIT,)): mine})
    copies = [Copy(cut, narrow.hold_plan)] if mine > 0 else []
    made = side(narrow, about.catalogue, whole, copies, about.models, about.fleets, loaded=False)
    if needs(whole.entry, "fp8"):
        return []
    rates = made.rates(1) if mine > 0 else sixteen
    told: dict[str, Any] = {"field": EIGHT_BIT, "precision": "fp8"}
    told |= _changes(rates, made.rates(0), made, math.copysign(1.0, mine - theirs))
    return [told | {"from": theirs, "to": mine}]


def _eight_bit_rate(chip: Entry) -> float:
    """The FP8 rate; nought where the chip is known to have none, NaN where nobody says."""
    rate = chip.number(EIGHT_BIT)
    engine = chip.facts.get("fp8_engine")
    return 0.0 if math.isnan(rate) and engine is not None and not engine.value else rate


def _unpriced(chip: Entry, other: Entry, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Figures that differ and that no cut can be made of, with the reason."""
    for figure, silent in unstated(chip, other):
        yield {
            "field": figure.name, "from": figure_of(other, figure), "to": figure_of(chip, figure),
            "note": f"nobody published it of {silent.id}",
        }  # fmt: skip
    if not same_core(chip, other, catalogue):
        for figure in differing(chip, other):
            if figure.name in OF_A_CORE:
                yield {
                    "field": figure.name, "from": figure_of(other, figure),
                    "to": figure_of(chip, figure),
                    "note": "their cores are of unlike designs, so that it compares nothing",
                }  # fmt: skip
