"""Mutation testing of the law: small faults put into the paragraphs and the judge, one at a time.

    .venv/bin/python -m builders.mutants [--sample N] [--seconds CPU] [--seed S]

Each mutant is a module of `chipassay.law` with one comparison, constant, operator, boolean or
return changed; a child process loads it in place of the real one and runs the tests of the law
that need no table from elsewhere but the cases. A mutant is killed if a test fails. Survivors are
printed with file and line. `mutmut` runs the whole suite for each mutant, hours for this many;
this does the same with a fork and the tests that matter.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.util
import io
import os
import random
import resource
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
LAW = ROOT / "src" / "chipassay" / "law"
MODULES = ("paragraphs", "classes", "ruling", "judge", "parcel", "foundry")
TESTS = ("tests/test_law.py", "tests/test_law_judge.py", "tests/test_law_rules.py")
LEFT_OUT = "million or every_country or no_rule_is_known or standing or rule_is_hit"
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
CALLS = {"both": "either", "either": "both", "any": "all", "all": "any", "min": "max",
         "max": "min", "at_least": "below", "below": "at_least"}  # fmt: skip


class Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out one module from changed source."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(
        self,
        fullname: str,
        path: object,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The changed module alone."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, spec: ModuleSpec) -> None:
        """Python's own empty module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node that can be changed, and how; docstrings and type hints are left alone."""
    hinted = [hint for node in ast.walk(tree) for hint in _hints(node)]
    hints = {id(inner) for hint in hinted for inner in ast.walk(hint)}
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
            yield node, "comparison"
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            yield node, "operator"
        elif isinstance(node, ast.BoolOp):
            yield node, "and-or"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not"
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node, "number"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            yield node, "call"
        elif isinstance(node, ast.IfExp):
            yield node, "if-else"


def _hints(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        hint = getattr(node, name, None)
        if isinstance(hint, ast.AST):
            yield hint


def change(node: ast.AST, kind: str) -> None:
    """Put the fault in."""
    if isinstance(node, ast.Compare):
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp):
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if kind != "not" else ast.Not()
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant):
        node.value = node.value + 1  # type: ignore[operator]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        node.func.id = CALLS[node.func.id]
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body


def mutants() -> list[tuple[str, int]]:
    """Every mutant, as a module and the number of its place."""
    found = []
    for module in MODULES:
        tree = ast.parse((LAW / f"{module}.py").read_text())
        found += [(module, number) for number, _ in enumerate(places(tree))]
    return found


def place(module: str, number: int) -> str:
    """Where a mutant lies, and its kind."""
    node, kind = list(places(ast.parse((LAW / f"{module}.py").read_text())))[number]
    return f"{module}.py:{getattr(node, 'lineno', 0)}: {kind}"


def killed(module: str, number: int) -> tuple[bool, str]:
    """Whether some test fails on the mutant, and where it was put."""
    path = LAW / f"{module}.py"
    tree = ast.parse(path.read_text())
    node, kind = list(places(tree))[number]
    before = ast.unparse(node)
    change(node, kind)
    where = f"{module}.py:{getattr(node, 'lineno', 0)}: {kind}: {before} -> {ast.unparse(node)}"
    return _in_child(module, ast.fix_missing_locations(tree)), where


def _in_child(module: str, tree: ast.Module) -> bool:
    """Whether the tests fail with this tree in place of the module."""
    child = os.fork()
    if child == 0:
        os._exit(_outcome(module, LAW / f"{module}.py", tree))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _outcome(module: str, path: Path, tree: ast.Module) -> int:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))  # a mutant that never ends is killed too
    sys.meta_path.insert(0, Loader(f"chipassay.law.{module}", path, tree))
    plain = ["-n0", "-p", "no:cacheprovider", "--assert=plain", "-o", "filterwarnings=ignore"]
    words = ["-x", "-q", *plain, "-k", f"not ({LEFT_OUT})", *TESTS]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return int(pytest.main(words))
        except BaseException:
            return 1


def main() -> None:
    """Run a sample of the mutants within a budget of CPU seconds, and print the share killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0, help="this many, drawn at random")
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after this much CPU")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at", action="append", default=[], help="only at MODULE.py:LINE: KIND")
    asked = parser.parse_args()
    os.chdir(ROOT)
    _warm()
    if _in_child(MODULES[0], ast.parse((LAW / f"{MODULES[0]}.py").read_text())):
        sys.exit("the tests fail without any mutant")
    found = mutants()
    total = len(found)
    random.Random(asked.seed).shuffle(found)
    found = found[: asked.sample] if asked.sample else found
    survivors, tried = [], 0
    for module, number in found:
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        if asked.seconds and spent.ru_utime + spent.ru_stime > asked.seconds:
            break
        if asked.at and not any(place(module, number).startswith(each) for each in asked.at):
            continue
        dead, where = killed(module, number)
        tried += 1
        if not dead:
            survivors.append(where)
            print("survived", where, flush=True)
    dead_count = tried - len(survivors)
    share = 100 * dead_count / max(tried, 1)
    print(f"{dead_count} of {tried} killed ({share:.1f} %), {total} in all")


def _warm() -> None:
    """Import what every child needs, once; not the law itself."""

    import numpy
    import pydantic
    import pytest

    import chipassay.catalogue.catalogue as catalogue

    catalogue.Catalogue.shipped()
    _ = numpy, pydantic, pytest


if __name__ == "__main__":
    main()
