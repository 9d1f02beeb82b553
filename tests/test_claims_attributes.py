"""Which attribute a figure is of: designs, lanes, stacks, links; numbers as they are written."""

from __future__ import annotations

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.claim import WRONG, Claim, Verdict
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.numerals import half_width, is_continental, numeral
from chipassay.claims.text.quantities import quantities
from chipassay.claims.text.tables import markdown_cells

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)


def read(text: str) -> list[tuple[Claim, Verdict]]:
    return judged(Document("x", text, text), NAMES, CATALOGUE)


def outcome(text: str, field: str, at: int = 0) -> str:
    found = [verdict.outcome for claim, verdict in read(text) if claim.field == field]
    return found[at] if len(found) > at else "not read"


SUPPORTED, WRONG_CHIP = "supported", "right for another chip"
CONTRADICTED, UNTOLD = "contradicted", "cannot tell"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The H20 is based on NVIDIA's Hopper architecture.", SUPPORTED),
        ("The H20 is based on the Ada Lovelace architecture.", CONTRADICTED),
        ("The Hopper-based H20 has 96 GB of memory.", SUPPORTED),
        ("Built on the Blackwell architecture, the L20 is a mid-range card.", CONTRADICTED),
        ("The L40S uses a GH100 die.", CONTRADICTED),
        ("英伟达L40S基于Hopper架构。", CONTRADICTED),
        ("昇腾910B采用达芬奇架构。", SUPPORTED),
        ("The MI325X uses the CDNA 3 architecture.", SUPPORTED),
        ("La H20 está basada en la arquitectura Hopper.", SUPPORTED),
        ("The H20 needs more power than chips of the Ampere architecture.", "not read"),
        ("The H100 is the successor to the Ampere architecture.", "not read"),
        ("The B30A is said to be based on the Hopper architecture.", UNTOLD),
        ("Nvidia plans an H20 successor based on the Blackwell architecture.", UNTOLD),
    ],
)
def test_an_architecture_is_held_against_the_design(text: str, said: str) -> None:
    assert outcome(text, "design") == said


def test_each_chip_of_a_list_has_the_architecture() -> None:
    found = [c.subject for c, _ in read("The A100 and the A800 are built on Ampere.")]
    assert [each.ids[0] for each in found if each is not None] == ["a100-sxm-80gb", "a800-sxm-80gb"]


@pytest.mark.parametrize("chip", [c for c in CATALOGUE.chips() if c.vendor == "NVIDIA"])
def test_no_chip_is_wrong_of_its_own_design(chip: object) -> None:
    name, design = chip.name, chip.design.split()[0]  # type: ignore[attr-defined]
    said = read(f"The {name} is based on the {design} architecture.")
    assert not [v for _, v in said if v.outcome in WRONG]


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("The H100 SXM has 16,896 CUDA cores.", "lanes", SUPPORTED),
        ("The H100 SXM has 14,080 CUDA cores.", "lanes", CONTRADICTED),
        ("The H100 SXM has 14,592 CUDA cores.", "lanes", WRONG_CHIP),
        ("The H100 PCIe has 14,592 CUDA cores.", "lanes", SUPPORTED),
        ("The V100 has 640 Tensor Cores.", "matrix_units", SUPPORTED),
        ("The A100 has 640 Tensor Cores.", "matrix_units", WRONG_CHIP),
        ("Each SM of the A100 has 64 CUDA cores.", "lanes", SUPPORTED),
        ("The MI300X has 19,456 stream processors.", "lanes", UNTOLD),
        ("H100: CUDA核心数：16896", "lanes", SUPPORTED),
        ("The H100 has a 5120-bit memory bus.", "memory_bus", SUPPORTED),
        ("The H200 has a 5120-bit memory bus.", "memory_bus", WRONG_CHIP),
        ("The MI300X has eight stacks of HBM3.", "memory_stacks", SUPPORTED),
        ("The MI355X has ten stacks of HBM3E.", "memory_stacks", CONTRADICTED),
        ("The A100 has six HBM2 stacks, one of which is disabled.", "memory_stacks", UNTOLD),
        ("The B200 combines two reticle-sized dies.", "compute_dies", SUPPORTED),
        ("The MI300X is a monolithic chip.", "compute_dies", CONTRADICTED),
        ("The MI300X combines 12 chiplets.", "compute_dies", UNTOLD),
        ("The MI300X has 256 MB of Infinity Cache.", "l2_capacity", SUPPORTED),
        ("The MI300X has a 64 MB Infinity Cache.", "l2_capacity", CONTRADICTED),
        ("The MI300X has 4 MB of L2 cache.", "l2_capacity", UNTOLD),
        ("The B200 is made on TSMC's 4NP process.", "process", SUPPORTED),
        ("The H100 is made on TSMC's N3 process.", "process", UNTOLD),
        ("The L40S uses a PCIe Gen4 interface.", "pcie_generation", SUPPORTED),
        ("The L40S supports PCIe 5.0.", "pcie_generation", CONTRADICTED),
        ("The H100 features fourth-generation NVLink.", "scaleup_name", SUPPORTED),
        ("The H100 supports NVLink 5.0.", "scaleup_name", CONTRADICTED),
        ("The H100 supports PCIe Gen5 at 128 GB/s.", "pcie_bandwidth", SUPPORTED),
        ("The H100 supports PCIe Gen5 at 300 GB/s.", "pcie_bandwidth", UNTOLD),
        ("The H20 GPU serves 40 tokens per watt.", "throughput", UNTOLD),
        ("The camera shoots 40 tokens per watt.", "throughput", "not read"),
        ("The 910C yields only 20 dies per wafer.", "compute_dies", "not read"),
        ("The H200 NVL supports NVLink 2-way bridges.", "scaleup_name", "not read"),
    ],
)
def test_what_a_figure_is_of(text: str, field: str, said: str) -> None:
    assert outcome(text, field) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The H100 offers 18 NVLink links at 50 GB/s per link.", SUPPORTED),
        ("The H100's NVLink runs at 25 GB/s per link in each direction.", SUPPORTED),
        ("The H100's 18 NVLink links provide 50 GB/s each.", SUPPORTED),
        ("The H100's NVLink runs at 900 GB/s per link.", "right under another convention"),
        ("NVLink 4.0: 900 GB/s bidirectional", SUPPORTED),
        ("NVLink 4.0: 450 GB/s per direction", SUPPORTED),
        ("NVLink 4.0: 900 GB/s unidirectional", "right under another convention"),
        ("NVLink 4.0: 700 GB/s bidirectional", UNTOLD),
    ],
)
def test_one_link_and_all_of_them(text: str, said: str) -> None:
    found = [v.outcome for c, v in read(text) if c.amount is not None and c.amount.unit == "B/s"]
    assert found == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The A100 supports FP8.", CONTRADICTED),
        ("The A100 does not support FP8.", SUPPORTED),
        ("The H100 supports FP4.", CONTRADICTED),
        ("The H100 has no FP4 support.", SUPPORTED),
        ("The B200 supports FP4.", SUPPORTED),
        ("The V100 supports BF16.", UNTOLD),
        ("The H100 does not natively support FP4.", SUPPORTED),
        ("The H100 supports not only NVSwitch.", SUPPORTED),
        ("The H100 NVL lacks NVSwitch support.", SUPPORTED),
        ("L20没有NVLink。", SUPPORTED),
        ("The L40S lacks NVLink.", SUPPORTED),
        ("The H100 lacks NVLink.", CONTRADICTED),
        ("The Gaudi 3 supports MIG.", UNTOLD),
    ],
)
def test_a_feature_is_there_or_not(text: str, said: str) -> None:
    assert [v.outcome for c, v in read(text) if c.kind == "feature"] == [said]


@pytest.mark.parametrize(
    "text",
    [
        "The full GH100 die has 18,432 CUDA cores; the H100 SXM5 ships with 16,896.",
        "Each HBM3 stack of the H100 has a 1024-bit interface.",
        "The H100 has 80 GB of HBM3 in five stacks of 16 GB each.",
        "Hopper succeeded the Ampere architecture, and the H100 was its first product.",
        "Unlike Blackwell, the H100 is built on the Hopper architecture.",
        "The H100 plugs into PCIe 5.0 slots but works with PCIe 4.0 servers.",
        "The MI300X packs eight 5 nm compute chiplets on four 6 nm base dies.",
        "At 60 % utilisation an H100 consumes 3,740 kWh of electricity a year.",
        "The H100, unlike the B200, does not support FP4.",
    ],
)
def test_a_true_sentence_is_not_called_wrong(text: str) -> None:
    assert not [v for _, v in read(text) if v.outcome in WRONG]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("about 3 PFLOP/s", 3e15, "FLOP/s"),
        ("2 exa-ops", 2e18, "FLOP/s"),
        ("1.52 PetaFLOPS", 1.52e15, "FLOP/s"),
        ("2.5 Billion Watts", 2.5e9, "W"),
        ("80 Gigs", 8e10, "B"),
        ("±1,6 TB/s", 1.6e12, "B/s"),
        ("3,740 kilowatt-hours", 3740 * 3.6e6, "J"),
        ("una inversión de 5.500 millones de dólares para los chips", 5.5e9, "USD"),
        ("Mit 1.979 TFLOPS ist der Chip das schnellste von allen", 1.979e15, "FLOP/s"),
        ("1.979 TFLOPS of peak", 1.979e12, "FLOP/s"),
        ("ricavi per 2,881 miliardi di yuan nel primo semestre della", 2.881e9, "CNY"),
        ("512bit", 512, "bit"),
        ("Das Netz hat 10 000 Beschleuniger und läuft für die Firma", 10_000, "1"),
        ("H100的算力为989T", 9.89e14, "FLOP/s"),
        ("3 trillion operations per second", 3e12, "FLOP/s"),
        ("the die area is 814 mm (monolithic)", 814e-6, "m2"),
    ],
)
def test_quantities_as_people_write_them(text: str, value: float, unit: str) -> None:
    found = [each for each in quantities(text, 0, len(text), []) if each.unit == unit]
    assert [each.value for each in found] == [pytest.approx(value)]


@pytest.mark.parametrize("text", ["1 979 TFLOPS", "8,16 or 32 GPUs", "x10,000 GB", "268 mm long"])
def test_what_is_no_quantity(text: str) -> None:
    assert quantities(text, 0, len(text), []) == []


def test_commas_and_points() -> None:
    assert numeral("1,979").value == 1979
    assert numeral("1,97").value == 1.97
    assert numeral("1.979", continental=True).value == 1979
    assert numeral("4347,82").value == 4347.82
    assert is_continental("Mit 1.979 TFLOPS ist der Chip das schnellste von allen")
    assert not is_continental("The chip of the year with 1.979 TFLOPS is as fast as la De Soto")


def test_wide_type_is_read_in_its_place() -> None:
    wide = "Ｈ２０的显存带宽为４．０ＴＢ／ｓ，显存９６ＧＢ。"
    assert len(half_width(wide)) == len(wide)
    assert half_width(wide).endswith("，显存96GB。")
    assert outcome(wide, "memory_bandwidth") == SUPPORTED


@pytest.mark.parametrize("chip", [c for c in CATALOGUE.chips() if "memory_stacks" in c.facts])
def test_stacks_carry_a_bus_and_a_capacity(chip: object) -> None:
    stacks, bus = chip.number("memory_stacks"), chip.number("memory_bus")  # type: ignore[attr-defined]
    assert 1 <= stacks <= 16
    assert bus != bus or bus == 1024 * stacks


TABLE = """
| | H100 SXM | H20 | L40S |
| --- | --- | --- | --- |
| Architecture | Hopper | Ada Lovelace | Ada Lovelace |
| CUDA cores | 16,896 | 9,984 | 14,592 |
| Memory bus | 5120-bit | 6144-bit | 384-bit |
| NVLink | 900 GB/s | 900 GB/s | None |
| Host interface | PCIe Gen5 x16 | PCIe Gen5 x16 | PCIe Gen4 x16 |
| Total | 8 x 80 GB | 8 x 96 GB | 8 x 48 GB |
"""


def test_a_table_is_read_with_its_heads() -> None:
    cells = markdown_cells(TABLE)
    found = judged(Document("x", TABLE, TABLE, cells=cells), NAMES, CATALOGUE)
    told = {
        (claim.field, claim.subject.ids[0]): verdict.outcome
        for claim, verdict in found if claim.subject is not None
    }  # fmt: skip
    assert told[("design", "h100-sxm5")] == told[("design", "l40s")] == SUPPORTED
    assert told[("design", "h20-96gb")] == CONTRADICTED
    assert told[("lanes", "h100-sxm5")] == told[("lanes", "h20-96gb")] == SUPPORTED
    assert told[("lanes", "l40s")] == WRONG_CHIP
    assert told[("scaleup_bandwidth", "l40s")] == SUPPORTED
    assert told[("pcie_generation", "l40s")] == SUPPORTED
    assert not [key for key in told if key[0] == "memory_capacity"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The H100 has fourth-generation Tensor Cores.", "supported"),
        ("The H100 has third-generation Tensor Cores.", "contradicted"),
        ("A100搭载第二代Tensor Core。", "contradicted"),
        ("The A100 can be partitioned into seven GPU instances.", "supported"),
        ("The H100 supports MIG.", "supported"),
        ("The L40S supports MIG.", "contradicted"),
        ("The H100 has 8 MIG instances.", "contradicted"),
        ("Each A100 SM has 128 FP32 cores.", "contradicted"),
        ("The H100 SXM5 has 128 CUDA cores per SM.", "supported"),
        ("A DGX A100 holds 16 A100 GPUs.", "contradicted"),
        ("CloudMatrix 384 fits into a single rack.", "contradicted"),
        ("The H100 die measures 826 mm².", "contradicted"),
        ("The A800 cut NVLink from 900 GB/s to 400 GB/s.", "contradicted"),
        ("The A800 cut NVLink from 600 GB/s to 400 GB/s.", "supported"),
        ("The H200 carries 141 GB of HBM3.", "right for another chip"),
        ("The RTX 5090 is an Ampere card.", "contradicted"),
    ],
)
def test_what_is_counted_exactly_or_belongs_to_a_generation(text: str, outcome: str) -> None:
    found = judged(Document("own", text, text), NAMES, CATALOGUE, "2026-11-01")
    assert outcome in {verdict.outcome for _, verdict in found}
    assert outcome in WRONG or all(v.outcome == "supported" for _, v in found)
