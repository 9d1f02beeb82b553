"""One step of a training answer as boxes on a time line: which stage does what, when."""

from __future__ import annotations

from typing import Any

from chipassay.model.pipeline_turns import Box, StageTimes, boxes
from chipassay.records.answer import Answer
from chipassay.records.plan import SCHEDULES

MOST_BOXES = 1500
"""What a picture can show; a trace holds `MOST_TRACED`."""
MOST_TRACED = 120000
SEEN = 0.0005
"""Share of a step from which a part at its end is drawn."""
ENDS = ("data", "optimizer")
"""Parts of a step that come after the last pass, on every stage."""


def timeline(answer: Answer, most: int = MOST_BOXES) -> list[Box]:
    """The boxes of a training answer's step: passes by its schedule, then reduction and update.

    Where there are more than `most`, the step is drawn with fewer micro-batches: as many as make
    whole rounds of its stages.
    """
    said = answer.answer
    stages = int(said["plan"].get("pp", 1))
    shown = rounds_shown(said, most)
    schedule, virtual = str(said["plan"].get("schedule", "1f1b")), int(said["plan"].get("vp", 1))
    middle, last = (
        StageTimes(*(said["passes"][name][part] for part in StageTimes._fields))
        for name in ("stage", "last_stage")
    )
    times = [middle] * (stages - 1) + [last]
    found = boxes(schedule, times, shown, virtual)
    end = max(box.start + box.length for box in found)
    for name in ENDS:
        length = float(said["breakdown"][name])
        if length > SEEN * end:
            found += [Box(stage, name, 0, 0, end, length) for stage in range(stages)]
            end += length
    return found


def rounds_of(said: Any) -> int:
    """Micro-batches of a step that one pipeline works off."""
    plan = said["plan"]
    return int(said["workload"]["batch"]) // (int(plan["dp"]) * int(plan["mbs"]))


def rounds_shown(said: Any, most: int = MOST_BOXES) -> int:
    """How many of them are drawn: all, or as many whole rounds of the stages as `most` boxes are.

    Two rounds at least, so that the pipeline is seen filled.
    """
    plan, rounds = said["plan"], rounds_of(said)
    stages, virtual = int(plan.get("pp", 1)), int(plan.get("vp", 1))
    passes = 2 if plan.get("schedule", SCHEDULES[1]) in SCHEDULES[:2] else 3
    fill = most // (passes * stages * virtual) // stages * stages
    return min(rounds, max(fill, 2 * stages))
