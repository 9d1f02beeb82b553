"""A chip's kernels and links as a training step asks for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from chipassay.catalogue import chips
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.fabrics import fabric, kinds, port_and_node
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.formulas.control import pcie_both_ways
from chipassay.inquiry.kernels import Kernel, kernel
from chipassay.model.kernels.attention_prefill import AttentionPrefillShape, pairs_seen
from chipassay.model.kernels.gemm import GemmShape
from chipassay.model.kernels.silicon import silicon as rates
from chipassay.model.train_needs import VALUE, Bench
from chipassay.model.train_step import Net
from chipassay.records.silicon import Silicon
from chipassay.units import Num, parse

FORMATS = {"mxfp8": "fp8", "fp8_block": "fp8", "mxfp4": "nvfp4"}
"""A format whose products are as fast as another's: block scales cost casts, not products."""
NARROW = ("fp8", "mxfp8", "fp8_block", "nvfp4", "mxfp4")
COLD = 64.0
"""Weights that take turns: a training step touches each layer's once before any comes round."""
FEW_CORES = 16.0
"""A chip of fewer, larger cores has no tiles to deal out: its products reach a flat share."""
FLAT = 0.75
LARGE = 8192.0
MOST_RATE = 0.92
"""Share of the matrix rate that no product passes over a whole step."""
STREAM = 0.85
LAUNCH = parse("3 us", "s")
FLAT_ATTENTION = 0.5
PORT = parse("400 Gb/s", "B/s")
HOP, FAR_HOP = parse("3 us", "s"), parse("10 us", "s")


@dataclass(frozen=True, slots=True)
class Machine:
    """A chip ready to train: its kernels, its links, how well they are known."""

    chip: Entry
    bench: Bench
    net: Net
    silicon: Silicon
    product: Kernel
    precision: str
    least: Num
    """Time of matrix products that no stack goes below, as a share of the kernels'."""


def machine(
    chip: Entry,
    catalogue: Catalogue,
    precision: str,
    *,
    node: float = math.nan,
    link: float = math.nan,
    port: float = math.nan,
    reach: float = math.inf,
    without: str = "",
) -> Machine:
    """A chip with its kernels at a precision; `node`, `link`, `port` as a measured row has them.

    `without` names a chip whose rows no kernel's constants may come from.
    """
    form = FORMATS.get(precision, precision)
    product = kernel("gemm", chip, catalogue, form, without=without)
    wide = kernel("gemm", chip, catalogue, "bf16", without=without).silicon
    net = _net(chip, catalogue, node, link, port, wide)._replace(reach=reach)
    return _ready(chip, catalogue, precision, product, wide, net, without)


def machines(like: Machine, chips_: Sequence[Entry], catalogue: Catalogue) -> Machine:
    """A machine with a column for each of several chips, on the last of two axes.

    They differ from `like`'s chip in figures alone: kernels keep its constants.
    """
    form = FORMATS.get(like.precision, like.precision)
    numbers = [chips.numbers(chip) for chip in chips_]
    own, wide = (
        Silicon(*map(_row, zip(*(rates(each, f) for each in numbers), strict=True)))
        for f in (form, "bf16")
    )
    unknown = (math.nan, math.nan, math.nan)
    each_net = zip(chips_, numbers, strict=True)
    nets = [_net(chip, catalogue, *unknown, rates(each, "bf16")) for chip, each in each_net]
    net = Net(*map(_row, zip(*nets, strict=True)))._replace(reach=like.net.reach)
    product = replace(like.product, silicon=own._replace(fed=like.product.silicon.fed))
    return _ready(like.chip, catalogue, like.precision, product, wide, net)


def _row(values: Any) -> Any:
    return np.array(values, float).reshape(1, -1)


def _ready(
    chip: Entry,
    catalogue: Catalogue,
    precision: str,
    product: Kernel,
    wide: Silicon,
    net: Net,
    without: str = "",
) -> Machine:
    form = FORMATS.get(precision, precision)
    bench = Bench(
        _products(product, 1.0 if precision in NARROW else VALUE, form),
        _attention(chip, catalogue, wide, without),
        lambda size: size / net.memory,
        wide.matrix,
    )
    least = _least(bench.product, product.silicon)
    return Machine(chip, bench, net, product.silicon, product, precision, least)


def without_links(own: Machine) -> Machine:
    """The machine on paper: the longer of arithmetic and traffic, links that take no time."""
    silicon, memory = own.silicon, own.silicon.memory

    def product(m: Num, n: Num, k: Num, result: float) -> Num:
        moved = VALUE * (m * k + n * k) + result * m * n
        return np.maximum(2.0 * m * n * k / silicon.matrix, moved / memory)

    def attend(b: Num, tokens: Num, heads: Num, shared: Num, width: Num, window: Num) -> Num:
        pairs = b * heads * pairs_seen(tokens, np.minimum(window, tokens))
        return cast(Num, 4.0 * width * pairs / own.bench.matrix + 0.0 * shared)

    bench = Bench(product, attend, lambda size: size / memory, own.bench.matrix)
    fast = dict.fromkeys(("link", "port"), math.inf) | {"hop": 0.0, "far_hop": 0.0}
    return replace(own, bench=bench, net=own.net._replace(memory=memory, **fast), least=0.0)


def links_alone(own: Machine) -> Machine:
    """The machine with kernels that take no time: what its links and ports would need."""
    free = Bench(lambda *_: 0.0, lambda *_: 0.0, lambda _: 0.0, math.inf)
    return replace(own, bench=free, net=own.net._replace(memory=math.inf), least=0.0)


def _least(product: Any, silicon: Silicon) -> Num:
    """How much faster than a large product's kernel a stack may be, at most near the full rate."""
    side = LARGE
    ideal = 2.0 * side**3 / silicon.matrix
    found = np.minimum(ideal / (MOST_RATE * product(side, side, side, VALUE)), 1.0)
    return cast(Num, found if np.ndim(found) else float(found))


def _products(product: Kernel, value: float, form: str) -> Any:
    value = 0.5625 if form == "nvfp4" else value
    silicon = product.silicon

    few = silicon.cores < FEW_CORES

    def time(m: Num, n: Num, k: Num, result: float) -> Num:
        return _by_cores(
            few,
            lambda: 2.0 * m * n * k / (FLAT * silicon.matrix),
            lambda: product.time(GemmShape(m, n, k, value, value, result, 0.0, COLD, 0.0)),
        )

    return time


def _by_cores(few: Any, flat: Callable[[], Num], tiled: Callable[[], Num]) -> Num:
    """The flat share where cores are few, the kernel's time elsewhere."""
    if np.all(few):
        return flat()
    return cast(Num, np.where(few, flat(), tiled())) if np.any(few) else tiled()


def _attention(chip: Entry, catalogue: Catalogue, silicon: Silicon, without: str) -> Any:
    try:
        own = kernel("attention_prefill", chip, catalogue, "bf16", without=without)
        found = replace(own, silicon=silicon)
    except (QuestionError, KeyError):
        found = None
    few = np.asarray(silicon.cores) < FEW_CORES

    def time(batch: Num, tokens: Num, heads: Num, shared: Num, width: float, window: float) -> Num:
        def flat() -> Num:
            pairs = batch * heads * pairs_seen(tokens, np.minimum(window, tokens))
            return 4.0 * width * pairs / (FLAT_ATTENTION * silicon.matrix) + LAUNCH

        if found is None:
            return flat()
        shape = AttentionPrefillShape(
            batch, tokens, 0.0 * tokens, heads, shared, width, window, VALUE, VALUE, VALUE
        )
        return _by_cores(few, flat, lambda: found.time(shape))

    return time


def _net(
    chip: Entry, catalogue: Catalogue, node: float, link: float, port: float, silicon: Silicon
) -> Net:
    joined = fabric(chip)
    share = float(kinds()["share"]["value"])
    systems = catalogue.systems_of(chip.id)
    own_port, own_node = port_and_node(systems, PORT, chip)
    line = joined.line if math.isnan(link) else link
    chip_numbers = chips.numbers(chip)
    host = float(pcie_both_ways(chip_numbers.pcie_generation)) / 2.0
    return Net(
        node=max(own_node, joined.domain) if math.isnan(node) else node,
        link=line * joined.payload * share,
        mesh=joined.mesh,
        port=(own_port if math.isnan(port) else port) * float(kinds()["across"]["share"]),
        hop=HOP,
        far_hop=FAR_HOP,
        memory=silicon.memory * STREAM,
        host_link=host if not math.isnan(host) else PORT,
    )
