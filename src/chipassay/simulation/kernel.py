"""A heap and a counter: what happens next, and ties in the order they were announced.

Nothing of ours is imported here. Times and marks are lists, or numpy arrays under numba; a mark is
`[order, kind, who]`, `order` the counter at the announcement.

    >>> times, marks = [0.0] * 4, [[0, 0, 0] for _ in range(4)]
    >>> count = announce(times, marks, 0, 2.0, 0, 7, 70)
    >>> count = announce(times, marks, count, 1.0, 1, 8, 80)
    >>> count = announce(times, marks, count, 1.0, 2, 9, 90)
    >>> times[0], list(marks[0])
    (1.0, [1, 8, 80])
    >>> count = forget_first(times, marks, count)
    >>> times[0], list(marks[0])
    (1.0, [2, 9, 90])
"""

from __future__ import annotations

from typing import Any


def announce(
    times: Any, marks: Any, count: int, time: float, order: int, kind: int, who: int
) -> int:
    """Put an event on a heap of `count`; how many there are then. Room for it must be there."""
    place = count
    while place > 0:
        parent = (place - 1) // 2
        if not earlier(time, order, times[parent], marks[parent][0]):
            break
        _move(times, marks, parent, place)
        place = parent
    _write(times, marks, place, time, order, kind, who)
    return count + 1


def forget_first(times: Any, marks: Any, count: int) -> int:
    """Drop the earliest event, which stands at 0; how many are left."""
    count -= 1
    time, order, kind, who = times[count], marks[count][0], marks[count][1], marks[count][2]
    place = 0
    while 2 * place + 1 < count:
        child = 2 * place + 1
        other = child + 1
        if other < count and earlier(
            times[other], marks[other][0], times[child], marks[child][0]
        ):
            child = other
        if not earlier(times[child], marks[child][0], time, order):
            break
        _move(times, marks, child, place)
        place = child
    _write(times, marks, place, time, order, kind, who)
    return count


def earlier(time: float, order: int, other_time: float, other_order: int) -> bool:
    """Whether one event comes before another."""
    return time < other_time or (time == other_time and order < other_order)


def _move(times: Any, marks: Any, source: int, place: int) -> None:
    mark = marks[source]
    _write(times, marks, place, times[source], mark[0], mark[1], mark[2])


def _write(
    times: Any, marks: Any, place: int, time: float, order: int, kind: int, who: int
) -> None:
    times[place] = time
    mark = marks[place]
    mark[0] = order
    mark[1] = kind
    mark[2] = who
