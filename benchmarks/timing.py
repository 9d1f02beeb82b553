"""CPU-seconds of a run: the least of several, which is what the run itself costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def least_seconds(run: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """The least CPU-seconds of several runs, and the answer."""
    least, answer = float("inf"), None
    for _ in range(times):
        start = time.process_time()
        answer = run()
        least = min(least, time.process_time() - start)
    return least, answer
