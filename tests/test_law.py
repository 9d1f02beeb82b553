"""Situations in plain words: what the law says of a part, for a destination, on a day."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law_cases import (
    ACA,
    APPROVED,
    ASLEEP,
    CASE_BY_CASE,
    CATALOGUE,
    CERTIFIED,
    COUNTRIES,
    DENIED,
    EMBARGO,
    FREE,
    LETTER,
    LISTED,
    NAN,
    NEW,
    NOTIFIED,
    OLD,
    PENDING,
    UNNOTIFIED,
    paragraph,
    part,
    ruled,
    shipped,
)  # fmt: skip

from chipassay.law.classes import PRE_2023, UNKNOWN
from chipassay.law.parcel import Party
from chipassay.law.ruling import SEVERITY


@pytest.mark.parametrize(
    ("tpp", "area", "classification"),
    [
        # 4800, whatever the die
        ("4799.99", "10000", "none"),
        ("4800", "10000", "3A090.a"),
        ("4800.01", "10000", "3A090.a"),
        # 1600 with 5.92
        ("1599.99", "200", "none"),
        ("1600", "200", "3A090.a"),
        ("1600", "271", "3A090.b"),  # 5.904
        ("4736", "800", "3A090.a"),  # 5.92 exactly, though division misses it by an ulp
        ("2960", "500", "3A090.a"),
        ("4440", "750", "3A090.a"),
        ("1776", "300", "3A090.a"),
        ("4735.99", "800", "3A090.b"),
        ("4736.01", "800", "3A090.a"),
        # 2400 with 1.6
        ("2399.99", "1000", "none"),  # 2.4: under 3.2 as well
        ("2400", "1000", "3A090.b"),
        ("2400", "1500", "3A090.b"),  # 1.6 exactly
        ("2400", "1501", "none"),
        ("2560", "1600", "3A090.b"),
        # 1600 with 3.2
        ("1600", "500", "3A090.b"),  # 3.2 exactly
        ("1600", "500.1", "none"),
        ("1599.99", "490", "none"),
        ("1952", "610", "3A090.b"),
        ("2399", "700", "3A090.b"),
    ],
)
def test_limits_decide_at_equality(tpp: str, area: str, classification: str) -> None:
    finding = ruled(part(tpp, area=area), NEW)
    assert finding.classification == classification
    expected = {"none": FREE, "3A090.a": DENIED, "3A090.b": NOTIFIED}[classification]
    assert finding.codified.outcome == finding.enforced.outcome == expected


@given(st.integers(1600_00, 4799_00), st.sampled_from(["5.92", "3.2", "1.6"]))
def test_a_density_that_is_exact_in_decimals_is_at_its_limit(cents: int, limit: str) -> None:
    tpp = cents / 100
    at = part(repr(tpp), area=repr(tpp / float(limit)))
    assert at.density == pytest.approx(float(limit) * 1e18, rel=1e-12)
    same = part(repr(tpp), density=limit)
    assert ruled(at, NEW).classification == ruled(same, NEW).classification


@pytest.mark.parametrize(
    ("tpp", "io", "classification"),
    [
        ("4800", "600", PRE_2023), ("4799.99", "600", "none"), ("4800", "599.99", "none"),
        ("9999", "599", "none"), ("100", "900", "none"),
    ],
)  # fmt: skip
def test_the_rule_of_2022_wants_performance_and_transfer_rate(
    tpp: str, io: str, classification: str
) -> None:
    finding = ruled(part(tpp, io=io), OLD)
    assert finding.classification == classification
    expected = CASE_BY_CASE if classification == PRE_2023 else FREE
    assert finding.enforced.outcome == expected


def test_note_2_frees_a_part_that_is_not_for_data_centres_below_4800() -> None:
    dense: dict[str, Any] = {"area": "200"}
    assert ruled(part("4799.99", **dense, datacenter=False), NEW).enforced.outcome == FREE
    assert ruled(part("4799.99", **dense, datacenter=True), NEW).enforced.outcome == DENIED
    at_limit = ruled(part("4800", **dense, datacenter=False), NEW)
    assert at_limit.classification == "3A090.a"
    assert at_limit.enforced.outcome == NOTIFIED
    unknown = ruled(part("4799.99", **dense, datacenter=None), NEW)
    assert unknown.classification == UNKNOWN
    assert unknown.needs == ("for_datacenter",)


def test_before_november_2023_there_is_no_note_2() -> None:
    finding = ruled(part("4800", io="600", datacenter=False), OLD)
    assert finding.classification == PRE_2023


@pytest.mark.parametrize(
    ("tpp", "classification", "needs"),
    [
        ("4800", "3A090.a", ()),
        ("1599", "none", ()),
        ("1600", UNKNOWN, ("density",)),
        ("4799", UNKNOWN, ("density",)),
    ],
)
def test_an_unknown_die_counts_only_where_it_matters(
    tpp: str, classification: str, needs: tuple[str, ...]
) -> None:
    finding = ruled(part(tpp), NEW)
    assert finding.classification == classification
    assert finding.needs == needs
    assert (finding.enforced.outcome == UNKNOWN) == (classification == UNKNOWN)
    if needs:
        assert "depends on" in finding.enforced.because


def test_an_unknown_performance_is_named() -> None:
    finding = ruled(part(area="750"), NEW)
    assert finding.classification == UNKNOWN
    assert "performance" in finding.needs
    assert paragraph(finding, "3A090.a.1") == "unknown"


def test_an_unknown_transfer_rate_matters_in_2022_only() -> None:
    assert ruled(part("5000"), OLD).needs == ("input_output",)
    assert ruled(part("4000"), OLD).classification == "none"
    assert ruled(part("5000", area="800"), NEW).needs == ()


@pytest.mark.parametrize(
    ("chip", "day", "to", "classification", "enforced"),
    [
        ("h20", "2025-04-08", "CN", "none", FREE),
        ("h20", "2025-04-09", "CN", "none", LETTER),
        ("h20", "2025-04-09", "MO", "none", LETTER),
        ("h20", "2025-07-15", "CN", "none", LETTER),
        ("H20-3e", "2025-07-15", "HK", "none", LETTER),
        ("a100", "2022-08-25", "CN", "none", FREE),
        ("a100", "2022-10-07", "CN", "none", LETTER),
        ("a100", "2022-10-20", "CN", "none", LETTER),
        ("a100", "2022-10-21", "CN", PRE_2023, CASE_BY_CASE),
        ("a100", "2022-11-01", "MO", PRE_2023, FREE),
        ("a100", "2023-01-17", "MO", PRE_2023, CASE_BY_CASE),
        ("a100", "2023-11-17", "CN", "3A090.a", DENIED),
        ("a800", "2022-11-15", "CN", "none", FREE),
        ("a800", "2023-10-22", "CN", "none", FREE),
        ("a800", "2023-11-01", "CN", "none", LETTER),
        ("a800", "2023-11-17", "CN", "3A090.a", DENIED),
        ("h200", "2026-01-14", "CN", "3A090.a", DENIED),
        ("h200", "2026-01-15", "CN", "3A090.a", CERTIFIED),
        ("rtx4090", "2023-11-16", "CN", "none", FREE),
        ("rtx4090", "2023-11-17", "CN", "3A090.a", NOTIFIED),
        ("rtx4090d", "2024-01-15", "CN", "none", FREE),
        ("b200", "2025-01-10", "CN", "3A090.a", DENIED),
        ("b200", "2026-02-01", "CN", "3A090.a", DENIED),
        ("l20", "2024-01-15", "CN", "none", FREE),
        ("l2", "2024-01-15", "CN", "none", FREE),
        ("l40", "2024-01-15", "CN", "3A090.b", NOTIFIED),
    ],
)
def test_known_parts(chip: str, day: str, to: str, classification: str, enforced: str) -> None:
    finding = shipped(chip, day, to)
    assert finding.classification == classification
    assert finding.enforced.outcome == enforced
    assert finding.codified.outcome in SEVERITY


def test_what_is_practised_is_told_apart_from_what_is_enforced() -> None:
    before = shipped("h20", "2025-07-01")
    announced = shipped("h20", "2025-07-15")
    licensed = shipped("h20", "2025-09-01")
    assert before.practical == before.enforced
    assert "July 2025" in announced.practical.because
    assert announced.practical != licensed.practical
    for finding in (before, announced, licensed):
        assert finding.codified.outcome == FREE
        assert "2025-04-09" in finding.enforced.because


def test_a_letter_by_name_decides_though_the_class_is_unknown() -> None:
    finding = ruled(part(io="1024", memory="5300"), "2025-04-15", chip="mi308x", maker="AMD")
    assert finding.classification == UNKNOWN
    assert finding.codified.outcome == UNKNOWN
    assert finding.enforced.outcome == LETTER
    assert shipped("mi308x", "2025-04-15").enforced.outcome == LETTER
    assert (
        ruled(part(io="1024"), "2025-04-14", chip="mi308x", maker="AMD").enforced.outcome == UNKNOWN
    )


@pytest.mark.parametrize(
    ("tpp", "memory", "outcome"),
    [
        ("20999.99", "6499.99", CERTIFIED), ("21000", "6499.99", DENIED),
        ("20999.99", "6500", DENIED),
    ],
)  # fmt: skip
def test_the_window_of_2026_is_open_below_both_ceilings(
    tpp: str, memory: str, outcome: str
) -> None:
    wide = part(tpp, area="800", memory=memory)
    assert ruled(wide, "2026-02-01").enforced.outcome == outcome
    assert ruled(wide, "2026-01-14").enforced.outcome == DENIED


def test_a_window_with_an_unknown_memory_is_not_decided() -> None:
    finding = ruled(part("15831", area="814"), "2026-02-01")
    assert finding.classification == "3A090.a"
    assert finding.enforced.outcome == UNKNOWN
    assert finding.needs == ("memory_bandwidth",)


def test_a_window_that_is_shut_anyway_needs_no_memory() -> None:
    finding = ruled(part("36000", area="1600"), "2026-02-01")
    assert finding.enforced.outcome == DENIED
    assert finding.needs == ()


def test_an_exception_with_an_unknown_market_is_not_decided() -> None:
    finding = ruled(part("5285", area="609", datacenter=None), NEW)
    assert finding.classification == "3A090.a"
    assert finding.enforced.outcome == UNKNOWN
    assert finding.needs == ("for_datacenter",)


def test_margins_tell_how_far_a_limit_is() -> None:
    finding = ruled(part("2376", area="814"), NEW)
    margins = {each.id: each.margin for each in finding.paragraphs}
    assert margins["3A090.b.1"] == pytest.approx(-0.01)
    assert margins["3A090.a.1"] == pytest.approx(2376 / 4800 - 1)


BIG = part("15832", area="814", io="1028", memory="3350")  # a data-centre part of .a
CARD = part("5285", area="609", io="64", memory="1008", datacenter=False)  # a gaming part of .a
MIDDLE = part("2896", area="609", io="64", memory="864")  # a data-centre part of .b


@pytest.mark.parametrize(
    ("of", "day", "to", "hq", "enforced"),
    [
        # the rule of November 2023, by destination and headquarters
        (BIG, "2023-11-16", "SA", "SA", FREE),
        (BIG, "2023-11-17", "SA", "SA", APPROVED),
        (BIG, "2024-01-15", "SA", "CN", DENIED),
        (BIG, "2024-01-15", "IL", "IL", FREE),
        (BIG, "2024-01-15", "DE", "DE", FREE),
        (BIG, "2024-01-15", "DE", "CN", CASE_BY_CASE),
        (BIG, "2024-04-03", "DE", "MO", CASE_BY_CASE),
        (BIG, "2024-04-04", "DE", "MO", DENIED),
        (BIG, "2024-01-15", "BR", "RU", CASE_BY_CASE),
        (BIG, "2024-06-01", "LB", "LB", DENIED),  # D:4 and D:5
        (BIG, "2024-06-01", "AF", "AF", DENIED),  # D:5 alone
        (BIG, "2024-06-01", "CY", "CY", FREE),  # A:6
        (CARD, "2024-01-15", "VN", "CN", UNNOTIFIED),
        (CARD, "2024-04-03", "DE", "CN", UNNOTIFIED),
        (CARD, "2024-04-04", "DE", "CN", NOTIFIED),
        (CARD, "2024-04-03", "SA", "SA", UNNOTIFIED),
        (CARD, "2024-04-04", "SA", "SA", ACA),
        (CARD, "2024-04-04", "SA", "CN", NOTIFIED),
        (CARD, "2024-06-01", "DE", "DE", FREE),
        (MIDDLE, "2024-06-01", "SG", "CN", NOTIFIED),
        (MIDDLE, "2024-06-01", "SG", "SG", FREE),
        (MIDDLE, "2025-06-01", "VN", "VN", ACA),
        # the worldwide paragraph of January 2025
        (BIG, "2025-01-12", "MY", "MY", FREE),
        (BIG, "2025-01-13", "MY", "MY", PENDING),
        (BIG, "2025-05-12", "MY", "MY", PENDING),
        (BIG, "2025-05-13", "MY", "MY", ASLEEP),
        (BIG, "2025-05-13", "MY", "CN", DENIED),
        (BIG, "2026-07-01", "DE", "CN", DENIED),
        (MIDDLE, "2025-02-01", "MY", "MY", FREE),
        (CARD, "2025-06-01", "BR", "BR", ASLEEP),
        (BIG, "2025-06-01", "US", "CN", FREE),
        # dated country groups
        (BIG, "2024-03-14", "NI", "NI", FREE),
        (BIG, "2024-03-15", "NI", "NI", DENIED),
        (BIG, "2025-11-06", "KH", "KH", DENIED),
        (BIG, "2025-11-07", "KH", "KH", APPROVED),
        (BIG, "2026-07-09", "AE", "AE", APPROVED),
        (BIG, "2026-07-10", "AE", "AE", APPROVED),
        (BIG, "2026-07-10", "AE", "CN", DENIED),
        # part 746 reaches every part
        (BIG, "2022-02-23", "RU", "RU", FREE),
        (MIDDLE, "2022-02-24", "RU", "RU", EMBARGO),
        (part("10"), "2024-06-01", "IR", "IR", EMBARGO),
        (CARD, "2024-06-01", "CU", "", EMBARGO),
        (part("10"), "2022-03-01", "BY", "", FREE),
        (part("10"), "2022-03-02", "BY", "", EMBARGO),
    ],
)
def test_destination_and_headquarters(of, day, to, hq, enforced) -> None:  # type: ignore[no-untyped-def]
    assert ruled(of, day, to, hq=hq).enforced.outcome == enforced


@pytest.mark.parametrize(
    ("of", "day", "movement", "hq", "to", "enforced"),
    [
        (CARD, "2023-12-01", "transfer", "", "CN", UNNOTIFIED),
        (CARD, "2024-06-01", "transfer", "", "CN", ACA),
        (CARD, "2025-06-01", "transfer", "", "CN", ACA),
        (CARD, "2024-06-01", "transfer", "CN", "VN", DENIED),  # neither NAC nor ACA
        (CARD, "2024-06-01", "transfer", "CN", "DE", CASE_BY_CASE),
        (CARD, "2025-06-01", "transfer", "CN", "DE", DENIED),
        (MIDDLE, "2025-06-01", "transfer", "CN", "DE", CASE_BY_CASE),
        (BIG, "2026-02-01", "transfer", "", "CN", DENIED),
        (BIG, "2026-02-01", "export", "", "CN", CERTIFIED),
        (BIG, "2026-02-01", "export", "", "MO", CERTIFIED),
        (BIG, "2026-02-01", "export", "", "HK", CERTIFIED),
        (BIG, "2026-02-01", "export", "CN", "SG", DENIED),
        (BIG, "2026-02-01", "export", "", "VE", DENIED),  # the window is for China and Macau
    ],
)
def test_movement(of, day, movement, hq, to, enforced) -> None:  # type: ignore[no-untyped-def]
    origin = to if movement == "transfer" else "US"
    finding = ruled(of, day, to, hq=hq, movement=movement, origin=origin)
    assert finding.enforced.outcome == enforced


def test_the_window_is_for_exports_from_the_united_states() -> None:
    abroad = ruled(BIG, "2026-02-01", origin="TW", movement="reexport")
    assert abroad.enforced.outcome == DENIED
    assert shipped("h200", "2026-02-01", from_="TW").enforced.outcome == DENIED
    late = ruled(BIG._replace(launched=0.0), "2026-02-01")
    assert late.enforced.outcome == DENIED


@pytest.mark.parametrize(
    ("party", "day", "to", "hq", "enforced"),
    [
        (Party("entity-list"), "2024-06-01", "CN", "", LISTED),
        (Party("entity-list"), "2024-06-01", "DE", "DE", LISTED),
        (Party("entity-list"), "2024-06-01", "RU", "RU", EMBARGO),  # part 746 stands first
        (Party("affiliate", 0.6), "2025-09-28", "MY", "CN", FREE),
        (Party("affiliate", 0.6), "2025-09-29", "MY", "CN", LISTED),
        (Party("affiliate", 0.5), "2025-10-15", "MY", "CN", LISTED),
        (Party("affiliate", 0.49), "2025-10-15", "MY", "CN", FREE),
        (Party("affiliate", 0.6), "2025-10-15", "DE", "CN", FREE),  # licence 7 for A:5
        (Party("affiliate", 0.6), "2025-11-10", "MY", "CN", FREE),  # stayed
        (Party("affiliate", 0.6), "2026-11-09", "MY", "CN", FREE),
        (Party("affiliate", 0.6), "2026-11-10", "MY", "CN", LISTED),
        (Party("military"), "2024-06-01", "CN", "", DENIED),
        (Party("military"), "2024-06-01", "DE", "DE", FREE),
        (Party("military"), "2024-03-14", "NI", "", FREE),
        (Party("military"), "2024-03-15", "NI", "", DENIED),
    ],
)
def test_parties_below_3a090(party, day, to, hq, enforced) -> None:  # type: ignore[no-untyped-def]
    small = part("3120", area="379", memory="717", io="64", datacenter=False)
    assert ruled(small, day, to, hq=hq, party=party).enforced.outcome == enforced


@pytest.mark.parametrize(
    ("kind", "day", "hq", "enforced"),
    [
        ("uae-government", "2026-07-09", "AE", APPROVED),
        ("uae-government", "2026-07-10", "AE", FREE),
        ("supplement-8", "2026-07-10", "US", FREE),
        ("supplement-8", "2027-05-01", "US", FREE),
        ("uae-government", "2026-07-10", "CN", DENIED),
        ("g42", "2027-04-05", "AE", FREE),
        ("g42", "2027-04-06", "AE", APPROVED),
        ("military", "2026-08-01", "AE", APPROVED),
    ],
)
def test_the_emirates(kind: str, day: str, hq: str, enforced: str) -> None:
    assert ruled(BIG, day, "AE", hq=hq, party=Party(kind)).enforced.outcome == enforced


def test_nac_is_no_way_for_military_end_users() -> None:
    for day in ("2024-01-15", "2024-06-01", "2025-06-01"):
        assert ruled(CARD, day, party=Party("military")).enforced.outcome == DENIED
        assert ruled(CARD, day, "SA", hq="SA", party=Party("military")).enforced.outcome == APPROVED


@pytest.mark.parametrize(
    ("stack", "day", "to", "hq", "asserted", "class_", "enforced"),
    [
        ("6.8", "2024-12-01", "CN", "", 0.0, "none", FREE),
        ("6.8", "2024-12-02", "CN", "", 0.0, "3A090.c", PENDING),
        ("6.8", "2024-12-30", "CN", "", 0.0, "3A090.c", PENDING),
        ("6.8", "2024-12-31", "CN", "", 0.0, "3A090.c", DENIED),
        ("2.0", "2025-06-01", "CN", "CN", 0.0, "none", FREE),
        ("2.0001", "2025-06-01", "CN", "CN", 0.0, "3A090.c", DENIED),
        ("6.8", "2025-06-01", "CN", "US", 0.0, "3A090.c", APPROVED),
        ("6.8", "2025-06-01", "KR", "KR", 0.0, "3A090.c", FREE),
        ("6.8", "2025-06-01", "KR", "CN", 0.0, "3A090.c", CASE_BY_CASE),
        ("3.2", "2025-06-01", "CN", "CN", 1.0, "3A090.c", "exception:HBM_if_conditions"),
        ("3.2", "2025-06-01", "MY", "CN", 1.0, "3A090.c", "exception:HBM_if_conditions"),
        ("3.3", "2025-06-01", "CN", "CN", 1.0, "3A090.c", DENIED),
        ("3.29", "2025-06-01", "CN", "CN", 0.0, "3A090.c", DENIED),
        ("", "2025-06-01", "CN", "CN", 0.0, UNKNOWN, UNKNOWN),
        ("", "2024-06-01", "CN", "CN", 0.0, "none", FREE),
        ("6.8", "2025-06-01", "RU", "", 0.0, "3A090.c", EMBARGO),
    ],
)
def test_memory(stack, day, to, hq, asserted, class_, enforced) -> None:  # type: ignore[no-untyped-def]
    of = part(stack=stack or NAN)._replace(conditions=asserted)
    finding = ruled(of, day, to, hq=hq, kind="memory")
    assert (finding.classification, finding.enforced.outcome) == (class_, enforced)
    if class_ == UNKNOWN:
        assert "stack_density" in finding.needs


def test_a_system_is_classed_by_the_worst_part_in_it() -> None:
    assert ruled(BIG, NEW, kind="system").classification == "4A090.a"
    assert ruled(MIDDLE, "2024-06-01", kind="system").classification == "4A090.b"
    assert ruled(part("10"), NEW, kind="system").classification == "none"


@pytest.mark.parametrize(
    ("count", "told", "day", "origin", "enforced"),
    [
        (29e9, "", "2025-06-01", "TW", FREE),
        (30e9, "", "2025-06-01", "TW", DENIED),
        (29e9, "", "2025-06-01", "CN", DENIED),  # packaged in D:5
        (29e9, "approved OSAT, packaged in China", "2025-06-01", "CN", FREE),
        (90e9, "attestation of an approved designer", "2025-06-01", "TW", FREE),
        (90e9, "", "2025-01-15", "TW", FREE),
        (34e9, "hbm=no", "2026-12-31", "TW", DENIED),
        (34e9, "hbm=no", "2027-01-01", "TW", FREE),
        (35e9, "hbm=no", "2027-01-01", "TW", DENIED),
        (34e9, "hbm=yes", "2027-01-01", "TW", DENIED),
        (34e9, "", "2027-01-01", "TW", UNKNOWN),
        (34e9, "hbm=no", "2028-01-01", "TW", DENIED),  # nothing is written for 2028
        (39e9, "hbm=no", "2029-01-01", "TW", FREE),
        (40e9, "hbm=no", "2029-01-01", "TW", DENIED),
    ],
)
def test_what_fabs_ship_is_presumed_caught(count, told, day, origin, enforced) -> None:  # type: ignore[no-untyped-def]
    of = part()._replace(transistors=count)
    finding = ruled(of, day, chip=told, kind="foundry", origin=origin, movement="reexport",
                    party=Party("fabricator"))  # fmt: skip
    assert finding.enforced.outcome == enforced


@pytest.mark.parametrize(
    ("of", "day", "to", "hq", "maker", "enforced"),
    [
        (BIG, "2022-09-01", "CN", "", "NVIDIA", LETTER),  # by its figures
        (BIG, "2022-09-01", "CN", "", "AMD", FREE),  # a letter binds its addressee
        (BIG, "2022-09-01", "MO", "", "NVIDIA", FREE),
        (BIG, "2022-08-25", "CN", "", "NVIDIA", FREE),
        (BIG._replace(input_output=1.0), "2023-11-01", "CN", "", "NVIDIA", LETTER),
        (BIG._replace(input_output=1.0), "2023-11-01", "SA", "", "NVIDIA", LETTER),
        (BIG._replace(input_output=1.0), "2023-11-01", "DE", "CN", "NVIDIA", FREE),
        (CARD, "2023-11-01", "CN", "", "NVIDIA", FREE),
        (part("2300", area="814", io="100", memory="4000"), "2025-04-08", "CN", "", "NVIDIA", FREE),
        (
            part("2300", area="814", io="100", memory="4000"),
            "2025-04-09",
            "CN",
            "",
            "NVIDIA",
            LETTER,
        ),
        (
            part("2300", area="814", io="100", memory="4000"),
            "2025-06-01",
            "SG",
            "CN",
            "NVIDIA",
            LETTER,
        ),
        (
            part("2300", area="814", io="100", memory="4000"),
            "2025-06-01",
            "SG",
            "SG",
            "NVIDIA",
            FREE,
        ),
        (part("2300", area="814", io="100", memory="3999"), "2025-06-01", "CN", "", "NVIDIA", FREE),
        (part("2300", area="814", io="900", memory="99"), "2025-06-01", "CN", "", "NVIDIA", LETTER),
        (part("2300", area="814", io="100"), "2025-06-01", "CN", "", "NVIDIA", UNKNOWN),
        (BIG, "2025-06-01", "CN", "", "NVIDIA", DENIED),  # .a needs no letter
        (CARD._replace(memory_bandwidth=5e12), "2025-06-01", "CN", "", "NVIDIA", LETTER),  # no NAC
    ],
)
def test_letters(of, day, to, hq, maker, enforced) -> None:  # type: ignore[no-untyped-def]
    assert ruled(of, day, to, hq=hq, maker=maker).enforced.outcome == enforced


def test_a_letter_whose_reach_nobody_published_leaves_it_open() -> None:
    finding = shipped("h100", "2023-08-01", "SA")
    assert finding.enforced.outcome == UNKNOWN
    assert any("July 2023" in need for need in finding.needs)
    assert shipped("h100", "2023-08-01", "DE").enforced.outcome == FREE
    assert shipped("h100", "2023-06-30", "SA").enforced.outcome == FREE


@pytest.mark.parametrize("to", ["DE", "VN", "AE", "BR", "SG", "IN"])
def test_a_blank_headquarters_is_unknown_and_not_the_destination(to: str) -> None:
    blank = shipped("h100", "2025-06-01", to)
    assert "headquarters" in blank.needs
    worse = {each.if_: each.enforced for each in blank.conditional}
    assert worse["in Macau or a country of D:5"] == DENIED
    told = shipped("h100", "2025-06-01", to, hq=to)
    assert told.conditional == ()
    assert told.enforced == blank.enforced
    assert shipped("h100", "2025-06-01", to, hq="CN").enforced.outcome == DENIED


def test_a_blank_headquarters_does_not_matter_for_china() -> None:
    finding = shipped("h100", "2025-06-01", "CN")
    assert finding.conditional == ()
    assert finding.needs == ()


def test_a_part_designed_and_shipped_abroad_may_not_be_subject_to_us_rules() -> None:
    finding = shipped("910c", "2025-06-01", "MY", from_="CN", hq="MY")
    assert finding.classification == "3A090.a"
    assert finding.enforced.outcome == UNKNOWN
    assert "jurisdiction" in finding.needs
    assert any(rule.id == "us-gp10" for rule in finding.also)
    assert shipped("910c", "2025-06-01", "MY", hq="CN").enforced.outcome == DENIED
    again = shipped("910c", "2025-06-01", "MY", from_="SG", hq="CN", movement="reexport")
    assert again.enforced.outcome == DENIED


def test_only_performance_at_16_bits_bounds_it_from_above() -> None:
    least = part("4000", area="10000", least=True)
    assert ruled(least, NEW).classification == UNKNOWN
    assert "performance" in ruled(least, NEW).needs
    assert ruled(part("4800", area="10000", least=True), NEW).classification == "3A090.a"
    assert ruled(part("4000", area="10000"), NEW).classification == "none"
    blank = ruled(part("4000", least=True), NEW)
    assert set(blank.needs) == {"performance", "density"}


def test_what_was_known_is_another_clock_than_what_was_in_force() -> None:
    letter = shipped("h20", "2025-04-10")
    assert letter.enforced.outcome == LETTER
    unknown = shipped("h20", "2025-04-10", known="2025-04-14")
    assert unknown.enforced.outcome == FREE
    assert shipped("h20", "2025-04-10", known="2025-04-15").enforced.outcome == LETTER


def test_text_enforcement_and_practice_are_three_things() -> None:
    asleep = shipped("h100", "2025-06-01", "DE", hq="DE")
    assert asleep.codified.outcome == "exception:AIA"
    assert asleep.enforced.outcome == ASLEEP
    partner = shipped("h100", "2025-06-01", "DE", hq="BR")
    assert partner.codified.outcome == APPROVED
    h200 = shipped("h200", "2026-02-15", "CN")
    assert "small amounts" in h200.practical.because
    assert h200.practical.outcome == h200.enforced.outcome == CERTIFIED
    assert len(h200.enforced.rules[-1].conditions) == 7
    assert any(rule.id == "us-tariff-h200" for rule in h200.also)


def test_malaysias_directive_is_told_from_its_day_on() -> None:
    def beside(day: str, chip: str = "h100") -> set[str]:
        finding = shipped(chip, day, "SG", from_="MY", hq="SG")
        return {rule.id for rule in finding.also}

    assert "my-directive-2025" not in beside("2025-07-13")
    assert "my-directive-2025" in beside("2025-07-14")
    assert "my-directive-2025" not in beside("2025-07-14", "l20")


DAYS = st.dates(datetime.date(2022, 1, 1), datetime.date(2026, 9, 29)).map(str) | st.sampled_from(
    ["2022-10-20", "2022-10-21", "2023-11-16", "2023-11-17", "2026-01-14", "2026-01-15"]
)
EDGES = [1599, 1600, 2399, 2400, 4799, 4800, 20999, 21000]
TPPS = st.sampled_from(EDGES) | st.integers(0, 25000)
DENSITIES = st.sampled_from([1.59, 1.6, 3.19, 3.2, 5.91, 5.92]) | st.floats(0.1, 40)
RATES = st.sampled_from([599, 600, 6499, 6500]) | st.integers(0, 9000)
CODES = st.sampled_from(["CN", "HK", "MO", "VN", "SA", "AE", "DE", "MY", "BR", "KH", "NI", "IL"])
BUYERS = st.sampled_from(["", "CN", "US", "BR"])
MARKETS = st.sampled_from([True, False])


@given(DAYS, TPPS, DENSITIES, RATES, RATES, st.integers(1, 5000), CODES, BUYERS, MARKETS)
def test_more_performance_is_never_more_lenient(
    day: str, tpp: int, density: float, io: int, memory: int, more: int, to: str, hq: str,
    market: bool,
) -> None:  # fmt: skip
    def severity(performance: int) -> int:
        area = tpp / density if tpp else 1.0
        of = part(performance, area=area, io=io, memory=memory, datacenter=market)
        return SEVERITY.index(ruled(of, day, to, hq=hq).enforced.outcome)

    assert severity(tpp) <= severity(tpp + 1) <= severity(tpp + 1 + more)


@given(DAYS, TPPS, st.tuples(DENSITIES, DENSITIES).map(sorted), RATES, RATES, CODES, BUYERS)
def test_more_area_is_never_more_severe(
    day: str, tpp: int, densities: list[float], io: int, memory: int, to: str, hq: str
) -> None:
    first, second = (
        ruled(part(tpp, density=density, io=io, memory=memory), day, to, hq=hq).enforced.outcome
        for density in densities
    )
    assert SEVERITY.index(first) <= SEVERITY.index(second)


@given(DAYS, TPPS, DENSITIES, RATES, RATES, CODES, MARKETS)
def test_knowing_less_never_decides_otherwise(
    day: str, tpp: int, density: float, io: int, memory: int, to: str, market: bool
) -> None:
    known = part(tpp, density=density, io=io, memory=memory, datacenter=market)
    sure = ruled(known, day, to)
    blanks = [
        {"performance": NAN, "performance_most": NAN}, {"density": NAN, "density_most": NAN},
        {"input_output": NAN}, {"memory_bandwidth": NAN}, {"for_datacenter": 0.5},
    ]  # fmt: skip
    for blank in blanks:
        finding = ruled(known._replace(**blank), day, to)
        assert finding.classification in (sure.classification, UNKNOWN)
        assert finding.enforced.outcome in (sure.enforced.outcome, UNKNOWN)
        if finding.enforced.outcome == UNKNOWN:
            assert set(finding.needs) - {"headquarters"}


def test_every_country_is_judged_on_every_kind_of_day() -> None:
    for code in CATALOGUE.countries()["names"]:
        for day in (OLD, NEW, "2024-06-01", "2025-02-01", "2026-08-01"):
            assert ruled(BIG, day, code).enforced.outcome in SEVERITY
    assert COUNTRIES.code("Türkiye") == COUNTRIES.code("turkey") == "TR"


@pytest.mark.parametrize(
    ("memory", "io", "market", "told"),
    [
        ("4100", "0", True, True),
        ("4099", "0", True, False),
        ("0", "1100", True, True),
        ("0", "1099", True, False),
        ("4000", "1000", True, True),  # 5,000 together
        ("4000", "999", True, False),
        ("4100", "1100", False, False),
    ],
)
def test_a_bill_is_told_as_a_what_if(memory: str, io: str, market: bool, told: bool) -> None:
    of = part("2000", area="900", memory=memory, io=io, datacenter=market)
    finding = ruled(of, "2026-03-01")
    assert finding.enforced.outcome == FREE
    assert any(rule.id == "us-pending-bill" for rule in finding.also) == told


@pytest.mark.parametrize(
    ("tpp", "memory", "band"),
    [
        ("14000", "4500", "us-tariff-h200"),
        ("13999", "4800", ""),
        ("15832", "4499", ""),
        ("17499", "4999", "us-tariff-h200"),
        ("17500", "4800", ""),
        ("15832", "5000", ""),
        ("20800", "5800", "us-tariff-mi325x"),
        ("21100", "6000", ""),
    ],
)
def test_duties_fall_on_two_narrow_bands(tpp: str, memory: str, band: str) -> None:
    finding = ruled(part(tpp, area="814", memory=memory), "2026-02-01")
    assert [rule.id for rule in finding.also if rule.layer == "fiscal"] == ([band] if band else [])


def test_each_gate_says_what_it_found() -> None:
    gates = dict(ruled(BIG, "2024-06-01").gates)
    assert gates["jurisdiction"] == "subject to US rules"
    assert gates["part 746"] == gates["party lists"] == "open"
    assert gates["class"] == "3A090.a"
    assert gates["letters"] == "none reaches it"
    assert gates["exceptions"] == "none decides"
    assert gates["reviews"] == "742.6(b)(10)"
    assert gates["enforcement"] == DENIED
    shut = dict(ruled(BIG, "2024-06-01", "RU").gates)
    assert "embargoed" in shut["part 746"]
    assert shut["party lists"] == "open"
    listed = dict(ruled(BIG, "2024-06-01", party=Party("entity-list")).gates)
    assert listed["part 746"] == "open"
    assert "Entity List" in listed["party lists"]
    letter = dict(shipped("h20", "2025-07-01").gates)
    assert "2025-04-09" in letter["letters"]
    card = dict(ruled(CARD, "2024-06-01").gates)
    assert card["exceptions"] == "740.8 (NAC)"
    abroad = dict(ruled(BIG, "2024-06-01", origin="SG", designer="CN").gates)
    assert abroad["jurisdiction"].startswith("unknown")
