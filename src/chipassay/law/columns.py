"""A column of designs judged in one call: the same tests and the same rulings, row by row.

Everything but the figures is fixed for a column: day, destination, buyer, maker. What is left of a
design is its possible cells, whether it fits the day's window, and whether a letter reaches it:
one small integer. A ruling is made once for each integer that occurs, by the judge's own `settle`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from chipassay.errors import QuestionError
from chipassay.law.classes import named, possible, table
from chipassay.law.countries import Countries
from chipassay.law.judge import Letter, Part, barred, settle
from chipassay.law.paragraphs import TESTS
from chipassay.law.parcel import Parcel
from chipassay.law.rulebook import IN_FORCE, WRITTEN, Rule, Rulebook
from chipassay.records.item import Item

BLOCK = 8192
_TRUTHS = 3


class Ruled(NamedTuple):
    """Codes for each row, and what each code means."""

    classification: Any
    outcome: Any
    classes: tuple[str, ...]
    outcomes: tuple[str, ...]

    def named(self) -> tuple[Any, Any]:
        """The classes and the enforced outcomes as columns of words."""
        classes, outcomes = np.asarray(self.classes), np.asarray(self.outcomes)
        return classes[self.classification], outcomes[self.outcome]


def judged(
    items: Item, parcel: Parcel, book: Rulebook, countries: Countries, part: Part | None = None
) -> Ruled:
    """Class and enforced outcome of every row of an item whose fields are columns.

    `part` may name the maker, whose letters then apply. A blank headquarters is read as one in the
    destination, as in the judge's first answer. Raises `QuestionError` for memory and wafers,
    which have tests of their own.
    """
    part = part or Part()
    if part.kind not in ("ic", "system"):
        hint = "judge them one by one"
        raise QuestionError(f"no column of {part.kind}", where="designs", hint=hint)
    settled = parcel if parcel.headquarters else parcel.headquartered(parcel.to)
    codes = np.concatenate(
        [_codes(block, part, settled, book, countries) for block in _blocks(items)]
    )
    present = np.flatnonzero(np.bincount(codes, minlength=1))
    return _meant(codes, present, part, settled, book, countries)


def _blocks(items: Item) -> Iterator[Item]:
    """The item cut into blocks that stay in cache."""
    rows = np.broadcast_shapes(*(np.shape(field) for field in items))
    count = rows[0] if rows else 1
    fields: dict[int, Any] = {id(field): np.asarray(field, float) for field in items}
    for start in range(0, count, BLOCK):
        cut = {
            key: column if column.ndim == 0 else column[start : start + BLOCK]
            for key, column in fields.items()
        }
        yield Item(*(cut[id(field)] for field in items))


def _codes(item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries) -> Any:
    bits = np.asarray(possible(item, table(book, part.kind)))
    code: Any = bits
    for rule in _numeric(book, parcel, countries):
        code = code * _TRUTHS + _third(rule, item)
    for rule in _letters(book, part, parcel, countries):
        code = code * _TRUTHS + _third(rule, item)
    rows = np.broadcast_shapes(*(np.shape(field) for field in item), (1,))
    return np.broadcast_to(code, rows).astype(np.int64)


def _third(rule: Rule, item: Item) -> Any:
    return (2 * np.asarray(TESTS[rule.test](item, rule.limits))).astype(np.int64)


def _numeric(book: Rulebook, parcel: Parcel, countries: Countries) -> list[Rule]:
    """The exceptions and reviews that ask a part's figures, where they reach the shipment."""
    rules = (*book.layer("exception", WRITTEN), *book.layer("review", WRITTEN))
    return [r for r in rules if r.test and "c" not in r.classes and parcel.meets(r, countries)]


def _letters(book: Rulebook, part: Part, parcel: Parcel, countries: Countries) -> list[Rule]:
    """The letters that ask a part's figures, to its maker and about this shipment."""
    rules = book.layer("letter", IN_FORCE)
    return [r for r in rules if r.test and part.maker in r.makers and parcel.meets(r, countries)]


def _meant(
    codes: Any, present: Any, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> Ruled:
    numeric = _numeric(book, parcel, countries)
    letters = _letters(book, part, parcel, countries)
    gate = barred(parcel, book, countries)
    classes: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    size = int(present.max()) + 1
    class_of, outcome_of = np.zeros(size, np.int8), np.zeros(size, np.int8)
    for code in present.tolist():
        bits, fits, reach = _decoded(code, numeric, letters)
        _, line = gate or settle(bits, fits, reach, parcel, book, countries)
        class_ = named(bits, part.kind)
        class_of[code] = classes.setdefault(class_, len(classes))
        outcome_of[code] = outcomes.setdefault(line.outcome, len(outcomes))
    return Ruled(class_of[codes], outcome_of[codes], tuple(classes), tuple(outcomes))


def _decoded(
    code: int, numeric: list[Rule], letters: list[Rule]
) -> tuple[int, dict[str, float], list[Letter]]:
    reach = []
    for rule in reversed(letters):
        code, third = divmod(code, _TRUTHS)
        reach.append(Letter(rule, third / 2))
    fits = {}
    for rule in reversed(numeric):
        code, third = divmod(code, _TRUTHS)
        fits[rule.id] = third / 2
    return code, fits, reach[::-1]
