"""The catalogue's language models: published totals as golden rows, files checked, page current."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chipassay
from chipassay.catalogue.architectures import architecture, numbers
from chipassay.catalogue.model_numbers import group_parameters, streams
from chipassay.errors import DataError
from chipassay.facts.model_file import ModelFile, PublishedFile, read_model
from chipassay.facts.yaml_file import read_yaml
from chipassay.records.architecture import Architecture
from chipassay.records.model import Model
from chipassay.trace import watching

DATA = Path(chipassay.__path__[0]) / "data"
ROOT = Path(__file__).parents[1]
SOURCES = set(read_yaml(DATA / "sources.yaml").data["sources"])
FILES = sorted((DATA / "models").glob("*.yaml"))
MODELS = {path.stem: read_model(read_yaml(path), SOURCES) for path in FILES}


def built(name: str, **changes: Any) -> Architecture:
    model = MODELS[name]
    return architecture({**model.config, **changes}, name, id=model.id, name=model.name)


def figures(name: str, **changes: Any) -> Model:
    return numbers(built(name, **changes))


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> ModelFile:
    return MODELS[request.param]


def test_all_models_of_the_first_catalogue_are_here() -> None:
    assert len(MODELS) >= 83


CONVENTIONS = {
    "all": "active_parameters",
    "without_input_embedding": "active_without_input_embedding",
    "without_embeddings": "active_without_embeddings",
}


def agrees(computed: object, published: PublishedFile) -> None:
    """Within 1 %, or further away with a reason; a reason that is no longer needed fails too."""
    assert isinstance(computed, float)
    difference = computed / published.value - 1
    assert (abs(difference) <= 0.01) == (published.exception is None), difference


def test_total_parameters_are_as_published(model: ModelFile) -> None:
    published = model.published.total_parameters
    assert published is not None
    agrees(figures(model.id).parameters, published)


def test_active_parameters_are_as_published(model: ModelFile) -> None:
    published = model.published.active_parameters
    if published is not None:
        agrees(getattr(figures(model.id), CONVENTIONS[published.convention]), published)


def test_conventions_are_ordered_and_every_figure_is_a_finite_float(model: ModelFile) -> None:
    n = figures(model.id)
    assert all(type(value) is float and 0 <= value < float("inf") for value in n)
    assert n.parameters >= n.active_parameters >= n.active_without_input_embedding
    assert n.active_without_input_embedding > n.active_without_embeddings > 0
    assert (n.experts > 0) == (n.active_parameters < n.parameters)
    assert n.expert_parameters * n.experts_per_token == n.active_expert_parameters * n.experts


def test_groups_and_order_agree(model: ModelFile) -> None:
    a = built(model.id)
    assert [a.order.count(i) for i in range(len(a.groups))] == [g.count for g in a.groups]
    assert a.layers == figures(model.id).layers
    assert all(group_parameters(a, group) > 0 for group in a.groups)


def test_watching_changes_nothing(model: ModelFile) -> None:
    a = built(model.id)
    with watching() as watch:
        assert numbers(a) == numbers(a)
    assert watch.steps


def test_aliases_are_nobody_elses() -> None:
    names = [
        name.casefold()
        for model in MODELS.values()
        for name in {model.id, model.name.casefold(), *map(str.casefold, model.aliases)}
    ]
    assert sorted(names) == sorted(set(names))


def test_the_page_of_models_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from builders.model_table import page

    assert (ROOT / "docs" / "models.md").read_text() == page(DATA / "models"), (
        "run python -m builders.model_table src/chipassay/data/models docs/models.md"
    )


LAYER_KEYS = {"num_hidden_layers", "n_layer", "n_layers"}


@pytest.mark.parametrize("name", ["llama3.1-70b", "gpt3-175b", "qwen3-235b-a22b", "deepseek-v3"])
@given(layers=st.integers(4, 200))
def test_more_layers_are_never_fewer_parameters(name: str, layers: int) -> None:
    key = next(iter(LAYER_KEYS & MODELS[name].config.keys()))
    fewer, more = figures(name, **{key: layers}), figures(name, **{key: layers + 1})
    assert more.parameters > fewer.parameters
    assert more.cached_values_per_token >= fewer.cached_values_per_token


@given(st.integers(1, 3).map(lambda power: 64 >> power))
def test_fewer_key_value_heads_cache_less_and_weigh_less(heads: int) -> None:
    full = figures("llama2-70b", num_key_value_heads=64)
    grouped = figures("llama2-70b", num_key_value_heads=heads)
    assert grouped.cached_values_per_token * 64 == full.cached_values_per_token * heads
    assert grouped.parameters < full.parameters
    assert grouped.attention_flop_per_pair == full.attention_flop_per_pair


def test_caches_against_published_figures() -> None:
    # DeepSeek-V2 report: 512 + 64 values a layer; DeepSeek-V3 comes to 70.3 kB a token in 16 bit
    assert figures("deepseek-v3").cached_values_per_token * 2 == 70_272
    # The V3.2 indexer keeps 128 more a layer and makes attention itself see 2,048 tokens
    sparse = figures("deepseek-v3.2")
    assert sparse.cached_values_per_token - figures("deepseek-v3").cached_values_per_token == 7_808
    assert sparse.window == 2048
    # DeepSeek-V4-Pro, reported in April 2026: 9.62 GiB for a million tokens in 16 bit
    pro = figures("deepseek-v4-pro")
    assert pro.cached_values_per_token * 2**20 * 2 / 2**30 == pytest.approx(9.62, abs=0.005)


def test_windows_by_layer() -> None:
    gemma, oss = figures("gemma3-27b"), figures("gpt-oss-120b")
    assert gemma.windowed_cached_values_per_token == 52 * 2 * 16 * 128
    assert gemma.cached_values_per_token == 10 * 2 * 16 * 128
    assert oss.cached_values_per_token == oss.windowed_cached_values_per_token == 18 * 1024
    assert (oss.window, gemma.window) == (128, 1024)


def test_linear_layers_keep_a_state_and_no_cache() -> None:
    n = figures("qwen3.5-397b-a17b")
    assert n.cached_values_per_token == 15 * 2 * 2 * 256
    assert n.state_values == 45 * (64 * 128 * 128 + 3 * (2 * 16 + 64) * 128)


def test_a_window_as_long_as_the_context_is_none() -> None:
    assert figures("phi4-mini").window == 0
    assert streams(built("phi4-mini").groups[0].attention)[0].window == 0


GOOD = """\
id: tiny
name: Tiny
organisation: Us
released: '2026'
config: {model_type: gpt2, n_embd: 8}
config_confidence: memory
sources: [palm_paper]
"""


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        ("id: big\n", 1, "id big stands in a file named tiny.yaml"),
        ("sources: []\n", 7, "sources: list should have at least 1 item"),
        ("sources: [nowhere]\n", 7, "no source is called nowhere"),
        ("sources: palm_paper\n", 7, "sources: input should be a valid list"),
        ("config: {n_embd: 8}\n", 5, "config.model_type is missing"),
        ("config_confidence: sure\n", 6, "config_confidence: input should be 'seen' or 'memory'"),
        ("colour: red\n", 8, "colour is not a field of this file"),
        ("name:\n", 2, "name: input should be a valid string"),
        (
            "published: {total_parameters: {value: -1, sources: [palm_paper], confidence: seen}}\n",
            8,
            "published.total_parameters.value: input should be greater than 0",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, change: str, line: int, message: str
) -> None:
    key = change.split(":")[0]
    kept = GOOD.splitlines(keepends=True)
    place = next((i for i, row in enumerate(kept) if row.startswith(f"{key}:")), len(kept))
    kept[place : place + 1] = [change]
    path = tmp_path / "tiny.yaml"
    path.write_text("".join(kept))
    with pytest.raises(DataError) as caught:
        read_model(read_yaml(path), SOURCES)
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(GOOD)
    assert read_model(read_yaml(path)).aliases == []


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(GOOD.replace("organisation: Us\n", ""))
    with pytest.raises(DataError, match="organisation is missing"):
        read_model(read_yaml(path))
