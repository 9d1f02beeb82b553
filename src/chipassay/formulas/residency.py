"""Memory traffic that a cache takes part of, and costs that hide behind each other."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, Hertz, Ratio, Second

DRAW = 40.0
"""Bytes that a core draws from the last-level cache in a clock: what reads see of 64-byte ports."""


@formula(cite="arithmetic")
def joined_time(one: Second, other: Second) -> Second:
    """Two costs that overlap in part: the root of the sum of their squares."""
    return np.sqrt(one * one + other * other)


@formula(cite="arithmetic")
def longer_time(one: Second, other: Second) -> Second:
    """The longer of two that overlap almost fully; where they are alike, 19 % more than either."""
    a, b = one * one, other * other
    return np.sqrt(np.sqrt(a * a + b * b))


@formula(cite="arithmetic")
def usable_cache(cache: Byte, resident: Ratio) -> Byte:
    """The part of a cache that a working set can count on."""
    return cache * resident


@formula(cite="arithmetic")
def miss_share(size: Byte, cache: Byte) -> Ratio:
    """Share of a working set, read again and again, that misses a cache.

    Caches that evict what was used longest ago fall off a cliff at their capacity: the step is of
    fourth order.
    """
    fits = cache / size
    square = fits * fits
    return 1.0 / (1.0 + square * square)


@formula(cite="arithmetic")
def cache_rate(cores: Count, clock: Hertz) -> ByteRate:
    """Bytes a second that all cores draw from the last-level cache."""
    return cores * clock * DRAW


@formula(cite="williams_2009")
def cached_transfer_time(size: Byte, cache: Byte, memory: ByteRate, inner: ByteRate) -> Second:
    """All of it passes the cache at its rate, while what misses comes from memory."""
    return longer_time(size * miss_share(size, cache) / memory, size / inner)
