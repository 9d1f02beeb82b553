"""Every formula of the project, found by walking its rooms."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import chipassay.formulas
import chipassay.model
from chipassay.trace import Formula


def formulas() -> list[Formula[..., Any]]:
    """The formulas of `chipassay.formulas` and `chipassay.model`, each once."""
    found = []
    for room in (chipassay.formulas, chipassay.model):
        for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Formula) and value.body.__module__ == module.name:
                    found.append(value)
    return found
