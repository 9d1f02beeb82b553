"""Formulas of transformers: columns equal scalars, numba equals both, and small cases by hand."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chipassay
from chipassay.facts.yaml_file import read_yaml
from chipassay.formulas import transformer as f
from chipassay.trace import Formula, watching

DATA = Path(chipassay.__path__[0]) / "data"
FORMULAS = [value for value in vars(f).values() if isinstance(value, Formula)]
COUNT = st.integers(1, 200).map(float)


def arguments(each: Formula[..., Any]) -> list[str]:
    return list(inspect.signature(each.body).parameters)


@pytest.mark.parametrize("each", FORMULAS, ids=lambda each: each.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_column_equals_its_scalars_and_watching_changes_nothing(
    each: Formula[..., Any], data: st.DataObject
) -> None:
    row = st.tuples(*[COUNT for _ in arguments(each)])
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    scalars = [each(*row) for row in rows]
    column = each(*(np.array(values) for values in zip(*rows, strict=True)))
    np.testing.assert_allclose(column, scalars, rtol=1e-12, atol=0)
    with watching() as watch:
        assert [each(*row) for row in rows] == scalars
    assert [step.name for step in watch.steps] == [each.name] * len(rows)


@pytest.mark.parametrize("each", FORMULAS, ids=lambda each: each.name)
def test_each_formula_has_units_and_a_known_source(each: Formula[..., Any]) -> None:
    assert set(each.units) == {*arguments(each), "return"}
    assert each.sentence.endswith((".", ":"))
    sources = read_yaml(DATA / "sources.yaml").data["sources"]
    assert each.cite == "arithmetic" or each.cite in sources


@pytest.mark.parametrize(
    "each",
    [
        f.latent_parameters,
        f.compressed_indexer_parameters,
        f.hyper_connection_parameters,
        f.training_flop_per_token,
        f.cache_bytes,
        f.distinct_experts,
        f.touched_parameters,
    ],
    ids=lambda each: each.name,
)
def test_numba_gives_the_same(each: Formula[..., Any]) -> None:
    pytest.importorskip("numba")
    row = [float(3 + 2 * index) for index in range(len(arguments(each)))]
    assert each.compiled(*row) == pytest.approx(each(*row), rel=1e-14)
    column = [np.array([value, value + 1]) for value in row]
    np.testing.assert_allclose(each.compiled(*column), each(*column), rtol=1e-14)


def test_one_llama_layer_by_hand() -> None:
    # Llama 2 7B: four square matrices of 4096 and three of 4096 x 11008
    assert f.grouped_query_parameters(4096, 32, 32, 128, 128) == 4 * 4096**2
    assert f.feed_forward_parameters(4096, 11008, 1, 0) == 3 * 4096 * 11008


def test_latent_cache_of_deepseek_v3_is_70_kilobytes_a_token() -> None:
    values = 61 * f.latent_cache_values(512, 64, 0)
    assert f.cache_bytes_per_token(values, 2) == 70_272


def test_latent_decode_does_as_many_flop_per_byte_as_the_paper_says() -> None:
    flop = f.absorbed_latent_flop_per_pair(128, 512, 64)
    assert flop / (f.latent_cache_values(512, 64, 0) * 2) == pytest.approx(242, abs=0.5)


def test_without_a_query_rank_the_query_is_projected_whole() -> None:
    whole = f.latent_parameters(2048, 16, 0, 512, 128, 64, 128)
    assert whole == 2048 * 16 * 192 + 2048 * 576 + 512 + 512 * 16 * 256 + 16 * 128 * 2048


@given(sequence=st.integers(1, 300), window=st.integers(0, 400))
def test_mean_causal_pairs_is_the_mean(sequence: int, window: int) -> None:
    seen = [min(i, window or sequence) for i in range(1, sequence + 1)]
    assert f.mean_causal_pairs(sequence, window) == pytest.approx(np.mean(seen), rel=1e-12)


def test_palm_and_its_causal_half() -> None:
    # GPT-3 175B at 2048: 12 L H Q T is 96 layers x 12288 x 12 x 2048
    per_pair = 96 * f.attention_flop_per_pair(96, 128, 128)
    attention = 12 * 96 * 12288 * 2048
    assert f.palm_training_flop_per_token(1.0, per_pair, 2048) == 6 + attention
    assert f.causal_half_training_flop_per_token(1.0, per_pair, 2048) == 6 + attention / 2
    exact = f.training_flop_per_token(1.0, per_pair, 0, 0, 0, 2048)
    assert exact == pytest.approx(6 + attention / 2 * 2049 / 2048)


@given(experts=st.integers(1, 512), tokens=st.integers(0, 10_000), data=st.data())
def test_distinct_experts_stay_within_bounds_and_grow(
    experts: int, tokens: int, data: st.DataObject
) -> None:
    visited = data.draw(st.integers(1, experts))
    touched = f.distinct_experts(experts, visited, tokens)
    assert 0 <= touched <= experts
    assert touched <= f.distinct_experts(experts, visited, tokens + 1)
    assert f.distinct_experts(experts, visited, 1) == pytest.approx(visited)


def test_a_dense_model_touches_all_its_weights() -> None:
    assert f.touched_parameters(7e9, 0, 0, 0, f.distinct_experts(0, 0, 8)) == 7e9


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_window_never_needs_more_than_the_whole_context(context: int, window: int) -> None:
    near = f.forward_flop_per_token(10, 0, 4, window, 0, context)
    assert near <= f.forward_flop_per_token(10, 4, 0, 0, 0, context)
    assert f.cache_bytes(0, 4, window, context, 2) <= f.cache_bytes(4, 0, 0, context, 2)
