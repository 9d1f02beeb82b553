"""A sweep of an assay gives what asking row by row gives."""

from __future__ import annotations

import numpy as np
import pytest

from chipassay import ask, sweep
from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.sweeps.grid import product


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_row_of_a_sweep_is_the_what_if_asked_alone(engine: str) -> None:
    columns = product(memory_bandwidth=[2e12, 4e12], dense_bf16=[148e12, 989e12])
    swept = sweep(chip="h20", serve="llama3.1-70b", columns=columns, engine=engine)
    share = Catalogue.shipped().assumption("serving-efficiency")["value"]
    assert swept.rows == 4
    for row in range(4):
        what_ifs = {
            "h20.memory_bandwidth": f"{float(columns['memory_bandwidth'][row])!r} B/s",
            "h20.dense_bf16": f"{float(columns['dense_bf16'][row])!r} FLOPS",
        }
        alone = ask(task="assay", chip="h20", serve="llama3.1-70b", to="CN", but=what_ifs)
        rate = alone.serve.output_tokens_per_s_per_chip.value
        assert swept["serve.tokens_per_second"][row] * share == pytest.approx(rate, rel=1e-12)
        assert swept["performance"][row] == alone.ship.performance


def test_more_bandwidth_never_serves_slower() -> None:
    swept = sweep(
        chip="h20", serve="llama3.1-70b", columns={"memory_bandwidth": np.linspace(1e12, 9e12, 50)}
    )
    assert np.all(np.diff(swept["serve.tokens_per_second"]) >= 0)


def test_what_cannot_be_swept_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean memory_bandwidth"):
        sweep(chip="h20", columns={"memory_bandwith": [1e12]})
    with pytest.raises(QuestionError):
        sweep(chip="h20", columns={"memory_bandwidth": [1e12], "tdp": [1.0, 2.0]})
