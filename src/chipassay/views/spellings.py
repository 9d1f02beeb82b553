"""One question, spelled as a command and as Python, to copy."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from chipassay.records.question import field_extra


def as_command(asked: Mapping[str, Any]) -> str:
    """The command line that asks the same: `chipassay assay h20 --to CN --json`."""
    task = asked["task"]
    given = {name: value for name, value in asked.items() if name != "task"}
    extras = {name: field_extra(name) for name in given}
    plain = [name for name in given if extras[name]["word"] and task not in extras[name]["option"]]
    said = ["scripts/chipassay", task]
    for name in sorted(plain, key=list(_order()).index):
        said += _several(given[name])
    for name, value in given.items():
        if name not in plain:
            said += _option(name, value)
    return shlex.join(said)


def _order() -> Mapping[str, Any]:
    from chipassay.records.question import Question

    return Question.model_fields


def _several(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else [str(value)]


def _option(name: str, value: Any) -> list[str]:
    dashed = "--" + name.rstrip("_").replace("_", "-")
    if value is True:
        return [dashed]
    if value is False:
        return []
    if isinstance(value, Mapping):
        return [word for key, each in value.items() for word in (dashed, f"{key}={each}")]
    return [word for each in _several(value) for word in (dashed, each)]


def as_python(asked: Mapping[str, Any]) -> str:
    """The call that asks the same: `ask(task="assay", chip="h20")`."""
    spelled = ", ".join(f"{name}={_literal(value)}" for name, value in asked.items())
    return f"from chipassay import ask\nanswer = ask({spelled})"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        quoted = repr(value)
        return f'"{value}"' if quoted == f"'{value}'" and '"' not in value else quoted
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(_literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items())
        return f"{{{inner}}}"
    return repr(value)
