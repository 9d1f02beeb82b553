"""Generated pages are current, and every README command is one the program knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("page", ["glossary", "catalogue"])
def test_a_generated_page_is_current(page: str, tmp_path: Path) -> None:
    builder = {"glossary": "glossary", "catalogue": "unverified"}[page]
    fresh = tmp_path / f"{page}.md"
    fresh.write_bytes((ROOT / "docs" / f"{page}.md").read_bytes())
    command = [sys.executable, str(ROOT / "builders" / f"{builder}.py"), str(fresh)]
    subprocess.run(command, check=True, capture_output=True)
    assert fresh.read_text() == (ROOT / "docs" / f"{page}.md").read_text(), (
        f"run builders/{builder}.py"
    )


def test_the_readme_names_only_commands_that_exist() -> None:
    from chipassay.cli import COMMANDS

    lines = [line.strip() for line in (ROOT / "README.md").read_text().splitlines()]
    asked = [line.split()[2] for line in lines if line.startswith("$ scripts/chipassay ")]
    assert len(asked) >= 5
    assert set(asked) <= {*COMMANDS, "--help", "--version"}
