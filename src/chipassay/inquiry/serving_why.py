"""The derivation of a serving answer: steps, what they consist of, the chip's figures."""

from __future__ import annotations

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.fact import Entry
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_binding import parts
from chipassay.inquiry.serving_case import Served
from chipassay.inquiry.serving_handing import port
from chipassay.inquiry.serving_options import Option
from chipassay.model.serve_loop import Loop
from chipassay.records.answer import Reason
from chipassay.records.step_times import line, plane

FELT = ("memory_bandwidth", "dense_bf16", "dense_fp8", "scaleup_bandwidth", "memory_capacity")
FITTED = "fitted on measured rows (builders/fit_serving.py)"
KERNELS = "kernel times (docs/kernels.md)"


def reasons(
    best: Option, asked: Asked, catalogue: Catalogue, notes: Footnotes
) -> tuple[Reason, ...]:
    """TPOT and TTFT as trees: a mixture of steps, a step of kernels, a kernel of the chip."""
    notes.use(catalogue.source("serving_rows"), catalogue.source("nccl_rows"))
    for each in best.pools:
        notes.use(*(catalogue.source(key) for key in each.about.case.engine.sources))
    if len(best.pools) > 1:
        return _two_pools(best, asked, catalogue, notes)
    about, done = best.about, best.loop
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


def _two_pools(
    best: Option, asked: Asked, catalogue: Catalogue, notes: Footnotes
) -> tuple[Reason, ...]:
    """Prompts in one pool, decoding in the other, the cache over the network between them."""
    fill, read = (each.about for each in best.pools)
    done = best.loop
    batch = max(done.decoding / read.case.plan.replicas / read.steps.stages, 1.0)
    ports = [
        Reason(f"{each.case.chip.id}: a chip's network ports", port(each.case), "B/s",
               source=_system(each, catalogue, notes))
        for each in (fill, read)
    ]  # fmt: skip
    moving = Reason(
        "cache to the other pool", best.transfer * asked.input, "s", "transfer_time",
        "all chips of a rank send and receive at once; the slower end counts", inner=tuple(ports),
    )  # fmt: skip
    step = Reason(
        "decode step", done.decode_step, "s", "StepTimes.decode",
        f"all kernels of a step of {batch:.0f} sequences on {read.case.chip.id}",
        inner=(*_kernels(read, done, batch), *_chip(read.case.chip, notes)),
    )  # fmt: skip
    prompt = Reason(
        "prefill of a prompt", done.mixed_step, "s", "prompt_service",
        f"{asked.input - asked.known:g} tokens on {fill.case.chip.id}",
        inner=tuple(_chip(fill.case.chip, notes)),
    )  # fmt: skip
    outside = Reason("outside the steps", fill.steps.outside, "s", standing=FITTED)
    notes.use(catalogue.source("sakasegawa_1977"))
    return (
        Reason("serve.tpot", done.tpot, "s", "pooled_loop", "steps of the pool that decodes",
               inner=(step,)),
        Reason("serve.ttft", done.ttft, "s", "pooled_loop",
               "a queue before the prefill pool, a prompt's prefill, the move, the first step",
               cite="sakasegawa_1977", inner=(outside, prompt, moving)),
        *(Reason(f"serve.{each.role}.memory_per_chip", each.about.memory.used, "B",
                 "serve_memory", "weights, activations, libraries; the rest is cache")
          for each in best.pools),
    )  # fmt: skip


def _system(about: Served, catalogue: Catalogue, notes: Footnotes) -> str:
    """Who says what ports a chip's system has; "" where a usual port is assumed."""
    for system in catalogue.systems_of(about.case.chip.id):
        fact = system.facts.get("nic_bandwidth")
        if fact is not None and fact.sources:
            notes.use(*fact.sources)
            return fact.sources[0].key
    return ""


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
