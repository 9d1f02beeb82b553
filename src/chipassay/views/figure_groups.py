"""A chip's figures in the groups that a reader looks for them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_GROUPS = (
    ("Arithmetic", ("dense_", "vector_", "special_", "fp8_engine", "mig_")),
    ("Memory", ("memory_", "l2_", "sram_")),
    ("Links", ("scaleup_", "scaleout_", "pcie_")),
    ("Power", ("tdp",)),
)
_REST = "Silicon and sale"


def figure_groups(figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Figures by group, each in its own order; empty groups are left out."""
    names = [*(name for name, _ in _GROUPS), _REST]
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for field, figure in figures.items():
        group = next((name for name, heads in _GROUPS if field.startswith(heads)), _REST)
        found[group][field] = figure
    return {name: held for name, held in found.items() if held}
