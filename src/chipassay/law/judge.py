"""From an item, a parcel and a rulebook to a finding in three lines: text, enforcement, practice.

The gates stand in order: jurisdiction, part 746, party lists, letters, class, exceptions, review,
enforcement. Everything is three-valued: whatever is unknown leaves its outcomes possible, and only
where all possible outcomes agree is the answer sure. A blank headquarters is unknown; the answer
is then given for an entity of the destination itself, and says what holds for another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chipassay.law.classes import BIT, UNKNOWN, cells, named, possible, table
from chipassay.law.countries import Countries, groups_at
from chipassay.law.foundry import presumed
from chipassay.law.margins import Paragraph, paragraphs, unsettled
from chipassay.law.paragraphs import TESTS
from chipassay.law.parcel import HOME, Parcel
from chipassay.law.rulebook import IN_FORCE, TOLD, WRITTEN, Rule, Rulebook
from chipassay.law.ruling import NO_LICENCE, Line, Pair, by_rule, lines_of, outranked
from chipassay.records.item import Item

ELSEWHERE = (
    ("CN", "in Macau or a country of D:5"),
    ("US", "in the United States or a partner country"),
    ("BR", "anywhere else"),
)
"""One country for each kind of headquarters that rules tell apart."""
HEADQUARTERS = "headquarters"
JURISDICTION = "jurisdiction"


@dataclass(frozen=True, slots=True)
class Part:
    """The part's identity as letters see it, and what it is: an ic, a system, memory, a wafer."""

    id: str = ""
    name: str = ""
    maker: str = ""
    kind: str = "ic"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in force, how surely it reaches part and shipment, and whether it names the part."""

    rule: Rule
    truth: float
    named: bool = False

    def concerns(self, cell: str) -> bool:
        """Whether it is about parts of a cell; a name is about all of them."""
        return self.named or not self.rule.classes or cell in self.rule.classes


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds if the unknown headquarters lies elsewhere."""

    if_: str
    codified: str
    enforced: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the law of a day says of a part for one shipment."""

    classification: str
    paragraphs: tuple[Paragraph, ...]
    codified: Line
    enforced: Line
    practical: Line
    conditional: tuple[Condition, ...] = ()
    needs: tuple[str, ...] = ()
    also: tuple[Rule, ...] = ()
    gates: tuple[tuple[str, str], ...] = ()
    used: tuple[Rule, ...] = field(default=(), repr=False)


def judge(item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries) -> Finding:
    """The finding for one part and one shipment, by the rules of the book."""
    rows = table(book, part.kind)
    bits = _bits(item, part, parcel, book, rows, countries)
    class_ = named(bits, part.kind)
    settled = parcel if parcel.headquarters else parcel.headquartered(parcel.to)
    gate = barred(settled, book, countries)
    codified, enforced = gate or _lines(bits, item, part, settled, book, countries)
    conditional: tuple[Condition, ...] = ()
    if gate is None and not parcel.headquarters:
        conditional = tuple(_elsewhere(enforced, bits, item, part, parcel, book, countries))
    practical = _practice(enforced, bits, part, settled, book, countries)
    needs = _needs(bits, enforced, item, part, settled, book, countries)
    if conditional:
        needs = (*needs, HEADQUARTERS)
    also = tuple(_also(bits, item, part, settled, book, countries))
    letters = [
        letter.rule for letter in _letters(item, part, settled, book, countries) if letter.truth > 0
    ]
    return Finding(
        classification=class_,
        paragraphs=paragraphs(item, book, part.kind),
        codified=codified,
        enforced=enforced,
        practical=practical,
        conditional=conditional,
        needs=needs,
        also=also,
        gates=tuple(_gates(gate, letters, class_, enforced, settled)),
        used=tuple(dict.fromkeys((*codified.rules, *enforced.rules, *practical.rules, *letters))),
    )


def answer(
    item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> tuple[str, str]:
    """The class and the enforced outcome of a finding, without the rest of it."""
    bits = _bits(item, part, parcel, book, table(book, part.kind), countries)
    settled = parcel if parcel.headquarters else parcel.headquartered(parcel.to)
    gate = barred(settled, book, countries)
    _, enforced = gate or _lines(bits, item, part, settled, book, countries)
    return named(bits, part.kind), enforced.outcome


def _bits(
    item: Item, part: Part, parcel: Parcel, book: Rulebook, rows: tuple[Rule, ...],
    countries: Countries,
) -> int:  # fmt: skip
    if part.kind == "foundry":
        return presumed(item, part.name, parcel, book, countries)
    return int(possible(item, rows))


def subject(parcel: Parcel) -> float:
    """Whether the part is surely subject to US rules: shipped from there, or designed there.

    A reexport is one of such a part by definition, and so is what 3A090 Note 1 presumes of fabs. A
    part made and designed abroad is so only through a foreign direct product rule (734.9) or
    its US content (734.4), which the figures of a part do not tell.
    """
    known = HOME in (parcel.origin, parcel.designer) or parcel.movement == "reexport"
    known = known or parcel.party.kind == "fabricator"
    return 1.0 if known else 0.5


def barred(parcel: Parcel, book: Rulebook, countries: Countries) -> Pair | None:
    """Part 746, then the party lists: gates that no class and no exception opens."""
    for rule in (*book.layer("embargo", IN_FORCE), *book.layer("party", IN_FORCE)):
        enough = parcel.party.share >= rule.limits.get("share", 0.0)
        if parcel.meets(rule, countries) and enough and subject(parcel) == 1:
            line = by_rule(rule)
            return line, line
    return None


def _lines(
    bits: int, item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> Pair:
    fits = _fits(item, book)
    letters = _letters(item, part, parcel, book, countries)
    return settle(bits, fits, letters, parcel, book, countries)


def settle(
    bits: int, fits: dict[str, float], letters: list[Letter], parcel: Parcel,
    book: Rulebook, countries: Countries,
) -> Pair:  # fmt: skip
    """One line each for the text and its enforcement, from everything that is possible.

    A letter by name decides though the class is unknown: a licence is needed either way.
    """
    pairs = [
        (codified, decided)
        for cell in cells(bits)
        for codified, enforced in lines_of(cell, parcel, book, countries, fits)
        for decided in _by_letter(cell, enforced, letters)
    ]
    codified, enforced = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if subject(parcel) < 1:
        free = Line(NO_LICENCE, "if it is not subject to US rules (15 CFR 734.9, 734.4)")
        codified, enforced = [*codified, free], [*enforced, free]
    decided = _agreed(enforced)
    sure = [letter for letter in letters if letter.named and letter.truth == 1]
    if sure and decided.outcome == UNKNOWN:
        decided = by_rule(sure[0].rule)
    return _agreed(codified), decided


def _agreed(lines: list[Line]) -> Line:
    outcomes = sorted({line.outcome for line in lines})
    if len(outcomes) == 1:
        return min(lines, key=lambda line: (not line.rules, line.because))
    rules = tuple(dict.fromkeys(rule for line in lines for rule in line.rules))
    return Line(UNKNOWN, f"depends on what is unknown: {' or '.join(outcomes)}", rules)


def _by_letter(cell: str, line: Line, letters: list[Letter]) -> Iterator[Line]:
    """The line, or the letters that outrank it; both where a letter's reach is unknown."""
    for letter in letters:
        if letter.truth > 0 and outranked(line, letter.rule) and letter.concerns(cell):
            yield by_rule(letter.rule)
            if letter.truth == 1:
                return
    yield line


def _fits(item: Item, book: Rulebook) -> dict[str, float]:
    """The truth of every exception and review that asks for a number."""
    rules = (*book.layer("exception", WRITTEN), *book.layer("review", WRITTEN))
    return {rule.id: float(TESTS[rule.test](item, rule.limits)) for rule in rules if rule.test}


def _letters(
    item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> list[Letter]:
    """Every letter in force and how surely it reaches this part and shipment."""
    found = []
    for rule in book.layer("letter", IN_FORCE):
        reach = 1.0 if parcel.meets(rule, countries) else 0.0
        if reach == 0 and parcel.may_meet(rule, countries):
            reach = 0.5
        if reach > 0:
            truth = min(reach, _concerns(rule, item, part))
            found.append(Letter(rule, truth, names(rule, part)))
    return found


def _concerns(rule: Rule, item: Item, part: Part) -> float:
    """Whether a letter names the part, or its maker and figures the part has."""
    if names(rule, part):
        return 1.0
    if part.maker and part.maker in rule.makers and rule.test and part.kind != "memory":
        return float(TESTS[rule.test](item, rule.limits))
    return 0.0


def names(rule: Rule, part: Part) -> bool:
    """Whether a rule names the part: by id, or by a name that the part's begins with."""
    spelled = f"{part.name} ".casefold()
    return part.id in rule.chips or any(
        spelled.startswith(f"{name} ".casefold()) for name in rule.names
    )


def _elsewhere(
    enforced: Line, bits: int, item: Item, part: Part, parcel: Parcel, book: Rulebook,
    countries: Countries,
) -> Iterator[Condition]:  # fmt: skip
    """The answers for other headquarters, where they differ from the one given."""
    for code, told in ELSEWHERE:
        other = parcel.headquartered(code)
        text, line = barred(other, book, countries) or _lines(
            bits, item, part, other, book, countries
        )
        if line.outcome != enforced.outcome:
            yield Condition(told, text.outcome, line.outcome)


def _practice(
    enforced: Line, bits: int, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> Line:
    """The enforced line, and what is known to happen beside it."""
    told = [
        rule
        for rule in book.layer("practice", TOLD)
        if parcel.meets(rule, countries)
        and (names(rule, part) or (rule.classes and _all_in(bits, rule)))
    ]
    foreign = [
        r for r in book.layer("foreign", ("reported",)) if _reaches(r, bits, parcel, countries)
    ]
    if not told + foreign:
        return enforced
    sentences = "; ".join(
        f"{rule.paragraph}: {rule.title} ({rule.cite})" for rule in told + foreign
    )
    return Line(enforced.outcome, sentences, (*enforced.rules, *told, *foreign))


def _all_in(bits: int, rule: Rule) -> bool:
    return bits & ~sum(BIT[cell] for cell in rule.classes) == 0


def _reaches(rule: Rule, bits: int, parcel: Parcel, countries: Countries) -> bool:
    caught = not rule.classes or any(cell in rule.classes for cell in cells(bits))
    return caught and parcel.meets(rule, countries)


def _also(
    bits: int, item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries
) -> Iterator[Rule]:
    """Guidance, duties, foreign law and bills that bear on the shipment without deciding it."""
    for layer in ("guidance", "fiscal", "foreign", "pending"):
        for rule in book.layer(layer, TOLD):
            if not _reaches(rule, bits, parcel, countries):
                continue
            if rule.makers and not _made_by(rule, part, parcel, countries):
                continue
            if rule.chips and not names(rule, part):
                continue
            if not rule.test or float(TESTS[rule.test](item, rule.limits)) > 0:
                yield rule


def _made_by(rule: Rule, part: Part, parcel: Parcel, countries: Countries) -> bool:
    groups = groups_at(countries, parcel.on)
    return part.maker in rule.makers or any(
        parcel.designer in groups.get(name, ()) for name in rule.makers
    )


def _needs(
    bits: int, enforced: Line, item: Item, part: Part, parcel: Parcel, book: Rulebook,
    countries: Countries,
) -> tuple[str, ...]:  # fmt: skip
    """What would settle an unknown class or outcome; nothing where both are sure."""
    asked = []
    if named(bits) == UNKNOWN:
        asked += unsettled(item, table(book, part.kind))
    if enforced.outcome == UNKNOWN:
        reviews = [r for r in enforced.rules if r.layer in ("review", "exception", "letter")]
        asked += unsettled(item, reviews)
        if bits & BIT["a_datacenter"] and bits & BIT["a_other"]:
            asked.append("for_datacenter")
        if subject(parcel) < 1:
            asked.append(JURISDICTION)
        letters = _letters(item, part, parcel, book, countries)
        unclear = [letter.rule for letter in letters if letter.truth == 0.5 and letter.rule.perhaps]
        asked += [f"the reach of {rule.paragraph}" for rule in unclear]
    return tuple(dict.fromkeys(asked))


def _gates(
    gate: Pair | None, letters: list[Rule], class_: str, enforced: Line, parcel: Parcel
) -> Iterator[tuple[str, str]]:
    """Each gate in order, and what it said."""
    sure = subject(parcel) == 1
    yield JURISDICTION, "subject to US rules" if sure else "unknown: designed and shipped abroad"
    stopped = gate[1].because if gate else "open"
    embargoed = gate is not None and gate[1].rules[0].layer == "embargo"
    yield "part 746", stopped if embargoed else "open"
    yield "party lists", stopped if gate and not embargoed else "open"
    yield "letters", "; ".join(rule.paragraph for rule in letters) or "none reaches it"
    yield "class", class_
    kinds = [rule for rule in enforced.rules if rule.layer in ("exception", "review")]
    for layer in ("exception", "review"):
        decided = [rule.paragraph for rule in kinds if rule.layer == layer]
        yield f"{layer}s", ", ".join(decided) or "none decides"
    yield "enforcement", enforced.outcome
