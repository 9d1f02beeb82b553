"""Tables: what goes into a sweep, and what comes out of it."""

from __future__ import annotations

import sys

import pytest

from chipassay.errors import ChipassayError, MissingPartError, QuestionError
from chipassay.records.plan import Plan
from chipassay.sweeps.grid import Table, cross, product, stacked, table


def test_grids() -> None:
    assert product(a=[1, 2], b=[3, 4], c=5)["b"].tolist() == [3, 4, 3, 4]
    assert product(a=[1, 2], b=[]).rows == 0
    pairs = table(rate=[1e15, 2e15], bandwidth=[1e12, 3e12])
    both_ = cross(pairs, product(group=[8, 16]))
    assert both_["rate"].tolist() == [1e15, 1e15, 2e15, 2e15]
    assert both_["group"].tolist() == [8, 16, 8, 16]
    assert both_.rows == 4
    assert Table().rows == 0
    with pytest.raises(QuestionError, match="a has 1 rows, b has 2"):
        table(a=[1], b=[1, 2], c=3)
    with pytest.raises(QuestionError, match="stands in two tables"):
        cross(pairs, pairs)
    plans = stacked([Plan(), Plan(tensor=4.0)])
    assert plans.tensor.tolist() == [1, 4]  # type: ignore[union-attr]
    with pytest.raises(QuestionError, match="no records"):
        stacked([])


def test_a_table_is_a_dictionary_and_an_arrow_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    found = table(a=[1.0, 2.0], b=3)
    assert dict(found).keys() == {"a", "b"}
    for name in ("pyarrow", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPartError, match=r"neither pyarrow nor polars.*pip install pyarrow"):
        found.__arrow_c_stream__()
    assert issubclass(MissingPartError, ChipassayError)


@pytest.mark.parametrize("library", ["pyarrow", "polars"])
def test_arrow_takes_a_table(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part = pytest.importorskip(library)
    monkeypatch.setitem(sys.modules, {"pyarrow": "polars", "polars": "pyarrow"}[library], None)
    assert "arrow_array_stream" in repr(table(a=[1.0, 2.0], b=3).__arrow_c_stream__())
    frame = part.table if library == "pyarrow" else part.DataFrame
    assert frame(table(a=[1.0, 2.0], b=3)).shape == (2, 2)
