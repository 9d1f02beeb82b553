"""A question answered in a process of its own, so that it can be stopped and bounded."""

from __future__ import annotations

import contextlib
import resource
import secrets
import tempfile
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.claims.check import check as _loaded  # noqa: F401  (loaded before a child is made)
from chipassay.claims.door import ask
from chipassay.errors import ChipassayError
from chipassay.inquiry import catalogue_for
from chipassay.inquiry.training import train
from chipassay.records.question import Question, decode
from chipassay.units import parse
from chipassay.web.extras import extras

CPU_SECONDS = 300
MEMORY = int(parse("6 GB", "B"))
SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf", ".csv", ".json", ".jsonl"})


class Upload(NamedTuple):
    """What a reader handed over: for which field, its bytes, and the name to show."""

    field: str
    data: bytes
    name: str


catalogue_for(Question(task="chips")).chips()


def work(out: Connection, words: dict[str, Any], upload: Upload | None, form: str) -> None:
    """Answer one question and send what comes of it.

    `so_far`, as often as there is news, with what a search has found; `partial`, the answer to a
    part of the question; then `done`, `refused` or `failed`.
    """
    with contextlib.suppress(BrokenPipeError):
        try:
            _bound(resource.RLIMIT_CPU, CPU_SECONDS)
            _bound(resource.RLIMIT_AS, MEMORY)
            _answer(out, words, upload, form)
        except ChipassayError as error:
            out.send(("refused", (error.what, error.where, error.hint)))
        except Exception as error:  # the parent shows one line and stays up
            traceback.print_exc()
            out.send(("failed", type(error).__name__))


def _bound(limit: int, most: int) -> None:
    """Lower a limit of this process; a system that has none is left as it is."""
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard < 0 else min(most, hard), hard))


def _answer(out: Connection, words: dict[str, Any], upload: Upload | None, form: str) -> None:
    if upload is not None:
        out.send(("done", _of_upload(words, upload, form)))
        return
    question = decode(words)
    for part in _parts(words):
        with contextlib.suppress(ChipassayError):
            out.send(("partial", whole(ask(decode(part)), form) | {"first": FIRST}))
    if question.task == "train":
        answer = train(question, catalogue_for(question), _Heard(out, words))
    else:
        answer = ask(question)
    if question.task == "assay":
        out.send(("partial", plain(answer)))
    out.send(("done", whole(answer, form)))


FIRST = "A first answer, without the objectives; how they can be kept is being searched."


def _parts(words: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Parts of a question that are answered much sooner: a server's load without its objectives."""
    if words["task"] == "serve" and "slo" in words and "rate" in words:
        yield {name: value for name, value in words.items() if name != "slo"}


class _Heard:
    """What a search tells while it runs, passed on."""

    def __init__(self, out: Connection, asked: dict[str, Any]) -> None:
        self._out, self._asked = out, asked

    def __call__(self, told: dict[str, Any]) -> None:
        """Send the plans found so far; with nobody to hear it, the search ends."""
        self._out.send(("so_far", {"question": self._asked, "answer": {}, "so_far": told}))


def whole(answer: Any, form: str = "") -> dict[str, Any]:
    """An answer in its JSON form, with what its page shows beside it."""
    return plain(answer) | extras(answer, form)


def _of_upload(words: dict[str, Any], upload: Upload, form: str) -> dict[str, Any]:
    """The answer about an upload: a file with a name of ours for as long as it is read."""
    suffix = Path(upload.name).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="chipassay-") as folder:
        # No text holds this name by chance, so that it can be put right wherever it is said.
        ours = f"upload-{secrets.token_hex(8)}"
        path = Path(folder) / f"{ours}{suffix if suffix in SUFFIXES else '.txt'}"
        path.write_bytes(upload.data)
        value = (str(path),) if upload.field == "files" else str(path)
        try:
            answer = ask(decode({**words, upload.field: value}))
        except ChipassayError as error:
            where = error.where.replace(str(path), upload.name)
            raise ChipassayError(
                error.what.replace(str(path), upload.name), where=where, hint=error.hint
            ) from None
    documents = [
        {"name": upload.name, "text": each.text} for each in answer.context.get("documents", ())
    ]
    renamed: dict[str, Any] = _renamed(whole(answer, form), path, upload.name)
    return renamed | {"texts": documents}


def _renamed(value: Any, path: Path, name: str) -> Any:
    if isinstance(value, str):
        return value.replace(str(path), name).replace(path.name, name)
    if isinstance(value, dict):
        return {key: _renamed(each, path, name) for key, each in value.items()}
    if type(value) is list:
        return [_renamed(each, path, name) for each in value]
    return value


def plain(answer: Any) -> dict[str, Any]:
    """An answer in its JSON form, and whether it is a refusal."""
    form: dict[str, Any] = answer.as_json()
    return form | {"refusal": answer.refusal}
