"""What a serving chip draws, and what a token takes of energy and money."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import (
    Byte,
    ByteRate,
    Count,
    DollarRate,
    Flop,
    FlopRate,
    Joule,
    PerSecond,
    Ratio,
    Second,
    UsDollar,
    Watt,
)


@formula(cite="arithmetic")
def reading_share(size: Byte, time: Second, bandwidth: ByteRate) -> Ratio:
    """Share of a chip's memory bandwidth that is used: a step's bytes over what its time allows."""
    return size / (time * bandwidth)


@formula(cite="arithmetic")
def computing_share(work: Flop, rate: PerSecond, chips: Count, peak: FlopRate) -> Ratio:
    """Share of a chip's peak rate that is used: the work of a request, so many a second."""
    return work * rate / (chips * peak)


@formula(cite="splitwise_power")
def drawn_share(
    floor: Ratio, memory: Ratio, arithmetic: Ratio, reading: Ratio, computing: Ratio
) -> Ratio:
    """Share of its rating that a busy chip draws: a floor, and what traffic and arithmetic add.

    Never above the rating. Fitted on one kind of chip; links and their transceivers are left out.
    """
    return np.minimum(floor + memory * reading + arithmetic * computing, 1.0)


@formula(cite="arithmetic")
def share_by_energy(share: Ratio, faster: Ratio, rated: Ratio) -> Ratio:
    """A share carried to another chip by energy: the same joules for a byte or an operation.

    `faster` and `rated` are that chip's rate and rating over those of the one it was fitted on.
    """
    return share * faster / rated


@formula(cite="arithmetic")
def chip_power(rating: Watt, drawn: Ratio, idle: Ratio, busy: Ratio) -> Watt:
    """A chip's mean draw where it is busy for a share of the time."""
    return rating * (busy * drawn + (1 - busy) * idle)


@formula(cite="arithmetic")
def activity(drawn: Ratio, idle: Ratio, busy: Ratio) -> Ratio:
    """How far a node is between idle and full load, taken to follow what its chips draw."""
    return busy * np.maximum(drawn - idle, 0.0) / (1 - idle)


@formula(cite="arithmetic")
def energy_of_token(power: Watt, overhead: Ratio, rate: PerSecond) -> Joule:
    """Energy at the meter for each token, at so many a second."""
    return power * overhead / rate


@formula(cite="arithmetic")
def time_of_token(chips: Count, rate: PerSecond) -> Second:
    """Chip time that a token takes, at so many a second of all chips."""
    return chips / rate


@formula(cite="arithmetic")
def rent_of_token(time: Second, price: DollarRate) -> UsDollar:
    """What a token costs on rented chips; power, hosts and network are in the price."""
    return time * price
