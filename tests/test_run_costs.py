"""Money, energy and bands of a run: quoted prices, unknown ones, what the asker sets, the fits."""

from __future__ import annotations

import doctest
import math
from pathlib import Path
from typing import Any

import pytest
from builders import fit_failures
from hypothesis import given
from hypothesis import strategies as st
from tests.test_run import CATALOGUE, HOUR, LLAMA, MINUTE, NAN, POWER, SHARED, upkeep

from chipassay.catalogue.run_costs import Range, assumed, rental, server_price
from chipassay.errors import DataError, QuestionError
from chipassay.facts.assumption_file import read_assumption
from chipassay.facts.entry_file import SourceFile
from chipassay.facts.yaml_file import read_yaml
from chipassay.formulas.money import capital_recovery
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.run import ASSUMED, banded, plan_run, weaker
from chipassay.model.run import YEAR, ownership_cost, run
from chipassay.records.answer import Quantity, Reason
from chipassay.records.run import Ownership
from chipassay.trace import watching
from chipassay.units import parse

STEP = Quantity(6.72, 6.0, 7.5, "s", "interpolated")


def planned(chip: str, **asked: float) -> dict[str, Any]:
    return plan_run(CATALOGUE, CATALOGUE.chip_entry(chip), STEP, LLAMA, asked=asked)


def test_an_unknown_price_is_unknown_and_says_what_would_settle_it() -> None:
    unpriced = [
        chip
        for chip in CATALOGUE.chips()
        if rental(CATALOGUE, chip) is None and server_price(CATALOGUE, chip) is None
    ]
    assert unpriced
    for chip in unpriced[:3]:
        found = planned(chip.id)
        assert math.isnan(found["cost"].value)
        assert found["cost"].as_json()["value"] is None
        assert found["cost_basis"] == {"kind": "unknown"}
        assert found["needs"][0] == f"a dated rent or price of {chip.id}, from any source"
        assert found["days"].value > 0


def test_a_price_that_the_asker_gives_is_used_and_named_so() -> None:
    chip = next(c for c in CATALOGUE.chips() if rental(CATALOGUE, c) is None)
    found = planned(chip.id, rent=parse("2 USD/h", "USD/s"))
    hours = found["run"]["chip_time"].value / HOUR
    assert found["cost"].value == pytest.approx(2 * hours)
    assert found["cost_basis"]["what"] == "assumed by the asker"


def test_what_is_asked_is_checked() -> None:
    assert planned("h100-sxm5", spread=0.0, downtime=0.0)["days"].value > 0
    with pytest.raises(QuestionError, match="failure_rate is to be above zero"):
        planned("h100-sxm5", failure_rate=0.0)
    with pytest.raises(QuestionError, match="downtime cannot be negative"):
        planned("h100-sxm5", downtime=-1.0)
    with pytest.raises(QuestionError, match="did you mean failure_rate"):
        planned("h100-sxm5", failure_rates=1e-9)
    with pytest.raises(QuestionError, match="a run wants tokens above zero"):
        plan_run(CATALOGUE, CATALOGUE.chip_entry("h100-sxm5"), STEP, LLAMA._replace(tokens=0.0))


def test_an_unknown_step_time_leaves_all_that_follows_unknown() -> None:
    step = Quantity(NAN, NAN, NAN, "s", "assumed")
    found = plan_run(CATALOGUE, CATALOGUE.chip_entry("h100-sxm5"), step, LLAMA)
    assert all(math.isnan(found[name].value) for name in ("days", "energy", "cost"))
    assert "a step time" in found["needs"]


def test_an_unknown_power_is_an_unknown_energy() -> None:
    chip = next(c for c in CATALOGUE.chips() if math.isnan(c.number("tdp")))
    found = planned(chip.id)
    assert math.isnan(found["energy"].value)
    assert any("tdp" in need for need in found["needs"])
    assert found["days"].value > 0


@pytest.mark.parametrize("chip", CATALOGUE.chips(), ids=lambda chip: chip.id)
def test_every_chip_gets_ordered_bands_or_unknown(chip: Any) -> None:
    found = planned(chip.id)
    for name in ("days", "energy", "cost"):
        each = found[name]
        assert math.isnan(each.value) or 0 < each.low <= each.value <= each.high, name
    assert 0 < found["run"]["effective"].low <= found["run"]["effective"].high < 1
    if not math.isnan(found["cost"].value):
        assert found["cost_basis"]["sources"]
        assert found["cost_basis"]["date"]


def test_a_rent_is_of_its_day() -> None:
    entry = CATALOGUE.chip("h100").entry
    late, early = (rental(CATALOGUE, entry, until=day) for day in ("", "2023-12-31"))
    assert late is not None
    assert early is not None
    assert early.range.value > 2 * late.range.value
    assert rental(CATALOGUE, entry, until="2022-12-31") is None


def test_each_leaf_of_a_runs_derivation_is_named_and_sourced() -> None:
    notes, reasons = Footnotes(CATALOGUE), list[Reason]()
    entry = CATALOGUE.chip_entry("h100-sxm5")
    with watching():
        asked = {"downtime": 60.0}
        plan_run(CATALOGUE, entry, STEP, LLAMA, asked=asked, notes=notes, reasons=reasons)
    titles = ["train.days", "train.energy", "train.cost, rented", "train.cost, owned"]
    assert [reason.name for reason in reasons] == titles
    leaves = {leaf.name: leaf for reason in reasons for leaf in reason.leaves()}
    assert leaves["run.downtime"].standing == "assumed by the asker"
    for name in {*ASSUMED, "rated", "rent", "server"} - {"downtime"}:
        assert leaves[f"run.{name}"].source, name
    assert {source["id"] for source in notes.sources()} >= {"failure_rows", "dgxh100_quote"}


def test_yuan_are_counted_at_the_rate_of_exchange() -> None:
    """The H20's rents are quoted at 5 and 8 yuan an hour, the rate is 7.1 yuan a dollar."""
    found = rental(CATALOGUE, CATALOGUE.chip("h20-96gb").entry)
    assert found is not None
    dollars = [each * HOUR for each in found.range]
    assert dollars == pytest.approx([5 / 7.1, math.sqrt(40) / 7.1, 8 / 7.1])
    assert found.estimated


def test_owning_at_full_use_costs_an_annuity_and_power() -> None:
    assert capital_recovery(0.1, 5.0) == pytest.approx(0.2638, abs=1e-4)
    done = run(LLAMA, upkeep(), POWER)._replace(chip_time=YEAR, energy=parse("1 MWh", "J"))
    owned = Ownership(65e3, 0.65, 0.1, 5.0, 1.0, parse("0.1 USD/kWh", "USD/J"))
    assert ownership_cost(done, owned, YEAR) == pytest.approx(100e3 * 0.2638 + 100, rel=1e-4)


def test_energy_of_llama_3_is_below_what_ratings_would_say() -> None:
    done = run(LLAMA, upkeep(), POWER)
    rated = done.chip_time * 1275.0 * 1.3
    assert 0.70 < done.energy / rated < 0.76


# Bands


@given(st.floats(1.01, 3.0), st.floats(1.01, 3.0))
def test_independent_bands_add_as_squares(first: float, second: float) -> None:
    ranges = {"a": Range(1 / first, 1.0, first), "b": Range(1 / second, 1.0, second)}
    found = banded(lambda inputs: {"c": inputs["a"] * inputs["b"]}, ranges)["c"]
    spread = math.hypot(math.log(first), math.log(second))
    assert math.log(found.high) == pytest.approx(spread)
    assert math.log(found.low) == pytest.approx(-spread)


def test_a_wider_step_makes_wider_days_and_nothing_is_better_known_than_its_inputs() -> None:
    narrow = planned("h100-sxm5")["days"]
    step = Quantity(6.72, 4.0, 11.0, "s", "assumed")
    wide = plan_run(CATALOGUE, CATALOGUE.chip_entry("h100-sxm5"), step, LLAMA)["days"]
    assert wide.low < narrow.low < narrow.high < wide.high
    assert (narrow.basis, wide.basis) == ("transferred", "assumed")
    assert weaker("measured", "interpolated") == "interpolated"


# The fit of failures


def test_assumptions_of_a_run_are_all_there_and_in_order() -> None:
    for id_ in (*ASSUMED.values(), "price-spread", "node-power-over-chips"):
        band = assumed(CATALOGUE, id_)
        assert band.low <= band.value <= band.high, id_
    assert assumed(CATALOGUE, "failure-downtime").value == 11 * MINUTE
    assert assumed(CATALOGUE, "chip-life").value == 5.0


def test_an_assumption_has_both_a_script_and_rows_or_neither(tmp_path: Path) -> None:
    sources = {"a": SourceFile(title="t", url="u", date="2026", kind="primary")}
    plain = "id: x\ntitle: t\nvalue: 1\nlow: 1\nhigh: 2\nunit: '1'\nbecause: b\nsources: [a]\n"
    path = tmp_path / "x.yaml"
    for more, whole in (("", True), ("script: s\nrows: 3\n", True), ("script: s\n", False)):
        path.write_text(plain + more)
        if whole:
            assert read_assumption(read_yaml(path), sources).value == 1
        else:
            with pytest.raises(DataError, match="a script without rows"):
                read_assumption(read_yaml(path), sources)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
def test_the_failure_rate_is_what_its_script_fits() -> None:
    rates, rows, _ = fit_failures.fleets(SHARED / "failures.csv")
    written = CATALOGUE.assumption("failure-rate")
    fitted = fit_failures.band(rates)
    assert (written["low"], written["value"], written["high"]) == pytest.approx(tuple(fitted))
    assert written["rows"] == rows
    inside = 0
    for fleet, rate in rates.items():
        others = fit_failures.band({name: r for name, r in rates.items() if name != fleet})
        inside += others.low <= rate <= others.high
    assert inside >= len(rates) - 1


def test_the_page_about_runs_is_current() -> None:
    page = Path(__file__).parents[1] / "docs" / "run.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 15
    assert found.failed == 0
