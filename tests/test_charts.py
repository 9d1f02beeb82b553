"""Charts as data, as pictures and as tables: nothing is drawn that the table does not say."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.views import charts, charts_runs
from chipassay.views.chart_parts import Scale, ticks
from chipassay.views.chart_svg import numbers, svg
from chipassay.views.glance import of_assay
from chipassay.views.plan_table import plan_table
from chipassay.views.strip import strip
from chipassay.views.whys import why_of

POSITIVE = st.floats(1e-6, 1e9)


def quantity(value: float | None, low: float | None = None, high: float | None = None) -> Any:
    return {"value": value, "low": low or value, "high": high or value, "unit": "1",
            "basis": "assumed"}  # fmt: skip


@given(POSITIVE, st.floats(1.02, 1e4))
def test_a_logarithmic_axis_has_two_marks_or_more_within_it(low: float, ratio: float) -> None:
    scale = Scale(math.log10(low), math.log10(low * ratio), 0.0, 100.0, "log")
    found = list(ticks(scale))
    assert len(found) >= 2
    assert all(-1e-6 <= place <= 100 + 1e-6 for place, _ in found)


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=9))
def test_points_of_a_line_lie_within_the_picture_and_in_its_table(pairs: Any) -> None:
    x, y = zip(*pairs, strict=True)
    figure = {"data": [charts.line("a & <b>", x, y, 0)],
              "layout": {"xaxis": charts.axis("x", "log"), "yaxis": charts.axis("y")}}  # fmt: skip
    drawn = svg(figure, "a <title>")
    assert "<b>" not in drawn
    wide, high = map(float, re.findall(r'viewBox="0 0 (\S+) ([^"]+)"', drawn)[0])
    places = re.findall(r'<circle cx="([^"]+)" cy="([^"]+)"', drawn)
    assert all(0 <= float(a) <= wide and 0 <= float(b) <= high for a, b in places)
    head, rows = numbers(figure)
    assert head == ["what", "x", "y"]
    assert [(row[1], row[2]) for row in rows] == pairs


def test_parts_that_add_up_are_named_with_their_sizes_beside_the_limit() -> None:
    figure = charts.in_unit("memory", "GB", [("weights", 6e9), ("cache", 3e9), ("x", 0.0)], 8e9)
    drawn = svg(figure, "memory")
    assert "weights 6" in drawn
    assert "it has 8 GB" in drawn
    assert numbers(figure)[1] == [["weights 6", 6.0], ["cache 3", 3.0]]


def test_bars_can_be_told_apart_without_their_colours() -> None:
    figure = charts.bars("share", [(name, ["one"], [1.0]) for name in ("a", "b", "c")])
    shapes = [trace["marker"]["pattern"]["shape"] for trace in figure["data"]]
    assert len(set(shapes)) == 3
    assert "url(#hatch-1)" in svg(figure, "bars")


def test_an_unknown_bar_says_so_and_an_open_band_has_no_end() -> None:
    half = quantity(0.5) | {"high": None}
    figure = charts.bars("share", [("a", ["one", "two"], [quantity(None), half])])
    assert "unknown" in svg(figure, "bars")


@pytest.mark.parametrize(
    "rows", [[], [{"chips": 8, "fits": False}], [{"chips": 8, "refused": "x"}]]
)
def test_numbers_of_chips_that_hold_nothing_draw_nothing(rows: Any) -> None:
    assert charts_runs.by_chips(rows) == {}


def test_the_best_latency_of_a_load_is_drawn_once() -> None:
    rows = [{"concurrency": n, "ttft": t, "tpot": 0.01} for n, t in ((1, 1), (2, 9), (2, 2))]
    first = charts_runs.operating(rows)["latency"]["data"][0]
    assert (first["x"], first["y"]) == ([1, 2], [1000, 2000])


def test_a_strip_names_each_stretch_and_escapes_it() -> None:
    rows = [{"on": "2022-01-01", "enforced": "no_licence", "because": "<x>"},
            {"on": "2025-04-09", "enforced": "licence:<b>", "because": ""}]  # fmt: skip
    drawn = strip(rows, "2025-06-01", "2026-01-01", "a strip")
    assert "no licence needed" in drawn
    assert "<b>" not in drawn
    assert 'height="70"' in drawn


def test_a_table_of_plans_says_once_what_all_share() -> None:
    rows = [{"plan": {"tp": 8, "pp": 2, "zero": 1}}, {"plan": {"zero": 1, "tp": 8, "pp": 4}}]
    assert plan_table(rows) == (["pp"], {"tp": 8, "zero": 1})


def test_the_tile_of_the_cut_names_only_what_it_hurts() -> None:
    told = {
        "cuts": [{"field": "dense_bf16", "train_ratio": quantity(0.22),
                  "decode_ratio": quantity(0.97)}],
        "cuts_worst": {"train": "dense_bf16", "decode": "dense_bf16"},
    }  # fmt: skip
    (tile,) = of_assay(told)
    assert (tile.figure, tile.note) == ("BF16 matrix rate", "alone it takes training to 22 %")
    told["cuts"][0]["train_ratio"] = quantity(0.95)  # type: ignore[index]
    assert of_assay(told)[0].figure == "none"


def test_a_figure_leans_on_the_nearest_derivation() -> None:
    because = [{"name": n} for n in ("train.cost, rented", "serve.tpot", "serve.rent_per_token")]
    assert why_of(because, "train", "costs", "rent") == "train.cost, rented"
    assert why_of(because, "serve", "requests_per_s") == "serve.tpot"
    assert why_of(because, "serve", "costs_per_token", "rent") == "serve.rent_per_token"
    assert why_of(because, "serve", "ttft") == ""
