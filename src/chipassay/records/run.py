"""A training run as numbers: what is trained, how chips fail, what they draw, what they cost.

Any field may be a column; NaN is a figure nobody gave.
"""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import (
    Byte,
    ByteRate,
    Count,
    DollarPerJoule,
    DollarRate,
    Joule,
    PerSecond,
    Ratio,
    Second,
    UsDollar,
    Watt,
)

UNKNOWN = float("nan")


class Job(NamedTuple):
    """What is trained, and how fast one step of it goes."""

    step_time: Second
    tokens: Count
    tokens_per_step: Count
    chips: Count
    parameters: Count
    """All of them: what a checkpoint holds."""
    timed_chips: Count = UNKNOWN
    """Chips on which the step was timed, or that its model was fitted to; NaN: as many as run."""


class Upkeep(NamedTuple):
    """How chips fail, and what is done about it."""

    failure_rate: PerSecond
    """Unplanned stops of the run for each of its chips."""
    downtime: Second
    """From a failure until the lost step is begun again."""
    state: Byte
    """Bytes of a checkpoint for each parameter."""
    store_rate: ByteRate
    """Storage bandwidth for each chip."""
    copy_rate: ByteRate
    """From a chip to its host."""
    spread: Ratio
    """Of step times over chips, for stragglers."""
    asynchronous: Ratio = 1.0
    """1 where a checkpoint is written behind the back of training, 0 where training waits."""
    interval: Second = UNKNOWN
    """Work between checkpoints where the asker sets it; NaN: the best one."""


class Power(NamedTuple):
    """What a chip's share of its node draws."""

    rated: Watt
    load: Ratio
    """Draw in training, of the rating."""
    idle: Ratio
    """Draw when stopped, of the rating."""
    overhead: Ratio
    """Power usage effectiveness of the site."""


class Ownership(NamedTuple):
    """What a chip costs its owner."""

    server: UsDollar
    """A chip's share of a server's price."""
    server_share: Ratio
    """Servers' share of a site's capital."""
    discount: Ratio
    """What capital must earn in a year."""
    life: Count
    """Years until it is written off."""
    busy: Ratio
    """Share of its life in which it runs jobs."""
    electricity: DollarPerJoule


class Run(NamedTuple):
    """What becomes of a job on a calendar."""

    steps: Count
    useful_time: Second
    """All steps, each once."""
    between_failures: Second
    checkpoint: Byte
    pause: Second
    """What one checkpoint stops training for."""
    young_interval: Second
    interval: Second
    """Work between checkpoints that is kept: Daly's, or what the store allows."""
    effective: Ratio
    """Useful time over elapsed time."""
    elapsed: Second
    failures: Count
    chip_time: Second
    """Time of all chips."""
    energy: Joule


class Move(NamedTuple):
    """What it takes to bring a model to another chip's software, by the asker's own figures."""

    people: Count
    time: Second
    wage: DollarRate
    """What one of them costs."""
    relative_throughput: Ratio = 1.0
    """Speed of the new stack over that of the old one, on the work at hand."""
