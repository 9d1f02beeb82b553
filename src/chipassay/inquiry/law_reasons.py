"""The derivation of a finding: each paragraph with its figures and limits, then each gate."""

from __future__ import annotations

from collections.abc import Iterator

from chipassay.catalogue.catalogue import Catalogue
from chipassay.inquiry.footnotes import Footnotes
from chipassay.law.judge import Finding
from chipassay.law.margins import UNITS, Check, Paragraph
from chipassay.law.rulebook import Rule
from chipassay.records.answer import Reason


def paragraph_reasons(finding: Finding, notes: Footnotes, catalogue: Catalogue) -> Iterator[Reason]:
    """One line a paragraph in force: what it says, and each figure beside its limit."""
    for paragraph in finding.paragraphs:
        if paragraph.outcome != "not in force":
            yield _paragraph(paragraph, notes, catalogue)


def _paragraph(paragraph: Paragraph, notes: Footnotes, catalogue: Catalogue) -> Reason:
    rule = paragraph.rule
    inner = tuple(leaf for check in paragraph.checks for leaf in _leaves(check, rule, catalogue))
    notes.use(*map(catalogue.source, rule.sources))
    return Reason(
        paragraph.id, paragraph.outcome, "", rule.test, _quote(rule), rule.cite, inner=inner
    )


def _leaves(check: Check, rule: Rule, catalogue: Catalogue) -> Iterator[Reason]:
    unit = UNITS.get(check.measure, "1")
    value = None if check.value != check.value else check.value
    if value is None:
        yield Reason(check.measure, None, unit, standing="unknown: no source gives it")
    else:
        yield Reason(check.measure, value, unit, sentence="derived above")
    sign = ">" if check.measure == "stack_density" else ">="
    name = f"{'<' if check.below else sign} limit"
    source = catalogue.source(rule.sources[0])
    yield Reason(name, check.limit, unit, source=source.key, standing=_standing(rule, source.kind))


def gate_reasons(finding: Finding, notes: Footnotes, catalogue: Catalogue) -> Iterator[Reason]:
    """One line a gate, in their order; then every rule that decided, with its words."""
    for gate, says in finding.gates:
        yield Reason(f"gate: {gate}", says, "", sentence="derived above")
    for rule in (*finding.used, *finding.also):
        source = catalogue.source(rule.sources[0])
        notes.use(source)
        about = f"since {rule.since}, {rule.basis}" if rule.basis else f"since {rule.since}"
        yield Reason(
            f"{rule.layer}: {rule.paragraph}", f"{rule.state} {about}", "", rule.id,
            _quote(rule), rule.cite, source.key, _standing(rule, source.kind),
        )  # fmt: skip


def _quote(rule: Rule) -> str:
    return (
        f"\N{LEFT DOUBLE QUOTATION MARK}{rule.text}\N{RIGHT DOUBLE QUOTATION MARK}"
        if (rule.quoted)
        else rule.text
    )


def _standing(rule: Rule, kind: str) -> str:
    return kind if rule.confidence == "seen" else "unverified"
