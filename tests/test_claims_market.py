"""Sentences of our own about the trade in chips, training runs and machines at work."""

from __future__ import annotations

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.trade.periods import is_same, period_of
from chipassay.claims.trade.words import FIELDS
from chipassay.claims.verdicts.market_verdict import is_same_part
from chipassay.units import parse

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-02-01")


def fields(text: str) -> dict[str, float]:
    """Field -> value of the market and run figures read off a sentence."""
    return {
        claim.field: claim.amount.value
        for claim, _ in read(text)
        if claim.kind in ("market", "arithmetic") and claim.amount is not None
    }


def outcomes(text: str) -> dict[str, str]:
    """Field -> outcome."""
    return {claim.field: verdict.outcome for claim, verdict in read(text)}


READ = {
    "Chinese firms took in close to 1.2 million H20 boards during 2024.": ("stock", 1.2e6),
    "AMD booked a charge of $800 million for its MI308 stock.": ("charge", 8e8),
    "A server with eight H100s was quoted at 2.6 million yuan.": ("unit price", 2.6e6),
    "Der H20 kostet rund 11.500 Dollar.": ("unit price", 11500.0),
    "An H200 goes for €28,500 in Berlin.": ("unit price", 28500.0),
    "A campus with 200,000 GPUs is to draw 0.3 GW.": ("power", 0.3e9),
    "One interruption every 2.5 hours is normal for a cluster of 10,000 GPUs.":
        ("interval", 2.5 * 3600),
    "There were 312 hardware failures while the cluster ran.": ("failures", 312.0),
    "The run reached an MFU of 41 % on 4,096 H100s.": ("utilisation", 0.41),
    "Yields of the 910C are about a third, a supplier said.": ("yield", 1 / 3),
    "SMIC turns out 30,000 7nm wafers a month.": ("capacity", 30000.0),
    "Washington keeps 15 percent of H20 sales.": ("share", 0.15),
    "Hygon's revenue grew 52% in the first quarter of 2025.": ("growth", 0.52),
    "Nvidia's gross margin was 61 percent in the quarter.": ("gross margin", 0.61),
    "There were no H20 shipments to China in the quarter.": ("shipments", 0.0),
    "寒武纪上半年营收约28.8亿元。": ("sales", 28.8e8),
    "昇腾910C的良率约为四成。": ("yield", 0.4),
    "The 32 nodes of the cluster hold 256 Ascend 910C cards.": ("deployment", 256.0),
    "An H100 rents for $2.10 an hour.": ("rent", 2.1),
    "The training run of Llama 3.1 405B emitted 8,930 tons of CO2.": ("carbon", 8930.0),
    "Os aceleradores H20 custam entre US$ 11.000 e US$ 14.000 cada.": ("unit price", 14000.0),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_quantity_goes_by_the_words_nearest_to_it(text: str) -> None:
    field, value = READ[text]
    assert fields(text).get(field) == pytest.approx(value, rel=0.01), fields(text)


NO_CLAIM = [
    "Nvidia's shares rose 3% to $188.",
    "AMD's stock fell 5% although its revenue was in line.",
    "The chip maker is valued at $9 billion after the round.",
    "Nvidia expects revenue of $54 billion next quarter, plus or minus 2 percent.",
    "Huawei has 207,000 employees and sold 3 million phones in a week.",
    "In our survey, 44% of engineers preferred the H100.",
    "Qwen2.5 has 72 billion parameters and was downloaded 3 million times.",
    "Suppose an H100 costs $8 an hour and a B200 costs $16.",
    "Tests ran on 2 Tesla V100 GPUs, Xeon E5 hosts and Ubuntu 20.04.",
    "Microsoft will invest $80 billion in data centres.",
    "Apple shipped 57 million phones in the quarter.",
    "Training took six weeks, the team wrote.",
    "Bondholders own 12 percent of the start-up.",
]


@pytest.mark.parametrize("text", NO_CLAIM)
def test_money_and_shares_that_are_not_of_chips_are_left_alone(text: str) -> None:
    assert not [c for c, _ in read(text) if c.kind in ("market", "arithmetic")]


def test_a_forecast_is_told_apart_from_the_figure_reported_beside_it() -> None:
    text = (
        "AMD reported sales of $9.2 billion for the quarter and forecast $9.6 billion for the next."
    )
    found = [c.amount.value for c, _ in read(text) if c.amount is not None]
    assert found == [9.2e9]


RUNS = {
    "DeepSeek-V3 was trained for 2.788 million H800 GPU hours.": ("gpu hours", "supported"),
    "The pre-training of DeepSeek-V3 took 2.664 million H800 hours.": ("gpu hours", "supported"),
    "DeepSeek-V3 took 2.664 million H800 hours in all.": ("gpu hours", "cannot tell"),
    "DeepSeek-R1 was trained on 512 H800 GPUs.": ("deployment", "supported"),
    "DeepSeek-R1 was trained on 648 H800 GPUs.": ("deployment", "contradicted"),
    "Llama 3.1 405B was trained for 3.1 million GPU hours.": ("gpu hours", "contradicted"),
    "Llama 3.1 405B may have needed 3.1 million GPU hours.": ("gpu hours", "cannot tell"),
    "Fine-tuning Llama 3.1 405B took 3.1 million GPU hours.": ("gpu hours", "cannot tell"),
    "Pangu Ultra MoE reached an MFU of 30.0 % on Ascend NPUs.": ("utilisation", "supported"),
    "Pangu Ultra MoE reached an MFU of 41 % on Ascend NPUs.": ("utilisation", "cannot tell"),
    "GPT-3 took 1,287 MWh to train.": ("electricity", "supported"),
    "Llama 3 was trained on 24,576 H100 GPUs.": ("deployment", "cannot tell"),
}  # fmt: skip


@pytest.mark.parametrize("text", RUNS)
def test_a_run_is_held_against_what_its_maker_says(text: str) -> None:
    field, outcome = RUNS[text]
    assert outcomes(text).get(field) == outcome


TRADE = {
    "H20 sales came to $4.6 billion in the first quarter of fiscal 2026.": "supported",
    "H20 sales came to $4.6 billion in 2024.": "cannot tell",
    "H20 sales came to $4.6 billion.": "cannot tell",
    "H20 sales may have come to $4.6 billion in the first quarter of fiscal 2026.": "cannot tell",
    "H20 sales came to about $12 billion in 2024.": "cannot tell",
    "Nvidia's China revenue was $17.1 billion in fiscal 2025.": "supported",
    "Nvidia's revenue was $17.1 billion in fiscal 2025.": "contradicted",
    "Nvidia's revenue was $46.7 billion in the second quarter of fiscal 2026.": "supported",
    "Nvidia's data-center revenue was $46.7 billion in the second quarter of fiscal 2026.":
        "contradicted",
    "Nvidia's revenue was $46.7 billion in the third quarter of fiscal 2026.": "contradicted",
}  # fmt: skip


@pytest.mark.parametrize("text", TRADE)
def test_sales_are_confirmed_only_of_the_same_firm_part_and_period(text: str) -> None:
    assert outcomes(text).get("sales") == TRADE[text]


@pytest.mark.parametrize("text", [
    "The H20 was released at $12,000.",
    "SemiAnalysis puts the price of a CloudMatrix 384 at $8.2 million.",
    "About 200,000 Ascend 910C were shipped by mid-September.",
    "The yield of the 910C is 40 percent.",
])  # fmt: skip
def test_what_outsiders_estimate_confirms_nothing(text: str) -> None:
    assert read(text)
    assert all(v.outcome == "cannot tell" for c, v in read(text) if c.kind == "market")


def test_what_others_estimate_is_never_called_wrong() -> None:
    firms = {row["firm"] for row in CATALOGUE.results()}
    for row in CATALOGUE.market_rows():
        if row["subject"] in firms or row["kind"] in ("charge", "lost sales"):
            continue
        amount = f"{float(row['value']) * 3:,.0f} {row['unit'].partition('/')[0]}"
        text = f"{row['subject']}: {row['kind']} of {amount} in {row['period']}."
        found = [v.outcome for c, v in read(text) if c.kind == "market"]
        assert not set(found) & set(WRONG), (text, found)


SUMS = {
    "Revenue reached $57.01 billion, a 25 % rise from $45.00 billion in the second quarter.":
        "inconsistent",
    "Revenue reached $57.01 billion, a 27 % rise from $45.00 billion in the second quarter.":
        "cannot tell",
    "AMD's sales fell 40% to $8.0 billion from $10.0 billion.": "inconsistent",
    "Sales were $57.01 billion, up 62 % year on year from $45 billion expected.": "cannot tell",
    "Data-center sales were $30.0 billion, 90% of the total $46.7 billion.": "inconsistent",
    "At $2 per GPU hour, 2.788 million H800 GPU hours cost a total of $55 million.": "inconsistent",
    "Out of 419 interruptions, 148 (30.1%) came from a faulty GPU.": "inconsistent",
    "Out of 419 interruptions, 148 (35.3%) came from a faulty GPU.": "supported",
}  # fmt: skip


@pytest.mark.parametrize("text", SUMS)
def test_sums_of_a_sentence_are_done_again(text: str) -> None:
    worst = [v.outcome for c, v in read(text) if c.kind == "arithmetic"] or ["cannot tell"]
    assert worst[0] == SUMS[text]


def test_a_years_electricity_follows_from_the_power_on_the_data_sheet() -> None:
    text = "At 61% utilization an H100 SXM draws about 3,740 kWh of electricity per year."
    assert outcomes(text)["electricity"] == "supported"
    assert outcomes(text.replace("3,740", "9,000"))["electricity"] == "cannot tell"


PERIODS = {
    "the second quarter of fiscal 2026": ("FY2026-Q2", "FY2026-Q1"),
    "Q3 FY2026": ("FY2026-Q3", "FY2026"),
    "in 2024": ("2024", "2025"),
    "2025年上半年": ("2025-H1", "2025"),
    "the first six months of 2025": ("2025-H1", "2025-H2"),
}


@pytest.mark.parametrize("said", PERIODS)
def test_a_period_is_the_same_only_if_all_of_it_is(said: str) -> None:
    same, other = PERIODS[said]
    assert is_same(period_of(said), same)
    assert not is_same(period_of(said), other)


def test_the_part_of_a_firms_sales_must_be_the_same() -> None:
    assert is_same_part("its data-center revenue", "nvidia_datacenter_revenue", "NVIDIA")
    assert not is_same_part("its revenue", "nvidia_datacenter_revenue", "NVIDIA")
    assert not is_same_part("its revenue in China", "nvidia_revenue", "NVIDIA")


def test_every_figure_of_a_run_is_of_a_model_and_of_a_kind_that_is_read() -> None:
    names = {field.name for field in FIELDS}
    for row in CATALOGUE.runs():
        assert find_model(CATALOGUE, row["model"]) is not None
        assert row["figure"] in names
        unit = "" if row["unit"] == "1" else row["unit"]
        assert parse(f"{row['value']} {unit}", "1" if unit in ("", "%") else {
            "h": "s", "day": "s", "MWh": "J", "USD": "USD", "FLOP": "FLOP"}[unit]) > 0  # fmt: skip


def test_a_long_sentence_of_counts_is_read_in_time_that_grows_with_its_length() -> None:
    text = "Nvidia sold 5,000 H20 chips for $60 million, "
    assert len(read(text * 20)) >= 20
