"""What the processes of questions begin with: facts read and fits loaded, once for all of them."""

from __future__ import annotations

import contextlib
import urllib.parse

from chipassay.claims.door import ask
from chipassay.records.question import decode
from chipassay.web.child import whole
from chipassay.web.page import settings
from chipassay.web.words import for_task, read


def warm() -> None:
    """Answer the first example of each page that asks in a process; what fails is passed over."""
    for page in ("assay", "train", "serve"):
        link = settings()["pages"][page]["examples"][0]["link"]
        query = urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query)
        with contextlib.suppress(Exception):
            whole(ask(decode(for_task(page, read(query, (page,))))))


warm()
