"""Tables of equally long columns: what goes into a sweep, and what comes out of it.

    >>> grid = product(sequence=[4096, 8192], group=[8, 16, 32])
    >>> grid.rows
    6
    >>> grid["sequence"].tolist()
    [4096.0, 4096.0, 4096.0, 8192.0, 8192.0, 8192.0]

Numbers are SI floats, as everywhere inside. What changes the shape of a calculation (a precision, a
task) is no column: sweep once for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chipassay.errors import MissingPartError, QuestionError, shown

Column = NDArray[np.float64]
Record = TypeVar("Record", bound=tuple[Any, ...])


class Table(dict[str, Column]):
    """Columns of one length by name: a dictionary, since that is what `pandas.DataFrame` takes.

    polars and pyarrow take it as well, through Arrow's C stream.
    """

    @property
    def rows(self) -> int:
        """How long the columns are."""
        return len(next(iter(self.values()))) if self else 0

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The columns for any library that speaks Arrow; pyarrow or polars packs them.

        Raises `MissingPartError` where neither is installed.
        """
        try:
            import pyarrow
        except ImportError:
            try:
                import polars
            except ImportError:
                raise MissingPartError(
                    "neither pyarrow nor polars is installed",
                    where="table as an Arrow stream",
                    hint="pip install pyarrow",
                ) from None
            return polars.DataFrame(dict(self)).__arrow_c_stream__(requested_schema)
        return pyarrow.table(dict(self)).__arrow_c_stream__(requested_schema)


def column(values: ArrayLike, name: str) -> NDArray[Any]:
    """A number or a row of numbers as an array of 0 or 1 dimensions, not copied where it is one.

    Raises `QuestionError` for what is no number, and for a table where a column is wanted.
    """
    try:
        found = np.asarray(values)
    except ValueError:
        raise QuestionError("a column of columns is no column", where=name) from None
    if found.dtype.kind not in "fiub":
        what = f"{shown(values)} is no number and no column of numbers"
        raise QuestionError(what, where=name, hint="unknown is written NaN")
    if found.ndim > 1:
        raise QuestionError(f"a column has one dimension, this has {found.ndim}", where=name)
    return found


def one_length(lengths: Mapping[str, int]) -> int:
    """The length that all columns have, 1 without any; `QuestionError` where they differ."""
    first, rows = next(iter(lengths.items()), ("", 1))
    for name, other in lengths.items():
        if other != rows:
            what = f"columns differ in length: {first} has {rows} rows, {name} has {other}"
            raise QuestionError(what, hint="a number in place of a column fits any length")
    return rows


def table(**columns: ArrayLike) -> Table:
    """Columns of one length; a number is repeated, without taking memory for it.

    >>> table(group=[8, 16], sequence=4096)["sequence"].tolist()
    [4096.0, 4096.0]
    """
    read = {name: column(values, name) for name, values in columns.items()}
    rows = one_length({name: len(each) for name, each in read.items() if each.ndim})
    return Table((name, np.broadcast_to(_floats(each), rows)) for name, each in read.items())


def product(**axes: ArrayLike) -> Table:
    """Every combination of the axes' values; the last axis changes fastest. A number is an axis."""
    return cross(
        *(Table({name: np.atleast_1d(table(**{name: axis})[name])}) for name, axis in axes.items())
    )


def cross(*tables: Mapping[str, Column]) -> Table:
    """Every row of the first table with every row of the next, and so on: for paired columns.

    Raises `QuestionError` where a name stands in two tables.
    """
    lengths = [one_length({name: len(each) for name, each in part.items()}) for part in tables]
    before, after, found = 1, math.prod(lengths), Table()
    for part, rows in zip(tables, lengths, strict=True):
        after = after // rows if rows else 0
        for name, values in part.items():
            if name in found:
                raise QuestionError(f"{shown(name)} stands in two tables", where="cross")
            found[name] = np.tile(np.repeat(values, after), before)
        before *= rows
    return found


def stacked(records: Iterable[Record]) -> Record:
    """Records of numbers as one record of columns, a row for each; `QuestionError` for none.

    >>> from chipassay.records.plan import Plan
    >>> stacked([Plan(tensor=8.0), Plan(tensor=16.0)]).tensor.tolist()
    [8.0, 16.0]
    """
    rows = list(records)
    if not rows:
        raise QuestionError("no records, no columns", where="stacked")
    kind = type(rows[0])
    columns = (np.array(values, dtype=np.float64) for values in zip(*rows, strict=True))
    return kind(*columns)


def _floats(values: NDArray[Any]) -> Column:
    return values.astype(np.float64, copy=False)
