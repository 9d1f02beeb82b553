"""Collectives over links. Bandwidths are one way, per chip."""

from __future__ import annotations

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Second


@formula(cite="thakur_2005")
def ring_all_reduce_time(message: Byte, ranks: Count, link: ByteRate) -> Second:
    """Reduce-scatter, then all-gather, round a ring: 2 (n-1)/n of the message over each link.

    Bandwidth term only: it leaves out the hop latency that rules short messages.
    """
    n = ranks
    return 2 * (n - 1) / n * message / link
