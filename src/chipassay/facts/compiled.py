"""All facts in one JSON file, compiled like a `.pyc`: once, and again when a source is newer.

A wheel carries the compiled file alone. In a source tree the YAML files are the truth; `load`
compares times and compiles afresh when one of them changed, so nothing stale is ever read.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from chipassay.errors import DataError

Compiled = dict[str, Any]
SCHEMA = 6
ENTRY_KINDS = {"chips": "chip", "systems": "system", "networks": "network"}
_FILE = "catalogue.json"


def load(data: Path) -> Compiled:
    """The shipped facts; recompiled first where a source file is newer than the compiled one."""
    compiled = data / _FILE
    if not (data / "fields").is_dir() or _is_current(data, compiled):
        loaded = _parsed(str(compiled), compiled.stat().st_mtime_ns)
        if loaded.get("schema") == SCHEMA:
            return loaded
    facts = compile_folder(data)
    with contextlib.suppress(OSError):  # a read-only installation compiles in memory each time
        write_json(compiled, facts)
    return facts


@functools.lru_cache(maxsize=4)
def _parsed(path: str, stamp: int) -> Compiled:  # noqa: ARG001
    """The file as it was at a time; nobody writes into what is read."""
    parsed: Compiled = json.loads(Path(path).read_bytes())
    return parsed


def compile_into(data: Path) -> Path:
    """Compile the folder's YAML into its `catalogue.json`."""
    path = data / _FILE
    write_json(path, compile_folder(data))
    return path


def compile_folder(data: Path, base: Compiled | None = None) -> Compiled:
    """Check and compile one folder of facts.

    `base` holds facts already compiled: a user's own folder may name its sources, and needs no
    fields of its own. Raises `DataError` with file and line.
    """
    from chipassay.facts.entry_file import read_core_designs, read_market, read_runs, read_sources
    from chipassay.facts.result_file import read_results
    from chipassay.facts.yaml_file import read_yaml

    fields, shown_fields = _fields(data if base is None else _shipped(), base)
    own: dict[str, Any] = {}
    for path in _files(data, "sources.yaml"):
        own |= read_sources(read_yaml(path))
    sources = dict(own)
    if base is not None:
        sources = _known_sources(base) | own
    facts: Compiled = {"schema": SCHEMA, "fields": shown_fields}
    facts["sources"] = {key: _lean(source.model_dump()) for key, source in own.items()}
    for kind, field_kind in ENTRY_KINDS.items():
        read = functools.partial(_entry, fields=fields[field_kind], sources=sources)
        facts[kind] = _each(data, kind, read)
    facts["models"] = _each(data, "models", lambda d: _model(d, sources))
    facts["market"] = _rows(data, "market", lambda d: read_market(d, sources))
    facts["runs"] = _rows(data, "runs", lambda d: read_runs(d, sources))
    facts["results"] = _rows(data, "results", lambda d: read_results(d, sources))
    facts["families"], facts["makers"] = _families(data)
    facts["core_designs"] = {
        key: design.model_dump()
        for path in _files(data, "core_designs.yaml")
        for key, design in read_core_designs(read_yaml(path), sources).items()
    }
    facts |= _lawful(data, sources)
    facts["assumptions"] = _each(data, "assumptions", lambda d: _assumption(d, sources))
    facts["stacks"] = _each(data, "stacks", lambda d: _stack(d, sources))
    facts["engines"] = _each(data, "engines", lambda d: _engine(d, sources))
    return facts


def _rows(data: Path, name: str, read: Callable[[Any], Iterable[Any]]) -> list[dict[str, Any]]:
    """The rows of a file that holds a list."""
    from chipassay.facts.yaml_file import read_yaml

    files = _files(data, f"{name}.yaml")
    return [_lean(row.model_dump()) for path in files for row in read(read_yaml(path))]


def write_json(path: Path, data: object) -> None:
    """Write to a temporary name beside `path`, then rename: never half a file."""
    write_text(path, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def write_text(path: Path, text: str) -> None:
    """Write text whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_current(data: Path, compiled: Path) -> bool:
    try:
        made = compiled.stat().st_mtime_ns
    except FileNotFoundError:
        return False
    return all(made > stamp for stamp in _stamps(data))


def _stamps(folder: Path) -> Iterator[int]:
    """Times of every YAML file and of every folder, since a deleted file leaves only that trace."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield entry.stat().st_mtime_ns
                yield from _stamps(Path(entry.path))
            elif entry.name.endswith(".yaml"):
                yield entry.stat().st_mtime_ns


def _shipped() -> Path:
    return Path(__file__).resolve().parent.parent / "data"


def _fields(data: Path, base: Compiled | None) -> tuple[dict[str, Any], Any]:
    from chipassay.facts.fields import Field, read_fields

    if base is not None:
        return {
            kind: {name: Field(name=name, **given) for name, given in fields.items()}
            for kind, fields in base["fields"].items()
        }, {}
    fields = {kind: read_fields(data / "fields" / f"{kind}.yaml") for kind in ENTRY_KINDS.values()}
    shown = {
        kind: {
            field.name: {
                key: getattr(field, key)
                for key in ("kind", "title", "basis", "unit", "compare")
                if getattr(field, key)
            }
            for field in of_kind.values()
        }
        for kind, of_kind in fields.items()
    }
    return fields, shown


def _known_sources(base: Compiled) -> dict[str, Any]:
    from chipassay.facts.entry_file import SourceFile

    return {key: SourceFile(**source) for key, source in base["sources"].items()}


def _files(data: Path, name: str) -> list[Path]:
    return [data / name] if (data / name).is_file() else []


def _each(data: Path, kind: str, read: Callable[[Any], tuple[str, Any]]) -> dict[str, Any]:
    from chipassay.facts.yaml_file import read_yaml

    result: dict[str, Any] = {}
    for path in sorted((data / kind).rglob("*.yaml")):
        key, value = read(read_yaml(path))
        if key in result:
            raise DataError(f"{key} stands in two files", where=str(path), hint="keep one")
        result[key] = value
    return result


def _families(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Words for a family of chips, and the makers."""
    from chipassay.facts.entry_file import read_families
    from chipassay.facts.yaml_file import read_yaml

    families: dict[str, Any] = {}
    makers: dict[str, Any] = {}
    for path in _files(data, "families.yaml"):
        found = read_families(read_yaml(path)).model_dump()
        families |= {key: _lean(family) for key, family in found["families"].items()}
        makers |= found["makers"]
    return families, makers


def _entry(document: Any, fields: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.entry_file import read_entry

    entry, values = read_entry(document, fields, sources)
    written = _lean(entry.model_dump(exclude={"figures", "id"}))
    figures = {}
    for name, figure in entry.figures.items():
        figures[name] = {**_lean(figure.model_dump(exclude={"rivals"})), "written": figure.value}
        figures[name]["value"] = values[name]
        figures[name]["rivals"] = [
            {
                **_lean(rival.model_dump()),
                "written": rival.value,
                "value": fields[name].read(rival.value, ""),
            }
            for rival in figure.rivals
        ]
        figures[name] = _lean(figures[name])
    return entry.id, {**written, "figures": figures}


def _model(document: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.model_file import read_model

    model = read_model(document, sources)
    return model.id, _lean(model.model_dump(exclude={"id"}))


def _countries(document: Any, sources: Any) -> Any:
    from chipassay.facts.country_file import read_countries

    return read_countries(document, sources).model_dump()


def _law(document: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.law_file import read_rule

    rule = read_rule(document, sources)
    return rule.id, _lean(rule.model_dump(exclude={"id"}))


def _lawful(data: Path, sources: Any) -> Compiled:
    """The paragraphs of law, the acts they belong to, the groups of countries."""
    from chipassay.facts.act_file import read_acts
    from chipassay.facts.yaml_file import read_yaml

    law = _each(data, "law", lambda d: _law(d, sources))
    acts = [
        _lean(act.model_dump())
        for path in _files(data, "acts.yaml")
        for act in read_acts(read_yaml(path), sources, law)
    ]
    countries: Any = {}
    for path in _files(data, "countries.yaml"):
        countries = _countries(read_yaml(path), sources)
    return {"law": law, "acts": acts, "countries": countries}


def _assumption(document: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.assumption_file import read_assumption

    assumption = read_assumption(document, sources)
    return assumption.id, _lean(assumption.model_dump(exclude={"id"}))


def _stack(document: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.stack_file import read_stack

    stack = read_stack(document, sources)
    return stack.id, stack.model_dump(exclude={"id"})


def _engine(document: Any, sources: Any) -> tuple[str, Any]:
    from chipassay.facts.engine_file import read_engine

    engine = read_engine(document, sources)
    return engine.id, engine.model_dump(exclude={"id"})


def _lean(record: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that say nothing."""
    return {key: value for key, value in record.items() if value is not None and value != []}
