"""From a document to its claims: every reader of sentences in turn, each span once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from chipassay.claims.claim import Claim, Mention
from chipassay.claims.comparisons.comparing import comparisons
from chipassay.claims.figures.cell_words import cell_words, feature_words, worth_reading
from chipassay.claims.figures.counted_as import is_part
from chipassay.claims.figures.designs import designs
from chipassay.claims.figures.figures import figures
from chipassay.claims.figures.launches import launches
from chipassay.claims.figures.makers import foundries, makers
from chipassay.claims.figures.throughputs import throughputs
from chipassay.claims.laws.days import rule_dates, without_names_of_acts
from chipassay.claims.laws.eccn import eccns
from chipassay.claims.laws.limits import is_of_law, law_figures
from chipassay.claims.laws.policy import policies
from chipassay.claims.statements import statements
from chipassay.claims.text.acts import Act
from chipassay.claims.text.dates import year_of
from chipassay.claims.text.document import Cell, Document
from chipassay.claims.text.names import Index
from chipassay.claims.text.numerals import half_width
from chipassay.claims.text.sentences import Sentence, sentence, sentences
from chipassay.claims.trade.markets import markets
from chipassay.claims.trade.reckoned import reckoned
from chipassay.claims.trade.rest import rest
from chipassay.claims.trade.run_chips import run_chips
from chipassay.claims.trade.sums import sums
from chipassay.claims.trade.weekdays import weekdays
from chipassay.claims.warrant import unplain

MOST_CLAIMS = 5000
MOST_SECONDS = 60.0
"""Of the processor's time, for one document; an honest book takes a tenth of it."""
_WORTH = re.compile(
    r"\b(?:half|times|third|quarter|fifth|factor|-?fold|double|twice|tens|hundreds|lower|higher|than|licen[cs]|export|ban|curb|trade|train|inference"
    r"|engine|support|delet|remov|same|unchanged|CUDA|perform|transship|block|HBM|zero"
    r"|rules?\b|effect|force\b|framework|Entity List|blacklist|tariff)", re.I,
)  # fmt: skip
_PLAINLY = re.compile(r"[\d一-鿿]")
_LETTER = re.compile(r"[^\W\d_]")


class Found(NamedTuple):
    """The claims of a document in the order of their places, and whether all of it was read."""

    claims: list[Claim]
    whole: bool


def claims_of(document: Document, index: Index) -> Found:
    """The claims of a document: at most `MOST_CLAIMS`, in at most `MOST_SECONDS`."""
    until = time.process_time() + MOST_SECONDS
    document = replace(document, text=half_width(document.text))
    whole = True
    found: list[Claim] = []
    year = int(document.date[:4]) if document.date else year_of(document.text)
    topic: Mention | None = None
    for each in sentences(document, index):
        if not (_PLAINLY.search(each.said) or _WORTH.search(each.said)):
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
    if each.said.endswith(("?", "？")) or _LETTER.search(each.said) is None:
        return []
    law = [*law_figures(each, acts), *rule_dates(each, year, acts), *eccns(each)]
    found = [*figures(each), *comparisons(each), *statements(each)]
    found += [*launches(each, year), *sums(each), *weekdays(each)]
    found = [*law, *(claim for claim in found if not is_of_law(claim, law))]
    taken = [(c.amount.start, c.amount.end) for c in found if c.amount is not None]
    sums_of = [c for c in reckoned(each) if c.amount and c.amount.start not in dict(taken)]
    found += sums_of
    taken += [(c.amount.start, c.amount.end) for c in sums_of if c.amount is not None]
    found += [*markets(each, taken), *run_chips(each)]
    if not any(claim.kind in ("figure", "comparison", "feature", "market") for claim in found):
        found += policies(each, year, topic, acts, law)
    found = [
        *without_names_of_acts(found),
        *makers(each),
        *foundries(each),
        *designs(each),
        *throughputs(each),
    ]
    return [*found, *rest(each, [_place(claim) for claim in found])]


def _place(claim: Claim) -> tuple[int, int]:
    """Where the quantity of a claim stands, or its words."""
    amount = claim.amount
    return (claim.start, claim.end) if amount is None else (amount.start, amount.end)


def _of_cell(document: Document, cell: Cell, index: Index) -> Iterator[Claim]:
    """A table's cell read as "head of column, head of row: cell"."""
    text = document.text
    value = text[cell.start : cell.end].strip()
    if not worth_reading(value):
        return
    row, column = text[slice(*cell.row)].strip(), text[slice(*cell.column)].strip()
    told, begin = cell_words(row, column, value)
    made = sentence(told, 0, len(told), index)
    heads = told[:begin]
    found = [*figures(made), *designs(made)] if made.chips() else []
    for claim in found:
        if claim.subject is not None and (claim.amount is None or claim.amount.start >= begin):
            conventions = claim.conventions | ({"part"} if is_part(heads) else set())
            unsure = claim.facts.get("unsure", "") or unplain(value, made.amounts)
            yield _placed(document, cell, claim, conventions, heads.strip(" :"), unsure)
    said = feature_words(row, column, value, index)
    for claim in statements(sentence(said, 0, len(said), index)) if said else ():
        if claim.kind == "feature":
            yield _placed(document, cell, claim, claim.conventions, heads.strip(" :"),
                          claim.facts.get("unsure", ""))  # fmt: skip


def _placed(
    document: Document,
    cell: Cell,
    claim: Claim,
    conventions: frozenset[str],
    heads: str,
    unsure: str,
) -> Claim:
    """A claim made of a cell and its heads, with the place of the cell."""
    written = document.text[cell.start : cell.end]
    start = cell.start + len(written) - len(written.lstrip())
    span = (start, start + len(written.strip()))
    return Claim(
        claim.kind, *span, span, claim.field, claim.subject, claim.amount, claim.words,
        relation=claim.relation, conventions=frozenset(conventions),
        facts={"heads": heads, "unsure": unsure},
    )  # fmt: skip
