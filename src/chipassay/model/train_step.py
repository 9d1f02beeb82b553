"""A training step: stages of layers, what they exchange, and what of that nothing hides.

Per micro-batch and stage there is arithmetic, exchanges between tensor, context and expert ranks,
and the host's launching of kernels; per step a pipeline's bubble, data ranks' reduction of
gradients, and the optimiser. Columns of plans go through as arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas import training as f
from chipassay.formulas.collectives import distinct_places
from chipassay.model.train_needs import Layer
from chipassay.records.plan import EXCHANGES, Plan, micro_batches
from chipassay.units import Byte, ByteRate, Count, Num, Ratio, Second

RING, ULYSSES = (float(EXCHANGES.index(name)) for name in ("ring", "ulysses"))


class Net(NamedTuple):
    """Links and ports as a training step sees them; rates are what long messages reach, one way."""

    node: Count
    """Chips that the links inside join."""
    link: ByteRate
    mesh: Ratio
    """1 where each pair of chips has links of its own."""
    port: ByteRate
    """One chip's port to the network."""
    hop: Second
    far_hop: Second
    memory: ByteRate
    """What a chip's memory streams at."""
    host_link: ByteRate
    """One way, a chip to its host's memory."""
    reach: Count = np.inf
    """Nodes that a token's experts may lie in (node-limited routing); inf: any."""


class Tuning(NamedTuple):
    """What a software stack makes of a chip. Times are multiplied; shares are of a time."""

    matrix: Ratio = 1.0
    experts: Ratio = 1.0
    attention: Ratio = 1.0
    state: Ratio = 1.0
    routed: Ratio = 1.0
    pointwise: Ratio = 1.0
    launch: Second = 0.0
    """The host's time for each kernel: a floor under everything a stage does."""
    tensor: Ratio = 1.0
    """Share of tensor ranks' exchanges that shows."""
    context: Ratio = 1.0
    """Share of attention's time that cannot hide context ranks' exchanges."""
    expert: Ratio = 1.0
    """Share of expert ranks' exchanges that shows."""
    expert_alone: Ratio = 1.0
    """The same where no other micro-batch's arithmetic is at hand to hide them."""
    pipeline: Ratio = 1.0
    """Share of messages between stages that shows."""
    data_window: Ratio = 0.0
    """Share of a backward pass that hides the reduction of gradients."""
    data_tax: Ratio = 0.0
    """Share of a hidden reduction that shows all the same."""
    network: Ratio = 1.0
    """Time of messages over the network against what its ports' rate says."""
    step: Second = 0.0
    """What a step takes besides: data, logging, the host's own work."""
    straggle: Ratio = 0.0
    """What each doubling of the nodes adds: waiting for the slowest."""
    gradient: Byte = 4.0
    """Bytes of a gradient as it is kept and reduced."""
    selective: Ratio = 0.0
    """Share of a forward pass that selective recomputing repeats, beyond unfused attention."""
    recipe: Ratio = 1.0
    """Time of a whole step under a stack's recipe for one model against its other models'."""
    accumulate: Byte = 0.0
    """Bytes moved for each weight and micro-batch to add up gradients, beyond the products' own."""


class Stage(NamedTuple):
    """Layers of one pipeline stage, with the raw times of their exchanges, forward."""

    layer: Layer
    tensor: Second
    gather: Second
    """One gather of each round: what a backward pass with sequence parallelism repeats."""
    context: Second
    expert: Second


class Passes(NamedTuple):
    """One micro-batch on one stage."""

    forward: Second
    backward: Second
    weight: Second
    arithmetic: Second
    recompute: Second
    tensor: Second
    context: Second
    expert: Second
    host: Second


class Step(NamedTuple):
    """One step, and where it goes; the parts add up to it."""

    time: Second
    arithmetic: Second
    recompute: Second
    bubble: Second
    tensor: Second
    context: Second
    expert: Second
    pipeline: Second
    data: Second
    optimizer: Second
    other: Second


def stage(layer: Layer, plan: Plan, net: Net) -> Stage:
    """A stage's exchanges at full exposure."""
    rounds = np.maximum(layer.tensor_rounds, 1.0)
    message = layer.tensor_bytes / rounds
    gather = layer.tensor_rounds * _group(message, plan.tensor, 1.0, net, 1.0, 1.0)
    context = _sequence_exchange(layer, plan, net)
    expert = _dispatch(layer, plan, net)
    return Stage(layer, 2.0 * gather, gather, context, np.where(plan.expert > 1.0, expert, 0.0))


def _dispatch(layer: Layer, plan: Plan, net: Net) -> Second:
    """Rows to experts and back: once to each node that holds a chosen expert, then over links."""
    inside = _inside(net, plan.expert)
    nodes = plan.expert / inside
    choices = layer.expert_bytes / np.maximum(layer.token_bytes, 1.0)
    reached = np.minimum(distinct_places(choices, nodes), net.reach)
    places = distinct_places(choices, plan.expert)
    return f.dispatch_exchange_time(
        layer.token_bytes, places, reached, nodes, plan.expert, _links(net, inside),
        net.port,
    )  # fmt: skip


def _inside(net: Net, ranks: Count, stride: Count = 1.0) -> Count:
    """Ranks of a group that one node holds."""
    return np.minimum(np.maximum(net.node / stride, 1.0), ranks)


def _links(net: Net, members: Count) -> ByteRate:
    """One way, what a chip's links to `members` of its node carry."""
    usable = np.minimum((members - 1.0) / np.maximum(net.node - 1.0, 1.0), 1.0)
    return net.link * np.where(members > 1.0, 1.0 - net.mesh + net.mesh * usable, 1.0)


def _group(
    message: Byte, ranks: Count, passes: Count, net: Net, network: Ratio, stride: Count
) -> Second:
    """A gather (one pass) or an all-reduce (two) of a group whose ranks lie `stride` apart."""
    inside = _inside(net, ranks, stride)
    hop = np.where(ranks > inside, net.far_hop, net.hop)
    time = f.reduction_time(
        message, ranks, inside, passes, _links(net, inside), net.port / network, hop
    )
    return np.where(ranks > 1.0, time + net.hop, 0.0)


def _sequence_exchange(layer: Layer, plan: Plan, net: Net) -> Second:
    """Context ranks pass keys and values round, gather them all, or swap heads for tokens."""
    c = plan.context
    whole = plan.tensor * c > net.node
    rate = np.where(whole, np.minimum(net.port, net.link), net.link)
    gather = (c - 1.0) * layer.context_bytes / rate + net.hop
    ring = gather + (c - 2.0) * net.hop
    swap = layer.swapped_bytes * (c - 1.0) / c / rate + 4.0 * net.hop
    kinds = np.where(plan.exchange == ULYSSES, swap, np.where(plan.exchange == RING, ring, gather))
    return np.where(c > 1.0, kinds, 0.0)


def passes(stage: Stage, plan: Plan, net: Net, tuning: Tuning) -> Passes:
    """One micro-batch's forward and backward on a stage."""
    a, t = stage.layer, tuning
    attention = t.attention * a.attention_forward
    forward = t.matrix * a.matrix_forward + t.experts * a.experts_forward + attention
    forward = forward + t.pointwise * a.pointwise_forward + t.state * a.state_forward
    forward = forward + t.routed * a.routed_forward
    back = t.attention * a.attention_backward
    backward = t.matrix * a.matrix_backward + t.experts * a.experts_backward + back
    backward = backward + t.pointwise * a.pointwise_backward + t.state * a.state_backward
    backward = backward + t.routed * a.routed_backward
    backward = backward + t.accumulate * (a.dense_parameters + a.expert_parameters) / net.memory
    weight = t.matrix * a.matrix_weight + t.experts * a.experts_weight
    full: Num = np.where(plan.recompute > 1.5, plan.recomputed, 0.0)
    part: Num = np.where((plan.recompute > 0.5) & (plan.recompute < 1.5), 1.0, 0.0)
    again = full * forward + part * (a.scores > 0.0) * attention
    again = again + part * np.where(t.selective > 0.0, t.selective * forward, a.light_forward)
    # what hides an exchange is written for the links of one node
    shown: Num = np.where(plan.tensor > net.node, np.maximum(t.tensor, 1.0), t.tensor)
    tensor = shown * stage.tensor
    regather = plan.sequence * shown * stage.gather
    ring, ring_back = _context_times(stage.context, plan, t.context, attention, back)
    alone = np.where(plan.virtual > 1.0, t.expert, np.maximum(t.expert, t.expert_alone))
    beside = f.exposed_time(stage.expert, forward, t.data_tax)
    expert: Num = np.where(plan.schedule == f.DUALPIPE, beside, alone * stage.expert)
    host = a.kernels * t.launch
    idle = f.launch_wait(forward, host)
    idle_back = f.launch_wait(backward, 2.0 * host) + full * idle
    waits = tensor + ring + expert
    waits_back = full * waits + tensor + regather + ring_back + expert
    return Passes(
        forward=forward + waits + idle,
        backward=backward + again + waits_back + idle_back,
        weight=weight,
        arithmetic=forward + backward,
        recompute=again,
        tensor=(2.0 + full) * tensor + regather,
        context=(1.0 + full) * ring + ring_back,
        expert=(2.0 + full) * expert,
        host=idle + idle_back,
    )


def _context_times(
    exchange: Second, plan: Plan, tax: Ratio, forward: Second, backward: Second
) -> tuple[Second, Second]:
    """What shows of context ranks' exchanges beside attention: only a ring goes on behind it."""
    behind: Num = np.where(plan.exchange == RING, 1.0, 0.0)
    again: Num = np.where(plan.exchange == ULYSSES, 1.0, 2.0) * exchange
    ahead = f.exposed_time(exchange, behind * forward, tax)
    return ahead, f.exposed_time(again, behind * backward, tax)


def both(one: Passes) -> Second:
    """Forward and backward of a micro-batch."""
    return one.forward + one.backward


class Parameters(NamedTuple):
    """Weights on the fullest rank: split over tensor ranks, and of experts."""

    dense: Count
    expert: Count
    paired: Count
    """As `dense`, where a rank holds a stage and its counterpart from the other end (DualPipe)."""


class Work(NamedTuple):
    """What a step works on: its slowest candidates of stages, all stages together, weights."""

    heavy: Stage
    last: Stage
    whole: Stage
    parameters: Parameters
    message: Byte
    """Activations that one stage sends to the next for a micro-batch."""
    sections: Count
    """Layers of the heavy stage."""
    kept: Layer
    """Layers whose activations the first stage keeps: no embedding, no head."""
    logits: Byte
    """What the head keeps."""
    trained: Ratio = 1.0
    """Share of the weights that have gradients and an optimiser's state."""


def step(work: Work, plan: Plan, net: Net, tuning: Tuning) -> Step:
    """A step's time and its parts."""
    t = tuning._replace(accumulate=work.trained * tuning.accumulate)
    count = micro_batches(plan)
    heavy, last = passes(work.heavy, plan, net, t), passes(work.last, plan, net, t)
    slow = Passes(
        *(np.where(both(last) > both(heavy), b, a) for a, b in zip(heavy, last, strict=True))
    )
    whole = passes(work.whole, plan, net, t)
    others = np.maximum(both(whole) - both(slow), 0.0)
    bubble = f.pipeline_bubble(
        others, slow.forward, slow.backward, slow.weight, plan.pipeline, plan.virtual, plan.schedule
    )
    sent: Num = np.where(plan.pipeline > 1.0, _sent_time(work.message, plan, net, t), 0.0)
    data = _data_time(work, plan, net, t, slow, sent)
    update = work.trained * update_time(work.parameters, plan, net)
    hops = 2.0 * sent * plan.virtual * t.pipeline
    line = count * hops + (plan.pipeline - 1.0) * hops
    waiting = t.recipe * (1.0 + t.straggle * np.log2(np.maximum(_chips(plan) / net.node, 1.0)))
    parts = (
        count * slow.arithmetic,
        count * slow.recompute,
        bubble,
        count * slow.tensor,
        count * slow.context,
        count * slow.expert,
        line,
        data,
        update,
        count * (slow.host + _moved_time(work.kept, plan, net, slow, t)) + t.step,
    )
    scaled = tuple(part * waiting for part in parts)
    return Step(f.step_time(*scaled), *scaled)


def _data_time(work: Work, plan: Plan, net: Net, t: Tuning, slow: Passes, sent: Second) -> Second:
    """What shows of gathering weights and reducing gradients beside passes and others' messages."""
    gathered, reduced = data_times(work.parameters, plan, net, t, work.trained)
    rounds = f.rounds_behind(plan.pipeline, plan.virtual)
    rows: Num = np.where(plan.expert * plan.expert_tensor > net.node, slow.expert, 0.0)
    free = f.free_window(rounds * both(slow), sent * plan.virtual, rows, rounds)
    once = f.exposed_time(gathered + reduced, t.data_window * free, t.data_tax)
    # sharded gradients are reduced after every micro-batch (once behind a pipeline), sharded
    # weights are gathered twice for each
    ahead = f.exposed_time(gathered, t.data_window * slow.forward, t.data_tax)
    each = f.exposed_time(reduced, t.data_window * slow.backward, t.data_tax)
    twice = f.exposed_time(gathered + reduced, t.data_window * slow.backward, t.data_tax)
    count = micro_batches(plan)
    gradients: Num = np.where(plan.pipeline > 1.0, once, count * each + ahead)
    sharded = np.where(plan.zero > 2.5, count * (ahead + twice), gradients)
    return np.where(plan.zero > 1.5, sharded, once)


def kept_bytes(layers: Layer, plan: Plan, selective: Ratio = 1.0, light: Ratio = 1.0) -> Byte:
    """Activations of a micro-batch that wait for the backward pass, by what is computed again.

    Selective recomputing keeps a share where a stack picks operators (`selective` below one), else
    drops what is cheap to make again; `light` is the share of that kept with nothing recomputed."""
    full: Num = np.where(plan.recompute > 1.5, plan.recomputed, 0.0)
    part: Num = np.where((plan.recompute > 0.5) & (plan.recompute < 1.5), 1.0, 0.0)
    picked = np.where(selective < 1.0, (1.0 - selective) * layers.stored, layers.light)
    again = part * (layers.scores + picked) + (1.0 - part) * (1.0 - light) * layers.light
    stored: Num = layers.stored - again
    return full * layers.input + (1.0 - full) * stored


def _moved_time(layers: Layer, plan: Plan, net: Net, slow: Passes, t: Tuning) -> Second:
    """What shows of moving activations to the host behind a forward, and back behind a backward."""
    moved = plan.offload_activations * kept_bytes(layers, plan) / net.host_link
    out = f.exposed_time(moved, slow.forward, t.data_tax)
    return out + f.exposed_time(moved, slow.backward, t.data_tax)


def _chips(plan: Plan) -> Count:
    return plan.tensor * plan.pipeline * plan.data * plan.context


def _sent_time(message: Byte, plan: Plan, net: Net, t: Tuning) -> Second:
    """One message between neighbouring stages: over the network where stages lie in other nodes."""
    apart = _chips(plan) > net.node
    rate = np.where(apart, net.port / t.network, net.link)
    return message / rate + np.where(apart, net.far_hop, net.hop)


def data_times(
    parameters: Parameters, plan: Plan, net: Net, tuning: Tuning, trained: Ratio = 1.0
) -> tuple[Second, Second]:
    """Gathering weights, and reducing gradients, over data (and context) ranks.

    Where few weights are trained, gathering them all is left to FSDP alone.
    """
    ranks = plan.data * plan.context
    experts = np.maximum(ranks * plan.tensor / (plan.expert * plan.expert_tensor), 1.0)
    spread = plan.expert * plan.expert_tensor
    gathered: Num = 0.0
    reduced: Num = 0.0
    members: Num
    stride: Num
    for count, members, stride in (
        (parameters.dense, ranks, plan.tensor),
        (parameters.expert, experts, spread),
    ):
        gradients = trained * tuning.gradient * count
        weights = np.where(plan.zero > 2.5, 2.0, 2.0 * trained) * count
        shard = np.where(plan.shard > 0.0, np.minimum(plan.shard, members), members)
        # without sharding, the second half of an all-reduce takes the place of gathering weights
        gather = np.where(plan.zero > 0.5, weights, gradients)
        gathered = gathered + _group(gather, shard, 1.0, net, tuning.network, stride)
        reduced = reduced + _group(gradients, shard, 1.0, net, tuning.network, stride)
        copies = members / shard
        across = _group(gradients / shard, copies, 2.0, net, tuning.network, stride * shard)
        reduced = reduced + np.where(plan.shard > 0.0, across, 0.0)
    return gathered, reduced


UPDATE = 30.0
"""Bytes that Adam moves for a parameter with 32-bit gradients, masters and moments."""
NORM = 4.0


def update_time(parameters: Parameters, plan: Plan, net: Net) -> Second:
    """Adam on a rank's shard, the norm of its gradients, and what is offloaded over the host."""
    ranks = plan.data * plan.context
    experts = np.maximum(ranks * plan.tensor / (plan.expert * plan.expert_tensor), 1.0)
    split = plan.zero > 0.5
    own = parameters.dense / np.where(split, ranks, 1.0)
    own = own + parameters.expert / np.where(split, experts, 1.0)
    inside = own * (UPDATE + NORM) / net.memory
    return inside + plan.offload_optimizer * own * 16.0 / net.host_link
