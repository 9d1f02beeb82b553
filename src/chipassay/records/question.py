"""The one type of question: what was asked, in names, counts and a date; never a looked-up figure.

Keyword arguments, command-line words, JSON, a query string and a table row are five spellings of
it. `QUESTION_FIELDS` says which task takes which word; `--help` is made from it.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from chipassay.errors import QuestionError, UnknownNameError, shown

Task = Literal["chips", "show", "compare", "assay", "train", "serve", "ship", "check", "validate"]
TASKS: tuple[Task, ...] = get_args(Task)
FIRST_DAY = datetime.date(2022, 1, 1)
_EVERYWHERE = ("chips", "show", "compare", "assay", "train", "serve", "ship", "check", "validate")
Kinds = Literal["kernels", "training", "serving", "law", "claims"]
Formats = Literal[
    "bf16",
    "fp16",
    "fp8",
    "fp8_block",
    "mxfp8",
    "nvfp4",
    "mxfp4",
    "int8",
    "w4a16",
    "w8a16",
    "w4a16_mxfp4",
]
TRAINED = ("bf16", "fp16", "fp8", "fp8_block", "mxfp8", "nvfp4", "mxfp4")
"""Formats that models are trained in; the others only serve."""
KINDS: tuple[str, ...] = get_args(Kinds)
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def _asked(
    default: Any,
    *tasks: Task,
    help: str,
    metavar: str = "",
    word: bool = False,
    option: tuple[str, ...] = (),
) -> Any:
    """A field of the question: which tasks take it, and how it is explained and spelled.

    A `word` needs no dashes, but in the tasks that `option` names.
    """
    named = list(tasks or _EVERYWHERE)
    extra: dict[str, Any] = {"tasks": named, "metavar": metavar, "word": word}
    extra["option"] = list(option)
    return Field(default, description=help, json_schema_extra=extra)


Name = Annotated[str, Field(min_length=1, max_length=200)]


class Question(BaseModel):
    """What was asked. Frozen, complete (a date is always filled in), and refusing unknown words."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    task: Task
    kind: Kinds | None = _asked(
        None, "validate", help="what is measured: kernels, training, serving, law …", word=True
    )
    file: Name | None = _asked(None, "validate", help="measured rows: .parquet or .csv", word=True)
    files: tuple[Name, ...] = _asked(
        (), "check", help="articles: .txt, .md, .html, .pdf, or - for standard input",
        metavar="FILE", word=True,
    )  # fmt: skip
    model: Name | None = _asked(
        None, "train", "serve", help="a catalogue id or the path of a config.json", word=True
    )
    chip: Name | None = _asked(
        None, "show", "assay", "train", "serve", "ship", help="a chip's id or exact name",
        metavar="CHIP", word=True, option=("train", "serve"),
    )  # fmt: skip
    chips: tuple[Name, ...] = _asked(
        (), "compare", "train", "serve", metavar="CHIP", word=True, option=("train", "serve"),
        help="two chips or more; ratios are to the first. train, serve: how many, or "
        "512..8192; serve: smallest, for the fewest that carry a rate",
    )  # fmt: skip
    plan: Name | None = _asked(
        None, "train", "serve", metavar="K=V,…",
        help="train: tp=8,pp=16,recompute=full,schedule=zb-h1,mtp=1 … (all in docs/training.md), "
        "with --search tp=2..8,zero=any; serve: tp=8,ep=8,mtp=1,kv=fp8 …, "
        "two pools as prefill=CHIP*8:tp=8,decode=CHIP*8:tp=4 (all in docs/simulation.md)",
    )  # fmt: skip
    input: Name | None = _asked(
        None,
        "assay",
        "serve",
        help="tokens of a prompt [assay: 1024]; serve: 512,turns=4,shared=256 too",
        metavar="I",
    )
    output: Name | None = _asked(
        None, "assay", "serve", help="tokens of an answer [assay: 1024]", metavar="O"
    )
    concurrency: Name | None = _asked(
        None, "assay", "serve", metavar="C",
        help="clients that each wait for an answer before they ask again [default: 16 a chip; "
        "assay: 4]; serve: 64,requests=640 is simulated",
    )  # fmt: skip
    rate: Name | None = _asked(
        None, "serve", metavar="R",
        help="requests that arrive in a second; 4,burst=3 in bursts, 1..16 over several rates",
    )  # fmt: skip
    trace: Name | None = _asked(
        None, "serve", metavar="FILE",
        help="requests with their times: .csv in Azure's form, .jsonl in Mooncake's",
    )  # fmt: skip
    engine: Name | None = _asked(
        None, "serve", help="inference engine [default: the usual one of the chip's maker]",
        metavar="E",
    )  # fmt: skip
    slo: Name | None = _asked(
        None, "assay", "serve", help="objectives that a plan must meet",
        metavar="ttft=2s,tpot=50ms",
    )  # fmt: skip
    frontier: bool = _asked(
        False, "serve", help="tokens a second and chip against tokens a second and user"
    )
    search: bool = _asked(False, "train", help="try every plan, within --plan, and show the best")
    goal: Literal["time", "cost", "energy", "rate"] | None = _asked(
        None, "train", metavar="time|cost|energy|rate",
        help="what the best number of chips of a range is best at [default: cost]",
    )  # fmt: skip
    batch: Name | None = _asked(
        None, "assay", "train", metavar="B",
        help="sequences of a step, or tokens where k, M or tokens follows; A..B tries doublings",
    )  # fmt: skip
    seq: Name | None = _asked(
        None, "assay", "train", help="tokens of a sequence [default: 4096]", metavar="S"
    )
    tokens: Name | None = _asked(
        None, "train", metavar="T",
        help="tokens to train on: 15T, 20x (the active weights), replication [default: 20x]",
    )  # fmt: skip
    precision: Formats | None = _asked(
        None, "assay", "train", "serve", metavar="P",
        help="format of matrix products [default: bf16]",
    )  # fmt: skip
    stack: Name | None = _asked(
        None, "train", help="training framework [default: the usual one of the chip's maker]",
        metavar="STACK",
    )  # fmt: skip
    run: Name | None = _asked(
        None, "train", metavar="K=V,…",
        help="what you know of the run: rent=2USD/h,electricity=0.06USD/kWh,overhead=1.2,"
        "failure_rate=0.4 … (docs/run.md)",
    )  # fmt: skip
    within: Name | None = _asked(
        None, "train", metavar="TIME",
        help="how many chips finish in this time (90 days); `train largest --chips N`: what model",
    )  # fmt: skip
    vendor: Name | None = _asked(None, "chips", help="only this maker's chips", metavar="V")
    field: Name | None = _asked(None, "show", help="only this figure", metavar="F")
    against: Name | None = _asked(
        None, "assay", "train", metavar="CHIP",
        help="the chip to measure against; train: what of the gap is silicon, what software",
    )  # fmt: skip
    move: Name | None = _asked(
        None, "train", metavar="people=20,time=6months,wage=150000USD/year",
        help="what moving from the chip of --against takes, for its cost beside the lost speed",
    )  # fmt: skip
    measured: Name | None = _asked(
        None, "train", metavar="FILE",
        help="measured steps; pairs of the same work on both chips show the gap that was measured",
    )  # fmt: skip
    to: str | None = _asked(
        None, "assay", "ship", help="destination, a two-letter country code", metavar="CC"
    )
    on: datetime.date | None = _asked(
        None, "assay", "ship", "check", metavar="DATE",
        help="the day the law is read on [default: today; for an article its own day]",
    )  # fmt: skip
    from_: str | None = _asked(
        None, "ship", help="country it is shipped from [default: US]", metavar="CC"
    )
    hq: str | None = _asked(
        None, "ship", metavar="CC",
        help="country where the buyer, or its ultimate parent, is headquartered [default: unknown]",
    )  # fmt: skip
    datacenter: Literal["yes", "no"] | None = _asked(
        None, "ship", help="marketed for data centres [default: as the catalogue says]",
        metavar="yes|no",
    )  # fmt: skip
    movement: Literal["export", "reexport", "transfer"] | None = _asked(
        None, "ship", help="how it moves; a transfer stays in one country",
        metavar="export|reexport|transfer",
    )  # fmt: skip
    party: Name | None = _asked(
        None, "ship", metavar="WHAT",
        help="what the buyer is: entity-list, affiliate 60%, military, uae-government …",
    )  # fmt: skip
    known: datetime.date | None = _asked(
        None, "ship", help="leave out what nobody could know by this day", metavar="DATE"
    )
    since: datetime.date | None = _asked(
        None, "ship", help="tell what changed from this day to --on", metavar="DATE"
    )
    ceilings: bool = _asked(False, "ship", help="how much it may have and stay outside the limits")
    train: Name | None = _asked(
        None, "assay", help="model to train: a catalogue id or a config.json", metavar="MODEL"
    )
    serve: Name | None = _asked(
        None, "assay", help="model to serve: a catalogue id or a config.json", metavar="MODEL"
    )
    train_chips: Name | None = _asked(
        None, "assay", metavar="N",
        help="how many train [default: a power of two with memory for four training states]",
    )  # fmt: skip
    serve_chips: Name | None = _asked(
        None, "assay", metavar="N", help="how many serve [default: a node of 8, or more to hold it]"
    )
    cuts: bool = _asked(
        False, "assay", help="turn each difference from --against on alone: what does it cost?"
    )
    hold_plan: bool = _asked(
        False, "assay", help="cuts keep the plan of the chip as it is [default: each its best]"
    )
    leave_out: Name | None = _asked(
        None, "validate", help="predict this chip with none of its rows in the fit", metavar="CHIP"
    )
    rows: Name | None = _asked(
        None, "validate", help="write each row with its prediction", metavar="OUT.csv"
    )
    but: dict[str, str] = _asked(
        {}, "show", "compare", "assay", "train", "serve", "ship", "check", "validate",
        help="a what-if; the chip is then named (modified)",
        metavar="CHIP.FIELD=VALUE",
    )  # fmt: skip
    catalogue: Name | None = _asked(
        None, help="a folder of your own chips, systems and models", metavar="DIR"
    )

    @field_validator("to", "from_", "hq")
    @classmethod
    def _country(cls, code: str | None) -> str | None:
        if code is None:
            return None
        if not _COUNTRY.fullmatch(code):
            raise ValueError(f"{shown(code)} is no country code; write two letters, as in CN")
        return code.upper()

    @field_validator("chips", mode="before")
    @classmethod
    def _several(cls, chips: Any) -> Any:
        """A plain count is a word of its own."""
        return (str(chips),) if isinstance(chips, (int, str)) else chips

    @field_validator(
        "batch", "seq", "tokens", "input", "output", "concurrency", "rate", "train_chips",
        "serve_chips", mode="before",
    )  # fmt: skip
    @classmethod
    def _written(cls, value: Any) -> Any:
        """Numbers may be given as numbers."""
        return f"{value:g}" if isinstance(value, float) else value if value is None else str(value)

    @field_validator("on", "since")
    @classmethod
    def _day(cls, day: datetime.date | None) -> datetime.date | None:
        if day is not None and day < FIRST_DAY:
            raise ValueError(f"{day} lies before {FIRST_DAY}, where the rulebook begins")
        return day

    @model_validator(mode="after")
    def _fits_its_task(self) -> Question:
        for name in self.model_fields_set - {"task"}:
            tasks = field_extra(name)["tasks"]
            if self.task not in tasks:
                raise ValueError(f"{self.task} takes no {name}; {' and '.join(tasks)} do")
        if self.task == "validate" and (self.kind is None or self.file is None):
            hint = "try `validate kernels gemm.parquet`"
            raise ValueError(f"validate needs a kind and a file; {hint}")
        if self.task in ("show", "assay", "ship") and self.chip is None:
            raise ValueError(f"{self.task} needs a chip; try `chipassay {self.task} h20`")
        if self.task == "compare" and len(self.chips) < 2:
            raise ValueError("compare needs two chips or more; try `chipassay compare h20 h100`")
        if self.task == "train":
            self._training_is_asked()
        if self.task == "serve" and (self.model is None or self.chip is None or not self.chips):
            hint = "try `chipassay serve llama3.1-70b --chip h20 --chips 8 --input 512 --output 99`"
            raise ValueError(f"serve needs a model, a chip and how many; {hint}")
        if self.task == "serve" and self.concurrency is not None and self.rate is not None:
            raise ValueError("serve takes --concurrency or --rate, not both; drop one")
        if self.task == "serve" and self.trace is not None:
            for name in ("concurrency", "rate", "input", "output"):
                if getattr(self, name) is not None:
                    raise ValueError(f"a trace brings its own load; drop --{name}")
        if self.task == "ship" and self.to is None:
            raise ValueError("ship needs a destination; add --to CN")
        if self.since is not None and self.on is not None and self.since > self.on:
            raise ValueError(f"--since {self.since} lies after {self.on}; give an earlier day")
        if self.task == "check" and not self.files:
            raise ValueError("check needs a file; try `chipassay check article.html`")
        if self.cuts and self.against is None:
            raise ValueError("--cuts needs a chip to measure against; add --against CHIP")
        if self.task == "assay":
            self._work_is_asked()
        return self

    def _training_is_asked(self) -> None:
        """A model, a chip and how many; two chips on one number of each."""
        if self.model is None or self.chip is None:
            problem = "train needs a model and a chip"
            raise ValueError(f"{problem}; try `chipassay train gpt3-175b --chip h20 --chips 1024`")
        if self.against is None:
            for name in ("move", "measured"):
                if getattr(self, name) is not None:
                    raise ValueError(f"--{name} wants a chip to compare with; add --against CHIP")
        elif self.within or ".." in "".join(self.chips):
            raise ValueError("two chips are compared on one number of each; give --chips N")
        if not self.chips and self.within is None:
            raise ValueError("train needs --chips N; or --within TIME asks how many")
        if self.precision is not None and self.precision not in TRAINED:
            known = ", ".join(TRAINED)
            raise ValueError(f"nobody trains in {self.precision}; {known} are trained in")

    def _work_is_asked(self) -> None:
        """Words of training and serving want a model for it."""
        for words, model in ((_OF_TRAINING, "train"), (_OF_SERVING, "serve")):
            for name in words:
                if getattr(self, name) is not None and getattr(self, model) is None:
                    option = name.replace("_", "-")
                    raise ValueError(f"--{option} belongs to a model; add --{model} MODEL")
        if self.train is not None and self.precision is not None and self.precision not in TRAINED:
            raise ValueError(f"nobody trains in {self.precision}; drop --train or take bf16")


_OF_TRAINING = ("train_chips", "batch", "seq")
_OF_SERVING = ("serve_chips", "input", "output", "concurrency", "slo")


def field_extra(name: str) -> dict[str, Any]:
    """Which tasks take a field, its metavar, and whether it is spelled without a dash."""
    extra = Question.model_fields[name].json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {"tasks": [], "metavar": "", "word": False}


def decode(words: dict[str, Any], *, today: datetime.date | None = None) -> Question:
    """The question behind plain words, complete: an absent date becomes today's.

    Raises `QuestionError` with one line: which word, what is wrong with it, what to try.
    """
    given = {key: value for key, value in words.items() if value is not None}
    if "from" in given:
        given["from_"] = given.pop("from")
    if given.get("task") in ("assay", "ship") and "on" not in given:
        given["on"] = today or datetime.datetime.now(datetime.UTC).date()
    try:
        return Question(**given)
    except ValidationError as error:
        raise _refusal(error) from None


def encode(question: Question) -> dict[str, Any]:
    """The plain words of a question: `decode(encode(q)) == q`."""
    plain: dict[str, Any] = question.model_dump(mode="json", exclude_defaults=True)
    return plain


def _refusal(error: ValidationError) -> QuestionError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return UnknownNameError("word of a question", where, Question.model_fields)
    what, _, hint = first["msg"].removeprefix("Value error, ").partition("; ")
    if first["type"].startswith("date"):
        what, hint = f"{shown(first['input'])} is no day", "write it as 2025-07-15"
    if not what.startswith(tuple("'\"-")) and not hint:
        what = f"{shown(first['input'])}: {what[0].lower()}{what[1:]}" if where else what
    return QuestionError(what, where=where, hint=hint)
