"""What can an AI chip under export control do, and may it be shipped?

The face: `Question`, `Answer`, `ask`, `explain`, `sweep`, `check`. Rooms are nouns, it is verbs.

    >>> from chipassay import ask
    >>> answer = ask(task="assay", chip="h20", against="h100")
    >>> round(answer.peak_ratio["fp16"], 4)
    0.1496
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chipassay.claims.door import ask, check, explain
    from chipassay.records.answer import Answer
    from chipassay.records.question import Question
    from chipassay.sweeps.questions import sweep

__version__ = "0.1.0"
__all__ = ["Answer", "Question", "ask", "check", "explain", "sweep"]

_ROOMS = {
    "Answer": "chipassay.records.answer",
    "Question": "chipassay.records.question",
    "ask": "chipassay.claims.door",
    "check": "chipassay.claims.door",
    "explain": "chipassay.claims.door",
    "sweep": "chipassay.sweeps.questions",
}


def __getattr__(name: str) -> Any:
    """Import the room behind a name when it is first asked for: `--help` pays for none."""
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"chipassay has no {name}; it has {', '.join(__all__)}")
