"""Decided cases beside what the engine says: `validate law FILE`, on the columns of cases.csv."""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnitError, UnknownNameError, shown
from chipassay.facts.compiled import write_text
from chipassay.law import rulebook
from chipassay.law.classes import PRE_2023
from chipassay.law.countries import Countries
from chipassay.law.item import measured
from chipassay.law.judge import Finding, Part, judge
from chipassay.law.parcel import HOME, Parcel, Party, party
from chipassay.records.answer import Answer
from chipassay.records.answer import Part as Fields
from chipassay.records.item import Item
from chipassay.records.question import Question
from chipassay.units import parse

Row = Mapping[str, str]
NEEDED = ("chip", "destination", "as_of_date", "expected_classification", "expected_outcome")
KINDS = ("ic", "system", "memory", "foundry")
WINDOW_DAY = "2026-01-15"
_RATES = re.compile(r"(\d+(?:\.\d+)?)\s*(dense\s*|sparse\s*|)x\s*(4|6|8|16|32|64)\b")
_TOLERANCE = 0.01
"""How far a rounded density of a table may lie from the quotient of its columns."""
BY = ("expected_classification", "expected_outcome", "kind", "destination", "confidence")


def law(question: Question, catalogue: Catalogue) -> Answer:
    """`validate law FILE`: every case decided by the engine and compared."""
    path = Path(question.file or "")
    rows = _read(path)
    skipped: Counter[str] = Counter()
    judged = []
    for number, row in enumerate(rows, start=2):
        try:
            finding = decided(row, catalogue)
        except (QuestionError, UnitError, UnknownNameError) as refusal:
            skipped[f"{row.get('case_id') or f'line {number}'}: {refusal}"] += 1
            continue
        judged.append((row, *_answers(finding), finding))
    wrong = [_told(*each) for each in judged if not _agrees(each[0], each[1], each[2])]
    answer: dict[str, Any] = {
        "table": path.name,
        "rows": len(rows),
        "predicted": len(judged),
        "skipped": [{"reason": reason, "count": count} for reason, count in skipped.items()],
        "agree": len(judged) - len(wrong),
        "disagree": wrong,
        "metrics": {
            "all": _share([_agrees(row, class_, outcome) for row, class_, outcome, _ in judged]),
            "by": {name: _by(judged, name) for name in BY},
        },
    }
    if question.rows:
        write_text(Path(question.rows), _csv(judged))
        answer["written"] = question.rows
    return Answer(question, Fields(answer), warnings=_unread(rows))


def _read(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        raise QuestionError(str(reason), where=str(path), hint="give a .csv of cases") from None
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        hint = "the columns are those of law/cases.csv"
        problem = f"no column {', '.join(missing)}"
        raise QuestionError(problem, where=str(path), hint=hint)
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]


def decided(row: Row, catalogue: Catalogue) -> Finding:
    """The engine's finding for one case.

    Raises `QuestionError` for a day, a country, a party or a figure that cannot be read, for a
    sparse rate, and for figures that contradict one another.
    """
    countries = Countries(catalogue.countries())
    part = _part(row, catalogue)
    parcel = _parcel(row, part, countries)
    book = rulebook.at(parcel.on, catalogue.rules())
    return judge(_item(row), part, parcel, book, countries)


def _part(row: Row, catalogue: Catalogue) -> Part:
    kind = row.get("kind") or "ic"
    if kind not in KINDS:
        hint = f"write {', '.join(KINDS)}"
        raise QuestionError(f"{shown(kind)} is no kind of part", where="kind", hint=hint)
    name = row["chip"]
    id_, maker = "", _maker(name, catalogue)
    try:
        entry = catalogue.chip(name).entry
        id_, maker = entry.id, entry.vendor or maker
    except UnknownNameError:
        pass  # a table may name parts that nobody catalogued; its figures are judged all the same
    told = f"{name} {row.get('spec_note', '')}" if kind == "foundry" else name
    return Part(id_, told, maker, kind)


def _maker(name: str, catalogue: Catalogue) -> str:
    """The maker whose name a part's begins with; "" where none is known."""
    makers = catalogue.countries()["makers"]["headquarters"]
    spelled = f"{name} ".casefold()
    return next((each for each in makers if spelled.startswith(f"{each} ".casefold())), "")


def _parcel(row: Row, part: Part, countries: Countries) -> Parcel:
    to = countries.code(re.sub(r"\s*\(.*\)", "", row["destination"]), where="destination")
    movement = row.get("movement", "").casefold()
    transfer = "transfer" in movement
    origin = _country(row, "ship_from", countries, to if transfer else HOME)
    abroad = origin != HOME
    designer = countries.headquarters(part.maker)
    if transfer:
        moved = "transfer"
    elif "reexport" in movement or "re-export" in movement:
        moved = "reexport"
    else:
        moved = "reexport" if abroad and not movement and designer == HOME else "export"
    return Parcel(
        on=_day(row["as_of_date"]),
        to=to,
        origin=origin,
        headquarters=_country(row, "hq", countries),
        movement=moved,
        party=_party(row, part),
        designer=designer,
    )


def _party(row: Row, part: Part) -> Party:
    """The party; one whose words name no kind that a rule asks for has no bearing."""
    if part.kind == "foundry":
        return Party("fabricator")
    try:
        return party(row.get("party", ""), where="party")
    except QuestionError:
        return Party()


def _unread(rows: list[dict[str, str]]) -> tuple[str, ...]:
    """A remark for each party whose words were not understood."""
    told = []
    for row in rows:
        try:
            party(row.get("party", ""))
        except QuestionError as refusal:
            told.append(f"{row.get('case_id', '')}: {refusal.what}; taken for none")
    return tuple(told)


def _country(row: Row, name: str, countries: Countries, default: str = "") -> str:
    """The country in a column; words in brackets after it are remarks."""
    written = re.sub(r"\s*\(.*\)", "", row.get(name, "")).strip()
    if not written or written.casefold() == "unknown":
        return default
    return countries.code(written, where=name)


def _day(written: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(written)
    except ValueError:
        hint = "write it as 2025-07-15"
        raise QuestionError(f"{shown(written)} is no day", where="as_of_date", hint=hint) from None


def _item(row: Row) -> Item:
    """The measured part. The table rounds its densities, so an area goes before them."""
    performance = _figure(row, "tpp", "TPP", "bit.FLOP/s")
    _check_rates(row, performance)
    area = _figure(row, "die_area_mm2", "mm2", "m2")
    density = _figure(row, "pd", "TPP/mm2", "bit.FLOP/s/m2")
    if area == 0:
        raise QuestionError("a die area of zero", where="die_area_mm2", hint="leave it blank")
    memory = _figure(row, "mem_bw", "GB/s", "B/s")
    launch = row.get("us_launch", "")
    launch = f"{launch}-01" if re.fullmatch(r"\d{4}-\d\d", launch) else launch
    item = measured(
        performance,
        area,
        input_output=_figure(row, "io_bandwidth_GBps", "GB/s", "B/s"),
        memory_bandwidth=memory,
        for_datacenter={"yes": 1.0, "no": 0.0}.get(row.get("marketed_for_datacenter", ""), 0.5),
        stack_density=_figure(row, "mbd", "GB/s/mm2", "B/s/m2"),
        launched=0.0 if launch and _day(launch).isoformat() > WINDOW_DAY else 1.0,
        conditions=_asserted(row.get("memory_conditions", "")),
        transistors=_figure(row, "transistors", "", "1"),
    )
    if math.isnan(area):
        return item._replace(density=density, density_most=density)
    if not math.isnan(density) and abs(density / float(item.density) - 1) > _TOLERANCE:
        problem = "the density is not performance over die area"
        raise QuestionError(problem, where="pd", hint="correct one of the three")
    return item


def _check_rates(row: Row, performance: float) -> None:
    """Refuse a performance below what the case's own rates give, and one made of a sparse rate."""
    for rate, basis, bits in _RATES.findall(row.get("spec_note", "")):
        product = parse(f"{float(rate) * int(bits)!r} TPP", "bit.FLOP/s")
        same = abs(performance / product - 1) < _TOLERANCE
        if "sparse" in basis and same:
            problem = f"{rate} is a sparse rate; 3A090 counts dense ones (Technical Note 3)"
            raise QuestionError(problem, where="tpp", hint="give the dense rate")
        if "sparse" not in basis and performance < product * (1 - _TOLERANCE):
            problem = f"a performance below what its own rate gives, {rate} x {bits}"
            raise QuestionError(problem, where="tpp", hint="correct one of the two")


def _asserted(told: str) -> float:
    """Whether a case asserts the conditions of licence exception HBM."""
    text = told.casefold()
    return 1.0 if "all" in text and not re.search(r"\bnot\b|\bexcept\b|\bno\b", text) else 0.0


def _figure(row: Row, name: str, spelling: str, unit: str) -> float:
    written = row.get(name, "")
    return parse(f"{written} {spelling}", unit, where=name) if written else math.nan


def _answers(finding: Finding) -> tuple[str, str]:
    class_ = finding.classification
    names = {PRE_2023: "3A090", "pre-2023 4A090": "4A090"}
    return names.get(class_, class_), finding.enforced.outcome


def _agrees(row: Row, class_: str, outcome: str) -> bool:
    expected = row["expected_classification"].removeprefix("pre-2023 ")
    return (class_, outcome) == (expected, row["expected_outcome"])


def _told(row: Row, class_: str, outcome: str, finding: Finding) -> dict[str, str]:
    return {
        "case": row.get("case_id", ""),
        "chip": row["chip"],
        "destination": row["destination"],
        "on": row["as_of_date"],
        "expected": f"{row['expected_classification']} / {row['expected_outcome']}",
        "answered": f"{class_} / {outcome}",
        "because": finding.enforced.because,
        "source": row.get("source", ""),
    }


def _by(judged: list[Any], name: str) -> dict[str, dict[str, float]]:
    values = sorted({row.get(name, "") for row, *_ in judged})
    return {
        value: _share([_agrees(r, c, o) for r, c, o, _ in judged if r.get(name, "") == value])
        for value in values
    }


def _share(agreed: list[bool]) -> dict[str, float]:
    return {"n": len(agreed), "agree": sum(agreed), "share": sum(agreed) / max(len(agreed), 1)}


def _csv(judged: list[Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ("case_id", "chip", "destination", "as_of_date")
    writer.writerow((*names, "expected", "answered", "agrees", "because"))
    for row, class_, outcome, finding in judged:
        expected = f"{row['expected_classification']} / {row['expected_outcome']}"
        given = [row.get(name, "") for name in names]
        agrees = "yes" if _agrees(row, class_, outcome) else "no"
        writer.writerow(
            (*given, expected, f"{class_} / {outcome}", agrees, finding.enforced.because)
        )
    return text.getvalue()
