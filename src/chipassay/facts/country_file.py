"""What the file of countries may say: names, dated groups, where makers are headquartered."""

from __future__ import annotations

from typing import Literal

from chipassay.errors import DataError
from chipassay.facts.entry_file import Confidence, Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document


class GroupFile(Strict):
    """A country group as it stood on the snapshot's day."""

    members: list[Line]
    cite: Line
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


class ChangeFile(Strict):
    """A country joins or leaves a group on a day."""

    day: Line
    group: Line
    country: Line
    change: Literal["joins", "leaves"]
    cite: Line
    sources: list[Id]
    confidence: Confidence


class MakersFile(Strict):
    """Where makers of parts are headquartered."""

    headquarters: dict[Line, Line]
    sources: list[Id]
    confidence: Confidence


class CountriesFile(Strict):
    """Every country by its two letters, the groups, and what changed in them."""

    snapshot: Line
    names: dict[Line, Line]
    treated_as: dict[Line, Line]
    groups: dict[Line, GroupFile]
    changes: list[ChangeFile]
    makers: MakersFile


def read_countries(document: Document, sources: dict[str, SourceFile]) -> CountriesFile:
    """The countries; every code used must be a country, every change name a group."""
    file = validated(CountriesFile, document)
    for name, group in file.groups.items():
        check_sources(group.sources, sources, document, ("groups", name, "sources"))
        _check_codes(group.members, file, document, ("groups", name))
    for index, change in enumerate(file.changes):
        check_sources(change.sources, sources, document, ("changes", index, "sources"))
        _check_codes([change.country], file, document, ("changes", index))
        if change.group not in file.groups:
            where = document.where(("changes", index))
            raise DataError(f"{change.group} is no group here", where=where, hint="add the group")
    _check_codes(list(file.makers.headquarters.values()), file, document, ("makers",))
    return file


def _check_codes(
    codes: list[str], file: CountriesFile, document: Document, at: tuple[str | int, ...]
) -> None:
    unknown = [code for code in codes if code not in file.names]
    if unknown:
        where = document.where(at)
        raise DataError(f"{unknown[0]} is no country here", where=where, hint="add its name")
