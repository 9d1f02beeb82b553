"""A formula's twin for plain numbers says what the formula says, unknown figures included."""

from __future__ import annotations

import math
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.discovered import formulas

from chipassay.trace import Formula

FORMULAS = formulas()


def drawn(hint: Any, random: np.random.Generator, unknown: float) -> Any:
    """A random number, or a record of them; each is unknown (NaN) with some probability."""
    if hasattr(hint, "_fields"):
        return hint(*(drawn(each, random, unknown) for each in get_type_hints(hint).values()))
    return math.nan if random.random() < unknown else random.uniform(1.0, 9.0)


def flat(value: Any) -> list[float]:
    """The numbers of a result, those of records inside it too."""
    return [x for part in value for x in flat(part)] if isinstance(value, tuple) else [float(value)]


@pytest.mark.parametrize("of", FORMULAS, ids=lambda of: of.name)
@given(seed=st.integers(0, 10**6), unknown=st.sampled_from([0.0, 0.0, 0.1]))
@settings(max_examples=15, deadline=None)
def test_the_plain_twin_is_the_formula(of: Formula[..., Any], seed: int, unknown: float) -> None:
    random = np.random.default_rng(seed)
    hints = get_type_hints(of.body)
    hints.pop("return")
    arguments = [drawn(hint, random, unknown) for hint in hints.values()]
    try:
        with np.errstate(all="ignore"):
            said = flat(of(*arguments))
    except ArithmeticError:  # it cannot be called with these
        assume(False)
    assume(all(math.isfinite(x) or math.isnan(x) for x in said))  # `math` raises, numpy says inf
    assert flat(of.scalar(*arguments)) == pytest.approx(said, rel=1e-12, nan_ok=True)


def test_the_plain_twin_keeps_what_is_unknown() -> None:
    known = {of.name: of for of in FORMULAS}
    roofline = known["roofline_time"]
    for one, other in ((math.nan, 1.0), (1.0, math.nan)):
        assert math.isnan(roofline.scalar(one, other))
        assert math.isnan(roofline(one, other))
