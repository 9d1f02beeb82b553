"""The files a check of claims may leave behind: report, reviews, annotations."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chipassay.errors import QuestionError
from chipassay.records.answer import Answer
from chipassay.views.claims_exports import claim_reviews, web_annotations
from chipassay.views.claims_html import report

FILES = {
    "report": "one HTML file with the marked text and a card for each claim",
    "reviews": "schema.org ClaimReview, JSON-LD",
    "annotations": "W3C Web Annotations with quotation and position selectors, JSON-LD",
}


def write_files(answer: Answer, paths: dict[str, str | None]) -> None:
    """Write the files asked for; each whole or not at all.

    Raises `QuestionError` where a file cannot be written.
    """
    made = {
        "report": lambda: report(answer),
        "reviews": lambda: _plain(claim_reviews(answer)),
        "annotations": lambda: _plain(web_annotations(answer)),
    }
    for name, path in paths.items():
        if path:
            _write(Path(path), made[name]())


def _plain(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = (error.strerror or "cannot be written").lower()
        raise QuestionError(
            reason, where=str(path), hint="name a file that can be written"
        ) from None
