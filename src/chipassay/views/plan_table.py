"""Plans of a search as a table: what they have in common said once, what differs in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_ORDER = ("tp", "pp", "dp", "cp", "ep", "vp", "mbs", "zero", "recompute", "sp", "schedule")


class PlanTable(NamedTuple):
    """Words in which plans differ, and those they share."""

    differ: list[str]
    shared: dict[str, Any]


def plan_table(rows: Sequence[Mapping[str, Any]]) -> PlanTable:
    """How some plans, each under `plan`, are told apart."""
    plans = [row["plan"] for row in rows if isinstance(row.get("plan"), Mapping)]
    names = list(dict.fromkeys(name for plan in plans for name in plan))
    names.sort(key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    differ = [name for name in names if len({str(plan.get(name)) for plan in plans}) > 1]
    shared = {name: plans[0][name] for name in names if name not in differ}
    return PlanTable(differ, shared)
