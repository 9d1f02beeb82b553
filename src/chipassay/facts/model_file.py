"""What a file of a language model may say: names, its config in Hugging Face's keys, totals."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chipassay.errors import DataError
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document, Path_

Convention = Literal["all", "without_input_embedding", "without_embeddings"]
Confidence = Literal["seen", "memory", "estimate"]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Line = Annotated[str, StringConstraints(min_length=1)]
Sources = Annotated[list[Id], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PublishedFile(_Strict):
    """A parameter count as its maker prints it; `exception` says why ours differs by over 1 %."""

    value: Annotated[float, Field(gt=0)]
    sources: Sources
    confidence: Confidence
    exception: Line | None = None


class PublishedActiveFile(PublishedFile):
    """A count of active parameters, and which weights its maker seems to have counted."""

    convention: Convention


class PublishedCountsFile(_Strict):
    """What the maker publishes about the size."""

    total_parameters: PublishedFile | None = None
    active_parameters: PublishedActiveFile | None = None


class ModelFile(_Strict):
    """One language model. `config` holds the keys of its config.json that shape it."""

    id: Id
    name: Line
    organisation: Line
    released: Line
    aliases: list[Line] = []
    config: dict[str, Any]
    config_confidence: Literal["seen", "memory"]
    sources: Sources
    published: PublishedCountsFile = PublishedCountsFile()
    notes: list[Line] = []


def read_model(document: Document, sources: Container[str] | None = None) -> ModelFile:
    """The checked file of one model; with `sources`, every source it names must be among them.

    Raises `DataError` with file and line for an unknown key, a wrong type, a missing or unknown
    source, a config without `model_type`, or an id that is not the file's name.
    """
    model = validated(ModelFile, document)
    if model.id != document.path.stem:
        problem = f"id {model.id} stands in a file named {document.path.name}"
        raise DataError(problem, where=document.where(("id",)), hint="name the file after the id")
    if not isinstance(model.config.get("model_type"), str):
        problem = "config.model_type is missing"
        hint = "copy it from config.json, or write decoder"
        raise DataError(problem, where=document.where(("config",)), hint=hint)
    for at, named in _named_sources(model):
        for source in named:
            if sources is not None and source not in sources:
                problem = f"no source is called {source}"
                raise DataError(problem, where=document.where(at), hint="add it to sources.yaml")
    return model


def _named_sources(model: ModelFile) -> list[tuple[Path_, list[str]]]:
    """Every list of sources in the file, and where it stands."""
    published = {
        "total_parameters": model.published.total_parameters,
        "active_parameters": model.published.active_parameters,
    }
    found: list[tuple[Path_, list[str]]] = [(("sources",), model.sources)]
    for name, count in published.items():
        if count is not None:
            found.append((("published", name, "sources"), count.sources))
    return found
