"""Comparisons in sentences of our own: both operands, the attribute, the measure, the verdict."""

from __future__ import annotations

from itertools import permutations

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.comparisons.anchors import is_difference
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.quantities import quantities

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
CHIPS = {
    "mi300x": "MI300X", "mi325x": "MI325X", "gaudi3": "Gaudi 3", "l20": "L20",
    "rtx5090": "RTX 5090",
}  # fmt: skip
FIELDS = {"memory_bandwidth": "memory bandwidth", "memory_capacity": "memory capacity"}


def read(text: str) -> list[Judged]:
    found = judged(Document("own", text, text), NAMES, CATALOGUE, "2026-01-01")
    return [(claim, verdict) for claim, verdict in found if claim.kind == "comparison"]


def told(text: str) -> list[tuple[str, str | None, str | None, str]]:
    """Field, first and second chip, and verdict of each comparison."""
    return [
        (
            c.field,
            c.subject.ids[0] if c.subject else None,
            c.other.ids[0] if c.other else None,
            v.outcome,
        )
        for c, v in read(text)
    ]


WAYS = [
    "The {a} has {r:.2f}x the {w} of the {b}.",
    "The {a} offers {r:.2f} times as much {w} as the {b}.",
    "In {w} the {a} reaches {p:.1f}% of the {b}.",
    "The {a}'s {w} is {r:.2f} times that of the {b}.",
    "Compared with the {b}, the {a} has {r:.2f}x the {w}.",
    "{a}的{z}是{b}的{r:.2f}倍。",
    "{a}的{z}相当于{b}的{p:.1f}%。",
]
MORE_WAYS = [
    "The {a} has {m:.0f}% more {w} than the {b}.",
    "The {a} beats the {b} by {m:.0f}% in {w}.",
    "With the {a}, {w} is up {m:.0f}% over the {b}.",
    "The {a} brings a {m:.0f}% jump in {w} over the {b}.",
    "{a}的{z}比{b}高出{m:.0f}%。",
    "与{b}相比，{a}的{z}提升了{m:.0f}%。",
]
LESS_WAYS = [
    "The {a} has {l:.0f}% less {w} than the {b}.",
    "The {a} trails the {b} by {l:.0f}% in {w}.",
    "Compared to the {b}, the {a} shows a {l:.0f}% reduction in {w}.",
    "{a}的{z}比{b}低{l:.0f}%。",
]
CHINESE = {"memory_bandwidth": "显存带宽", "memory_capacity": "显存容量"}


def made(way: str, first: str, second: str, field: str, ratio: float) -> str:
    return way.format(
        a=CHIPS[first], b=CHIPS[second], w=FIELDS[field], z=CHINESE[field], r=ratio, p=100 * ratio,
        m=100 * (ratio - 1), l=100 * (1 - ratio),
    )  # fmt: skip


def ratio_of(first: str, second: str, field: str) -> float:
    own, theirs = (CATALOGUE.chip_entry(each).number(field) for each in (first, second))
    return own / theirs


def ways_of(ratio: float) -> list[str]:
    return [*WAYS, *(MORE_WAYS if ratio > 1.15 else LESS_WAYS if ratio < 0.87 else [])]


PAIRS = list(permutations(CHIPS, 2))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("pair", PAIRS)
def test_a_true_ratio_is_supported_however_it_is_said(pair: tuple[str, str], field: str) -> None:
    ratio = ratio_of(*pair, field)
    for way in ways_of(ratio):
        text = made(way, *pair, field, ratio)
        assert (field, *pair, "supported") in told(text), (text, told(text))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("pair", PAIRS)
def test_a_ratio_far_off_is_called_wrong_and_its_operands_are_kept(
    pair: tuple[str, str], field: str
) -> None:
    ratio = ratio_of(*pair, field)
    off = ratio * 1.6 if ratio > 1 else ratio / 2.6
    for way in WAYS:
        text = made(way, *pair, field, off)
        assert [line[:3] for line in told(text)] == [(field, *pair)], (text, told(text))
        assert told(text)[0][3] == "contradicted", (text, told(text))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("pair", PAIRS)
def test_the_direction_must_be_right(pair: tuple[str, str], field: str) -> None:
    ratio = ratio_of(*pair, field)
    names = {"a": CHIPS[pair[0]], "b": CHIPS[pair[1]], "w": FIELDS[field], "z": CHINESE[field]}
    ways = [
        ("The {a} has {x} {w} than the {b}.", "higher", "lower"),
        ("The {a}'s {w} {x} the {b}'s.", "exceeds", "falls short of"),
        ("{a}的{z}{x}{b}。", "高于", "低于"),
        ("Against the {b}, the {a}'s {w} is {x}.", "higher", "lower"),
    ]
    for way, higher, lower in ways:
        right, wrong = (higher, lower) if ratio > 1 else (lower, higher)
        assert [v.outcome for _, v in read(way.format(x=right, **names))] == ["supported"]
        assert [v.outcome for _, v in read(way.format(x=wrong, **names))] == ["contradicted"]


SEVERAL = {
    "two measures, one of them behind": (
        "The H20 trails the H100 in compute by 85 percent and leads it in bandwidth by 19 percent.",
        [("rate", "h20-96gb", "h100-sxm5", "supported"),
         ("memory_bandwidth", "h20-96gb", "h100-sxm5", "supported")],
    ),
    "a measure that goes on in other words": (
        "When compared with the H100, the A100 lags by a factor of three in FP16 compute and 1.6x"
        " in memory bandwidth.",
        [("dense_fp16", "a100-sxm-80gb", "h100-sxm5", "supported"),
         ("memory_bandwidth", "a100-sxm-80gb", "h100-sxm5", "supported")],
    ),
    "each clause its own direction": (
        "Next to the H100 the H20 looks weak: its compute is lower, its memory bandwidth is lower"
        " and its interconnect is weaker.",
        [("rate", "h20-96gb", "h100-sxm5", "supported"),
         ("memory_bandwidth", "h20-96gb", "h100-sxm5", "contradicted"),
         ("link", "h20-96gb", "h100-sxm5", "contradicted")],
    ),
    "the chips named in the sentences before": (
        "The MI300X carries 192 GB at 5.3 TB/s. The L40S carries 48 GB at 864 GB/s. That is 4x the"
        " capacity and roughly 6x the bandwidth.",
        [("memory_capacity", "mi300x", "l40s", "supported"),
         ("memory_bandwidth", "mi300x", "l40s", "supported")],
    ),
    "a clause with a first chip of its own": (
        "The V100 is slower than the A100 in every way, and the A100 slower than the H100 in memory"
        " bandwidth.",
        [("performance", "v100-sxm2-32gb", "a100-sxm-80gb", "cannot tell"),
         ("memory_bandwidth", "a100-sxm-80gb", "h100-sxm5", "supported")],
    ),
    "a figure between": (
        "The H20 lacks compute, yet its memory bandwidth is 4.0 TB/s, higher than the 3.35 TB/s of"
        " the H100.",
        [("memory_bandwidth", "h20-96gb", "h100-sxm5", "supported")],
    ),
    "figures of both in front": (
        "对比H100的80GB，H200的141GB提升了76%。",
        [("memory_capacity", "h200-sxm", "h100-sxm5", "supported")],
    ),
    "the latter": (
        "H20的互联带宽与H100持平，算力却只有后者的15%。",
        [("link", "h20-96gb", "h100-sxm5", "supported"),
         ("rate", "h20-96gb", "h100-sxm5", "supported")],
    ),
    "names in order": (
        "In memory bandwidth, H200 > A100 > H100.",
        [("memory_bandwidth", "h200-sxm", "a100-sxm-80gb", "supported"),
         ("memory_bandwidth", "a100-sxm-80gb", "h100-sxm5", "contradicted")],
    ),
    "traditional characters": (
        "L20 的顯存頻寬較 RTX 5090 低52%。",
        [("memory_bandwidth", "l20", "rtx5090", "supported")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SEVERAL)
def test_each_measure_has_its_own_operands_and_attribute(what: str) -> None:
    text, wanted = SEVERAL[what]
    assert told(text) == wanted


ONE_OUTCOME = [
    ("The H200 has 61 GB more memory than the H100.", "supported"),
    ("The H200 has 100 GB more memory than the H100.", "contradicted"),
    ("H20的显存容量比H100多16GB。", "supported"),
    ("The H20's memory bandwidth is no higher than the H100's.", "contradicted"),
    ("The H100's memory bandwidth is not lower than the A100's.", "supported"),
    ("The H800's NVLink is on par with the A800's.", "supported"),
    ("The H100's memory bandwidth is as high as the H200's.", "contradicted"),
    ("The H100's TDP is 75% higher than the A100's.", "supported"),
    ("The L20 uses 60% less power than the H100.", "supported"),
    ("MI325X的显存是MI300X的1.33倍。", "supported"),
    ("El MI300X tiene 2,4 veces más memoria que el H100.", "supported"),
    ("O H200 tem 1.4 vezes a largura de banda do H100.", "supported"),
    ("H200 memiliki bandwidth memori 1.4 kali lebih besar dari H100.", "supported"),
    ("У H200 пропускная способность памяти в 1.4 раза выше, чем у H100.", "supported"),
    ("The CloudMatrix 384 has 3.6 times the memory of the GB200 NVL72.", "supported"),
    ("The CloudMatrix 384 has 8 times the memory of the GB200 NVL72.", "contradicted"),
]


@pytest.mark.parametrize(("text", "outcome"), ONE_OUTCOME)
def test_a_comparison_is_held_against_both_figures(text: str, outcome: str) -> None:
    assert [verdict.outcome for _, verdict in read(text)] == [outcome]


TORN = [
    "Higher bandwidth: 1008 GB/s (1008 GB/s vs 1.79 TB/s) for the RTX 4090.",
    "In bandwidth the H100（3.35 TB/s）> H200（4.8 TB/s).",
    "带宽方面，H100（3.35 TB/s）优于H200（4.8 TB/s）。",
    "The MI300X (192 GB) has 3x the memory of the H100 (80 GB).",
    "The H200's 141 GB is 1.4x the H100's 80 GB.",
    "H200 and H100 differ in bandwidth: 4.8 vs 3.35 TB/s, a 1.9x ratio.",
]


@pytest.mark.parametrize("text", TORN)
def test_figures_printed_beside_a_comparison_must_agree_with_it(text: str) -> None:
    assert "inconsistent" in [verdict.outcome for _, verdict in read(text)]


@pytest.mark.parametrize("text", TORN)
def test_the_same_sentence_with_its_figures_in_order_is_not_torn(text: str) -> None:
    pairs = [
        ("1008 GB/s vs 1.79 TB/s", "1.79 TB/s vs 1008 GB/s"), ("3x", "2.4x"), ("1.4x", "1.76x"),
        ("1.9x", "1.43x"), ("3.35 TB/s）", "4.8 TB/s）"), ("H200（4.8", "H200（3.35"),
    ]  # fmt: skip
    for old, new in pairs:
        text = text.replace(old, new)
    assert not {verdict.outcome for _, verdict in read(text)} & {"inconsistent"}


UNTOLD = {
    "a result and no data sheet": "The MI300X delivers 3x the inference performance of the H100.",
    "per dollar": "The MI355X offers 40% more tokens per dollar than the B200.",
    "per watt": "The H200 is 90% more efficient per watt than the H100.",
    "a price": "The H20 costs 20% less than the H100.",
    "no measure named": "The H20 is half as fast as the H100.",
    "a node of several": "A server with eight H20s has twice the memory of one with eight H100s.",
    "several of one": "Two H20s have more memory bandwidth than one H200.",
    "energy and not power": "The H100 consumes twice as much energy as the A100.",
    "a rival without a name": "The MI300X has 9 times the memory of its rival.",
    "a predecessor without a name": "The H200 has 9 times the memory of its predecessor.",
    "another part's link": "The H100's PCIe 5.0 bandwidth is nine times the A100's.",
    "two formats": "The H100 has 4x the FP8 performance of A100's FP16.",
    "a format in front": "With FP8 the H100 doubles the throughput of the A100's FP16.",
    "neither": "Neither the H20 nor the H800 has less memory than the A100.",
    "systems": "The CloudMatrix 384 has twice the compute of the GB200 NVL72.",
    "an unverified figure": "The B30A has a tenth of the FP16 compute of the B300.",
    "a word that nobody knows": "The H20 has twice the frobbed memory bandwidth of the H100.",
}


@pytest.mark.parametrize("why", UNTOLD)
def test_what_cannot_be_held_against_two_figures_is_not_judged(why: str) -> None:
    outcomes = {verdict.outcome for _, verdict in read(UNTOLD[why])}
    assert not outcomes & {*WRONG, "supported"}, outcomes


NO_COMPARISON = [
    "The superchip has 384 GB (2x 192 GB) of memory.",
    "In 2024 Nvidia sold 50% more H20s than in 2023.",
    "The H20's share of revenue was 15% of the total.",
    "A model with 3x more parameters ran on the H100.",
    "Tencent bought twice as many H20s as Alibaba.",
    "The H100 kept 40% of its peak in the run.",
]


@pytest.mark.parametrize("text", NO_COMPARISON)
def test_a_number_that_sets_no_two_chips_against_each_other_is_no_comparison(text: str) -> None:
    assert read(text) == []


def test_how_much_more_a_chip_has_is_no_figure_of_it() -> None:
    text = "The H200 has 61 GB more memory than the H100."
    (amount,) = quantities(text, 0, len(text), NAMES.products(text, 0, len(text)))
    assert is_difference(text, amount, len(text))
    plain = "The H200 has 61 GB of memory, more than the H100 did when it came out years before."
    (other,) = quantities(plain, 0, len(plain), NAMES.products(plain, 0, len(plain)))
    assert not is_difference(plain, other, len(plain))


def test_a_comparison_is_turned_when_its_operands_are() -> None:
    one = "The H200 has 43% more memory bandwidth than the H100."
    other = "The H100 has 43% more memory bandwidth than the H200."
    assert [v.outcome for _, v in read(one)] == ["supported"]
    assert [v.outcome for _, v in read(other)] == ["contradicted"]
