"""The rules of the house, checked by reading the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import chipassay
from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.yaml_file import read_yaml
from chipassay.trace import Formula

SRC = Path(chipassay.__path__[0])
FILES = sorted(SRC.rglob("*.py"))
KEYS = set(read_yaml(SRC / "data" / "sources.yaml").data["sources"])
CHIPS = Catalogue.shipped().chips()
FILE_LINES, BODY_LINES = 400, 40
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SRC)))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def lines_of(found: Iterator[tuple[ast.AST, str]]) -> list[str]:
    return [f"line {getattr(node, 'lineno', 0)}: {what}" for node, what in found]


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


@each_file
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@each_file
def test_functions_are_short(path: Path) -> None:
    long = []
    for function in functions(path):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if body:
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1
            if length > BODY_LINES:
                long.append(f"line {function.lineno}: {function.name} has {length} lines")
    assert long == []


@each_file
def test_no_star_import_and_no_assert(path: Path) -> None:
    def found() -> Iterator[tuple[ast.AST, str]]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
                yield node, "import *"
            if isinstance(node, ast.Assert):
                yield node, "assert"

    assert lines_of(found()) == []


def is_scale(value: object) -> bool:
    """Whether a number is a power of ten or of 1024 that smells of a unit: 1e3, 1e-9, 1024."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if not math.isfinite(value) or value <= 0:
        return False
    power = round(math.log10(value))
    if power >= 3 or power <= -3:
        return float(f"1e{power}") == value
    return False


def is_binary_scale(value: object) -> bool:
    return isinstance(value, int) and value in [1 << (10 * power) for power in range(1, 7)]


def scales(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and (is_scale(node.value) or is_binary_scale(node.value)):
            yield node, repr(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            base = getattr(node.left, "value", None)
            power = getattr(node.right, "value", None)
            if base in (10, 1000, 1024) or (base == 2 and power in (10, 20, 30, 40, 50, 60)):
                yield node, ast.unparse(node)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.LShift)
            and getattr(node.right, "value", None) in (10, 20, 30, 40)
        ):
            yield node, ast.unparse(node)


@each_file
def test_only_units_knows_powers_of_ten(path: Path) -> None:
    if path.name != "units.py":
        assert lines_of(scales(path)) == []


def docstrings(path: Path) -> set[int]:
    """The nodes that are docstrings, those of attributes included."""
    return {
        id(node.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


@cache
def chip_words() -> re.Pattern[str]:
    words = sorted({word for chip in CHIPS for word in (chip.id, chip.name)}, key=len)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, reversed(words))) + r")(?![\w-])")


def chips_named(path: Path) -> Iterator[tuple[ast.AST, str]]:
    skipped = docstrings(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for word in chip_words().findall(node.value) if id(node) not in skipped else ():
                yield node, word


@each_file
def test_no_chip_is_named_in_the_source(path: Path) -> None:
    assert lines_of(chips_named(path)) == []


def formulas() -> Iterator[Formula[..., Any]]:
    for module in pkgutil.walk_packages(chipassay.__path__, "chipassay."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Formula) and value.body.__module__ == module.name:
                yield value


# Comparisons of any two quantities of one kind; `test_units_of_formulas` checks each call.
ANY_UNIT = {"above", "at_least", "below", "margin", "ratio"}


@pytest.mark.parametrize("each", list(formulas()), ids=lambda each: each.name)
def test_every_formula_is_cited_explained_and_has_units(each: Formula[..., Any]) -> None:
    assert each.cite == "arithmetic" or each.cite in KEYS
    assert each.sentence
    assert each.sentence[-1] in ".:,;" or each.sentence[0].isupper()
    hints = get_type_hints(each.body, include_extras=True)
    assert set(hints) == {*inspect.signature(each.body).parameters, "return"}
    for name, hint in hints.items():
        if not hasattr(hint, "_fields"):
            assert name in each.units or each.name in ANY_UNIT, f"{name} has no unit"


def test_the_rules_catch_what_they_forbid(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    chip = CHIPS[0]
    bad.write_text(
        f"a = [1e3, 1000, 1024, 10**n, 2**10, 1 << 20, 1e-6, 1e12, 7]\nb = 'x {chip.id} y'\n"
    )
    assert len(list(scales(bad))) >= 8
    assert [word for _, word in chips_named(bad)] == [chip.id]
