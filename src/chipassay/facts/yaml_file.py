"""YAML 1.2 files that remember their lines, so that every refusal can name one.

Plain PyYAML reads YAML 1.1: country `NO` becomes False, `010` eight and `12:30:45` a number. Here
only `true`/`false`, `null` and decimal numbers are special; a key written twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from chipassay.errors import DataError

try:
    _Base: Any = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: slower, same result
    _Base = yaml.SafeLoader


class _Loader(_Base):  # type: ignore[misc]
    """A safe loader with YAML 1.2's core scalars instead of YAML 1.1's."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|false|False", "tTfF"),
    ("null", r"null|~|", "n~\0"),
    ("int", r"[-+]?\d+", "-+0123456789"),
    ("float", r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?", "-+.0123456789"),
):
    for _char in ("" if _char == "\0" else _char for _char in _first):
        _Loader.yaml_implicit_resolvers.setdefault(_char, []).append(
            (f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"))
        )

# YAML 1.1's own constructors would still read 010 as eight: convert the words ourselves.
_SCALARS: dict[str, Callable[[str], str | bool | int | float | None]] = {
    "str": str,
    "bool": lambda word: word.lower() == "true",
    "null": lambda _: None,
    "int": int,
    "float": float,
}

_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file's plain data, and the line on which each part of it stands."""

    path: Path
    data: Any
    lines: dict[Path_, int]

    def where(self, at: Path_ = ()) -> str:
        """`file:line` of the nearest enclosing part that has a line."""
        while at and at not in self.lines:
            at = at[:-1]
        return f"{self.path}:{self.lines.get(at, 1)}"


def read_yaml(path: Path) -> Document:
    """Read one file. Raises `DataError` for what is not readable YAML, with file and line."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        raise DataError(str(reason), where=str(path), hint="give a readable YAML file") from None
    loader = _Loader(source)
    try:
        node = loader.get_single_node()
        lines: dict[Path_, int] = {}
        data = None if node is None else _plain(node, (), path, lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise DataError(f"broken YAML: {problem}", where=f"{path}:{line}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"broken YAML: {error}", where=f"{path}:1") from None
    finally:
        loader.dispose()
    return Document(path, data, lines)


def _plain(node: yaml.Node, at: Path_, path: Path, lines: dict[Path_, int]) -> Any:
    line = lines[at] = node.start_mark.line + 1
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTIONS:
        problem = f"{node.tag} is not used in facts"
        raise DataError(problem, where=f"{path}:{line}", hint="write a plain list or mapping")
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if not isinstance(key_node, yaml.ScalarNode) or key in result:
                where = f"{path}:{key_node.start_mark.line + 1}"
                problem = f"{key} stands twice" if key in result else "a key must be a word"
                raise DataError(problem, where=where, hint="keep one")
            result[key] = _plain(value_node, (*at, key), path, lines)
            lines[(*at, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, index), path, lines) for index, item in enumerate(node.value)]
    convert = _SCALARS.get(node.tag.removeprefix("tag:yaml.org,2002:"))
    if convert is None:
        problem = f"{node.tag} is not used in facts"
        raise DataError(problem, where=f"{path}:{line}", hint="write plain text")
    return convert(node.value)
