"""Statements of law: days of acts, figures of law, and which chip a rule reaches on which day."""

from __future__ import annotations

import datetime

import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import Judged, judged
from chipassay.claims.claim import WRONG
from chipassay.claims.text.acts import FITTING, acts_of
from chipassay.claims.text.dates import stamps
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

CATALOGUE = Catalogue.shipped()
NAMES = index(CATALOGUE)
ACTS = acts_of(CATALOGUE)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


def read(text: str) -> list[Judged]:
    return judged(Document("own", text, text), NAMES, CATALOGUE)


def told(text: str) -> list[tuple[str, str, str, str]]:
    return [(claim.field, claim.relation, claim.words, verdict.outcome)
            for claim, verdict in read(text) if claim.kind == "law"]  # fmt: skip


def outcomes(text: str) -> set[str]:
    return {verdict.outcome for claim, verdict in read(text) if claim.kind == "law"}


def written(day: str) -> str:
    year, month, number = day.split("-")
    return f"{MONTHS[int(month) - 1]} {int(number)}, {year}"


CALLED = {
    "us-diffusion-2025": "The AI diffusion rule",
    "us-affiliates-2025-09": "The affiliates rule",
    "us-foundry-2025-01": "The foundry due diligence rule",
}


@pytest.mark.parametrize("id_", CALLED)
def test_each_day_of_an_act_confirms_its_own_verb_and_another_year_is_wrong(id_: str) -> None:
    act = next(each for each in ACTS if each.id == id_)
    verbs = {"effective": "took effect", "ended": "was suspended", "released": "was issued"}
    for kind, verb in verbs.items():
        for day in act.days[kind]:
            assert "supported" in outcomes(f"{CALLED[id_]} {verb} on {written(day)}."), (kind, day)
            year = int(day[:4]) - 3
            wrong = f"{CALLED[id_]} {verb} on {written(f'{year}{day[4:]}')}."
            assert outcomes(wrong) == {"contradicted"}, wrong


def test_days_of_acts_are_those_of_their_paragraphs() -> None:
    rules = CATALOGUE.rules()
    for row, act in zip(CATALOGUE.acts(), ACTS, strict=True):
        for id_ in row.get("rules", ()):
            for kind, day in (rules[id_].get("dates") or {}).items():
                assert day is None or day in act.days[kind]
        for day in act.ever():
            datetime.date.fromisoformat(day)
        assert act.ever()
    assert set(FITTING) >= {"effective", "ended", "released", "published", "named"}


@pytest.mark.parametrize("text", [
    "The AI diffusion framework entered into force on January 13, 2025.",
    "Officials announced on May 13, 2025 that they were rescinding the AI diffusion rule.",
    "The diffusion rule had been due to take effect on May 15, 2025.",
    "BIS suspended its 50% rule on 10 November 2025.",
    "The October 2023 rules took effect on November 17, 2023.",
    "The October 7, 2022 controls were expanded on October 17, 2023.",
    "New limits on chip exports, BIS regulations, were published on October 25, 2023.",
    "On January 15, BIS published a final rule on licences for the H200 to China.",
    "人工智能扩散框架于2025年1月13日发布。",
    "2023年10月17日,BIS发布对华芯片出口管制新规。",
    "BIS takes public comments on both of its rules until December 18, 2023.",
    "Comments on the interim final rule are due by Jan. 31, 2025.",
    "In December 2022 Commerce put 36 firms on its Entity List.",
    "BIS added 140 companies to the Entity List on December 2, 2024.",
    "美国2024年12月将140家实体列入实体清单。",
])  # fmt: skip
def test_a_fitting_day_of_an_act_is_confirmed(text: str) -> None:
    assert "supported" in outcomes(text)
    assert not outcomes(text) & set(WRONG)


@pytest.mark.parametrize("text", [
    "The AI diffusion rule came into force in April.",
    "The AI diffusion rule was issued in October 2023.",
    "The affiliates rule took effect in January 2025.",
    "The October 2022 rules took effect on January 1, 2024.",
    "The Trump administration issued the AI diffusion rule in January 2025.",
    "The Biden administration rescinded the AI diffusion rule in May 2025.",
    "The controls on high-bandwidth memory were issued on December 2, 2023.",
    "BIS announced new export controls on AI chips on October 17, 2022.",
    "The first US export controls on AI chips were published in March 2021.",
    "Biren was put on the Entity List in October 2022.",
    "The Biden administration put Huawei on the Entity List in May 2019.",
    "In August 2024 Nvidia and AMD agreed to pay the US 15% of their chip sales to China.",
    "Trump announced in December 2024 that Nvidia could sell the H200 to China.",
    "2023年12月2日,BIS发布高带宽内存出口管制规则。",
])  # fmt: skip
def test_a_day_that_is_none_of_a_named_acts_is_wrong(text: str) -> None:
    assert "contradicted" in outcomes(text)


@pytest.mark.parametrize("text", [
    "The AI diffusion rule, once its successor was drafted, came into force in April.",
    "The AI diffusion rule reportedly came into force in April.",
    "A rule on chip exports came into force in April 2025.",
    "The AI diffusion rule was tightened in March 2025.",
    "BIS added 39 companies to the Entity List on December 2, 2024.",
    "The 2020 export controls on chips were tightened.",
    "The Section 232 tariffs took effect in March 2018.",
    "The 50% rule was issued in August 2014.",
])  # fmt: skip
def test_where_anything_is_open_nothing_is_called_wrong_nor_all_of_it_right(text: str) -> None:
    found = read(text)
    assert found
    assert not {verdict.outcome for _, verdict in found} & set(WRONG)
    sure = [each for each in found if each[1].outcome == "supported"]
    assert not sure or any(verdict.differs for _, verdict in found)


@pytest.mark.parametrize("text", [
    "The committee's hearing is scheduled for 14 May.",
    "The zoning board takes public comments on both rules until December 18, 2023.",
    "The store's return rules take effect on March 1, 2025.",
    "The EU AI Act entered into force on 1 August 2024.",
    "The handbook was updated on December 2, 2024.",
    "The driver licence agreement was renewed on April 9, 2025.",
    "She joined the board on October 17, 2023 with 36 others.",
    "The town lifted its restriction on water use in May 2025.",
    "Mexico pays a 25% tariff on steel.",
    "The government owns 15% of the railway and gives it no revenue.",
    "Submissions are limited to 50 pages.",
    "Senators vote on the chip bill on June 3, 2025.",
    "The framework was released in January 2025 under an open licence.",
    "Officials threatened a 100% tariff on semiconductors.",
])  # fmt: skip
def test_what_is_no_act_on_chips_is_not_marked(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(("text", "field"), [
    ("Nvidia and AMD hand 15% of their China chip sales to the US government.", "fee"),
    ("Washington takes a 25% cut of H200 sales to China.", "fee"),
    ("英伟达须将H20在华销售收入的15%上缴美国政府。", "fee"),
    ("Section 232 puts a 25% duty on advanced chips.", "duty"),
    ("Shipments of the H200 to China may not exceed 50% of the volume sold at home.", "volume"),
    ("Under the affiliates rule firms owned 50% or more by listed parties count too.", "ownership"),
    ("The AI diffusion rule capped most countries at 50,000 GPUs.", "quota"),
    ("The AI diffusion rule left 18 allies without limits.", "partners"),
    ("The rule of 2022 caught chips with 600 GB/s or more of interconnect.", "io_limit"),
    ("The new controls cover HBM above 2 GB/s per square millimetre.", "density_limit"),
    ("The rule presumes a licence is needed from 30 billion transistors or more.",
     "transistor_limit"),
])  # fmt: skip
def test_a_figure_of_law_is_read_and_confirmed(text: str, field: str) -> None:
    found = {claim.field: verdict.outcome for claim, verdict in read(text)}
    assert found.get(field) == "supported"


@pytest.mark.parametrize("text", [
    "Washington takes a 15% cut of H200 sales to China.",
    "Section 232 puts a 15% duty on advanced chips.",
    "Shipments of the H200 to China may not exceed 30% of the volume sold at home.",
    "The AI diffusion rule capped most countries at 90,000 GPUs.",
    "The rule of 2022 caught chips with 450 GB/s or more of interconnect.",
])  # fmt: skip
def test_another_figure_of_law_is_never_confirmed(text: str) -> None:
    found = [verdict for claim, verdict in read(text) if claim.amount is not None]
    assert found
    assert all(verdict.outcome != "supported" for verdict in found)


@pytest.mark.parametrize("text", [
    "The H20 has needed an export licence since April 2025.",
    "In April 2025 the US banned the H20.",
    "Nvidia was told on April 9, 2025 that it cannot ship the H20 to China without a licence.",
    "The A800 and the H800 were barred in October 2023.",
    "RTX 4090 exports to China were restricted in October 2023.",
    "In August 2022 the US told Nvidia to stop selling the A100 to China.",
    "In May 2023 the H800 needed no export licence.",
    "Unlike the H100, the H20 was not yet banned in May 2024.",
    "自2025年4月起,H20对华出口需要许可证。",
    "2023年10月,A800被禁售。",
    "The A800 was built to comply with US export controls.",
    "In July 2025 the US said it would grant licences for the H20.",
    "In December 2025 Trump allowed H200 sales to China.",
    "Commerce put SMIC on the Entity List in December 2020.",
    "The A100 and H100 were restricted in August 2022.",
])  # fmt: skip
def test_the_law_of_the_printed_day_is_asked(text: str) -> None:
    assert outcomes(text) == {"supported"}


@pytest.mark.parametrize("text", [
    "The H20 has required a licence since January 2025.",
    "The US banned the H20 in October 2023.",
    "The A800 was banned in October 2022.",
    "In June 2025 the H20 did not need an export licence for China.",
    "The Biden administration banned the H20 in April 2025.",
    "In July 2024 Nvidia said it would resume H20 sales to China.",
    "The A100 was banned from China in May 2020.",
    "The H100 was first banned in October 2023.",
    "Nvidia was told on April 22, 2025 that the H20 needs an export licence.",
    "2022年10月,美国禁止英伟达向中国出口H800。",
])  # fmt: skip
def test_a_ban_of_a_day_without_one_is_wrong(text: str) -> None:
    assert outcomes(text) == {"contradicted"}


@pytest.mark.parametrize("text", [
    "The H20 is not subject to export controls.",
    "The US restricts sales of the H100.",
    "Beijing banned purchases of the H20 in October 2023.",
    "The Ascend 910B requires a US export licence.",
    "The US may have banned the H20 in October 2023.",
    "The US reportedly banned the H20 in October 2023.",
])  # fmt: skip
def test_a_licence_of_an_unknown_day_or_of_another_side_is_left_open(text: str) -> None:
    assert outcomes(text)
    assert not outcomes(text) - {"cannot tell"} or outcomes(text) == {"supported"}
    assert not outcomes(text) & set(WRONG)


@pytest.mark.parametrize("text", [
    "Access to the H100 cluster was blocked for two days in May 2024.",
    "Shipments of the GB200 were halted in August 2024 by a design flaw.",
    "Reviewers had the RTX 5090 under embargo until January 23, 2025.",
    "The B200 was barred by its height from smaller servers in 2025.",
    "The A100 cannot be sold below cost since March 2024.",
    "The H20 lets firms export models.",
])  # fmt: skip
def test_what_befalls_a_chip_without_a_government_is_no_law(text: str) -> None:
    assert told(text) == []


def test_the_name_of_an_act_is_not_what_a_sentence_on_sales_says() -> None:
    text = "Nvidia sold 1.3 million H20 chips before the April 2025 restrictions."
    assert told(text) == []


@pytest.mark.parametrize("text", [
    "Before October 2023 Nvidia could sell the H800 to China without a licence.",
    "Until April 2025 the H20 could be exported to China without an export licence.",
])  # fmt: skip
def test_before_a_day_means_the_law_until_then(text: str) -> None:
    assert outcomes(text) == {"supported"}


def test_each_day_goes_to_its_own_verb_and_the_next_sentence_is_no_part_of_it() -> None:
    text = "The AI diffusion rule, issued on January 13, 2025, came into force in April 2025. "
    found = told(text + "Gizmos rose.")
    assert found == [("rule_date", "issued", "2025-01-13", "supported"),
                     ("rule_date", "effective", "2025-04", "contradicted")]  # fmt: skip


def test_a_banned_chip_that_is_compared_is_no_statement_of_law() -> None:
    assert told("The banned H100 is faster than the H20.") == []


def test_the_number_of_the_control_list_is_asked_of_the_ruling() -> None:
    assert told("The H100 falls under ECCN 3A090.") == [("eccn", "listed", "3A090", "supported")]
    ((_, _, _, outcome),) = told("The H20 falls under ECCN 3A090.")
    assert outcome == "cannot tell"


@pytest.mark.parametrize(("text", "wanted"), [
    ("on 15 January", ["-01-15"]),
    ("since April 2025", ["2025-04"]),
    ("in late October", ["-10"]),
    ("by Jan. 31, 2025", ["2025-01-31"]),
    ("by May 15 and in 2022", ["-05-15", "2022"]),
    ("自2022年以来, 2025年4月9日", ["2022", "2025-04-09"]),
    ("it may 5 times; 3个月", ["-05-05"]),
    ("in 2022-23 or 2,022", []),
])  # fmt: skip
def test_days_keep_what_is_not_printed_open(text: str, wanted: list[str]) -> None:
    assert [day.iso for day in stamps(text, 0, len(text))] == wanted
