"""What a finding tells beside its outcome: practice, what bears on it, what would settle it."""

from __future__ import annotations

import pytest
from tests.law_cases import (
    APPROVED,
    COUNTRIES,
    DENIED,
    FREE,
    LETTER,
    book,
    parcel,
    part,
    ruled,
    shipped,
)  # fmt: skip

from chipassay.law.classes import UNKNOWN
from chipassay.law.judge import Part, answer, judge
from chipassay.law.parcel import Party, party

BIG = part("15832", area="814", io="1028", memory="3350")
CARD = part("5285", area="609", io="64", memory="1008", datacenter=False)


def beside(memory: str, maker: str = "NVIDIA") -> set[str]:
    of = part("5285", area="609", io="64", memory=memory, datacenter=False)
    return {rule.id for rule in ruled(of, "2025-06-01", maker=maker).also}


@pytest.mark.parametrize(
    ("memory", "told"), [("1399", False), ("1400", True), ("3999", True), ("4000", False)]
)
def test_a_reported_line_is_told_between_its_ends(memory: str, told: bool) -> None:
    assert ("us-reported-gddr" in beside(memory)) == told
    assert "us-reported-gddr" not in beside(memory, maker="AMD")


def test_practice_is_told_of_the_parts_it_is_about() -> None:
    caught = ruled(BIG, "2022-12-01")
    assert "no approval" in caught.practical.because
    free = ruled(part("2000", io="10"), "2022-12-01")
    assert free.practical == free.enforced
    unsure = ruled(part("5000"), "2022-12-01")
    assert "no approval" not in unsure.practical.because
    unnamed = ruled(part("2300", area="814", io="10", memory="10"), "2025-07-15", maker="NVIDIA")
    assert unnamed.practical.because == unnamed.enforced.because


def test_buyers_in_china_are_told_of_and_others_not() -> None:
    assert "hold purchases" in ruled(BIG, "2025-08-01").practical.because
    assert "hold purchases" not in ruled(BIG, "2025-08-01", "VN").practical.because
    assert "hold purchases" not in ruled(BIG, "2025-07-30").practical.because


def test_what_bears_on_a_class_is_told_where_the_class_is_possible() -> None:
    unsure = part("4000")  # outside, .a or .b
    told = {rule.id for rule in ruled(unsure, "2025-08-01", "SG", origin="MY").also}
    assert "my-directive-2025" in told
    outside = {rule.id for rule in ruled(part("100"), "2025-08-01", "SG", origin="MY").also}
    assert "my-directive-2025" not in outside


@pytest.mark.parametrize(
    ("of", "day", "to", "maker", "needs"),
    [
        (part("4000"), "2024-06-01", "CN", "", {"density"}),
        (part(area="500"), "2024-06-01", "CN", "", {"performance", "density"}),
        (part("4000", area="100", datacenter=None), "2024-06-01", "CN", "", {"for_datacenter"}),
        (part("6000", area="700", datacenter=None), "2024-06-01", "CN", "", {"for_datacenter"}),
        (part("2300", area="814", io="10"), "2025-06-01", "CN", "NVIDIA", {"memory_bandwidth"}),
        (part("15000", area="814"), "2026-02-01", "CN", "", {"memory_bandwidth"}),
        (BIG, "2024-06-01", "CN", "", set()),
    ],
)
def test_what_would_settle_an_unknown(of, day, to, maker, needs) -> None:  # type: ignore[no-untyped-def]
    finding = ruled(of, day, to, maker=maker)
    assert set(finding.needs) == needs
    unknown = UNKNOWN in (finding.classification, finding.enforced.outcome)
    assert unknown == bool(needs)


def test_the_short_answer_is_the_finding_s() -> None:
    for to, kind in (("CN", "none"), ("RU", "none"), ("DE", "entity-list"), ("VN", "none")):
        sent = parcel("2024-06-01", to, party=Party(kind))
        what, rules = Part(maker="NVIDIA"), book("2024-06-01")
        finding = judge(BIG, what, sent, rules, COUNTRIES)
        short = answer(BIG, what, sent, rules, COUNTRIES)
        assert short == (finding.classification, finding.enforced.outcome)


def test_other_headquarters_are_told_only_where_they_matter() -> None:
    germany = ruled(BIG, "2024-06-01", "DE")
    assert [(each.if_, each.enforced) for each in germany.conditional] == [
        ("in Macau or a country of D:5", DENIED)
    ]
    vietnam = ruled(BIG, "2024-06-01", "VN")
    assert vietnam.enforced.outcome == APPROVED
    assert [each.enforced for each in vietnam.conditional] == [DENIED]
    assert ruled(BIG, "2024-06-01", "RU").conditional == ()
    stack = ruled(part(stack="6.8"), "2025-06-01", kind="memory")
    assert {each.enforced for each in stack.conditional} == {APPROVED}


def test_a_letter_says_which_and_the_text_stays() -> None:
    finding = shipped("h20", "2025-06-01")
    assert finding.codified.outcome == FREE
    assert finding.enforced.outcome == LETTER
    assert finding.enforced.rules[0].id == "us-letter-2025-04-09"
    assert shipped("h20", "2025-06-01", "SG", hq="CN").enforced.outcome == LETTER
    assert shipped("h20", "2025-06-01", "SG", hq="SG").enforced.outcome == FREE


def test_shares_of_ownership() -> None:
    assert party("wholly owned by a listed company") == Party("affiliate", 1.0)
    assert party("minority-owned by a listed company") == Party("affiliate", 0.0)
    assert party("owned by a party on the Entity List") == Party("affiliate", 0.5)
    assert party("affiliate 49.9 %") == Party("affiliate", 0.499)


def test_the_reason_given_is_of_a_rule_that_requires() -> None:
    card = ruled(CARD, "2024-06-01")
    layers = [rule.layer for rule in card.enforced.rules]
    assert layers == ["requirement", "exception"]
    assert "740.8" in card.enforced.because
    window = ruled(BIG, "2026-02-01")
    assert [rule.id for rule in window.enforced.rules][-1] == "us-review-2026-window"


def test_a_letter_that_does_not_reach_is_not_told() -> None:
    finding = ruled(CARD, "2025-06-01", maker="NVIDIA")
    assert dict(finding.gates)["letters"] == "none reaches it"
    assert not any(rule.layer == "letter" for rule in finding.used)


def test_jurisdiction_alone_is_asked_where_it_alone_is_open() -> None:
    finding = ruled(CARD, "2024-06-01", origin="SG", designer="CN")
    assert finding.needs == ("jurisdiction",)
    of = part("2300", area="814", io="10", memory="10")
    free = ruled(of, "2024-06-01", origin="SG", designer="CN")
    assert free.enforced.outcome == FREE
    assert free.needs == ()
    asleep = ruled(BIG, "2025-06-01", "MY", origin="SG", designer="US")
    assert asleep.enforced.because.startswith("3A090.a for data centres")
