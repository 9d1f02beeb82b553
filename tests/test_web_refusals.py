"""Who and what the pages refuse: foreign names and pages, paths, huge and broken input."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web_server import ASSAY, LAW, served

from chipassay.cli import main
from chipassay.records.question import Question, field_extra
from chipassay.web.pages import TASKS
from chipassay.web.words import fields, is_path


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with served() as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def test_no_word_of_a_request_is_a_path() -> None:
    for name in Question.model_fields:
        metavar = str(field_extra(name)["metavar"])
        if name in ("file", "files", "rows", "catalogue", "trace") or "FILE" in metavar:
            assert is_path(name)
    for task in ("assay", "train", "ship", "check", "show"):
        assert not {"catalogue", "file", "files", "rows", "trace"} & set(fields(task))


@pytest.mark.parametrize(
    "url",
    [
        "/assay.json?chip=h20&catalogue=/etc",
        "/train.json?model=/etc/passwd&chip=h20&chips=8",
        "/train.json?model=../../config.json&chip=h20&chips=8",
        "/assay.json?chip=h20&train=/tmp",
        "/check.json?files=/etc/passwd",
        "/catalogue.json?chip=../../../etc/passwd",
        "/static/..%2f..%2fapp.py",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
    ],
)
def test_no_path_reaches_the_file_system(web: httpx.Client, url: str) -> None:
    reply = web.get(url)
    assert reply.status_code in (400, 404)
    assert "root:" not in reply.text
    assert "import" not in reply.text


def raw(web: httpx.Client, request: bytes, most: float = 10) -> bytes:
    port = int(str(web.base_url).rsplit(":", 1)[1].strip("/"))
    with socket.create_connection(("127.0.0.1", port), timeout=most) as wire:
        wire.sendall(request)
        return wire.recv(4096)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:80", ""])
def test_a_foreign_name_for_this_machine_is_refused(web: httpx.Client, host: str) -> None:
    assert web.get(ASSAY, headers={"host": host}).status_code in (400, 421)


def test_a_request_from_another_page_is_refused(web: httpx.Client) -> None:
    assert web.get(LAW, headers={"origin": "https://evil.example"}).status_code == 403
    assert web.post("/check", headers={"origin": "null"}, content=b"x").status_code == 403
    cross = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert web.get(LAW, headers=cross).status_code == 403
    assert web.delete("/check").status_code == 405


def test_a_large_body_is_refused_before_it_is_read(web: httpx.Client) -> None:
    head = b"POST /check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 104857600\r\n\r\n"
    assert b" 413 " in raw(web, head)
    chunk = b"x" * (64 * 1024)  # no length told: it is counted while it comes
    reply = web.post("/check", content=(chunk for _ in range(200)))
    assert reply.status_code == 413


def test_a_long_address_is_refused(web: httpx.Client) -> None:
    assert web.get("/assay?chip=" + "x" * 9000).status_code == 414


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"\xff\xfe\x00", b"%PDF-1.7 broken", b"[" * 100_000, b"{" * 200_000, b"\0" * 5000],
)
def test_a_broken_upload_is_refused_in_a_line(web: httpx.Client, body: bytes) -> None:
    reply = web.post("/check.json?name=x.pdf", content=body)
    assert reply.status_code in (200, 400)
    assert json.loads(reply.text)


@pytest.mark.parametrize(
    "url",
    [
        "/train.json?model=llama3.1-405b&chip=h20&chips=1e30",
        "/train.json?model=llama3.1-405b&chip=h20&chips=99999999999999999999999999",
        "/train.json?model=llama3.1-405b&chip=h20&chips=8&batch=1e400",
        "/assay.json?chip=h20&on=9999-99-99",
        "/assay.json?chip=h20&against=h100&serve=llama3.1-70b&but=h20.memory_bandwidth%3D1e300+TB/s",
        "/assay.json?chip=h20&against=h100&serve=llama3.1-70b&but=h20.memory_bandwidth%3D0+TB/s&cuts=1",
        "/assay.json?chip=h20&against=h100&train=gpt3-175b&cuts=1&but=h100.dense_bf16%3D0+TFLOPS",
        "/compare.json?chips=h20,h20",
        "/compare.json?chips=" + ",".join(["h20"] * 300),
        "/compare.json?chips=h20,h100,h200,a100,b200",
        "/law.json?chip=h20&to=%00",
        "/catalogue.json?chip=%F0%9F%92%A9",
    ],
)
def test_huge_and_odd_words_are_answered_or_refused(web: httpx.Client, url: str) -> None:
    reply = web.get(url)
    assert reply.status_code in (200, 400, 422)
    json.loads(reply.text)


ODD = st.one_of(
    st.sampled_from(["h20", "h100-sxm5", "CN", "2025-06-01", "llama3.1-70b", "1e308", "-1", "8"]),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
WORDS = st.sampled_from(["chip", "to", "on", "against", "train", "serve", "cuts", "but", "hq",
                         "from", "chips", "since", "party", "vendor", "field"])  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["assay", "compare", "law", "catalogue"]),
       st.lists(st.tuples(WORDS, ODD), max_size=5))  # fmt: skip
def test_no_words_make_the_server_stumble(
    web: httpx.Client, page: str, words: list[tuple[str, str]]
) -> None:
    reply = web.get(f"/{page}.json?{urlencode(words)}")
    assert reply.status_code in (200, 400), reply.text
    json.loads(reply.text)


@pytest.mark.parametrize(
    "body",
    [
        "TIMESTAMP,ContextTokens\n1,2\n",
        '{"timestamp": 1' + "[" * 50_000,
        "\0" * 900,
        "nan,1e999,-4",
    ],
)
def test_a_broken_trace_is_refused_in_a_line(web: httpx.Client, body: str) -> None:
    for name in ("requests.csv", "requests.jsonl", "../../etc/passwd"):
        words = f"model=llama3.1-70b&chip=h20&chips=8&name={name}"
        reply = web.post(f"/serve.json?{words}", content=body.encode())
        assert reply.status_code == 400, reply.text
        assert "/tmp" not in reply.text


@pytest.mark.parametrize(("port", "said"), [("99999", "is no port"), ("taken", "in use")])
def test_a_port_that_cannot_be_had_is_one_line(
    web: httpx.Client, port: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = str(web.base_url.port) if port == "taken" else port
    with pytest.raises(SystemExit) as left:
        main(["web", "--port", wanted])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_a_body_that_never_ends_is_not_waited_for(web: httpx.Client) -> None:
    """A hundred megabytes without a length: the answer comes long before they are all sent."""
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1600):
            sent += 2**16
            yield b"[" * 2**16

    with web.stream("POST", "/check.json", content=body()) as reply:
        assert reply.status_code == 413
    assert sent < 2**26


KNOWN = {
    "model": ["llama3.1-70b", "llama3.1-8b", "nobody", "/etc/passwd"],
    "chip": ["h20", "h100", "ascend-910b", "h2O"],
    "chips": ["8", "16", "0", "-1", "1e30", "8..32", "h20"],
    "batch": ["16", "4M", "8..32", "0", "many"],
    "plan": ["tp=8", "tp=3", "tp=8,pp=2", "zz=1", "tp=0"],
    "input": ["128", "0", "-5", "1e400"],
    "output": ["16", "1", "nan"],
    "rate": ["1", "1e9", "0"],
    "concurrency": ["4", "-1"],
    "slo": ["ttft=2s,tpot=50ms", "ttft=0", "speed=1"],
    "precision": ["fp8", "bf16", "int3"],
    "seq": ["2048", "1"],
    "but": ["h20.memory_bandwidth=0 TB/s", "h20.tdp=1e300 W", "h20.colour=red"],
    "train": ["llama3.1-8b", "nobody"],
    "serve": ["llama3.1-8b", "gpt3-175b"],
    "against": ["h100", "h20"],
}
ASKED = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in KNOWN.items()})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["train", "serve", "assay"]), ASKED)
def test_no_question_of_a_run_makes_the_server_stumble(
    web: httpx.Client, page: str, asked: dict[str, str]
) -> None:
    known = {each for task in TASKS[page] for each in fields(task)}
    words = {"model": "llama3.1-8b", "chip": "h20", "chips": "8"} | asked
    query = urlencode({name: value for name, value in words.items() if name in known})
    reply = web.get(f"/{page}.json?{query}")
    assert reply.status_code in (200, 400, 422), reply.text
    json.loads(reply.text)
