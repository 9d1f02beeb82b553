"""The pages as a reader meets them: first page, interactive, a large search, fifty readers.

    python -m benchmarks.bench_web

A server of its own is started on a free port; every reply is checked. What runs in a browser is
left out, and said so, where playwright or Chromium is missing.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx

ASSAY = "chip=h20&against=h100&to=CN&train=llama3.1-405b&serve=llama3.1-70b&cuts=true"
FIRST = f"/assay?{ASSAY}&on=2025-06-01"
KEPT = [FIRST, "/law?chip=h20&to=CN&on=2025-06-01", "/compare?chips=h20,h100&to=CN&on=2025-08-15",
        "/catalogue", "/catalogue?chip=h20"]  # fmt: skip
SEARCH = (
    "/train/stream?model=llama3.1-405b&chip=h20&chips=8192&seq=131072&batch=8192..2097152"
    "&search=true"
)
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
"""Milliseconds until the page's script, which is deferred, has run."""
READERS, READS = 50, 2000
TARGETS = {  # what: seconds at most
    "first page, warm": 0.150,
    "another day of it": 0.150,
    "interactive in Chromium": 1.0,
    "first plans of a million": 1.0,
    "50 readers of kept pages, p99": 0.500,
}


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a server that has answered its first page."""
    command = [sys.executable, "-m", "chipassay", "web", "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            found = re.search(r"http://\S+\d", server.stdout.readline() if server.stdout else "")
            assert found, "the server did not start"
            for path in KEPT:
                read(httpx.Client(base_url=found.group(), timeout=60), path, wait=True)
            yield found.group()
        finally:
            server.terminate()
            server.wait(10)


def read(web: httpx.Client, path: str, *, wait: bool = False) -> float:
    """Seconds until a page is there whole; asserts what it says."""
    address = f"{path}{'&' if '?' in path else '?'}wait=true" if wait else path
    begun = time.perf_counter()
    reply = web.get(address)
    taken = time.perf_counter() - begun
    assert reply.status_code == 200, reply.text[:300]
    assert 'class="waiting"' not in reply.text, path
    if "/assay" in path:
        assert "The single cut that does it" in reply.text
    return taken


def first_page(web: httpx.Client) -> tuple[float, float]:
    """Medians: a page that is kept; the same question on a day nobody asked for."""
    read(web, FIRST)
    kept = [read(web, FIRST) for _ in range(30)]
    days = [datetime.date(2025, 1, 1) + datetime.timedelta(days=n) for n in range(30)]
    fresh = [read(web, f"/assay?{ASSAY}&on={day}") for day in days]
    return statistics.median(kept), statistics.median(fresh)


def first_plans(web: httpx.Client) -> tuple[float, float, int]:
    """Seconds to the first plans of a search, seconds to its end, and how many plans it tried."""
    begun, first, total, event = time.perf_counter(), 0.0, 0, ""
    with web.stream("GET", SEARCH, timeout=300) as reply:
        for line in reply.iter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told = json.loads(line.removeprefix("data: "))
                total = max(total, told.get("total", 0))
                if event in ("part", "done") and not first:
                    first = time.perf_counter() - begun
                    assert "<td" in told["html"]
    assert event == "done", event
    return first, time.perf_counter() - begun, total


def readers(address: str) -> tuple[float, float]:
    """Requests a second and the 99th percentile of fifty readers, each with its connection."""
    clients = [httpx.Client(base_url=address, timeout=60) for _ in range(READERS)]
    for path in KEPT:
        read(clients[0], path)
    begun = time.perf_counter()
    with ThreadPoolExecutor(READERS) as pool:
        jobs = [(clients[n % READERS], KEPT[n % len(KEPT)]) for n in range(READS)]
        taken = sorted(pool.map(lambda job: read(*job), jobs))
    return READS / (time.perf_counter() - begun), taken[int(0.99 * READS)]


def interactive(address: str) -> float | None:
    """Seconds from asking for the first page to its script being ready; None without a browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None:
        return None
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        taken = []
        for _ in range(7):
            page = browser.new_context(base_url=address).new_page()
            page.goto(FIRST, wait_until="load")
            assert page.evaluate("document.querySelector('#day').max") != "100"  # the script ran
            taken.append(page.evaluate(READY))
            page.context.close()
        browser.close()
    return float(statistics.median(taken)) / 1000


def main() -> None:
    found: dict[str, float] = {}
    with served() as address, httpx.Client(base_url=address, timeout=60) as web:
        found["first page, warm"], found["another day of it"] = first_page(web)
        shown = interactive(address)
        if shown is None:
            print("no Chromium or no playwright: not tried in a browser")
        else:
            found["interactive in Chromium"] = shown
        found["first plans of a million"], whole, plans = first_plans(web)
        print(f"the search tried {plans:,} plans in {whole:.1f} s")
        assert plans >= 1_000_000
        rate, found["50 readers of kept pages, p99"] = readers(address)
        print(f"{READERS} readers of kept pages: {rate:.0f} requests a second")
    for what, seconds in found.items():
        print(f"{seconds * 1000:8.0f} ms (at most {TARGETS[what] * 1000:.0f})   {what}")
    sys.exit(0 if all(found[what] < TARGETS[what] for what in found) else 1)


if __name__ == "__main__":
    main()
