"""A model by name or by the path of its config.json, as structure and as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chipassay.catalogue.architectures import architecture, numbers, read_config
from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import UnknownNameError
from chipassay.facts.fact import Source
from chipassay.records.architecture import Architecture
from chipassay.records.model import Model
from chipassay.trace import leaf


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A language model, how it was found, and who says so."""

    id: str
    name: str
    architecture: Architecture
    sources: tuple[Source, ...]
    confidence: str
    remarks: tuple[str, ...] = ()

    def numbers(self) -> Model:
        """The model's numbers, each tagged with its name while somebody watches."""
        bare = numbers(self.architecture)
        named = zip(Model._fields, bare, strict=True)
        return Model(*(leaf(f"{self.id}.{name}", float(value)) for name, value in named))


def find_model(catalogue: Catalogue, name: str) -> FoundModel:
    """A model by an exact name, else by the path of a `config.json` or of its folder.

    Raises `UnknownNameError` with suggestions, or `QuestionError` for a config it cannot read.
    """
    try:
        id_, _ = catalogue.names("models").find(name)
    except UnknownNameError:
        if name.endswith(".json") or Path(name).is_dir():
            return _from_config(Path(name))
        raise
    written = catalogue.models()[id_]
    found = architecture(written["config"], id_, id=id_, name=written["name"])
    sources = tuple(map(catalogue.source, written["sources"]))
    return FoundModel(id_, written["name"], found, sources, written["config_confidence"])


def _from_config(path: Path) -> FoundModel:
    found = read_config(path)
    source = Source("config", f"the asker's {path.name}", str(path), "", "primary")
    notes = tuple(f"{path}: {note}" for note in found.notes)
    return FoundModel(found.id, found.name, found, (source,), "seen", notes)
