"""What a run was like: latencies, throughput, how full it was, how much was thrown away."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.simulation.scalars import Count, PerSecond, Ratio, Second
from chipassay.simulation.serving import Outcome

_UNKNOWN = float("nan")


class Spread(NamedTuple):
    """A latency over requests or tokens."""

    mean: Second
    p50: Second
    p90: Second
    p99: Second


class Report(NamedTuple):
    """Figures of a run; the warm-up's requests are in no latency, and its time in no rate."""

    requests: Count
    """Answered and counted."""
    refused: Count
    """Longer than any replica's cache."""
    first: Spread
    """Time to first token."""
    token: Spread
    """Time per output token after the first, a mean for each request."""
    gap: Spread
    """Between two tokens, over all tokens, the warm-up's too; read to 1 %."""
    whole: Spread
    """From sending to the last token."""
    queue: Spread
    """From arrival until some of the prompt is computed."""
    rate: PerSecond
    """Requests answered a second."""
    output_rate: PerSecond
    """Output tokens a second of all chips."""
    output_rate_per_chip: PerSecond
    input_rate_per_chip: PerSecond
    user_rate: PerSecond
    """Output tokens a second of one user, once they come: one over the mean time per token."""
    queued: Count
    """In the mean over time."""
    running: Count
    occupancy: Ratio
    """Of the cache, in the mean over time and engines."""
    busy: Ratio
    hit: Ratio
    """Prompt tokens found in a prefix cache."""
    preempted: Count
    """Preemptions."""
    dropped: Count
    """Tokens whose cache was computed again."""
    growing: Ratio
    """Requests in the house when the last came, over the mean: near 1 where the load is met."""


def report(o: Outcome) -> Report:
    """The figures of a run. NaN where nobody was answered."""
    done = o.done
    load, engines = o.load, o.engines
    output = load.output[done]
    first, whole = (o.first - o.arrival)[done], (o.finish - o.arrival)[done]
    more = output > 1
    each = ((o.finish - o.first)[done][more]) / (output[more] - 1)
    token, (inside, span) = spread(each), window(o)
    time = float(np.max(engines.until)) if len(engines.until) else 0.0
    rates = [_over(np.sum(tokens[inside]), span) for tokens in (load.output, load.prompt)]
    return Report(
        int(np.sum(done)), int(np.sum(o.refused)), spread(first), token, _gaps(o), spread(whole),
        spread((o.admitted - o.arrival)[done]), _over(np.sum(inside), span),
        rates[0], rates[0] / o.chips, rates[1] / o.chips,
        1.0 / token.mean if token.mean > 0 else _UNKNOWN,
        _over(np.sum(engines.queue_area), time), _over(np.sum(engines.seat_area), time),
        _over(np.sum(engines.block_area), time * float(np.sum(engines.blocks))),
        _over(np.sum(engines.busy), time * len(engines.busy)),
        _over(np.sum(o.hit[done]), float(np.sum(load.prompt[done]))), int(np.sum(o.preempted)),
        int(np.sum(engines.dropped)), growing(o),
    )  # fmt: skip


def spread(values: Any) -> Spread:
    """Mean and percentiles; NaN for none."""
    if len(values) == 0:
        return Spread(*[_UNKNOWN] * 4)
    return Spread(float(np.mean(values)), *map(float, np.percentile(values, [50, 90, 99])))


def window(o: Outcome) -> tuple[Any, float]:
    """Which requests count for rates, and the seconds in which they ended.

    In a closed loop all after the warm-up, from the first's coming to the last's end, as the public
    benchmarks have it: their run-in and run-out are in it. Where requests come by themselves, those
    that end between the first counted arrival and the last one that waits for no answer.
    """
    done = o.done
    if not done.any():
        return done, 0.0
    begin, end = float(np.min(o.arrival[done])), float(np.max(o.finish[done]))
    if o.load.clients:
        return done, end - begin
    last = float(np.nanmax(o.load.arrival))
    inside = ~np.isnan(o.finish) & (o.finish > begin) & (o.finish <= last)
    if 2 * int(np.sum(inside)) < int(np.sum(done)):
        return done, end - begin
    return inside, last - begin


def _over(sum_: Any, by: float) -> float:
    return float(sum_) / by if by > 0 else _UNKNOWN


def _gaps(o: Outcome) -> Spread:
    """Percentiles of the counted gaps: the middle of their class."""
    total = int(np.sum(o.gaps))
    if total == 0:
        return Spread(*[_UNKNOWN] * 4)
    middle = np.append((o.gap_edges[:-1] + o.gap_edges[1:]) / 2, o.gap_edges[-1])
    place = np.searchsorted(np.cumsum(o.gaps), np.array([0.5, 0.9, 0.99]) * total)
    return Spread(o.gap_sum / total, *map(float, middle[np.minimum(place, len(middle) - 1)]))


def growing(o: Outcome) -> float:
    """How the house fills up: requests in it when the last arrives, over the mean at arrivals.

    Near 1 where the load is met; near 2 where the queue grows steadily. NaN for a closed loop.
    """
    if o.load.clients or len(o.arrival) < o.load.warm + 2:
        return _UNKNOWN
    come = np.sort(o.arrival[~o.refused & ~np.isnan(o.arrival)])
    gone = np.sort(np.where(np.isnan(o.finish), np.inf, o.finish)[~o.refused])
    inside = (np.arange(1, len(come) + 1) - np.searchsorted(gone, come))[o.load.warm :]
    tail = max(1, len(inside) // 10)
    return float(np.mean(inside[-tail:]) / max(1.0, float(np.mean(inside))))


def occupancy(o: Outcome) -> list[Any]:
    """Samples of each engine: time, queued, admitted, shares of the cache held and kept known."""
    found = []
    for trail, blocks in zip(o.engines.trails, o.engines.blocks, strict=True):
        rows = trail.copy()
        rows[:, 3:] /= max(1, int(blocks))
        found.append(rows)
    return found


def attainment(o: Outcome, first: float, token: float) -> float:
    """Share of requests that met both limits; refused and unanswered ones did not."""
    counted = np.arange(len(o.arrival)) >= o.load.warm
    each = (o.finish - o.first) / np.maximum(o.load.output - 1, 1)
    met = (o.first - o.arrival <= first) & (each <= token)
    return float(np.mean(met[counted]))
