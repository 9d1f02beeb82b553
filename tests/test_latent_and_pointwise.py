"""Attention over a latent cache and operators that touch each element once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chipassay.formulas import pointwise_traffic as traffic
from chipassay.formulas.residency import cached_transfer_time, miss_share
from chipassay.model.kernels.latent import (
    LatentDecodeConstants,
    LatentDecodeShape,
    LatentPrefillConstants,
    LatentPrefillShape,
    latent_decode_time,
    latent_prefill_time,
)
from chipassay.model.kernels.pointwise import PointwiseConstants, PointwiseShape, pointwise_time
from chipassay.records.silicon import Silicon

SILICON = Silicon(9.9e14, 6.7e13, 4.2e12, 3.4e12, 5.0e7, 132.0, 2.0e9, 700.0)
PREFILL = LatentPrefillConstants(
    2e-6, 25000.0, 0.75, 2.0, 0.8, 4e-6, 1.0, 1900.0, 0.6, 0.1, 0.01
)  # fmt: skip
DECODE = LatentDecodeConstants(
    2e-6, 25000.0, 6e-6, 0.7, 60.0, 0.9, 1.0, 0.7, 14000.0, 1.5, 0.6
)  # fmt: skip
STREAM = PointwiseConstants(2e-6, 0.9, 0.8, 0.8)


def shapes(count: int = 400) -> list[tuple[Any, Any, Any]]:
    """Each formula with random shapes and its constants."""
    random = np.random.default_rng(7)

    def power(high: int) -> Any:
        return 2.0 ** random.integers(0, high, count)

    def same(value: float) -> Any:
        return np.full(count, value)

    heads, batch = power(8), power(9)
    length: Any = random.integers(1, 9000, count) * 1.0
    spread = LatentPrefillShape(
        batch, length, same(0.0), heads, heads, same(192.0), same(128.0), same(2.0)
    )
    step = LatentDecodeShape(batch, length, heads, same(576.0), same(512.0), same(1.0), same(2.0))
    stream = PointwiseShape(length * 24576.0, length * 4096.0)
    return [
        (latent_prefill_time, spread, PREFILL),
        (latent_decode_time, step, DECODE),
        (pointwise_time, stream, STREAM),
    ]


@pytest.mark.parametrize(("time", "shape", "constants"), shapes())
def test_a_row_equals_its_scalar_and_its_compiled_twin(
    time: Any, shape: Any, constants: Any
) -> None:
    column = time(SILICON, shape, constants)
    assert np.isfinite(column).all()
    assert (column > 0).all()
    for row in range(0, len(column), 40):
        one = type(shape)(*(float(each[row]) for each in shape))
        assert time(SILICON, one, constants) == pytest.approx(column[row], rel=1e-12)
        assert time.compiled(SILICON, one, constants) == pytest.approx(column[row], rel=1e-12)


@pytest.mark.parametrize("field", Silicon._fields)
@pytest.mark.parametrize(("time", "shape", "constants"), shapes())
def test_more_of_a_chip_is_never_slower(time: Any, shape: Any, constants: Any, field: str) -> None:
    before = time(SILICON, shape, constants)
    for more in (1.01, 1.5, 8.0):
        better = SILICON._replace(**{field: getattr(SILICON, field) * more})
        if field == "cores":  # cores of the same make: their rates come with them
            better = better._replace(
                matrix=SILICON.matrix * more,
                vector=SILICON.vector * more,
                special=SILICON.special * more,
            )
        assert (time(better, shape, constants) <= before * (1 + 1e-12)).all()


def test_decode_reads_the_latent_once_for_all_heads() -> None:
    few = LatentDecodeShape(16.0, 65536.0, 16.0, 576.0, 512.0, 2.0, 2.0)
    read = 16 * 65536 * 576 * 2
    for heads in (1.0, 16.0):
        time = latent_decode_time(SILICON, few._replace(heads=heads), DECODE)
        assert time == pytest.approx(read / (SILICON.memory * DECODE.share), rel=0.25)
    slow = SILICON._replace(matrix=1.5e14)
    many = few._replace(heads=128.0)
    work = 2 * 16 * 65536 * 128 * (576 + 512)
    time = latent_decode_time(slow, many, DECODE)
    assert time == pytest.approx(work / (slow.matrix * DECODE.multiply), rel=0.1)


def test_a_chip_without_a_cache_misses_everything() -> None:
    assert miss_share(7.0, 0.0) == 1.0
    assert miss_share(1.0, 100.0) < 1e-7
    assert cached_transfer_time(1e9, 0.0, 1e12, 1e15) == pytest.approx(1e-3, rel=1e-6)


def test_traffic_of_an_update() -> None:
    assert traffic.adam_traffic(1.0, 4.0, 4.0, 8.0, 2.0) == 30.0
    assert traffic.add_traffic(4096.0, 2.0) == 3 * 4096 * 2
    assert traffic.quantise_traffic(4096.0, 2.0, 1.0) == 3 * 4096
