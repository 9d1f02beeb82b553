"""Verdicts on figures of trade: confirmed only by who sold, or counted, and only of that period.

Sources differ too much about the rest, so it is called wrong only for a slip of ten, or by the
firm's own report (`result_verdict`); a figure of a named run is judged in `run_verdict`.
"""

from __future__ import annotations

import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Mention, Verdict, cannot_tell
from chipassay.claims.text.sentences import FORECAST
from chipassay.claims.trade.markets import BEATEN
from chipassay.claims.trade.periods import is_same, period_of
from chipassay.claims.verdicts.derived import asked
from chipassay.claims.verdicts.result_verdict import (
    event_verdict,
    is_booked,
    is_expected,
    result_verdict,
)
from chipassay.claims.verdicts.run_verdict import run_verdict
from chipassay.claims.verdicts.tolerance import agrees, is_coarse
from chipassay.units import text

_KINDS = {
    "sales": ("sales",), "lost sales": ("lost sales",), "charge": ("charge",), "share": ("share",),
    "unit price": ("unit price", "system price"), "rent": ("rental price",), "fee": ("fee",),
    "orders": ("orders",), "demand": ("demand",), "yield": ("yield",), "capacity": ("capacity",),
    "stock": ("stock", "smuggling", "orders"), "growth": ("growth",),
    "shipments": ("shipments", "production", "plan"),
    "production": ("production", "shipments", "plan"), "profit": ("profit",),
}  # fmt: skip
_SUPPORTING = ("sales", "lost sales", "charge", "fee", "shipments", "share", "growth", "profit")
"""Kinds of figure that somebody counts or prints; the others are estimates and plans."""
_UNITS = {"USD": ("USD", "USD/chip-hour"), "CNY": ("CNY", "CNY/chip-hour"),
          "1": ("units", "dies", "stacks", "fraction", "wafers/month")}  # fmt: skip
_OTHERS = re.compile(r"\b(?:SMIC|Samsung|TSMC)\b")
_CHINA = re.compile(
    r"China|Chinese|Beijing|domestic|local|Hong Kong|国产|中国|中國|本土|国内|内地|香港"
)
"""Every share of a market that is held is of China's."""
_PARTS = {
    "china": _CHINA,
    "datacenter": re.compile(r"data[- \u2011]?cent(?:er|re)|数据中心", re.I),
    "gaming": re.compile(r"\bgaming|automotive|networking|embedded|client|游戏", re.I),
    "h20": re.compile(r"\bH20\b"),
    "non": re.compile(r"\b(?:outside|other than|non-|unrestricted|excluding)\b", re.I),
}  # fmt: skip
"""Of what part of a firm's sales a figure is; the held one and the sentence must say the same."""
_TAKEN = re.compile(r"revenues?|sales|\bsale\b|proceeds|surcharge|\bcut\b|收入|销售", re.I)
_LISTED = re.compile(
    r"\blist price|\bMSRP\b|\blaunch(?:ed)?\b|\bofficial\w*|建议零售价|首发价", re.I
)
_BEFORE_RULE = re.compile(
    r"\b(?:before|prior to|ahead of)\b[^;]{0,40}(?:licen[cs]|export (?:control|restriction|curb"
    r"|ban))",
    re.I,
)
"""A time that is told by the rule of April 2025 alone."""
_ITS_KIND = re.compile(r"\d{4}(?:-\d{2})?")


def market_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A figure of a run by its maker's report; of trade, supported where its source counted it."""
    run = run_verdict(claim, catalogue)
    if run is not None:
        return run
    reported = result_verdict(claim, catalogue)
    if reported is not None:
        return reported
    amount = claim.amount
    foreseen = _is_foreseen(claim, amount)
    if foreseen and claim.field not in _FORETOLD:
        return cannot_tell("a forecast, a plan or a rumour", field=claim.field)
    subjects = _subjects(claim)
    if amount is None or not subjects:
        return cannot_tell("no market figure is held about this", field=claim.field)
    if claim.field == "unit price" and claim.subject is not None:
        priced = _priced(claim, claim.subject, amount, catalogue)
        if priced is not None:
            return priced
    rows = [
        row for row in catalogue.market_rows()
        if row["subject"] in subjects and row["kind"] in _KINDS.get(claim.field, ())
        and row["unit"] in _UNITS.get(amount.unit, ())
    ]  # fmt: skip
    if not rows:
        return cannot_tell("no market figure is held about this", field=claim.field)
    foretold = [row for row in rows if row["kind"] == "fee" or is_expected(row)]
    return _held(claim, amount, foretold if foreseen else rows, catalogue)


_FORETOLD = ("charge", "fee", "lost sales", "sales")
"""Kinds that firms and governments announce ahead."""


def _is_foreseen(claim: Claim, amount: Amount | None) -> bool:
    """Whether a figure is a forecast, a plan or a rumour; one that beat a forecast is none."""
    said = BEATEN.sub(" ", claim.words)
    forecast = claim.voice.forecast and FORECAST.search(said) is not None
    return forecast or (claim.voice.hedged and amount is not None and not amount.manner)


def _held(
    claim: Claim, amount: Amount, rows: list[dict[str, Any]], catalogue: Catalogue
) -> Verdict:
    """The figure beside those that are held of its subject, kind and unit."""
    if not rows:
        return cannot_tell("a forecast, a plan or a rumour", field=claim.field)
    doubts = []
    for row in (each for each in rows if agrees(amount, float(each["value"]))):
        doubt = _doubt(claim, amount, row, catalogue)
        if not doubt:
            return _row(row, "supported", "")
        doubts.append(_row(row, "cannot tell", doubt))
    if doubts and not is_booked(claim):
        return doubts[0]
    slips = [row for row in rows if is_slip(claim, amount, row, catalogue)]
    if slips:
        return _row(slips[0], "contradicted", "the digits are right and a power of ten is wrong")
    wrong = event_verdict(claim, rows)
    if wrong is not None:
        return _row(wrong, "contradicted", "")
    nearest = min(rows, key=lambda row: abs(float(row["value"]) - amount.value))
    told = "figures of other periods or sources are held, not this one"
    return _row(nearest, "cannot tell", told)


def _doubt(claim: Claim, amount: Amount, row: dict[str, Any], catalogue: Catalogue) -> str:
    """Why a held figure that agrees does not confirm; "" where it does."""
    if row["kind"] not in _SUPPORTING or row["confidence"] != "seen" or "low" in row["quantity"]:
        return "it agrees with an outside estimate, which is no count"
    if is_expected(row) and is_booked(claim):
        return "so much was expected; what was booked is another figure"
    counted = any("IDC" in catalogue.source(key).title for key in row["sources"])
    own = any(catalogue.source(key).kind == "primary" for key in row["sources"])
    if not (own or (counted and row["kind"] in ("shipments", "share")) or row["kind"] == "fee"):
        return "it agrees with an outside estimate, which is no count"
    if is_coarse(amount, float(row["value"])) or _is_wide(amount):
        return "the number is too coarse to be confirmed"
    if row["kind"] == "fee":
        return "" if _TAKEN.search(claim.words) else "it may be another duty"
    if row["kind"] == "share" and not _CHINA.search(claim.words):
        return "the share that is held is of China's market"
    clause = claim.words if claim.facts.get("alone") else str(claim.facts.get("clause", ""))
    sales = row["kind"] in ("sales", "growth")
    if sales and not is_same_part(clause, row["quantity"], row["subject"]):
        return "it may be of another part of the sales"
    said = period_of(claim.words)
    dated = bool(said.years or said.quarter or said.half)
    ruled = _BEFORE_RULE.search(claim.words) is not None and not dated
    event = own and (ruled or (row["kind"] in ("charge", "lost sales") and said.unsaid))
    if event or is_same(said, row["period"]):
        return ""
    return f"the sentence does not say that it speaks of {row['period']}"


_SLIPS = tuple(float(f"1e{power}") for power in (-6, -3, -1, 1, 3, 6))
_DIGIT = re.compile(r"[1-9]|(?<=[1-9])0(?=.*[1-9])")
_FIGURES, _FEW_FIGURES = 3, 2
"""How many digits must be the held ones for a slip; fewer do where it is one of thousands."""


def is_slip(claim: Claim, amount: Amount, row: dict[str, Any], catalogue: Catalogue) -> bool:
    """Whether a firm's own figure of the very period is told with a power of ten too many."""
    subject, value = claim.subject, float(row["value"])
    if subject is None or subject.kind != "maker" or row["kind"] not in ("sales", "profit"):
        return False
    if claim.facts.get("makers", 1) != 1 or claim.voice.hedged or amount.manner or value <= 0:
        return False
    slip = next((each for each in _SLIPS if abs(amount.value / each / value - 1) < _SAME), 0.0)
    digits = len(_DIGIT.findall(amount.written))
    least = _FIGURES if slip in (_SLIPS[2], _SLIPS[3]) else _FEW_FIGURES
    if not slip or digits < least or row["confidence"] != "seen":
        return False
    own = any(catalogue.source(key).kind == "primary" for key in row["sources"])
    clause = str(claim.facts.get("clause", claim.words))
    same = is_same_part(clause, row["quantity"], row["subject"])
    return own and same and is_same(period_of(claim.words), row["period"])


_SAME = 0.006
"""The digits of a slip are the held ones, rounded."""


def _is_wide(amount: Amount) -> bool:
    """Whether a range stands for so much that a figure inside it confirms little."""
    return amount.high - amount.low > 0.1 * abs(amount.value)


def is_same_part(clause: str, quantity: str, subject: str) -> bool:
    """Whether words and a held figure are of the same part of sales: China, data centres."""
    return all(
        (words.search(clause) is not None) == (name in quantity or name in subject)
        for name, words in _PARTS.items()
        if not (name == "china" and subject.startswith("h20"))
    )


def _subjects(claim: Claim) -> set[str]:
    """Whose figures may settle it: the chip's, the maker's, or the country's."""
    found = set(_OTHERS.findall(claim.words))
    if claim.subject is not None:
        return found | {*claim.subject.ids, claim.subject.name}
    return found | ({"China"} if _CHINA.search(claim.words) else set())


def _priced(claim: Claim, subject: Mention, amount: Amount, catalogue: Catalogue) -> Verdict | None:
    """Whether a price is the one that the maker lists; what others paid confirms nothing."""
    if subject.kind != "chip":
        return None
    for id_ in subject.ids:
        entry = catalogue.chip_entry(id_)
        for price in entry.prices:
            number, _, currency = price.written.partition(" ")
            if currency != amount.unit or not agrees(amount, float(number), 0.005):
                continue
            told = f"{entry.name}: {price.kind} price {price.written} ({price.date})"
            listed = price.kind == "list" and _ITS_KIND.fullmatch(price.date or "")
            sure = listed and price.confidence == "seen" and _LISTED.search(claim.words)
            note = "" if sure else "it agrees with a price that others report, not the maker"
            return Verdict("supported" if sure else "cannot tell", told, note, id_, "price",
                           asked(entry, "price"),
                           tuple(source.key for source in price.sources))  # fmt: skip
    return None


def _row(row: dict[str, Any], outcome: Any, note: str) -> Verdict:
    value = float(row["value"])
    money = row["unit"] in ("USD", "CNY")
    shown = text(value, row["unit"]) if money else f"{value:,g} {row['unit']}"
    reference = f"{row['quantity']}, {row['period']}: {shown}"
    return Verdict(
        outcome, reference, note, row["subject"] if "-" in row["subject"] else "", row["quantity"],
        {}, tuple(row["sources"]),
    )  # fmt: skip
