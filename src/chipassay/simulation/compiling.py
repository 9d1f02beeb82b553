"""The same functions, compiled: every function of this room that another calls gets a numba twin.

No body is written twice. What numba compiles is kept on disk beside the package, under a key made
of all the sources it came from, so that a change in any of them compiles anew.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

ROOM = __name__.rpartition(".")[0]
SELDOM = ("_preempt", "_knowing", "_thin", "moved", "fits_decoders", "_sample", "known_prefix")


def installed() -> bool:
    """Whether numba can be imported; it is not imported by asking."""
    return importlib.util.find_spec("numba") is not None


@functools.cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function's twin for arrays; it is compiled at its first call, or read from disk."""
    import numba

    twins: dict[Any, Any] = {}
    outer = _entry(_stamp())
    names = {**outer.__globals__, "_loop": _twin(function, twins)}
    copy = types.FunctionType(outer.__code__, names, "simulation", None, outer.__closure__)
    njit: Any = functools.partial(numba.njit, nogil=True, error_model="numpy")
    try:
        twin = njit(cache=True)(copy)
    except RuntimeError:  # nowhere to write
        twin = njit()(copy)
    return cast(Callable[..., Any], twin)


def ready(function: Callable[..., Any]) -> bool:
    """Whether this machine has compiled these sources before."""
    mark = _mark(function)
    return mark is not None and mark.exists()


def note(function: Callable[..., Any]) -> None:
    """Remember that it has; nothing is noted where nothing can be written."""
    mark = _mark(function)
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.touch()


def _mark(function: Callable[..., Any]) -> Path | None:
    twin: Any = compiled(function)
    folder = twin.stats.cache_path
    return Path(folder) / f"simulation-{_stamp()[:16]}.ready" if folder else None


def _loop(*words: Any) -> None:
    """Stands where the compiled function goes."""


def _entry(stamp: str) -> Any:
    def simulation(world: Any, setting: Any) -> bool:
        _loop(world, setting)
        return stamp == ""

    return simulation


@functools.cache
def _stamp() -> str:
    """Of all the sources in this room."""
    text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(text).hexdigest()


def _twin(function: Any, twins: dict[Any, Any]) -> Any:
    import numba

    if function not in twins:
        names = dict(vars(sys.modules[function.__module__]))
        for name in names.keys() & set(function.__code__.co_names):
            value = names[name]
            if isinstance(value, types.FunctionType) and value.__module__.startswith(ROOM):
                names[name] = _twin(value, twins)
        copy = types.FunctionType(function.__code__, names, function.__name__)
        njit: Any = numba.njit
        twins[function] = njit(
            nogil=True, error_model="numpy", forceinline=_inlined(function),
            no_cpython_wrapper=True, no_cfunc_wrapper=True,
        )(copy)  # fmt: skip
    return twins[function]


def _inlined(function: Any) -> bool:
    """Whether a function is copied into its callers, since handing on the world is dear.

    Those that are seldom called stay apart, or compiling takes twice as long.
    """
    return "w" in function.__code__.co_varnames[:1] and function.__name__ not in SELDOM
