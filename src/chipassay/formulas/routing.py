"""Which experts a batch of tokens goes to, and how unevenly, when experts are dealt out to ranks.

Skewed routing is a bounded power law: the popularity of an expert is drawn with a density that
falls as x^-skew between 1 and `span`, and tokens follow popularity. `skew` 0 is even routing:
every token chooses evenly and alone. Checked against draws of the law: rows of the busiest rank
within 4 %, its touched experts within 2 % on average; one draw strays 12 % itself.
"""

from __future__ import annotations

import numpy as np

from chipassay.formulas.transformer import distinct_experts
from chipassay.trace import formula
from chipassay.units import Count, Ratio

LEAST_ORDER = 4e-6
"""Closer to zero an order counts as this: the moment's limit is the logarithm."""
WIDEST = 0.8
"""The most popular expert is at most as many times as popular as the least as this times tokens."""
SPARSE_SPAN = 200.0
"""The span where there are fewer choices than experts."""
SPARSE_LOAD = 0.28
"""Choices for each expert below which no expert is chosen twice."""
DROPPED = 0.42
"""An expert that expects fewer choices than this gets none."""


@formula(cite="arithmetic")
def power_moment(order: Count, span: Count) -> Count:
    """Integral of x^(order - 1) from 1 to `span`."""
    safe = np.where(np.abs(order) < LEAST_ORDER, LEAST_ORDER, order) + 0.0 * span
    moment: Count = np.expm1(safe * np.log(span)) / safe
    return moment


@formula(cite="arithmetic")
def popularity_span(tokens: Count, per_token: Count, experts: Count) -> Ratio:
    """How many times as popular as the least popular expert the most popular one may be."""
    dense = np.maximum(WIDEST * tokens, 1.0 + LEAST_ORDER)
    return np.where(tokens * per_token > experts, dense, SPARSE_SPAN)


@formula(cite="arithmetic")
def mean_popularity(skew: Count, span: Ratio) -> Ratio:
    """Mean of a power law between 1 and `span`."""
    return power_moment(2.0 - skew, span) / power_moment(1.0 - skew, span)


@formula(cite="arithmetic")
def popularity_variation(skew: Count, span: Ratio) -> Ratio:
    """Standard deviation over mean of a power law between 1 and `span`."""
    first = power_moment(2.0 - skew, span)
    second = power_moment(3.0 - skew, span) * power_moment(1.0 - skew, span)
    return np.sqrt(np.maximum(second / (first * first) - 1.0, 0.0))


@formula(cite="arithmetic")
def busiest_rank_factor(held: Count, ranks: Count, variation: Ratio) -> Ratio:
    """Load of the busiest of `ranks` over the mean, each holding `held` experts drawn alike.

    The largest of n sums lies above their mean by a number of deviations that grows with log n; a
    right-skewed law puts it further out. The three numbers are fitted to draws.
    """
    deviation = variation / np.sqrt(held)
    return 1.0 + 0.692 * deviation * np.log(ranks) ** 0.912 * (1.0 + 0.266 * deviation)


@formula(cite="arithmetic")
def evenly_busiest_factor(rows: Count, ranks: Count) -> Ratio:
    """The same where tokens choose evenly and alone: only chance sets ranks apart."""
    return 1.0 + np.sqrt(2.0 * np.log(ranks) / rows)


@formula(cite="arithmetic")
def busiest_rank_rows(
    tokens: Count, per_token: Count, experts: Count, ranks: Count, skew: Count
) -> Count:
    """Choices of an expert on the busiest rank; at least one."""
    held, even = experts / ranks, tokens * per_token / ranks
    span = popularity_span(tokens, per_token, experts)
    factor = busiest_rank_factor(held, ranks, popularity_variation(skew, span))
    most = even * np.minimum(factor, span / mean_popularity(skew, span))
    rows = np.where(skew > 0.0, most, even * evenly_busiest_factor(even, ranks))
    return np.maximum(np.minimum(rows, np.minimum(held, per_token) * tokens), 1.0)


@formula(cite="arithmetic")
def unchosen_share(load: Count, skew: Count, span: Ratio) -> Ratio:
    """Share of experts so unpopular that none of `load` choices for each expert falls on them."""
    limit = DROPPED * mean_popularity(skew, span) / load
    order = 1.0 - skew
    return power_moment(order, np.minimum(np.maximum(limit, 1.0), span)) / power_moment(order, span)


@formula(cite="arithmetic")
def touched_experts(
    tokens: Count, per_token: Count, experts: Count, ranks: Count, skew: Count
) -> Count:
    """Experts that are chosen at all on the busiest rank; at least one."""
    held, even = experts / ranks, tokens * per_token / ranks
    rows = busiest_rank_rows(tokens, per_token, experts, ranks, skew)
    span = popularity_span(tokens, per_token, experts)
    load = even / held
    left = unchosen_share(load, skew, span) * even / rows
    skewed = np.where(load < SPARSE_LOAD, rows, held * (1.0 - left))
    alone = distinct_experts(experts, per_token, tokens) / ranks
    found = np.where(skew > 0.0, skewed, alone)
    return np.maximum(np.minimum(found, np.minimum(held, rows)), 1.0)


@formula(cite="arithmetic")
def dealt_rows(tokens: Count, per_token: Count, ranks: Count) -> Count:
    """Choices on each rank where experts are dealt to tokens in turn: benchmarks' "balanced"."""
    return np.maximum(tokens * per_token / ranks, 1.0)


@formula(cite="arithmetic")
def dealt_experts(rows: Count, held: Count) -> Count:
    """Experts touched on a rank where they are dealt in turn: none twice before each was once."""
    return np.minimum(held, -(-rows // 1.0))


@formula(cite="arithmetic")
def cycled_experts(touched: Count, held: Count, draws: Count) -> Count:
    """Experts touched by several draws together, each of `touched` out of `held`."""
    return held * (1.0 - np.maximum(1.0 - touched / held, 0.0) ** draws)
