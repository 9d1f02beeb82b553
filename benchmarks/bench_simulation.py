"""Serving simulated: requests a CPU-second in plain Python and compiled, a search, a closed loop.

    python -m benchmarks.bench_simulation [requests]

One replica under the full scheduler (chunked prefill in mixed steps, paged cache), Poisson arrivals
at nine tenths of what it takes. The step times are made up; what a step costs to simulate does not
depend on them, how many steps a request takes does, so it is printed. Answers are asserted: both
engines to the bit, everybody served, Little's law.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from benchmarks.timing import least_seconds
from tests.plain_server import table

from chipassay.simulation import compiling
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import faster, lognormal, poisson
from chipassay.simulation.report import report
from chipassay.simulation.search import Slo, capacity, goodput
from chipassay.simulation.serving import Outcome, simulate

TARGETS = {"python": 5_000, "numba": 300_000}
FEW = 2000
CALM = 0.2
"""Of capacity: more steps for each request, most of them alike."""


def checked(seen: Outcome) -> None:
    """Everybody served once, blocks given back, Little's law."""
    if np.isnan(seen.finish).any() or seen.engines.used.any():
        raise SystemExit("somebody was not served")
    inside = np.sum(seen.engines.queue_area) + np.sum(seen.engines.seat_area)
    if abs(inside / np.sum(seen.finish - seen.arrival) - 1) > 1e-9:
        raise SystemExit("Little's law does not hold")


def line(name: str, count: int, took: float, seen: Outcome) -> float:
    """Print a run; requests a CPU-second."""
    steps = int(np.sum(seen.engines.steps))
    print(f"{name:24} {count / took:12,.0f} requests/CPU-s  {steps / took:12,.0f} steps/CPU-s"
          f"  {steps / count:6.1f} steps a request")  # fmt: skip
    return count / took


def main(requests: int) -> None:
    """Measure, check, print."""
    fleet = Fleet((Pool(table(seats=256, chunk=2048)),))
    prompt, output = lognormal(requests, 1000, 0.8, 1), lognormal(requests, 200, 0.6, 1, 1)
    few = poisson(prompt[:FEW], output[:FEW], 1.0)
    most = capacity(fleet, few, engine="python")
    few = faster(few, 0.9 * most / few.rate)
    many = poisson(prompt, output, 0.9 * most)
    took, slow = least_seconds(lambda: simulate(fleet, few, engine="python"), times=3)
    checked(slow)
    reached = {"python": line("plain Python", FEW, took, slow)}
    if compiling.installed():
        start = time.process_time()
        quick = simulate(fleet, few, engine="numba")
        print(f"{'compiling, or loading':24} {time.process_time() - start:12.1f} CPU-s, once")
        if not np.array_equal(slow.finish, quick.finish):
            raise SystemExit("the compiled twin answers otherwise")
        took, seen = least_seconds(lambda: simulate(fleet, many, engine="numba"), times=3)
        checked(seen)
        reached["numba"] = line(f"compiled, {requests:,}", requests, took, seen)
        calm = faster(many, CALM / 0.9)
        took, seen = least_seconds(lambda: simulate(fleet, calm, engine="numba"), times=3)
        checked(seen)
        line(f"compiled, load of {CALM:g}", requests, took, seen)
    engine = "numba" if compiling.installed() else "python"
    took, found = least_seconds(lambda: goodput(fleet, few, Slo(1.0, 0.05), engine=engine), times=1)
    print(f"goodput of {FEW} requests   {took:10.2f} CPU-s, {found.runs} runs, {found.rate:.1f}/s")
    if not 0 < found.rate < 1.1 * most:
        raise SystemExit("a goodput above capacity")
    took, _ = least_seconds(lambda: report(slow), times=3)
    print(f"report                   {took * 1e3:12.1f} ms")
    for name, rate in reached.items():
        if rate < TARGETS[name]:
            raise SystemExit(f"{name}: {rate:,.0f} requests/CPU-s, target {TARGETS[name]:,}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
