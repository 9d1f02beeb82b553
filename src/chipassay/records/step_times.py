"""How long each step of one inference engine takes: tables on grids, and what lies between.

An engine is one replica: `tensor * pipeline * attention_data` chips that schedule together. All
counts are of the whole engine. A step that carries `new` prompt tokens and `batch` sequences that
decode takes the sum of independent parts: what every token passes (projections, feed-forward,
experts, exchanges), attention of the prompts, attention of the decoding sequences, the head, the
host. So three small tables serve prefill, decode and every mixture of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class StepTimes(NamedTuple):
    """Tables of one engine's step, in seconds; grids rise, and begin at or below any count asked.

    Between the knots of a grid times are interpolated linearly, beyond its end they go on straight.
    """

    tokens: Any
    """Grid: tokens of a step, prompt tokens and one for each decoding sequence; from 1."""
    passed: Any
    """[tokens] what every token passes, all layers and stages, in a captured graph."""
    launched: Any
    """[tokens] the same where the host launches kernels one by one: at least `passed`."""
    rows: Any
    """Grid: sequences for which a token is sampled; from 1."""
    head: Any
    """[rows] the language-model head and sampling on the chip."""
    new: Any
    """Grid: prompt tokens of a step; from 0."""
    cached: Any
    """Grid: tokens of those prompts that lie in the cache already; from 0."""
    prompt_attention: Any
    """[new, cached] attention of one prompt's chunk, all layers."""
    batch: Any
    """Grid: decoding sequences; from 0."""
    context: Any
    """Grid: their mean context; from 0."""
    decode_attention: Any
    """[batch, context] attention of the decoding sequences, all layers."""
    host: float
    """s: host time of a step that nothing hides: scheduling, sampling, sending."""
    admission: float
    """Host time that each new prompt adds to a step: hashing blocks, making tables."""
    graph_rows: float
    """Pure decode steps of up to so many sequences run as captured graphs."""
    stages: float
    """Pipeline stages: a step passes them one after another, so many steps run at once."""
    ranks: float
    """Attention-data ranks: one prompt lies on one of them; counts above are of all together."""
    per_step: float
    """Tokens that a decode step yields for each sequence: 1, more with speculation."""
    kv_capacity_tokens: float
    """Tokens of context that the engine's cache holds."""
    block_tokens: float
    """Tokens of one block of the cache."""
    most_sequences: float
    """Sequences that the engine runs at once at most."""
    chunk_tokens: Any
    """Tokens that one step takes at most, prompt tokens and decoding ones together."""
    transfer: float
    """Time to move one token's cache to another pool; 0 where there is one pool."""
    outside: float = 0.0
    """Time of a request outside the steps: tokenising, sending, its first token's way back."""
    verified: float = 1.0
    """Tokens that a decode step passes for each sequence: 1, and those it guessed."""
    reserved: float = 0.0
    """1 where a sequence is admitted only if its cache has room to its end, 0 where it grows."""
    layers: float = 1.0
    """Layers of the model: guessing a token passes one of them, and the head."""

    def prefill(self, tokens: Any, cached: Any = 0.0, rows: Any = 1.0) -> Any:
        """Seconds of a step of `tokens` prompt tokens, `rows` prompts, that decodes nothing."""
        return self.mixed(tokens, 0.0, 0.0, cached, rows)

    def decode(self, batch: Any, mean_context: Any) -> Any:
        """Seconds of a step in which `batch` sequences of this mean context decode."""
        rows = batch * self.verified
        passed = line(self.tokens, self.passed, rows)
        slow = line(self.tokens, self.launched, rows)
        body = np.where(np.asarray(batch) <= self.graph_rows, passed, slow)
        seen = plane(self.batch, self.context, self.decode_attention, batch, mean_context)
        head = line(self.rows, self.head, rows)
        return body + seen + head + self.guessing(batch) + self.host

    def room(self, tokens_in: Any, tokens_out: Any) -> Any:
        """Sequences of so many tokens in and out that the cache and the scheduler admit."""
        held = tokens_in + tokens_out * (1.0 + self.reserved) / 2.0
        return np.maximum(np.minimum(self.kv_capacity_tokens / held, self.most_sequences), 1.0)

    def guessing(self, batch: Any) -> Any:
        """Seconds of guessing tokens ahead: a layer and the head for each, if anybody decodes."""
        one = line(self.tokens, self.passed, batch) / self.layers
        each = one + line(self.rows, self.head, batch)
        return (self.verified - 1.0) * np.where(np.asarray(batch) > 0.0, each, 0.0)

    def mixed(
        self,
        prefill_tokens: Any,
        decode_batch: Any,
        mean_context: Any,
        cached: Any = 0.0,
        rows: Any = 1.0,
    ) -> Any:
        """Seconds of a step with prompt tokens of `rows` prompts, and sequences that decode."""
        verified = decode_batch * self.verified
        body = line(self.tokens, self.launched, prefill_tokens + verified)
        # r prompts of n tokens on a rank have as many pairs as one of n sqrt(r) (Vidur)
        root = np.sqrt(np.maximum(rows / self.ranks, 1.0))
        alone = prefill_tokens / np.maximum(rows, 1.0) * root
        seen = plane(self.new, self.cached, self.prompt_attention, alone, cached * root)
        past = plane(self.batch, self.context, self.decode_attention, decode_batch, mean_context)
        head = line(self.rows, self.head, verified + rows) + self.guessing(decode_batch)
        return body + seen + past + head + self.host + self.admission * rows


def line(knots: Any, values: Any, at: Any) -> Any:
    """Straight lines between knots, the last one carried on."""
    i = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    share = (at - knots[i]) / (knots[i + 1] - knots[i])
    return values[i] + share * (values[i + 1] - values[i])


def plane(first: Any, second: Any, values: Any, x: Any, y: Any) -> Any:
    """Bilinear between the knots of two grids, the last cell carried on."""
    i = np.clip(np.searchsorted(first, x, side="right") - 1, 0, len(first) - 2)
    j = np.clip(np.searchsorted(second, y, side="right") - 1, 0, len(second) - 2)
    u = (x - first[i]) / (first[i + 1] - first[i])
    v = (y - second[j]) / (second[j + 1] - second[j])
    low = values[i, j] + v * (values[i, j + 1] - values[i, j])
    high = values[i + 1, j] + v * (values[i + 1, j + 1] - values[i + 1, j])
    return low + u * (high - low)
