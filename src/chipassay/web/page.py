"""What a page shows, and what is set for each: titles, first inputs, examples."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """Its sentence, its main answer, charts, tables, and more for a template."""

    said: list[str]
    answer: dict[str, Any]
    charts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[Any]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@cache
def settings() -> dict[str, Any]:
    """The pages with their titles, their first inputs and their examples."""
    text = resources.files("chipassay.web").joinpath("examples.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
