"""From what was watched to what is shown: steps become reasons, leaves find their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel
from chipassay.facts.fact import STRENGTH, Entry, Source
from chipassay.records.answer import Reason
from chipassay.trace import Leaf, Step, Watched


class Footnotes:
    """Looks up the source of every leaf and remembers which sources an answer used."""

    def __init__(self, catalogue: Catalogue, models: Iterable[FoundModel] = ()) -> None:
        self._catalogue = catalogue
        self._models = {model.id: model for model in models}
        self._used: dict[str, Source] = {}
        self._shown: set[int] = set()
        self._entries: dict[str, Entry] = {}
        self._told: dict[str, Reason] = {}

    def tell(self, *reasons: Reason) -> None:
        """What stands behind leaves that no chip, model or rule holds, by their names."""
        self._told |= {reason.name: reason for reason in reasons}

    def reasons(self, title: str, result: object) -> tuple[Reason, ...]:
        """The derivation of one watched result; none for a number that nothing was watched for."""
        if not isinstance(result, Watched):
            return ()
        self._shown = set()
        below = self._origin(result.origin, title)
        return (replace(below, name=title),)

    def sources(self) -> tuple[dict[str, Any], ...]:
        """Every source used so far, as the JSON form has it."""
        return tuple(source_json(source) for _, source in sorted(self._used.items()))

    def use(self, *sources: Source) -> None:
        """Count sources as used by the answer."""
        self._used |= {source.key: source for source in sources}

    def _origin(self, origin: Leaf | Step, name: str) -> Reason:
        return self._leaf(origin) if isinstance(origin, Leaf) else self._step(origin, name)

    def _step(self, step: Step, name: str) -> Reason:
        formula = step.formula
        self._cite(formula.cite)
        seen = id(step) in self._shown
        self._shown.add(id(step))
        inner = () if seen else tuple(self._argument(each) for each in self._arguments(step))
        sentence = "derived above" if seen else formula.sentence
        unit = formula.units.get("return", "1")
        return Reason(name, step.value, unit, formula.name, sentence, formula.cite, inner=inner)

    def _arguments(self, step: Step) -> list[tuple[str, float, Leaf | Step | None, str]]:
        units = step.formula.units
        return [
            (each.name, each.value, each.origin, units.get(each.name, "1"))
            for each in step.arguments
            if each.value is not None
        ]

    def _argument(self, argument: tuple[str, float, Leaf | Step | None, str]) -> Reason:
        name, value, origin, unit = argument
        if origin is None:
            return Reason(name, value, unit, standing="fixed by the formula's caller")
        return self._origin(origin, name)

    def _leaf(self, leaf: Leaf) -> Reason:
        if leaf.name in self._told:
            told = self._told[leaf.name]
            self.use(*([self._catalogue.source(told.source)] if told.source else []))
            return told
        subject, _, field = leaf.name.rpartition(".")
        if subject in self._models:
            return self._of_model(leaf, self._models[subject])
        if subject in self._catalogue.rules():
            return self._of_rule(leaf, subject)
        return self._of_chip(leaf, subject, field)

    def _of_chip(self, leaf: Leaf, subject: str, field: str) -> Reason:
        if subject not in self._entries:
            self._entries[subject] = self._catalogue.chip_entry(subject)
        entry = self._entries[subject]
        unit = self._catalogue.field("chip", field).si
        fact = entry.facts.get(field)
        if fact is None:
            return Reason(leaf.name, None, unit, standing="unknown: no source gives it")
        self.use(*fact.sources)
        key = fact.sources[0].key
        return Reason(leaf.name, leaf.value, unit, source=key, standing=fact.standing)

    def _of_model(self, leaf: Leaf, model: FoundModel) -> Reason:
        self.use(*model.sources)
        kind = min((source.kind for source in model.sources), key=STRENGTH.index)
        standing = kind if model.confidence == "seen" and kind in STRENGTH[:3] else "unverified"
        key = model.sources[0].key
        return Reason(leaf.name, leaf.value, "1", source=key, standing=standing)

    def _of_rule(self, leaf: Leaf, rule: str) -> Reason:
        written = self._catalogue.rules()[rule]
        sources = tuple(map(self._catalogue.source, written["sources"]))
        self.use(*sources)
        standing = sources[0].kind if written["confidence"] == "seen" else "unverified"
        return Reason(leaf.name, leaf.value, "", source=sources[0].key, standing=standing)

    def _cite(self, key: str) -> None:
        if key != "arithmetic":
            self.use(self._catalogue.source(key))


def source_json(source: Source) -> dict[str, Any]:
    """A source in the JSON form."""
    plain = {"id": source.key, "title": source.title, "url": source.url, "date": source.date}
    plain["kind"] = source.kind
    return plain | ({"licence": source.licence} if source.licence else {})
