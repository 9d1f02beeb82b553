"""The derivation of a serving answer: steps, what they consist of, the chip's figures."""

from __future__ import annotations

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.fact import Entry
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_binding import parts
from chipassay.inquiry.serving_case import Served
from chipassay.model.serve_loop import Loop
from chipassay.records.answer import Reason
from chipassay.records.step_times import line, plane

FELT = ("memory_bandwidth", "dense_bf16", "dense_fp8", "scaleup_bandwidth", "memory_capacity")
FITTED = "fitted on measured rows (builders/fit_serving.py)"
KERNELS = "kernel times (docs/kernels.md)"


def reasons(
    about: Served, done: Loop, catalogue: Catalogue, notes: Footnotes
) -> tuple[Reason, ...]:
    """TPOT and TTFT as trees: a mixture of steps, a step of kernels, a kernel of the chip."""
    notes.use(catalogue.source("serving_rows"), catalogue.source("nccl_rows"))
    chip = _chip(about.case.chip, notes)
    batch = max(done.decoding / about.case.plan.replicas / about.steps.stages, 1.0)
    decode = Reason(
        "decode step", done.decode_step, "s", "StepTimes.decode",
        f"all kernels of a step of {batch:.0f} sequences, in a captured graph",
        inner=(*_kernels(about, done, batch), *chip),
    )  # fmt: skip
    mixed = Reason(
        "step with prompt tokens", done.mixed_step, "s", "StepTimes.mixed",
        "the same with prompts, launched one by one by the host",
    )  # fmt: skip
    share = Reason("share of steps with prompt tokens", done.mixed_share, "1", "closed_loop",
                   "prompts and answers in proportion of input to output")  # fmt: skip
    outside = Reason("outside the steps", about.steps.outside, "s", standing=FITTED)
    return (
        Reason("serve.tpot", done.tpot, "s", "closed_loop",
               "mean of steps with and without prompt tokens", inner=(decode, mixed, share)),
        Reason("serve.ttft", done.ttft, "s", "closed_loop",
               "first wave queues behind its own prompts; later requests wait for steps",
               inner=(outside, Reason("first wave", done.first_ttft, "s", "ramp_in"),
                      Reason("steady", done.steady_ttft, "s", "closed_loop"))),
        Reason("serve.memory_per_chip", about.memory.used, "B", "serve_memory",
               "weights, activations, libraries; the rest is cache"),
    )  # fmt: skip


def _kernels(about: Served, done: Loop, batch: float) -> list[Reason]:
    steps = about.steps
    context = done.held_tokens / max(done.decoding, 1.0)
    reading = plane(steps.batch, steps.context, steps.decode_attention, batch, context)
    found = [
        Reason(kind, seconds, "s", standing=KERNELS)
        for kind, seconds in sorted(parts(about, batch).items(), key=lambda kv: -kv[1])
    ]
    found.append(Reason("attention over the cache", float(reading), "s", standing=KERNELS))
    head = float(line(steps.rows, steps.head, batch))
    found.append(Reason("head and sampling", head, "s", standing=KERNELS))
    found.append(Reason("host", steps.host, "s", standing=FITTED))
    return found


def _chip(chip: Entry, notes: Footnotes) -> list[Reason]:
    found = []
    for name in FELT:
        fact = chip.facts.get(name)
        if fact is not None:
            notes.use(*fact.sources)
            found.append(Reason(
                f"{chip.id}.{name}", chip.number(name), fact.field.si, source=fact.sources[0].key,
                standing=fact.standing,
            ))  # fmt: skip
    return found
