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
PATIENCE = 0.6
"""How long a page waits for an answer before it is sent without, to be filled in."""
SETTLED = 0.3
"""How long it waits for the rest once there is a first part."""
ALONE = 2.5
"""How long a calculation goes on that nobody listens to."""
MOST_SECONDS = 240.0
QUEUE = 8.0
"""How long a question waits for others to end."""

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
    """One question in a process of its own, and what it has told so far."""

    def __init__(self, words: Json, upload: Upload | None, form: str = "") -> None:
        context = multiprocessing.get_context("forkserver")
        self._inlet, self._outlet = context.Pipe(duplex=False)
        args = (self._outlet, words, upload, form)
        self._process = context.Process(target=work, args=args, daemon=True)
        self.begun = time.monotonic()
        self.partial: Json | None = None
        self.listeners = 0
        self.done: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Event()
        self._pump = asyncio.create_task(self._read())

    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self.begun

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._end()
        if not self.done.done():
            self.done.set_exception(FailedError("stopped"))
            self.done.exception()
        self._tell()

    async def news(self, most: float) -> None:
        """Wait for something new, or for so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), most)

    def _tell(self) -> None:
        heard, self._news = self._news, asyncio.Event()
        heard.set()

    def _begin(self) -> None:
        """Start the process; this waits until the one it comes from is ready."""
        self._process.start()
        self._outlet.close()

    def _end(self) -> None:
        if self._process.pid is not None:
            self._process.kill()

    async def _read(self) -> None:
        try:
            await asyncio.to_thread(self._begin)
            async with asyncio.timeout(MOST_SECONDS):
                while not self.done.done():
                    kind, value = await asyncio.to_thread(self._inlet.recv)
                    self._take(kind, value)
                    self._tell()
        except TimeoutError:
            self._fail(FailedError("it took too long", hint="ask for less"))
        except (EOFError, OSError):
            self._fail(FailedError("the calculation ended without an answer", hint="ask for less"))
        finally:
            self._tell()
            self._end()
            if self._process.pid is not None:
                await asyncio.to_thread(self._process.join)
            with contextlib.suppress(OSError):
                self._inlet.close()

    def _take(self, kind: str, value: Any) -> None:
        if kind in ("partial", "so_far"):
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

    def kept(self, words: Json, form: str = "") -> Json | None:
        """The answer, if it is known already."""
        found: Json | None = _answers.get(_job_key(words, form))
        return found

    async def start(self, words: Json, upload: Upload | None = None, form: str = "") -> Job:
        """The running calculation of a question, begun now if it is not. Uploads are not shared.

        Raises `BusyError` where others go on for longer than a reader should wait.
        """
        key = _job_key(words, form)
        waited = time.monotonic()
        while upload is not None or key not in self._running:
            if len(self._running) < MOST_JOBS:
                break
            if time.monotonic() - waited > QUEUE:
                raise BusyError("other calculations are running", hint="try again in a moment")
            await asyncio.sleep(0.02)
        if upload is None and key in self._running:
            return self._running[key]
        if upload is not None:
            key = f"upload {time.monotonic_ns()}"
        job = self._running[key] = Job(words, upload, form)
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
            _answers.put(key, job.done.result())

    async def soon(self, words: Json) -> tuple[Json | None, Json | None]:
        """The answer if it comes at once; else what the calculation that goes on has told."""
        known = self.kept(words)
        if known is not None:
            return known, None
        job = await self.start(words)
        while not job.done.done() and job.seconds() < PATIENCE:
            await job.news(PATIENCE)
            if job.partial is not None and not job.done.done():
                await job.news(SETTLED)
                break
        return (job.done.result(), None) if job.done.done() else (None, job.partial)

    async def whole(
        self, words: Json, upload: Upload | None, gone: Callable[[], Any], form: str = ""
    ) -> Json:
        """The answer, however long it takes; stopped when the reader has `gone`."""
        known = self.kept(words, form) if upload is None else None
        if known is not None:
            return known
        job = await self.start(words, upload, form)
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


def _job_key(words: Json, form: str) -> str:
    return f"job {form if form == '.trace' else ''} {key_of(words)}"
