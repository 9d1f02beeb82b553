"""Kernel times: a better chip is never slower, relatives by rule, published rates, bad tables."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from benchmarks.kernel_shapes import shapes
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel_tables import TABLES

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.facts.kernel_file import load
from chipassay.inquiry.kernels import WITHOUT_MATRIX, Kernel, kernel
from chipassay.inquiry.validation import SIZES
from chipassay.model.kernels.correction import Correction, correction, factor
from chipassay.model.kernels.families import NAMES
from chipassay.model.kernels.gemm import GemmShape
from chipassay.records.silicon import Silicon
from chipassay.units import parse

CATALOGUE = Catalogue.shipped()
COLD = 1e6
CORES = ("matrix", "vector", "special")
"""Rates that the cores' count and clock make."""


def product(m: float, n: float, k: float, wide: float = 2.0, quantised: float = 0.0) -> GemmShape:
    """A matrix product whose weights come from memory."""
    return GemmShape(m, n, k, wide, wide, 2.0, quantised, COLD, 0.0)


def of(
    chip: str, form: str = "bf16", stack: str = "", without: str = "", name: str = "gemm"
) -> Kernel:
    """A chip's kernel."""
    return kernel(name, CATALOGUE.chip(chip).entry, CATALOGUE, form, stack, without=without)


sizes = st.integers(1, 30_000).map(float)


@functools.cache
def fitted(name: str, chip: str) -> Kernel:
    """A chip's kernel at the first format and stack that it was measured in."""
    formats = load(name)["formats"]
    cells = [(form, cell) for form, fit in formats.items() for cell in fit["cells"]]
    form, stack = next((f, cell.split("|")[1]) for f, cell in cells if cell.startswith(f"{chip}|"))
    return of(chip, form, stack, name=name)


def better(silicon: Silicon, field: str, more: float) -> Silicon:
    """More of one figure. A faster clock lifts every rate of the cores; more cores of the same make
    bring their rates and their watts along.
    """
    with_it = {"clock": CORES, "cores": (*CORES, "power")}.get(field, ())
    return silicon._replace(**{name: getattr(silicon, name) * more for name in (field, *with_it)})


MEASURED = [("h100-sxm5", name) for name in NAMES]
MEASURED += [("b200", name) for name in NAMES if name != "pointwise"]
each_family = pytest.mark.parametrize(("chip", "name"), MEASURED)


@each_family
@pytest.mark.parametrize("field", Silicon._fields)
@given(more=st.floats(1.0, 30.0), seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_more_of_a_chip_is_never_slower(
    chip: str, name: str, field: str, more: float, seed: int
) -> None:
    model, shape = fitted(name, chip), shapes(name, 100, seed)
    before = model.time(shape)
    improved = dataclasses.replace(model, silicon=better(model.silicon, field, more))
    assert np.all(improved.time(shape) <= before * (1 + 1e-12))
    assert np.all(before > 0)


@each_family
def test_a_row_is_its_numbers_its_plain_twin_and_its_compiled_twin(chip: str, name: str) -> None:
    model, shape = fitted(name, chip), shapes(name, 40, 1)
    formula, about = model.family.time, Silicon(*map(float, model.silicon))
    column, whole = formula(about, shape, model.constants), model.time(shape)
    for row in range(40):
        one = type(shape)(*(float(c[row]) if np.ndim(c) else c for c in shape))
        assert formula(about, one, model.constants) == pytest.approx(column[row], rel=1e-13)
        assert formula.scalar(about, one, model.constants) == pytest.approx(column[row], rel=1e-13)
        if chip == "h100-sxm5":  # compiled once a family
            twin = formula.compiled(about, one, model.constants)
            assert twin == pytest.approx(column[row], rel=1e-12)
        assert model.time(one) == pytest.approx(whole[row], rel=1e-12)


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


@pytest.mark.parametrize("name", NAMES)
def test_a_precision_the_chip_lacks_is_refused_where_something_is_multiplied(name: str) -> None:
    if name in WITHOUT_MATRIX:
        assert of("a100", "fp8", name=name).choice.relatives
    else:
        with pytest.raises(QuestionError, match=r"no published matrix rate in fp8.*bf16"):
            of("a100", "fp8", name=name)


def test_a_format_without_measured_relatives_or_of_no_known_name_is_refused() -> None:
    with pytest.raises(QuestionError, match="measured in int4 or a format near it; measured form"):
        of("a100", "int4")
    with pytest.raises(QuestionError, match="no number format is called 'fp9'; did you mean fp8"):
        of("a100", "fp9")


def test_a_chip_whose_cores_nobody_published_is_refused_with_what_would_settle_it() -> None:
    unknown = [c for c in CATALOGUE.chips() if math.isnan(c.number("cores"))]
    chip = next(
        c for c in unknown if c.number("dense_bf16") > 0 and c.number("memory_bandwidth") > 0
    )
    with pytest.raises(QuestionError, match=f"number of cores of {chip.id}; .*{chip.id}.cores="):
        kernel("gemm", chip, CATALOGUE, "bf16")
    with_cores = CATALOGUE.but({f"{chip.id}.cores": "64"})
    assert kernel("gemm", with_cores.chip_entry(chip.id), with_cores, "bf16").choice.relatives


@given(m=sizes, n=sizes, k=sizes, chip=st.sampled_from(["h20", "h100", "l40s", "mi300x"]))
@settings(max_examples=60)
def test_no_product_is_faster_than_its_arithmetic_at_the_peak(
    m: float, n: float, k: float, chip: str
) -> None:
    model = of(chip)
    assert model.time(product(m, n, k)) >= 2 * m * n * k / model.silicon.matrix * (1 - 1e-12)


@given(m=sizes, n=sizes, k=sizes, chip=st.sampled_from(["h20", "h100", "l40s", "b300"]))
@settings(max_examples=60)
def test_one_product_takes_what_its_column_says(m: float, n: float, k: float, chip: str) -> None:
    model = of(chip, "bf16", "vllm")
    assert model.one(product(m, n, k)) == pytest.approx(
        float(model.time(product(m, n, k))), rel=1e-12
    )


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


def as_file(folder: Path, table: Any, suffix: str = ".parquet") -> str:
    """A table as a file."""
    path = folder / f"table{suffix}"
    frame = polars.DataFrame(table, strict=False)
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    return str(path)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_is_recognised_and_predicted(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    name, operator, count, columns = TABLES[kind]
    answer = ask(task="validate", kind="kernels", file=as_file(tmp_path, columns, suffix))
    assert (answer.answer["table"], answer.predicted) == (name, count)
    assert set(answer.metrics["by"]["operator"]) == {operator}
    assert answer.answer["skipped"] == []
    assert answer.metrics["all"]["mape"] < 0.8, "round times near what the chips can do"


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_with_a_bad_column_is_refused_or_its_rows_passed_over(
    tmp_path: Path, kind: str
) -> None:
    *_, columns = TABLES[kind]
    for bad, value in zip(columns, itertools.cycle(("many", None, 0, 1e30)), strict=False):
        without = {name: columns[name] for name in columns if name != bad}
        for changed in (without, columns | {bad: [value] * len(columns[bad])}):
            with contextlib.suppress(QuestionError):  # anything else fails
                answer = ask(task="validate", kind="kernels", file=as_file(tmp_path, changed))
                assert answer.predicted <= answer.rows


@pytest.mark.parametrize(("kind", "column"), [("gemm", "gemm_dtype"), ("experts", "moe_dtype")])
def test_rows_in_a_format_nobody_knows_are_counted(tmp_path: Path, kind: str, column: str) -> None:
    *_, columns = TABLES[kind]
    count = len(columns[column])
    file = as_file(tmp_path, columns | {column: ["fp9"] * count})
    answer = ask(task="validate", kind="kernels", file=file)
    assert (answer.rows, answer.predicted) == (count, 0)
    assert "no number format is called 'fp9'" in answer.answer["skipped"][0]["reason"]


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


def test_leaving_out_a_chip_judges_by_its_rows_alone(tmp_path: Path) -> None:
    file = written(tmp_path)
    plain = ask(task="validate", kind="kernels", file=file)
    left = ask(task="validate", kind="kernels", file=file, leave_out="h100-sxm5")
    assert set(left.metrics["by"]["chip"]) == {"h100_sxm"}
    assert left.metrics["all"]["n"] + left.answer["others"]["n"] == left.predicted
    assert left.answer["others"] == plain.metrics["by"]["chip"]["h20"]
    assert left.metrics["all"]["mape"] != plain.metrics["by"]["chip"]["h100_sxm"]["mape"]
