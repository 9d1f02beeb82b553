"""An article's claims, each with a verdict: what `check` answers.

Every verdict comes from a question that a person could ask: figures of the catalogue, licences of
the law on the article's day, capabilities of the models of training and serving.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import OUTCOMES, WRONG, Claim, Mention, Verdict, cannot_tell
from chipassay.claims.grammar import Found, claims_of
from chipassay.claims.laws.eccn import eccn_verdict
from chipassay.claims.text.dates import days
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import Index, index, narrowed
from chipassay.claims.text.reading import read
from chipassay.claims.verdicts.act_verdict import law_figure_verdict, rule_date_verdict
from chipassay.claims.verdicts.comparison_verdict import comparison_verdict, is_torn
from chipassay.claims.verdicts.design_verdict import FIELDS, design_verdict, is_named_process
from chipassay.claims.verdicts.fields import shown_field
from chipassay.claims.verdicts.figure_verdict import figure_verdict
from chipassay.claims.verdicts.launch_verdict import launch_verdict
from chipassay.claims.verdicts.law_verdict import law_verdict, performance_verdict
from chipassay.claims.verdicts.maker_verdict import foundry_verdict, is_told, maker_verdict
from chipassay.claims.verdicts.market_verdict import market_verdict
from chipassay.claims.verdicts.other_verdicts import feature_verdict, sum_verdict
from chipassay.claims.verdicts.tolerance import agrees
from chipassay.claims.verdicts.work_verdict import work_verdict
from chipassay.inquiry import ask, catalogue_for
from chipassay.inquiry.footnotes import source_json
from chipassay.records.answer import Answer, Part, Reason
from chipassay.records.question import Question

Judged = tuple[Claim, Verdict]


def check(question: Question) -> Answer:
    """The claims of every file asked about, with verdicts, and a summary to quote.

    Raises `QuestionError` for a file that cannot be read, `MissingPartError` for a PDF without
    the library for it.
    """
    catalogue = catalogue_for(question)
    names = index(catalogue)
    documents = [read(name) for name in question.files]
    on = question.on.isoformat() if question.on is not None else ""
    read_off = [claims_of(document, names) for document in documents]
    assumed = _assumed(question)
    found = [
        (document, judged(document, names, catalogue, on, each, assumed))
        for document, each in zip(documents, read_off, strict=True)
    ]
    claims = [
        _as_json(claim, verdict, document, assumed)
        for document, each in found
        for claim, verdict in each
    ]  # fmt: skip
    for number, claim in enumerate(claims, 1):
        claim["id"] = f"c{number}"
    counts = Counter(str(claim["verdict"]) for claim in claims)
    answer = {
        "claims": claims,
        "summary": summary(claims, [document.name for document in documents]),
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "documents": [_document_json(document, on) for document in documents],
    }
    keys = {key for claim in claims for key in claim["sources"]}
    return Answer(
        question,
        Part(answer),
        because=tuple(_reason(claim) for claim in claims),
        sources=tuple(source_json(catalogue.source(key)) for key in sorted(keys)),
        warnings=tuple(_warnings(documents, read_off)),
        refusal=any(claim["verdict"] in WRONG for claim in claims),
        context={"documents": documents},
    )


def judged(
    document: Document,
    names: Index,
    catalogue: Catalogue,
    on: str = "",
    found: Found | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> list[Judged]:
    """Every claim of a document with its verdict. `on` is the day values are read on.

    `assumed` goes with every question that a verdict asks: what-ifs, a folder of own facts.
    """
    day = on or day_of(document)
    asker = functools.cache(functools.partial(_asker, assumed or {}))
    found = claims_of(document, names) if found is None else found
    return [
        (claim, verdict(claim, catalogue, day, asker)) for claim in settled(found.claims, catalogue)
    ]


def verdict(claim: Claim, catalogue: Catalogue, on: str, asker: Any) -> Verdict:
    """The verdict on one claim."""
    unknown = [e for e in (claim.subject, claim.other) if e is not None and e.kind == "stranger"]
    if unknown and not is_torn(claim):
        told = f"the catalogue has no entry for {unknown[0].name}"
        return cannot_tell(told, field=shown_field(claim.field))
    found = _verdict(claim, catalogue, on, asker)
    unsure = str(claim.facts.get("unsure", _UNREAD if claim.kind in _WARRANTED else ""))
    if found.outcome in WRONG and unsure:
        told = "; ".join(filter(None, [unsure, found.note]))
        return replace(found, outcome="cannot tell", note=told, differs=True)
    return found


_WARRANTED = ("figure", "comparison", "feature")
"""What is called wrong only where `warrant` found nothing to doubt."""
_UNREAD = "how it is said was not looked into"


def _verdict(claim: Claim, catalogue: Catalogue, on: str, asker: Any) -> Verdict:
    if claim.kind == "figure" and claim.field in ("announced", "released"):
        return launch_verdict(claim, catalogue)
    if claim.kind == "figure" and claim.field.startswith("performance"):
        return performance_verdict(claim, on or _today(), catalogue, asker)
    if claim.kind == "figure" and (claim.field in FIELDS or is_named_process(claim)):
        return design_verdict(claim, catalogue)
    if claim.kind == "figure":
        return figure_verdict(claim, catalogue, on)
    if claim.kind == "comparison":
        return comparison_verdict(claim, catalogue)
    if claim.kind == "feature" and claim.field == "maker":
        return maker_verdict(claim, catalogue)
    if claim.kind == "feature" and claim.field == "foundry":
        return foundry_verdict(claim, catalogue)
    if claim.kind == "feature":
        return feature_verdict(claim, catalogue)
    if claim.kind == "law" and claim.field == "rule_date":
        return rule_date_verdict(claim, catalogue)
    if claim.kind == "law" and claim.field == "eccn":
        return eccn_verdict(claim, on or _today(), asker)
    if claim.kind == "law" and claim.relation == "figure":
        return law_figure_verdict(claim, catalogue)
    if claim.kind == "law":
        return law_verdict(claim, on or _today(), catalogue, asker)
    if claim.kind == "capability":
        return work_verdict(claim, catalogue, asker)
    if claim.kind == "market":
        return market_verdict(claim, catalogue)
    if claim.kind == "arithmetic":
        return sum_verdict(claim, catalogue)
    return cannot_tell("nothing is held about this")


def settled(claims: Sequence[Claim], catalogue: Catalogue) -> list[Claim]:
    """The claims, with a shared name narrowed to the variants whose memory the sentence gives;
    a maker's name that merely stands before its own chip is no claim."""
    kept: dict[tuple[tuple[int, int], tuple[str, ...]], tuple[str, ...]] = {}
    for claim in claims:
        subject = claim.subject
        if (
            subject is None
            or subject.kind not in ("chip", "line")
            or len(subject.ids) < 2
            or not claim.amount
        ):
            continue
        if claim.field == "memory_capacity":
            amount = claim.amount
            ids = tuple(
                id_ for id_ in subject.ids
                if agrees(amount, catalogue.chip_entry(id_).number("memory_capacity"))
            )  # fmt: skip
            if ids:
                key = (claim.sentence, subject.ids)
                kept[key] = tuple(i for i in subject.ids if i in (*kept.get(key, ()), *ids))
    return [_narrowed(claim, kept) for claim in claims if is_told(claim, catalogue)]


def _narrowed(claim: Claim, kept: Any) -> Claim:
    if claim.subject is None or claim.kind != "figure":
        return claim
    ids = kept.get((claim.sentence, claim.subject.ids), ())
    return replace(claim, subject=narrowed(claim.subject, ids)) if ids else claim


def day_of(document: Document) -> str:
    """The article's own day: as its page says, else the latest day it prints; "" for none."""
    if document.date:
        return document.date
    found = days(document.text, 0, len(document.text), 0)
    said = sorted(day.iso for day in found if day.year_said)
    if not said:
        return ""
    year = int(said[-1][:4])
    full = [day.iso for day in days(document.text, 0, len(document.text), year)]
    today = _today()
    return max((iso for iso in full if len(iso) == 10 and iso <= today), default="")


def _today() -> str:
    import datetime

    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _assumed(question: Question) -> dict[str, Any]:
    """What the asker assumes instead of the shipped facts."""
    given = {"but": question.but, "catalogue": question.catalogue}
    return {word: value for word, value in given.items() if value}


def _asker(assumed: Mapping[str, Any], /, **words: Any) -> Answer:
    """`ask` with the words as they come, of the asker's own facts where there are some."""
    return ask(**words, **assumed)


def _as_json(
    claim: Claim, verdict: Verdict, document: Document, assumed: Mapping[str, Any]
) -> dict[str, Any]:
    start, end = document.origin(claim.start, claim.end)
    amount = claim.amount
    value: Any = amount.value if amount is not None else claim.words or None
    if claim.kind in ("law", "capability"):
        value = amount.value if amount is not None else None
    subject = claim.subject
    chip = verdict.chip or (
        _called(subject) if subject and subject.kind in ("chip", "system", "stranger") else None
    )
    return {
        "id": "",
        "document": document.name,
        "kind": claim.kind,
        "quote": document.text[claim.start : claim.end],
        "start": start,
        "end": end,
        "chip": chip,
        "field": verdict.field or shown_field(claim.field),
        "value": value,
        "unit": (amount.unit if amount is not None and amount.unit else None),
        "written": amount.written if amount is not None else claim.words or None,
        "relation": claim.relation or None,
        "other": _called(claim.other) if claim.other is not None else None,
        "verdict": verdict.outcome,
        "reference": verdict.reference or None,
        "note": verdict.note or None,
        "differs": verdict.differs,
        "others": list(verdict.others),
        "ask": {**verdict.asked, **assumed} if verdict.asked else None,
        "sources": list(dict.fromkeys(verdict.sources)),
        "speaker": claim.voice.speaker or None,
        "hedged": claim.voice.hedged,
        "forecast": claim.voice.forecast,
        "text": {"start": claim.start, "end": claim.end,
                 "sentence": [claim.sentence[0], claim.sentence[1]]},
    }  # fmt: skip


def _called(mention: Mention) -> str:
    """The catalogue's name of what is mentioned; as written where it has none."""
    return mention.ids[0] if mention.ids else mention.name


def _document_json(document: Document, on: str) -> dict[str, Any]:
    return {
        "name": document.name, "form": document.form, "characters": len(document.original),
        "date": document.date or None, "read_on": on or day_of(document) or None,
    }  # fmt: skip


def _reason(claim: dict[str, Any]) -> Reason:
    """A claim as a line of a derivation: what it was held against, and whose figure that is."""
    told = "; ".join(part for part in (claim["reference"], claim["note"]) if part)
    return Reason(
        claim["id"], claim["verdict"], "", "check", told,
        source=claim["sources"][0] if claim["sources"] else "",
        standing="a verdict; its question is under `ask`",
    )  # fmt: skip


def summary(claims: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    """Two sentences that a reader can quote."""
    counts = Counter(str(claim["verdict"]) for claim in claims)
    about = PurePath(names[0]).name if len(names) == 1 else f"{len(names)} texts"
    if not claims:
        return f"No checkable statement about AI chips was found in {about}."
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
    number = "1 checkable statement" if len(claims) == 1 else f"{len(claims)} checkable statements"
    text = f"{number} about AI chips in {about}: {told}."
    wrong = [claim for claim in claims if claim["verdict"] in WRONG and claim["reference"]][:3]
    if wrong:
        text += (
            " Wrong: "
            + "; ".join(f"“{_short(claim['quote'])}” ({claim['reference']})" for claim in wrong)
            + "."
        )
    return text


def _short(quote: str, most: int = 90) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _warnings(documents: Sequence[Document], found: Sequence[Found]) -> Iterable[str]:
    for document, each in zip(documents, found, strict=True):
        yield from document.warnings
        if not document.date and not day_of(document):
            yield f"{document.name}: no date was found; the law is read as of today (--on DATE)"
        if not each.whole:
            yield f"{document.name}: too much of it; only its beginning was checked"
