"""From a document to its claims: every reader of sentences in turn, each span once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.acts import Act
from chipassay.claims.attributes import DESIGN
from chipassay.claims.claim import Claim, Mention
from chipassay.claims.comparing import comparisons
from chipassay.claims.counted_as import is_part
from chipassay.claims.dates import year_of
from chipassay.claims.designs import designs
from chipassay.claims.document import Cell, Document
from chipassay.claims.figures import figures
from chipassay.claims.law_dates import rule_dates
from chipassay.claims.law_figures import is_of_law, law_figures
from chipassay.claims.markets import markets
from chipassay.claims.names import Index
from chipassay.claims.policy import policies
from chipassay.claims.sentences import Sentence, sentence, sentences
from chipassay.claims.statements import statements
from chipassay.claims.sums import sums
from chipassay.claims.warrant import unplain

MOST_CLAIMS = 5000
MOST_SECONDS = 60.0
"""Of the processor's time, for one document; an honest book takes a tenth of it."""
_WORTH = re.compile(
    r"\d|\b(?:half|times|third|quarter|fifth|factor|-?fold|double|twice|tens|hundreds|lower|higher|than|licen[cs]|export|ban|curb|trade|train|inference"
    r"|engine|support|delet|remov|same|unchanged|CUDA|perform|transship|block|HBM|zero-sum|rules?\b|effect|force\b|framework|Entity List|blacklist|tariff)"
    r"|[一-鿿]", re.I,
)  # fmt: skip
_OBLIQUE = re.compile(r"[|\t]")


class Found(NamedTuple):
    """The claims of a document in the order of their places, and whether all of it was read."""

    claims: list[Claim]
    whole: bool


def claims_of(document: Document, index: Index) -> Found:
    """The claims of a document: at most `MOST_CLAIMS`, in at most `MOST_SECONDS`."""
    until = time.process_time() + MOST_SECONDS
    whole = True
    found: list[Claim] = []
    year = int(document.date[:4]) if document.date else year_of(document.text)
    topic: Mention | None = None
    for each in sentences(document, index):
        if _WORTH.search(each.said) is None:
            continue
        chips = [mention for mention in each.mentions if mention.kind == "chip"]
        topic = chips[0] if chips else topic
        found += _of_sentence(each, year, topic, index.acts)
        whole = len(found) < MOST_CLAIMS and time.process_time() < until
        if not whole:
            break
    for cell in document.cells if whole else ():
        whole = len(found) < MOST_CLAIMS and time.process_time() < until
        if not whole:
            break
        found += _of_cell(document, cell, index)
    return Found(sorted(found[:MOST_CLAIMS], key=lambda claim: (claim.start, claim.end)), whole)


def _of_sentence(
    each: Sentence, year: int, topic: Mention | None, acts: tuple[Act, ...]
) -> list[Claim]:
    if each.said.endswith("?") or each.said.endswith("？"):
        return []
    law = [*law_figures(each, acts), *rule_dates(each, year, acts)]
    found = [*figures(each), *comparisons(each), *statements(each, year), *sums(each)]
    found = [*law, *(claim for claim in found if not is_of_law(claim, law))]
    amounts = [claim.amount for claim in found if claim.amount is not None]
    found += markets(each, [(amount.start, amount.end) for amount in amounts])
    if not any(claim.kind in ("figure", "comparison", "feature", "market") for claim in found):
        found += policies(each, year, topic, acts, law)
    return [*found, *designs(each)]


_PRODUCT = re.compile(r"\d ?[A-Za-z/]{0,5} ?[×x*] ?\d")
"""A sum in a cell, "192 GB × 72 = 13.8 TB": its parts are of other things than its result."""


def _of_cell(document: Document, cell: Cell, index: Index) -> Iterator[Claim]:
    """A table's cell read as "head of column, head of row: cell"."""
    text = document.text
    value = text[cell.start : cell.end].strip()
    said = (
        value and len(value) <= 120 and (re.search(r"\d|HBM|GDDR", value) or DESIGN.search(value))
    )
    if not said:
        return
    if _PRODUCT.search(value):
        return
    row, column = text[slice(*cell.row)].strip(), text[slice(*cell.column)].strip()
    heads = f"{_short(row)} {_short(column)} "
    unit = re.search(r"[(（\[]\s*([A-Za-z0-9/²]{1,10})\s*[)）\]]", heads)
    bare = re.fullmatch(r"[\d,.~≈]+", value)
    told = heads + value + (f" {unit.group(1)}" if bare and unit else "")
    made = sentence(told, 0, len(told), index)
    if not made.chips():
        return
    for claim in (*figures(made), *designs(made)):
        if claim.subject is not None and (claim.amount is None or claim.amount.start >= len(heads)):
            blank = len(text[cell.start : cell.end]) - len(text[cell.start : cell.end].lstrip())
            span = (cell.start + blank, cell.start + blank + len(value))
            yield Claim(
                claim.kind, *span, span, claim.field, claim.subject, claim.amount, claim.words,
                conventions=claim.conventions | ({"part"} if is_part(heads) else set()),
                facts={
                    "heads": heads.strip(),
                    "unsure": claim.facts.get("unsure", "") or unplain(value, claim.amount),
                },
            )  # fmt: skip


def _short(head: str) -> str:
    return " ".join(_OBLIQUE.sub(" ", head).split())[:100]
