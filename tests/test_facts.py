"""A folder of facts: what breaks a rule is refused with file and line; compiling is never stale."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from chipassay.errors import DataError
from chipassay.facts import compiled
from chipassay.facts.compiled import compile_folder, compile_into, load, write_text

FIELDS = """\
tdp: {kind: number, unit: W, title: Power}
rate: {kind: number, unit: TFLOPS, title: Rate}
dies: {kind: number, unit: "1", title: Dies}
sold: {kind: date, title: Sold}
big: {kind: flag, title: Big}
process: {kind: text, title: Process}
"""
SOURCES = """\
sources:
  paper: {title: A paper, url: 'https://example.org', date: '2024', kind: primary}
"""
TOY = """\
id: toy
name: Toy One
vendor: Acme
figures:
  tdp:
    value: 400 W
    sources: [paper]
    confidence: seen
  rate:
    value: 148 TFLOPS
    sources: [paper]
    confidence: seen
    rivals:
    - value: 150 TFLOPS
      sources: [paper]
      confidence: memory
  sold:
    value: 2024-02
    sources: [paper]
    confidence: seen
  big:
    value: true
    sources: [paper]
    confidence: seen
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("fields", "chips"):
        (tmp_path / name).mkdir()
    for kind in ("chip", "system", "network"):
        (tmp_path / "fields" / f"{kind}.yaml").write_text(FIELDS)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / "chips" / "toy.yaml").write_text(TOY)
    return tmp_path


def test_a_folder_becomes_plain_data_in_si_units(data: Path) -> None:
    toy = compile_folder(data)["chips"]["toy"]
    assert toy["name"] == "Toy One"
    assert toy["figures"]["tdp"]["value"] == 400.0
    assert toy["figures"]["rate"]["value"] == 1.48e14
    assert toy["figures"]["rate"]["written"] == "148 TFLOPS"
    assert toy["figures"]["rate"]["rivals"][0]["value"] == 1.5e14
    assert toy["figures"]["sold"]["value"] == "2024-02"
    assert toy["figures"]["big"]["value"] is True


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("vendor: Acme", "maker: Acme", 3, "maker is not a field of this file"),
        ("name: Toy One\n", "", 1, "name is missing"),
        ("name: Toy One", "name: 7", 2, "name: input should be a valid string"),
        ("  tdp:", "  watts:", 5, "no field is called 'watts'"),
        ("  tdp:", "  tpd:", 5, "no field is called 'tpd'; did you mean tdp?"),
        ("    sources: [paper]\n", "", 5, "figures.tdp.sources is missing"),
        ("sources: [paper]", "sources: []", 7, "no source is named"),
        ("sources: [paper]", "sources: [gossip]", 7, "no source is called 'gossip'"),
        ("sources: [paper]", "sources: [papers]", 7, "did you mean paper?"),
        ("400 W", "400 GB", 6, "'400 GB' is in B, but W is wanted"),
        ("400 W", "400 Wats", 6, "no unit is called 'Wats'"),
        ("400 W", "400", 6, "'400' has no unit, but W is wanted"),
        ("400 W", "-400 W", 6, "tdp cannot be negative"),
        ("148 TFLOPS", "-148 TFLOPS", 10, "rate cannot be negative"),
        ("148 TFLOPS", "1e999 TFLOPS", 10, "is too large"),
        ("150 TFLOPS", "-150 TFLOPS", 14, "rate cannot be negative"),
        ("value: 2024-02", "value: 2024-13", 18, "sold wants a date"),
        ("value: true", "value: NO", 22, "big is true or false"),
        ("confidence: seen", "confidence: sure", 8, "figures.tdp.confidence"),
        ("id: toy", "id: toys", 1, "id toys stands in a file named toy.yaml"),
        ("id: toy", "id: Toy One", 1, "id: string should match pattern"),
        ("vendor: Acme", "vendor: Acme\nvendor: Acme", 4, "vendor stands twice"),
        ("vendor: Acme", "vendor: [Acme", 4, "broken YAML"),
    ],
)
def test_refused_with_file_and_line(
    data: Path, old: str, new: str, line: int, problem: str
) -> None:
    file = data / "chips" / "toy.yaml"
    assert old in TOY
    file.write_text(TOY.replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        compile_folder(data)
    assert str(caught.value).startswith(f"{file}:{line}: "), str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rival_names_its_source_too(data: Path) -> None:
    file = data / "chips" / "toy.yaml"
    before, after = TOY.split("150 TFLOPS")
    file.write_text(f"{before}150 TFLOPS{after.replace('[paper]', '[gossip]', 1)}")
    with pytest.raises(DataError, match=r"toy.yaml:15: no source is called 'gossip'"):
        compile_folder(data)


def test_one_id_in_two_files_is_refused(data: Path) -> None:
    (data / "chips" / "more").mkdir()
    shutil.copy(data / "chips" / "toy.yaml", data / "chips" / "more" / "toy.yaml")
    with pytest.raises(DataError, match="toy stands in two files"):
        compile_folder(data)


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("odd: {kind: number, unit: Wats, title: Odd}", "no unit is called 'Wats'"),
        ("odd: {kind: number, unit: W, title: Odd, why: x}", "field odd"),
    ],
)
def test_fields_are_checked(data: Path, field: str, problem: str) -> None:
    file = data / "fields" / "chip.yaml"
    file.write_text(f"{FIELDS}{field}\n")
    with pytest.raises(DataError) as caught:
        compile_folder(data)
    assert f"{file}:7: " in str(caught.value)
    assert problem in str(caught.value)


def test_loading_compiles_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(data)
    assert json.loads((data / "catalogue.json").read_bytes()) == first

    def never(*_: object) -> None:
        raise AssertionError("compiled again")

    for path in (data, *data.rglob("*")):
        os.utime(path, ns=(0, 0 if path.name != "catalogue.json" else 1))
    monkeypatch.setattr(compiled, "compile_folder", never)
    assert load(data) == first


def test_a_changed_file_is_seen(data: Path) -> None:
    compile_into(data)
    (data / "chips" / "toy.yaml").write_text(TOY.replace("400 W", "500 W"))
    assert load(data)["chips"]["toy"]["figures"]["tdp"]["value"] == 500.0


def test_a_new_and_a_deleted_file_are_seen(data: Path) -> None:
    compile_into(data)
    toy = data / "chips" / "toy.yaml"
    (data / "chips" / "doll.yaml").write_text(TOY.replace("id: toy", "id: doll"))
    assert set(load(data)["chips"]) == {"toy", "doll"}
    toy.unlink()
    assert set(load(data)["chips"]) == {"doll"}


def test_a_compiled_file_of_another_schema_is_made_again(data: Path) -> None:
    path = compile_into(data)
    path.write_text('{"schema": 0}')
    assert "toy" in load(data)["chips"]


def test_a_wheel_has_the_compiled_file_alone(data: Path) -> None:
    facts = load(data)
    for name in ("fields", "chips"):
        shutil.rmtree(data / name)
    assert load(data) == facts


def test_a_broken_change_is_not_hidden_by_what_was_compiled(data: Path) -> None:
    compile_into(data)
    (data / "chips" / "toy.yaml").write_text(TOY.replace("400 W", "400"))
    with pytest.raises(DataError, match=r"toy.yaml:6: "):
        load(data)


def test_text_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new" * 100_000 + "\ud800")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["out.txt"]
    write_text(path, "new")
    assert path.read_text() == "new"


def test_an_interrupted_rename_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "out.txt", "new")
    assert list(tmp_path.iterdir()) == []
