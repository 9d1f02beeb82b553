"""A plan in words: what can be said, what is refused and with what hint, what each word does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError
from chipassay.inquiry import ask
from chipassay.inquiry.plan_words import WORDS, as_text, read_words
from chipassay.inquiry.plans import fitted
from chipassay.model.stages import deal
from chipassay.records.plan import Plan

CATALOGUE = Catalogue.shipped()
DOCS = Path(__file__).parents[1] / "docs"
GPT = find_model(CATALOGUE, "gpt3-175b").architecture
USUAL = Plan(batch=1024.0)


@pytest.mark.parametrize(
    ("written", "chips", "complaint"),
    [
        (
            "tp=7,pp=3",
            1000,
            "ask for 987 or 1008 chips; nearest that works: --plan tp=4,pp=5",
        ),
        (
            "tp=8,pp=8,dp=15",
            1024,
            "960 chips, not 1024; nearest that works: --plan tp=8,pp=8,dp=16",
        ),
        ("tp=5", 10, "does not divide 96 heads; nearest that works: --plan tp=2,pp=5,dp=1"),
        ("tp=8,pp=8,vp=16", 64, "128 chunks of 96 layers"),
        ("pp=1,vp=2", 8, "vp wants a pipeline"),
        ("tp=8,ep=2", 8, "has no experts"),
        ("tp=1,mbs=3", 1024, "smaller than dp 1024 x mbs 3"),
        ("tp=8,mbs=3", 64, "try --batch 1008 or 1032"),
        ("tp=0", 8, "give a whole number from 1"),
        ("tp=nan", 8, "cannot be"),
        ("zero=4", 8, "from 0 to 3"),
        ("offload=1.5", 8, "share from 0 to 1"),
        ("sp=perhaps", 8, "say yes or no"),
        ("tp", 8, "no part of a plan"),
        ("recompute=some", 8, "no recompute is called 'some'"),
        ("pp=16,vp=2,schedule=zb-v", 64, "works: --plan tp=1,pp=16,dp=4,schedule=zb-v"),
        ("pp=16,schedule=dualpipe", 1024, "wants 32 micro-batches or more, not 16"),
        ("pp=5,schedule=dualpipe", 1000, "pp 5 is odd"),
        ("pp=8,schedule=zb-h2", 8, "did you mean zb-h1"),
        ("schedule=interleaved", 8, "say vp=2 or more"),
        ("hsdp=7", 64, "do not divide 64 data ranks; say shard=8"),
        ("zero=1,fsdp=yes", 8, "zero is said twice"),
        ("tp=8,pp=4,first=60,last=40", 32, "leave -4 of 96 layers for 2 stages"),
        ("mask=document", 8, "add document=2048"),
        ("mask=causal,document=512", 8, "a causal mask knows no documents"),
        ("mask=windowed", 8, "it is causal or document"),
        ("exchange=rings,cp=2", 8, "did you mean ring"),
        ("ga=4,tp=8", 64, "makes a batch of 32, not the 1024"),
        ("tp=2..8", 8, "say one, or add --search"),
        ("mtp=-1", 8, "give a whole number from 0"),
        ("tq=8", 8, "no word of a plan is called 'tq'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_what_can(
    written: str, chips: int, complaint: str
) -> None:
    with pytest.raises(QuestionError) as refused:
        fitted(read_words(written), USUAL, chips, GPT, asked_batch=True)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_plan_reads_back_as_it_is_written() -> None:
    written = "tp=8,pp=4,dp=2,vp=3,mbs=2,zero=1,sp=yes,recompute=full,schedule=1f1b"
    plan = read_words(written).plan(USUAL)
    assert as_text(plan) == written
    assert read_words(as_text(plan)).plan(USUAL) == plan


@pytest.mark.parametrize(
    ("written", "as_plan"),
    [
        ("fsdp=yes", {"zero": 3.0}),
        ("hsdp=8", {"zero": 3.0, "shard": 8.0}),
        ("pp=8,vp=2,schedule=interleaved", {"schedule": 1.0, "virtual": 2.0}),
        ("pp=8,recompute=3", {"recompute": 2.0, "recomputed": 0.25}),
        ("cp=2,exchange=allgather", {"exchange": 2.0}),
        ("tp=8,ga=16", {"batch": 128.0}),
        ("pp=4,first=23,last=25", {"first_layers": 23.0, "last_layers": 25.0}),
    ],
)
def test_a_word_sets_its_field(written: str, as_plan: dict[str, float]) -> None:
    plan = fitted(read_words(written), USUAL, 64, GPT, asked_batch=False)
    assert {name: getattr(plan, name) for name in as_plan} == as_plan


def test_a_search_takes_several_values_of_a_word() -> None:
    said = read_words("tp=2..16,schedule=1f1b/zb-h1,zero=any,pp=any")
    assert said.values == {
        "tensor": (2.0, 4.0, 8.0, 16.0), "schedule": (1.0, 2.0), "zero": (0.0, 1.0, 2.0, 3.0),
    }  # fmt: skip


def test_every_word_is_explained() -> None:
    page = (DOCS / "training.md").read_text(encoding="utf-8")
    for name, word in WORDS.items():
        assert f"| `{name}` |" in page, name
        assert word.says in page, name


@given(st.integers(1, 20), st.integers(1, 20))
def test_ends_dealt_by_hand_keep_all_layers(first: int, last: int) -> None:
    found = deal((0,) * 96, (1.0,), 6, 1, False, (first, last))
    assert found.first == (first,)
    assert found.last == (last,)
    assert first + last + 4 * found.heavy[0] >= 96


# What a word does to a step and to memory

LLAMA = {"task": "train", "model": "llama3.1-70b", "chip": "h100-sxm5", "chips": 256}


def told(plan: str, **words: Any) -> tuple[float, float]:
    """Seconds of a step, and bytes on the fullest chip."""
    answer = ask(**{**LLAMA, "batch": 256, "seq": 8192, "plan": plan, **words})
    return answer.step_time.value, answer.memory_per_chip.value


@pytest.mark.parametrize("plan", ["tp=8,pp=4", "tp=8,pp=2,cp=2", "tp=4,pp=8,recompute=full"])
def test_masking_documents_is_never_slower_and_shorter_ones_are_faster(plan: str) -> None:
    times = [told(plan)[0]]
    times += [told(f"{plan},mask=document,document={n}")[0] for n in (8192, 2048, 512)]
    assert times[1] == pytest.approx(times[0])
    assert times[0] > times[2] >= times[3]


@pytest.mark.parametrize("plan", ["tp=8,pp=1", "tp=8,pp=4"])
def test_a_layer_that_predicts_more_tokens_costs_time_and_memory(plan: str) -> None:
    (plain, lean), (slower, fuller), (more, fullest) = (
        told(f"{plan},mtp={n}", chips=512) for n in (0, 1, 2)
    )
    assert plain < slower < more
    assert lean < fuller < fullest


def test_activations_with_the_host_save_memory_and_time_is_paid_for_it() -> None:
    (plain, full), (half, less), (whole, least) = (
        told(f"tp=8,pp=4,offload_act={share}") for share in (0, 0.5, 1)
    )
    assert full > less > least
    assert plain < half < whole


def test_the_optimiser_with_the_host_saves_memory_and_time_is_paid_for_it() -> None:
    (plain, full), (slower, less) = (told(f"tp=8,pp=4,offload={share}") for share in (0, 1))
    assert full > less
    assert plain < slower


def test_shards_over_fewer_ranks_take_more_memory() -> None:
    plans = ("hsdp=8", "hsdp=64", "fsdp=yes")
    sizes = [told(f"tp=1,{each}", batch=512)[1] for each in plans]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_sharding_more_saves_memory_and_is_paid_for_with_every_micro_batch() -> None:
    found = [told(f"tp=8,zero={stage}", batch=512, chips=512) for stage in (1, 2, 3)]
    times, sizes = ([each[n] for each in found] for n in (0, 1))
    assert times == sorted(times)
    assert sizes == sorted(sizes, reverse=True)


def test_recomputing_some_layers_lies_between_none_and_all() -> None:
    plans = ("none", "5", "10", "full")
    found = [told(f"tp=8,pp=4,recompute={each}") for each in plans]
    times, sizes = ([each[n] for each in found] for n in (0, 1))
    assert times == sorted(times)
    assert sizes == sorted(sizes, reverse=True)


def test_a_dualpipe_holds_every_stage_twice() -> None:
    usual, dual = (
        ask(**LLAMA, batch=1024, plan=f"tp=8,pp=4,schedule={each}").memory_parts
        for each in ("1f1b", "dualpipe")
    )
    assert dual["weights"] == pytest.approx(2.0 * usual["weights"])


def test_gathered_keys_show_and_passed_ones_hide() -> None:
    ring, gather = (told(f"tp=8,pp=1,cp=4,exchange={each}", seq=65536, batch=64)[0]
                    for each in ("ring", "allgather"))  # fmt: skip
    assert ring <= gather


def test_an_uneven_deal_that_lightens_the_last_stage_is_faster_with_a_large_head() -> None:
    words = {"model": "llama3.1-8b", "chips": 64, "batch": 512, "chip": "h100-sxm5"}
    level = told("tp=1,pp=4,mbs=1", **words)[0]
    lighter = told("tp=1,pp=4,mbs=1,first=9,last=5", **words)[0]
    assert lighter < level
