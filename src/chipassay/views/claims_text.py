"""An article's claims for a terminal: the marked text, then a short card for each claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from chipassay.records.answer import Answer

MARKS = {
    "supported": "✓",
    "contradicted": "✗",
    "right for another chip": "⇄",
    "right under another convention": "≈",
    "inconsistent": "≠",
    "cannot tell": "?",
}
_STYLES = {
    "supported": "green",
    "contradicted": "bold red",
    "right for another chip": "red",
    "right under another convention": "yellow",
    "inconsistent": "red",
    "cannot tell": "dim",
}


def claims_lines(answer: Answer) -> Iterator[Text]:
    """The summary first; each marked sentence with its claims beneath it; why at the end."""
    said = answer.answer
    yield Text(str(said["summary"]), style="bold")
    texts = {document.name: document.text for document in answer.context["documents"]}
    last: Any = None
    for claim in said["claims"]:
        place = (claim["document"], tuple(claim["text"]["sentence"]))
        if place != last:
            yield Text("")
            yield _marked(texts[claim["document"]], claim, said["claims"])
            last = place
        yield from _card(claim)
    if said["claims"]:
        yield Text("")
        yield Text(" · ".join(f"{mark} {word}" for word, mark in MARKS.items()), style="dim")


def _marked(text: str, claim: Any, claims: Any) -> Text:
    """The sentence of a claim, with the words of every claim in it underlined and numbered."""
    start, end = claim["text"]["sentence"]
    line = Text(_plain(text[start:end]))
    for each in claims:
        if each["document"] != claim["document"] or each["text"]["start"] >= end:
            continue
        left, right = each["text"]["start"] - start, each["text"]["end"] - start
        if right > 0 and left < end - start:
            line.stylize(f"underline {_STYLES[each['verdict']]}", max(left, 0), right)
    return line


def _card(claim: Any) -> Iterator[Text]:
    """A claim in one line or two: mark, verdict, what is said, what is known, why it differs."""
    head = Text(f"  {MARKS[claim['verdict']]} [{claim['id']}] {claim['verdict']}: ")
    head.stylize(_STYLES[claim["verdict"]])
    about = ", ".join(str(part) for part in (claim["chip"], claim["field"]) if part)
    head.append(
        f"{about} {claim['written'] or ''}".rstrip() if claim["value"] is not None else about
    )
    yield head
    for part in (claim["reference"], claim["note"]):
        if part:
            yield Text(f"      {_plain(str(part))}", style="dim")


def _plain(text: str) -> str:
    """One line, with nothing that could steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
