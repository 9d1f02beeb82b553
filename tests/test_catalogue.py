"""The shipped catalogue: every figure has a source, every name is exact, golden numbers hold."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import DATA, Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.catalogue.names import Names, folded
from chipassay.errors import DataError, QuestionError, UnknownNameError
from chipassay.facts.compiled import ENTRY_KINDS
from chipassay.facts.yaml_file import read_yaml
from chipassay.law.item import item
from chipassay.records.chip import Chip
from chipassay.records.item import Item

CATALOGUE = Catalogue.shipped()
FILES = [path for kind in ENTRY_KINDS for path in sorted((DATA / kind).rglob("*.yaml"))]
SOURCES = set(read_yaml(DATA / "sources.yaml").data["sources"])
CHIPS = {chip.id: chip for chip in CATALOGUE.chips()}


def measured(name: str) -> Item:
    entry = CATALOGUE.chip(name).entry
    return item(numbers(entry), for_datacenter=True, subject=entry.id)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_figure_has_a_known_source(path: Path) -> None:
    written = read_yaml(path).data
    figures = [*written["figures"].values(), *written.get("prices", ())]
    figures += [rival for figure in figures for rival in figure.get("rivals", ())]
    assert figures
    for figure in figures:
        assert figure["sources"]
        assert set(figure["sources"]) <= SOURCES


def test_every_market_figure_has_a_known_source() -> None:
    rows = [row for chip in CHIPS for row in CATALOGUE.market(chip)]
    assert rows
    for row in rows:
        assert row["sources"]
        assert set(row["sources"]) <= SOURCES


def test_a_chip_has_the_numeric_fields_in_their_order() -> None:
    fields = read_yaml(DATA / "fields" / "chip.yaml").data
    assert Chip._fields == tuple(n for n, each in fields.items() if each["kind"] == "number")
    assert list(CATALOGUE.fields("chip")) == list(fields)


@pytest.mark.parametrize("id_", CHIPS)
def test_figures_are_sane(id_: str) -> None:
    for name, value in numbers(CHIPS[id_])._asdict().items():
        assert value != value or 0 <= value < float("inf"), name
    assert CHIPS[id_].modified is False


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("HGX H20", "h20-96gb"), ("昇腾910B", "ascend-910b2"), ("H20-3e", "h20-141gb"),
        ("Atlas 300I A2", "ascend-910b4"), ("华为昇腾910C", "ascend-910c"),
        ("NVIDIA H100", "h100-sxm5"), ("nvidia h-100", "h100-sxm5"), ("Ｈ２０", "h20-96gb"),
        ("h20-96gb", "h20-96gb"), ("RTX 4090", "rtx4090"), ("Huawei Ascend 910C", "ascend-910c"),
        ("a100_sxm", "a100-sxm-80gb"), ("b200_sxm", "b200"), ("b300_sxm", "b300"), ("a40", "a40"),
        ("rtx_pro_6000_server", "rtxpro6000-server"), ("b60", "arc-pro-b60"),
    ],
)  # fmt: skip
def test_exact_names(name: str, id_: str) -> None:
    assert CATALOGUE.chip(name).entry.id == id_


@pytest.mark.parametrize(
    ("name", "id_", "other"),
    [
        ("H20", "h20-96gb", "h20-141gb"),
        ("910B", "ascend-910b2", "ascend-910b3"),
        ("B200", "b200", "gb200"),
        ("H800", "h800-sxm5", "h800-pcie"),
    ],
)
def test_a_shared_name_says_how_it_was_read(name: str, id_: str, other: str) -> None:
    found = CATALOGUE.chip(name)
    assert found.entry.id == id_
    (remark,) = found.remarks
    assert remark.startswith(f"{name} is read as {id_} (")
    assert other in remark
    if id_ != name.casefold():
        assert CATALOGUE.chip(id_).remarks == ()


@pytest.mark.parametrize(
    ("name", "suggestion"), [("H2O", "h20"), ("H21", "h20"), ("910D", "ascend-910c")]
)
def test_a_near_miss_is_refused_with_suggestions(name: str, suggestion: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        CATALOGUE.chip(name)
    assert suggestion in caught.value.suggestions
    assert "did you mean " in str(caught.value)


@pytest.mark.parametrize("name", ["", " ", "H", "NVIDIA", "no such chip at all", "H20 or H200"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError):
        CATALOGUE.chip(name)


@given(st.text(st.characters(exclude_categories=("Mn", "Mc", "Me", "Cs"))))
def test_folding_twice_is_folding_once(name: str) -> None:
    once = folded(unicodedata.normalize("NFKC", name.casefold()))
    if not any(unicodedata.combining(char) for char in once):
        assert folded(once) == once


def test_folding_twice_is_folding_once_with_combining_marks() -> None:
    name = "a-\N{COMBINING ACUTE ACCENT}"
    assert folded(folded(name)) == folded(name)


@given(st.sampled_from(sorted(CHIPS)), st.data())
def test_spelling_without_meaning_is_passed_over(id_: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([CHIPS[id_].name, *CHIPS[id_].aliases]))
    noisy = name.swapcase().replace(" ", data.draw(st.sampled_from(["", "-", " _ ", "\u3000"])))
    assert CATALOGUE.chip(noisy).entry.id == CATALOGUE.chip(name).entry.id


@pytest.mark.parametrize("id_", CHIPS)
def test_a_name_means_one_chip(id_: str) -> None:
    for name in (id_, CHIPS[id_].name, *CHIPS[id_].aliases):
        found = CATALOGUE.chip(name)
        assert found.entry.id == id_ or found.remarks, name


def test_an_alias_of_two_chips_is_refused() -> None:
    names = Names("chip")
    names.add("a", ["Shared Name"])
    with pytest.raises(DataError, match="would mean both a and b"):
        names.add("b", ["shared-name"], where="b")


def test_a_what_if_renames_the_chip_and_says_who_assumed_it() -> None:
    changed = CATALOGUE.but({"h20.memory_capacity": "1 TB", "h20.memory_bandwidth": "5TB/s"})
    entry = changed.chip("h20").entry
    assert entry.modified
    assert entry.name.endswith(" (modified)")
    fact = entry.facts["memory_capacity"]
    assert (fact.value, fact.standing) == (1e12, "assumed by the asker")
    assert entry.number("memory_bandwidth") == 5e12
    assert entry.facts["dense_fp16"].standing != "assumed by the asker"
    assert changed.chip("h20-141gb").entry.name == CHIPS["h20-141gb"].name
    assert CATALOGUE.chip("h20").entry.name == CHIPS["h20-96gb"].name
    both = changed.but({"h100.tdp": "1 kW"})
    assert both.chip("h100").entry.modified


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("h20", "1 TB", "no field is named"),
        ("h2O.tdp", "1 kW", "no chip is called"),
        ("h20.memory_sise", "1 TB", "no field is called"),
        ("h20.memory_capacity", "1", "has no unit"),
        ("h20.memory_capacity", "1 TB/s", "is in B/s"),
        ("h20.memory_capacity", "-1 TB", "cannot be negative"),
        ("h20.marketed_for_datacenter", "maybe", "true or false"),
    ],
)
def test_a_what_if_that_does_not_fit_is_refused(path: str, value: str, problem: str) -> None:
    with pytest.raises(QuestionError, match=problem) as caught:
        CATALOGUE.but({path: value})
    assert f"--but {path}={value}" in str(caught.value)


OWN = """\
id: toy-1
name: Toy One
aliases: [The Toy]
figures:
  tdp: {value: 400 W, sources: [my_paper], confidence: seen}
  die_area: {value: 800 mm2, sources: [epoch], confidence: seen}
"""


def own(folder: Path, text: str, sources: str = "my_paper") -> Path:
    (folder / "chips").mkdir()
    (folder / "chips" / "toy-1.yaml").write_text(text)
    (folder / "sources.yaml").write_text(
        f"sources:\n  {sources}: {{title: Mine, url: here, date: '2026', kind: primary}}\n"
    )
    return folder


def test_a_folder_of_ones_own_adds_a_chip_and_its_sources(tmp_path: Path) -> None:
    laid = CATALOGUE.overlaid(own(tmp_path, OWN))
    toy = laid.chip("the toy").entry
    assert toy.id == "toy-1"
    assert toy.facts["tdp"].sources[0].title == "Mine"
    assert toy.facts["die_area"].sources[0].key == "epoch"
    assert len(laid.chips()) == len(CHIPS) + 1
    assert laid.chip("h20").entry.id == "h20-96gb"
    with pytest.raises(UnknownNameError):
        CATALOGUE.chip("the toy")
    assert laid.but({"toy-1.tdp": "1 kW"}).chip("toy 1").entry.name == "Toy One (modified)"


def test_a_folder_of_ones_own_is_checked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"toy-1.yaml:5: no source is called 'my_paper'"):
        CATALOGUE.overlaid(own(tmp_path, OWN, sources="zzzzzzzz"))
    with pytest.raises(QuestionError, match="there is no such folder"):
        CATALOGUE.overlaid(tmp_path / "nowhere")
    with pytest.raises(QuestionError, match="no facts lie in this folder"):
        CATALOGUE.overlaid(tmp_path / "chips")


def test_golden_numbers_of_the_h20() -> None:
    h20, h100 = (CATALOGUE.chip(name).entry for name in ("h20", "h100"))
    ratio = h20.number("dense_fp16") / h100.number("dense_fp16")
    assert f"{ratio:.4f}" == "0.1496"
    assert measured("h20").performance == pytest.approx(2368e12, rel=1e-12)
    assert f"{measured('h20').density / 1e18:.2f}" == "2.91"


@pytest.mark.parametrize(
    ("name", "tpp"),
    [
        ("h100", 15831), ("h200", 15831), ("h800", 15831), ("a100", 4992), ("a800", 4992),
        ("h20", 2368), ("h20-141gb", 2368), ("l20", 1912), ("l2", 1544), ("rtx4090", 5285),
        ("rtx4090d", 4707), ("rtx5090d", 4752), ("rtx5090d-v2", 4752), ("v100", 2000),
        ("mi325x", 20919), ("gaudi2", 6920), ("b30a", 28000), ("ascend-910b1", 6400),
        ("ascend-910b4", 4480), ("ascend-910b3", 5008), ("ascend-910c", 12032), ("gaudi3", 29360),
        ("b200", 36000), ("b300", 56000), ("mi308x", 3312), ("l40s", 5864), ("l40", 2896),
    ],
)  # fmt: skip
def test_golden_performance(name: str, tpp: float) -> None:
    assert measured(name).performance == pytest.approx(tpp * 1e12, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "anchor", "ours", "because"),
    [
        ("l4", 1936, 1940, "FP8 242.5 TFLOPS in the catalogue and in cases.csv, 242 in the anchor"),
        ("a30", 2640, 2644, "the catalogue has 330.5 TOPS or 165.25, the anchor 165"),
        ("mi355x", 40265, 60398, "FP6 runs at the rate of FP4, so six bits govern, not four"),
    ],
)
def test_where_the_catalogue_and_the_design_disagree(
    name: str, anchor: float, ours: float, because: str
) -> None:
    performance = measured(name).performance
    assert performance == pytest.approx(ours * 1e12, rel=1e-4)
    assert performance != pytest.approx(anchor * 1e12, rel=1e-3), f"agree now; once: {because}"


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("h100", 19.4), ("a100", 6.04), ("h20", 2.91), ("l20", 3.14), ("l2", 5.25), ("l4", 6.6),
        ("v100", 2.45), ("a30", 3.2), ("ascend-910c", 9.04),
    ],
)  # fmt: skip
def test_golden_density(name: str, density: float) -> None:
    assert measured(name).density == pytest.approx(density * 1e18, rel=3e-3)
