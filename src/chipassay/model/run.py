"""From a step time to days, failures, energy and money. Records in, a record out."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.errors import UnknownNameError
from chipassay.formulas.money import (
    capital_charge,
    capital_per_chip,
    capital_recovery,
    electricity,
    lost_throughput_cost,
    mean_power,
    people_cost,
    rent,
    site_energy,
    total_cost,
)
from chipassay.formulas.roofline import ratio
from chipassay.formulas.run import (
    checkpoint_pause,
    checkpoint_size,
    chinchilla_tokens,
    chip_time,
    daly_interval,
    effective_ratio,
    elapsed_time,
    expected_failures,
    job_failure_rate,
    kept_interval,
    mean_time_between,
    optimal_parameters,
    optimal_tokens,
    product_of,
    share_of_total,
    stack_efficiency,
    steps_of,
    straggling,
    useful_time,
    write_time,
    young_interval,
)
from chipassay.records.run import Job, Move, Ownership, Power, Run, Upkeep
from chipassay.trace import formula
from chipassay.units import (
    Count,
    DollarRate,
    FlopRate,
    Num,
    PerSecond,
    Ratio,
    Second,
    UsDollar,
    factor,
)

FLOP_PER_PARAMETER_AND_TOKEN = 6.0
"""Training's arithmetic in scaling laws: C = 6 N D."""


class LossLaw(NamedTuple):
    """A fit of L = E + A / N^a + B / D^b; `source` is a key of the sources."""

    source: str
    irreducible: float
    parameter_scale: float
    token_scale: float
    parameter_exponent: float
    token_exponent: float

    @property
    def slopes(self) -> tuple[float, float, float, float]:
        """A, B, a and b: what decides the optimum."""
        return self[2:]


LAWS = {
    "chinchilla": LossLaw("chinchilla_paper", 1.6934, 406.4, 410.7, 0.3392, 0.2849),
    "replication": LossLaw("chinchilla_replication", 1.8172, 482.01, 2085.43, 0.3478, 0.3658),
}
"""Chinchilla's approach 3 with the digits of its TeX source, and a refit to its plots.

They differ: for 70 B parameters 4.6 T and 1.3 T tokens. The refit agrees with Chinchilla's other
two approaches and with its rule of 20 tokens a parameter; the original does not.
"""
RULES = ("rule of 20", *LAWS)


def tokens_to_train(parameters: Count, by: str = "rule of 20") -> Count:
    """Compute-optimal tokens for a model, by the rule of 20 or one of `LAWS`.

    For a mixture of experts take the weights that a token visits; the laws are fitted to dense
    models. Raises `UnknownNameError` for another rule.
    """
    if by == RULES[0]:
        return chinchilla_tokens(parameters)
    if by not in LAWS:
        raise UnknownNameError("scaling law", by, RULES)
    return optimal_tokens(parameters, *LAWS[by].slopes)


def best_split(compute: Num, by: str = "replication") -> tuple[Count, Count]:
    """Parameters and tokens of the lowest loss for so many FLOP, by one of `LAWS`."""
    if by not in LAWS:
        raise UnknownNameError("scaling law", by, LAWS)
    products = compute / FLOP_PER_PARAMETER_AND_TOKEN
    parameters = optimal_parameters(products, *LAWS[by].slopes)
    return parameters, products / parameters


@formula(cite="daly_2006")
def run(job: Job, upkeep: Upkeep, power: Power) -> Run:
    """A job with its stragglers, failures and checkpoints, on a calendar and at the meter.

    Left out: planned stops, spare machines, loss spikes that turn a run back, evaluation. While a
    run is stopped its chips idle; a checkpoint's pause counts as stopped.
    """
    slower = straggling(upkeep.spread, job.chips, job.timed_chips)
    steps = steps_of(job.tokens, job.tokens_per_step)
    useful = useful_time(steps, job.step_time, slower)
    rate = job_failure_rate(upkeep.failure_rate, job.chips)
    between = mean_time_between(rate)
    size = checkpoint_size(job.parameters, upkeep.state)
    store = write_time(size, job.chips, upkeep.store_rate)
    copy = write_time(size, job.chips, upkeep.copy_rate)
    pause = checkpoint_pause(store, copy, upkeep.asynchronous)
    best = daly_interval(pause, between)
    kept = kept_interval(best, store, job.step_time, upkeep.asynchronous, upkeep.interval)
    effective = effective_ratio(pause, kept, rate, upkeep.downtime)
    elapsed = elapsed_time(useful, effective)
    paid = chip_time(elapsed, job.chips)
    drawn = mean_power(power.rated, power.load, power.idle, effective)
    return Run(
        steps=steps,
        useful_time=useful,
        between_failures=between,
        checkpoint=size,
        pause=pause,
        young_interval=young_interval(pause, between),
        interval=kept,
        effective=effective,
        elapsed=elapsed,
        failures=expected_failures(elapsed, rate),
        chip_time=paid,
        energy=site_energy(drawn, paid, power.overhead),
    )


@formula(cite="arithmetic")
def rental_cost(done: Run, price: DollarRate) -> UsDollar:
    """A run on rented chips, at a price for a chip's time."""
    return rent(done.chip_time, price)


@formula(cite="arithmetic")
def ownership_cost(done: Run, owned: Ownership, year: Second) -> UsDollar:
    """A run on chips of one's own: its share of their life, and the electricity it took."""
    yearly = capital_recovery(owned.discount, owned.life)
    capital = capital_per_chip(owned.server, owned.server_share)
    charge = capital_charge(capital, yearly, done.chip_time, year, owned.busy)
    return total_cost(charge, electricity(done.energy, owned.electricity))


@formula(cite="arithmetic")
def move_cost(run_cost: UsDollar, move: Move) -> UsDollar:
    """People's time, and what the run costs more (or less) at the new stack's speed."""
    people = people_cost(move.people, move.time, move.wage)
    return total_cost(people, lost_throughput_cost(run_cost, move.relative_throughput))


class Gap(NamedTuple):
    """How two chips differ, split into what the silicon could do and what the software gets."""

    total: Ratio
    silicon: Ratio
    stack: Ratio
    stack_share: Ratio
    """Of the logarithm of the total: 1 all software, 0 all silicon; NaN where there is no gap."""


@formula(cite="arithmetic")
def gap(
    measured: PerSecond, ideal: PerSecond, other_measured: PerSecond, other_ideal: PerSecond
) -> Gap:
    """Total ratio = silicon ratio x stack ratio, of one chip to another.

    `ideal` is tokens a second at full rate, or by a model that treats both alike; `measured` what
    published rows reached on the same work. What the ideal leaves out counts as software.
    """
    stack = ratio(stack_efficiency(measured, ideal), stack_efficiency(other_measured, other_ideal))
    silicon = ratio(ideal, other_ideal)
    total = product_of(silicon, stack)
    return Gap(total, silicon, stack, share_of_total(stack, total))


@formula(cite="arithmetic")
def gap_of_utilisations(
    utilisation: Ratio, peak: FlopRate, other_utilisation: Ratio, other_peak: FlopRate
) -> Gap:
    """The same from two MFU of one convention and the peaks they are shares of."""
    stack = ratio(utilisation, other_utilisation)
    silicon = ratio(peak, other_peak)
    total = product_of(silicon, stack)
    return Gap(total, silicon, stack, share_of_total(stack, total))


YEAR = factor("year")
"""A year's seconds, for charges by the year."""
