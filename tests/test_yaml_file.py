"""Facts are read as YAML 1.2: no word turns into something else, and every refusal has a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.errors import DataError
from chipassay.facts.yaml_file import Document, read_yaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "facts.yaml"


def read(file: Path, text: str) -> Document:
    file.write_text(text, encoding="utf-8")
    return read_yaml(file)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("y", "y"),
        ("true", True), ("False", False), ("TRUE", "TRUE"), ("null", None), ("~", None),
        ("", None), ("12:30:45", "12:30:45"), ("1:30", "1:30"), ("2024-02-01", "2024-02-01"),
        ("010", 10), ("0o10", "0o10"), ("0x10", "0x10"), ("-7", -7), ("+7", 7), ("1_000", "1_000"),
        ("1e3", 1000.0), ("1E3", 1000.0), ("1.5e-3", 0.0015), (".5", 0.5), ("5.", 5.0),
        (".inf", ".inf"), (".nan", ".nan"), ("=", "="), ("<<", "<<"), ("'1'", "1"),
        ("96 GB", "96 GB"),
    ],
)  # fmt: skip
def test_words(file: Path, word: str, value: Any) -> None:
    found = read(file, f"key: {word}\n").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_stay_as_they_are_written(file: Path) -> None:
    assert read(file, "NO: 1\n010: 2\n1e3: 3\ntrue: 4\n").data == {
        "NO": 1, "010": 2, "1e3": 3, "true": 4
    }  # fmt: skip


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_are_decimal(tmp_path_factory: pytest.TempPathFactory, value: int) -> None:
    file = tmp_path_factory.mktemp("number") / "facts.yaml"
    assert read(file, f"key: {value}\nzero: {value:+020d}\n").data == {"key": value, "zero": value}


def test_every_part_knows_its_line(file: Path) -> None:
    found = read(file, "id: toy\nfigures:\n  tdp:\n    value: 1 W\n    sources: [a,\n      b]\n")
    assert found.where(("figures", "tdp", "value")) == f"{file}:4"
    assert found.where(("figures", "tdp", "sources", 1)) == f"{file}:6"
    assert found.where(("figures", "tdp", "nowhere", "at", "all")) == f"{file}:3"
    assert found.where() == f"{file}:1"


def test_an_empty_file_is_nothing(file: Path) -> None:
    assert read(file, "").data is None
    assert read(file, "# only a remark\n").where(("id",)) == f"{file}:1"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a stands twice; keep one"),
        ("a:\n  b: 1\n  b: 1\n", 3, "b stands twice"),
        ("a: 1\nb: [1, 2\n", 3, "broken YAML: "),
        ("a: 1\nb: c: d\n", 2, "broken YAML: "),
        ("a: 1\n\tb: 1\n", 2, "broken YAML: "),
        ("a: *nobody\n", 1, "broken YAML: "),
        ("a: 1\n---\nb: 2\n", 2, "broken YAML: "),
        ("a: 1\n? [x]\n: 2\n", 2, "a key must be a word"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "is not used in facts"),
        ("a: 1\nb: !!python/name:os.system x\n", 2, "python/name:os.system is not used in facts"),
        ("b: !!python/tuple 1\n", 1, "is not used in facts"),
        ("a: 1\nb: !mine 3\n", 2, "!mine is not used in facts; write plain text"),
        ("a: 1\nb: !!binary aGVsbG8=\n", 2, "is not used in facts"),
        ("a: 1\nb: !!int four\n", 1, "broken YAML: "),
    ],
)  # fmt: skip
def test_refused_with_file_and_line(file: Path, text: str, line: int, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        read(file, text)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_python_tag_never_runs_anything(file: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    try:
        found = read(file, f"a: !!python/object/apply:pathlib.Path.touch ['{mark}']\n").data
    except DataError:
        found = None
    assert found is None or isinstance(found["a"], list)
    assert not mark.exists()


def test_unreadable_files(file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_yaml(file)
    with pytest.raises(DataError, match="directory"):
        read_yaml(tmp_path)
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(DataError, match="is no UTF-8 text"):
        read_yaml(file)


def test_deep_nesting_is_refused(file: Path) -> None:
    with pytest.raises(DataError, match="broken YAML"):
        read(file, "[" * 3000 + "]" * 3000)
