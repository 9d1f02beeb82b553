"""Asking on behalf of a page: answers kept for a while, long ones in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import multiprocessing
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from chipassay.claims.door import ask
from chipassay.errors import ChipassayError, QuestionError
from chipassay.records.question import decode
from chipassay.web.child import Upload, plain, work

KEPT, MOST_JOBS = 256, 4
PATIENCE = 0.9
"""How long a page waits for an answer before it is sent without, to be filled in."""
ALONE = 4.0
"""How long a calculation goes on that nobody listens to."""
MOST_SECONDS = 240.0

Json = dict[str, Any]


class BusyError(ChipassayError):
    """More calculations run than this machine has room for."""


class FailedError(ChipassayError):
    """A calculation ended without an answer."""


class Kept:
    """The last values by key, the oldest forgotten first."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._values: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        """The value, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def of(self, key: str, make: Callable[[], Any]) -> Any:
        """The value, made now if it is not kept."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


def key_of(words: Json) -> str:
    """What a question is kept under; a day is part of it, since an absent date is today."""
    today = datetime.datetime.now(datetime.UTC).date()
    return f"{today} {json.dumps(words, sort_keys=True, default=str)}"


_answers = Kept()


def answered(words: Json, also: Callable[[Any], Any] | None = None) -> tuple[Json, Any]:
    """The answer in its JSON form, and what `also` makes of it; both kept.

    Raises `QuestionError` for a malformed question, and for figures no model can take.
    """

    def made() -> tuple[Json, Any]:
        try:
            answer = ask(decode(dict(words)))
            return plain(answer), also(answer) if also else None
        except (ArithmeticError, ValueError, RecursionError, MemoryError) as error:
            hint = "ask with figures nearer to what is built"
            what = f"the models cannot take these figures ({type(error).__name__})"
            raise QuestionError(what, hint=hint) from error

    name = getattr(also, "__name__", "")
    found: tuple[Json, Any] = _answers.of(f"{name} {key_of(words)}", made)
    return found


class Job:
    """One question in a process of its own."""

    def __init__(self, words: Json, upload: Upload | None) -> None:
        context = multiprocessing.get_context("forkserver")
        self._inlet, outlet = context.Pipe(duplex=False)
        self._process = context.Process(target=work, args=(outlet, words, upload), daemon=True)
        self._process.start()
        outlet.close()
        self.begun = time.monotonic()
        self.partial: Json | None = None
        self.listeners = 0
        self.done: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._pump = asyncio.create_task(self._read())

    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self.begun

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        if not self.done.done():
            self.done.set_exception(FailedError("stopped"))
            self.done.exception()

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                while not self.done.done():
                    kind, value = await asyncio.to_thread(self._inlet.recv)
                    self._take(kind, value)
        except TimeoutError:
            self._fail(FailedError("it took too long", hint="ask for less"))
        except (EOFError, OSError):
            self._fail(FailedError("the calculation ended without an answer", hint="ask for less"))
        finally:
            self._process.kill()
            await asyncio.to_thread(self._process.join)
            with contextlib.suppress(OSError):
                self._inlet.close()

    def _take(self, kind: str, value: Any) -> None:
        if kind == "partial":
            self.partial = value
        elif kind == "done" and not self.done.done():
            self.done.set_result(value)
        elif kind == "refused":
            what, where, hint = value
            self._fail(QuestionError(what, where=where, hint=hint))
        elif kind == "failed":
            hint = "ask with figures nearer to what is built"
            self._fail(QuestionError(f"the models cannot take these figures ({value})", hint=hint))

    def _fail(self, error: ChipassayError) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()


class Jobs:
    """The calculations that run, one for each question however many pages wait for it."""

    def __init__(self) -> None:
        multiprocessing.set_forkserver_preload(["chipassay.web.warm"])
        self._running: dict[str, Job] = {}
        self._watchers: set[asyncio.Task[None]] = set()

    def kept(self, words: Json) -> Json | None:
        """The answer, if it is known already."""
        found: Json | None = _answers.get(f"job {key_of(words)}")
        return found

    def start(self, words: Json, upload: Upload | None = None) -> Job:
        """The running calculation of a question, begun now if it is not. Uploads are not shared."""
        key = key_of(words)
        if upload is None and key in self._running:
            return self._running[key]
        if len(self._running) >= MOST_JOBS:
            raise BusyError("other calculations are running", hint="try again in a moment")
        if upload is not None:
            key = f"upload {time.monotonic_ns()}"
        job = self._running[key] = Job(words, upload)
        self._keep(asyncio.create_task(self._watch(key, job, shared=upload is None)))
        return job

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)

    async def _watch(self, key: str, job: Job, *, shared: bool) -> None:
        """Keep the answer, or stop what nobody has listened to for a while."""
        last = time.monotonic()
        while not job.done.done():
            await asyncio.wait({job.done}, timeout=0.25)
            last = time.monotonic() if job.listeners else last
            if time.monotonic() - last > ALONE:
                job.stop()
        self._running.pop(key, None)
        if shared and job.done.exception() is None:
            _answers.put(f"job {key}", job.done.result())

    async def soon(self, words: Json) -> tuple[Json | None, Job | None]:
        """The answer if it comes within `PATIENCE`, else the calculation that goes on."""
        known = self.kept(words)
        if known is not None:
            return known, None
        job = self.start(words)
        await asyncio.wait({job.done}, timeout=PATIENCE)
        return (job.done.result(), None) if job.done.done() else (None, job)

    async def whole(self, words: Json, upload: Upload | None, gone: Callable[[], Any]) -> Json:
        """The answer, however long it takes; stopped when the reader has `gone`."""
        known = self.kept(words) if upload is None else None
        if known is not None:
            return known
        job = self.start(words, upload)
        job.listeners += 1
        try:
            while not job.done.done():
                await asyncio.wait({job.done}, timeout=0.25)
                if not job.done.done() and await gone():
                    job.stop()
            return job.done.result()
        finally:
            job.listeners -= 1

    def stop(self) -> None:
        """End everything."""
        for job in list(self._running.values()):
            job.stop()
