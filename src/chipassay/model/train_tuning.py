"""What measured steps say of software stacks: each constant as a base times a few factors.

A factor is for all stacks, for one stack, for a core design at a format, for a stack on a core
design, or for a stack's recipe of one model. A stack or design that nobody measured has a factor of
one there, and wider bands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from chipassay.model.train_step import Tuning
from chipassay.units import Num

LEVELS = ("all", "stack", "format", "both", "recipe")
HIDDEN = ("tensor", "expert", "pipeline")
"""Exchanges with two constants: where the stack hides them, and where it does not."""


class Place(NamedTuple):
    """Where a step runs, as the levels of the fit name it."""

    stack: str
    design: str
    format: str
    kin: str = ""
    """The stack that stands in for one without rows of its own; "" for none."""
    recipe: str = ""
    """A stack's own recipe for a model, where it ships one for each; "" for none."""

    def keys(self) -> dict[str, str]:
        """The key of each level."""
        stack = self.kin or self.stack
        return {
            "all": "all",
            "stack": stack,
            "format": f"{self.design}|{self.format}",
            "both": f"{stack}|{self.design}",
            "recipe": self.recipe,
        }


def constants(fit: Mapping[str, Any], place: Place) -> dict[str, float]:
    """Every constant of a place: its base times its factors."""
    keys = place.keys()
    found = {}
    for name, field in fit["fields"].items():
        log = math.fsum(field["log"].get(level, {}).get(key, 0.0) for level, key in keys.items())
        found[name] = field["base"] * math.exp(log)
    return found


def tuning(found: Mapping[str, Any], stack: Mapping[str, Any]) -> Tuning:
    """Constants as a step takes them, by what the stack says it hides. Columns go through."""
    shown = {
        name: np.where(
            stack[f"overlap_{name}"], np.minimum(found[f"{name}_hidden"], 1.0), found[name]
        )
        for name in HIDDEN
    }
    return Tuning(
        matrix=found["matrix"],
        experts=found["matrix"] * found["experts"],
        attention=found["attention"],
        state=found["state"],
        routed=found["routed"] * stack["elementwise"],
        pointwise=found["pointwise"] * stack["elementwise"],
        selective=stack["selective_again"],
        launch=found["launch"],
        context=found["tax"],
        data_window=1.0 * np.asarray(stack["overlap_data"]),
        data_tax=found["tax"],
        network=found["network"],
        step=found["step"],
        straggle=found["straggle"],
        gradient=stack["gradient_bytes"],
        accumulate=found["accumulate"],
        expert_alone=found["expert"],
        recipe=found["recipe"],
        **shown,
    )


def bounded(found: Tuning, least: Num) -> Tuning:
    """A tuning whose matrix products take no less than `least` of their kernels' time."""
    return found._replace(
        matrix=np.maximum(found.matrix, least), experts=np.maximum(found.experts, least)
    )


def known(fit: Mapping[str, Any], place: Place) -> str:
    """`interpolated` where the stack was measured on this design, else `transferred`."""
    if place.kin:
        return "transferred"
    return "interpolated" if place.keys()["both"] in fit["measured"] else "transferred"
