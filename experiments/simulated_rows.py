"""Why lengths of a question are spread: clients of real servers do not keep step.

    python -m experiments.simulated_rows serving_closed_loop.csv [rows]

Measured closed loops on one pool, each simulated with all its requests: lengths just as the table
says (all equal for benchmarks without a range), and evenly spread over the last fifth below. Beside
them the closed loop by arithmetic, whose habits were fitted to such rows; nothing here was.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import ChipassayError
from chipassay.inquiry import serving_names, serving_rows
from chipassay.inquiry.serving_engine import engine_named, formats, from_file, habits
from chipassay.measured.serving import ServingRow, closed_rows, columns_of
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import closed_loop, uniform
from chipassay.simulation.policies import POLICIES
from chipassay.simulation.report import report
from chipassay.simulation.serving import simulate

MOST = 300_000
"""Clients times output of a row that is simulated."""
BOUNDLESS = 1e8


def told(row: ServingRow, catalogue: Catalogue) -> list[float]:
    """First token and time per token, over measured: by arithmetic, as the table says, spread."""
    chip, model = (
        serving_names.chip_of(catalogue, row.chip),
        serving_names.model_of(catalogue, row.model),
    )
    name = engine_named(catalogue, row.engine)
    about = from_file(name, catalogue.engines()[name])
    form = formats(model.architecture, row.weights, about)
    case = serving_rows._case(chip, catalogue, model, form, about, "", [row], row.plan, row.drafts)
    steps = serving_rows.ready(case).steps
    capacity = min(float(steps.kv_capacity_tokens), BOUNDLESS)
    steps = steps._replace(kv_capacity_tokens=capacity)
    rule = POLICIES["vllm"]._replace(mixes=bool(about.habits.mixes))
    fleet = Fleet((Pool(steps, case.plan.replicas, policy=rule),))
    _, waves, length = habits(row.benchmark)
    loop = serving_rows._one_pool([row], case, model)[0].loop
    found = [float(loop.ttft) / row.ttft, float(loop.tpot) / row.tpot]
    count, clients = int(row.clients) * max(2, round(waves)), int(row.clients)
    for ratio in (2 * length - 1, 0.8):
        prompt = uniform(count, round(row.input), ratio, 0)
        output = uniform(count, round(row.output), ratio, 0, 1)
        seen = report(simulate(fleet, closed_loop(prompt, output, clients), engine="python"))
        found += [seen.first.mean / row.ttft, seen.token.mean / row.tpot]
    return found


def main(path: Path, most: int) -> None:
    """Medians of the errors, by kind of benchmark."""
    catalogue = Catalogue.shipped()
    rows: list[Any] = [
        row
        for row in closed_rows(columns_of(path))
        if row.prefill is None
        and not serving_rows.unusable(row)
        and row.clients * row.output < MOST
    ]
    kept: dict[str, list[list[float]]] = {}
    for place in np.random.default_rng(0).permutation(len(rows))[:most]:
        try:
            kept.setdefault(rows[place].benchmark, []).append(told(rows[place], catalogue))
        except ChipassayError:
            continue
    names = ("by arithmetic", "as the table says", "lengths spread")
    for benchmark, ratios in kept.items():
        errors = np.median(np.abs(np.array(ratios) - 1), axis=0)
        print(f"{benchmark}: {len(ratios)} rows")
        for place, name in enumerate(names):
            first, token = errors[2 * place : 2 * place + 2]
            print(f"  {name:20} first token {first:6.1%}   time per token {token:6.1%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 250)
