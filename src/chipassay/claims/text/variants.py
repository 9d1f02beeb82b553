"""Form factors and capacities beside a name: "A100 80GB SXM", "the PCIe version of the H100".

They narrow the name to the variants that have them before anything is judged; where they are a part
of the name they are no figures of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from chipassay.claims.claim import Mention
from chipassay.facts.fact import Entry
from chipassay.units import parse


class Kind(NamedTuple):
    """What tells the variants of a chip apart: the words for its form, its memory in bytes."""

    forms: frozenset[str]
    capacity: float


Kinds = Mapping[str, Kind]
_FORM = (
    r"(?:SXM[2-6]?|PCI(?:e|-E| ?Express)(?:[ -]?(?:Gen ?[3-6]|[3-6]\.0))?(?: ?x16)?"
    r"(?! ?(?:bandwidth|bus|slot|lanes?|link|interface|switch|带宽|接口|总线|通道))|NVL(?! ?\d)"
    r"|OAM)"
)
_SIZE = r"\d{2,3}\s?G(?:i?B)?"
_PART = rf"(?:{_FORM}|{_SIZE})(?![A-Za-z0-9]|/s|\.\d)"
_KIND = (
    r"(?:versions?|variants?|models?|modules?|editions?|flavou?rs?|cards?|GPUs?|SKUs?"
    r"|form[- ]factors?|boards?|版本?|型号?|款|卡)"
)
_NEXT = re.compile(rf"[\s-]?{_PART}", re.I)
_BRACKET = re.compile(rf"\s?[(（]\s?{_PART}(?:[\s,/-]{{1,2}}{_PART})?(?:\s?{_KIND})?", re.I)
_ELSE = re.compile(rf"\s?(?:or|and|/|,|、|或|和|及)\s?(?:{_PART})", re.I)
_IN = re.compile(rf"(?: in (?:its |the |an? )?|的){_PART}[\s-]?{_KIND}", re.I)
_BEFORE = re.compile(
    rf"(?<![A-Za-z0-9.])(?:{_PART}[\s-]{{0,2}})?{_PART}(?:[\s-]?(?:based|only|{_KIND}|form,))?"
    r"\s?(?:的|(?:of|for)? ?(?:the |an? )?)?(?:NVIDIA |Nvidia |Tesla |HGX |英伟达)?$",
    re.I,
)
_TOLD = re.compile(
    r"\s?(?:of |的)?(?:on-board |on-package |unified |total )?(?:HBM|GDDR|LPDDR|DDR|V?RAM\b"
    r"|memory\b|显存|内存|high[- ]bandwidth|DRAM)",
    re.I,
)
"""What stands behind a capacity that is told and no part of a name."""
_LABEL = re.compile(
    r"(?:memory|V?RAM|HBM\w{0,2}|显存|内存)(?: (?:capacity|size|per \w+))?(?:容量|大小)?"
    r"\s?(?:[(（]?GB[)）]?)?\s?[:：|]",
    re.I,
)
_LAST_SIZE = re.compile(rf"[\s-]{{1,2}}{_SIZE}$", re.I)
_ENTRY_ENDS = re.compile(r"\s?(?:[,，、;；/|.)。]|$|vs\b|and\b|和)")
_STANDS_IN = re.compile(
    r"(?<![A-Za-z0-9/.-])(?:the |each |其)?(?:(?:SXM[2-6]?|PCIe(?: ?Gen ?\d)?|NVL|OAM)"
    rf"(?=\s?[(（:：]|\s\d)(?!.{{0,25}}GB/s|\s[3-6](?:\.0)?\b)"
    rf"|{_PART}(?:[\s-]?{_PART})?[\s-]?{_KIND}(?![A-Za-z0-9-]))",
    re.I,
)
_OF = re.compile(r"\s?(?:of|for|的)?\s?(?:the |an? )?(?:NVIDIA |Tesla |HGX |英伟达)?", re.I)
_MAY_STAND = re.compile(r"SXM|PCI|NVL|OAM|GB?[\s-]?(?:v|m|card|版|款|型)", re.I)
_WORD = re.compile(r"[A-Za-z]+")
_FORMS = re.compile(r"SXM|PCI|NVL|OAM", re.I)
_SIZES = re.compile(r"(\d{2,3})\s?G", re.I)
_NEAR = 0.03
"""How far a capacity in a name may lie from the variant's: 94 GB are sold as 96."""


def kinds(entries: Iterable[Entry]) -> dict[str, Kind]:
    """Form and capacity of each chip, but of those for one country: a plain name means no such."""
    return {
        entry.id: Kind(_forms(entry), entry.number("memory_capacity"))
        for entry in entries if "cn" not in entry.id.split("-")
    }  # fmt: skip


def _forms(entry: Entry) -> frozenset[str]:
    fact = entry.facts.get("form_factor")
    words = f"{fact.value if fact is not None else ''} {entry.name if 'NVL' in entry.name else ''}"
    return frozenset(word.lower()[:3] for word in _WORD.findall(words) if _FORMS.match(word))


def told_apart(
    text: str, start: int, end: int, found: list[Mention], known: Kinds, back: Mention | None
) -> list[Mention]:
    """The names with the form factors and capacities that belong to them, and "the PCIe version"
    as a name of its own; `back` is the chip spoken of before."""
    if not any(each.kind == "chip" for each in (*found, *([back] if back else []))):
        return found
    label = _LABEL.search(text, start, end)
    stops = [each.start for each in found[1:]] + [end]
    begins = [start] + [each.end for each in found[:-1]]
    read: list[Mention] = found and [
        _of_variant(text, begin, stop, each, known, label is not None and label.end() <= each.start)
        if each.kind == "chip" else each
        for begin, stop, each in zip(begins, stops, found, strict=True)
    ]  # fmt: skip
    if _MAY_STAND.search(text, start, end) is None:
        return read
    return sorted([*read, *_stand_ins(text, start, end, read, known, back)], key=lambda m: m.start)


def _of_variant(
    text: str, start: int, end: int, mention: Mention, known: Kinds, labelled: bool
) -> Mention:
    """A name, narrowed by what stands before and behind it and drawn out over the latter."""
    if labelled:
        return _without_size(text, mention)
    mention = _kept(mention, text[mention.start : mention.end], known) or mention
    left = max(start, mention.start - 48)
    before = _BEFORE.search(text[left : mention.start])
    kept = _kept(mention, before.group(), known) if before is not None else None
    if before is not None and kept is not None:
        told = _SIZES.search(before.group()) is not None
        mention = kept if told else replace(kept, start=left + before.start())
    inside = _BRACKET.match(text, mention.end, end)
    if inside is not None and not _ELSE.match(text, inside.end(), end):
        other = _unheld(text, mention, inside, known)
        if other is not None:
            return other
        kept = _kept(mention, inside.group(), known) or mention
        closed = text[inside.end() : inside.end() + 1] in (")", "）")
        whole = closed and not _SIZES.search(inside.group())
        return replace(kept, end=inside.end() + 1) if whole else kept
    if (form := _IN.match(text, mention.end, end)) is not None:
        narrower = _kept(mention, form.group(), known)
        if narrower is None:
            return _unheld(text, mention, form, known) or mention
        return replace(narrower, end=form.end())
    return _drawn_out(text, end, mention, known)


def _drawn_out(text: str, end: int, mention: Mention, known: Kinds) -> Mention:
    """A name with the parts right behind it: "80GB PCIe"."""
    several = len({known[id_].capacity for id_ in mention.ids if id_ in known}) > 1
    kept = mention
    while (match := _NEXT.match(text, kept.end, end)) is not None:
        size = _SIZES.search(match.group()) is not None
        then = _NEXT.match(text, match.end(), end) is not None
        if size and (_TOLD.match(text, match.end()) or not (several or then or kept != mention)):
            break
        narrower = _kept(kept, match.group(), known)
        if narrower is None and kept == mention:
            narrower = _of_kin(mention, text[mention.start : match.end()], known)
        if narrower is None:
            return _unheld(text, mention, match, known) or mention
        kept = replace(narrower, end=match.end())
    return kept


def _unheld(text: str, mention: Mention, words: re.Match[str], known: Kinds) -> Mention | None:
    """The stranger that a name is with the form factor of a variant that the catalogue lacks."""
    forms = {match.group().lower() for match in _FORMS.finditer(words.group())}
    held = {form for id_ in mention.ids if id_ in known for form in known[id_].forms}
    if not forms or not held or forms & held:
        return None
    name = text[mention.start : words.end()]
    return Mention("stranger", (), name, mention.start, words.end())


def _of_kin(mention: Mention, words: str, known: Kinds) -> Mention | None:
    """The variant of a chip's family that fits all of a name: "X 40GB PCIe" where "X 40GB" alone
    is the name of another."""
    kin = _kin(_stem(mention), known)
    return _kept(replace(mention, ids=kin), words, known) if kin else None


def _without_size(text: str, mention: Mention) -> Mention:
    """A name in a list of capacities: the capacity in it is what the list tells."""
    size = _LAST_SIZE.search(text, mention.start, mention.end)
    if size is None or not _ENTRY_ENDS.match(text, mention.end):
        return mention
    return replace(mention, end=size.start())


def _kept(mention: Mention, words: str, known: Kinds) -> Mention | None:
    """A name with the variants that fit the words; None where none does."""
    forms = {match.group().lower() for match in _FORMS.finditer(words)}
    sizes = [parse(f"{match.group(1)} GB", "B") for match in _SIZES.finditer(words)]
    ids = [
        id_ for id_ in mention.ids
        if id_ in known and forms <= known[id_].forms
        and all(abs(known[id_].capacity / size - 1) < _NEAR for size in sizes)
    ]  # fmt: skip
    if "pci" in forms and "nvl" not in forms:
        ids = [id_ for id_ in ids if "nvl" not in known[id_].forms] or ids
    return replace(mention, ids=tuple(ids), name=ids[0]) if ids else None


def _stand_ins(
    text: str, start: int, end: int, read: list[Mention], known: Kinds, back: Mention | None
) -> Iterator[Mention]:
    """ "The PCIe version" and "SXM5 (700 W)": variants of the one chip that is spoken of."""
    families = {_stem(each) for each in read if each.kind in ("chip", "stranger")}
    if not families and back is not None:
        families = {_stem(back)}
    stem = families.pop() if len(families) == 1 else ""
    kin = _kin(stem, known)
    for match in _STANDS_IN.finditer(text, start, end) if kin else ():
        if any(match.start() < each.end and each.start < match.end() for each in read):
            continue
        ahead = next((m.start for m in read if m.start >= match.end()), end)
        if ahead < end and _OF.fullmatch(text, match.end(), ahead):
            continue
        at = match.start() + re.match(r"(?:the |each |其)?", match.group(), re.I).end()  # type: ignore[union-attr]
        kept = _kept(Mention("chip", kin, kin[0], at, match.end()), match.group(), known)
        if kept is not None and len(kept.ids) < len(kin):
            yield kept


def _kin(stem: str, known: Kinds) -> tuple[str, ...]:
    """The variants of a chip, modules before cards; none where there is but one."""
    kin = [id_ for id_ in known if id_.partition("-")[0] == stem]
    kin.sort(key=lambda id_: (known[id_].forms != {"sxm"}, -known[id_].capacity))
    return tuple(kin) if len(kin) > 1 and any(char.isdigit() for char in stem) else ()


def _stem(mention: Mention) -> str:
    stems = {id_.partition("-")[0] for id_ in mention.ids}
    return stems.pop() if len(stems) == 1 else ""
