"""The labelled sentences and the page the project grew from, where they lie beside the checkout."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from chipassay import ask, check
from chipassay.claims.scoring import part_of, wilson
from chipassay.cli import main
from chipassay.errors import QuestionError

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [ROOT.parent / "shared" / "claims", ROOT / "shared" / "claims"]
CLAIMS = next((each for each in FOLDERS if each.is_dir()), FOLDERS[0])
beside = pytest.mark.skipif(not CLAIMS.is_dir(), reason=f"the labelled claims are not in {CLAIMS}")

WRONG = {"contradicted", "right for another chip", "inconsistent"}
OUTLINE = """A02 right for another chip
A03 contradicted
A07 contradicted
A09 contradicted
A10 supported
A12 supported
A13 supported
A26 supported
A30 supported"""
"""Verdicts that a statement of the page must meet; every other one must be found at least."""


@beside
def test_labelled_sentences_are_judged_as_people_judged_them() -> None:
    answer = ask(task="validate", kind="claims", file=str(CLAIMS / "labelled.csv"))
    metrics = answer.metrics["all"]
    assert metrics["contradicted_precision"] >= 0.95
    assert metrics["supported_precision"] >= 0.95
    assert metrics["false_recall"] >= 0.70
    assert metrics["extraction_f1"] >= 0.85
    assert metrics["false_alarms"] <= 0.03
    assert answer.outcomes["true"]["contradicted"] == 0
    told = answer.metrics["in_context"]
    assert told["false_recall"] >= max(0.75, metrics["false_recall"])
    assert told["contradicted_precision"] >= 0.95


@beside
def test_the_split_is_by_page_and_leaves_the_first_page_out_of_the_test() -> None:
    with (CLAIMS / "labelled.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts: dict[str, set[str]] = {}
    for row in rows:
        if row["url"]:
            parts.setdefault(row["url"], set()).add(part_of(row))
    assert all(len(each) == 1 for each in parts.values())
    assert all("daily8" not in url for url, each in parts.items() if each == {"test"})


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9.]{3,}", text.lower().replace("'s", "")))


@beside
def test_every_statement_of_the_page_is_found() -> None:
    page = CLAIMS / "poisoned-wine.txt"
    text = page.read_text(encoding="utf-8")
    claims = check(str(page)).answer["claims"]
    sentences = [(words(text[slice(*c["text"]["sentence"])]), c) for c in claims]
    wanted = dict(line.split(" ", 1) for line in OUTLINE.splitlines())
    with (CLAIMS / "article_statements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed, unlike = [], []
    for row in rows:
        said = words(row["quote"])
        near = [c for own, c in sentences if len(said & own) >= 0.6 * len(said)]
        if not near:
            missed.append(row["claim_id"])
        elif row["claim_id"] in wanted and wanted[row["claim_id"]] not in {
            c["verdict"] for c in near
        }:
            unlike.append((row["claim_id"], [c["verdict"] for c in near]))
        assert all(c["note"] for c in near if c["verdict"] == "cannot tell")
    assert missed == []
    assert unlike == []


def test_wilson_intervals_are_those_of_the_book() -> None:
    low, high = wilson(19, 20)
    assert (round(low or 0, 3), round(high or 0, 3)) == (0.764, 0.991)
    assert wilson(0, 0) == (None, None)


HEAD = (
    "id,sentence,url,text_kind,entity,attribute,value,unit,correct,reference_value,error_kind,"
    "self_contained,scope\n"
)
ROWS = (
    "1,The H20 has 96 GB of memory,https://a.example/,own,H20,mem_capacity,96,GB,true,,none,yes,chip\n"
    "2,The H100's memory bandwidth is 4.8 TB/s,https://b.example/,own,H100,mem_bw,4.8,TB/s,false,,"
    "x,yes,chip\n"
    "3,The hall seats 400 people,,,,,,,none,,,,none\n"
)


def test_validate_claims_scores_a_table_of_our_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "own.csv"
    table.write_text(HEAD + ROWS)
    with pytest.raises(SystemExit) as left:
        main(["validate", "claims", str(table), "--json"])
    answer = json.loads(capsys.readouterr().out)["answer"]
    assert not left.value.code
    metrics = answer["metrics"]["all"]
    for name in ("contradicted_precision", "false_recall", "supported_precision", "extraction_f1"):
        assert metrics[name] == 1.0
    assert (metrics["abstained"], metrics["false_alarms"]) == (0.0, 0.0)
    assert answer["rows"] == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "no rows"), ("a,b\n1,2\n", "missing"), (HEAD + ROWS.replace("true", "maybe"), ":2")],
)
def test_a_broken_table_is_refused(text: str, says: str, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text(text)
    with pytest.raises(QuestionError, match=says):
        ask(task="validate", kind="claims", file=str(table))
