"""The text of a ruling: the verdict, the three lines, the paragraphs, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.views.outcomes import told

MakeTable = Callable[..., Table]
UNITS = {
    "performance": "bit.FLOP/s", "density": "bit.FLOP/s/m2", "input_output": "B/s",
    "memory_bandwidth": "B/s",
}  # fmt: skip


def ship_parts(ship: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """Everything under the verdict's sentence, and the sentence."""
    yield Text(verdict(ship, ship["chip"]["name"]), style="bold")
    yield Text("")
    yield three_lines(ship, table)
    yield Text("")
    yield paragraph_table(ship, table)
    yield Text("")
    if ship.get("ceilings"):
        yield _ceilings(ship, table)
        yield Text("")
    if ship.get("timeline"):
        yield _timeline(ship, table)
        yield Text("")
    yield law_notes(ship)


def verdict(ship: Mapping[str, Any], name: str) -> str:
    """One sentence: what, where, when, and the enforced outcome with its condition."""
    sentence = f"{name} to {ship['to']} on {ship['on']}: {told(ship['enforced']['outcome'])}"
    if ship["conditional"] and not ship["hq"]:
        sentence += f", for a buyer and parent headquartered in {ship['to']}"
    return sentence + "."


def three_lines(ship: Mapping[str, Any], table: MakeTable) -> Table:
    """Text, enforcement, practice."""
    made = table("law", "outcome", "because")
    for name, line in (("text", "codified"), ("enforced", "enforced"), ("practice", "practical")):
        made.add_row(name, told(ship[line]["outcome"]), ship[line]["because"])
    return made


def paragraph_table(ship: Mapping[str, Any], table: MakeTable) -> Table:
    """Each paragraph with its answer and the margin of the limit that decides."""
    made = table("paragraph", "answer", "inside by", "test", numbers=(2,))
    for paragraph in ship["paragraphs"]:
        margin = paragraph["margin"]
        distance = "-" if margin is None else f"{units.number(margin * 100, 3)} %"
        made.add_row(paragraph["id"], paragraph["outcome"], distance, paragraph["title"])
    return made


def law_notes(ship: Mapping[str, Any]) -> Text:
    """Figures, conditions, deadlines, alternatives, what would flip it, what was not checked."""
    lines = [_figures(ship)]
    lines += list(_conditions(ship))
    lines += list(_open(ship))
    for beside in ship["also"]:
        lines.append(f"Also ({beside['state']}): {beside['title']} ({beside['cite']}).")
    lines.append("Not checked: " + "; ".join(ship["not_checked"]) + ".")
    lines.append(f"Not legal advice: {ship['reach'].split(';')[0]}.")
    return Text("\n".join(lines))


def _figures(ship: Mapping[str, Any]) -> str:
    figures = [
        f"{name.replace('_', ' ')} "
        + ("unknown" if ship[name] is None else units.text(ship[name], unit, digits=4))
        for name, unit in UNITS.items()
    ]
    least = " (a lower bound)" if ship["performance_is_lower_bound"] else ""
    figures[0] += least
    market = {True: "for data centres", False: "not for data centres"}.get(
        ship["marketed_for_datacenter"], "market unknown"
    )
    known = ", ".join(ship.get("precisions", ())) or "none"
    return (
        f"Class {ship['classification']}; {', '.join(figures)}; {market}. "
        f"Performance is the highest over the precisions known: {known}."
    )


def _conditions(ship: Mapping[str, Any]) -> Iterator[str]:
    for condition in ship["conditional"]:
        outcome = told(condition["enforced"])
        yield f"If the buyer or its ultimate parent is {condition['if']}: {outcome}."
    if ship["conditions"]:
        yield "Conditions: " + "; ".join(ship["conditions"]) + "."
    for notice in ship["notices"]:
        yield f"Note: {notice}."


def _open(ship: Mapping[str, Any]) -> Iterator[str]:
    if ship["needs"]:
        yield "To settle it: " + "; ".join(ship["needs"]) + "."
    for rival in ship.get("depends_on", ()):
        yield (
            f"Depends on which: {rival['field']} = {rival['value']} "
            f"[{', '.join(rival['sources'])}] gives class {rival['classification']}, "
            f"{told(rival['enforced'])}."
        )
    for flip in ship["flips"][:2]:
        change = units.number(flip["by"] * 100, 3)
        told_as = f"{flip['classification']}, {told(flip['enforced'])}"
        yield f"An error of {change} % in {flip['figure'].replace('_', ' ')} makes it {told_as}."


def _ceilings(ship: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("figure", "may be", "is", "then it stays", numbers=(1, 2))
    for each in ship["ceilings"]:
        made.add_row(each["figure"], _bound(each), _shown(each["now"], each["unit"]), each["stays"])
    return made


def _bound(each: Mapping[str, Any]) -> str:
    bound = each["bound"]
    if bound == float("inf"):
        return "anything" if each["side"] == "below" else "nothing does"
    return "anything" if bound == 0 else f"{each['side']} {_shown(bound, each['unit'])}"


def _shown(value: float, unit: str) -> str:
    return "unknown" if value != value else units.text(value, unit)


def _timeline(ship: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("from", "class", "text", "enforced", "because")
    before = ""
    for row in ship["timeline"]:
        cells = [told(row[name]) for name in ("codified", "enforced")]
        because = row["because"] if row["because"] != before else f"practice: {row['practical']}"
        made.add_row(row["on"], row["classification"], *cells, because)
        before = row["because"]
    return made
