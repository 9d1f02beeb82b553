"""Kernel times: a better chip is never slower, relatives by rule, published rates, bad tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.facts.kernel_file import load
from chipassay.inquiry.kernels import kernel
from chipassay.inquiry.validation import SIZES
from chipassay.model.kernels.correction import Correction, correction, factor
from chipassay.model.kernels.gemm import GemmShape
from chipassay.records.silicon import Silicon
from chipassay.units import parse

CATALOGUE = Catalogue.shipped()
COLD = 1e6
RATES = ("matrix", "vector", "special", "memory", "cache", "power")


def product(m: float, n: float, k: float, wide: float = 2.0, quantised: float = 0.0) -> GemmShape:
    """A matrix product whose weights come from memory."""
    return GemmShape(m, n, k, wide, wide, 2.0, quantised, COLD, 0.0)


def of(
    chip: str, form: str = "bf16", stack: str = "", without: str = "", name: str = "gemm"
) -> Any:
    """A chip's kernel."""
    return kernel(name, CATALOGUE.chip(chip).entry, CATALOGUE, form, stack, without=without)


sizes = st.integers(1, 30_000).map(float)


@pytest.mark.parametrize("rate", RATES)
@given(m=sizes, n=sizes, k=sizes, more=st.floats(1.0, 30.0), form=st.sampled_from(["bf16", "fp8"]))
@settings(max_examples=60)
def test_more_of_any_rate_is_never_slower(
    rate: str, m: float, n: float, k: float, more: float, form: str
) -> None:
    model = of("h100", form, "vllm")
    better = model.silicon._replace(**{rate: getattr(model.silicon, rate) * more})
    shape = product(m, n, k, 2.0 if form == "bf16" else 1.0, float(form == "fp8"))
    slow = model.family.time(model.silicon, shape, model.constants)
    assert model.family.time(better, shape, model.constants) <= slow * (1 + 1e-12)


@given(m=sizes, n=sizes, k=sizes, more=st.floats(1.0, 4.0))
@settings(max_examples=60)
def test_a_faster_clock_lifts_every_rate_and_is_never_slower(
    m: float, n: float, k: float, more: float
) -> None:
    model = of("b200", "bf16", "trtllm")
    s = model.silicon
    faster = s._replace(
        clock=s.clock * more,
        matrix=s.matrix * more,
        vector=s.vector * more,
        special=s.special * more,
    )
    slow = model.family.time(s, product(m, n, k), model.constants)
    assert model.family.time(faster, product(m, n, k), model.constants) <= slow * (1 + 1e-12)


@given(m=sizes, n=sizes, k=sizes)
@settings(max_examples=60)
def test_a_column_is_its_numbers_and_its_plain_twin(m: float, n: float, k: float) -> None:
    model = of("l40s", "bf16", "sglang")
    column = product(np.array([m, 64.0]), np.array([n, 64.0]), np.array([k, 64.0]))  # type: ignore[arg-type]
    alone = model.family.time(model.silicon, product(m, n, k), model.constants)
    twin = model.family.time.scalar(model.silicon, product(m, n, k), model.constants)
    assert model.family.time(model.silicon, column, model.constants)[0] == pytest.approx(
        alone, rel=1e-14
    )
    assert twin == pytest.approx(alone, rel=1e-14)
    assert model.time(column)[0] == pytest.approx(model.time(product(m, n, k)), rel=1e-12)


@given(
    at=st.lists(st.floats(-2, 18), min_size=2, max_size=2),
    seed=st.integers(0, 5),
)
def test_a_correction_looks_the_same_by_bins_and_by_bisection(at: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    knots = (np.array([0, 1, math.log2(17), 7, 15.0]), np.array([3.0, 9.0, 16.0]))
    values = random.normal(0, 0.2, (5, 3))
    place = (np.array([at[0]]), np.array([at[1]]))
    by_bins = factor(correction(knots, values), place)
    assert by_bins == pytest.approx(factor(Correction(knots, values), place), rel=1e-12)
    assert values.min() <= math.log(float(by_bins[0])) + 1e-9  # type: ignore[index]
    assert math.log(float(by_bins[0])) <= values.max() + 1e-9  # type: ignore[index]


# --- whose constants: the rule in plain words ----------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "level", "relatives", "basis"),
    [
        ("h100-sxm5", "own", {"h100-sxm5"}, "measured"),
        ("h20", "design", {"h100-sxm5"}, "transferred"),
        ("h800", "design", {"h100-sxm5"}, "transferred"),
        ("h200", "design", {"h100-sxm5"}, "transferred"),
        ("b300", "design", {"b200"}, "transferred"),
        ("gb200", "design", {"b200"}, "transferred"),
        ("rtxpro6000-server", "feed", {"a100-sxm-80gb", "l40s"}, "transferred"),
        ("mi300x", "all", {"a100-sxm-80gb", "h100-sxm5", "l40s", "b200"}, "assumed"),
        ("ascend-910b1", "all", {"a100-sxm-80gb", "h100-sxm5", "l40s", "b200"}, "assumed"),
    ],
)
def test_a_chip_gets_its_nearest_relatives_constants(
    chip: str, level: str, relatives: set[str], basis: str
) -> None:
    choice = of(chip, "bf16", "vllm").choice
    assert (choice.level, set(choice.relatives), choice.basis) == (level, relatives, basis)


def test_a_chip_left_out_gets_what_its_relatives_know() -> None:
    own, left = of("h100", "bf16", "vllm"), of("h100", "bf16", "vllm", without="h100-sxm5")
    assert (left.choice.level, left.choice.relatives) == ("feed", ("b200",))
    assert left.constants != own.constants


def test_a_what_if_chip_is_transferred_from_the_chip_it_changes() -> None:
    changed = CATALOGUE.but({"h100-sxm5.memory_bandwidth": "1 TB/s"})
    entry = changed.chip_entry("h100-sxm5")
    choice = kernel("gemm", entry, changed, "bf16", "vllm").choice
    assert (choice.level, choice.basis) == ("design", "transferred")


def test_a_stack_nobody_measured_on_the_chip_is_interpolated_between_those_measured() -> None:
    choice = of("h100", "bf16", "a stack of tomorrow").choice
    assert (choice.basis, choice.stacks) == ("interpolated", ("sglang", "trtllm", "vllm"))


def test_a_format_nobody_measured_takes_the_nearest_and_says_which() -> None:
    assert of("h20", "int8").choice.format == "int8"
    assert of("h100", "fp16").choice.format == "bf16"


def test_a_precision_the_chip_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(QuestionError, match="no published matrix rate in fp8.*bf16"):
        of("a100", "fp8")


@given(m=sizes, n=sizes, k=sizes, chip=st.sampled_from(["h20", "h100", "l40s", "mi300x"]))
@settings(max_examples=60)
def test_no_product_is_faster_than_its_arithmetic_at_the_peak(
    m: float, n: float, k: float, chip: str
) -> None:
    model = of(chip)
    assert model.time(product(m, n, k)) >= 2 * m * n * k / model.silicon.matrix * (1 - 1e-12)


# --- bands ---------------------------------------------------------------------------------------


@given(m=sizes, n=sizes, k=sizes)
@settings(max_examples=40)
def test_a_band_holds_its_value_and_widens_with_distance(m: float, n: float, k: float) -> None:
    widths = []
    for chip in ("h100", "h20", "mi300x"):
        found = of(chip).quantity(product(m, n, k))
        assert found.low <= found.value * 1.05
        assert found.high >= found.value * 0.95
        widths.append(found.high / found.low)
    near, far = widths[0], widths[2]
    assert 1.0 < near < far


# --- published figures ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "form", "rate"),
    [
        # The best rate any product reaches (maximum achievable matmul FLOPS), as Stas Bekman's
        # "Machine Learning Engineering" lists them, TFLOPS.
        ("a100", "bf16", 271),
        ("h100", "bf16", 795),
        ("b200", "bf16", 1745),
    ],
)
def test_the_best_product_comes_near_the_best_rate_that_others_measured(
    chip: str, form: str, rate: float
) -> None:
    model = of(chip, form)
    grid = [float(x) for x in range(2048, 16385, 1024)]
    best = max(2 * m * n * 8192 / model.time(product(m, n, 8192.0)) for m in grid for n in grid)
    assert best == pytest.approx(rate * parse("1 TFLOP/s", "FLOP/s"), rel=0.12)


def test_an_h20_is_not_held_back_by_its_power_limit_as_an_h100_is() -> None:
    large = product(16384.0, 8192.0, 8192.0)
    shares = {}
    for chip in ("h20", "h100"):
        model = of(chip)
        flop = 2 * large.m * large.n * large.k
        shares[chip] = flop / float(model.time(large)) / float(model.silicon.matrix)
    assert shares["h100"] < 0.9 < shares["h20"] + 0.05
    assert shares["h20"] > shares["h100"] + 0.05


# --- the files -----------------------------------------------------------------------------------


def test_the_fitted_file_says_what_it_rests_on() -> None:
    file = load("gemm")
    assert file["script"].startswith("builders/kernels/")
    assert file["gate"]["seen"] > 1_000_000
    assert file["errors"], "residuals are kept"
    cells = [cell["rows"] for fit in file["formats"].values() for cell in fit["cells"].values()]
    assert sum(cells) <= file["gate"]["seen"]


def test_all_fitted_files_together_stay_small() -> None:
    folder = Path(__file__).parents[1] / "src/chipassay/data/kernels"
    assert sum(p.stat().st_size for p in folder.glob("*.json")) < parse("5 MB", "B")


# --- validate ------------------------------------------------------------------------------------

TABLE = {
    "system": ["h100_sxm", "h20", "abacus", "a100_sxm"],
    "backend_name": ["vllm"] * 4,
    "gemm_dtype": ["fp8", "bfloat16", "bfloat16", "fp8"],
    "m": [4096] * 4,
    "n": [4096] * 4,
    "k": [4096] * 4,
    "latency": [0.12, 1.0, 1.0, 1.0],
}


def written(folder: Path, **changes: Any) -> str:
    """A small table of our own making."""
    table = {key: value for key, value in {**TABLE, **changes}.items() if value is not None}
    polars.DataFrame(table).write_csv(folder / "gemm.csv")
    return str(folder / "gemm.csv")


def test_rows_are_predicted_or_passed_over_with_a_reason(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    answer = ask(task="validate", kind="kernels", file=written(tmp_path), rows=str(out))
    assert (answer.rows, answer.predicted) == (4, 2)
    reasons = " ".join(skipped["reason"] for skipped in answer.answer["skipped"])
    assert "abacus" in reasons
    assert "fp8" in reasons
    assert {skipped["count"] for skipped in answer.answer["skipped"]} == {1}
    assert set(answer.metrics["by"]["chip"]) == {"h100_sxm", "h20"}
    assert set(answer.metrics["by"]["size"]) <= set(SIZES)
    assert set(answer.metrics["all"]) >= {"n", "mape", "median_ape", "p90_ape", "bias"}
    lines = out.read_text().splitlines()
    assert lines[0].startswith("row,operator,precision,stack")
    assert [line.split(",")[0] for line in lines[1:]] == ["0", "1"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"k": None}, "lacks the column k"),
        ({"latency": [120.0, 1000.0, 1000.0, 1000.0]}, "milliseconds"),
        ({"m": ["many"] * 4}, "a column holds something else"),
        (dict.fromkeys(TABLE) | {"words": ["none"]}, "no kernel table's"),
    ],
)
def test_a_broken_table_gets_one_line(tmp_path: Path, changes: Any, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        ask(task="validate", kind="kernels", file=written(tmp_path, **changes))


def test_shapes_of_zero_or_absurd_size_are_passed_over(tmp_path: Path) -> None:
    file = written(tmp_path, m=[0, 4096, 4096, 4096], k=[4096, -1, 4096, 4096])
    answer = ask(task="validate", kind="kernels", file=file)
    assert answer.predicted == 0


def test_leaving_out_a_chip_no_fit_has_seen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="no fit has seen"):
        ask(task="validate", kind="kernels", file=written(tmp_path), leave_out="h20")


def test_a_record_of_silicon_has_only_rates_that_the_property_raises_or_names() -> None:
    assert set(Silicon._fields) == {*RATES, "cores", "clock"}
