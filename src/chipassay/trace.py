"""Formulas that can be watched: plain functions whose calls become a derivation when asked.

Unwatched, a formula is its body: bare floats or columns in, bare floats or columns out. Inside
`watching()`, scalar calls are recorded: the derivation is the call tree, and a result carries the
step that made it to the next call. No row of a table ever stores an explanation; purity makes
explaining a re-run. The same body compiles under numba, because numba asks an object for
`_numba_type_` and a formula answers with its compiled body.

    >>> @formula(cite="arithmetic")
    ... def doubled(x: float) -> float:
    ...     "Twice a number."
    ...     return 2 * x
    >>> doubled(2.0)
    4.0
    >>> with watching() as watch:
    ...     _ = doubled(leaf("ruler.length", 2.0))
    >>> watch.steps[0].name, watch.steps[0].arguments[0].origin
    ('doubled', Leaf(name='ruler.length', value=2.0))
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar, cast, get_type_hints

from chipassay.units import Unit

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number that was looked up or asked, not computed; `name` leads to its source."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a recorded call. A record stands as its kind, without a value."""

    name: str
    value: float | None
    origin: Leaf | Step | None


@dataclass(slots=True)
class Step:
    """One recorded call: the formula, what went in, what came out, and the calls inside it."""

    formula: Formula[Any, Any]
    arguments: tuple[Argument, ...]
    value: float | None = None
    inner: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The formula's name."""
        return self.formula.name


class Watched(float):
    """A float that remembers where it came from; arithmetic on it gives a bare float again."""

    __slots__ = ("origin",)
    origin: Leaf | Step

    def __new__(cls, value: float, origin: Leaf | Step) -> Watched:  # noqa: D102
        self = super().__new__(cls, value)
        self.origin = origin
        return self

    def __reduce__(self) -> tuple[type[Watched], tuple[float, Leaf | Step]]:
        return Watched, (float(self), self.origin)


@dataclass(slots=True)
class Watch:
    """What was recorded: the outermost steps, in order."""

    steps: list[Step] = field(default_factory=list)
    stack: list[Step] = field(default_factory=list)


_watch: ContextVar[Watch | None] = ContextVar("chipassay_watch", default=None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Record every formula called inside the block."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


@contextmanager
def resting() -> Iterator[None]:
    """Record nothing inside the block, though somebody watches around it."""
    token = _watch.set(None)
    try:
        yield
    finally:
        _watch.reset(token)


def leaf(name: str, value: float) -> float:
    """`value`, tagged with its name while somebody watches."""
    return value if _watch.get() is None else Watched(value, Leaf(name, value))


class Formula(Generic[P, R]):
    """A cited function of quantities: call it; the rest explains, sweeps and documents it."""

    def __init__(self, body: Callable[P, R], cite: str) -> None:
        functools.update_wrapper(self, body)
        self.body = body
        self.cite = cite
        self.name = body.__name__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The value; recorded with its inputs while somebody watches."""
        watch = _watch.get()
        if watch is None:
            return cast(R, _plain(self.body(*args, **kwargs)))
        return self._recorded(watch, args, kwargs)

    def _recorded(self, watch: Watch, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        names = self.body.__code__.co_varnames
        pairs = [*zip(names, args, strict=False), *kwargs.items()]
        step = Step(self, tuple(_argument(name, value) for name, value in pairs))
        (watch.stack[-1].inner if watch.stack else watch.steps).append(step)
        watch.stack.append(step)
        try:
            result = _plain(self.body(*args, **kwargs))
        finally:
            watch.stack.pop()
        return cast(R, _tagged(result, step))

    @functools.cached_property
    def units(self) -> dict[str, str]:
        """SI unit of each bare argument, and of the result under "return"."""
        found = {}
        for name, hint in get_type_hints(self.body, include_extras=True).items():
            for mark in getattr(hint, "__metadata__", ()):
                if isinstance(mark, Unit):
                    found[name] = mark.symbol
        return found

    @functools.cached_property
    def sentence(self) -> str:
        """The first sentence of the docstring."""
        return (self.body.__doc__ or "").strip().split("\n")[0]

    @functools.cached_property
    def compiled(self) -> Any:
        """The body under numba, compiled at its first call."""
        import numba

        return numba.njit(nogil=True)(self.body)

    @functools.cached_property
    def scalar(self) -> Callable[P, R]:
        """The body for plain numbers alone, several times faster on them than numpy's functions.

        The same code, with `math` where it says numpy and inner formulas' `scalar` where it calls
        formulas. It is not recorded and takes no columns.
        """
        names = {}
        for name, value in self.body.__globals__.items():
            if isinstance(value, Formula) and name in self.body.__code__.co_names:
                names[name] = value.scalar
            else:
                names[name] = _PlainNumbers if name == "np" else value
        code = self.body.__code__
        return cast(
            Callable[P, R], types.FunctionType(code, names, self.name, self.body.__defaults__)
        )

    @property
    def _numba_type_(self) -> Any:
        import numba

        return numba.typeof(self.compiled)  # type: ignore[no-untyped-call]


class _PlainNumbers:
    """What formulas use of numpy, for plain numbers: unknown (NaN) stays unknown."""

    inf, nan, pi = math.inf, math.nan, math.pi
    maximum = staticmethod(lambda one, other: one if one > other or one != one else other)
    minimum = staticmethod(lambda one, other: one if one < other or one != one else other)
    fmax = staticmethod(lambda one, other: other if one < other or one != one else one)
    fmin = staticmethod(lambda one, other: other if one > other or one != one else one)
    where = staticmethod(lambda test, yes, no: yes if test else no)
    ceil = staticmethod(lambda x: float(math.ceil(x)) if math.isfinite(x) else x)
    floor = staticmethod(lambda x: float(math.floor(x)) if math.isfinite(x) else x)
    clip = staticmethod(lambda x, low, high: min(max(x, low), high))
    absolute = abs = staticmethod(abs)
    sqrt, exp, log, log2 = map(staticmethod, (math.sqrt, math.exp, math.log, math.log2))
    log10, expm1, log1p, tanh = map(staticmethod, (math.log10, math.expm1, math.log1p, math.tanh))
    power = staticmethod(pow)
    isnan, isfinite = map(staticmethod, (math.isnan, math.isfinite))


def formula(*, cite: str) -> Callable[[Callable[P, R]], Formula[P, R]]:
    """Mark a pure function as a formula. `cite` is a key of the sources, or "arithmetic"."""

    def mark(body: Callable[P, R]) -> Formula[P, R]:
        return Formula(body, cite)

    return mark


def _argument(name: str, value: object) -> Argument:
    if isinstance(value, (int, float)):
        return Argument(name, float(value), getattr(value, "origin", None))
    return Argument(name, None, None)


def _plain(result: Any) -> Any:
    """numpy's 0-dimensional arrays (what `np.where` makes of scalars) as floats."""
    if type(result) is float or not hasattr(result, "ndim"):
        if isinstance(result, tuple):
            return type(result)(*map(_plain, result))
        return result
    return float(result) if result.ndim == 0 else result


def _tagged(result: Any, step: Step) -> Any:
    if isinstance(result, tuple):
        return type(result)(*(_tagged(part, step) for part in result))
    if not isinstance(result, (int, float)):
        return result
    if step.value is None:
        step.value = float(result)
    # What an inner formula made keeps its origin: the derivation follows the numbers.
    return result if isinstance(result, Watched) else Watched(float(result), step)
