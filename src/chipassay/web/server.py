"""Serving the pages on this machine, to this machine."""

from __future__ import annotations

import socket

import uvicorn

from chipassay.errors import QuestionError
from chipassay.web.app import application

HOST, PORT = "127.0.0.1", 8377


def serve(port: int | None = None) -> None:
    """Serve until interrupted. Raises `QuestionError` where the port is taken."""
    wanted = PORT if port is None else port
    with _listening(wanted) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        print(f"chipassay: {address} (Ctrl-C ends it)", flush=True)
        config = uvicorn.Config(
            application(), log_level="warning", access_log=False, server_header=False,
            timeout_keep_alive=20, limit_concurrency=256, h11_max_incomplete_event_size=2**14,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])


def _listening(port: int) -> socket.socket:
    if not 0 <= port < 2**16:
        raise QuestionError(f"{port} is no port", where="--port", hint="give 0 to 65535")
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(128)
    except OSError as error:
        found.close()
        hint = "give another --port; 0 takes a free one"
        raise QuestionError(f"{HOST}:{port}: {error.strerror}", where="--port", hint=hint) from None
    return found
