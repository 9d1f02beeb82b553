"""The pages as a stranger starts them: a process of its own on a free port."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator

ASSAY = (
    "/assay?chip=h20&against=h100&to=CN&on=2025-06-01"
    "&train=llama3.1-405b&serve=llama3.1-70b&cuts=true"
)
COMPARE = "/compare?chips=h20,h100,ascend-910b&to=CN&on=2025-08-15"
LAW = "/law?chip=h20&to=CN&on=2025-06-01"
TRAIN = "/train?model=llama3.1-405b&chip=h20&chips=1024"
SERVE = "/serve?model=llama3.1-70b&chip=h20&chips=8&input=1024&output=256&concurrency=16"
RATE = "/serve?model=llama3.1-70b&chip=h20&chips=8&input=1024&output=256&rate=2"
ARTICLE = (
    "The H20 has 96GB of memory and 4.0 TB/s of bandwidth. "
    "The H100 has 148 TFLOPS of FP16. <script>alert(1)</script>"
)


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a running server, ended afterwards."""
    command = [sys.executable, "-m", "chipassay", "web", "--port", "0"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, f"the server said {line!r}"
            yield found.group()
        finally:
            server.terminate()
            try:
                server.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.communicate()
