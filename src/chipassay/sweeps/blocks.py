"""The engine: one formula over columns, a block of rows at a time.

A block is small enough to stay in a core's cache from the first operation to the last, which is
what makes plain numpy fast (`docs/speed.md`). No body is written twice: numpy gets blocks of the
columns, numba compiles the same formula (`kernel`), and a row equals its scalar answer.

    >>> from chipassay.formulas.roofline import work_time
    >>> import numpy as np
    >>> evaluate(work_time, [np.array([2e12, 4e12]), 1e12])
    {'work_time': array([2., 4.])}
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipassay.errors import QuestionError, UnknownNameError
from chipassay.sweeps import kernel
from chipassay.sweeps.grid import Column, Table, column, one_length
from chipassay.trace import Formula

BLOCK = 8192
ENGINES = ("auto", "numpy", "numba")
# From here on compiling pays for itself; a kernel that is compiled already pays from BLOCK rows.
WORTH_COMPILING = 2048 * BLOCK


def evaluate(
    formula: Formula[..., Any],
    arguments: Sequence[Any],
    *,
    engine: str = "auto",
    block: int = BLOCK,
    only: Iterable[str] | None = None,
) -> Table:
    """A formula's answers for every row of its positional `arguments`, a column for each result.

    An argument is a number, a column, or a record (NamedTuple) of them, in SI units. Columns are
    equally long; numbers go with every row. A result that is a number is named after the formula,
    one that is a record after its fields (`outer.inner` where records are nested); `only` names
    those to keep. What a scalar call would refuse (1/0) is an infinity or NaN in its row.

    Raises `QuestionError` for what is no column and for columns of different lengths,
    `MissingPartError` where numba is asked for and absent.
    """
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES, where="sweep")
    if block < 1:
        raise QuestionError(f"a block has at least one row, not {block}", where="sweep")
    # In an empty context nobody watches: a row never stores its explanation.
    return contextvars.Context().run(_evaluated, formula, arguments, engine, block, only)


@dataclass(frozen=True, slots=True)
class Batch:
    """The arguments of a sweep, taken apart."""

    arguments: tuple[Any, ...]
    """As they were given; every number a float, every column an array."""
    shapes: tuple[kernel.Shape, ...]
    numbers: list[float]
    columns: list[NDArray[Any]]
    rows: int

    def part(self, rows: slice) -> list[Any]:
        """The arguments for some rows; what has no column is passed on as it is."""
        pairs = zip(self.arguments, self.shapes, strict=True)
        return [_cut(value, shape, rows) if _varies(shape) else value for value, shape in pairs]

    def block(self, rows: slice) -> tuple[Column, ...]:
        """The columns for some rows, as a compiled loop takes them: contiguous and read-only."""
        return tuple(map(_read_only, (each[rows] for each in self.columns)))

    def spread(self, rows: slice) -> list[Any]:
        """The same with every number repeated as a column, where arithmetic raises no error."""
        length = len(range(*rows.indices(self.rows)))
        pairs = zip(self.arguments, self.shapes, strict=True)
        return [_cut(value, shape, rows, length) for value, shape in pairs]


def _read_only(values: NDArray[Any]) -> Column:
    """A view nobody writes through: a broadcast column is one already, and types must agree."""
    view = np.ascontiguousarray(values, dtype=np.float64).view()
    view.flags.writeable = False
    return view


def _evaluated(
    formula: Formula[..., Any],
    arguments: Sequence[Any],
    engine: str,
    block: int,
    only: Iterable[str] | None,
) -> Table:
    batch = _batch(formula, arguments)
    with np.errstate(all="ignore"):
        sample = formula(*batch.spread(slice(0, 1)))
    paths = _kept(dict(_paths(sample, formula.name)), only)
    key = (formula, batch.shapes, tuple(paths.values()))
    loop = _kernel(key, engine, batch)
    table = Table((name, np.empty(batch.rows)) for name in paths)
    numbers = np.array(batch.numbers)
    with np.errstate(all="ignore"):
        for start in range(0, batch.rows, block):
            rows = slice(start, start + block)
            results = tuple(each[rows] for each in table.values())
            if loop is not None:
                loop(numbers, batch.block(rows), results)
                continue
            answer = _answer(formula, batch, rows)
            for result, path in zip(results, paths.values(), strict=True):
                result[:] = _at(answer, path)
    return table


def _kernel(key: kernel.Key, engine: str, batch: Batch) -> kernel.Kernel | None:
    """The compiled loop where it was asked for, or is worth it; None for numpy."""
    if engine == "numpy" or not batch.columns or not key[-1]:
        return None
    if engine == "numba":
        return kernel.compiled(key)
    worth = BLOCK if kernel.ready(key) else WORTH_COMPILING
    if batch.rows < worth or not kernel.installed():
        return None
    try:
        return kernel.compiled(key)
    except QuestionError:
        return None


def _answer(formula: Formula[..., Any], batch: Batch, rows: slice) -> Any:
    try:
        return formula(*batch.part(rows))
    except ArithmeticError:  # between two plain floats, where columns give an infinity or NaN
        return formula(*batch.spread(rows))


def _batch(formula: Formula[..., Any], arguments: Sequence[Any]) -> Batch:
    code = formula.body.__code__
    names = code.co_varnames[: code.co_argcount]
    if len(arguments) != len(names):
        what = f"`{formula.name}` takes {len(names)} arguments, not {len(arguments)}"
        raise QuestionError(what, where="sweep", hint=f"give {', '.join(names)}")
    numbers: list[float] = []
    columns: dict[str, NDArray[Any]] = {}
    read = [
        _read(value, name, numbers, columns) for name, value in zip(names, arguments, strict=True)
    ]
    rows = one_length({name: len(each) for name, each in columns.items()})
    values, shapes = tuple(value for value, _ in read), tuple(shape for _, shape in read)
    return Batch(values, shapes, numbers, list(columns.values()), rows)


def _read(
    value: Any, name: str, numbers: list[float], columns: dict[str, NDArray[Any]]
) -> tuple[Any, kernel.Shape]:
    """A value and its shape; its numbers and columns are added to those read before."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields = zip(value._fields, value, strict=True)
        read = [_read(each, f"{name}.{field}", numbers, columns) for field, each in fields]
        return type(value)(*(part for part, _ in read)), (type(value), tuple(s for _, s in read))
    found = column(value, name)
    if found.ndim:
        columns[name] = found
        return found, kernel.COLUMN
    numbers.append(float(found))
    return numbers[-1], kernel.NUMBER


def _cut(value: Any, shape: kernel.Shape, rows: slice, spread: int | None = None) -> Any:
    if shape == kernel.COLUMN:
        return np.asarray(value[rows], dtype=np.float64)
    if isinstance(shape, str):
        return value if spread is None else np.full(spread, value)
    kind, inner = shape
    return kind(*(_cut(each, of, rows, spread) for each, of in zip(value, inner, strict=True)))


def _varies(shape: kernel.Shape) -> bool:
    return any(map(_varies, shape[1])) if isinstance(shape, tuple) else shape == kernel.COLUMN


def _paths(
    result: Any, name: str, prefix: str = "", path: kernel.Path = ()
) -> Iterator[tuple[str, kernel.Path]]:
    """Each number of a result: its name and where it stands."""
    if not isinstance(result, tuple):
        yield name, path
        return
    fields = getattr(result, "_fields", map(str, range(len(result))))
    for place, (field, part) in enumerate(zip(fields, result, strict=True)):
        yield from _paths(part, f"{prefix}{field}", f"{prefix}{field}.", (*path, place))


def _kept(paths: dict[str, kernel.Path], only: Iterable[str] | None) -> dict[str, kernel.Path]:
    if only is None:
        return paths
    wanted = list(only)
    for name in wanted:
        if name not in paths:
            raise UnknownNameError("result", name, list(paths), where="sweep")
    return {name: paths[name] for name in wanted}


def _at(result: Any, path: kernel.Path) -> Any:
    for place in path:
        result = result[place]
    return result
