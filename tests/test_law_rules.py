"""The rulebook as a whole: every limit, every day, every rule; the table of cases; columns."""

from __future__ import annotations

import csv
import datetime
import itertools
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law_cases import CASES, CATALOGUE, COUNTRIES, book, parcel, part

from chipassay import ask
from chipassay.errors import QuestionError
from chipassay.facts.yaml_file import read_yaml
from chipassay.inquiry.law_cases import decided
from chipassay.law.ceilings import least_area, most_performance
from chipassay.law.classes import UNKNOWN, named, possible, table
from chipassay.law.columns import judged
from chipassay.law.countries import groups_at
from chipassay.law.item import measured
from chipassay.law.judge import Part, judge
from chipassay.law.parcel import PARTIES, Party, party
from chipassay.law.rulebook import WRITTEN
from chipassay.law.ruling import SEVERITY
from chipassay.law.sway import sways
from chipassay.records.item import Item
from chipassay.units import factor

RULES = CATALOGUE.rules()
STATUSES = [(id_, status) for id_, rule in RULES.items() for status in rule["status"]]


def day_before(day: str) -> str:
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat()


@pytest.mark.parametrize(("id_", "status"), STATUSES, ids=lambda each: str(each)[:40])
def test_a_standing_begins_on_its_day_and_ends_on_another(id_: str, status: dict[str, Any]) -> None:
    def state(day: str) -> str:
        return next(rule.state for rule in book(day).rules if rule.id == id_)

    def basis(day: str) -> str:
        return next(rule.basis for rule in book(day).rules if rule.id == id_)

    assert (state(status["from_"]), basis(status["from_"])) == (status["state"], status["basis"])
    if status["from_"] > "2022-01-01":
        assert basis(day_before(status["from_"])) != status["basis"]
    if status.get("until"):
        assert basis(day_before(status["until"])) == status["basis"]
        assert basis(status["until"]) != status["basis"]


def test_no_rule_is_known_before_it_could_be() -> None:
    for id_, status in STATUSES:
        day, known = status["from_"], status.get("known") or status["from_"]
        before = book(max(day, known), day_before(known))
        after = book(max(day, known), known)
        told = {rule.id: rule.basis for rule in after.rules}
        if not status.get("until") or status["until"] > max(day, known):
            assert told[id_] == status["basis"]
        assert {rule.id: rule.basis for rule in before.rules}[id_] != status["basis"]


def test_dates_of_an_instrument_agree_with_its_standing() -> None:
    for id_, rule in RULES.items():
        dates = {name: day for name, day in (rule.get("dates") or {}).items() if day}
        first = rule["status"][0]
        if "effective" in dates and id_ != "us-review-2025-elsewhere-b":
            assert first["from_"] == dates["effective"], id_
        if "compliance" in dates and first["state"] == "pending" and "until" in first:
            assert first["until"] <= dates["compliance"]
        if "released" in dates and "published" in dates:
            assert dates["released"] <= dates["published"]


def at(measure: str, value: float, of: Item) -> Item:
    """The item with one measure set, its bound too."""
    extra = {f"{measure}_most": value} if measure in ("performance", "density") else {}
    return of._replace(**{measure: value}, **extra)


LIMITS = [
    (rule.id, name)
    for rule in book("2026-08-01").rules
    if rule.layer in ("classification", "review", "letter", "fiscal", "exception") and rule.test
    for name in rule.limits
    if name != "together"
]


@pytest.mark.parametrize(("id_", "name"), LIMITS)
def test_every_limit_decides_just_under_at_and_just_over(id_: str, name: str) -> None:
    from chipassay.law.paragraphs import TESTS

    rule = next(each for each in book("2026-08-01").rules if each.id == id_)
    measure, limit = name.removesuffix("_below"), rule.limits[name]
    of = measured(1.0, 1.0, for_datacenter=0.0 if rule.test == "consumer_part" else 1.0)
    of = of._replace(conditions=1.0, input_output=0.0, memory_bandwidth=0.0)
    for other, bound in rule.limits.items():
        if other.endswith("_below"):
            of = at(other.removesuffix("_below"), bound * 0.99, of)
    for other, bound in rule.limits.items():
        inside = rule.test == "reaches_either_bandwidth" and other != name
        if not other.endswith("_below") and not inside:
            of = at(other, bound * 1.001, of)
    truths = [
        float(TESTS[rule.test](at(measure, limit * shift, of), rule.limits))
        for shift in (1 - 1e-6, 1.0, 1 + 1e-6)
    ]
    strict = rule.test == "stacked_memory"
    if name.endswith("_below"):
        assert truths == [1.0, 0.0, 0.0]
    else:
        assert truths == ([0.0, 0.0, 1.0] if strict else [0.0, 1.0, 1.0])
    unknown = float(TESTS[rule.test](at(measure, float("nan"), of), rule.limits))
    assert unknown == 0.5


def test_every_rule_is_hit_by_some_situation() -> None:
    hit: set[str] = set()
    nvidia = Part("", "x", "NVIDIA")
    parts = [
        (part("15832", area="814", io="1028", memory="4800"),
         Part("h200-sxm", "NVIDIA H200", "NVIDIA")),
        (part("20900", area="2400", io="1028", memory="6000"), Part("", "AMD MI308X", "AMD")),
        (part("5285", area="609", io="64", memory="1500", datacenter=False), nvidia),
        (part("2896", area="609", io="64", memory="864"), Part("", "AMD MI309", "AMD")),
        (part("2368", area="814", io="1028", memory="4000"),
         Part("h20-96gb", "NVIDIA H20", "NVIDIA")),
        (part("1600", area="500", io="64", memory="64"), nvidia),
        (part("1600", area="200", io="64", memory="64"), nvidia),
        (part("4000", area="300", io="64", memory="64", datacenter=False), nvidia),
        (part("4992", area="826", io="664", memory="2039"),
         Part("a100-sxm-80gb", "NVIDIA A100", "NVIDIA")),
        (part(stack="3.0")._replace(conditions=1.0), Part("", "HBM", "", "memory")),
        (part(stack="6.0"), Part("", "HBM", "", "memory")),
        (part()._replace(transistors=1e9), Part("", "hbm=no", "", "foundry")),
        (part("9000", area="665", io="392", memory="1600"), Part("", "Huawei", "Huawei")),
    ]  # fmt: skip
    kinds = (
        "none", "entity-list", "affiliate", "military", "uae-government", "g42", "fabricator",
    )  # fmt: skip
    places = ("CN", "MO", "VN", "AE", "DE", "MY", "SA", "RU")
    ways = list(itertools.product(places, ("", "CN", "BR"), ("export", "transfer"), kinds))
    for id_, rule in RULES.items():
        day = max(rule["status"][0]["from_"], "2022-03-01")
        for (to, hq, movement, kind), (of, what) in itertools.product(ways, parts):
            if id_ in hit:
                break
            if kind != "none" and (movement != "export" or hq):
                continue
            abroad = "MY" if (hq, to) == ("BR", "DE") else "US"
            origin = to if movement == "transfer" else abroad
            designer = "CN" if what.maker == "Huawei" else "US"
            sent = parcel(
                day, to, hq=hq, movement=movement, origin=origin, party=Party(kind, 0.6),
                designer=designer,
            )  # fmt: skip
            finding = judge(of, what, sent, book(day), COUNTRIES)
            hit |= {rule.id for rule in (*finding.used, *finding.also)}
            hit |= {p.rule.id for p in finding.paragraphs if p.outcome == "caught"}
    assert set(RULES) == hit


def test_the_table_of_cases() -> None:
    if not CASES.is_file():
        pytest.skip("the table of cases lies in ../shared, which is not here")
    answer = ask(task="validate", kind="law", file=str(CASES))
    assert answer.rows == answer.predicted == 139
    assert answer.skipped == []
    assert answer.disagree == []
    assert answer.agree == 139


def test_a_class_of_2023_does_not_begin_a_day_early() -> None:
    """On the day before the rule of November 2023 no case has a class of it."""
    if not CASES.is_file():
        pytest.skip("the table of cases lies in ../shared, which is not here")
    with CASES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["as_of_date"] == "2023-11-17"]
    assert len(rows) > 20
    for row in rows:
        before = decided({**row, "as_of_date": "2023-11-16"}, CATALOGUE).classification
        assert not before.startswith(("3A090.", "4A090."))
        assert before != UNKNOWN or not row["io_bandwidth_GBps"]


DAYS = [
    "2022-09-01",
    "2022-12-01",
    "2023-11-01",
    "2024-01-15",
    "2024-06-01",
    "2025-06-01",
    "2026-02-01",
]
figures = st.lists(
    st.tuples(
        st.sampled_from([1599.0, 1600, 2400, 4799, 4800, 21000]) | st.floats(1, 30000),
        st.floats(50, 5000), st.floats(0, 2000), st.floats(0, 9000),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
    min_size=1, max_size=20,
)  # fmt: skip


@settings(max_examples=40)
@given(
    figures, st.sampled_from(DAYS), st.sampled_from(["CN", "VN", "DE", "RU", "AE"]),
    st.sampled_from(["", "CN", "US"]), st.sampled_from(["NVIDIA", "AMD", ""]),
)  # fmt: skip
def test_a_row_of_a_column_is_the_design_judged_alone(
    rows: list[tuple[float, ...]], day: str, to: str, hq: str, maker: str
) -> None:
    tpp, area, io, memory, market = np.array(rows).T
    tpp, area = tpp * factor("TPP"), area * factor("mm2")
    rest = {"input_output": io * factor("GB/s"), "memory_bandwidth": memory * factor("GB/s")}
    sent, what = parcel(day, to, hq=hq), Part(maker=maker)
    of = measured(tpp, area, for_datacenter=market, **rest)
    classes, outcomes = judged(of, sent, book(day), COUNTRIES, what).named()
    for row in range(len(rows)):
        alone = Item(*(float(np.broadcast_to(field, tpp.shape)[row]) for field in of))
        finding = judge(alone, what, sent, book(day), COUNTRIES)
        assert (classes[row], outcomes[row]) == (finding.classification, finding.enforced.outcome)


def test_a_million_designs_take_less_than_half_a_second_of_one_core() -> None:
    generator = np.random.default_rng(1)
    count = 250_000
    of = measured(
        generator.uniform(0, 25000, count) * factor("TPP"),
        generator.uniform(100, 2000, count) * factor("mm2"),
        input_output=generator.uniform(0, 2000, count) * factor("GB/s"),
        memory_bandwidth=generator.uniform(0, 9000, count) * factor("GB/s"),
        for_datacenter=generator.integers(0, 3, count) / 2,
    )
    sent, rules, what = parcel("2026-02-01"), book("2026-02-01"), Part(maker="NVIDIA")
    judged(of, sent, rules, COUNTRIES, what)
    spent = []
    for _ in range(3):
        start = time.process_time()
        judged(of, sent, rules, COUNTRIES, what)
        spent.append(time.process_time() - start)
    assert count / min(spent) > 2_000_000


def test_columns_of_memory_are_refused() -> None:
    with pytest.raises(QuestionError, match="one by one"):
        judged(part(), parcel("2025-06-01"), book("2025-06-01"), COUNTRIES, Part(kind="memory"))


@settings(max_examples=60)
@given(
    st.floats(50, 5000), st.sampled_from([0.0, 1.0]), st.sampled_from(["2022-12-01", "2024-06-01"])
)
def test_below_the_ceiling_a_part_is_outside_and_at_it_caught(
    area: float, market: float, day: str
) -> None:
    rows = table(book(day), "ic")
    links = 900 * factor("GB/s")
    die = area * factor("mm2")
    most = most_performance(rows, die, for_datacenter=market, input_output=links)
    for share, outside in ((0.1, True), (1 - 1e-9, True), (1.0, False), (1.5, False)):
        of = measured(most * share, die, for_datacenter=market, input_output=links)
        assert (named(int(possible(of, rows))) == "none") == outside


@settings(max_examples=60)
@given(st.floats(1, 10000), st.sampled_from([0.0, 1.0]))
def test_above_the_least_die_a_part_is_outside(tpp: float, market: float) -> None:
    rows = table(book("2024-06-01"), "ic")
    performance = tpp * factor("TPP")
    least = least_area(rows, performance, for_datacenter=market)
    if least == float("inf"):
        assert tpp >= 4800
        return
    if least == 0:
        assert tpp < 1600 or (market == 0 and tpp < 4800)
        return
    for share, outside in ((1 + 1e-9, True), (3.0, True), (1.0, False), (0.5, False)):
        of = measured(performance, least * share, for_datacenter=market)
        assert (named(int(possible(of, rows))) == "none") == outside


def test_what_would_flip_an_answer_does() -> None:
    def told(of: Item, day: str, answer: tuple[str, str], **words: str) -> list[dict[str, Any]]:
        what = Part(**words)
        return sways(of, what, parcel(day), book(day), COUNTRIES, answer)

    card = part("4750", area="750", memory="1792", datacenter=False)
    first = told(card, "2025-06-01", ("none", "no_licence"))[0]
    assert (first["figure"], first["classification"]) == ("performance", "3A090.a")
    assert first["by"] == pytest.approx(4800 / 4750 - 1)
    window = part("20919", area="2400", memory="6000")
    certified = ("3A090.a", "licence:case_by_case_if_certified")
    flips = told(window, "2026-02-01", certified)
    assert [each["figure"] for each in flips] == ["performance", "memory_bandwidth"]
    assert flips[0]["by"] == pytest.approx(21000 / 20919 - 1)
    assert flips[1]["by"] == pytest.approx(6500 / 6000 - 1)
    named_part = part("2368", area="814", io="1028", memory="4000")
    letter = ("none", "licence:letter")
    by_name = told(named_part, "2025-06-01", letter, name="NVIDIA H20", maker="NVIDIA")
    assert {each["figure"] for each in by_name} == {"performance", "die_area"}
    assert told(part("4750"), "2025-06-01", (UNKNOWN, UNKNOWN)) == []
    assert told(part("4750", least=True), "2025-06-01", ("none", "no_licence")) == []


def test_country_groups_on_days() -> None:
    def group(name: str, day: str) -> frozenset[str]:
        return groups_at(COUNTRIES, datetime.date.fromisoformat(day))[name]

    assert "MO" not in group("D:5", "2024-01-01")
    assert "MO" in group("D:5 or Macau", "2024-01-01")
    assert not group("licensed destinations", "2024-01-01") & {"IL", "CY", "TW", "SG", "IN", "TR"}
    assert {"CN", "MO", "RU", "VN", "SA", "AE", "AF"} <= group(
        "licensed destinations", "2024-01-01"
    )
    assert "AE" in group("D:4", "2026-07-09") - group("D:4", "2026-07-10")
    assert "AE" in group("A:5", "2026-07-10") - group("A:5", "2026-07-09")
    assert "AE" in group("D:1 or D:4", "2026-07-10")
    assert "KH" in group("D:5", "2025-11-06") - group("D:5", "2025-11-07")
    assert "NI" in group("D:5", "2024-03-15") - group("D:5", "2024-03-14")
    assert "CY" in group("D:5", "2022-09-30") - group("D:5", "2022-10-01")
    assert len(group("Supplement 5(a)", "2025-02-01") - {"US"}) == 18


@pytest.mark.parametrize(
    ("written", "kind", "share"),
    [
        ("Entity List", "entity-list", 0),
        ("60% owned by Entity List party, itself unlisted", "affiliate", 0.6),
        ("UAE government agency", "uae-government", 0),
        ("company owned by the UAE government", "uae-government", 0),
        ("Huawei (Entity List) is the seller", "none", 0),
        ("", "none", 0),
        ("military end user", "military", 0),
        ("Core42", "g42", 0),
        ("Supp. 8 entity", "supplement-8", 0),
        ("subsidiary of a listed company", "affiliate", 1.0),
        ("majority-owned by listed parties", "affiliate", 0.5),
        ("affiliate", "affiliate", 0.5),
        ("unlisted", "none", 0),
        ("French government", "none", 0),
        ("front-end fabricator", "fabricator", 0),
    ],
)  # fmt: skip
def test_parties_are_read_from_words(written: str, kind: str, share: float) -> None:
    assert party(written) == Party(kind, share)


def test_what_names_no_party_is_refused() -> None:
    with pytest.raises(QuestionError, match="entity-list"):
        party("a friend of a friend")
    assert all(party(each) for each in PARTIES)


def test_every_rule_has_text_and_a_place() -> None:
    for id_, rule in RULES.items():
        assert len(rule["text"]) > 30, id_
        assert rule["cite"], id_
        assert rule["layer"] != "requirement" or rule["when"], id_
        assert all(each in RULES for each in rule.get("exceptions", ())), id_
        outcome = rule.get("outcome")
        if rule["layer"] in ("exception", "review", "letter", "party", "embargo"):
            assert outcome in SEVERITY, id_
        if rule.get("quoted"):
            assert rule["confidence"] == "seen", id_
    quoted = [id_ for id_, rule in RULES.items() if rule.get("quoted")]
    assert len(quoted) >= 25


def test_no_two_reviews_fit_one_shipment_but_the_window() -> None:
    """Apart from the window, exactly one review policy answers each shipment."""
    for day, to, hq in itertools.product(
        DAYS[1:], ("CN", "MO", "VN", "DE", "AE"), ("CN", "US", "BR")
    ):
        for cell in ("a_datacenter", "a_other", "b", "c", "old"):
            rules = book(day)
            fits = [
                rule.id
                for rule in rules.layer("review", WRITTEN)
                if cell in rule.classes and not rule.test
                and parcel(day, to, hq=hq).meets(rule, COUNTRIES)
            ]  # fmt: skip
            asks = [
                rule.id
                for rule in rules.layer("requirement", WRITTEN)
                if cell in rule.classes and parcel(day, to, hq=hq).meets(rule, COUNTRIES)
            ]
            assert len(fits) == 1 or not asks, (day, to, hq, cell, fits, asks)


def test_the_files_name_their_rules() -> None:
    from chipassay.catalogue.catalogue import DATA

    for path in (DATA / "law").rglob("*.yaml"):
        assert read_yaml(path).data["id"] == path.stem
