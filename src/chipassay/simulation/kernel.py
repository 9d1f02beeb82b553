"""A heap and a counter: what happens next, and ties in the order they were announced.

Nothing of ours is imported here. An event is a row with a time, an order (the counter when it was
announced), a kind and a subject; rows are objects, or records of an array under numba.

    >>> from types import SimpleNamespace
    >>> heap = [SimpleNamespace(time=0.0, order=0, kind=0, who=0) for _ in range(4)]
    >>> count = announce(heap, 0, 2.0, 0, 7, 70)
    >>> count = announce(heap, count, 1.0, 1, 8, 80)
    >>> count = announce(heap, count, 1.0, 2, 9, 90)
    >>> heap[0].who
    80
    >>> count = forget_first(heap, count)
    >>> heap[0].who, count
    (90, 2)
"""

from __future__ import annotations

from typing import Any


def announce(heap: Any, count: int, time: float, order: int, kind: int, who: int) -> int:
    """Put an event on a heap of `count`; how many there are then. Room for it must be there."""
    place = count
    while place > 0:
        parent = (place - 1) // 2
        if not earlier(time, order, heap[parent].time, heap[parent].order):
            break
        _move(heap, parent, place)
        place = parent
    _write(heap, place, time, order, kind, who)
    return count + 1


def forget_first(heap: Any, count: int) -> int:
    """Drop the earliest event, which stands at 0; how many are left."""
    count -= 1
    end = heap[count]
    time, order, kind, who = end.time, end.order, end.kind, end.who
    place = 0
    while 2 * place + 1 < count:
        child = 2 * place + 1
        other = child + 1
        if other < count and earlier(
            heap[other].time, heap[other].order, heap[child].time, heap[child].order
        ):
            child = other
        if not earlier(heap[child].time, heap[child].order, time, order):
            break
        _move(heap, child, place)
        place = child
    _write(heap, place, time, order, kind, who)
    return count


def earlier(time: float, order: int, other_time: float, other_order: int) -> bool:
    """Whether one event comes before another."""
    return time < other_time or (time == other_time and order < other_order)


def _move(heap: Any, source: int, place: int) -> None:
    event = heap[source]
    _write(heap, place, event.time, event.order, event.kind, event.who)


def _write(heap: Any, place: int, time: float, order: int, kind: int, who: int) -> None:
    event = heap[place]
    event.time = time
    event.order = order
    event.kind = kind
    event.who = who
