"""What a question may name: chips, models and countries, for a door that offers them."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.catalogue.catalogue import Catalogue


class Choices(NamedTuple):
    """Identifiers with what they stand for, in the order of the catalogue."""

    chips: dict[str, str]
    models: dict[str, str]
    countries: dict[str, str]


def choices() -> Choices:
    """Everything the shipped catalogue can be asked about by name."""
    catalogue = Catalogue.shipped()
    return Choices(
        {entry.id: entry.name for entry in catalogue.chips()},
        {id_: model["name"] for id_, model in catalogue.models().items()},
        {code: name.split(";")[0] for code, name in catalogue.countries()["names"].items()},
    )


def chip_units() -> dict[str, str]:
    """The SI unit of each figure of a chip, "1" where it is a count."""
    return {name: field.si or "1" for name, field in Catalogue.shipped().fields("chip").items()}


def check_model(name: str) -> None:
    """Refuse a model that is not in the catalogue: no name is ever read as a path here.

    Raises `UnknownNameError` with suggestions.
    """
    Catalogue.shipped().names("models").find(name)
