"""Lists, variants and subjects: which chip a figure is of, where no verb says so."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.reading import read as read_file
from chipassay.claims.text.sentences import sentence
from chipassay.facts.fact import Entry
from chipassay.units import convert

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE, "2026-02-01")


def owners(text: str, field: str = "") -> dict[str, str]:
    """What is printed -> the chip it is given to."""
    return {
        claim.amount.written: (claim.subject.ids or (claim.subject.name,))[0]
        for claim, _ in read(text)
        if claim.kind == "figure" and claim.amount and claim.subject
        and field in ("", claim.field)
    }  # fmt: skip


def outcomes(text: str) -> set[str]:
    return {verdict.outcome for claim, verdict in read(text) if claim.kind == "figure"}


LISTS = {
    "Transistor count: H200 80B, MI300X 153B": {"80B": "h200-sxm", "153B": "mi300x"},
    "BF16 TFLOPS: A100 312, H100 989, B200 2250": {
        "312": "a100-sxm-80gb", "989": "h100-sxm5", "2250": "b200"},
    "HBM bandwidth (GB/s): TPU v6e 1638": {"1638": "tpu-v6e"},
    "SM count: H20 78; H100 SXM 132": {"78": "h20-96gb", "132": "h100-sxm5"},
    "TDP (W): H100 SXM 700 / L40S 350": {"700": "h100-sxm5", "350": "l40s"},
    "FP8: 1979 TFLOPS (H100), 296 TFLOPS (H20)": {
        "1979 TFLOPS": "h100-sxm5", "296 TFLOPS": "h20-96gb"},
    "Power: 700 W (H100 SXM) versus 350 W (H100 PCIe)": {
        "700 W": "h100-sxm5", "350 W": "h100-pcie"},
    "显存带宽:H20 4.0 TB/s,L20 864 GB/s": {"4.0 TB/s": "h20-96gb", "864 GB/s": "l20"},
    "L20(864 GB/s) < A100(2.0 TB/s)": {"864 GB/s": "l20", "2.0 TB/s": "a100-sxm-80gb"},
    "FP8 TFLOPS: H100 SXM 1979, A100 not supported, L40S 733": {
        "1979": "h100-sxm5", "733": "l40s"},
    "NVLink rose from 600 GB/s (A100) to 900 GB/s (H100).": {
        "600 GB/s": "a100-sxm-80gb", "900 GB/s": "h100-sxm5"},
    "L40S: 864 GB/s, 350 W; L20: 275 W": {"864 GB/s": "l40s", "350 W": "l40s", "275 W": "l20"},
    "B200 (1,000 W, 8 TB/s) and L4 GPU (72 W, 300 GB/s)": {
        "1,000 W": "b200", "8 TB/s": "b200", "72 W": "l4", "300 GB/s": "l4"},
    "MI300X | 192 GB | 5.3 TB/s | 750 W": {
        "192 GB": "mi300x", "5.3 TB/s": "mi300x", "750 W": "mi300x"},
    "H20, H100, H200: 96 GB, 80 GB, 141 GB": {
        "96 GB": "h20-96gb", "80 GB": "h100-sxm5", "141 GB": "h200-sxm"},
    "MI300X vs H100: 192 GB vs 80 GB": {"192 GB": "mi300x", "80 GB": "h100-sxm5"},
    "Specs H100 / L20: memory 80 GB / 48 GB, power 700 W / 275 W": {
        "80 GB": "h100-sxm5", "48 GB": "l20", "700 W": "h100-sxm5", "275 W": "l20"},
    "NVLink 900 GB/s (H100/H200)": {"900 GB/s": "h200-sxm"},
    "AWS Trainium2 (Trn2), quoll core, 96 GB HBM, 500 W": {
        "96 GB": "trainium2", "500 W": "trainium2"},
    "The H100 and the H20 draw 700 W and 400 W, respectively.": {
        "700 W": "h100-sxm5", "400 W": "h20-96gb"},
    "H20和H100的显存带宽分别为4.0TB/s和3.35TB/s。": {
        "4.0TB/s": "h20-96gb", "3.35TB/s": "h100-sxm5"},
}  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_in_a_list_each_figure_goes_to_the_chip_beside_it(text: str) -> None:
    assert owners(text) == LISTS[text]
    assert outcomes(text) == {"supported"}


@pytest.mark.parametrize("text", LISTS)
def test_what_punctuation_binds_says_so(text: str) -> None:
    assert all(claim.facts.get("bound") for claim, _ in read(text) if claim.kind == "figure")


WRONG_LISTS = {
    "Transistor count: H200 146B, MI300X 153B": {"146B"},
    "Memory bandwidth: H100 SXM 2,039 GB/s, A100 80GB SXM 3,350 GB/s": {
        "2,039 GB/s", "3,350 GB/s"},
    "H100 NVL: 94 GB, 2 TB/s": {"2 TB/s"},
    "H100 80GB PCIe:显存带宽3.9 TB/s": {"3.9 TB/s"},
    "L20(864 GB/s) > L4 GPU(864 GB/s)": {"864 GB/s"},
    "H100 vs H20: bandwidth 3.35 TB/s vs 3.35 TB/s": {"3.35 TB/s"},
    "L40S: 48 GB GDDR6, 936 GB/s, 350 W": {"936 GB/s"},
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG_LISTS)
def test_a_wrong_entry_of_a_list_is_called_wrong(text: str) -> None:
    found = {c.amount.written for c, v in read(text) if c.amount and v.outcome in WRONG}
    assert found == WRONG_LISTS[text]


FIGURES = (
    ("H100 SXM", 3.35),
    ("H20", 4.0),
    ("L20", 0.864),
    ("MI300X", 5.3),
    ("A100 80GB SXM", 2.0),
)


@given(
    entries=st.lists(st.sampled_from(FIGURES), min_size=2, max_size=5, unique=True),
    way=st.sampled_from(["{0} {1} TB/s", "{0} ({1} TB/s)", "{0}: {1} TB/s", "{1} TB/s ({0})"]),
    comma=st.sampled_from([", ", " / ", "; ", " | ", " and ", " vs. "]),
)
def test_however_a_list_is_punctuated_the_chips_keep_their_figures(
    entries: list[tuple[str, float]], way: str, comma: str
) -> None:
    text = comma.join(way.format(*entry) for entry in entries)
    found = owners(f"Memory bandwidth: {text}")
    assert len(found) == len(entries)
    for name, value in entries:
        own = NAMES.mentions(name, 0, len(name))[0].ids
        assert found[f"{value} TB/s"] in own


SAID = {
    "memory_bandwidth": ("Memory bandwidth", "GB/s", "{} of memory bandwidth"),
    "memory_capacity": ("Memory", "GB", "{} memory"),
    "tdp": ("TDP", "W", "TDP {}"),
    "dense_fp16": ("FP16 dense", "TFLOPS", "{} FP16"),
    "die_area": ("Die size", "mm2", "die size {}"),
}
NAMED = [
    (entry, entry.aliases[0]) for entry in CATALOGUE.chips()
    if entry.aliases and NAMES.mentions(f"{entry.aliases[0]} ", 0, len(entry.aliases[0]))
    and NAMES.mentions(entry.aliases[0], 0, len(entry.aliases[0]))[0].ids[0] == entry.id
]  # fmt: skip


def shown(entry: Entry, field: str) -> str:
    value = convert(float(entry.facts[field].value), SAID[field][1])
    return f"{value:,.0f} {SAID[field][1]}" if value >= 100 else f"{value:.3g} {SAID[field][1]}"


@given(
    chips=st.lists(st.sampled_from(NAMED), min_size=1, max_size=4, unique_by=lambda e: e[1]),
    field=st.sampled_from(sorted(SAID)),
    way=st.sampled_from(["{0} {1}", "{0} ({1})", "{0}: {1}", "{1} ({0})"]),
    comma=st.sampled_from([", ", " / ", "; ", " | ", " vs ", " and "]),
)
def test_a_true_list_by_attributes_accuses_nobody(
    chips: list[tuple[Entry, str]], field: str, way: str, comma: str
) -> None:
    held = [(name, shown(e, field)) for e, name in chips if field in e.facts]
    text = f"{SAID[field][0]}: {comma.join(way.format(*each) for each in held)}"
    assert not outcomes(text) & set(WRONG)


@given(
    chips=st.lists(st.sampled_from(NAMED), min_size=1, max_size=3, unique_by=lambda e: e[1]),
    fields=st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=4, unique=True),
    way=st.sampled_from(["{0}: {1}", "{0} ({1})", "{0}, {1}", "{0} – {1}"]),
)
def test_a_true_list_by_chips_accuses_nobody(
    chips: list[tuple[Entry, str]], fields: list[str], way: str
) -> None:
    parts = [
        way.format(name, ", ".join(SAID[f][2].format(shown(e, f)) for f in fields if f in e.facts))
        for e, name in chips
    ]
    assert not outcomes("; ".join(parts)) & set(WRONG)


@given(order=st.sampled_from(list(permutations(range(3)))))
def test_respectively_follows_the_order_of_the_names(order: tuple[int, ...]) -> None:
    chips = [("H20", 96), ("H100", 80), ("MI300X", 192)]
    named = [chips[each] for each in order]
    names, sizes = [name for name, _ in named], [str(size) for _, size in named]
    text = (
        f"The {names[0]}, {names[1]} and {names[2]} have {sizes[0]}, {sizes[1]} and {sizes[2]} GB "
        "of HBM, respectively."
    )
    assert outcomes(text) == {"supported"}
    assert len(owners(text)) == len(chips)


NO_FIGURES = [
    "Tokens/s: H100 3000, A100 1300",
    "GPUs: H100 8, A100 16",
    "Latency (ms): H100 12, A100 30",
    "Year: A100 2020, H100 2022",
    "TFLOPS per dollar: H100 20 TFLOPS/$, A100 12 TFLOPS/$",
    "The line-up: A100 (p. 12), H100 (p. 14), H200 (p. 16)",
]


@pytest.mark.parametrize("text", NO_FIGURES)
def test_a_list_of_something_else_holds_no_figures_of_chips(text: str) -> None:
    assert [claim for claim, _ in read(text) if claim.kind == "figure"] == []


DOUBTFUL = [
    "Idle power: H100 60 W, A100 50 W",
    "Inference power: H100 (300 W), A100 (250 W)",
    "Measured bandwidth: H100 3.0 TB/s, A100 1.7 TB/s",
    "Memory bandwidth per stack (GB/s): H100 670, H200 819",
    "Quokka power: H100 500 W, A100 350 W",
    "Bandwidth: H100 3.9, A100 1.2",
    "GB200 Superchip, 384 GB, TDP 2700 W",
    "H100: less than 3 TB/s",
    "H200: higher than 3.35 TB/s",
    "GB300 memory is 55% bigger than that of the B200 (279 vs 180 GB)",
    "The A100 (40 GB or 80 GB) is old.",
]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_list_that_may_be_of_something_else_accuses_nobody(text: str) -> None:
    assert not outcomes(text) & set(WRONG)


VARIANTS = {
    "A100 80GB SXM": ("a100-sxm-80gb",),
    "A100 40GB PCIe": ("a100-pcie-40gb",),
    "80GB PCIe A100": ("a100-pcie-80gb",),
    "H100 80GB PCIe": ("h100-pcie",),
    "PCIe version of the H100": ("h100-pcie",),
    "SXM version of the Nvidia H100": ("h100-sxm5",),
    "H100 (SXM5)": ("h100-sxm5",),
    "H100 in its PCIe form factor": ("h100-pcie",),
    "PCIe版H100": ("h100-pcie",),
    "H100的PCIe版本": ("h100-pcie",),
    "80GB版A100": ("a100-sxm-80gb", "a100-pcie-80gb"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_form_factor_or_a_capacity_beside_a_name_narrows_it(name: str) -> None:
    made = sentence(name, 0, len(name), NAMES)
    assert [each.ids for each in made.chips()] == [VARIANTS[name]]


@pytest.mark.parametrize(
    "name", ["H20 PCIe", "A100 NVL", "Gaudi 3 PCIe", "Gaudi 3 (PCIe)", "RTX PRO 6000 Max-Q"]
)
def test_a_variant_that_is_not_held_is_a_stranger(name: str) -> None:
    text = f"The {name} draws 123 W."
    assert [each.kind for each in sentence(text, 0, len(text), NAMES).chips()] == ["stranger"]
    assert outcomes(text) <= {"cannot tell"}


def test_a_capacity_in_a_name_is_no_claim_and_one_that_is_told_is() -> None:
    assert owners("The A100 80GB SXM draws 400 W.") == {"400 W": "a100-sxm-80gb"}
    assert owners("Memory: A100 80GB, H20 96GB") == {"80GB": "a100-sxm-80gb", "96GB": "h20-96gb"}


@pytest.mark.parametrize(
    "text",
    [
        "The H100 comes as SXM5 (700 W TDP) and PCIe Gen5 (350 W).",
        "The H100's SXM version draws 700 W and its PCIe version 350 W.",
        "H100 SXM: 700 W, PCIe: 350 W",
        "The H100 SXM and PCIe versions draw 700 W and 350 W, respectively.",
    ],
)
def test_a_form_factor_stands_for_the_variant(text: str) -> None:
    assert owners(text, "tdp") == {"700 W": "h100-sxm5", "350 W": "h100-pcie"}


def test_the_host_link_is_no_variant() -> None:
    text = "The H100's PCIe (64 GB/s) link is slow."
    made = sentence(text, 0, len(text), NAMES)
    assert [each.name for each in made.chips()] == ["h100-sxm5"]


SUBJECTS = {
    "The MI325X has 256 GB; the MI350 series will have 288 GB.": {"288 GB": "MI350"},
    "The 910B and the 3090 differ: the 3090 has 936 GB/s.": {"936 GB/s": "3090"},
    "Rubin Ultra has 1 TB of memory.": {"1 TB": "Rubin Ultra"},
    "The DGX H100 holds eight chips; every GPU has 80 GB of HBM.": {"80 GB": "dgx-h100"},
}


@pytest.mark.parametrize("text", SUBJECTS)
def test_a_figure_goes_to_the_last_subject_even_if_nobody_knows_it(text: str) -> None:
    found = owners(text)
    assert SUBJECTS[text].items() <= found.items()
    assert not outcomes(text) & set(WRONG)


@pytest.mark.parametrize("kin", ["its rival", "its successor", "the competitor", "its predecessor"])
def test_a_relative_without_a_name_is_not_the_chip(kin: str) -> None:
    assert owners(f"The H100 has 80 GB; {kin} has 144 GB.") == {"80 GB": "h100-sxm5"}


def test_a_year_and_a_count_are_no_cards() -> None:
    assert owners("In 2050 the H100 will be forgotten.") == {}
    text = "By then 3080 readers owned an H100."
    assert [each.name for each in sentence(text, 0, len(text), NAMES).chips()] == ["h100-sxm5"]


def test_racks_and_hosts_of_a_named_system_are_claims() -> None:
    text = "The CloudMatrix 384 spans 16 racks and holds 192 Kunpeng CPUs."
    found = {claim.field: verdict.outcome for claim, verdict in read(text)}
    assert found["racks"] == "supported"
    assert found["host_cpus"] == "cannot tell"


def test_lines_with_bars_or_tabs_below_heads_are_a_table(tmp_path: Path) -> None:
    text = "Spec | H100 SXM | L20\nMemory | 80 GB | 48 GB\nTDP | 700 W | 275 W\n"
    for mark in ("|", "\t"):
        path = tmp_path / "page.txt"
        path.write_text(text.replace("|", mark), encoding="utf-8")
        found = judged(read_file(str(path)), NAMES, CATALOGUE)
        assert [verdict.outcome for _, verdict in found] == ["supported"] * 4
    path.write_text("L20 | 48 GB | 275 W\nL4 GPU | 24 GB | 72 W\n", encoding="utf-8")
    assert read_file(str(path)).cells == ()
    assert len(judged(read_file(str(path)), NAMES, CATALOGUE)) == 4
