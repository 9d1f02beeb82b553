"""Pictures of training: pipelines drawn pass by pass, traces, the page of a whole answer."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.errors import QuestionError
from chipassay.formulas.training import pipeline_bubble
from chipassay.inquiry import ask
from chipassay.inquiry.pipeline_timeline import rounds_shown, timeline
from chipassay.model.pipeline_turns import StageTimes, boxes
from chipassay.records.plan import SCHEDULES
from chipassay.views.timeline_picture import write_timeline
from chipassay.views.train_draw import draw_training

A100 = "a100-sxm-80gb"
TIMES = st.builds(
    lambda forward, backward, part: StageTimes(forward, backward, part * backward),
    st.floats(0.5, 2.0), st.floats(0.5, 4.0), st.floats(0.2, 0.6),
)  # fmt: skip
SCHEDULED = [("gpipe", 1), ("1f1b", 1), ("1f1b", 2), ("1f1b", 4), ("zb-h1", 1), ("zb-v", 1),
             ("dualpipe", 1)]  # fmt: skip


@pytest.mark.parametrize(("schedule", "chunks"), SCHEDULED)
@given(stages=st.integers(1, 4), groups=st.integers(1, 3), times=st.data())
def test_a_drawn_pipeline_does_every_pass_once_and_each_after_what_it_needs(
    schedule: str, chunks: int, stages: int, groups: int, times: st.DataObject
) -> None:
    stages = 2 * stages
    drawn = [times.draw(TIMES) for _ in range(stages)]
    found = boxes(schedule, drawn, groups * stages, chunks)
    kinds = 2 if schedule in ("gpipe", "1f1b") else 3
    held = 2 if schedule == "zb-v" else chunks
    assert len(found) == kinds * held * stages * stages * groups
    for stage in range(stages):
        own = sorted((box for box in found if box.stage == stage), key=lambda box: box.start)
        pairs = itertools.pairwise(own)
        assert all(one.start + one.length <= two.start + 1e-9 for one, two in pairs)
        for forward, backward in _by_pass(own):
            assert forward.start + forward.length <= backward.start + 1e-9
    work = max((one.forward + one.backward) * groups * stages for one in drawn)
    assert max(box.start + box.length for box in found) >= work - 1e-9


def _by_pass(own: list[Any]) -> list[tuple[Any, Any]]:
    """A stage's forward passes with their backward ones."""
    ways = {(box.kind, box.number, box.chunk): box for box in own}
    return [(box, ways["backward", box.number, box.chunk]) for box in own if box.kind == "forward"]


@pytest.mark.parametrize(("schedule", "chunks"), SCHEDULED[:4])
@given(stages=st.integers(2, 6), groups=st.integers(2, 4), one=TIMES)
def test_a_drawn_pipeline_ends_when_the_formula_says(
    schedule: str, chunks: int, stages: int, groups: int, one: StageTimes
) -> None:
    rounds = groups * stages
    found = boxes(schedule, [one] * stages, rounds, chunks)
    end = max(box.start + box.length for box in found)
    both = one.forward + one.backward
    assert end == pytest.approx(rounds * both + (stages - 1) * both / chunks)


@pytest.mark.parametrize("schedule", ["zb-h1", "zb-v", "dualpipe"])
def test_a_pipeline_without_bubbles_is_drawn_between_its_formula_and_1f1b(schedule: str) -> None:
    one, stages, rounds = StageTimes(1.0, 2.0, 1.0), 8, 32
    ends = {
        name: max(box.start + box.length for box in boxes(name, [one] * stages, rounds))
        for name in (schedule, "1f1b")
    }
    code = float(SCHEDULES.index(schedule))
    waits = float(pipeline_bubble(7 * 3.0, 1.0, 2.0, 1.0, 8.0, 1.0, code))
    assert rounds * 3.0 + waits <= ends[schedule] < ends["1f1b"] - stages


def test_a_step_is_drawn_as_a_picture_and_as_a_trace(tmp_path: Path) -> None:
    answer = ask(task="train", model="gpt3-175b", chip=A100, chips=64, batch=64, plan="tp=8,pp=8")
    picture, trace = tmp_path / "step.svg", tmp_path / "step.json"
    write_timeline(timeline(answer), "a step", picture)
    write_timeline(timeline(answer), "a step", trace)
    passes, ends, legend = 2 * 8 * 64, 8, 3
    assert rounds_shown(answer.answer) == 64
    assert picture.read_text(encoding="utf-8").count("<rect") == passes + ends + legend
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    assert len([one for one in events if one["ph"] == "X"]) == passes + ends
    assert {one["args"]["name"] for one in events if one["ph"] == "M"} == {
        f"stage {n}" for n in range(8)
    }
    with pytest.raises(QuestionError, match="end it in"):
        write_timeline(timeline(answer), "a step", tmp_path / "step.gif")


@pytest.mark.parametrize("words", [
    {"chips": 64, "batch": 64, "plan": "tp=8,pp=8,schedule=zb-v"},
    {"chips": "64..128", "batch": 128},
    {"chips": 64, "batch": 128, "search": True},
])  # fmt: skip
def test_a_page_has_a_panel_for_what_was_asked(words: dict[str, Any], tmp_path: Path) -> None:
    answer = ask(task="train", model="megatron-22b", chip=A100, **words)
    path = tmp_path / "page.svg"
    draw_training(answer, path)
    drawn = path.read_text(encoding="utf-8")
    said = [("a step:", True), ("memory:", True), ("scaling:", ".." in str(words["chips"])),
            ("none beats in both", "search" in words)]  # fmt: skip
    for title, there in said:
        assert (f"<!-- {title}" in drawn) == there or (title in drawn) == there


def test_a_page_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    answer = ask(task="train", model="megatron-22b", chip=A100, chips=8, batch=8, plan="tp=8")
    with pytest.raises(QuestionError, match="no picture format"):
        draw_training(answer, tmp_path / "page.gif")
