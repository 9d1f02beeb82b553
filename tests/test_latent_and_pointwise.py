"""Attention over a latent cache and operators that touch each element once."""

from __future__ import annotations

import pytest

from chipassay.formulas import pointwise_traffic as traffic
from chipassay.formulas.residency import cached_transfer_time, miss_share
from chipassay.model.kernels.latent import (
    LatentDecodeConstants,
    LatentDecodeShape,
    latent_decode_time,
)
from chipassay.records.silicon import Silicon

SILICON = Silicon(9.9e14, 6.7e13, 4.2e12, 3.4e12, 5.0e7, 132.0, 2.0e9, 700.0)
DECODE = LatentDecodeConstants(
    2e-6, 25000.0, 6e-6, 0.7, 60.0, 0.9, 1.0, 0.7, 14000.0, 1.5, 0.6
)  # fmt: skip


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
