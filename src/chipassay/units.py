"""The only room that knows units: text becomes SI floats here, and SI floats become text.

Inside the program every quantity is a bare float (or a column of floats) in the units of `SI`.
A formula says what it takes and gives in its types (`ByteRate`, `Second` …); `parse` and `text`
are the two doors. A megabyte is 10^6 bytes, a mebibyte 2^20; `Gb` is a gigabit, `GB` a gigabyte.

    >>> parse("3.35 TB/s", "B/s")
    3350000000000.0
    >>> text(3.35e12, "B/s")
    '3.35 TB/s'
    >>> parse("80 GiB", "B") > parse("80 GB", "B")
    True

What is *not* a unit: dense or sparse, one way or both ways, per die or per package. Those are
different quantities with different names (`docs/glossary.md`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from chipassay.errors import UnitError, UnknownNameError, shown

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Num = float | NDArray[float64]
else:
    # At run time the alias must not import numpy: `--help` would pay for it.
    Num = float


@dataclass(frozen=True, slots=True)
class Unit:
    """The SI unit of a number, written as in `SI`."""

    symbol: str


Count = Annotated[Num, Unit("1")]
Ratio = Annotated[Num, Unit("1")]
Truth = Annotated[Num, Unit("truth")]  # 0 false, 1/2 unknown, 1 true: see formulas/control.py
Byte = Annotated[Num, Unit("B")]
ByteRate = Annotated[Num, Unit("B/s")]
Bit = Annotated[Num, Unit("bit")]
Flop = Annotated[Num, Unit("FLOP")]
FlopRate = Annotated[Num, Unit("FLOP/s")]
FlopPerByte = Annotated[Num, Unit("FLOP/B")]
Second = Annotated[Num, Unit("s")]
Hertz = Annotated[Num, Unit("Hz")]
PerSecond = Annotated[Num, Unit("1/s")]
Watt = Annotated[Num, Unit("W")]
Joule = Annotated[Num, Unit("J")]
JoulePerFlop = Annotated[Num, Unit("J/FLOP")]
Area = Annotated[Num, Unit("m2")]
Performance = Annotated[Num, Unit("bit.FLOP/s")]  # what 3A090 calls total processing performance
Density = Annotated[Num, Unit("bit.FLOP/s/m2")]  # total processing performance over die area
RateDensity = Annotated[Num, Unit("B/s/m2")]  # what 3A090.c calls memory bandwidth density
UsDollar = Annotated[Num, Unit("USD")]
DollarRate = Annotated[Num, Unit("USD/s")]
DollarPerJoule = Annotated[Num, Unit("USD/J")]

SI = (
    "1", "truth", "B", "B/s", "bit", "FLOP", "FLOP/s", "FLOP/B", "s", "Hz", "1/s", "W", "J", "m2",
    "J/FLOP", "bit.FLOP/s", "bit.FLOP/s/m2", "B/s/m2", "USD", "USD/s", "USD/J", "CNY", "CNY/s",
    "CNY/USD",
)  # fmt: skip

_DECIMAL = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40}
_SMALL = {"m": -3, "u": -6, "µ": -6, "n": -9}


def _table() -> dict[str, tuple[str, Decimal]]:
    """Every spelling: its SI unit and the exact factor to it."""
    one = Decimal(1)
    second = {"s": one, "min": Decimal(60), "h": Decimal(3600), "hour": Decimal(3600)}
    second |= {"day": Decimal(86400), "d": Decimal(86400), "month": Decimal(86400) * 365 / 12}
    second["year"] = Decimal(86400) * 365
    table: dict[str, tuple[str, Decimal]] = {
        "": ("1", one), "1": ("1", one), "%": ("1", Decimal("0.01")),
        "bit": ("bit", one), "bits": ("bit", one), "W": ("W", one), "J": ("J", one),
        "Wh": ("J", Decimal(3600)), "m2": ("m2", one), "m²": ("m2", one),
        "mm2": ("m2", Decimal("1e-6")), "mm²": ("m2", Decimal("1e-6")),
        "TPP": ("bit.FLOP/s", Decimal("1e12")), "TPP/mm2": ("bit.FLOP/s/m2", Decimal("1e18")),
        "TPP/mm²": ("bit.FLOP/s/m2", Decimal("1e18")), "GB/s/mm2": ("B/s/m2", Decimal("1e15")),
        "CNY/USD": ("CNY/USD", one),
        "1/s": ("1/s", one), "/s": ("1/s", one), "truth": ("truth", one),
    }  # fmt: skip
    for prefix, power in _DECIMAL.items():
        table |= _prefixed(prefix, one.scaleb(power))
    for prefix, power in _BINARY.items():
        factor = Decimal(2) ** power
        table[f"{prefix}B"] = ("B", factor)
        table[f"{prefix}B/s"] = ("B/s", factor)
    for prefix, power in _SMALL.items():
        table[f"{prefix}s"] = ("s", one.scaleb(power))
    for name, length in second.items():
        table[name] = ("s", length)
        table[f"1/{name}"] = ("1/s", one / length)
        for money in ("USD", "CNY"):
            table[f"{money}/{name}"] = (f"{money}/s", one / length)
    table["USD/J"] = ("USD/J", one)
    table["USD/kWh"] = ("USD/J", one / (3600 * one.scaleb(3)))
    for money in ("USD", "CNY"):
        table[money] = (money, one)
        table[f"k{money}"] = (money, one.scaleb(3))
        table[f"M{money}"] = (money, one.scaleb(6))
        table[f"B{money}"] = (money, one.scaleb(9))
    return table


def _prefixed(prefix: str, factor: Decimal) -> dict[str, tuple[str, Decimal]]:
    """The spellings that take a decimal prefix, with one of them."""
    byte_per_bit = Decimal("0.125")
    table = {f"{prefix}{name}": ("B", factor) for name in ("B", *(() if prefix else ("bytes",)))}
    table |= {f"{prefix}{name}": ("B/s", factor) for name in ("B/s", "Bps")}
    table |= {f"{prefix}{name}": ("B/s", factor * byte_per_bit) for name in ("b/s", "bit/s", "bps")}
    table |= {f"{prefix}{name}": ("FLOP/s", factor) for name in ("FLOPS", "FLOP/s", "OPS", "OP/s")}
    table |= {f"{prefix}{unit}": (unit, factor) for unit in ("FLOP", "FLOP/B", "Hz")}
    if prefix:  # without one, "bit" is a length of numbers and W, J stand in the table itself
        table |= {f"{prefix}{unit}": (unit, factor) for unit in ("W", "J")}
        table |= {f"{prefix}{name}": ("B", factor * byte_per_bit) for name in ("b", "bit")}
        table[f"{prefix}Wh"] = ("J", factor * 3600)
    return table


_UNITS = _table()
_QUANTITY = re.compile(r"\s*([-+]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


def parse(source: str | float, unit: str, *, where: str = "") -> float:
    """A quantity in text as a float in the SI unit `unit`.

    A bare number is taken only where `unit` is "1": a rate without a unit is refused, not guessed.
    Raises `UnitError` with what was read, what was wanted and an example.
    """
    if isinstance(source, bool):
        raise UnitError(
            f"{source} is no quantity", where=where, hint=f"write one in {example(unit)}"
        )
    match = _QUANTITY.fullmatch(str(source))
    if match is None:
        raise UnitError(f"{shown(source)} is no quantity", where=where, hint=f"try {example(unit)}")
    number, spelling = match.groups()
    found, factor = _spelling(spelling, unit, where)
    if found != unit:
        read = f"{shown(source)} has no unit" if not spelling else f"{shown(source)} is in {found}"
        raise UnitError(f"{read}, but {unit} is wanted", where=where, hint=f"try {example(unit)}")
    try:
        value = float(Decimal(number.replace(",", "").replace("_", "")) * factor)
    except ArithmeticError:
        value = math.inf
    if not math.isfinite(value):
        raise UnitError(f"{shown(source)} is too large", where=where, hint=f"try {example(unit)}")
    return value


def si_unit(spelling: str, *, where: str = "") -> str:
    """The SI unit behind a spelling: `si_unit("TB/s") == "B/s"`."""
    return _spelling(spelling, "", where)[0]


def factor(spelling: str) -> float:
    """How many SI units one of `spelling` is: `factor("GB") == 1e9`."""
    return float(_spelling(spelling, "", "")[1])


def convert(value: float, spelling: str) -> float:
    """An SI value as a number of `spelling`: `convert(3.35e12, "TB/s") == 3.35`."""
    return float(Decimal(repr(float(value))) / _spelling(spelling, "", "")[1])


def _spelling(spelling: str, wanted: str, where: str) -> tuple[str, Decimal]:
    try:
        return _UNITS[spelling]
    except KeyError:
        hint = f"try {example(wanted)}" if wanted else ""
        raise UnknownNameError("unit", spelling, _UNITS, where=where, hint=hint) from None


_SHOWN = {  # unit -> spellings to choose from when a number is shown, smallest first
    "B": ("B", "kB", "MB", "GB", "TB", "PB"),
    "B/s": ("B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"),
    "FLOP": ("FLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"),
    "FLOP/s": ("FLOP/s", "GFLOPS", "TFLOPS", "PFLOPS", "EFLOPS"),
    "FLOP/B": ("FLOP/B",),
    "s": ("ns", "µs", "ms", "s", "min", "h", "day"),
    "Hz": ("Hz", "MHz", "GHz"),
    "1/s": ("1/s",),
    "W": ("W", "kW", "MW", "GW"),
    "J": ("J", "kJ", "MJ", "kWh", "MWh", "GWh"),
    "m2": ("mm2",),
    "bit": ("bit",),
    "bit.FLOP/s": ("TPP",),
    "bit.FLOP/s/m2": ("TPP/mm2",),
    "B/s/m2": ("GB/s/mm2",),
    "USD": ("USD",),
    "CNY": ("CNY",),
    "USD/s": ("USD/h",),
    "USD/J": ("USD/kWh",),
    "CNY/s": ("CNY/h",),
    "CNY/USD": ("CNY/USD",),
}


def text(value: float, unit: str, *, as_: str | None = None, digits: int = 4) -> str:
    """A quantity as a person writes it: at most `digits` significant digits, in a fitting unit.

    `as_` asks for one spelling ("TFLOPS"); unknown numbers (NaN) are shown as `unknown`.
    """
    if math.isnan(value):
        return "unknown"
    if unit in ("1", "truth"):
        return number(value, digits)
    spelling = as_ or _fitting(value, unit)
    return f"{number(convert(value, spelling), digits)} {spelling}"


def number(value: float, digits: int = 4) -> str:
    """A bare number with thousands grouped: `number(2368.0) == "2,368"`."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "unbounded" if value > 0 else "-unbounded"
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def example(unit: str) -> str:
    """A sample spelling of a unit, for messages."""
    samples = {"B": "96 GB", "B/s": "4 TB/s", "FLOP/s": "148 TFLOPS", "W": "700 W", "m2": "814 mm2"}
    samples |= {"s": "50 ms", "Hz": "1.98 GHz", "1": "8", "bit": "16 bit", "bit.FLOP/s": "4800 TPP"}
    return samples.get(unit, f"a number and a unit such as {_SHOWN.get(unit, (unit,))[-1]}")


def _fitting(value: float, unit: str) -> str:
    spellings = _SHOWN[unit]
    best = spellings[0]
    for spelling in spellings:
        if abs(value) >= factor(spelling):
            best = spelling
    return best
