"""Serving under load: a fleet and a load in, what each request met and how full it was out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chipassay.errors import MissingPartError, UnknownNameError
from chipassay.simulation import compiling
from chipassay.simulation.building import Fleet, Limits, build
from chipassay.simulation.fleet import run
from chipassay.simulation.loads import Load
from chipassay.simulation.world import REFUSED, TRAIL_COLUMNS, World, arrays, plain

ENGINES = ("auto", "python", "numba")
WORTH_LOADING, WORTH_COMPILING = 400_000, 40_000_000
"""Tokens of output, and a hundred for each request, from which a compiled loop pays for being
loaded (0.7 CPU-s), or for being compiled once on a machine (half a minute)."""

Floats = NDArray[np.float64]


class Outcome(NamedTuple):
    """What became of a load: a row for each request, a row for each engine."""

    load: Load
    chips: float
    arrival: Floats
    admitted: Floats
    first: Floats
    """Moment of the first token; NaN where there was none."""
    finish: Floats
    home: NDArray[np.int64]
    """The engine that decoded it."""
    hit: NDArray[np.int64]
    """Prompt tokens found in a prefix cache."""
    preempted: NDArray[np.int64]
    refused: NDArray[np.bool_]
    """Longer than any replica's cache."""
    gaps: NDArray[np.int64]
    """Inter-token gaps by length."""
    gap_edges: Floats
    gap_sum: float
    """Seconds of all gaps."""
    engines: Engines
    given_up: bool
    """More requests missed their limits than were allowed; the rest was not simulated."""

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which requests were answered, those of the warm-up left out."""
        return ~np.isnan(self.finish) & (np.arange(len(self.finish)) >= self.load.warm)


class Engines(NamedTuple):
    """What the engines did."""

    steps: NDArray[np.int64]
    busy: Floats
    """Seconds in steps."""
    until: Floats
    """Moment up to which the integrals below go."""
    queue_area: Floats
    """Requests queued, integrated over time."""
    seat_area: Floats
    block_area: Floats
    blocks: NDArray[np.int64]
    used: NDArray[np.int64]
    """Blocks still held at the end."""
    cached: NDArray[np.int64]
    dropped: NDArray[np.int64]
    """Tokens whose cache was thrown away by preemption, to be computed again."""
    trails: tuple[Floats, ...]
    """Samples: time, queued, admitted, blocks held, blocks cached."""


def simulate(
    fleet: Fleet, load: Load, *, limits: Limits | None = None, engine: str = "auto"
) -> Outcome:
    """Serve a load to its end, event by event; the same for every engine, to the bit.

    What a request spends outside the steps (`StepTimes.outside`) lies before its arrival there.

    Raises `QuestionError` for a fleet that cannot be, `MissingPartError` where numba is asked for
    and absent.
    """
    outside = max(float(pool.times.outside) for pool in fleet.pools)
    inside = load._replace(arrival=load.arrival + outside, think=load.think + outside)
    given = limits or Limits()
    world, setting = build(fleet, inside, given._replace(first=given.first - outside))
    if _compiles(engine, load):
        compiling.compiled(run)(world, setting)
        compiling.note(run)
    else:
        lists = plain(world)
        run(lists, setting)
        world = arrays(lists, world)
    world.request["arrival"] -= outside
    return _outcome(fleet, load, world, setting.allowed)


def _compiles(engine: str, load: Load) -> bool:
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES, where="simulation")
    if engine == "numba" and not compiling.installed():
        hint = "install chipassay[fast]"
        raise MissingPartError("numba is not installed", where="simulation", hint=hint)
    if engine != "auto":
        return engine == "numba"
    work = int(np.sum(load.output)) + 100 * load.requests
    if work < WORTH_LOADING or not compiling.installed():
        return False
    return work > WORTH_COMPILING or compiling.ready(run)


def _outcome(fleet: Fleet, load: Load, w: World, allowed: int) -> Outcome:
    each = w.request
    return Outcome(
        load, fleet.chips, each["arrival"], each["admitted"], each["first"], each["finish"],
        each["home"], each["hit"], each["evicted"], each["state"] == REFUSED,
        w.gaps, w.edges, float(w.tally["gap_sum"][0]), _engines(w),
        bool(w.tally["failed"][0] > allowed),
    )  # fmt: skip


def _engines(w: World) -> Engines:
    each = w.replica
    trail = w.trail.reshape(len(each), -1, TRAIL_COLUMNS)
    trails = tuple(rows[:count] for rows, count in zip(trail, each["samples"], strict=True))
    return Engines(
        each["steps"], each["busy_time"], each["touched"], each["queue_area"], each["seat_area"],
        each["block_area"], each["block_count"], each["used"], each["cached"], each["dropped"],
        trails,
    )  # fmt: skip
