"""A figure that a firm reported of itself, before its own report: right, or wrong for its period.

Only here is a figure of trade called wrong: firm, part, kind and period must be said outright, no
other figure of the kind may stand in the sentence, and each word must be known.
"""

from __future__ import annotations

import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict
from chipassay.claims.known_words import CHINESE, LATIN, strange_word
from chipassay.claims.trade.periods import is_same, period_of
from chipassay.claims.verdicts.tolerance import agrees, differs, is_coarse
from chipassay.units import text

_FIGURES = {"sales": "revenue", "profit": "profit", "gross margin": "gross margin",
            "growth": "growth", "share": "share of revenue"}  # fmt: skip
_PARTS = {
    "data center": re.compile(r"data[- \u2011]?cent(?:er|re)s?\b|数据中心", re.I),
    "china": re.compile(r"\bChin(?:a|ese)\b|Hong Kong|中国|中國|在华|对华"),
}
_OTHER_PART = re.compile(
    r"gaming|automotive|networking|compute\b|client|embedded|segment|visuali[sz]ation|cloud|consumer"
    r"|device|outside|excluding|non-China|Singapore|Taiwan|United States|America|H20|H200|MI3\d\d"
    r"|Instinct|Blackwell|Hopper|Ascend|AI (?:chip|GPU)|per share|游戏|网络", re.I,
)  # fmt: skip
"""Parts of a firm, and products, whose figures are not held here."""
_FISCAL = re.compile(r"fiscal|\bFY|财年|財年", re.I)
_ON_QUARTER = re.compile(
    r"quarter[- ](?:on|over)[- ]quarter|sequential|\bqoq\b|q/q|(?:previous|prior) quarter|环比",
    re.I,
)
_NON_GAAP = re.compile(r"non-GAAP|adjusted|excluding", re.I)
_TOLD = """
revenue revenues sales turnover reported reports report posted posts booked recorded record total
totaled totalled came come comes reached reaches hit stood was were is quarter quarterly fiscal fy
full-year annual year years half first second third fourth for in of the its to at q1 q2 q3 q4 h1
h2 data center centre business division unit company's company firm grew grow rose rises rise jump
jumped climbed climb up increased increase surged surge soared gained year-on-year year-over-year
yoy on from earlier ago previous same period gaap non-gaap gross margin margins net profit income
earned earnings made making generated generating brought took accounted accounts account made up
share percent represented represents roughly some almost just under over more billion million
trillion yuan dollars dollar usd rmb us china hong kong including ended ending january april july
october results result chipmaker chip maker giant nvidia amd spent research development r&d basis
charge charges inventory write-down writedown written write down off impairment h20 mi308 expected
expects expect licence license requirement requirements export controls new before unable ship
could not lost lose loss losses unshipped took taken take incurred recognized recognised excess
purchase obligations due because related tied said says swung swings swing loss first-half
second-half half-year
"""
_KNOWN = LATIN | frozenset(_TOLD.split())
_CHINESE = re.compile(
    "财年|財年|财政年度|营业收入|营收|總營收|收入|净利润|净利|利润|毛利率|毛利|同比|环比|增长|增幅|上涨|下降|季度|第一|第二|第三|第四|上半年|下半年"
    "|全年|半年|年度|亿元|亿|万元|元|美元|人民币|研发|投入|支出|费用|占|占比|达到|达|为|实现|录得|公司|数据中心|业务|总|计提|减值|库存|存货|损失|因|受"
    f"|出口|管制|影响|预计|曾|报告|公布|财报|显示|其中|累计|约|{CHINESE.pattern}"
)
_CLOSE = 0.012
"""Reports are rounded to three digits."""
_LEAST = 0.03


def result_verdict(claim: Claim, catalogue: Catalogue) -> Verdict | None:
    """The verdict by what the firm reported; None where no row of it settles the figure."""
    amount, subject = claim.amount, claim.subject
    if amount is None or subject is None or subject.kind != "maker":
        return None
    clause = str(claim.facts.get("clause", claim.words))
    figure = _figure(claim, clause)
    part = _part(clause, figure)
    rows = [
        row for row in catalogue.results()
        if row["firm"] in subject.ids and (row["figure"], row["part"]) == (figure, part)
        and (row["unit"] == amount.unit or (row["unit"] == "%" and amount.unit == "1"))
    ]  # fmt: skip
    said = period_of(claim.words)
    same = [row for row in rows if is_same(said, row["period"])]
    if len(same) != 1 or _OTHER_PART.search(clause) or same[0]["confidence"] != "seen":
        return None
    row = same[0]
    value = _value(row)
    if agrees(amount, value, _CLOSE) and not is_coarse(amount, value):
        return _made(row, "supported", "")
    doubt = _doubt(claim, amount, row, value)
    return _made(row, "cannot tell", doubt) if doubt else _made(row, "contradicted", "")


def _figure(claim: Claim, clause: str) -> str:
    """Which kind of reported figure a claim is of."""
    figure = _FIGURES.get(claim.field, "")
    if figure == "growth":
        return "growth on the quarter" if _ON_QUARTER.search(clause) else "growth on the year"
    return figure


def _part(clause: str, figure: str) -> str:
    """Of which part of the firm; of a margin, by which way of reckoning."""
    if figure == "gross margin" and _NON_GAAP.search(clause):
        return "non-gaap"
    parts = [name for name, words in _PARTS.items() if words.search(clause)]
    return " ".join(parts) or "total"


def _doubt(claim: Claim, amount: Amount, row: dict[str, Any], value: float) -> str:
    """Why a figure that differs from the report is not called wrong; "" where it is."""
    fiscal = not row["period"].startswith("FY") or _FISCAL.search(claim.words) is not None
    if not fiscal:
        return "the firm's year is not the calendar's, and which is meant is not said"
    if claim.voice.hedged or claim.voice.forecast or amount.manner:
        return "it is told as an estimate or a bound"
    if not claim.facts.get("alone") or claim.facts.get("makers", 1) != 1:
        return "the sentence gives several such figures"
    if not differs(amount, value, _LEAST):
        return "it lies close to what was reported"
    return unknown(claim)


def unknown(claim: Claim) -> str:
    """The first word of a claim's clause that is none of trade; "" where all are known."""
    told = _TIME.sub(" ", str(claim.facts.get("masked", claim.words)))
    word = strange_word(told, _KNOWN, _CHINESE)
    return f"the reader does not know what “{word}” does to it" if word else ""


_TIME = re.compile(r"(?<![\dA-Za-z])(?:FY|[QH][1-4])?[ ’'-]?(?:20)?\d\d(?!\d)\.?|[.]$")


def event_verdict(claim: Claim, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of a charge or of lost sales that a plain figure contradicts; None where none is.

    What was expected and what was booked are held apart.
    """
    amount = claim.amount
    if amount is None or claim.field not in _EVENTS or claim.voice.hedged:
        return None
    said, booked = period_of(claim.words), _BOOKED.search(claim.words) is not None
    wanted = [
        row for row in rows
        if row["confidence"] == "seen" and (said.unsaid or is_same(said, row["period"]))
        and not (booked and is_expected(row))
    ]  # fmt: skip
    plain = claim.facts.get("alone") and amount.manner in ("", "about", "up to")
    far = all(differs(amount, float(row["value"]), _FAR) for row in wanted)
    if not (wanted and plain and far) or unknown(claim):
        return None
    return min(wanted, key=lambda row: abs(float(row["value"]) - amount.value))


_EVENTS = ("charge", "lost sales")
_FAR = 0.06
_BOOKED = re.compile(
    r"\b(?:booked|recorded|took|taken|incurred|recogni[sz]ed|wrote (?:off|down))\b|计提了?", re.I
)


def is_booked(claim: Claim) -> bool:
    """Whether a charge is told as taken and not as one to come."""
    return _BOOKED.search(claim.words) is not None and not claim.voice.forecast


def is_expected(row: dict[str, Any]) -> bool:
    """Whether a held figure is one that the firm itself announced ahead."""
    note = str(row.get("note", ""))
    return note.startswith("expected") or note == "guidance"


def _value(row: dict[str, Any]) -> float:
    value = float(row["value"])
    return value / _HUNDRED if row["unit"] == "%" else value


_HUNDRED = 100.0


def _made(row: dict[str, Any], outcome: Any, note: str) -> Verdict:
    unit = row["unit"]
    shown = f"{row['value']:g} %" if unit == "%" else text(float(row["value"]), unit)
    part = "" if row["part"] == "total" else f" ({row['part']})"
    reference = f"{row['firm']}, {row['figure']}{part}, {row['period']}: {shown}"
    return Verdict(
        outcome, reference, note, field=row["figure"], sources=tuple(row["sources"]),
        differs=outcome == "cannot tell",
    )  # fmt: skip
