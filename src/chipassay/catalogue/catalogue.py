"""The catalogue at work: compiled facts, a user's own laid over them, and what-ifs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chipassay.catalogue.names import Family, Names, remark
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.compiled import ENTRY_KINDS, Compiled, compile_folder, load
from chipassay.facts.fact import Entry, Fact, Price, Rival, Source
from chipassay.facts.fields import Field

DATA = Path(__file__).resolve().parent.parent / "data"
ASKER = Source("asker", "the question itself", "", "", "estimate")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and what must be said about how its name was read."""

    entry: Entry
    remarks: tuple[str, ...] = ()


class Catalogue:
    """Every entry by name. `what_ifs` maps an entry's id to the figures the asker sets."""

    def __init__(self, facts: Compiled) -> None:
        self._facts = facts
        self._what_ifs: dict[str, dict[str, str]] = {}
        self._tables: dict[str, Names] = {}
        self._entries: dict[tuple[str, str], Entry] = {}

    @classmethod
    def shipped(cls) -> Catalogue:
        """The facts that come with the program; the same catalogue while no file changes."""
        facts = load(DATA)
        if not _SHIPPED or _SHIPPED[0]._facts is not facts:
            _SHIPPED[:] = [cls(facts)]
        return _SHIPPED[0]

    def overlaid(self, folder: Path) -> Catalogue:
        """This catalogue with a user's own folder laid over it; its entries win."""
        if not folder.is_dir():
            hint = "give a folder with chips/*.yaml, systems/*.yaml or models/*.yaml"
            raise QuestionError("there is no such folder", where=str(folder), hint=hint)
        own = compile_folder(folder, base=self._facts)
        if not any(own[kind] for kind in (*ENTRY_KINDS, "models")):
            hint = "put entries in chips/, systems/ or models/"
            raise QuestionError("no facts lie in this folder", where=str(folder), hint=hint)
        facts = dict(self._facts)
        for kind in (*ENTRY_KINDS, "models", "sources", "families", "makers"):
            facts[kind] = {**self._facts[kind], **own[kind]}
        facts["market"] = [*self._facts["market"], *own["market"]]
        facts["runs"] = [*self._facts["runs"], *own["runs"]]
        facts["results"] = [*self._facts["results"], *own["results"]]
        return Catalogue(facts)

    def but(self, what_ifs: Mapping[str, str]) -> Catalogue:
        """This catalogue with figures as the asker sets them: `{"h20.memory_capacity": "1 TB"}`.

        Raises `QuestionError` for an unknown chip or field, or a value that does not fit it.
        """
        changed = Catalogue(self._facts)
        for path, value in what_ifs.items():
            name, dot, field = path.rpartition(".")
            where = f"--but {path}={value}"
            if not dot:
                hint = "write CHIP.FIELD=VALUE, as in h20.memory_bandwidth=5TB/s"
                raise QuestionError("no field is named", where=where, hint=hint)
            id_, _ = self.names("chips").find(name, where=where)
            self.field("chip", field, where=where).read(value, where)
            changed._what_ifs.setdefault(id_, {})[field] = value
        return changed

    def chip(self, name: str) -> Found:
        """A chip by any of its exact names. Raises `UnknownNameError` with suggestions."""
        return self._found("chips", name)

    def chip_entry(self, id_: str) -> Entry:
        """A chip by its id, as it stands with the asker's what-ifs."""
        return self._entry("chips", id_)

    def system(self, name: str) -> Found:
        """A system by any of its exact names."""
        return self._found("systems", name)

    def chips(self) -> list[Entry]:
        """Every chip, in the order of the files' names."""
        return [self._entry("chips", id_) for id_ in self._facts["chips"]]

    def systems(self) -> list[Entry]:
        """Every system, in the order of the files' names."""
        return [self._entry("systems", id_) for id_ in self._facts["systems"]]

    def systems_of(self, chip: str) -> list[Entry]:
        """The systems that carry a chip."""
        systems = self._facts["systems"]
        return [self._entry("systems", id_) for id_ in systems if systems[id_].get("chip") == chip]

    def vendors(self) -> set[str]:
        """The makers of chips."""
        return {chip["vendor"] for chip in self._facts["chips"].values() if "vendor" in chip}

    def makers(self) -> dict[str, tuple[str, ...]]:
        """How each maker's name is written."""
        return {maker: tuple(names) for maker, names in self._facts["makers"].items()}

    def market_rows(self) -> list[dict[str, Any]]:
        """Every dated market figure."""
        return list(self._facts["market"])

    def runs(self) -> list[dict[str, Any]]:
        """What makers of models say their training runs took."""
        return list(self._facts["runs"])

    def results(self) -> list[dict[str, Any]]:
        """What firms reported of themselves."""
        return list(self._facts["results"])

    def core_design(self, chip: Entry) -> tuple[str, str]:
        """A chip's core design and where its matrix unit takes operands from; "" where unknown."""
        for id_, core in self._facts["core_designs"].items():
            if chip.design in core["designs"]:
                return id_, core["feed"]
        return "", ""

    def matrix_generation(self, chip: Entry) -> tuple[int, tuple[str, ...]]:
        """Of which generation a chip's matrix units are, and who says so; 0 where unknown."""
        core: dict[str, Any] = self._facts["core_designs"].get(self.core_design(chip)[0], {})
        return core.get("matrix_unit_generation") or 0, tuple(core.get("sources", ()))

    def per_core(self, chip: Entry, what: str) -> tuple[float, tuple[str, ...]]:
        """How many `lanes` or `matrix_units` one core has, and who says so; NaN where unknown."""
        core: dict[str, Any] = self._facts["core_designs"].get(self.core_design(chip)[0], {})
        count = core.get(f"{what}_per_core")
        return (float("nan"), ()) if count is None else (float(count), tuple(core["sources"]))

    def market(self, subject: str) -> list[dict[str, Any]]:
        """The dated market figures about a chip."""
        return [row for row in self._facts["market"] if row["subject"] == subject]

    def models(self) -> dict[str, Any]:
        """The model entries as written, by id."""
        models: dict[str, Any] = self._facts["models"]
        return models

    def rules(self) -> dict[str, Any]:
        """The rules of law as written, by id."""
        rules: dict[str, Any] = self._facts["law"]
        return rules

    def acts(self) -> list[dict[str, Any]]:
        """The acts of law and policy as written: what a text may call a rule, and its days."""
        acts: list[dict[str, Any]] = self._facts.get("acts", [])
        return acts

    def stacks(self) -> dict[str, Any]:
        """Training frameworks as their files have them, by id."""
        return dict(self._facts["stacks"])

    def engines(self) -> dict[str, Any]:
        """Inference engines as their files have them, by id."""
        return dict(self._facts["engines"])

    def countries(self) -> dict[str, Any]:
        """Countries, their dated groups and where makers sit, as written."""
        countries: dict[str, Any] = self._facts["countries"]
        return countries

    def assumption(self, id_: str) -> dict[str, Any]:
        """One assumed constant, with the script and the rows behind it."""
        assumption: dict[str, Any] = self._facts["assumptions"][id_]
        return assumption

    def source(self, key: str) -> Source:
        """A source by its key."""
        return ASKER if key == "asker" else Source(key, **self._facts["sources"][key])

    @functools.cached_property
    def _fields(self) -> dict[str, dict[str, Field]]:
        return {
            kind: {name: Field(name=name, **given) for name, given in fields.items()}
            for kind, fields in self._facts["fields"].items()
        }

    def fields(self, kind: str) -> dict[str, Field]:
        """The fields of "chip", "system" or "network", in their order."""
        return self._fields[kind]

    def field(self, kind: str, name: str, *, where: str = "") -> Field:
        """One field by its exact name. Raises `UnknownNameError` with suggestions."""
        fields = self.fields(kind)
        if name not in fields:
            hint = "rates here are dense, never sparse" if "sparse" in name.casefold() else ""
            raise UnknownNameError("field", name, fields, where=where, hint=hint)
        return fields[name]

    def names(self, kind: str) -> Names:
        """The table of names of "chips", "systems" or "models"."""
        if kind not in self._tables:
            self._tables[kind] = self._names(kind)
        return self._tables[kind]

    def _found(self, kind: str, name: str) -> Found:
        id_, family = self.names(kind).find(name)
        entry = self._entry(kind, id_)
        if family is None:
            return Found(entry)
        names = {key: chip["name"] for key, chip in self._facts[kind].items()}
        return Found(entry, (remark(name, family, names),))

    def _entry(self, kind: str, id_: str) -> Entry:
        """One entry, built once: what-ifs are set before anything is looked up."""
        found = self._entries.get((kind, id_))
        if found is None:
            found = self._entries[(kind, id_)] = self._built(kind, id_)
        return found

    def _built(self, kind: str, id_: str) -> Entry:
        written = self._facts[kind][id_]
        asked = self._what_ifs.get(id_, {}) if kind == "chips" else {}
        facts = {
            name: self._fact(kind, id_, name, figure) for name, figure in written["figures"].items()
        }
        plain = {
            key: written[key]
            for key in ("vendor", "design", "status", "chip", "core_name", "variant_of")
            if key in written
        }
        entry = Entry(
            id=id_,
            name=written["name"],
            facts=facts,
            aliases=tuple(written.get("aliases", ())),
            prices=tuple(map(self._price, written.get("prices", ()))),
            notes=tuple(written.get("notes", ())),
            **plain,
        )
        return self._modified(entry, asked) if asked else entry

    def _modified(self, entry: Entry, asked: Mapping[str, str]) -> Entry:
        """A changed copy renames itself, so nobody takes it for the real part."""
        facts = dict(entry.facts)
        for name, value in asked.items():
            field = self.field("chip", name)
            read = field.read(value, f"--but {entry.id}.{name}={value}")
            facts[name] = Fact(entry.id, field, read, value, (ASKER,), "asked")
        return replace(entry, name=f"{entry.name} (modified)", facts=facts, modified=True)

    def _fact(self, kind: str, id_: str, name: str, figure: dict[str, Any]) -> Fact:
        field = self.fields(ENTRY_KINDS[kind])[name]
        rivals = tuple(
            Rival(
                value=rival["value"],
                written=str(rival["written"]),
                sources=tuple(map(self.source, rival["sources"])),
                confidence=rival["confidence"],
                note=rival.get("note", ""),
            )
            for rival in figure.get("rivals", ())
        )
        return Fact(
            subject=id_,
            field=field,
            value=figure["value"],
            written=str(figure["written"]),
            sources=tuple(map(self.source, figure["sources"])),
            confidence=figure["confidence"],
            rivals=rivals,
            inherited_from=figure.get("inherited_from", ""),
            note=figure.get("note", ""),
        )

    def _price(self, price: dict[str, Any]) -> Price:
        return Price(
            written=price["value"],
            kind=price["kind"],
            date=price["date"],
            sources=tuple(map(self.source, price["sources"])),
            confidence=price["confidence"],
            note=price.get("note", ""),
        )

    def _names(self, kind: str) -> Names:
        table = Names(kind.removesuffix("s"))
        makers = self._facts["makers"]
        for id_, entry in self._facts[kind].items():
            names = [entry["name"], *entry.get("aliases", ())]
            table.add(id_, names, makers.get(entry.get("vendor"), ()), where=id_)
        if kind == "chips":
            for id_, family in self._facts["families"].items():
                shared = Family(id_, family["default"], tuple(family["others"]), family["because"])
                vendor = self._facts["chips"][shared.default].get("vendor")
                table.add_family(shared, family.get("aliases", ()), makers.get(vendor, ()))
        return table


_SHIPPED: list[Catalogue] = []
"""The shipped catalogue once made, so that its tables of names are made once."""
