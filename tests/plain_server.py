"""A server simulated the slow way: every request is looked at in every step. An oracle for tests.

It shares with the simulation only the step-time tables and the words of the policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chipassay.records.step_times import StepTimes, line, plane
from chipassay.simulation.policies import Policy


def table(
    speed: float = 1.0,
    kv: float = 200_000,
    seats: int = 256,
    chunk: int = 2048,
    block: int = 16,
    stages: int = 1,
    per_step: float = 1.0,
    transfer: float = 0.0,
    outside: float = 0.0,
    verified: float = 1.0,
) -> StepTimes:
    """Step times of a made-up engine."""
    s = 1 / speed
    tokens = np.array([1, 8, 64, 256, 1024, 4096, 16384.0])
    passed = (np.maximum(8e-3, tokens * 6e-6) + 1e-3) * s
    rows = np.array([1, 64, 512, 2048.0])
    new, cached = np.array([0, 256, 2048, 16384.0]), np.array([0, 1024, 8192, 65536.0])
    batch, context = np.array([0, 1, 16, 64, 256, 1024.0]), np.array([0, 512, 2048, 8192, 65536.0])
    prompt = 1e-9 * s * new[:, None] * (cached[None, :] + new[:, None] / 2)
    reading = 2e-8 * s * batch[:, None] * context[None, :]
    return StepTimes(
        tokens=tokens, passed=passed, launched=passed + 2e-3 * s, rows=rows,
        head=(2e-4 + 1e-6 * rows) * s, new=new, cached=cached, prompt_attention=prompt,
        batch=batch, context=context, decode_attention=reading, host=1e-3 * s, admission=1e-3 * s,
        graph_rows=256, stages=stages, ranks=1, per_step=per_step, kv_capacity_tokens=kv,
        block_tokens=block, most_sequences=seats, chunk_tokens=chunk, transfer=transfer,
        outside=outside, verified=verified, layers=4.0,
    )  # fmt: skip


@dataclass
class Guest:
    prompt: int
    output: int
    arrival: float
    emitted: int = 0
    filled: int = 0
    held: int = 0
    """Tokens in the cache, once it decodes."""
    decoding: bool = False
    ready: bool = False
    blocks: int = 0
    first: float = float("nan")
    finish: float = float("nan")
    evicted: int = 0


class Server:
    def __init__(self, times: StepTimes, policy: Policy, swap_time: float = 0.0) -> None:
        self.t, self.policy, self.swap_time = times, policy, swap_time
        self.block = int(times.block_tokens)
        self.total = int(times.kv_capacity_tokens) // self.block
        self.waiting: list[Guest] = []
        self.seated: list[Guest] = []

    def blocks(self, tokens: int) -> int:
        return -(-tokens // self.block)

    def used(self) -> int:
        return sum(guest.blocks for guest in self.seated)

    def growth(self) -> int:
        if self.policy.reserves:
            return 0
        return sum(self.blocks(g.held + 1) - g.blocks for g in self.seated if g.decoding)

    def serve(self, guests: list[Guest]) -> None:
        coming, now = sorted(guests, key=lambda g: g.arrival), 0.0
        while coming or self.waiting or self.seated:
            if not self.waiting and not self.seated:
                now = max(now, coming[0].arrival)
            while coming and coming[0].arrival <= now:
                self.waiting.append(coming.pop(0))
            now = self.step(now)

    def step(self, now: float) -> float:
        self.swapping, self.new = 0.0, 0
        self.resume()
        fills: list[tuple[Guest, int]] = []
        if self.policy.mixes:
            if self.make_room():
                fills = self.fill()
            decoders = [g for g in self.seated if g.decoding]
        else:
            fills = self.fill()
            if not fills:
                self.make_room()
            decoders = [] if fills else [g for g in self.seated if g.decoding]
        now = now + self.time(fills, decoders)
        for guest in decoders:
            guest.held += 1
            guest.emitted += 1
            if not self.policy.reserves:
                guest.blocks = self.blocks(guest.held)
            if guest.emitted == guest.output:
                self.leave(guest, now)
        for guest, tokens in fills:
            guest.filled += tokens
            if guest.filled == guest.prompt + guest.emitted:
                guest.emitted += 1
                if guest.emitted == 1:
                    guest.first = now
                guest.decoding, guest.held = True, guest.prompt + guest.emitted - 1
                if guest.emitted == guest.output:
                    self.leave(guest, now)
        return now

    def leave(self, guest: Guest, now: float) -> None:
        guest.finish = now
        self.seated.remove(guest)

    def resume(self) -> None:
        while self.waiting and self.waiting[0].ready and len(self.seated) < self.t.most_sequences:
            guest = self.waiting[0]
            if self.used() + self.blocks(guest.held + 1) + self.growth() > self.total:
                return
            self.seated.append(self.waiting.pop(0))
            guest.ready, guest.decoding, guest.blocks = False, True, self.blocks(guest.held)
            self.swapping += guest.held * self.swap_time

    def make_room(self) -> bool:
        calm = True
        while self.used() + self.growth() > self.total:
            guest = self.seated.pop()
            calm = False
            guest.evicted += 1
            guest.filled = 0
            if guest.decoding and self.policy.swaps:
                guest.ready = True
                self.swapping += guest.held * self.swap_time
            guest.decoding, guest.blocks = False, 0
            self.waiting.insert(0, guest)
        for guest in self.seated:
            if guest.decoding and not self.policy.reserves:
                guest.blocks = self.blocks(guest.held + 1)
        return calm

    def fill(self) -> list[tuple[Guest, int]]:
        p = self.policy
        budget = int(p.budget or self.t.chunk_tokens)
        decoders = sum(g.decoding for g in self.seated)
        left = budget - (decoders if p.mixes else 0)
        fills = []
        for guest in self.seated:
            if not guest.decoding and left > 0:
                fills.append((guest, min(left, guest.prompt + guest.emitted - guest.filled)))
                left -= fills[-1][1]
        if p.static and decoders:
            return fills
        while self.waiting and left > 0 and len(self.seated) < self.t.most_sequences:
            guest = self.waiting[0]
            tokens = guest.prompt + guest.emitted
            if guest.ready or (not p.chunks and tokens > left and fills):
                break
            need = self.blocks(guest.prompt + guest.output - 1 if p.reserves else tokens)
            if self.used() + need + int(p.watermark * self.total) > self.total:
                break
            self.seated.append(self.waiting.pop(0))
            guest.blocks = need
            self.new += 1
            fills.append((guest, min(left, tokens) if p.chunks else tokens))
            left -= fills[-1][1]
        return fills

    def time(self, fills: list[tuple[Guest, int]], decoders: list[Guest]) -> float:
        t, tokens, count = self.t, sum(n for _, n in fills), len(decoders)
        captured = not fills and count <= t.graph_rows
        body = line(t.tokens, t.passed if captured else t.launched, tokens + count)
        seen: Any = sum(
            plane(t.new, t.cached, t.prompt_attention, n, guest.filled) for guest, n in fills
        )
        if count:
            mean = sum(g.held for g in decoders) / count
            seen += plane(t.batch, t.context, t.decode_attention, count, mean)
        head = line(t.rows, t.head, len(fills) + count)
        return float(body + seen + head + t.host + t.admission * self.new + self.swapping)
