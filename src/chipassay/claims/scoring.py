"""`validate claims FILE`: labelled sentences beside what the reader makes of them.

The file has the columns of the labelled set: a sentence, what it says (entity, attribute, value,
unit) and whether that is so. Which sentences the grammar was written from is decided by a hash of
the page's address, fixed before the first rule was written; `metrics.by.part.test` is what counts.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import OUTCOMES, WRONG, Amount, Claim
from chipassay.claims.label_fields import FIELDS
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import Index, index
from chipassay.claims.text.numerals import SCALES
from chipassay.errors import QuestionError
from chipassay.facts.compiled import write_text
from chipassay.inquiry import catalogue_for
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question
from chipassay.units import factor

COLUMNS = ("id", "sentence", "url", "entity", "attribute", "value", "unit", "correct",
           "self_contained", "scope")  # fmt: skip
LABELS = ("true", "false", "misleading", "unverifiable", "none")
SEED = "https://www.daily8.com/"
"""The page the project grew from, and its neighbours: always development."""
_FLAGGED = (*WRONG, "right under another convention")
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled row, what was said of it, and whether what it says was read off."""

    row: Mapping[str, str]
    part: str
    outcome: str
    marked: int
    extracted: bool


def part_of(row: Mapping[str, str]) -> str:
    """`development` or `test`: by the first byte of a hash of the page's address.

    Sentences without an address go by their own words.
    """
    key = row["url"] or row["sentence"]
    if row["url"].startswith(SEED):
        return "development"
    return "test" if hashlib.sha256(key.encode()).digest()[0] % 2 else "development"


def claims(question: Question) -> Answer:
    """Read, judge and score every labelled sentence of a file.

    Raises `QuestionError` for a file that lacks a column or has a label nobody knows.
    """
    catalogue = catalogue_for(question)
    path = Path(question.file or "")
    rows = labelled_rows(path)
    names = index(catalogue)
    scored = [_score(row, names, catalogue) for row in rows]
    by: dict[str, Callable[[Scored], str]] = {
        "part": lambda s: s.part,
        "scope": lambda s: s.row["scope"] or "none",
        "self_contained": lambda s: s.row["self_contained"] or "none",
    }
    answer: dict[str, Any] = {
        "table": "claims",
        "rows": len(rows),
        "predicted": sum(each.outcome not in ("", "cannot tell") for each in scored),
        "skipped": [],
        "left_out": None,
        "metrics": {"all": metrics(scored), "in_context": metrics(
            [_score(row, names, catalogue, context=True) for row in rows]), "by": {
            name: {value: metrics([s for s in scored if key(s) == value])
                   for value in sorted({key(s) for s in scored})}
            for name, key in by.items()}},
        "outcomes": _table(scored),
    }  # fmt: skip
    if question.rows:
        write_text(Path(question.rows), _csv(scored))
        answer["written"] = question.rows
    return Answer(question, Part(answer), warnings=_warnings(scored))


def labelled_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a labelled file.

    Raises `QuestionError` for a file that is no table, lacks a column, or has a label nobody knows.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except OSError as error:
        raise QuestionError((error.strerror or "cannot be read").lower(), where=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        hint = "save it as CSV in UTF-8"
        raise QuestionError("this is no table", where=str(path), hint=hint) from None
    if not rows:
        raise QuestionError("the table has no rows", where=str(path))
    lacking = [name for name in COLUMNS if name not in rows[0]]
    if lacking:
        what = f"the column {lacking[0]} is missing"
        raise QuestionError(what, where=str(path), hint=f"it needs {', '.join(COLUMNS)}")
    for line, row in enumerate(rows, 2):
        if row["correct"] not in LABELS or not (row["sentence"] or "").strip():
            hint = f"a sentence, and one of {', '.join(LABELS)}"
            raise QuestionError("no sentence or no label", where=f"{path}:{line}", hint=hint)
    return [{key: row[key] or "" for key in COLUMNS} for row in rows]


def _score(
    row: Mapping[str, str], names: Index, catalogue: Catalogue, *, context: bool = False
) -> Scored:
    """A row read alone; with `context` a sentence that does not name its chip is read as it stood
    on its page, behind a heading that does."""
    text = row["sentence"]
    if context and row["self_contained"] == "no":
        text = f"{row['entity']}\n\n{text}"
    found = judged(Document(row["id"], text, text), names, catalogue)
    wanted = _entity(row, names, catalogue)
    hit = any(_matches(claim, row, wanted) for claim, _ in found)
    outcome = sentence_outcome(found)
    if outcome == "supported" and _has_unread(text, found, names):
        outcome = "cannot tell"
    return Scored(row, part_of(row), outcome, len(found), hit)


_NUMBER = re.compile(r"(?<![A-Za-z0-9.,/-])(?!(?:19|20)\d\d\b)\d[\d.,]*")
_GENERATION = re.compile(r"(?:PCIe|NVLink|Gen|Fabric|CUDA|ROCm|HBM)[ -]?$", re.I)


def _has_unread(text: str, found: Sequence[Judged], names: Index) -> bool:
    """Whether a number, or a chip, stands in a sentence that no claim of it has."""
    named = names.products(text, 0, len(text))
    spoken = {id_ for claim, _ in found for each in (claim.subject, claim.other)
              if each is not None for id_ in each.ids}  # fmt: skip
    if any(each.kind == "chip" and not spoken & set(each.ids) for each in named):
        return True
    read = [(each.start, each.end) for each in named]
    for claim, _ in found:
        read.append((claim.start, claim.end) if claim.amount is None
                    else (claim.amount.start, claim.amount.end))  # fmt: skip
    return any(
        all(match.end() <= start or match.start() >= end for start, end in read)
        and _GENERATION.search(text[: match.start()]) is None
        for match in _NUMBER.finditer(text)
    )


def sentence_outcome(found: Sequence[Judged]) -> str:
    """One word for a sentence: what is wrong in it first, then what holds; "" without a claim.

    It holds only where each claim read in it does: a label is about the whole sentence.
    """
    outcomes = [verdict.outcome for _, verdict in found]
    order = (*WRONG, "right under another convention", "cannot tell", "supported")
    return next((each for each in order if each in outcomes), "")


def _entity(row: Mapping[str, str], names: Index, catalogue: Catalogue) -> frozenset[str]:
    """What a row's entity may be called; a maker is named by its chips too."""
    mentions = names.mentions(row["entity"], 0, len(row["entity"]))
    found = {id_ for mention in mentions for id_ in mention.ids}
    for mention in mentions:
        if mention.kind == "system":
            found.add(catalogue.system(mention.ids[0]).entry.chip)
    makers = {mention.ids[0] for mention in mentions if mention.kind == "maker"}
    if makers == found:
        found |= {chip.id for chip in catalogue.chips() if chip.vendor in makers}
    return frozenset(found)


def _matches(claim: Claim, row: Mapping[str, str], wanted: frozenset[str]) -> bool:
    """Whether a claim is what the row says: chip, field, value and unit.

    The chip is not asked for where the sentence does not name it by itself.
    """
    mentions = [each for each in (claim.subject, claim.other) if each is not None]
    named = {id_ for each in mentions for id_ in each.ids}
    if wanted and row["self_contained"] == "yes" and not wanted & named:
        return False
    return _same_field(claim, row["attribute"]) and _same_value(claim, row["value"], row["unit"])


def _same_field(claim: Claim, attribute: str) -> bool:
    """Whether a claim is about a labelled attribute; one that no pattern knows is left to its
    value and unit."""
    own = {claim.kind, claim.field}
    if claim.field.startswith(("dense_", "vector_")):
        own.add("rate")
    known = [pair for pair in FIELDS if re.search(pair[0], attribute, re.I)]
    if not known:
        return claim.amount is not None
    for pattern, fields in known:
        if pattern.startswith("^") and claim.field.startswith("dense_"):
            precision = re.match(r"[a-z]+\d+", attribute)
            return precision is None or precision.group() in _alike(claim.field)
        if fields & own:
            return True
        if "comparison" in fields or claim.kind == "comparison":
            return False
    return False


def _alike(field: str) -> tuple[str, ...]:
    name = field.removeprefix("dense_")
    return ("fp16", "bf16") if name in ("fp16", "bf16") else (name,)


_DAY = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.I)


def _same_value(claim: Claim, value: str, unit: str) -> bool:
    """Whether a claim's quantity, or its words, are those of a row; any bound of a range will"
    " do."""
    amount, bare = claim.amount, value.replace(",", "").strip()
    wanted = [] if _DAY.fullmatch(bare) else [float(each) for each in _NUMBERS.findall(bare)]
    if unit in ("bool", "date") or not wanted or amount is None:
        words = claim.words.casefold().replace(" ", "")
        unsaid = amount is None and (bool(wanted) or not claim.words)
        return unit == "bool" or bare.casefold().replace(" ", "") in words or unsaid
    if len(wanted) == 2:
        wanted.append(sum(wanted) / 2)
    return any(_is_amount(amount, each * times) for each in wanted for times in _factors(unit)) or (
        unit in ("x", "%") and any(_is_ratio(amount, each * _factors(unit)[0]) for each in wanted)
    )


def _is_amount(amount: Amount, wanted: float) -> bool:
    close = math.isclose(amount.value, wanted, rel_tol=0.02)
    return close or amount.low <= wanted <= amount.high


def _is_ratio(amount: Amount, wanted: float) -> bool:
    """Whether a share is the same one told otherwise: 43 % more is 1.43 times."""
    own = max(amount.value, 0.01)
    told = (1 + own, 1 - own, own - 1, 1 / own)
    return amount.unit == "1" and any(math.isclose(each, wanted, rel_tol=0.03) for each in told)


_SCALED = re.compile(
    r"(?:(?:USD|US\$|CNY|RMB|\$) ?)?(?P<scale>[kKMBTm]|bn|billion|million|trillion"
    r"|thousand)(?: .*)?"
)


def _factors(unit: str) -> tuple[float, ...]:
    """What a labelled unit multiplies its number by."""
    scaled = _SCALED.fullmatch(unit)
    if scaled is not None:
        scale = scaled["scale"].lower()
        return (SCALES[{"t": "trillion"}.get(scale, scale)],)
    words = {"x": "", "GPUs": "", "chips": "", "SM": "", "TFLOPS/W": "", "h": "h",
             "days": "day", "hours": "h", "months": "month"}  # fmt: skip
    try:
        return (factor(words.get(unit, unit)),)
    except QuestionError:
        return (1.0,)


def metrics(scored: Sequence[Scored]) -> dict[str, Any]:
    """The shares the interface names, each with its Wilson interval and its count."""
    said = [each for each in scored if each.row["correct"] != "none"]
    none = [each for each in scored if each.row["correct"] == "none"]
    called = [s for s in scored if s.outcome in ("contradicted", "right for another chip")]
    false = [s for s in said if s.row["correct"] == "false"]
    supported = [s for s in scored if s.outcome == "supported"]
    hits = sum(s.extracted for s in said)
    wrong_reads = sum(bool(s.marked) and not s.extracted for s in said)
    alarms = sum(bool(s.marked) for s in none)
    shares = {
        "contradicted_precision": _share(
            s.row["correct"] in ("false", "misleading") for s in called),
        "false_recall": _share(s.outcome in _FLAGGED for s in false),
        "supported_precision": _share(s.row["correct"] == "true" for s in supported),
        "abstained": _share(s.outcome in ("", "cannot tell") for s in said),
        "false_alarms": _share(bool(s.marked) for s in none),
        "extraction_recall": _share(s.extracted for s in said),
        "extraction_precision": _ratio(hits, hits + wrong_reads + alarms),
    }  # fmt: skip
    plain: dict[str, Any] = {"n": len(scored)}
    plain |= {name: share["value"] for name, share in shares.items()}
    total = 2 * hits + wrong_reads + alarms + (len(said) - hits)
    plain["extraction_f1"] = 2 * hits / total if total else None
    plain["intervals"] = {name: [share["low"], share["high"]] for name, share in shares.items()}
    plain["counts"] = {name: [share["k"], share["n"]] for name, share in shares.items()}
    return plain


def _share(flags: Iterable[bool]) -> dict[str, Any]:
    told = list(flags)
    return _ratio(sum(told), len(told))


def _ratio(k: int, n: int) -> dict[str, Any]:
    low, high = wilson(k, n)
    return {"value": k / n if n else None, "k": k, "n": n, "low": low, "high": high}


def wilson(k: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share (Wilson 1927); unknown where nothing was counted."""
    if n == 0:
        return None, None
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _table(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """How often each label met each outcome."""
    found = {label: dict.fromkeys((*OUTCOMES, "not marked"), 0) for label in LABELS}
    for each in scored:
        found[each.row["correct"]][each.outcome or "not marked"] += 1
    return found


def _csv(scored: Sequence[Scored]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "part", "correct", "outcome", "claims", "extracted"))
    for each in scored:
        writer.writerow((each.row["id"], each.part, each.row["correct"],
                         each.outcome or "not marked", each.marked, each.extracted))  # fmt: skip
    return text.getvalue()


def _warnings(scored: Sequence[Scored]) -> tuple[str, ...]:
    counts = functools.reduce(
        lambda found, each: {**found, each.part: found.get(each.part, 0) + 1}, scored,
        dict[str, int](),
    )  # fmt: skip
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return (f"the grammar was written from the development part; rows: {told}",)
