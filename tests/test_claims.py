"""Sentences of our own making, and what the reader finds in them and says of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.dates import days
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.numerals import chinese
from chipassay.claims.text.quantities import quantities

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
DAY = "2025-07-20"


def read(text: str, on: str = DAY) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, on)


def outcomes(text: str) -> list[str]:
    return [verdict.outcome for _, verdict in read(text)]


def only(text: str, field: str) -> str:
    """The verdict on the one claim about a field."""
    found = [v.outcome for c, v in read(text) if field in (c.field, v.field, c.kind)]
    assert len(found) == 1, (text, found)
    return found[0]


RIGHT = [
    "The H200 carries 141 GB of HBM3e and moves 4.8 TB/s.",
    "NVIDIA's A100 delivers 312 TFLOPS in FP16, while the A800 has its NVLink cut to 400 GB/s.",
    "Compared with the A100's 2.0 TB/s, the H100 reaches 3.35 TB/s.",
    "The H100 has a TDP of 350 W in its PCIe form and 700 W as SXM.",
    "The B200 packs 208 billion transistors on two dies.",
    "An H100 has 450 GB/s of NVLink bandwidth in each direction.",
    "The H100 reaches 3,958 TFLOPS in FP8 with sparsity.",
    "The Ascend 910C achieves about 800 TFLOPS at FP16 and 128 GB of HBM with 3.2 TB/s.",
    "The H200 has 76% more memory than the H100.",
    "Unlike the H100, which has 900 GB/s NVLink, the H800 has 400 GB/s.",
    "With 296 TFLOPS in FP8, the H20 trails the H100's 1,979.",
    "The H20's 4 TB/s beats the H100's 3.35 TB/s.",
    "The A100 does not support FP8.",
    "The H20 was announced in November 2023.",
    "H20 sales came to $4.6 billion in the first quarter of fiscal 2026.",
    "Shipments of the H20 to China require a licence.",
    "H20的显存为96GB，显存带宽为4.0TB/s，功耗400W。",
    "昇腾910B的FP16算力为376 TFLOPS。",
    "H20的算力仅为H100的15%。",
    "The A100 has 40 GB or 80 GB of memory.",
    "The H800's chip-to-chip transfer rate is 400 GB/s, down from 900 GB/s.",
    "H100 vs H20: 989 vs 148 TFLOPS.",
    "H800: 80GB, 3.35 TB/s, 400 GB/s interconnect.",
    "910C由两颗910B封装而成，FP16算力约800TFLOPS。",
    "The A100 has 6,912 CUDA cores and 108 SMs.",
    "GB200 NVL72 has 72 GPUs and draws 120 kW.",
]
FALSE = [
    "The MI300X has 128 GB of HBM3.",
    "The H800 keeps the H100's memory but its NVLink runs at 900 GB/s.",
    "H100的显存带宽为4.8TB/s。",
    "华为昇腾910C采用HBM3显存。",
    "The H100 is made on a 7nm process.",
    "The A100 supports FP8 through its transformer engine.",
    "The H20 has 80 GB of HBM3.",
    "H20 memory bandwidth (3.35 TB/s) is on par with the H100's.",
    "The H20's memory bandwidth is lower than the H100's.",
    "The H20 cannot train trillion-parameter models.",
    "The H100's 700 W is below the H20's 500 W.",
    "Of 1,000 GPUs, 250 GPUs, or 40% of 1,000, failed.",
]
NOT_A_CLAIM = [
    "The company shipped 20,000 laptops with 16 GB of memory and 1 TB of storage.",
    "Its new phone has a 5nm chip and 12 GB of RAM.",
    "The data centre will draw 150 MW by 2027.",
    "About 35% of respondents plan to buy GPUs next year.",
    "The A100, H100 and H200 were discussed at length on 12 March.",
    "Jensen Huang, 62, spoke for 45 minutes about the H20.",
    "The order of 40,000 chips was delayed by 3 weeks.",
    "Nvidia's stock closed at $171.37, up 4%.",
    "The report is 120 pages long and costs $4,999.",
    "The model needs 140 GB of memory, so it does not fit on one H100.",
    "A 7B model serves 30 users on a single L4 card at 20 tokens per second.",
    "Does the H100 have 4.8 TB/s?",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_supported_and_nothing_in_it_is_called_wrong(text: str) -> None:
    found = outcomes(text)
    assert "supported" in found
    assert not set(found) & set(WRONG), found


@pytest.mark.parametrize("text", FALSE)
def test_what_is_false_is_called_wrong(text: str) -> None:
    assert set(outcomes(text)) & set(WRONG)


@pytest.mark.parametrize("text", NOT_A_CLAIM)
def test_a_number_that_says_nothing_of_a_chip_is_not_marked(text: str) -> None:
    assert outcomes(text) == []


@pytest.mark.parametrize(
    ("text", "field", "outcome"),
    [
        ("The H100 reaches 3,958 TFLOPS in FP8.", "dense_fp8", "right under another convention"),
        ("The H100's NVLink runs at 450 GB/s.", "link", "right under another convention"),
        ("The 910C gives 376 TFLOPS in FP16.", "dense_fp16", "right under another convention"),
        ("The H100's memory bandwidth is 4.8 TB/s.", "memory_bandwidth", "right for another chip"),
        ("The H100's memory bandwidth is 3 TB/s.", "memory_bandwidth", "cannot tell"),
        ("A cluster of 1,024 H100s draws 1.4 MW.", "tdp", "cannot tell"),
        ("We measured 380 GB/s of NVLink bandwidth on the H100.", "link", "cannot tell"),
        ("The H100's 4.8 TB/s is below the A100's 2 TB/s.", "comparison", "inconsistent"),
        ("The H20 is twice as powerful as the H100.", "comparison", "contradicted"),
        ("The H100 has 900 GB/s more bandwidth, some 6144-bit bus.", "memory_bus", "cannot tell"),
        ("The H20 has a TPP of 2,368 TPP.", "performance", "supported"),
        ("No licence was needed for the H20 to China on March 3, 2025.", "licence", "supported"),
    ],
)  # fmt: skip
def test_each_kind_of_verdict(text: str, field: str, outcome: str) -> None:
    assert only(text, field) == outcome


def test_a_licence_date_is_confirmed_by_the_day_before_it() -> None:
    text = "On April 9, 2025, the government said a license is required to export the H20 to China."
    ((_, verdict),) = read(text)
    assert (verdict.outcome, verdict.note) == ("supported", "the ruling changes on that very day")
    ((_, early),) = read(text.replace("April 9", "March 9"))
    assert early.outcome == "contradicted"


def test_its_looks_back_to_the_subject_and_not_to_the_yardstick() -> None:
    text = "The H20 has 15% of the compute of the H100. Its NVLink was cut to 400 GB/s."
    claim, verdict = read(text)[-1]
    assert claim.subject is not None
    assert claim.subject.ids[0].startswith("h20-")
    assert verdict.outcome == "right for another chip"


def test_the_former_and_the_latter() -> None:
    text = "Two parts compete: the H20 and the H800. The latter has 400 GB/s of NVLink."
    claim, verdict = read(text)[-1]
    assert claim.subject is not None
    assert claim.subject.ids[0].startswith("h800-")
    assert verdict.outcome == "supported"


def test_who_says_it_and_how_surely_is_kept() -> None:
    text = "According to Acme Research, the H20 may reach 148 TFLOPS in FP16."
    claim, _ = read(text)[0]
    assert claim.voice.speaker == "Acme Research"
    assert claim.voice.hedged


def test_a_capacity_narrows_a_shared_name() -> None:
    plain = {c.field: v.chip for c, v in read("The H20 has 141 GB of HBM3e memory.")}
    assert plain["memory_type"] == plain["memory_capacity"] == "h20-141gb"


def figures() -> Iterator[tuple[str, str, str, str]]:
    """Every verified figure of every chip, in words of ours."""
    words = {
        "memory_capacity": "has {} of memory", "memory_bandwidth": "has a memory bandwidth of {}",
        "tdp": "has a TDP of {}", "dense_fp16": "delivers {} in FP16, dense",
        "dense_int8": "delivers {} in INT8, dense",
        "scaleup_bandwidth_both_ways": "has a scale-up bandwidth of {}, both ways",
        "die_area": "has a die area of {}",
    }  # fmt: skip
    for chip in CATALOGUE.chips():
        for field, phrase in words.items():
            fact = chip.facts.get(field)
            if fact is not None and fact.verified and not chip.status.startswith("reported"):
                yield chip.id, field, phrase, fact.shown


def test_no_chip_is_contradicted_by_its_own_figures() -> None:
    wrong, held = [], 0
    for chip, field, phrase, shown in figures():
        entry = CATALOGUE.chip_entry(chip)
        found = read(f"The {chip.upper()} {phrase.format(shown)}.", on="")
        verdicts = [v.outcome for c, v in found if c.subject and chip in c.subject.ids]
        held += "supported" in verdicts
        if set(verdicts) & set(WRONG) or "right under another convention" in verdicts:
            wrong.append((entry.name, field, shown, verdicts))
    assert wrong == []
    assert held > 350


def test_an_unverified_figure_contradicts_nobody() -> None:
    checked = 0
    for chip in CATALOGUE.chips():
        fact = chip.facts.get("memory_bandwidth")
        if fact is None or fact.verified:
            continue
        checked += 1
        found = read(f"The {chip.id.upper()} has a memory bandwidth of 123 GB/s.", on="")
        assert all(v.outcome == "cannot tell" for c, v in found if c.subject), chip.id
    assert checked > 3


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("148 TFLOPS", 148e12, "FLOP/s"), ("96GB", 96e9, "B"), ("4.0 TB/s", 4e12, "B/s"),
        ("4.0 terabytes per second", 4e12, "B/s"),
        ("US$4.6 billion", 4.6e9, "USD"), ("12亿美元", 1.2e9, "USD"), ("96 GiB", 96 * 2**30, "B"),
        ("400 Gb/s", 50e9, "B/s"), ("700瓦", 700.0, "W"), ("814 mm2", 814e-6, "m2"),
        ("百分之十五", 0.15, "1"), ("30 days", 30 * 86400.0, "s"), ("20万片", 200_000.0, "1"),
        ("1,979 TOPS", 1979e12, "FLOP/s"), ("2.25 petaflops", 2.25e15, "FLOP/s"),
    ],
)  # fmt: skip
def test_quantities_in_two_languages(text: str, value: float, unit: str) -> None:
    (amount,) = quantities(text, 0, len(text), [])
    assert amount.value == pytest.approx(value)
    assert amount.unit == unit
    assert amount.low <= amount.value <= amount.high


def test_names_are_masked_before_quantities() -> None:
    text = "The Ascend 910B, the A100-80GB and the MI300X were shown beside 16,384 H200s."
    mentions = NAMES.mentions(text, 0, len(text))
    written = [text[each.start : each.end] for each in mentions]
    assert written == ["Ascend 910B", "A100-80GB", "MI300X", "H200s"]
    assert [a.written for a in quantities(text, 0, len(text), mentions)] == ["16,384"]


@pytest.mark.parametrize("word", ["H2O", "H2000", "AH100", "910", "L2 cache", "A1000", "4090 yuan"])
def test_what_is_only_like_a_name_is_no_name(word: str) -> None:
    text = f"We saw the {word} there."
    assert NAMES.mentions(text, 0, len(text)) == []


def test_days_and_chinese_numerals() -> None:
    text = "On 9 April, on July 15, 2025, 2025年4月9日, in May and in November 2023."
    assert [day.iso for day in days(text, 0, len(text), 2025)] == [
        "2025-04-09", "2025-07-15", "2025-04-09", "2025-05", "2023-11",
    ]  # fmt: skip
    assert [chinese(each) for each in ("十", "二十四", "三百", "一千五百")] == [10, 24, 300, 1500]


def test_twenty_pages_take_less_than_a_second() -> None:
    filler = "Analysts in the region said that the mood among buyers had shifted over the summer. "
    plain = [each for each in RIGHT + FALSE if "train" not in each]  # those ask the models
    text = "\n\n".join(f"{sentence} {filler * 5}" for sentence in plain * 5)[:60_000]
    begun = time.process_time()
    found = read(text)
    assert time.process_time() - begun < 1.0
    assert len(found) > 100


PIECES = (
    "H100|4 TB/s|its|than|15%|of|the H20's|(|from|to|，|比|licence|China|FP16|\n|\0"
    "|\ue000|\ue900|<b>|&amp;|1e999|$|-|" + "9" * 400
).split("|")
WORDS = st.sampled_from([*RIGHT, *PIECES])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=20)), max_size=30).map(" ".join))
def test_any_text_is_read_and_every_claim_lies_inside_it(text: str) -> None:
    for claim, verdict in read(text):
        assert 0 <= claim.start < claim.end <= len(text)
        assert claim.sentence[0] <= claim.start
        assert claim.end <= claim.sentence[1]
        assert verdict.outcome


@pytest.mark.parametrize(("sentence", "outcome", "task"), [
    ("A single H20 cannot train GPT-3 models.", "supported", "train"),
    ("The H20 cannot train GPT-3 models.", "contradicted", "train"),
    ("Training GPT-3 needs 50,000 H20 chips.", "contradicted", "train"),
    ("The H20 cannot run inference for Llama 3.1 70B models.", "contradicted", "serve"),
])  # fmt: skip
def test_an_ability_is_asked_of_the_model_of_it(sentence: str, outcome: str, task: str) -> None:
    verdict, *_ = [verdict for claim, verdict in read(sentence) if claim.kind == "capability"]
    assert (verdict.outcome, verdict.asked["task"]) == (outcome, task)
    again = ask(**verdict.asked)
    assert again.refusal == (outcome == "supported")


def test_what_ifs_reach_every_question_behind_a_verdict(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("On 2024-06-01 the H20 needs an export licence for China.")
    but = {"h20.dense_fp16": "989 TFLOPS", "h20.dense_bf16": "989 TFLOPS"}
    free = ask(task="check", files=(str(article),)).claims
    caught = ask(task="check", files=(str(article),), but=but).claims
    assert [each["verdict"] for each in (*free, *caught)] == ["contradicted", "supported"]
    assert "but" not in free[0]["ask"]
    assert caught[0]["ask"]["but"] == but
