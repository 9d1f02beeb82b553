"""The one door above the inquiry: every question of the face, claims included."""

from __future__ import annotations

from typing import Any

from chipassay import inquiry
from chipassay.records.answer import Answer, Reason
from chipassay.records.question import Question, decode


def ask(question: Question | None = None, /, **words: Any) -> Answer:
    """Answer a question, given as a `Question` or in its words: `ask(task="show", chip="h20")`.

    Raises `QuestionError`, with one line that says what to try, for a malformed question.
    """
    asked = question if question is not None else decode(words)
    if asked.task == "check":
        from chipassay.claims.check import check as answer

        return answer(asked)
    if asked.task == "validate" and asked.kind == "claims":
        from chipassay.claims.scoring import claims as scored

        return scored(asked)
    return inquiry.ask(asked)


def explain(question: Question | None = None, /, **words: Any) -> tuple[Reason, ...]:
    """The derivation of the answer: every step, every leaf with its source."""
    return ask(question, **words).because


def check(*files: str, **words: Any) -> Answer:
    """The claims of articles, each with a verdict: `check("article.html", on="2025-07-24")`.

    Raises `QuestionError` for a file that cannot be read.
    """
    return ask(decode({"task": "check", "files": tuple(map(str, files)), **words}))
