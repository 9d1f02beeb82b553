"""A sweep of an assay gives what asking row by row gives."""

from __future__ import annotations

import numpy as np
import pytest

from chipassay import ask, sweep
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.sweeps.grid import product


def test_a_row_of_a_sweep_is_the_what_if_asked_alone() -> None:
    columns = product(memory_bandwidth=[2e12, 4e12], dense_bf16=[148e12, 989e12])
    models = {"serve": "llama3.1-8b", "train": "llama3.1-8b"}
    swept = sweep(chip="h20", columns=columns, **models)
    assert swept.rows == 4
    for row in range(4):
        what_ifs = {
            "h20.memory_bandwidth": f"{float(columns['memory_bandwidth'][row])!r} B/s",
            "h20.dense_bf16": f"{float(columns['dense_bf16'][row])!r} FLOPS",
        }
        alone = ask(task="assay", chip="h20", to="CN", but=what_ifs, **models)
        for use, names in (("train", ["tokens_per_s_per_chip"]), ("serve", [
            "prefill_tokens_per_s_per_chip", "decode_tokens_per_s_per_chip",
        ])):  # fmt: skip
            for name in names:
                asked = alone.answer[use][name].value
                assert swept[f"{use}.{name}"][row] == pytest.approx(asked, rel=1e-9)
        assert swept["performance"][row] == alone.ship.performance


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_the_measures_of_the_law_are_swept_by_either_engine(engine: str) -> None:
    swept = sweep(chip="h20", columns={"dense_fp16": [148e12, 300e12]}, engine=engine)
    assert swept["performance"].tolist() == [296e12 * 8, 300e12 * 16]


def test_more_bandwidth_never_serves_slower() -> None:
    columns = {"memory_bandwidth": np.linspace(1e12, 9e12, 50)}
    swept = sweep(chip="h20", serve="llama3.1-8b", columns=columns)
    for name in ("prefill", "decode"):
        assert np.all(np.diff(swept[f"serve.{name}_tokens_per_s_per_chip"]) >= -1e-9)


def test_a_row_without_a_figure_that_is_needed_is_unknown() -> None:
    columns = {"cores": [78.0, np.nan, 0.0]}
    swept = sweep(chip="h20", serve="llama3.1-8b", columns=columns)
    known = np.isfinite(swept["serve.decode_tokens_per_s_per_chip"])
    assert known.tolist() == [True, False, False]


def test_what_cannot_be_swept_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean memory_bandwidth"):
        sweep(chip="h20", columns={"memory_bandwith": [1e12]})
    with pytest.raises(QuestionError):
        sweep(chip="h20", columns={"memory_bandwidth": [1e12], "tdp": [1.0, 2.0]})
