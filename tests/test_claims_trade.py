"""Sentences of our own: operations of training, sites, profits, shares that vanish, slips of a
power of ten, products that a sentence states with its parts."""

from __future__ import annotations

import math

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.compute_amounts import operations
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-02-01")


def outcomes(text: str) -> set[str]:
    return {verdict.outcome for _, verdict in read(text)}


WRITTEN = {
    "5.8e23 FLOP": 5.8e23,
    "3.14 × 10^23 FLOPs": 3.14e23,
    "2.5 x 10²⁴ floating-point operations": 2.5e24,
    "1.0×10的26次方次浮点运算": 1e26,
    "38 trillion trillion FLOP": 3.8e25,
    "3,640 petaflop/s-days": 3640 * 1e15 * 86400,
    "2,800 PF-days": 2800 * 1e15 * 86400,
    "a compute budget of 6.3 × 10^{24}": 6.3e24,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_number_of_operations_is_read_however_it_is_written(text: str) -> None:
    found = list(operations(text, 0, len(text)))
    assert [math.isclose(each.value, WRITTEN[text], rel_tol=1e-9) for each in found] == [True]
    assert found[0].low <= found[0].value <= found[0].high


@pytest.mark.parametrize(
    "text",
    [
        "10^18 FLOP/s",
        "2.1e25 floating point operations per second",
        "3 × 10^20 次浮点运算/秒",
        "6.022 × 10^23 molecules",
        "4e17 seconds",
        "10^12 FLOPs",
    ],
)
def test_a_rate_or_another_large_number_is_no_number_of_operations(text: str) -> None:
    assert list(operations(text, 0, len(text))) == []


READ = {
    "Grok-1 was trained with some 3e24 FLOP.": ("compute", 3e24),
    "The 7-week run of Falcon-40B drew 190 MWh.": ("electricity", 190e6 * 3600),
    "The hall filled with 24,000 H100s in 97 days.": ("duration", 97 * 86400),
    "96 eight-way H200 boxes add up to 768 GPUs.": ("deployment", 768.0),
    "Hygon posted a net profit of 1.9 billion yuan.": ("profit", 1.9e9),
    "摩尔线程上半年净亏损7.24亿元": ("profit", 7.24e8),
    "Biren's loss of 1.5 billion yuan widened.": ("profit", 1.5e9),
    "AMD's share of Chinese accelerators sank from 5% to nothing.": ("share", 0.0),
    "英伟达在华AI芯片份额从九成降至0,此前为95%": ("share", 0.0),
    "Kunlun shipments could reach 240,000 next year.": ("shipments", 240000.0),
    "Ascend revenue may come to $9 billion.": ("sales", 9e9),
    "Llama 4 took between 2.1M and 4.4M GPU hours.": ("gpu hours", 3.25e6),
    "百度建成3万卡昆仑芯P800集群": ("deployment", 30000.0),
    "Cambricon's profit rose from 0.3 billion yuan to 1.1 billion.": ("profit", 1.1e9),
}


@pytest.mark.parametrize("text", READ)
def test_what_is_read_of_trade_and_runs(text: str) -> None:
    field, value = READ[text]
    found = [c.amount.value for c, _ in read(text) if c.field == field and c.amount is not None]
    assert any(math.isclose(each, value, rel_tol=1e-6, abs_tol=1e-12) for each in found)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("GPT-3 required 3.1 × 10^23 FLOP for training.", "supported"),
        ("Training Llama 2 70B took 8.3e23 FLOPs.", "supported"),
        ("DeepSeek-V3 used about 3.3e24 FLOP.", "supported"),
        ("BLOOM (176B) used 5 × 10^25 FLOP.", "contradicted"),
        ("Falcon-180B used 5 × 10^25 FLOP.", "contradicted"),
        ("Falcon-180B used 8 × 10^24 FLOP.", "cannot tell"),
        ("Qwen2.5-72B might need 9 × 10^26 FLOP.", "cannot tell"),
        ("Grok-1 used 5 × 10^29 FLOP.", "cannot tell"),
        ("Llama 3.1 used 9 × 10^27 FLOP.", "cannot tell"),
        ("Training LLaMA 65B used 90 MWh of electricity.", "contradicted"),
        ("Training LLaMA 65B used 400 MWh of electricity.", "cannot tell"),
    ],
)
def test_a_run_is_called_wrong_only_far_from_its_makers_report(text: str, wanted: str) -> None:
    assert outcomes(text) == {wanted}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Cambricon made a revenue of 28.81 billion yuan in the first half of 2025.", True),
        ("Cambricon made a revenue of 2.881 trillion yuan in the first half of 2025.", True),
        ("Cambricon made a revenue of 2.881 billion yuan in the first half of 2025.", False),
        ("Cambricon made a revenue of 28.81 billion yuan in the first half of 2024.", False),
        ("Cambricon made a revenue of 3.5 billion yuan in the first half of 2025.", True),
        ("Cambricon may make 28.81 billion yuan in the first half of 2025 in revenue.", False),
        ("Nvidia's gaming revenue was $5.7 billion in Q3 of fiscal 2026.", False),
    ],
)
def test_a_slip_or_the_firms_own_report_makes_sales_wrong(text: str, *, wrong: bool) -> None:
    assert bool(outcomes(text) & set(WRONG)) is wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("48 eight-way H800 boxes make 400 GPUs.", True),
        ("48 eight-way H800 boxes make 384 GPUs.", False),
        ("16 racks of 24 MI300X boards each, 300 in all.", True),
        ("The site will triple its draw to 300 MW from 150 MW with 90,000 H100s.", True),
        ("The site will double its draw to 300 MW from 150 MW with 90,000 H100s.", False),
        ("MFU fell 20% from 50% on 64 H100s to 48% on 512 H100s.", True),
        ("MFU fell 4% from 50% on 64 H100s to 48% on 512 H100s.", False),
        ("About 30.1% of the 419 faults were GPU faults.", False),
    ],
)
def test_a_sentences_own_products_must_be_right(text: str, *, wrong: bool) -> None:
    assert ("inconsistent" in outcomes(text)) is wrong


@pytest.mark.parametrize(
    "text",
    [
        "Avogadro's number is about 6.022 × 10^23.",
        "Profit at the bank rose 8 percent to $4.1 billion in the second quarter.",
        "The app's share of new users doubled from 10% to 20% in May.",
        "Each of the 12 boxes holds 24 eggs, 288 in all.",
        "If the card only reaches 60 percent utilization, the rate matters little.",
        "The lake yields 300 tons of fish each year.",
        "He trained for the marathon for 16 weeks.",
        "公司计划三年内招聘5000名工程师",
        "英伟达股价下跌3%,市值蒸发1000亿美元",
    ],
)
def test_what_is_of_no_chip_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_operations_grow_with_parameters_and_tokens() -> None:
    """Whatever is six times the parameters times the tokens is confirmed, for every held model."""
    for row in CATALOGUE.runs():
        if row["figure"] != "tokens" or row["model"] not in ("bloom-176b", "falcon-40b"):
            continue
        size = {"bloom-176b": 176e9, "falcon-40b": 41.3e9}[row["model"]]
        told = f"{row['model']} took {6 * size * row['value']:.2e} FLOP to train.".replace("+", "")
        assert outcomes(told) == {"supported"}, told
