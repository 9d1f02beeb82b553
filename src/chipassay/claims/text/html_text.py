"""The main text and the tables of an HTML page, in one pass; hostile pages cost no more.

Scripts, styles and what surrounds an article are dropped; entities are read; nothing is run,
nested calls are not made, and every character keeps its place in the page.
"""

from __future__ import annotations

import html
import re

from chipassay.claims.text.document import Builder, Cell, Document
from chipassay.claims.text.tables import MOST_CELLS, Span, cells
from chipassay.errors import QuestionError

_RAW = {
    "script",
    "style",
    "noscript",
    "template",
    "textarea",
    "pre",
    "svg",
    "math",
    "iframe",
    "object",
}
_ASIDE = {"nav", "footer", "aside", "form", "button", "select", "menu", "dialog"}
_MAIN = {"article", "main"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var",
    "wbr",
}  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});?")
_DATES = (
    re.compile(r"published_time[\"'][^<>]{0,80}?content=[\"'](\d{4}-\d{2}-\d{2})", re.I),
    re.compile(r"datePublished[\"']{0,2}\s{0,3}[:=]\s{0,3}[\"']?(\d{4}-\d{2}-\d{2})", re.I),
    re.compile(r"<time[^<>]{0,200}?datetime=[\"'](\d{4}-\d{2}-\d{2})", re.I),
)
_SHORT_MAIN = 200
_SPAN = re.compile(r"(?:col|row)span=[\"']?(\d{1,2})", re.I)


class _Page:
    """The reader's state: where it is, and what it has put together."""

    def __init__(self, page: str, *, keep_asides: bool) -> None:
        self.page = page
        self.keep_asides = keep_asides
        self.built = Builder()
        self.asides = 0
        self.mains = 0
        self.main_spans: list[list[int]] = []
        self.tables: list[list[list[Span]]] = []
        self.cells: list[Cell] = []
        self.cell_start: int | None = None

    def read(self) -> None:
        """Walk the page once, from tag to tag."""
        page, at = self.page, 0
        while at < len(page):
            tag = page.find("<", at)
            self._text(at, len(page) if tag < 0 else tag)
            if tag < 0:
                break
            at = self._tag(tag)
        self._close_cell()
        while self.tables:
            self._end_table()

    def _tag(self, at: int) -> int:
        """Handle what begins with the `<` at `at`; where to go on."""
        page = self.page
        if page.startswith("<!--", at):
            end = page.find("-->", at + 4)
            return len(page) if end < 0 else end + 3
        match = _TAG.match(page, at)
        end = page.find(">", at)
        if match is None or end < 0:
            if match is None and page[at + 1 : at + 2] in "!?" and end >= 0:
                return end + 1
            self._text(at, at + 1)
            return at + 1
        closing, name = match.group(1) == "/", match.group(2).lower()
        if name in _RAW and not closing:
            return self._after_raw(name, end + 1)
        self._structure(name, closing, page[match.end() : min(end, match.end() + 200)])
        return end + 1

    def _after_raw(self, name: str, at: int) -> int:
        closed = re.compile(rf"</{name}\b[^>]{{0,200}}>?", re.I).search(self.page, at)
        return len(self.page) if closed is None else closed.end()

    def _structure(self, name: str, closing: bool, attributes: str) -> None:
        if name in _ASIDE and not self.keep_asides:
            self.asides = max(0, self.asides + (-1 if closing else 1))
        if name in _MAIN:
            self._main(closing)
        if name in ("td", "th", "tr", "table"):
            self._table(name, closing, attributes)
        if name not in _INLINE and self.asides == 0:
            gap = " " if name in ("td", "th") and closing else "\n"
            if len(self.built):
                place = self.built.ends[-1]
                self.built.add(gap, place, end=place)

    def _main(self, closing: bool) -> None:
        self.mains = max(0, self.mains + (-1 if closing else 1))
        if not closing and self.mains == 1:
            self.main_spans.append([len(self.built), -1])
        if closing and self.mains == 0 and self.main_spans:
            self.main_spans[-1][1] = len(self.built)

    def _table(self, name: str, closing: bool, attributes: str) -> None:
        self._close_cell()
        if name == "table":
            if closing and self.tables:
                self._end_table()
            elif not closing and len(self.tables) < 20:
                self.tables.append([])
        elif name == "tr" and not closing and self.tables:
            self.tables[-1].append([])
        elif name in ("td", "th") and not closing and self.tables and self.tables[-1]:
            self.cell_start = len(self.built)
            wide = _SPAN.search(attributes)
            row = self.tables[-1][-1]
            row += [(self.cell_start, -1)] * (min(int(wide.group(1)), 20) if wide else 1)

    def _close_cell(self) -> None:
        if self.cell_start is None or not self.tables or not self.tables[-1]:
            self.cell_start = None
            return
        row, end = self.tables[-1][-1], len(self.built)
        for index in range(len(row) - 1, -1, -1):
            if row[index] != (self.cell_start, -1):
                break
            row[index] = (self.cell_start, end)
        self.cell_start = None

    def _end_table(self) -> None:
        rows = [row for row in self.tables.pop() if row and all(end >= 0 for _, end in row)]
        if len(self.cells) < MOST_CELLS:
            self.cells += cells(rows)

    def _text(self, start: int, end: int) -> None:
        if self.asides:
            return
        at = start
        for entity in _ENTITY.finditer(self.page, start, end):
            self._plain(at, entity.start())
            self.built.add(html.unescape(entity.group()), entity.start(), end=entity.end())
            at = entity.end()
        self._plain(at, end)

    def _plain(self, start: int, end: int) -> None:
        self.built.add(re.sub(r"[\n\r\t\f]", " ", self.page[start:end]), start)


def html_document(page: str, name: str, warnings: tuple[str, ...] = ()) -> Document:
    """The main text of a page. Raises `QuestionError` where it holds none."""
    reader = _Page(page, keep_asides=False)
    reader.read()
    text = reader.built.text()
    if not text.strip():
        reader = _Page(page, keep_asides=True)
        reader.read()
        text = reader.built.text()
    if not text.strip():
        raise QuestionError("the page holds no text", where=name, hint="save it as it is shown")
    text = _only_main(text, reader.main_spans)
    date = next((found.group(1) for each in _DATES if (found := each.search(page))), "")
    built = reader.built
    return Document(
        name, page, text, built.starts, built.ends, tuple(reader.cells[:MOST_CELLS]), date, "html",
        warnings,
    )  # fmt: skip


def _only_main(text: str, spans: list[list[int]]) -> str:
    """The text with everything outside `article` and `main` blanked, where those hold enough."""
    closed = [(start, len(text) if end < 0 else end) for start, end in spans]
    if sum(len(text[start:end].strip()) for start, end in closed) < _SHORT_MAIN:
        return text
    parts, at = [], 0
    for start, end in closed:
        parts += [_blank(text[at:start]), text[start:end]]
        at = end
    return "".join([*parts, _blank(text[at:])])


def _blank(text: str) -> str:
    return "\n" * len(text)
