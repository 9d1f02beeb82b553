"""From an address to the words of a question, and from a question's fields to a form."""

from __future__ import annotations

import functools
import re
import types
from collections.abc import Iterable
from typing import Any, Literal, Union, get_args, get_origin

from chipassay.errors import QuestionError, UnknownNameError
from chipassay.inquiry.choices import Choices, check_model, chip_units, choices
from chipassay.records.question import TASKS, Question, field_extra
from chipassay.web.page import settings

RESERVED = frozenset({"table", "wait", "part", "example"})
"""Words of an address that choose a view and ask nothing."""
LARGEST = "largest"
"""The word that asks which model, where a model is named."""
MOST_VALUES = 64
_PATH = re.compile(r"FILE|DIR|PATH|\.csv|\.jsonl?\b", re.I)
_PATHS = frozenset({"file", "files", "rows", "catalogue", "trace", "kind", "leave_out", "report"})
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@functools.cache
def fields(task: str) -> tuple[str, ...]:
    """The fields of a question that a page may ask of a task: all but paths."""
    named = [name for name in Question.model_fields if name != "task"]
    return tuple(n for n in named if task in field_extra(n)["tasks"] and not is_path(n))


def there_is(task: str) -> bool:
    """Whether questions of this task can be asked yet."""
    return task in TASKS


def is_path(name: str) -> bool:
    """Whether a field names a file: such a field is never taken from a request."""
    return name in _PATHS or bool(_PATH.search(field_extra(name)["metavar"] or ""))


def is_model(name: str) -> bool:
    """Whether a field names a model, which elsewhere may also be a path."""
    return name == "model" or field_extra(name)["metavar"] == "MODEL"


def read(query: Iterable[tuple[str, str]], tasks: tuple[str, ...]) -> dict[str, Any]:
    """The words of an address, for these tasks. Empty ones are left out.

    Raises `QuestionError` for a word that no task takes, a path, or a word given twice.
    """
    known = {name for task in tasks for name in fields(task)}
    found: dict[str, Any] = {}
    for number, (spelled, value) in enumerate(query):
        name = "from_" if spelled == "from" else spelled
        if number >= MOST_VALUES:
            raise QuestionError("too many words", hint="ask one thing")
        if name in RESERVED or not value.strip():
            continue
        if "\0" in value:
            raise QuestionError("a character that no name has", where=spelled)
        if name not in known:
            raise UnknownNameError("word of this page", spelled, sorted(known))
        _put(found, name, value.strip())
    return found


def _put(found: dict[str, Any], name: str, value: str) -> None:
    kind = kind_of(name)
    if kind == "many":
        pieces = [piece.strip() for piece in value.split(",") if piece.strip()]
        found[name] = (*found.get(name, ()), *pieces)
        return
    if kind == "table":
        key, equals, set_ = value.partition("=")
        if not equals:
            raise QuestionError(f"{value[:60]!r} is no what-if", where=name,
                                hint="write CHIP.FIELD=VALUE")  # fmt: skip
        found[name] = {**found.get(name, {}), key.strip(): set_.strip()}
        return
    if name in found:
        raise QuestionError("the word is given twice", where=name, hint="keep one")
    if kind == "flag":
        if value.lower() not in (*_YES, *_NO):
            raise QuestionError(f"{value[:60]!r} is neither yes nor no", where=name)
        found[name] = value.lower() in _YES
        return
    if is_model(name) and value != LARGEST:
        check_model(value)
    found[name] = value


def for_task(task: str, words: dict[str, Any]) -> dict[str, Any]:
    """The words that a task takes, with the task."""
    taken = fields(task)
    return {"task": task} | {name: value for name, value in words.items() if name in taken}


def kind_of(name: str) -> str:
    """How a field is filled in: one, many, table, flag, choice, date."""
    field = Question.model_fields[name]
    if isinstance(field.default, bool):
        return "flag"
    if isinstance(field.default, tuple):
        return "many"
    if isinstance(field.default, dict):
        return "table"
    if _literals(field.annotation):
        return "choice"
    return "date" if "date" in str(field.annotation) else "one"


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(each for part in get_args(annotation) for each in _literals(part))
    return ()


def form(task: str, words: dict[str, Any], first: tuple[str, ...]) -> dict[str, list[Any]]:
    """The inputs for a task: those to be seen `first`, and `more`."""
    inputs = {name: _input(task, name, words.get(name)) for name in fields(task)}
    order = [name for name in first if name in inputs]
    return {
        "first": [inputs[name] for name in order],
        "more": [inputs[name] for name in inputs if name not in order],
    }


def _input(task: str, name: str, value: Any) -> dict[str, Any]:
    field, extra = Question.model_fields[name], field_extra(name)
    kind = kind_of(name)
    return {
        "name": "from" if name == "from_" else name, "kind": kind, "help": field.description or "",
        "label": _LABELS.get(name, name.rstrip("_").replace("_", " ")),
        "value": _spelled(kind, value), "options": _literals(field.annotation),
        "list": _list(name, extra["metavar"] or ""),
        "placeholder": _placeholder(task, name) or _hint(extra["metavar"] or ""),
    }  # fmt: skip


def _hint(metavar: str) -> str:
    """A metavar that says something; a single letter does not."""
    return metavar if len(metavar) > 2 else ""


def described(task: str) -> list[dict[str, Any]]:
    """The words that a page takes for a task, as OpenAPI describes parameters."""
    return [_described(task, name) for name in fields(task)]


def _described(task: str, name: str) -> dict[str, Any]:
    kind, example = kind_of(name), _placeholder(task, name)
    schema: dict[str, Any] = {"type": "string"}
    if kind == "choice":
        schema["enum"] = list(_literals(Question.model_fields[name].annotation))
    if kind == "flag":
        schema["enum"] = ["true", "false"]
    if kind == "date":
        schema["format"] = "date"
    if kind in ("many", "table"):
        schema = {"type": "array", "items": schema}
    found = {
        "name": "from" if name == "from_" else name, "in": "query", "schema": schema,
        "description": Question.model_fields[name].description,
    }  # fmt: skip
    return found | ({"example": [example] if kind in ("many", "table") else example}
                    if example else {})  # fmt: skip


def _placeholder(task: str, name: str) -> str:
    """What a field may hold, shown while it is empty."""
    known = settings()["placeholders"]
    return str(known.get(f"{task} {name}", known.get(name, "")))


_LABELS = {
    "to": "ship to", "on": "on the day", "train": "to train", "serve": "to serve",
    "against": "compare with", "cuts": "cut by cut", "but": "what if", "from_": "from",
    "hq": "buyer's headquarters", "input": "tokens in", "output": "tokens out",
    "concurrency": "clients at once", "rate": "or requests a second", "slo": "objectives",
    "seq": "tokens of a sequence", "tokens": "tokens to train on", "batch": "sequences of a step",
    "frontier": "frontier", "search": "every plan",
}  # fmt: skip


def _list(name: str, metavar: str) -> str:
    if is_model(name):
        return "models"
    if metavar == "CC":
        return "countries"
    return "all-chips" if metavar == "CHIP" else ""


def _spelled(kind: str, value: Any) -> Any:
    if kind == "flag":
        return bool(value)
    if kind == "many":
        return ", ".join(value or ())
    if kind == "table":
        return [f"{key}={each}" for key, each in (value or {}).items()]
    return "" if value is None else str(value)


@functools.cache
def units() -> dict[str, str]:
    """The SI unit of each figure of a chip."""
    return chip_units()


@functools.cache
def offered() -> Choices:
    """What the inputs suggest."""
    return choices()
