"""Quantities in text: every spelling goes in and comes back; what is no quantity is refused."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay import units
from chipassay.errors import UnitError, UnknownNameError
from chipassay.units import SI, convert, factor, number, parse, si_unit, text

SPELLINGS = sorted(units._UNITS)
SHOWN = sorted(units._SHOWN)
NUMBERS = st.decimals("0.001", "999999", places=3)


@given(st.sampled_from(SPELLINGS), NUMBERS)
def test_a_quantity_goes_in_and_comes_back(spelling: str, amount: Decimal) -> None:
    value = parse(f"{amount} {spelling}", si_unit(spelling))
    glue = " " if spelling[:1].isdigit() else ""
    assert value == parse(f" {amount}{glue}{spelling} ", si_unit(spelling))
    assert value == pytest.approx(float(amount) * factor(spelling), rel=1e-12)
    assert convert(value, spelling) == pytest.approx(float(amount), rel=1e-12)


@given(st.sampled_from(SHOWN), st.floats(1e-9, 1e24))
def test_what_is_shown_can_be_read_again(unit: str, value: float) -> None:
    assert parse(text(value, unit), unit) == pytest.approx(value, rel=6e-4)
    assert parse(text(value, unit, digits=15), unit) == pytest.approx(value, rel=1e-13)


@given(st.sampled_from(SPELLINGS), NUMBERS)
def test_a_spelling_that_was_asked_for_is_used(spelling: str, amount: Decimal) -> None:
    unit = si_unit(spelling)
    if spelling and unit not in ("1", "truth"):
        shown = text(parse(f"{amount} {spelling}", unit), unit, as_=spelling)
        assert shown.endswith(f" {spelling}")
        assert parse(shown, unit) == pytest.approx(float(amount) * factor(spelling), rel=6e-4)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_means_a_known_unit(spelling: str) -> None:
    assert si_unit(spelling) in SI
    assert factor(spelling) > 0


@pytest.mark.parametrize("prefix", ["", "k", "M", "G", "T", "P"])
def test_eight_bits_are_a_byte(prefix: str) -> None:
    byte_rate = parse(f"1 {prefix}B/s", "B/s")
    for bits in ("b/s", "bit/s", "bps"):
        assert parse(f"8 {prefix}{bits}", "B/s") == byte_rate
    assert parse(f"8 {prefix}bit", si_unit(f"{prefix}bit")) == (
        factor(f"{prefix}B") if prefix else 8
    )


def test_a_gibibyte_is_more_than_a_gigabyte() -> None:
    assert parse("1 GB", "B") == 1e9
    assert parse("1 GiB", "B") == 2**30
    assert parse("96 GB", "B") < parse("90 GiB", "B")
    assert parse("1 TiB", "B") == 1024 * parse("1 GiB", "B")


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("3.35 TB/s", "B/s", 3.35e12),
        ("900GB/s", "B/s", 9e11),
        ("1,979 TFLOPS", "FLOP/s", 1.979e15),
        ("80_000_000_000", "1", 8e10),
        ("814 mm²", "m2", 8.14e-4),
        ("814 mm2", "m2", 8.14e-4),
        ("4800 TPP", "bit.FLOP/s", 4.8e15),
        ("5.92 TPP/mm2", "bit.FLOP/s/m2", 5.92e18),
        ("50 %", "1", 0.5),
        (".5 h", "s", 1800.0),
        ("1e3 W", "W", 1000.0),
        (8, "1", 8.0),
        (0.25, "1", 0.25),
        ("2 USD/h", "USD/s", 2 / 3600),
        ("-3 GB", "B", -3e9),
    ],
)
def test_quantities(written: str | float, unit: str, value: float) -> None:
    assert parse(written, unit) == value


@pytest.mark.parametrize("unit", [unit for unit in SI if unit != "1"])
def test_a_bare_number_is_taken_only_where_nothing_is_counted_in_units(unit: str) -> None:
    with pytest.raises(UnitError, match=f"has no unit, but {unit} is wanted; try "):
        parse("4", unit, where="chip.yaml:3")
    assert parse("4", "1") == 4


def test_a_quantity_of_another_kind_is_refused_with_place_and_example() -> None:
    with pytest.raises(UnitError) as caught:
        parse("4 TB", "B/s", where="chip.yaml:3")
    assert str(caught.value) == "chip.yaml:3: '4 TB' is in B, but B/s is wanted; try 4 TB/s"


@pytest.mark.parametrize(
    ("spelling", "suggestion"),
    [
        ("byte", "bytes"),
        ("hours", "hour"),
        ("tflops", "TFLOPS"),
        ("TBs", "TB/s"),
        ("GBp", "GBps"),
    ],
)
def test_an_unknown_unit_is_refused_with_a_suggestion(spelling: str, suggestion: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        parse(f"4 {spelling}", "B/s")
    assert suggestion in caught.value.suggestions
    with pytest.raises(UnknownNameError, match="no unit is called"):
        factor(spelling)


@pytest.mark.parametrize(
    "prefixed",
    [
        "gb", "MFLOPs", "mhz",
        "tb/s", "KiB/S",
    ],
)  # fmt: skip
def test_letter_case_carries_meaning(prefixed: str) -> None:
    with pytest.raises(UnknownNameError):
        si_unit(prefixed)


@pytest.mark.parametrize(
    "written",
    ["nan", "inf", "-inf GB", "NaN GB", "", " ", "GB", "four GB", "1 2 GB", "0x10 GB", "1..2 GB"],
)
def test_no_quantity(written: str) -> None:
    with pytest.raises(UnitError, match="is no quantity"):
        parse(written, "B")


@pytest.mark.parametrize("written", [math.nan, math.inf, True, False])
def test_no_quantity_by_type(written: float) -> None:
    with pytest.raises(UnitError, match="is no quantity"):
        parse(written, "1")


@pytest.mark.parametrize(
    "written",
    [
        "1e309 B",
        "1e300 EB",
        "9" * 400 + " GB",
        "1e999999 GB",
    ],
)
def test_too_large(written: str) -> None:
    with pytest.raises(UnitError, match="is too large"):
        parse(written, "B")


@given(st.text(max_size=30), st.sampled_from(SI))
def test_any_text_is_read_or_refused_in_one_line(written: str, unit: str) -> None:
    try:
        said = f"{parse(written, unit)}"
    except (UnitError, UnknownNameError) as refused:
        said = str(refused)
    assert said not in ("nan", "inf", "-inf")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2368.0, "2,368"), (0.0, "0"), (math.nan, "unknown"), (math.inf, "unbounded"),
        (-math.inf, "-unbounded"), (0.14964, "0.1496"), (1234567.0, "1,234,567"),
    ],
)  # fmt: skip
def test_bare_numbers(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_unit_fits_the_size() -> None:
    assert text(1.48e14, "FLOP/s") == "148 TFLOPS"
    assert text(9.6e10, "B") == "96 GB"
    assert text(8.14e-4, "m2") == "814 mm2"
    assert text(5e-2, "s") == "50 ms"
    assert text(2.368e15, "bit.FLOP/s") == "2,368 TPP"
    assert text(math.nan, "B/s") == "unknown"
    assert text(0.5, "1") == "0.5"
