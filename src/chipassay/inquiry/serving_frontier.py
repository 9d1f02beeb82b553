"""The frontier: tokens a second and chip against tokens a second and user, over plans and loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chipassay.inquiry.serving_case import loop
from chipassay.inquiry.serving_engine import habits
from chipassay.inquiry.serving_plans import as_text
from chipassay.model.serve_loop import Load

if TYPE_CHECKING:
    from chipassay.inquiry.serving import Option
    from chipassay.inquiry.serving_asked import Asked

CLIENTS = 2.0 ** np.arange(0, 12)
"""Clients of a replica that are tried."""


def frontier(options: list[Option], wanted: Asked) -> list[dict[str, Any]]:
    """Points that no other point beats in both figures, the fastest for a user first."""
    points = [point for each in options if each.fits for point in _points(each, wanted)]
    points.sort(key=lambda p: (-p["tokens_per_s_per_user"], -p["tokens_per_s_per_chip"]))
    kept: list[dict[str, Any]] = []
    for point in points:
        if not kept or point["tokens_per_s_per_chip"] > kept[-1]["tokens_per_s_per_chip"]:
            kept.append(point)
    return kept


def _points(each: Option, wanted: Asked) -> list[dict[str, Any]]:
    plan = each.about.case.plan
    fall, waves, _ = habits("varied")
    clients = CLIENTS * plan.replicas
    done = loop(each.about, Load(clients, wanted.input, wanted.output, waves), fall)
    return [
        {
            "plan": as_text(plan),
            "concurrency": float(clients[i]),
            "tokens_per_s_per_user": float(1.0 / done.tpot[i]),
            "tokens_per_s_per_chip": float(done.rate[i] * wanted.output / plan.chips),
            "ttft": float(done.ttft[i]),
            "tpot": float(done.tpot[i]),
        }
        for i in range(len(clients))
        if done.ttft[i] <= wanted.ttft and done.tpot[i] <= wanted.tpot
    ]
