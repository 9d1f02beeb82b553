"""Steps in which everybody who decodes gets one token and nothing else happens.

Most steps of a calm server are such: nobody is new, nobody ends, nobody can be admitted, and there
is room for the blocks that are needed. They do what `batching.plan`, `lookup.step_time` and
`finishing.finish_step` do; moments are computed in the same order, so they are the same to the bit.
"""

from __future__ import annotations

from chipassay.simulation.lookup import cell, decoding_body, decoding_head
from chipassay.simulation.seats import touch
from chipassay.simulation.world import NOBODY, Setting, World


def glide(w: World, s: Setting, r: int, now: float, other: float) -> float:
    """Take such steps while they end before `other`, when somebody else acts; the moment then."""
    mine = w.replica[r]
    if not calm(w, r):
        return now
    touch(w, r, now)
    n, j, count, used, begin = mine.decoders, mine.place, mine.count, mine.used, now
    passed, head, host = decoding_body(w, r, n), decoding_head(w, r, n), mine.host
    tables, knots, edges, ring, residue = w.tables, w.contexts, w.edges, w.ring, w.residue
    row, room = mine.reading_at + n * len(knots), mine.block_count - mine.cached
    context, last, area, g = mine.context, mine.last_decode, 0.0, w.tally[0].gap_place
    ring_at, block_at, most = r * s.ring, r * s.block, count + mine.until_sample - 1
    while count < most:
        need = residue[block_at + (count + 1) % s.block]
        if used + need > room or ring[ring_at + (count + 1) % s.ring] != NOBODY:
            break
        mean = context / n
        if not knots[j] <= mean < knots[j + 1]:
            j = cell(knots, mean)
        low, share = tables[row + j], (mean - knots[j]) / (knots[j + 1] - knots[j])
        end = now + (passed + (low + share * (tables[row + j + 1] - low)) + head + host)
        if other <= end:
            break
        if not edges[g] <= end - last < edges[g + 1]:
            g = cell(edges, end - last)
        w.gaps[g] += n
        used += need
        area += (end - now) * used
        count += 1
        context += n
        now = last = end
    if count > mine.count:
        w.tally[0].gap_sum += (now - mine.last_decode) * n
        mine.place, mine.used, mine.last_decode, mine.context = j, used, last, context
        w.tally[0].gap_place = g
        settle(w, r, count, now, begin, area)
    return now


def settle(w: World, r: int, count: int, now: float, begin: float, area: float) -> None:
    """Book what steps up to a decode count have done together."""
    mine = w.replica[r]
    steps = count - mine.count
    mine.count = count
    mine.steps += steps
    mine.until_sample -= steps
    mine.busy_time += now - begin
    mine.queue_area += (now - begin) * mine.queued
    mine.seat_area += (now - begin) * mine.seated
    mine.block_area += area
    mine.touched = now


def calm(w: World, r: int) -> bool:
    """Whether all that a replica can do is to decode, one token a step."""
    mine = w.replica[r]
    if mine.decoders == 0 or mine.per_step != 1.0:
        return False
    if mine.fresh != NOBODY or mine.partial != NOBODY:
        return False
    return mine.queued == 0 or mine.stuck == 1 or mine.seated >= mine.seats  # type: ignore[no-any-return]
