"""Files of every form, whole and broken: offsets that land on the words, and one-line refusals."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipassay import check
from chipassay.claims.text.reading import MOST_BYTES, document
from chipassay.cli import main
from chipassay.errors import ChipassayError, QuestionError
from chipassay.views.claims_exports import claim_reviews, web_annotations
from chipassay.views.claims_html import report

ARTICLE = """A chip for one market

The H20 has 96 GB of HBM3. Its NVLink was cut to 400 GB/s.

On April 9, 2025, the government said a license is required to export the H20 to China.
"""
PAGE = """<!doctype html><html><head><title>x</title>
<meta property="article:published_time" content="2025-07-20T08:00">
<style>p { width: 4.8 TB/s }</style><script>var a = "The H100 has 4.8 TB/s";</script></head>
<body><nav>The H100 has 1 GB of memory.</nav>
<p>The H&#49;00 moves <b>4.8&nbsp;TB/s</b> &mdash; so they say.</p>
<table><tr><th></th><th>H100</th><th>H20</th></tr>
<tr><td>Memory bandwidth (GB/s)</td><td>3,350</td><td>900</td></tr></table></body></html>"""


def write(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_a_text_gives_its_own_words_back(tmp_path: Path) -> None:
    answer = check(write(tmp_path, "a.txt", ARTICLE))
    for claim in answer.answer["claims"]:
        assert ARTICLE[claim["start"] : claim["end"]] == claim["quote"]
    verdicts = [claim["verdict"] for claim in answer.answer["claims"]]
    assert verdicts == ["supported", "supported", "right for another chip", "supported"]
    assert answer.refusal
    assert answer.summary.startswith("4 checkable statements")
    assert answer.answer["documents"][0]["read_on"] == "2025-04-09"


def test_a_page_is_read_without_its_scripts_and_marks_land_in_its_source(tmp_path: Path) -> None:
    answer = check(write(tmp_path, "a.html", PAGE))
    said = {claim["quote"]: claim for claim in answer.answer["claims"]}
    assert len(said) == 3
    first = next(iter(said.values()))
    assert PAGE[first["start"] : first["end"]].startswith("H&#49;00")
    assert PAGE[first["start"] : first["end"]].endswith("TB/s")
    assert first["verdict"] == "right for another chip"
    assert said["3,350"]["verdict"] == "supported"
    assert said["3,350"]["chip"] == "h100-sxm5"
    assert said["900"]["verdict"] == "contradicted"
    assert PAGE[said["900"]["start"] : said["900"]["end"]] == "900"
    assert answer.answer["documents"][0]["date"] == "2025-07-20"


def test_markdown_loses_its_marks_and_keeps_its_table(tmp_path: Path) -> None:
    text = "# Parts\n\nThe **H20** has *96 GB*.\n\n| | H20 |\n|---|---|\n| TDP | 950 W |\n"
    answer = check(write(tmp_path, "a.md", text))
    verdicts = {claim["written"]: claim["verdict"] for claim in answer.answer["claims"]}
    assert verdicts == {"96 GB": "supported", "950 W": "contradicted"}
    for claim in answer.answer["claims"]:
        assert text[claim["start"] : claim["end"]].replace("*", "") == claim["quote"]


def test_wrapped_lines_are_one_sentence(tmp_path: Path) -> None:
    text = "Many words stand before the H100\nis said to move\n3.35 TB/s of memory bandwidth."
    text += "\n\nEnd of\nit\n"
    (claim,) = check(write(tmp_path, "a.txt", text)).answer["claims"]
    assert claim["verdict"] == "supported"


def test_a_pdf_is_read(tmp_path: Path) -> None:
    pytest.importorskip("pypdf", reason="the extra `text` is not installed")
    answer = check(write(tmp_path, "a.pdf", pdf("The H100 has a memory bandwidth of 4.8 TB/s.")))
    assert [c["verdict"] for c in answer.answer["claims"]] == ["right for another chip"]


def pdf(text: str) -> bytes:
    """A PDF of one line, written by hand."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, 2)
    for number, part in enumerate(parts, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, part))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, start)
    )
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.txt", "empty"),
        (b"  \n\t ", "a.md", "empty"),
        (bytes(range(256)) * 40, "a.txt", "no text"),
        (b"<html><body><script>x</script></body></html>", "a.html", "holds no text"),
        (b"%PDF-1.7\nnothing here", "a.pdf", "PDF"),
        (b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] >>" * 50, "a.pdf", "PDF"),
        (b"x" * (MOST_BYTES + 1), "a.txt", "too many"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, name: str, says: str) -> None:
    with pytest.raises(ChipassayError) as refused:
        document(data, name)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_command_refuses_and_answers_with_the_right_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["check", str(tmp_path / "absent.txt")], capsys)
    assert (code, out) == (2, "")
    assert "no such file" in err
    code, _, err = run(["check"], capsys)
    assert code == 2
    assert "needs a file" in err
    good = write(tmp_path, "good.txt", "The H20 has 96 GB of memory.")
    code, out, _ = run(["check", good, "--json"], capsys)
    assert code == 0
    claim = json.loads(out)["answer"]["claims"][0]
    wanted = {
        "quote",
        "start",
        "end",
        "chip",
        "field",
        "value",
        "unit",
        "verdict",
        "reference",
        "note",
    }
    assert wanted <= set(claim)
    assert (claim["chip"], claim["value"], claim["unit"]) == ("h20-96gb", 96e9, "B")
    bad = write(tmp_path, "bad.txt", "The H20 has 80 GB of memory.")
    code, out, _ = run(["check", bad], capsys)
    assert code == 1
    assert "✗" in out or "⇄" in out


def test_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = io.TextIOWrapper(io.BytesIO(b"The H20 has 96 GB of memory."))
    monkeypatch.setattr("sys.stdin", text)
    code, out, _ = run(["check", "-"], capsys)
    assert code == 0
    assert "1 supported" in out


HOSTILE = (
    'The H100"><script>alert(1)</script> has 4.8 TB/s of memory bandwidth & <img src=x onerror=y> '
    "says <b>Acme</b> 'Corp'.\n\nAccording to <i>X</i>, the H20 has 80 GB of memory.\n"
)


def test_the_report_escapes_the_article_and_carries_no_script(tmp_path: Path) -> None:
    answer = check(write(tmp_path, "<x>.txt", HOSTILE))
    assert len(answer.answer["claims"]) >= 1
    page = report(answer)
    for tag in ("<script", "<img", "<i>", "<x>"):
        assert tag not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


BREAKERS = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "H100",
    " has ",
    "4.8 TB/s",
    "<script>",
    "</article>",
    "of memory bandwidth. ",
    "\n\n",
    "javascript:",
    "]]>",
    "<!--",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(BREAKERS), max_size=30))
def test_no_text_breaks_out_of_the_report(parts: list[str]) -> None:
    text = "The H100 has 80 GB of memory. " + "".join(parts)
    answer = of_text(text)
    page = report(answer)
    body = page.partition("</style>")[2]
    tags = set(re.findall(r"<(/?\w+)", body))
    allowed = {"head", "body", "html", "h1", "p", "main", "div", "article", "mark", "a"}
    allowed |= {"section", "b", "blockquote", "code", "footer", "h2", "ol", "li"}
    assert {tag.lstrip("/") for tag in tags} <= allowed
    shown = re.sub(r"<[^>]+>", "", body.partition("<article>")[2].partition("</article>")[0])
    import html

    assert re.sub(r"[✓✗⇄≈≠?]\d+", "", html.unescape(shown)).count("H100") == text.count("H100")


def of_text(text: str):  # type: ignore[no-untyped-def]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return check(write(Path(folder), "a.txt", text), on="2025-07-20")


def test_reviews_and_annotations_say_what_was_found(tmp_path: Path) -> None:
    answer = check(write(tmp_path, "a.txt", ARTICLE))
    reviews = claim_reviews(answer)["@graph"]
    assert {review["@type"] for review in reviews} == {"ClaimReview"}
    assert [review["reviewRating"]["ratingValue"] for review in reviews] == [5, 5, 2, 5]
    items = web_annotations(answer)["first"]["items"]
    for item in items:
        quote, place = item["target"]["selector"]
        assert ARTICLE[place["start"] : place["end"]] == quote["exact"]
        assert ARTICLE.startswith(
            quote["prefix"] + quote["exact"], place["start"] - len(quote["prefix"])
        )


def test_files_are_written_whole_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = write(tmp_path, "a.txt", ARTICLE)
    paths = [tmp_path / name for name in ("r.html", "r.json", "w.json")]
    words = ["--report", str(paths[0]), "--reviews", str(paths[1]), "--annotations", str(paths[2])]
    assert run(["check", article, *words], capsys)[0] == 1
    assert all(path.stat().st_size > 500 for path in paths)
    code, _, err = run(["check", article, "--report", str(tmp_path / "no" / "r.html")], capsys)
    assert code == 2
    assert "no such file" in err


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    try:
        read = document(data, name)
    except QuestionError:
        return
    assert len(read.text) > 0


TAGS = [
    "<",
    ">",
    "</",
    "<p>",
    "<td>",
    "<tr>",
    "<table>",
    "</table>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "&amp;",
    "&#1114112;",
    "H100 ",
    "4 TB/s",
    "<nav>",
    "<main>",
    "\x00",
    '="',
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(TAGS), max_size=40))
def test_any_page_keeps_its_offsets(parts: list[str]) -> None:
    page = "<html><p>The H100 has 80 GB of memory.</p>" + "".join(parts)
    try:
        read = document(page.encode(), "a.html")
    except QuestionError:
        return
    assert read.starts is not None
    assert len(read.starts) == len(read.text)
    at = read.text.find("80 GB")
    if at >= 0:
        assert page[slice(*read.origin(at, at + 5))] == "80 GB"


@pytest.mark.parametrize(
    "unit", ["<", "<div>", "&", "<!--", "<td>H100", "H100 4 TB/s ", "1,", "(", "FP16 "]
)
def test_repeated_hostile_pieces_cost_little(unit: str) -> None:
    import time

    from chipassay.catalogue.catalogue import Catalogue
    from chipassay.claims.check import judged
    from chipassay.claims.text.names import index

    catalogue = Catalogue.shipped()
    names = index(catalogue)
    begun = time.process_time()
    for name in ("a.html", "a.txt"):
        text = "<html>x" + unit * (9000 // len(unit))
        judged(document(text.encode(), name), names, catalogue, "2025-01-01")
    assert time.process_time() - begun < 5.0
