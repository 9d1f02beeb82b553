"""One door from plain YAML data to a pydantic record: every refusal names its file and line."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chipassay.errors import DataError, shown
from chipassay.facts.yaml_file import Document, Path_

T = TypeVar("T", bound=BaseModel)

_KINDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this file",
}


def validated(model: type[T], document: Document) -> T:
    """The document as a `model`; the first thing wrong with it as a `DataError` with file:line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        first = errors[0]
        more = f"{len(errors) - 1} more after this one" if len(errors) > 1 else ""
        at = _place(document, first["loc"])
        raise DataError(_sentence(first, at), where=document.where(at), hint=more) from None


def _place(document: Document, location: tuple[str | int, ...]) -> Path_:
    """pydantic's location without the names of union members, which no file contains."""
    at: Path_ = ()
    for part in location:
        if (*at, part) in document.lines or part == location[-1]:
            at = (*at, part)
    return at


def _sentence(error: ErrorDetails, at: Path_) -> str:
    field = ".".join(map(str, at)) or "the file"
    kind = error["type"]
    if kind in _KINDS:
        return f"{field} {_KINDS[kind]}"
    reason = error["msg"].removeprefix("Value error, ")
    return f"{field}: {reason[:1].lower()}{reason[1:]}, not {shown(error['input'])}"
