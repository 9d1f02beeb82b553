"""The pages without a browser: what each says, its twins, and who is refused."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import html
import io
import json
import re
import shlex
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.web_server import ARTICLE, ASSAY, COMPARE, LAW, RATE, SERVE, TRAIN, served

from chipassay import ask
from chipassay.cli import main
from chipassay.records.question import Question
from chipassay.views.chart_svg import svg
from chipassay.views.figures import as_csv, banded
from chipassay.views.spellings import as_command, as_python
from chipassay.web.asking import FailedError, Job

QUICK = [ASSAY, COMPARE, LAW, "/catalogue", "/catalogue?chip=h20"]
ALL = [*QUICK, TRAIN, SERVE]


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with served() as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def twin(url: str, form: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}.{form}?{query}"


def test_the_first_screen_says_whether_it_may_go_and_which_cut_does_it(web: httpx.Client) -> None:
    page = web.get(f"{ASSAY}&wait=true").text
    assert "NVIDIA H20 96GB to China on 2025-06-01: licence needed, by letter." in page
    assert "the BF16 matrix rate, which alone takes training to" in page
    assert web.get("/").status_code == 307


@pytest.mark.parametrize("url", ALL)
def test_a_page_is_whole_html_with_a_policy_and_nothing_from_elsewhere(
    web: httpx.Client, url: str
) -> None:
    reply = web.get(url)
    assert reply.status_code == 200
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|srcset|data|action)="([^"]+)"', reply.text)
    loaded += re.findall(r'<link[^>]+href="([^"]+)"', reply.text)
    assert loaded
    assert all(each.startswith(("/", "data:,")) for each in loaded)
    assert " style=" not in reply.text
    assert "onclick" not in reply.text


@pytest.mark.parametrize("url", ALL)
def test_the_json_twin_is_what_python_answers(web: httpx.Client, url: str) -> None:
    twin_ = web.get(twin(url, "json")).json()
    assert twin_["schema"] == "chipassay/1"
    assert list(twin_) == ["schema", "question", "answer", "because", "sources", "warnings"]
    answer = ask(Question(**twin_["question"])).as_json()
    assert told(twin_["answer"]) == told(answer["answer"])
    assert twin_["because"] == answer["because"]
    assert {each["id"] for each in twin_["sources"]} == {each["id"] for each in answer["sources"]}
    assert twin_["warnings"] == answer["warnings"]


def told(answer: Any) -> Any:
    """An answer without what differs from run to run: the seconds it took."""
    if isinstance(answer, dict):
        return {k: told(v) for k, v in answer.items() if k != "cpu_seconds"}
    return [told(each) for each in answer] if isinstance(answer, list) else answer


def test_another_day_moves_the_law_of_an_assay_and_nothing_else(web: httpx.Client) -> None:
    one, other = (
        web.get(twin(ASSAY, "json").replace("2025-06-01", day)).json()["answer"]
        for day in ("2025-03-01", "2025-08-15")
    )
    assert one["ship"] != other["ship"]
    assert {k: v for k, v in one.items() if k != "ship"} == {
        k: v for k, v in other.items() if k != "ship"
    }


@pytest.mark.parametrize("url", ALL)
def test_every_table_twin_that_a_page_offers_is_a_table(web: httpx.Client, url: str) -> None:
    page = web.get(url).text
    offered = re.findall(r'href="(/\w+\.csv\?[^"]+)"', page)
    assert offered
    for address in offered:
        rows = list(csv.reader(io.StringIO(web.get(address.replace("&amp;", "&")).text)))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("url", ALL)
def test_a_report_is_one_file_with_everything_in_it(web: httpx.Client, url: str) -> None:
    reply = web.get(twin(url, "report"))
    assert "attachment" in reply.headers["content-disposition"]
    assert "<style>" in reply.text
    assert "<script" not in reply.text
    assert not re.findall(r'<(?:link|img|form)[^>]+(?:href|src)="(?!data:)', reply.text)


def copied(page: str, start: str) -> list[str]:
    found = re.findall(rf'data-copy="({re.escape(start)}[^"]+)"', page)
    return html.unescape(found[0]).splitlines()


@pytest.mark.parametrize("url", ALL)
def test_copied_commands_and_python_give_the_same_answer(
    web: httpx.Client, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = web.get(f"{url}{'&' if '?' in url else '?'}wait=true").text
    twin_ = web.get(twin(url, "json")).json()
    for number, command in enumerate(copied(page, "scripts/chipassay ")):
        with pytest.raises(SystemExit) as left:
            main([*shlex.split(command)[1:], "--json"])
        answer = json.loads(capsys.readouterr().out)
        assert left.value.code in (0, 1)
        if number == 0:
            assert answer["question"] == twin_["question"]
            assert told(answer["answer"]) == told(twin_["answer"])
    lines = copied(page, "from chipassay import ask")
    names: dict[str, Any] = {}
    exec("\n".join(lines[:2]), names)
    assert told(names["answer"].as_json()["answer"]) == told(twin_["answer"])
    assert len(lines) == 1 + len(copied(page, "scripts/chipassay "))


def test_a_comparison_copies_the_rulings_it_shows(web: httpx.Client) -> None:
    commands = copied(web.get(COMPARE).text, "scripts/chipassay ")
    assert [command.split()[1] for command in commands] == ["compare", "ship", "ship", "ship"]
    assert all("--to CN --on 2025-08-15" in command for command in commands[1:])


@pytest.mark.parametrize("url", [ASSAY, TRAIN, SERVE, RATE])
def test_why_opens_the_derivation_of_every_figure(web: httpx.Client, url: str) -> None:
    page = web.get(f"{url}&wait=true").text
    links = set(re.findall(r'href="#(why-[^"]+)"', page))
    assert links
    assert links <= set(re.findall(r'id="(why-[^"]+)"', page))
    for table in re.findall(
        r"<caption>(?:Each with its|Of |The steady).*?</table>", page, re.DOTALL
    ):
        rows = re.findall(r"<tr><th scope=\"row\">([^<]+)</th>(.*?)</tr>", table, re.DOTALL)
        assert rows
        assert [name for name, row in rows if name != "plan" and "why?" not in row] == []


def test_a_spelling_in_python_is_python() -> None:
    asked = {"task": "compare", "chips": ["h20", "a'b"], "but": {"h20.tdp": "1 W"}}
    asked |= {"field": 'say "no"'}
    call = as_python(asked).split("ask(")[1].removesuffix(")")
    assert eval(f"dict({call})") == asked | {"chips": ("h20", "a'b")}
    assert as_command({"task": "show", "chip": "a b; rm"}).endswith("'a b; rm'")


def test_the_link_to_an_answer_keeps_its_day(web: httpx.Client) -> None:
    page = web.get("/law?chip=h20&to=CN").text
    assert re.search(r'href="/law\?[^"]*on=\d{4}-\d\d-\d\d', page)


def test_a_question_that_cannot_be_asked_is_one_line_and_400(web: httpx.Client) -> None:
    reply = web.get("/assay.json?chip=h2O0")
    assert reply.status_code == 400
    assert "did you mean" in reply.json()["error"]["hint"]
    assert "no chip is called" in web.get("/assay?chip=h2O0").text
    assert web.get("/assay.json?chip=h20&frobnicate=1").status_code == 400
    assert web.get("/nowhere").status_code == 404


def test_an_article_comes_back_marked_and_nothing_of_it_is_kept(web: httpx.Client) -> None:
    folder = Path(tempfile.gettempdir())
    before = set(folder.iterdir())
    reply = web.post("/check?name=story.txt", content=ARTICLE.encode())
    assert reply.status_code == 200
    assert "right for another chip" in reply.text
    assert "<script>alert" not in reply.text
    assert "&lt;script&gt;alert" in reply.text
    told = web.post("/check.json?name=..%2F..%2Fstory.txt", content=ARTICLE.encode()).json()
    assert {claim["document"] for claim in told["answer"]["claims"]} == {"story.txt"}
    fresh = set(folder.iterdir()) - before
    assert not [each for each in fresh if each.name.startswith("chipassay-")]


def heard(web: httpx.Client, url: str) -> Iterator[tuple[str, Any]]:
    """The events of a stream, each with its data."""
    with web.stream("GET", url) as reply:
        name = ""
        for line in reply.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def test_a_search_streams_the_best_so_far_and_how_far_it_is(web: httpx.Client) -> None:
    url = f"{TRAIN}&search=true&batch=256..8192".replace("/train?", "/train/stream?")
    events = list(heard(web, url))
    names = [name for name, _ in events]
    assert names[-1] == "done"
    assert "part" in names
    part = next(data["html"] for name, data in events if name == "part")
    assert "The best so far" in part
    assert "<td" in part
    counted = [data for name, data in events if name == "progress" and "total" in data]
    done = [data["done"] for data in counted]
    assert done == sorted(done)
    assert all(0 <= data["done"] <= data["total"] for data in counted)
    assert "The best plans" in events[-1][1]["html"]


def test_a_server_is_told_before_its_objectives_are_searched(web: httpx.Client) -> None:
    url = f"{RATE}&slo=ttft=2s,tpot=60ms".replace("/serve?", "/serve/stream?")
    events = list(heard(web, url))
    part = next(data["html"] for name, data in events if name == "part")
    assert "A first answer, without the objectives" in part
    assert "kept the objectives" in events[-1][1]["html"]
    assert "A first answer" not in events[-1][1]["html"]


def test_a_refusal_of_a_streamed_question_is_told(web: httpx.Client) -> None:
    events = dict(heard(web, "/train/stream?model=llama3.1-405b&chip=h20&chips=7&plan=tp=8"))
    assert events["refused"]["what"]
    assert web.get("/train/stream?model=nobody&chip=h20&chips=7").status_code == 400


@pytest.mark.parametrize("url", [TRAIN, RATE])
def test_a_run_is_handed_to_a_trace_viewer(web: httpx.Client, url: str) -> None:
    reply = web.get(twin(url, "trace"))
    assert "attachment" in reply.headers["content-disposition"]
    spans = [each for each in reply.json()["traceEvents"] if each["ph"] == "X"]
    assert spans
    assert all(each["dur"] >= 0 and each["ts"] >= 0 for each in spans)


def test_a_steady_state_has_no_run_to_trace(web: httpx.Client) -> None:
    reply = web.get(twin(SERVE, "trace"))
    assert reply.status_code == 404
    assert "rate" in reply.json()["error"]["hint"]


TRACE = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2023-11-16 18:17:{second:02d}.0000000,{500 + second},{20 + second}\n" for second in range(40)
)
ON_EIGHT = "model=llama3.1-70b&chip=h20&chips=8&name=requests.csv"


def test_a_trace_of_requests_is_simulated_and_not_kept(web: httpx.Client) -> None:
    answer = web.post(f"/serve.json?{ON_EIGHT}", content=TRACE.encode()).json()["answer"]
    assert answer["simulation"]["requests"] == 40
    page = web.post(f"/serve?{ON_EIGHT}", content=TRACE.encode()).text
    assert "Your file was not kept" in page
    assert "--trace requests.csv" in page
    assert 'href="/serve.json' not in page  # an address alone cannot ask it again
    events = web.post(f"/serve.trace?{ON_EIGHT}", content=TRACE.encode()).json()["traceEvents"]
    assert len([each for each in events if each["ph"] == "X"]) == 3 * 40


def test_an_article_has_its_twins_and_its_report(web: httpx.Client) -> None:
    report = web.post("/check.report?name=story.txt", content=ARTICLE.encode())
    assert "<script" not in report.text
    assert "<mark" in report.text
    rows = csv.DictReader(io.StringIO(web.post("/check.csv", content=ARTICLE.encode()).text))
    assert {row["verdict"] for row in rows} >= {"supported", "right for another chip"}
    page = web.post("/check?name=story.txt", content=ARTICLE.encode()).text
    assert copied(page, "scripts/chipassay ") == ["scripts/chipassay check story.txt"]
    example = web.get("/check?example=yes").text
    assert "96 GB" in example


def workers() -> int:
    """Processes that answer a question of their own, of every server of this machine."""
    found = 0
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += b"multiprocessing.forkserver" in place.read_bytes()
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc here to count processes in")
def test_a_calculation_that_is_stopped_leaves_no_process() -> None:
    async def stopped() -> tuple[int, int, int]:
        first = Job({"task": "chips"}, None)
        await first.done
        await asyncio.sleep(0.3)
        before = workers()
        words = {"task": "train", "model": "llama3.1-405b", "chip": "h20", "chips": ("8192",)}
        job = Job(words | {"search": True}, None)
        await asyncio.sleep(0.05)
        during = workers()
        job.stop()
        with pytest.raises(FailedError):
            await job.done
        for _ in range(50):
            await asyncio.sleep(0.1)
            if workers() <= before:
                break
        return before, during, workers()

    before, during, after = asyncio.run(stopped())
    assert during > before
    assert after <= before


def test_fifty_readers_are_held(web: httpx.Client) -> None:
    for url in QUICK:
        web.get(url)

    def reader(number: int) -> float:
        begun = time.monotonic()
        assert web.get(QUICK[number % len(QUICK)]).status_code == 200
        return time.monotonic() - begun

    with ThreadPoolExecutor(50) as readers:
        taken = sorted(readers.map(reader, range(300)))
    assert taken[len(taken) // 2] < 2  # the figure itself is in docs/web.md: clocks here are shared


def test_the_schema_of_the_json_names_every_word(web: httpx.Client) -> None:
    told = web.get("/openapi.json").json()
    named = {each["name"] for each in told["paths"]["/assay.json"]["get"]["parameters"]}
    assert {"chip", "against", "to", "on", "train", "serve", "cuts", "but"} <= named
    assert not {"catalogue", "files", "rows"} & named
    posts = [path for path, each in told["paths"].items() if "post" in each]
    assert sorted(posts) == ["/check.json", "/serve.json"]


@pytest.mark.parametrize(
    "on", ["2022-01-01", "2022-10-07", "2023-11-17", "2026-01-15", "2030-01-01"]
)
@pytest.mark.parametrize("chip", ["h20", "rtx-4090", "ascend-910c"])
def test_the_page_of_the_law_has_every_day(web: httpx.Client, chip: str, on: str) -> None:
    reply = web.get(f"/law?chip={chip}&to=CN&on={on}")
    assert reply.status_code in (200, 400)
    if reply.status_code == 400:
        assert chip not in "h20"
        assert "did you mean" in reply.text


def test_a_picture_of_nothing_says_so() -> None:
    assert "nothing to draw" in svg({"data": [], "layout": {}}, "an empty <picture>")
    assert "&lt;picture&gt;" in svg({"data": [], "layout": {}}, "an empty <picture>")


def test_a_spreadsheet_is_handed_no_formula() -> None:
    assert as_csv([{"a": "=1+1", "b": 2.5}]) == "a,b\r\n'=1+1,2.5\r\n"


def test_a_band_is_told_in_the_unit_of_its_value() -> None:
    cost = {"value": 4.05e7, "low": 3.08e7, "high": 5.44e7, "unit": "USD", "basis": "assumed"}
    assert banded(cost) == "40.5 million USD (30.8 to 54.4)"
    assert banded(cost | {"value": None, "low": None, "high": None}) == "unknown"
