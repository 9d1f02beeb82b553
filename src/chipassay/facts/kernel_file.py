"""The fitted constants of kernels, read when first wanted. `builders/kernels` made them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "kernels"


@functools.cache
def load(family: str) -> dict[str, Any]:
    """The fits of a family on all measured chips."""
    fits: dict[str, Any] = json.loads((_FOLDER / f"{family}.json").read_bytes())
    return fits


@functools.cache
def load_without(family: str) -> dict[str, Any]:
    """The fits of a family that leave one chip out each, by the chip's id under "formats"."""
    fits: dict[str, Any] = json.loads((_FOLDER / f"{family}.without.json").read_bytes())
    return fits
