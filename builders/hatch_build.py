"""Build hook: compile the facts to the one JSON file that the wheel carries."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent


class CompileFacts(BuildHookInterface[Any]):
    """Runs before every build of a wheel, editable ones too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile the facts, except for an editable install, which compiles on first use."""
        if version == "editable":
            return
        sys.path.insert(0, str(ROOT / "src"))
        from chipassay.facts.compiled import compile_into

        compile_into(ROOT / "src" / "chipassay" / "data")
