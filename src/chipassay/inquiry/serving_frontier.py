"""The frontier: tokens a second and chip against tokens a second and user, over plans and loads."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_options import Option, load_of, looped
from chipassay.inquiry.serving_plans import as_text

CLIENTS = 2.0 ** np.arange(0, 12)
"""Clients of a replica that are tried, where it has room for them."""
GAIN = 1.01


def frontier(options: list[Option], wanted: Asked) -> list[dict[str, Any]]:
    """Points that no other beats in both figures, the fastest for a user first.

    One that gives a chip less than a hundredth more than the one before is left out.
    """
    points = [point for each in options if each.fits for point in _points(each, wanted)]
    points.sort(key=lambda p: (-p["tokens_per_s_per_user"], -p["tokens_per_s_per_chip"]))
    kept: list[dict[str, Any]] = []
    for point in points:
        if not kept or point["tokens_per_s_per_chip"] > GAIN * kept[-1]["tokens_per_s_per_chip"]:
            kept.append(point)
    return kept


def _clients(each: Option, wanted: Asked) -> Any:
    """Powers of two for each replica, up to what its cache and seats hold: more would only wait."""
    room = np.floor(each.about.steps.room(wanted.input, wanted.output))
    counts = np.append(CLIENTS[room > CLIENTS], np.minimum(room, CLIENTS[-1]))
    return counts * each.pools[-1].plan.replicas


def _points(each: Option, wanted: Asked) -> list[dict[str, Any]]:
    clients = _clients(each, wanted)
    done = looped(each.pools, load_of(wanted, clients, each.pools), each.transfer)
    plan = " + ".join(as_text(pool.plan) for pool in each.pools)
    return [
        {
            "plan": plan,
            "concurrency": float(clients[i]),
            "tokens_per_s_per_user": float(1.0 / done.tpot[i]),
            "tokens_per_s_per_chip": float(done.rate[i] * wanted.output / each.chips),
            "ttft": float(done.ttft[i]),
            "tpot": float(done.tpot[i]),
        }
        for i in range(len(clients))
        if done.ttft[i] <= wanted.ttft and done.tpot[i] <= wanted.tpot
    ]
