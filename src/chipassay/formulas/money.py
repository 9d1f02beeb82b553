"""Energy and money: node power, site energy, rent, capital, people."""

from __future__ import annotations

from chipassay.trace import formula
from chipassay.units import (
    Count,
    DollarPerJoule,
    DollarRate,
    Joule,
    Ratio,
    Second,
    UsDollar,
    Watt,
)


@formula(cite="arithmetic")
def rated_power_per_chip(node_power: Watt, chips_per_node: Count) -> Watt:
    """A chip's share of its node's rated power: processors, memory, adapters and fans included."""
    return node_power / chips_per_node


@formula(cite="arithmetic")
def node_power_of_chip(chip_power: Watt, node_over_chips: Ratio) -> Watt:
    """The same where no node is known: the chip's own rating, and what nodes usually add."""
    return chip_power * node_over_chips


@formula(cite="node_power_model")
def mean_power(rated: Watt, load: Ratio, idle: Ratio, busy: Ratio) -> Watt:
    """Mean draw of a node that trains a share of the time and idles the rest.

    P = P_idle + u (P_load - P_idle), both as shares of the rating. `load` is what training draws:
    the rating itself is never reached.
    """
    return rated * (idle + busy * (load - idle))


@formula(cite="arithmetic")
def site_energy(power: Watt, chip_time: Second, overhead: Ratio) -> Joule:
    """Energy at the meter; `overhead` is power usage effectiveness: cooling, conversion, lights."""
    return power * chip_time * overhead


@formula(cite="arithmetic")
def electricity(energy: Joule, price: DollarPerJoule) -> UsDollar:
    """What energy costs."""
    return energy * price


@formula(cite="arithmetic")
def rent(chip_time: Second, price: DollarRate) -> UsDollar:
    """Chips rented by the hour; power, hosts and network are in the price."""
    return chip_time * price


@formula(cite="arithmetic")
def capital_recovery(discount: Ratio, years: Count) -> Ratio:
    """What a year must bring of what was paid: i / (1 - (1 + i)^-n), an annuity."""
    return discount / (1 - (1 + discount) ** (-years))


@formula(cite="arithmetic")
def capital_per_chip(server: UsDollar, server_share: Ratio) -> UsDollar:
    """All-in capital for one chip: its share of a server, over the servers' share of the site."""
    return server / server_share


@formula(cite="arithmetic")
def capital_charge(
    capital: UsDollar, yearly: Ratio, chip_time: Second, year: Second, sold: Ratio
) -> UsDollar:
    """Capital used up by a run: a year's charge for each chip-year; `sold` is the busy share.

    Time in which the machines stand unused between runs is charged to the runs.
    """
    return capital * yearly * chip_time / year / sold


@formula(cite="arithmetic")
def total_cost(first: UsDollar, second: UsDollar) -> UsDollar:
    """Two costs together."""
    return first + second


@formula(cite="arithmetic")
def people_cost(people: Count, time: Second, wage: DollarRate) -> UsDollar:
    """People for a time, at what one costs."""
    return people * time * wage


@formula(cite="arithmetic")
def lost_throughput_cost(cost: UsDollar, relative_throughput: Ratio) -> UsDollar:
    """What the same work costs more on a stack of another speed; below zero where it is faster."""
    return cost * (1 / relative_throughput - 1)
