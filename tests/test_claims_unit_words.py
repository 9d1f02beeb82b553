"""Counts, labels, designs and features as they are written in lists and in other languages."""

from __future__ import annotations

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("t", text, text), NAMES, CATALOGUE)


def figure(text: str, chip: str, field: str) -> list[float]:
    """What is read of a chip's attribute."""
    return [
        claim.amount.value
        for claim, _ in read(text)
        if claim.kind == "figure" and claim.field == field and claim.amount is not None
        and claim.subject is not None and any(i.startswith(chip) for i in claim.subject.ids)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "La L40S cuenta con 18.176 núcleos CUDA.",
        "Die L40S verfügt über 18.176 CUDA-Kerne.",
        "La L40S embarque 18 176 cœurs CUDA.",
        "Karta L40S ma 18 176 rdzeni CUDA.",
        "У L40S 18 176 ядер CUDA.",
        "La L40S ha 18.176 core CUDA.",
        "L40S的CUDA核心18176,功耗350W",
        "L40S CUDA核心数量为18176个",
        "L40S: 350 W; 18,176 active CUDA cores; 48 GB",
    ],
)
def test_lanes_are_counted_in_any_language_and_order(text: str) -> None:
    assert figure(text, "l40s", "lanes") == [18176]


@pytest.mark.parametrize(
    "text",
    [
        "La A30 embarque 54,2 milliards de transistors.",
        "A A30 tem 54,2 bilhões de transistores.",
        "Die A30 hat 54,2 Milliarden Transistoren.",
        "A30 имеет 54,2 млрд транзисторов.",
        "Układ A30 ma 54,2 miliardów tranzystorów.",
        "A30晶体管数量542亿",
        "Transistors (billions): A30 54.2, H100 80",
    ],
)
def test_transistors_are_counted_in_any_language(text: str) -> None:
    assert figure(text, "a30", "transistors") == [pytest.approx(54.2e9)]


@pytest.mark.parametrize(
    "text",
    [
        "A30的显存带宽为每秒933 GB",
        "The A30 moves 933 GB of data per second through its memory.",
        "The A30 reads its memory at 933 GB each second.",
        "Die A30 hat eine Speicherbandbreite von 933 GByte/s.",
    ],
)
def test_a_rate_tells_its_second_before_or_behind(text: str) -> None:
    fields = ("memory_bandwidth", "bandwidth")
    assert [value for f in fields for value in figure(text, "a30", f)] == [pytest.approx(933e9)]
    assert figure(text, "a30", "memory_capacity") == []


@pytest.mark.parametrize(
    ("text", "chip", "field", "value"),
    [
        ("Peak FP8 (TFLOPS) (dense) H20: 296 vs. H200: 1,979", "h20-", "dense_fp8", 296e12),
        ("At FP16 the A30 lists 165 TFLOPS and the A100 SXM4 312.", "a100", "dense_fp16", 312e12),
        ("The H200 reaches 1,979 TFLOPS in FP8, the H20 only 296.", "h20-", "dense_fp8", 296e12),
        ("Board power in watts: A30: 165, L4: 72", "l4", "tdp", 72.0),
    ],
)
def test_a_label_or_a_neighbour_gives_the_unit(
    text: str, chip: str, field: str, value: float
) -> None:
    assert figure(text, chip, field) == [pytest.approx(value)]


@pytest.mark.parametrize("text", ["H20由78个SM构成。", "H20由多达78个流式多处理器组成。"])
def test_what_a_chip_consists_of_is_its_own(text: str) -> None:
    assert figure(text, "h20", "cores") == [78]


def test_a_die_is_a_line_of_chips_and_is_called_wrong_by_nobody() -> None:
    assert figure("GA100 packs 54.2 billion transistors.", "a100", "transistors") == [54.2e9]
    assert not any(v.outcome in WRONG for _, v in read("The full GA100 has 8,192 CUDA cores."))
    assert (
        figure("A full GA100 has 128 SMs, of which the A100 enables 108.", "a100", "cores")[-1]
        == 108
    )


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("The L20 has 48 GB of memory and no NVLink.", "absent"),
        ("The L20 has no support for NVLink.", "absent"),
        ("L20无NVLink", "absent"),
        ("The H100 has no equal and supports NVLink.", "present"),
        ("The H100 supports not only NVLink.", "present"),
    ],
)
def test_no_before_a_feature_takes_it_away(text: str, relation: str) -> None:
    found = [(c.relation, v.outcome) for c, v in read(text) if c.field == "scaleup_bandwidth"]
    assert found == [(relation, "supported")]


def test_a_feature_that_no_chip_has_is_said_of_none() -> None:
    assert not any(c.kind == "feature" for c, _ in read("No L40S has NVLink."))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Hopper (H100, H200) and Ampere (A100)", []),
        ("Blackwell (B200/H200)", ["h200-sxm"]),
        ("H20 (Ampere) with 96 GB", ["h20-96gb"]),
        ("Hopper and Blackwell (H100 and B200)", []),
    ],
)
def test_brackets_join_a_design_and_its_chips(text: str, wrong: list[str]) -> None:
    found = [c.subject.name for c, v in read(text) if c.subject and v.outcome in WRONG]
    assert found == wrong


def test_cores_are_counted_and_not_rounded() -> None:
    said = {n: read(f"The H20 has {n} SMs.")[0][1].outcome for n in (78, 79, 81)}
    assert said[78] == "supported"
    assert {said[79], said[81]} <= {"contradicted", "right for another chip"}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("With 40 GB of HBM2, the A30 is popular.", True),
        ("With 600 GB models, the H20 runs out of memory.", False),
        ("With 1.5 TB of memory in the rack, the H20 shines.", False),
    ],
)
def test_a_sentence_may_open_with_the_figure(text: str, called: bool) -> None:
    assert any(v.outcome in WRONG for c, v in read(text) if c.field == "memory_capacity") is called


def test_a_name_of_two_letters_is_a_chip_among_chips_only() -> None:
    assert figure("The L4 draws 72 W.", "l4", "tdp") == [72]
    assert not any(c.subject for c, _ in read("L4 vehicles drive with 200 TOPS."))
    assert figure("The H100 has 50 MB of L2.", "h100", "l2_capacity") == [50e6]


def test_a_rack_is_told_in_dies_too() -> None:
    found = [
        v.outcome
        for c, v in read("A GB200 NVL72 rack holds 144 dies.")
        if c.field == "compute_dies"
    ]
    assert found == ["supported"]


@pytest.mark.parametrize(
    "text",
    [
        "The full GH100 has 144 SMs, 60 MB of L2 and a 6,144-bit bus.",
        "Полный чип GH100 имеет 144 SM и 18432 ядер CUDA.",
        "H20每个SM有128个CUDA核心。",
        "由8张H20组成的服务器,显存768GB。",
        "CloudMatrix 384总线带宽为269TB/s。",
        "One stack of the H200 holds 24 GB and has 1,024 bits.",
        "Die H20 hat pro SM 128 CUDA-Kerne.",
        "L2 cache (MB): A100 40, H100 50, L40S 96",
    ],
)
def test_parts_full_dies_and_machines_accuse_no_chip(text: str) -> None:
    assert not any(verdict.outcome in WRONG for _, verdict in read(text))


def test_what_has_the_memory_of_its_model_has_its_bus() -> None:
    assert read("The A800 has a 5,120-bit bus and 80 GB.")[0][1].outcome == "supported"
    assert read("The H800 has a 6,144-bit bus.")[0][1].outcome == "right for another chip"
