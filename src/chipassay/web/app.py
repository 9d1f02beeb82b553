"""The application: every page with its JSON, its table, its report; nothing of it is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.parse
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse

from chipassay.errors import ChipassayError, QuestionError
from chipassay.views.figures import as_csv, flat, rows_of
from chipassay.web import pages, words
from chipassay.web.asking import BusyError, FailedError, Job, Jobs, Json, Kept, key_of
from chipassay.web.child import Upload
from chipassay.web.guard import Guard, TooLargeError
from chipassay.web.page import Page, settings
from chipassay.web.render import PASTED, Shown, rendered
from chipassay.web.statics import KINDS, marks, static, tag

UPLOADS = {"check": "files", "serve": "trace"}
FORMS = {"": "text/html", ".json": "application/json", ".csv": "text/csv", ".report": "text/html"}
TRACED = ("train", "serve")
"""Pages whose run has a timeline for a trace viewer, under the form `.trace`."""
NEWS, TICK = 0.4, 0.25
"""Seconds between two pictures of what was found so far, and between two of the time gone."""
_kept = Kept(128)


def application(hosts: frozenset[str] = frozenset()) -> Guard:
    """The pages behind their guard. `hosts` are further names to answer to."""
    jobs = Jobs()

    @contextlib.asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        ready = asyncio.create_task(_ready(jobs))
        yield
        ready.cancel()
        jobs.stop()

    app = FastAPI(title="chipassay", docs_url=None, redoc_url=None, lifespan=alive)
    app.state.jobs = jobs
    app.add_api_route("/", _start, include_in_schema=False)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    for page in pages.TASKS:
        for form in _forms(page):
            known = {"openapi_extra": {"parameters": _parameters(page)}}
            app.add_api_route(f"/{page}{form}", _getter(page, form), operation_id=f"{page}{form}",
                              response_class=Response, summary=f"{page}{form}", **known)  # type: ignore[arg-type]  # fmt: skip
        app.add_api_route(f"/{page}/stream", _streamer(page), include_in_schema=False)
    for page in UPLOADS:
        for form in _forms(page):
            app.add_api_route(f"/{page}{form}", _poster(page, form), methods=["POST"],
                              include_in_schema=form == ".json", response_class=Response,
                              operation_id=f"post {page}{form}", openapi_extra=_handed(page),
                              )  # fmt: skip
    app.add_exception_handler(404, _nowhere)
    app.add_exception_handler(TooLargeError, _too_large)
    return Guard(app, hosts)


async def _ready(jobs: Jobs) -> None:
    """Ask the first page's question, so that its reader need not wait for it."""
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(settings()["start"]).query)
    given = words.read(query, pages.TASKS["assay"])
    with contextlib.suppress(ChipassayError):
        (await jobs.start(pages.job_of("assay", given))).listeners += 1
        built = await run_in_threadpool(pages.built, "assay", given, None)
        await run_in_threadpool(rendered, Shown("assay", given, built, "", marks=marks()))


def _forms(page: str) -> list[str]:
    return [*FORMS, ".trace"] if page in TRACED else [*FORMS]


async def _start() -> Response:
    return RedirectResponse(settings()["start"], status_code=307)


async def _nowhere(request: Request, _: Exception) -> Response:
    error = QuestionError("there is no such page", hint="try /assay")
    return _refused("assay", ".json" if _wants_json(request) else "", {}, error, 404)


async def _too_large(_: Request, error: Exception) -> Response:
    return Response(f"{error}\n", 413, media_type="text/plain", headers={"connection": "close"})


def _wants_json(request: Request) -> bool:
    return request.url.path.endswith(".json")


async def _static(name: str) -> Response:
    if name not in KINDS:
        return Response("no such file\n", 404, media_type="text/plain")
    body = await run_in_threadpool(static, name)
    headers = {"cache-control": "public, max-age=86400", "etag": f'"{tag(name)}"'}
    return Response(body, media_type=KINDS[name], headers=headers)


def _getter(page: str, form: str) -> Callable[[Request], Any]:
    async def get(request: Request) -> Response:
        key = f"{page}{form} {key_of({'query': request.scope['query_string'].decode('latin-1')})}"
        found = _kept.get(key)
        if found is None:
            try:
                given = words.read(request.query_params.multi_items(), pages.TASKS[page])
            except ChipassayError as error:
                return _refused(page, form, {}, error, 400)
            found, lasting = await _made(request, page, form, given)
            if lasting:
                _kept.put(key, found)
        return _copy(found)

    return get


def _copy(response: Response) -> Response:
    """A fresh response of the same bytes: headers are added to it on its way out."""
    return Response(response.body, response.status_code, headers=_own(response))


def _own(response: Response) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k != "content-length"}


async def _made(request: Request, page: str, form: str, given: Json) -> tuple[Response, bool]:
    """The response, and whether the same address may be given it again."""
    jobs: Jobs = request.app.state.jobs
    try:
        if page in pages.QUICK:
            if _empty(page, given):
                return _response(page, form, given, None, request), True
            built = await run_in_threadpool(pages.QUICK[page], given)
            made = await run_in_threadpool(_response, page, form, given, built, request)
            return made, True
        if _empty(page, given) or not words.there_is(pages.TASKS[page][0]):
            return _response(page, form, given, None, request), True
        return await _long(jobs, request, page, form, given)
    except BusyError as error:
        return _refused(page, form, given, error, 429), False
    except FailedError as error:
        return _refused(page, form, given, error, 422), False
    except ChipassayError as error:
        return _refused(page, form, given, error, 400), False


async def _long(
    jobs: Jobs, request: Request, page: str, form: str, given: Json
) -> tuple[Response, bool]:
    """A page whose answer may take a while: at once if it can be, else to be filled in."""
    pages.asked_of(page, given)  # refuses what cannot be asked before anything is begun
    asked = pages.job_of(page, given)
    part: Json | None = None
    if form or "wait" in request.query_params:
        answer: Json | None = await jobs.whole(asked, None, request.is_disconnected, form)
    else:
        answer, part = await jobs.soon(asked)
    found = answer if answer is not None else part
    built = await run_in_threadpool(pages.built, page, given, found)
    waiting = answer is None
    made = await run_in_threadpool(_response, page, form, given, built, request, waiting)
    return made, not waiting


def _empty(page: str, given: Json) -> bool:
    """Whether nothing is asked yet, so that only the form is shown."""
    return page != "catalogue" and (not given or page == "check")


def _response(
    page: str,
    form: str,
    given: Json,
    built: Page | None,
    request: Request,
    waiting: bool = False,
    uploaded: bool = False,
) -> Response:
    query = request.url.query
    if form == ".json":
        body = built.answer if built else {"error": {"what": "nothing was asked yet"}}
        return _json({k: v for k, v in body.items() if k not in _INNER}, 200 if built else 400)
    if form == ".trace":
        return _trace(page, built)
    if form == ".csv":
        return _csv(built, request.query_params.get("table", ""))
    shown = Shown(page, given, built, query, waiting=waiting, report=form == ".report",
                  uploaded=uploaded, marks=marks())  # fmt: skip
    twin = f'</{page}.json?{query}>; rel="alternate"; type="application/json"'
    headers = {} if uploaded else {"link": twin}
    if form == ".report":
        headers["content-disposition"] = f'attachment; filename="chipassay-{page}.html"'
    return Response(rendered(shown), media_type="text/html", headers=_plain_headers(headers))


_INNER = ("refusal", "texts", "rooflines", "boxes", "frontiers", "first", "trace")


def _trace(page: str, built: Page | None) -> Response:
    """The run for a trace viewer, as a file."""
    found = built.answer.get("trace") if built else None
    if found is None:
        hint = {"train": "ask of a run that fits", "serve": "add a rate or a trace"}[page]
        return _json({"error": {"what": "there is no run to trace", "hint": hint}}, 404)
    response = _json(found)
    response.headers["content-disposition"] = f'attachment; filename="chipassay-{page}-trace.json"'
    return response


def _plain_headers(headers: dict[str, str]) -> dict[str, str]:
    return {name: urllib.parse.quote(value, safe=" <>;=\"/?&%.,+:@-_~!*'()") for name, value in
            headers.items()}  # fmt: skip


def _csv(built: Page | None, table: str) -> Response:
    tables = built.tables if built else {}
    name = table or next(iter(tables), "")
    if name not in tables:
        return Response(f"no table is called {name[:60]!r}\n", 404, media_type="text/plain")
    rows = tables[name]
    one = len(rows) == 1 and not table
    body = as_csv(list(flat(rows[0])) if one else rows_of(rows))
    return Response(body, media_type="text/csv; charset=utf-8")


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def _refused(page: str, form: str, given: Json, error: ChipassayError, status: int) -> Response:
    """One line: what, where, what to try; in the form that was asked for."""
    if form in (".json", ".csv"):
        plain = {"what": error.what, "where": error.where, "hint": error.hint}
        return _json({"schema": "chipassay/1", "error": plain}, status)
    body = rendered(Shown(page, given, None, "", error=error))
    return Response(body, status, media_type="text/html")


def _streamer(page: str) -> Callable[[Request], Any]:
    async def stream(request: Request) -> Response:
        jobs: Jobs = request.app.state.jobs
        try:
            given = words.read(request.query_params.multi_items(), pages.TASKS[page])
            asked = pages.job_of(page, given)
            return StreamingResponse(
                _events(jobs, page, given, asked, request.url.query),
                media_type="text/event-stream",
            )
        except ChipassayError as error:
            return _refused(page, ".json", {}, error, 400)

    return stream


async def _events(
    jobs: Jobs, page: str, given: Json, asked: Json, query: str
) -> AsyncIterator[str]:
    """How far it is, what was found so far, then the answer; or why there is none."""
    try:
        answer = jobs.kept(asked)
        if answer is None:
            job = await jobs.start(asked)
            job.listeners += 1
            try:
                async for event in _heard(job, page, given, query):
                    yield event
                answer = job.done.result()
            finally:
                job.listeners -= 1
        yield _event("done", await _fragment(page, given, answer, query))
    except ChipassayError as error:
        yield _event("refused", {"what": str(error)})


async def _heard(job: Job, page: str, given: Json, query: str) -> AsyncIterator[str]:
    """The events of a calculation while it runs."""
    shown: Json | None = None
    last = -NEWS
    while not job.done.done():
        yield _event("progress", _progress(job))
        if job.partial is not None and job.partial is not shown and job.seconds() - last > NEWS:
            shown, last = job.partial, job.seconds()
            yield _event("part", await _fragment(page, given, shown, query))
        await job.news(TICK)


def _progress(job: Job) -> Json:
    """Seconds gone and, of a search, how many plans of how many."""
    told = (job.partial or {}).get("so_far", {})
    known = {key: told[key] for key in ("done", "total", "chips") if key in told}
    return {"seconds": round(job.seconds(), 1)} | known


async def _fragment(page: str, given: Json, answer: Json, query: str) -> Json:
    built = await run_in_threadpool(pages.built, page, given, answer)
    shown = Shown(page, given, built, query, part=True)
    return {"html": (await run_in_threadpool(rendered, shown)).decode()}


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _poster(page: str, form: str) -> Callable[[Request], Any]:
    async def post(request: Request) -> Response:
        jobs: Jobs = request.app.state.jobs
        given: Json = {}
        try:
            if not words.there_is(pages.TASKS[page][0]):
                raise QuestionError("this task is not there yet", where=page)
            body = await request.body()
            upload, query = _upload(page, request, body)
            given = words.read(query, pages.TASKS[page])
            asked = words.for_task(pages.TASKS[page][0], given)
            answer = await jobs.whole(asked, upload, request.is_disconnected, form)
        except BusyError as error:
            return _refused(page, form, given, error, 429)
        except ChipassayError as error:
            return _refused(page, form, given, error, 400)
        built = await run_in_threadpool(pages.built, page, given, answer)
        part = request.headers.get("x-part") == "1"
        if part:
            shown = Shown(page, given, built, request.url.query, part=True, uploaded=True)
            return Response(await run_in_threadpool(rendered, shown), media_type="text/html")
        return await run_in_threadpool(_response, page, form, given, built, request, uploaded=True)

    return post


def _upload(page: str, request: Request, body: bytes) -> tuple[Upload, list[tuple[str, str]]]:
    """What was handed over: a form's text, or the bytes of a file with the name to show."""
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "name"]
    name = request.query_params.get("name", "")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        given = _form(body)
        body, name = given.pop("text", "").encode(), PASTED
        query += list(given.items())
    if not body.strip():
        raise QuestionError("nothing was handed over", where=page, hint="paste or drop a text")
    shown = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return Upload(UPLOADS[page], body, shown[:80] or "the text"), query


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
    except ValueError:
        raise QuestionError("too many words", hint="send the text alone") from None


def _handed(page: str) -> Json:
    """How a file is handed over, for machines: its bytes, with a name for its kind."""
    name = {"name": "name", "in": "query", "schema": {"type": "string"}, "example": "file.txt",
            "description": "the name to show; its ending says what it is"}  # fmt: skip
    body = {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
    return {"parameters": [*_parameters(page), name], "requestBody": body | {"required": True}}


def _parameters(page: str) -> list[Json]:
    """A page's words, for the description that machines read; each with what it may hold."""
    found: dict[str, Json] = {}
    for task in pages.TASKS[page]:
        for each in words.described(task):
            found.setdefault(each["name"], each)
    return [found[name] for name in sorted(found)]
