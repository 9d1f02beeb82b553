"""Every formula keeps the units it promises: fed quantities, it gives quantities of its type.

A formula that calls others is checked call by call: each inner call must be given what it promises
to take, and its result counts as what it promises to give.
"""

from __future__ import annotations

from typing import Any, get_type_hints

import numpy as np
import pint
import pytest
from tests.discovered import formulas

from chipassay.formulas.roofline import transfer_time, work_time
from chipassay.trace import Formula, formula
from chipassay.units import SI, Byte, ByteRate, Count, Flop, FlopRate, Num, Second, Unit

# Bodies whose plain numbers carry a unit, so that dimensions cannot follow from the arguments.
CONSTANTS = {
    "above": "0, 1/2 and 1 are truths",
    "at_least": "0, 1/2 and 1 are truths",
    "below": "1 is a truth",
    "negated": "1 is a truth",
    "pcie_both_ways": "the rate of a generation is a constant",
    "cache_rate": "the bytes that a core draws in a clock are a constant",
    "sustained_rate": "the clock at which an operation's energy is stated is a constant",
    "partial_size": "the bytes of a partial sum are a constant",
    "quantising_size": "the bytes of an activation before it is quantised are a constant",
}
# FLOP counted out of shapes: "2" is 2 FLOP for each pair of values, "6" six for each parameter.
COUNTED = "FLOP"


def _registry() -> pint.UnitRegistry[Any]:
    """The units of `units.SI`: FLOP, byte, bit, truth and money are kinds of their own."""
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    for name in ("FLOP", "B", "bit", "USD", "CNY", "truth", "s", "m", "J"):
        registry.define(f"{name} = [{name}]")
    registry.define("m2 = m ** 2")
    registry.define("Hz = 1 / s")
    registry.define("W = J / s")
    return registry


REGISTRY = _registry()


def _unit(symbol: str) -> Any:
    """`bit.FLOP/s/m2` as pint writes it."""
    return REGISTRY.Unit("dimensionless" if symbol == "1" else symbol.replace(".", "*"))


FORMULAS = formulas()


def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _symbol(hint: Any) -> str | None:
    marks = [mark.symbol for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Unit)]
    return marks[0] if marks else None


def _quantity(hint: Any, number: float = 3.0) -> Any:
    """A quantity of an annotation, in bytes where it leaves the unit open; or a record of them."""
    if hasattr(hint, "_fields"):
        return hint(*(_quantity(inner, number) for inner in _hints(hint).values()))
    return REGISTRY.Quantity(number, _unit(_symbol(hint) or "B"))


def _demand(value: Any, hint: Any, where: str) -> None:
    """A quantity has the dimension of its annotation; `AssertionError` says where it has not."""
    if hasattr(hint, "_fields"):
        for name, inner in _hints(hint).items():
            _demand(getattr(value, name), inner, f"{where}.{name}")
        return
    symbol = _symbol(hint)
    bare_zero = isinstance(value, float) and value == 0.0  # zero is zero in any unit
    if symbol is not None and not bare_zero:
        found = REGISTRY.Quantity(1.0) * value
        right = found.dimensionality == REGISTRY.Quantity(1.0, _unit(symbol)).dimensionality
        assert right, f"{where} is in {found.units:~P}, not in {symbol}"


def checked(of: Formula[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a formula with quantities, and demand of it what its annotations promise."""
    hints = _hints(of.body)
    promised = hints.pop("return")
    for name, value in [*zip(hints, args, strict=False), *kwargs.items()]:
        _demand(value, hints[name], f"{of.name}({name})")
    if of.name in CONSTANTS:
        return _quantity(promised)
    try:
        result = of.body(*args, **kwargs)
        _demand(result, promised, of.name)
    except (pint.DimensionalityError, AssertionError):
        if _symbol(promised) != COUNTED:
            raise
        plain = {name: _bare(value) for name, value in kwargs.items()}
        count = REGISTRY.Quantity(1.0) * of.body(*map(_bare, args), **plain)
        assert count.dimensionless, f"{of.name} counts FLOP, but is in {count.units:~P}"
        return _quantity(promised)
    return result


def _bare(value: Any) -> Any:
    """FLOP as a pure number, records too; other quantities as they are."""
    if isinstance(value, tuple):
        return type(value)(*map(_bare, value))
    if isinstance(value, (int, float)):
        return value
    flop = value.dimensionality == _unit(COUNTED).dimensionality
    return REGISTRY.Quantity(value.magnitude) if flop else value


def sound(of: Formula[..., Any]) -> None:
    """Feed a formula quantities of its annotations; raises where it breaks a promise."""
    hints = _hints(of.body)
    hints.pop("return")
    checked(of, *map(_quantity, hints.values()))


@pytest.fixture(autouse=True)
def _every_call_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Formula, "__call__", checked)
    monkeypatch.setattr(np, "fmax", np.maximum)  # pint knows no fmax; their units are the same


@pytest.mark.parametrize("of", FORMULAS, ids=lambda of: of.name)
def test_a_formula_keeps_the_units_it_promises(of: Formula[..., Any]) -> None:
    sound(of)


@pytest.mark.parametrize("of", FORMULAS, ids=lambda of: of.name)
def test_every_number_of_a_formula_has_a_type(of: Formula[..., Any]) -> None:
    for name, hint in _hints(of.body).items():
        inner = _hints(hint).values() if hasattr(hint, "_fields") else [hint]
        assert all(_symbol(each) in SI or each == Num or hasattr(each, "_fields") for each in inner)
        assert name == "return" or name in of.body.__code__.co_varnames


def test_constants_are_named_only_where_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {of.name: of for of in FORMULAS}
    for name in list(CONSTANTS):
        monkeypatch.delitem(CONSTANTS, name)
        with pytest.raises((pint.DimensionalityError, AssertionError)):
            sound(known[name])


def test_every_symbol_is_known_to_the_registry() -> None:
    for symbol in SI:
        assert REGISTRY.Quantity(1.0, _unit(symbol)).magnitude == 1.0


@formula(cite="arithmetic")
def _upside_down(work: Flop, rate: FlopRate) -> Second:
    """Planted: a rate over work is no time."""
    return rate / work


@formula(cite="arithmetic")
def _added(work: Flop, size: Byte) -> Flop:
    """Planted: FLOP and bytes added."""
    return work + size


@formula(cite="arithmetic")
def _misled(size: Byte, rate: FlopRate) -> Second:
    """Planted: bytes handed over as FLOP; the result's own unit would look right."""
    return work_time(size, rate)


@formula(cite="arithmetic")
def _right(size: Byte, bandwidth: ByteRate, count: Count) -> Second:
    """Nothing wrong, and nothing reported."""
    return count * np.maximum(transfer_time(size, bandwidth), 0.0 * size / bandwidth)


def test_planted_mistakes_are_caught() -> None:
    sound(_right)
    with pytest.raises(AssertionError, match="_upside_down is in 1/s, not in s"):
        sound(_upside_down)
    with pytest.raises((pint.DimensionalityError, AssertionError)):
        sound(_added)
    with pytest.raises(AssertionError, match=r"work_time\(work\) is in B, not in FLOP"):
        sound(_misled)
