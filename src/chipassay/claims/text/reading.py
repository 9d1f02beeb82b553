"""Files into documents: text, Markdown, HTML, PDF, standard input. Nothing is ever fetched."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from chipassay.claims.text.document import Builder, Document
from chipassay.claims.text.html_text import html_document
from chipassay.claims.text.tables import markdown_cells, text_cells
from chipassay.errors import MissingPartError, QuestionError
from chipassay.units import parse

MOST_BYTES = int(parse("32 MB", "B"))
MOST_CHARACTERS = int(parse("2 MB", "B"))
"""What is read of one text: some 700 pages; the rest is left, and a warning says so."""
MOST_PAGES = 400
PDF_SECONDS = 60.0
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html|<head|<body|<article|<meta|<div|<p[\s>])", re.I)
_CHARSET = re.compile(rb"charset=[\"']?([\w.:-]{2,40})", re.I)
_MARKUP = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]{0,10}(?:\s[^<>\n]{0,200})?/?>|(?<!\d)\*{1,3}|\*{1,3}(?!\d)"
    r"|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`+|^#{1,6} |^> ?",
    re.M,
)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,400})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,200}\")?\)")
_FENCED = re.compile(
    r"^ {0,3}(`{3,}|~{3,})[^\n]{0,200}\n.*?(?:^ {0,3}\1`*~*[ \t]*$|\Z)", re.M | re.S
)
"""Code: a machine's output is no statement."""
_MATTER_DATE = re.compile(r"^date:\s*[\"']?(\d{4}-\d{2}-\d{2})", re.M)


def read(name: str) -> Document:
    """The document in a file, or on standard input for `-`.

    Raises `QuestionError` for a file that is absent, empty, too large, or no text, and
    `MissingPartError` for a PDF without the library that reads it.
    """
    return document(_bytes(name), name)


def document(data: bytes, name: str) -> Document:
    """The document in some bytes; `name` tells its form where the bytes do not."""
    if len(data) > MOST_BYTES:
        hint = f"give a part of it, at most {MOST_BYTES:,} bytes"
        raise QuestionError(f"{len(data):,} bytes are too many", where=name, hint=hint)
    if data.lstrip()[:5] == b"%PDF-":
        return _pdf(data, name)
    text = _decoded(data, name)
    if not text.strip():
        raise QuestionError("the file is empty", where=name, hint="give a text to check")
    warnings: tuple[str, ...] = ()
    if len(text) > MOST_CHARACTERS:
        warnings = (f"{name}: only the first {MOST_CHARACTERS:,} characters were read",)
        text = text[:MOST_CHARACTERS]
    suffix = Path(name).suffix.lower()
    if suffix in (".html", ".htm", ".xhtml") or (suffix != ".md" and _HTML.match(text)):
        return html_document(text, name, warnings)
    if suffix in (".md", ".markdown"):
        return _markdown(text, name, warnings)
    return Document(name, text, text, cells=text_cells(text), warnings=warnings)


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    path = Path(name)
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be read"
        raise QuestionError(str(reason).lower(), where=name) from None
    what = "this is a folder" if path.is_dir() else "there is no such file"
    raise QuestionError(
        what, where=name, hint="give a .txt, .md, .html or .pdf file, or - for stdin"
    )


def _decoded(data: bytes, name: str) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8"]
    declared = _CHARSET.search(data[:4096])
    if declared:
        encodings.append(declared.group(1).decode("ascii", "replace"))
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except (UnicodeDecodeError, LookupError):
            continue
    else:
        text = data.decode("cp1252", "replace")
    sample = text[:20_000]
    odd = sum(char in "\0\ufffd" or (char < " " and char not in "\t\n\r\f\v") for char in sample)
    if odd * 50 > len(sample):
        hint = "give a .txt, .md, .html or .pdf file"
        raise QuestionError("this is no text", where=name, hint=hint)
    return text


def _markdown(text: str, name: str, warnings: tuple[str, ...]) -> Document:
    """Markdown without its marks; links keep their words."""
    built = Builder()
    original, at = text, 0
    text = _FENCED.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), text)
    for link in _LINK.finditer(text):
        _unmarked(text, at, link.start(), built)
        _unmarked(text, link.start(1), link.end(1), built)
        at = link.end()
    _unmarked(text, at, len(text), built)
    plain = built.text()
    if not plain.strip():
        raise QuestionError("the page holds nothing but marks", where=name, hint="give a text")
    date = _MATTER_DATE.search(text[:2000])
    return Document(
        name, original, plain, built.starts, built.ends, markdown_cells(plain),
        date.group(1) if date else "", "markdown", warnings,
    )  # fmt: skip


def _unmarked(text: str, start: int, end: int, built: Builder) -> None:
    at = start
    for mark in _MARKUP.finditer(text, start, end):
        built.add(text[at : mark.start()], at)
        at = mark.end()
    built.add(text[at:end], at)


def _pdf(data: bytes, name: str) -> Document:
    """The text of a PDF; offsets count in that text, since a page has none of its own."""
    try:
        import pypdf
    except ImportError:
        hint = 'install it with `pip install "chipassay[text]"`'
        raise MissingPartError("a PDF needs the library pypdf", where=name, hint=hint) from None
    import io
    import logging

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    begun = time.process_time()
    pages: list[str] = []
    warnings: tuple[str, ...] = ()
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        for number, page in enumerate(reader.pages):
            if number >= MOST_PAGES or time.process_time() - begun > PDF_SECONDS:
                warnings = (f"{name}: only the first {number} pages were read",)
                break
            pages.append(page.extract_text())
    except RecursionError:
        raise QuestionError("the PDF is nested too deeply", where=name) from None
    except Exception as error:  # a broken PDF fails in as many ways as there are bytes
        what = f"the PDF cannot be read: {type(error).__name__}"
        raise QuestionError(what, where=name, hint="save its text as .txt") from None
    text = "\n\n".join(pages)[:MOST_CHARACTERS]
    if not text.strip():
        hint = "it may be a scan; save its text as .txt"
        raise QuestionError("the PDF holds no text", where=name, hint=hint)
    return Document(name, text, text, form="text", warnings=warnings)
