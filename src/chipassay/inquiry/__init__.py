"""The hall: the only place where catalogue, model and law meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.records.answer import Answer, Reason
from chipassay.records.question import Question, Task, decode

__all__ = ["ask", "catalogue_for", "explain"]


def ask(question: Question | None = None, /, **words: Any) -> Answer:
    """Answer a question, given as a `Question` or in its words: `ask(task="show", chip="h20")`.

    Raises `QuestionError`, with one line that says what to try, for a malformed question.
    """
    asked = question if question is not None else decode(words)
    return _answerer(asked.task)(asked, catalogue_for(asked))


def explain(question: Question | None = None, /, **words: Any) -> tuple[Reason, ...]:
    """The derivation of the answer: every step, every leaf with its source."""
    return ask(question, **words).because


def catalogue_for(question: Question) -> Catalogue:
    """The facts a question is asked of: shipped, the asker's own over them, then what-ifs."""
    catalogue = Catalogue.shipped()
    if question.catalogue is not None:
        catalogue = catalogue.overlaid(Path(question.catalogue))
    return catalogue.but(question.but) if question.but else catalogue


def _answerer(task: Task) -> Callable[[Question, Catalogue], Answer]:
    """The function for a task, imported when asked for: a list of chips needs no formulas."""
    if task == "assay":
        from chipassay.inquiry.assay import assay

        return assay
    if task == "train":
        from chipassay.inquiry.training import train

        return train
    if task == "serve":
        from chipassay.inquiry.serving import serve

        return serve
    if task == "ship":
        from chipassay.inquiry.ruling import ruling

        return ruling
    if task == "validate":
        from chipassay.inquiry.validation import validate

        return validate
    from chipassay.inquiry import listing

    return {"chips": listing.chips, "show": listing.show, "compare": listing.compare}[task]
