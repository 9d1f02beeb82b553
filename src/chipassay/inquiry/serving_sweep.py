"""What a public sweep sets on its servers beside the plan, by its own start scripts.

`data/sweep.json`: tokens of a step, how often SGLang's scheduler looks for new requests (every 10th
step, every 30th from 16 clients on), after how many tokens TensorRT-LLM sends the first, how many
steps its attention-data ranks wait for each other's prompts.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

import numpy as np

from chipassay.inquiry.serving_case import Case
from chipassay.model.serve_loop import Habits, Load
from chipassay.records.step_times import StepTimes

MANY = 16.0
"""Clients from which the scheduler looks more rarely."""
NARROW = ("nvfp4", "mxfp4")
ROOM = 128.0
"""Tokens of a step beside a prompt and one for each client."""


@functools.cache
def _settings() -> list[dict[str, Any]]:
    file = resources.files("chipassay") / "data" / "sweep.json"
    return list(json.loads(file.read_text(encoding="utf-8"))["settings"])


def setting(engine: str, model: str, chip: str) -> dict[str, Any]:
    """What the sweep sets for an engine, a model and a chip; nothing where it leaves defaults."""
    for each in _settings():
        named = any(model.startswith(word) for word in each["models"])
        if each["engine"] == engine and named and chip in each.get("chips", [chip]):
            return each
    return {}


def swept(case: Case, steps: StepTimes, load: Load, fall: Habits) -> tuple[StepTimes, Habits]:
    """Step times and habits of the sweep's servers."""
    found = setting(case.engine.id, case.model.id, case.chip.id)
    narrow = case.formats.experts in NARROW
    chunk = found.get("narrow_chunk" if narrow else "chunk", found.get("chunk", 0))
    asked = np.maximum(chunk, found.get("chunk_of_input", 0) * load.input)
    if found.get("whole_prompts"):
        asked = np.maximum(asked, load.input + load.clients + ROOM)
    ranks = steps.ranks
    poll = np.where(load.clients < MANY, found.get("poll_few", 1), found.get("poll", 1))
    balance = found.get("balance", 1) if ranks > 1 else 1
    return (
        steps._replace(chunk_tokens=np.where(asked > 0, asked * ranks, steps.chunk_tokens)),
        fall._replace(poll=poll, balance=balance, shown=max(found.get("shown", 1) - 1.0, 0.0)),
    )
