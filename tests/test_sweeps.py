"""One body, three ways: a scalar, a column in numpy blocks, and a compiled loop agree."""

from __future__ import annotations

import math
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any, NamedTuple, get_type_hints

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.discovered import formulas

from chipassay.errors import MissingPartError, QuestionError, UnknownNameError
from chipassay.formulas.control import at_least, both, greatest
from chipassay.formulas.network import ring_all_reduce_time
from chipassay.formulas.roofline import attainable_rate, roofline_time, work_time
from chipassay.records.plan import Plan
from chipassay.sweeps import blocks, kernel
from chipassay.sweeps.blocks import evaluate
from chipassay.trace import Formula, formula, leaf, watching
from chipassay.units import Count, Ratio, Second, Unit

NAN = float("nan")
ULP = 4


class Number(NamedTuple):
    """A number among a formula's arguments or results."""

    name: str
    unit: str | None


def _numbers(hint: Any, name: str) -> Iterator[Number]:
    if hasattr(hint, "_fields"):
        for field, inner in get_type_hints(hint, include_extras=True).items():
            yield from _numbers(inner, f"{name}.{field}")
    else:
        marks = [m.symbol for m in getattr(hint, "__metadata__", ()) if isinstance(m, Unit)]
        yield Number(name, marks[0] if marks else None)


def _inputs(of: Formula[..., Any]) -> list[Number]:
    hints = get_type_hints(of.body, include_extras=True)
    return [each for name in hints if name != "return" for each in _numbers(hints[name], name)]


def _outputs(of: Formula[..., Any]) -> list[Number]:
    return list(_numbers(get_type_hints(of.body, include_extras=True)["return"], of.name))


def _arguments(of: Formula[..., Any], values: list[Any]) -> list[Any]:
    """The formula's arguments, its leaves filled in order."""
    left = iter(values)

    def filled(hint: Any) -> Any:
        if not hasattr(hint, "_fields"):
            return next(left)
        return hint(*map(filled, get_type_hints(hint, include_extras=True).values()))

    hints = get_type_hints(of.body, include_extras=True)
    return [filled(hint) for name, hint in hints.items() if name != "return"]


def _flat(result: Any) -> list[Any]:
    return [x for part in result for x in _flat(part)] if isinstance(result, tuple) else [result]


FORMULAS = [of for of in formulas() if of.body.__code__.co_argcount]
every_formula = pytest.mark.parametrize("of", FORMULAS, ids=lambda of: of.name)

# Formulas that any numbers of the right units suit. Those of other rooms have domains (a share
# below one, a group no larger than its domain, a constant that was fitted); their own tests feed
# them shapes as they occur: test_kernels, test_collectives, test_run, test_training, test_serving.
ANY_NUMBERS = (
    "formulas.control", "formulas.roofline", "formulas.network", "formulas.transformer",
    "formulas.pointwise_traffic",
)  # fmt: skip
PLAIN = [of for of in FORMULAS if of.body.__module__.removeprefix("chipassay.") in ANY_NUMBERS]
plain_formula = pytest.mark.parametrize("of", PLAIN, ids=lambda of: of.name)

BY_NAME = {  # where a paper's symbol has a domain
    "experts": (8, 512), "experts_per_token": (1, 8), "generation": (3, 7), "ratio": (1, 128),
    "active_without_input_embedding": (1e6, 1e12), "active_expert_parameters": (1, 1e5),
    "bytes_per_value": (0.5, 4), "memory_capacity": (1e10, 1e12), "usable_memory": (0.5, 1.0),
    "usable": (0.5, 1.0), "ranks": (2, 512), "group": (2, 64),
}  # fmt: skip
BY_UNIT: dict[str | None, tuple[float, float]] = {
    "1": (1, 4096), "B": (1, 1e12), "B/s": (1e9, 1e13), "bit": (4, 64), "FLOP": (1e6, 1e13),
    "FLOP/s": (1e12, 1e16), "s": (1e-9, 1e3), "truth": (0, 1), "1/s": (1, 1e6),
}  # fmt: skip


def _value(number: Number) -> st.SearchStrategy[float]:
    if number.unit == "truth":
        return st.sampled_from((0.0, 0.5, 1.0))
    low, high = BY_NAME.get(number.name.split(".")[-1], BY_UNIT.get(number.unit, (1, 1e6)))
    return st.floats(low, high)


def _rows(of: Formula[..., Any]) -> st.SearchStrategy[list[list[float]]]:
    row = st.tuples(*map(_value, _inputs(of))).map(list)
    return st.lists(row, min_size=3, max_size=3)


# 1 - (1 - k/E)**n cancels: where powers of a number and of a column differ by an ulp (they may, by
# processor), the difference is off by up to E/k ulp.
LOOSE = dict.fromkeys(("distinct_experts", "_touched", "_prefill", "serving"), 512 * ULP)


def _near(first: Any, second: Any, ulp: int = ULP) -> bool:
    first, second = np.asarray(first, float), np.asarray(second, float)
    with np.errstate(invalid="ignore"):
        close = np.abs(first - second) <= ulp * np.spacing(np.maximum(abs(first), abs(second)))
    return bool(np.all(close | (first == second) | (np.isnan(first) & np.isnan(second))))


def _columns(rows: list[list[float]]) -> list[Any]:
    return [np.array(values) for values in zip(*rows, strict=True)]


examples = settings(
    max_examples=6, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip


@plain_formula
def test_a_row_equals_its_scalar_and_watching_changes_nothing(of: Formula[..., Any]) -> None:
    @examples
    @given(_rows(of), st.data())
    def holds(rows: list[list[float]], data: Any) -> None:
        unknown = data.draw(st.integers(0, len(rows[0]) - 1))
        rows[2][unknown] = NAN
        swept = evaluate(of, _arguments(of, _columns(rows)), engine="numpy", block=2)
        for row, found in zip(rows, zip(*swept.values(), strict=True), strict=True):
            scalar = _flat(of(*_arguments(of, row)))
            assert _near(found, scalar, LOOSE.get(of.name, ULP))
            with watching() as watch:
                watched = of(*_arguments(of, [leaf("asked", value) for value in row]))
            assert np.array(_flat(watched)).tobytes() == np.array(scalar).tobytes()
            assert watch.steps[0].formula is of

    holds()


@every_formula
def test_numba_equals_numpy(of: Formula[..., Any]) -> None:
    pytest.importorskip("numba")

    @examples
    @given(_rows(of), st.data())
    def holds(rows: list[list[float]], data: Any) -> None:
        for row in rows[1:]:
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.sampled_from((NAN, 0.0)))
        arguments = _arguments(of, _columns(rows))
        swept = evaluate(of, arguments, engine="numpy")
        compiled = evaluate(of, arguments, engine="numba", block=2)
        assert list(swept) == list(compiled)
        for name in swept:
            assert _near(swept[name], compiled[name], LOOSE.get(of.name, ULP)), name

    holds()


@plain_formula
def test_unknown_is_never_swallowed(of: Formula[..., Any]) -> None:
    """An input that changes a result makes it unknown when it is unknown.

    By their docstrings truths say 1/2, and `greatest` passes an unknown figure over.
    """
    if of is greatest or of.units.get("return") == "truth":
        return

    @examples
    @given(_rows(of))
    def holds(rows: list[list[float]]) -> None:
        swallowed = set()
        for row in rows:
            base = _flat(of(*_arguments(of, row)))
            for place, number in enumerate(_inputs(of)):
                changed = (_with(of, row, place, row[place] * by) for by in (0.5, 1.5))
                matters = np.any([np.not_equal(base, other) for other in changed], axis=0)
                if not np.all(np.isnan(_with(of, row, place, NAN))[matters]):
                    swallowed.add(number.name)
        assert swallowed == set()

    holds()


def _with(of: Formula[..., Any], row: list[float], place: int, value: float) -> list[float]:
    return _flat(of(*_arguments(of, [*row[:place], value, *row[place + 1 :]])))


def _timed() -> list[Formula[..., Any]]:
    modules = ("formulas.roofline", "formulas.network", "model.")
    return [
        of
        for of in PLAIN
        if of.body.__module__.startswith(tuple(f"chipassay.{name}" for name in modules))
    ]


@pytest.mark.parametrize("of", _timed(), ids=lambda of: of.name)
def test_more_of_a_rate_is_never_slower(of: Formula[..., Any]) -> None:
    @examples
    @given(_rows(of), st.sampled_from((1.001, 2.0, 100.0)))
    def holds(rows: list[list[float]], by: float) -> None:
        for row in rows:
            base = _flat(of(*_arguments(of, row)))
            for place, number in enumerate(_inputs(of)):
                rate = number.unit in ("B/s", "FLOP/s")
                if rate or number.name.endswith("memory_capacity"):
                    more = _with(of, row, place, row[place] * by)
                    for old, new, output in zip(base, more, _outputs(of), strict=True):
                        if output.unit in ("1/s", "FLOP/s"):
                            assert new >= old or _near(new, old), (number.name, output.name)
                        if output.unit == "s" and rate:
                            assert new <= old or _near(new, old), (number.name, output.name)

    holds()


class Pair(NamedTuple):
    time: Second
    doubled: Second


class Nest(NamedTuple):
    near: Pair
    far: Ratio


def _nested() -> Formula[..., Any]:
    def twice(x: Count) -> Count:
        """Twice."""
        return 2 * x

    double = formula(cite="arithmetic")(twice)

    def nest(x: Count, plan: Plan) -> Nest:
        """A result of results, from a formula that closes over another."""
        kept: Count = np.where(x > plan.tensor, x, double(plan.tensor))
        return Nest(Pair(x, double(x)), np.abs(kept) * abs(1.0) / plan.micro_batch)

    return formula(cite="arithmetic")(nest)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("block", [1, 2, 8192])
def test_records_in_records_out(engine: str, block: int) -> None:
    if engine == "numba":
        pytest.importorskip("numba")
    x = [1, 2, 30]
    found = evaluate(_nested(), [x, Plan(tensor=8.0, micro_batch=2.0)], engine=engine, block=block)
    assert {name: values.tolist() for name, values in found.items()} == {
        "near.time": [1, 2, 30],
        "near.doubled": [2, 4, 60],
        "far": [8, 8, 15],
    }
    assert all(values.dtype == np.float64 for values in found.values())
    only = evaluate(_nested(), [x, Plan()], engine=engine, block=block, only=["near.doubled"])
    assert list(only) == ["near.doubled"]


def test_what_is_no_batch_is_refused_with_a_reason() -> None:
    two, three = np.ones(2), np.ones(3)
    ask = QuestionError
    with pytest.raises(ask, match="work has 3 rows, rate has 2"):
        evaluate(work_time, [three, two])
    with pytest.raises(ask, match=r"plan\.batch has 2;"):
        evaluate(_nested(), [three, Plan(batch=two)])
    with pytest.raises(ask, match="takes 2 arguments, not 1; give work, rate"):
        evaluate(work_time, [two])
    with pytest.raises(ask, match="no number and no column"):
        evaluate(work_time, [["1 TB/s"], two])
    with pytest.raises(ask, match="unknown is written NaN"):
        evaluate(work_time, [None, two])
    with pytest.raises(ask, match="one dimension, this has 2"):
        evaluate(work_time, [np.ones((2, 2)), two])
    with pytest.raises(ask, match="column of columns"):
        evaluate(work_time, [[[1], [1, 2]], two])
    with pytest.raises(ask, match="at least one row"):
        evaluate(work_time, [two, two], block=0)
    with pytest.raises(UnknownNameError, match="did you mean numba"):
        evaluate(work_time, [two, two], engine="numbat")
    with pytest.raises(UnknownNameError, match="did you mean work_time"):
        evaluate(work_time, [two, two], only=["work_tim"])


def test_numbers_alone_and_no_rows() -> None:
    assert evaluate(work_time, [6, 2])["work_time"].tolist() == [3.0]
    assert evaluate(work_time, [np.empty(0), 2.0])["work_time"].shape == (0,)
    assert evaluate(work_time, [np.ones(2), 2.0], only=[]) == {}


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_what_scalars_refuse_is_a_value_in_its_row(engine: str) -> None:
    if engine == "numba":
        pytest.importorskip("numba")

    @formula(cite="arithmetic")
    def part(column: Count, number: Count) -> Count:
        """Divides numbers by numbers, too."""
        return column / (1.0 / number)

    with pytest.raises(ZeroDivisionError):
        part(1.0, 0.0)
    assert evaluate(part, [np.ones(2), 0.0], engine=engine)["part"].tolist() == [0.0, 0.0]


def test_a_sweep_is_never_recorded() -> None:
    with watching() as watch:
        evaluate(work_time, [np.ones(3), leaf("chip.rate", 2.0)], engine="numpy")
    assert not watch.steps


def test_unknown_in_law_is_one_half_and_greatest_passes_it_over() -> None:
    assert evaluate(at_least, [[NAN, 5.0], 4.0])["at_least"].tolist() == [0.5, 1.0]
    assert evaluate(both, [[0.0, 1.0], 0.5])["both"].tolist() == [0.0, 0.5]
    assert evaluate(greatest, [[NAN, 3.0], 2.0])["greatest"].tolist() == [2.0, 3.0]


def test_a_million_rows_take_little_memory() -> None:
    n = 1 << 20
    arguments = (np.ones(n), 2.0, np.arange(n))
    tracemalloc.start()
    found = evaluate(attainable_rate, arguments, engine="numpy")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found["attainable_rate"][:3].tolist() == [0.0, 1.0, 2.0]
    assert peak < n * 8 + 8 * blocks.BLOCK * 8  # the result, and a few blocks


def test_auto_compiles_only_what_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(kernel, "_kernels", {})
    monkeypatch.setattr(blocks, "WORTH_COMPILING", 4)
    monkeypatch.setattr(blocks, "BLOCK", 2)
    evaluate(roofline_time, [np.ones(3), 2.0])
    assert not kernel._kernels
    for _ in range(2):
        evaluate(roofline_time, [np.ones(4), 2.0])
    assert len(kernel._kernels) == 1
    monkeypatch.setattr(kernel, "MOST_KERNELS", 1)
    evaluate(roofline_time, [2.0, np.ones(4)])
    assert len(kernel._kernels) == 1
    with monkeypatch.context() as without:
        without.setattr(kernel, "installed", lambda: False)
        evaluate(ring_all_reduce_time, [np.ones(9), 2.0, 3.0])
    assert len(kernel._kernels) == 1


def test_a_body_that_numba_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(blocks, "WORTH_COMPILING", 1)

    @formula(cite="arithmetic")
    def odd(x: Count) -> Count:
        """Outside the subset."""
        return sum(map(float, [1, 2])) + np.vectorize(math.sqrt)(x)  # type: ignore[no-any-return]

    with pytest.raises(QuestionError, match="`odd` is outside what numba takes"):
        evaluate(odd, [np.array([4.0])], engine="numba")
    assert evaluate(odd, [np.array([4.0])])["odd"].tolist() == [5.0]


def test_numba_asked_for_and_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(kernel, "_kernels", {})
    with pytest.raises(MissingPartError, match=r"numba is not installed; pip install .*\[fast\]"):
        evaluate(work_time, [np.ones(2), 2.0], engine="numba")


def test_importing_the_engine_imports_no_numba() -> None:
    code = "import sys, chipassay.sweeps.blocks; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
