"""A formula's loop over rows, compiled by numba for one pattern of columns.

Nothing of the formula is written again: the generated loop builds its records, calls it, and
stores what is wanted of its result. For `training` with two columns it reads

    def loop(numbers, columns, results):
        (n0, n1, …) = (numbers[0], numbers[1], …)
        for i in range(len(results[0])):
            found = formula(n0, R0(columns[0][i], n1, …), R1(…), R2(…))
            results[0][i] = found[0]

It is serial and releases the interpreter's lock, so that threads may run it on several blocks.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import types
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chipassay.errors import MissingPartError, QuestionError
from chipassay.trace import Formula

NUMBER, COLUMN = "number", "column"
Shape = str | tuple[type[tuple[Any, ...]], tuple["Shape", ...]]
"""NUMBER, COLUMN, or a kind of record and the shapes of its fields."""
Path = tuple[int, ...]
"""Where a number stands in a result: () for the result itself, (0, 2) inside nested records."""
Kernel = Callable[[Any, tuple[Any, ...], tuple[Any, ...]], None]
Key = tuple[Formula[..., Any], tuple[Shape, ...], tuple[Path, ...]]

MOST_KERNELS = 128  # compiled code is memory: a server that meets ever new patterns stays bounded
_kernels: dict[Key, Kernel] = {}


def installed() -> bool:
    """Whether numba can be imported; it is not imported by asking."""
    return importlib.util.find_spec("numba") is not None


def ready(key: Key) -> bool:
    """Whether this pattern is compiled already in this process."""
    return key in _kernels


def compiled(key: Key) -> Kernel:
    """The loop of a formula for a pattern of columns, compiled at its first use.

    Raises `MissingPartError` without numba, `QuestionError` for a body that numba cannot take.
    """
    if key not in _kernels:
        if not installed():
            hint = 'pip install "chipassay[fast]", or ask for the engine "numpy"'
            raise MissingPartError("numba is not installed", where="sweep", hint=hint)
        kernel = _built(key)
        while len(_kernels) >= MOST_KERNELS:
            _kernels.pop(next(iter(_kernels)), None)
        _kernels[key] = kernel
    return _kernels[key]


def source(key: Key) -> tuple[str, dict[str, Any]]:
    """The loop as Python text, and the names it uses."""
    formula, shapes, paths = key
    names: dict[str, Any] = {"formula": formula}
    numbers, columns, kinds = itertools.count(), itertools.count(), itertools.count()

    def expression(shape: Shape) -> str:
        if shape == NUMBER:
            return f"n{next(numbers)}"
        if shape == COLUMN:
            return f"columns[{next(columns)}][i]"
        kind = f"R{next(kinds)}"
        names[kind] = shape[0]
        return f"{kind}({', '.join(map(expression, shape[1]))})"

    call = f"formula({', '.join(map(expression, shapes))})"
    lines = ["def loop(numbers, columns, results):"]
    lines += [f"    n{k} = numbers[{k}]" for k in range(next(numbers))]
    lines += ["    for i in range(len(results[0])):", f"        found = {call}"]
    for k, path in enumerate(paths):
        lines.append(f"        results[{k}][i] = found{''.join(f'[{step}]' for step in path)}")
    return "\n".join(lines), names


def _built(key: Key) -> Kernel:
    import numba

    text, names = source(key)
    names["formula"] = _twin(key[0], {})
    exec(text, names)
    row, tuple_of = numba.float64[::1], cast(Any, numba.types.UniTuple)
    read_only = numba.types.Array(numba.float64, 1, "C", readonly=True)
    columns = tuple_of(read_only, text.count("columns["))
    results = tuple_of(row, len(key[2]))
    try:
        built: Kernel = _compiler((row, columns, results))(names["loop"])
    except numba.core.errors.NumbaError as error:
        what = f"`{key[0].name}` is outside what numba takes: {str(error).splitlines()[0]}"
        raise QuestionError(what, where="sweep", hint='ask for the engine "numpy"') from error
    return built


def _twin(formula: Formula[..., Any], twins: dict[Formula[..., Any], Any]) -> Any:
    """A formula's own body for numba: `np.where` is one for numbers, formulas it calls are twins.

    numba's own `np.where` makes an array of no dimension out of three numbers, which costs ten
    times the rest of a formula (`docs/decisions/0002-one-body-three-ways.md`).
    """

    def swapped(value: Any) -> Any:
        if isinstance(value, Formula):
            return _twin(value, twins)
        return _numpy_of_numbers() if value is np else value

    if formula not in twins:
        body = formula.body
        names = dict(body.__globals__)
        for name in names.keys() & set(body.__code__.co_names):
            names[name] = swapped(names[name])
        cells = tuple(types.CellType(swapped(c.cell_contents)) for c in body.__closure__ or ())
        twin = types.FunctionType(body.__code__, names, formula.name, body.__defaults__, cells)
        twins[formula] = _compiler(inline="always")(twin)
    return twins[formula]


def _compiler(*signature: Any, **options: Any) -> Any:
    """As numpy does it, a division by zero is an infinity or NaN; nothing is reassociated."""
    import numba

    return numba.njit(*signature, nogil=True, error_model="numpy", **options)


@functools.cache
def _numpy_of_numbers() -> types.ModuleType:
    """numpy with a `where` that takes numbers and gives one."""

    def where(condition: bool, first: float, second: float) -> float:
        return first if condition else second

    module = types.ModuleType("numpy_of_numbers")
    vars(module).update(vars(np), where=_compiler(inline="always")(where))
    return module
