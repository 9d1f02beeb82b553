"""Quick tests before slow patterns: they never hide a match."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chipassay.claims
from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.text.acts import acts_of
from chipassay.claims.text.dates import days, stamps
from chipassay.claims.text.gated import Gated, Small, lowered
from chipassay.claims.text.names import index
from chipassay.claims.text.sentences import sentence
from chipassay.claims.text.subjects import CLAUSE

ACTS = acts_of(Catalogue.shipped())
NAMES = index(Catalogue.shipped())
EXAMPLES = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
MANY = settings(EXAMPLES, max_examples=50)


def _within(value: Any) -> Iterator[Any]:
    """A value and, of a tuple or a table, what is in it."""
    yield value
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from _within(each)


def _patterns(kind: type) -> dict[str, Any]:
    """Every pattern of a kind in the modules of claims, by module and name, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in pkgutil.walk_packages(chipassay.claims.__path__, "chipassay.claims."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, each in enumerate(_within(value)):
                if isinstance(each, kind):
                    key = f"{module.name.rpartition('.')[2]}.{name}[{number}]"
                    found.setdefault(id(each), (key, each))
    return dict(found.values())


GATED = _patterns(Gated)
SMALL = _patterns(Small)


def test_there_are_patterns_to_test() -> None:
    assert len(GATED) > 20
    assert len(SMALL) > 60


@pytest.mark.parametrize("name", GATED)
@MANY
@given(data=st.data())
def test_what_a_pattern_matches_passes_its_gate(name: str, data: st.DataObject) -> None:
    gated = GATED[name]
    text = data.draw(st.from_regex(gated.words))
    wanted = gated.words.search(text)
    found = gated.search(text)
    assert found is not None
    assert wanted is not None
    assert found.span() == wanted.span()


@pytest.mark.parametrize("name", SMALL)
@EXAMPLES
@given(data=st.data())
def test_small_letters_match_where_any_letters_do(name: str, data: st.DataObject) -> None:
    small = SMALL[name]
    plain = re.compile(small.pattern, re.I)
    text = data.draw(st.from_regex(plain, alphabet=st.characters(codec="ascii")
                                   if small.pattern.isascii() else None))  # fmt: skip
    wanted, found = plain.search(text), small.search(text)
    assert wanted is not None
    assert found is not None
    assert found.span() == wanted.span()


@pytest.mark.parametrize("act", [act for act in ACTS if act.names is not None], ids=lambda a: a.id)
@EXAMPLES
@given(data=st.data())
def test_the_names_of_acts_pass_their_gates(act: Any, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(act.names.words))
    assert act.names.search(text) is not None


def test_small_letters_keep_their_places() -> None:
    text = "İ H100 ẞ ΑΣ ǅ"
    assert len(lowered(text)) == len(text)


@EXAMPLES
@given(before=st.text(max_size=60), after=st.text(max_size=60), far=st.integers(0, 300))
def test_days_far_apart_are_found_as_days_close_by(before: str, after: str, far: int) -> None:
    gap = "." * far
    text = f"{before} on April 9, 2025, {gap} 2025年5月7日 {gap} since Oct 2022 {after}"
    printed = [text[day.start : day.end].strip() for day in stamps(text, 0, len(text))]
    assert {"April 9, 2025", "2025年5月7日"} <= set(printed)
    assert any(day.iso == "2022-10" for day in days(text, 0, len(text), 2000))


@EXAMPLES
@given(st.lists(st.sampled_from(["H100", "80 GB", ",", ", ", "; ", " while ", "9", " ", "and"]),
                max_size=20).map("".join))  # fmt: skip
def test_stops_looked_for_once_are_those_of_each_stretch(text: str) -> None:
    made = sentence(text, 0, len(text), NAMES)
    for amount in made.amounts:
        wanted = [m.span() for m in CLAUSE.finditer(text, 0, amount.start)]
        assert made.stops(CLAUSE, 0, amount.start) == wanted
