"""What the processes of questions begin with: facts read and fits loaded, once for all of them."""

from __future__ import annotations

import contextlib
import urllib.parse

from chipassay.claims.door import ask
from chipassay.records.question import decode
from chipassay.web import child as _child  # noqa: F401  (loaded before a child is made)
from chipassay.web.pages import settings
from chipassay.web.words import for_task, read


def warm() -> None:
    """Answer the first example of each page that asks in a process; what fails is passed over."""
    for page in ("train", "serve"):
        for _, link in settings()["pages"][page]["examples"][:1]:
            query = urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query)
            with contextlib.suppress(Exception):
                ask(decode(for_task(page, read(query, (page,)))))


warm()
