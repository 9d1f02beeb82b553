"""What stands before every page: who may ask, how much, how long, and what a browser may do.

The server answers only to its own names, so that a foreign page cannot reach it by a name that it
points at this machine; a request that another page made is refused; a body ends at a limit.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chipassay.units import parse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MOST_BYTES = int(parse("8 MB", "B"))
MOST_URL = int(parse("8 kB", "B"))
MOST_WORDS = 64
BODY_SECONDS = 20.0
NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""An empty style element: plotly makes one and fills it by script, which the policy allows."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {EMPTY_STYLE}; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class TooLargeError(Exception):
    """A body went over the limit, or took too long to arrive."""


class Guard:
    """An application behind its checks. `hosts` are names served beside the usual ones."""

    def __init__(self, app: App, hosts: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._names = NAMES | hosts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the limits and the headers that every answer has."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(send, *refusal)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message.get("headers", ())}
                message["headers"] = [*message.get("headers", ()), *_headers(known)]
            await send(message)

        await self._app(scope, _limited(receive), sent)

    def _refusal(self, scope: MutableMapping[str, Any]) -> tuple[int, str] | None:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        host = headers.get("host", "")
        if not self._own(host):
            return 421, "this server answers to 127.0.0.1 and localhost only"
        origin = headers.get("origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != host:
            return 403, "a request from another page is refused"
        if scope["method"] == "POST" and origin is None and "sec-fetch-site" in headers:
            return 403, "a request from another page is refused"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and (
            headers.get("sec-fetch-mode") != "navigate" or scope["method"] != "GET"
        ):
            return 403, "a request from another page is refused"
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "only GET, HEAD and POST are answered"
        if len(scope["query_string"]) + len(scope.get("raw_path") or b"") > MOST_URL:
            return 414, "the address is too long"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > MOST_BYTES:
            return 413, f"a body of at most {MOST_BYTES:,} bytes is read"
        return None

    def _own(self, host: str) -> bool:
        name, colon, port = host.rpartition(":")
        bare = name if colon and port.isdecimal() else host
        return bare.lower() in self._names


def _limited(receive: Receive) -> Receive:
    """The same messages, refusing a body that goes on too long."""
    read, complete = 0, False
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS

    async def limited() -> Message:
        nonlocal read, complete
        if complete:  # what comes now is only the end of the connection
            return await receive()
        left = deadline - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.01))
        except TimeoutError:
            raise TooLargeError("the body took too long to arrive") from None
        read += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if read > MOST_BYTES:
            raise TooLargeError(f"a body of at most {MOST_BYTES:,} bytes is read")
        return message

    return limited


def _headers(known: set[bytes]) -> list[tuple[bytes, bytes]]:
    extra = HEADERS | {"cache-control": "no-store"}
    return [
        (name.encode(), value.encode())
        for name, value in extra.items()
        if name.encode() not in known
    ]


async def _refuse(send: Send, status: int, why: str) -> None:
    body = f"{why}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    start = {"type": "http.response.start", "status": status, "headers": headers + _headers(set())}
    await send(start)
    await send({"type": "http.response.body", "body": body})
