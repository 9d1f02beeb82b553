"""One HTML file with the article, its marks and a card for each claim.

Every character of the article goes through `escape`; there is no script in the page and its
policy forbids any, so hostile text stays text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from chipassay.records.answer import Answer
from chipassay.views.claims_text import MARKS

_STYLE = """
:root { color-scheme: light dark; --gap: 1.5rem }
body { font: 1rem/1.55 system-ui, sans-serif; margin: 0 auto;
  max-width: 78rem; padding: var(--gap) }
main { display: grid; gap: var(--gap); grid-template-columns: minmax(0, 3fr) minmax(0, 2fr) }
article { white-space: pre-wrap; overflow-wrap: anywhere }
mark { color: inherit; background: none; border-bottom: 3px solid; padding: 0 .1em }
mark a { color: inherit; text-decoration: none; font-size: .75em; vertical-align: super }
section { border-left: 4px solid; margin: 0 0 1rem; padding: .2rem .8rem }
section p { margin: .2rem 0 } blockquote { margin: .3rem 0; font-style: italic }
.note, footer { opacity: .75; font-size: .9em } code { overflow-wrap: anywhere }
.supported { border-color: #1b7f3b } .contradicted { border-color: #b3261e }
.right-for-another-chip { border-color: #c2410c; border-style: dashed }
.right-under-another-convention { border-color: #a16207; border-style: dotted }
.inconsistent { border-color: #b3261e; border-style: double }
.cannot-tell { border-color: #777; border-style: dotted }
@media (max-width: 50rem) { main { display: block } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report(answer: Answer) -> str:
    """The whole report as one page."""
    said = answer.answer
    names = (PurePath(each["name"]).name for each in said["documents"])
    title = "Claims checked: " + ", ".join(names)
    sources = {source["id"]: source for source in answer.sources}
    parts = [
        "<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1><p>{escape(said['summary'])}</p>",
        f"<p>{_counts(said['counts'])}</p>{_wrong(said['claims'])}<main><div>",
        *(_article(document, said["claims"]) for document in answer.context["documents"]),
        "</div><div>", *(_card(claim, sources) for claim in said["claims"]), "</div></main>",
        _footer(answer), "</body></html>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _counts(counts: Any) -> str:
    return " · ".join(
        f"{MARKS[word]} {escape(word)}: {counts[word]}" for word in counts if counts[word]
    )


def _wrong(claims: Sequence[Any]) -> str:
    """Links to what is called wrong, ahead of everything."""
    lines = "".join(
        f'<li><a href="#{escape(claim["id"], quote=True)}">{escape(_short(claim["quote"]))}</a> '
        f"{escape(claim['reference'] or claim['note'])}</li>"
        for claim in claims
        if _RANK[claim["verdict"]] <= _RANK["inconsistent"]
    )
    return f"<h2>Called wrong</h2><ol>{lines}</ol>" if lines else ""


def _short(words: str) -> str:
    one = " ".join(words.split())
    return one if len(one) <= _QUOTED else one[: _QUOTED - 1].rstrip() + "…"


_QUOTED = 110


def _article(document: Any, claims: Sequence[Any]) -> str:
    own = [claim for claim in claims if claim["document"] == document.name]
    return f"<article>{''.join(_segments(document.text, own))}</article>"


def _segments(text: str, claims: Sequence[Any]) -> Iterator[str]:
    """The text cut at every claim's ends; a stretch of several claims carries them all."""
    ends = {0, len(text)}
    starting: dict[int, list[Any]] = {}
    for claim in claims:
        ends |= {claim["text"]["start"], claim["text"]["end"]}
        starting.setdefault(claim["text"]["start"], []).append(claim)
    cuts = sorted(ends)
    open_: list[Any] = []
    for left, right in itertools.pairwise(cuts):
        open_ = [each for each in open_ if each["text"]["end"] > left]
        fresh = starting.get(left, [])
        open_ += fresh
        words = escape(text[left:right])
        yield _mark(words, open_, fresh) if open_ and text[left:right].strip() else words


def _mark(words: str, open_: Sequence[Any], fresh: Sequence[Any]) -> str:
    worst = min(open_, key=lambda claim: _RANK[claim["verdict"]])
    ids = " ".join(escape(each["id"], quote=True) for each in open_)
    links = "".join(
        f'<a href="#{escape(each["id"])}">{MARKS[each["verdict"]]}{escape(each["id"][1:])}</a>'
        for each in fresh
    )
    return f'<mark data-claim="{ids}" class="{_class(worst)}">{links}{words}</mark>'


_RANK = {word: rank for rank, word in enumerate((
    "contradicted", "right for another chip", "inconsistent", "right under another convention",
    "supported", "cannot tell",
))}  # fmt: skip


def _class(claim: Any) -> str:
    return str(claim["verdict"]).replace(" ", "-")


def _card(claim: Any, sources: Any) -> str:
    about = ", ".join(str(part) for part in (claim["chip"], claim["field"]) if part)
    lines = [
        f'<section id="{escape(claim["id"], quote=True)}" class="{_class(claim)}">',
        f"<p><b>{MARKS[claim['verdict']]} {escape(claim['verdict'])}</b> {escape(about)}</p>",
        f"<blockquote>{escape(claim['quote'])}</blockquote>",
    ]
    if claim["reference"]:
        lines.append(f"<p>{escape(claim['reference'])}</p>")
    if claim["note"]:
        lines.append(f'<p class="note">{escape(claim["note"])}</p>')
    if claim["speaker"]:
        lines.append(f'<p class="note">said by: {escape(claim["speaker"])}</p>')
    if claim["ask"]:
        lines.append(f"<p><code>{escape(command(claim['ask']))}</code></p>")
    known = [sources[key] for key in claim["sources"] if key in sources][:4]
    if known:
        told = "; ".join(f"{escape(each['title'])} ({escape(each['date'])})" for each in known)
        lines.append(f'<p class="note">{told}</p>')
    return "\n".join([*lines, "</section>"])


def command(asked: Any) -> str:
    """The command that shows the evidence."""
    words = ["chipassay", str(asked["task"]), *(str(each) for each in asked.get("chips", ()))]
    if "chip" in asked:
        words.append(str(asked["chip"]))
    words += [
        f"--{key} {value}" for key, value in asked.items() if key not in ("task", "chip", "chips")
    ]
    return " ".join(words)


def _footer(answer: Answer) -> str:
    notes = "".join(f"<p>{escape(warning)}</p>" for warning in answer.warnings)
    told = "Figures that nobody has verified contradict nobody. Not legal advice."
    return f"<footer>{notes}<p>{told}</p></footer>"
