"""The names of chips, systems, models and makers in a text: found first, so that the digits in
a name are never taken for a quantity.

Names are looked up exactly, as the catalogue does; a word that is only like a name is no name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.names import folded
from chipassay.claims.claim import Mention
from chipassay.claims.text.acts import Act, acts_of
from chipassay.claims.text.strangers import grown, series, strangers
from chipassay.claims.text.variants import Kinds, kinds
from chipassay.facts.fact import Entry

_TOKEN = re.compile(r"(?<=\d)[x×](?=[A-Z])|[A-Za-zµ]+|\d+|[一-鿿]")
_NOISE = re.compile(r"[®™]?(?:\s{0,2}|\s?[\-_‐‑–—·]|[\-_‐‑–—·]\s?)[®™]?")
"""What may stand inside a name; a dash between spaces stands behind one."""
_PLAIN_WORD = re.compile(r"[a-z]+")
_ARTICLE = re.compile(r"[A-Za-z]\s+\d")
"""A letter apart from a number is an article ("a 100 MW plant") or a label, no name."""
_LONGEST = 9
_PLURAL = {"s", "x"}
_SHORT = 2
"""A name this short ("L4") counts only beside a maker's name or a word such as GPU."""
_AROUND = 60
_CACHE = re.compile(r"l[1-3]")
_OF_CHIPS = re.compile(
    r"\bGPU|\b[Ww]att|\bT(?:FL)?OPS\b|GDDR|HBM|\d ?(?:GB|W)\b|CUDA|Tensor|显存"
    r"|算力|\bTDP\b|NVIDIA"
)
_OF_CARS = re.compile(r"driv|autonom|vehicle|\bcars?\b|Level|cache|layer|驾驶|自动|车|层", re.I)
"""What a name of two characters stands among where a chip is meant, and where none is."""
_BESIDE = re.compile(r"[\s-]{0,2}(?:GPUs?|cards?|accelerators?|chips?|显卡|芯片|加速卡)", re.I)
_NOT_A_CHIP = re.compile(
    r"[\s-]{0,2}(?:cache|缓存|desktop|laptop|notebook|smartphone|paper|highway)|\s?%", re.I
)
_OF_A_LINE = re.compile(
    r"(?:['’]s|[\s-](?:generation|architecture|based|series|class|AI|data[- ]cent(?:er|re)|B?\d00"
    r"|GPU|chip|die)){0,2}[\s-]{0,2}(?:(?:GPUs?|NPUs?|chips?|cards?|dies?|dice|accelerators?"
    r"|processors?|architecture)(?![A-Za-z])|芯片|架构|显卡|加速卡|卡|系列)"
    r"|\s(?:features?|has|have|offers?|delivers?|supports?|integrates?|packs?|provides?|is|are"
    r"|contains?)\b|采用|拥有"
    r"|\s(?:AI )?(?:output|production|shipments?|sales|revenues?|orders?|supply"
    r"|demand|yields?|deliver(?:y|ies)|business|famil(?:y|ies)|series|line|packages?|units|boards"
    r"|racks?)\b|(?:AI)?(?:的)?(?:出货|产量|销量|产能|营收|收入|销售|订单|良率)",
    re.I,
)
"""What stands behind a line of chips ("Blackwell GPUs") that is meant as a chip."""
_UNIT_AFTER = re.compile(r"\s?(?:GB|TB|MB|W|%|TFLOPS|TOPS|million|billion|yuan|dollars|元|万|亿)")


@dataclass(frozen=True, slots=True)
class Index:
    """Every folded spelling, with what it may mean."""

    spellings: dict[str, tuple[str, tuple[str, ...], str]]
    begun: frozenset[str]
    """What the spellings begin with, to see whether any begins with what was read so far."""
    lines: re.Pattern[str]
    """What an unknown chip of a known line is called."""
    designs: frozenset[str]
    """Names of designs ("XY100"), which are no products."""
    kinds: Kinds
    """Form and memory of each chip, to tell variants of one name apart."""
    acts: tuple[Act, ...] = ()
    """The acts of law by their names and days."""

    def mentions(self, text: str, start: int, end: int) -> list[Mention]:
        """The names in a stretch of text, longest first at each place, in order."""
        tokens = list(_TOKEN.finditer(text, start, end))
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            begins = tokens[at].group().casefold() in self.begun and self._is_free(text, tokens[at])
            hit = self._longest(text, tokens, at) if begins else None
            if hit is None:
                at += 1
                continue
            mention, at = hit
            found.append(mention)
        return found

    def products(self, text: str, start: int, end: int) -> list[Mention]:
        """The names, and what looks like the name of a product that nobody here knows."""
        found = grown(text, self.mentions(text, start, end))
        unknown = strangers(text, start, end, found, self.lines, self.designs)
        return sorted([*found, *unknown], key=lambda each: each.start)

    @staticmethod
    def _is_free(text: str, token: re.Match[str]) -> bool:
        """Whether a name may start with a token: no letter, digit or sign is glued to it."""
        before = text[token.start() - 1 : token.start()] if token.start() else " "
        earlier = text[token.start() - 2 : token.start() - 1] if token.start() > 1 else " "
        decimal = before in (".", ",") and token.group().isdigit() and not earlier.isalpha()
        if before.isascii() and (before.isalnum() or before in "$." or decimal):
            return before == "x" and text[token.start() - 2 : token.start() - 1].isdigit()
        return True

    def _begins(self, read: str) -> bool:
        """Whether any spelling begins with these letters."""
        return read in self.begun

    def _longest(
        self, text: str, tokens: list[re.Match[str]], at: int
    ) -> tuple[Mention, int] | None:
        folded_name, best = "", None
        for index in range(at, min(at + _LONGEST, len(tokens))):
            token = tokens[index]
            if index > at:
                gap = text[tokens[index - 1].end() : token.start()]
                if gap == "." and token.group().isdigit() and folded_name[-1:].isdigit():
                    folded_name += "."
                elif _NOISE.fullmatch(gap) is None or gap.count("\n") > 1:
                    break
            word = token.group().casefold()
            folded_name += word
            if not self._begins(folded_name.removesuffix("s")) and word not in _PLURAL:
                break
            if self._ends(text, tokens, index):
                known = self.spellings.get(folded_name)
                if known is None and word in _PLURAL and index > at:
                    known = self.spellings.get(folded_name[: -len(word)])
                    if known is None and len(word) < len(folded_name):
                        continue
                elif known is None and word.endswith("s"):
                    known = self.spellings.get(folded_name[:-1])
                if known is not None and self._is_meant(text, tokens[at].start(), token, known):
                    best = (known, token.end(), index + 1)
        if best is None:
            return None
        (kind, ids, name), end, after = best
        return Mention(kind, ids, name, tokens[at].start(), end), after  # type: ignore[arg-type]

    def _ends(self, text: str, tokens: list[re.Match[str]], index: int) -> bool:
        """Whether a name may end with this token: no letter or digit is glued to it."""
        end = tokens[index].end()
        after = text[end : end + 1]
        glued = after.isascii() and after.isalnum() and tokens[index].group().isascii()
        return not glued and text[end : end + 2] != "/s"

    def _is_meant(
        self, text: str, start: int, last: re.Match[str], known: tuple[str, tuple[str, ...], str]
    ) -> bool:
        written = text[start : last.end()]
        if known[0] in ("maker", "model"):
            return True
        bare = folded(written)
        if _NOT_A_CHIP.match(text, last.end()):
            return False
        if known[0] == "line" and _DIE.fullmatch(bare.upper()) is None:
            upper = not written[:1].islower()
            return _OF_A_LINE.match(text, last.end()) is not None and upper
        if bare.isdigit() and _UNIT_AFTER.match(text, last.end()):
            return False
        if _PLAIN_WORD.fullmatch(written) or _ARTICLE.match(written):
            return False
        if len(bare) > _SHORT or _BESIDE.match(text, last.end()):
            return True
        if _CACHE.fullmatch(bare):
            return False
        near = text[max(0, start - _AROUND) : last.end() + _AROUND]
        return _OF_CHIPS.search(near) is not None and _OF_CARS.search(near) is None


def index(catalogue: Catalogue) -> Index:
    """The index of a catalogue's names."""
    table: dict[str, tuple[str, tuple[str, ...], str]] = {}
    for spelling, makes in _makers(catalogue):
        table[spelling] = ("maker", (makes,), makes)
    for kind in ("models", "systems", "chips"):
        names = catalogue.names(kind).meanings()
        for spelling, ids in names.items():
            table[spelling] = (kind.removesuffix("s"), ids, ids[0])
    for kind, entries in (("chip", catalogue.chips()), ("system", catalogue.systems())):
        for spelling, ids in _lines(entries).items():
            table.setdefault(spelling, (kind, ids, ids[0]))
    for spelling, ids in _designs(catalogue).items():
        table.setdefault(spelling, ("line", ids, spelling))
    for spelling, ids in _series(catalogue).items():
        table.setdefault(spelling, ("model", ids, spelling))
    chips = catalogue.chips()
    designs = frozenset(word for entry in chips for word in entry.design.split())
    lines = series((entry.name for entry in chips), catalogue.vendors())
    begun = frozenset(name[:end] for name in table for end in range(len(name) + 1))
    return Index(table, begun, lines, designs, kinds(chips), acts_of(catalogue))


def _makers(catalogue: Catalogue) -> list[tuple[str, str]]:
    found = []
    for vendor in catalogue.vendors():
        for spelling in {vendor, *catalogue.makers().get(vendor, ())}:
            found.append((folded(spelling), vendor))
    return found


def _lines(entries: list[Entry]) -> dict[str, tuple[str, ...]]:
    """Names whose part in brackets a writer leaves out."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        bare = re.sub(r"\s*\([^)]*\)", "", entry.name)
        if bare != entry.name:
            found.setdefault(folded(bare), set()).add(entry.id)
    return {name: tuple(sorted(ids)) for name, ids in found.items() if len(ids) == 1}


_LINE = re.compile(r"[A-Z][a-z]{3,}|[一-鿿]{2,4}")
_SERIES = re.compile(r"[一-鿿]{2,4}(?=[0-9])")


def _designs(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """The names of lines that several data-centre chips share ("Hopper"), the first and fastest
    chip before the others."""
    kin: dict[str, list[Entry]] = {}
    for entry in catalogue.chips():
        if entry.vendor and "marketed_for_datacenter" in entry.facts:
            for word in _line_words(entry):
                kin.setdefault(word, []).append(entry)
    lines: dict[str, tuple[str, ...]] = {}
    for word, entries in _dies(catalogue).items():
        lines[folded(word)] = tuple(each.id for each in entries)
    for word, entries in kin.items():
        entries.sort(key=lambda e: (e.text("announced"), -e.number("dense_fp16"), e.id))
        centre = tuple(e.id for e in entries if e.facts["marketed_for_datacenter"].value is True)
        for name in (word, f"{entries[0].vendor} {word}"):
            lines[folded(name)] = centre
    return {
        name: ids for name, ids in lines.items() if len(ids) > 1 or _DIE.fullmatch(name.upper())
    }


_DIE = re.compile(r"[A-Z]{2}\d{3}")


def _dies(catalogue: Catalogue) -> dict[str, list[Entry]]:
    """The chips that are made of one die, by the name of its design, those of full size first."""
    kin: dict[str, list[Entry]] = {}
    for entry in catalogue.chips():
        for word in entry.design.split():
            if _DIE.fullmatch(word):
                kin.setdefault(word, []).append(entry)
    for entries in kin.values():
        entries.sort(key=lambda e: ("cn" in e.id, e.text("announced"), -e.number("cores"), e.id))
    return kin


def _line_words(entry: Entry) -> set[str]:
    """The words a chip's line may go by: of its design, its name, its Chinese aliases."""
    rest = entry.name.removeprefix(entry.vendor).split()
    words = {entry.design.partition(" ")[0], rest[0] if rest else ""}
    words |= {found.group() for name in entry.aliases if (found := _SERIES.match(name))}
    return {word for word in words if _LINE.fullmatch(word)}


def _series(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Models named without their size: "Llama 3.1", and "Llama 3" for all of the third."""
    found: dict[str, list[str]] = {}
    for id_ in catalogue.models():
        series, dash, size = id_.rpartition("-")
        if not dash or not re.fullmatch(r"[\d.]+[bt]", size) or not re.search(r"\d", series):
            continue
        for name in {series, re.sub(r"\.\d+$", "", series)}:
            found.setdefault(folded(name), []).append(id_)
    return {name: tuple(ids) for name, ids in found.items()}


def narrowed(mention: Mention, ids: tuple[str, ...]) -> Mention:
    """The mention with fewer meanings, where any are left."""
    return replace(mention, ids=ids) if ids else mention
