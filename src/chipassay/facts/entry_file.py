"""What a file of facts may say: chips, systems, networks, sources and market figures.

One pydantic model for each kind of file, extra keys forbidden. `read_entry` and its kin turn a
YAML document into checked records; every refusal names file and line.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from chipassay.errors import ChipassayError, DataError, UnknownNameError
from chipassay.facts.fields import Field, Value
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document

Confidence = Literal["seen", "memory", "estimate"]
SourceKind = Literal["primary", "secondary", "tertiary", "memory", "estimate"]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Line = Annotated[str, StringConstraints(min_length=1)]
MARKET_KINDS = (
    "sales", "shipments", "production", "plan", "share", "unit price", "rental price",
    "yield", "capacity", "demand", "charge", "exchange rate", "smuggling", "stock", "orders",
    "lost sales", "fee", "system price", "growth", "profit",
)  # fmt: skip
PRICE_KINDS = ("list", "release", "street", "contract", "used", "analyst", "reported")


class Strict(BaseModel):
    """Nothing unknown, nothing coerced, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RivalFile(Strict):
    """Another value that a source gives for the same figure."""

    value: str | int | float | bool
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


class FigureFile(Strict):
    """One figure as written: a quantity with its unit, text, a date or a flag; and who says so."""

    value: str | int | float | bool
    sources: list[Id]
    confidence: Confidence
    inherited_from: Line | None = None
    note: Line | None = None
    rivals: list[RivalFile] = []


class PriceFile(Strict):
    """What one chip cost, by one source, at one time."""

    value: Line
    kind: Literal["list", "release", "street", "contract", "used", "analyst", "reported"]
    date: Line
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


class EntryFile(Strict):
    """A chip, a system or a network: names, then figures under the fields of its kind."""

    id: Id
    name: Line
    aliases: list[Line] = []
    vendor: Line | None = None
    design: Line | None = None
    status: Line | None = None
    variant_of: Id | None = None
    core_name: Line | None = None
    chip: Id | None = None
    figures: dict[str, FigureFile]
    prices: list[PriceFile] = []
    notes: list[Line] = []


class SourceFile(Strict):
    """Where a figure was read. `kind` tells how strong a confirmation it is."""

    title: Line
    url: Line
    date: Line
    kind: SourceKind
    licence: Line | None = None
    note: Line | None = None


class MarketFile(Strict):
    """One dated market figure: `unit` says what is counted; `subject` a chip, firm or country."""

    quantity: Id
    kind: Literal[MARKET_KINDS]  # type: ignore[valid-type]
    subject: Line
    period: Line
    value: float | int
    unit: Line
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


class RunFile(Strict):
    """One figure of a training run: of which model, of what kind (`claims.trade_words`), of which
    part of the run; `words`: what a sentence must say for it to be of that part; `chips`: the
    chips it ran on, as the source of the figure names them."""

    model: Id
    figure: Line
    value: float | int
    unit: Line
    of: Line | None = None
    words: list[Line] = []
    chips: list[Id] = []
    by: Literal["maker", "outsider"] = "maker"
    sources: list[Id]
    confidence: Confidence


class FamilyFile(Strict):
    """A name that several variants share: which one is meant by default, and why."""

    default: Id
    others: list[Id]
    because: Line
    aliases: list[Line] = []


class _Sources(Strict):
    sources: dict[Id, SourceFile]


class _Market(Strict):
    market: list[MarketFile]


class _Runs(Strict):
    runs: list[RunFile]


class FamiliesFile(Strict):
    """Names that several variants share, and how makers' names are written."""

    families: dict[Id, FamilyFile] = {}
    makers: dict[Line, list[Line]] = {}


def read_sources(document: Document) -> dict[str, SourceFile]:
    """Every source of one file."""
    return validated(_Sources, document).sources


def read_market(document: Document, sources: dict[str, SourceFile]) -> list[MarketFile]:
    """Every market figure, its sources checked."""
    market = validated(_Market, document).market
    for index, row in enumerate(market):
        check_sources(row.sources, sources, document, ("market", index, "sources"))
    return market


def read_runs(document: Document, sources: dict[str, SourceFile]) -> list[RunFile]:
    """Every figure of a training run, its sources checked."""
    runs = validated(_Runs, document).runs
    for index, row in enumerate(runs):
        check_sources(row.sources, sources, document, ("runs", index, "sources"))
    return runs


class CoreDesignFile(Strict):
    """Chips whose cores are built alike, by the entries' `design`."""

    title: Line
    feed: Literal["registers", "shared memory"]
    """Where the matrix unit takes its operands from."""
    designs: list[Line]
    lanes_per_core: int | None = None
    """FP32 lanes, which NVIDIA calls CUDA cores."""
    matrix_units_per_core: int | None = None
    matrix_unit_generation: int | None = None
    """As the maker counts the generations of its matrix units."""
    sources: list[Id]


class CoreDesignsFile(Strict):
    """The core designs, by id."""

    core_designs: dict[Id, CoreDesignFile]


def read_core_designs(
    document: Document, sources: dict[str, SourceFile]
) -> dict[str, CoreDesignFile]:
    """The core designs, their sources checked."""
    read = validated(CoreDesignsFile, document).core_designs
    for id_, design in read.items():
        check_sources(design.sources, sources, document, ("core_designs", id_, "sources"))
    return read


def read_families(document: Document) -> FamiliesFile:
    """The names that several variants share."""
    return validated(FamiliesFile, document)


def read_entry(
    document: Document, fields: dict[str, Field], sources: dict[str, SourceFile]
) -> tuple[EntryFile, dict[str, Value]]:
    """One entry and its figures in SI units, checked against the fields and the sources.

    Raises `DataError` with file and line for an unknown key or field, a wrong unit, a missing or
    unknown source, an identifier that is not the file's name.
    """
    entry = validated(EntryFile, document)
    if entry.id != document.path.stem:
        problem = f"id {entry.id} stands in a file named {document.path.name}"
        raise DataError(problem, where=document.where(("id",)), hint="name the file after the id")
    values = {}
    for name, figure in entry.figures.items():
        at = ("figures", name)
        if name not in fields:
            raise _as_data_error(UnknownNameError("field", name, fields), document.where(at))
        values[name] = _read_value(fields[name], figure.value, document.where((*at, "value")))
        check_sources(figure.sources, sources, document, (*at, "sources"))
        for index, rival in enumerate(figure.rivals):
            below = (*at, "rivals", index)
            _read_value(fields[name], rival.value, document.where((*below, "value")))
            check_sources(rival.sources, sources, document, (*below, "sources"))
    for index, price in enumerate(entry.prices):
        check_sources(price.sources, sources, document, ("prices", index, "sources"))
    return entry, values


def check_sources(
    named: list[str],
    sources: dict[str, SourceFile],
    document: Document,
    at: tuple[str | int, ...],
) -> None:
    """Every figure names at least one source, and every source named is known."""
    if not named:
        problem = "no source is named"
        raise DataError(problem, where=document.where(at), hint="add a key of the sources file")
    for source in named:
        if source not in sources:
            unknown = UnknownNameError("source", source, sources)
            raise _as_data_error(unknown, document.where(at))


def _read_value(field: Field, written: object, where: str) -> Value:
    try:
        return field.read(written, where)
    except ChipassayError as error:
        raise _as_data_error(error, where) from None


def _as_data_error(error: ChipassayError, where: str) -> DataError:
    return DataError(error.what, where=where, hint=error.hint)
