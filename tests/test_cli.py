"""The command line as a stranger meets it: answers, refusals in one line, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chipassay.cli import main

ASSAY = ["assay", "h20", "--against", "h100", "--to", "CN", "--on", "2025-07-15",
         "--train", "gpt3-175b", "--serve", "llama3.1-70b"]  # fmt: skip


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def test_the_verdict_comes_first_and_a_needed_licence_is_exit_code_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run(ASSAY, capsys)
    assert (code, err) == (1, "")
    assert out.splitlines()[0].endswith("to CN on 2025-07-15: licence needed, by letter.")


def test_json_has_the_fields_that_interface_promises(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run([*ASSAY, "--cuts", "--json"], capsys)
    document = json.loads(out)
    assert code == 1
    assert list(document) == ["schema", "question", "answer", "because", "sources", "warnings"]
    assert document["schema"] == "chipassay/1"
    answer = document["answer"]
    assert round(answer["peak_ratio"]["fp16"], 4) == 0.1496
    assert answer["ship"]["classification"] == "none"
    assert answer["ship"]["enforced"]["outcome"] == "licence:letter"
    for use in ("train", "serve"):
        share = answer[use]["throughput_ratio"]
        assert set(share) == {"value", "low", "high", "unit", "basis"}
        assert share["low"] < share["value"] < share["high"]
        assert share["basis"] in ("interpolated", "transferred")
    assert {"field", "train_ratio", "prefill_ratio", "decode_ratio"} <= set(answer["cuts"][0])


def test_why_names_a_source_for_every_leaf(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run([*ASSAY, "--json"], capsys)
    document = json.loads(out)
    known = {source["id"] for source in document["sources"]}

    def leaves(reason: dict[str, object]) -> list[dict[str, object]]:
        inner = reason.get("inner")
        if isinstance(inner, list):
            return [leaf for each in inner for leaf in leaves(each)]
        return [reason]

    found = [leaf for reason in document["because"] for leaf in leaves(reason)]
    assert len(found) > 50
    for leaf in found:
        standing = str(leaf.get("standing"))
        grounds = ("assumed", "unknown", "fixed", "fitted")
        told = leaf.get("source") in known or standing.startswith(grounds)
        assert told or leaf.get("sentence") == "derived above", leaf
    code, text, _ = run([*ASSAY, "--why"], capsys)
    assert code == 1
    assert "because" in text
    assert "h20-96gb.dense_bf16 = 148 TFLOPS" in text


def test_a_what_if_is_named_modified_and_marked_as_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(["show", "h100-sxm5", "--but", "h100-sxm5.memory_bandwidth=4TB/s"], capsys)
    assert code == 0
    assert "(modified)" in out
    assert "assumed by the asker" in out


def test_a_users_own_chip_is_compared_with_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chips").mkdir()
    (tmp_path / "sources.yaml").write_text(
        "sources:\n  mine: {title: my test bench, url: none, date: '2026', kind: primary}\n"
    )
    (tmp_path / "chips" / "mychip.yaml").write_text(
        "id: mychip\nname: My Chip\nvendor: Me\nfigures:\n"
        "  memory_bandwidth: {value: 5 TB/s, sources: [mine], confidence: seen}\n"
    )
    code, out, err = run(["compare", "mychip", "h20", "--catalogue", str(tmp_path)], capsys)
    assert (code, err) == (0, "")
    assert "5,000 GB/s" in out
    (tmp_path / "chips" / "mychip.yaml").write_text("id: mychip\nname: [\n")
    code, out, err = run(["show", "mychip", "--catalogue", str(tmp_path)], capsys)
    assert (code, out) == (2, "")
    assert "mychip.yaml:" in err


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_a_roofline_is_drawn(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / f"roofline{ending}"
    code, _, err = run(["compare", "h20", "h100", "--plot", str(picture)], capsys)
    assert (code, err) == (0, "")
    assert picture.stat().st_size > 5000
    assert [path.name for path in tmp_path.iterdir()] == [picture.name]


MALFORMED = [
    (["assay", "h2o"], "did you mean h20"),
    (["assay", "h20", "--against", "h1000"], "did you mean"),
    (["assay", "h20", "--train", "gpt3-175c"], "did you mean gpt3-175b"),
    (["assay", "h20", "--on", "2021-12-31"], "2022-01-01"),
    (["assay", "h20", "--on", "soon"], "2025-07-15"),
    (["assay", "h20", "--to", "China"], "two letters"),
    (["assay", "h20", "--cuts"], "--against"),
    (["assay"], "needs a chip"),
    (["assay", "h20", "h100"], "--help"),
    (["asay", "h20"], "did you mean assay"),
    (["show", "h20", "--field", "memory_bandwith"], "did you mean memory_bandwidth"),
    (["show", "h20", "--colour", "red"], "--help"),
    (["show", "h20", "--but", "h20.memory_bandwidth=4"], "B/s"),
    (["show", "h20", "--but", "h20.memory_bandwidth=-4TB/s"], "negative"),
    (["show", "h20", "--but", "h20.memory_bandwidth=4 GHz"], "B/s"),
    (["show", "h20", "--but", "h20.wings=2"], "field"),
    (["show", "h20", "--but", "wings"], "CHIP.FIELD=VALUE"),
    (["show", "h20", "--catalogue", "no/such/folder"], "no such folder"),
    (["chips", "--vendor", "Nvidiaa"], "did you mean"),
    (["compare", "h20"], "two chips"),
    (["compare", "h20", "h20"], "twice"),
    (["compare", "h20", "h100", "--plot", "roofline.gif"], ".svg"),
    (["compare", "h20", "h100", "--plot", "no/such/x.svg"], "folder"),
    (["assay", "h20", "--train", "no-such/config.json"], "No such file"),
]


@pytest.mark.parametrize(
    ("arguments", "hint"), MALFORMED, ids=[" ".join(words) for words, _ in MALFORMED]
)
def test_a_malformed_question_is_one_line_that_helps(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(arguments, capsys)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert hint in err


def test_a_config_that_is_a_list_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text("[1, 2]")
    code, out, err = run(["assay", "h20", "--serve", str(config)], capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "a list" in err


WORDS = st.one_of(
    st.sampled_from(
        ["chips", "show", "compare", "assay", "h20", "h100", "--to", "CN", "--on", "2025-07-15",
         "--against", "--json", "--why", "--field", "tdp", "--but", "h20.tdp=1 W", "--vendor",
         "NVIDIA", "--train", "gpt3-175b", "--cuts", "--help", "--", "-x", "", "0", "-1", "NaN"]
    ),
    st.text(max_size=12),
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, max_size=6))
@example(["--help"])
@example(["show", "\udcff"])
@example(["show", "h20", "--but", "h20.tdp=1e999 W"])
@example(["assay", "h20", "--on", "9999-99-99"])
def test_no_words_at_all_can_make_it_stumble(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = run(arguments, capsys)
    assert code in (0, 1, 2)
    assert "Traceback" not in err
    if code == 2 and arguments:
        assert out == ""
        assert err.count("\n") == 1
    else:
        assert out or not arguments


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], ["pydantic", "numpy", "rich", "yaml", "matplotlib", "numba"]),
        (["chips"], ["matplotlib", "numba", "yaml"]),
        (ASSAY, ["matplotlib", "numba", "yaml"]),
    ],
)
def test_heavy_libraries_stay_out_until_they_are_needed(
    arguments: list[str], absent: list[str]
) -> None:
    program = (
        "import sys\nfrom chipassay.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        f"sys.exit(', '.join(name for name in {absent!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = f"{sys.executable} -m chipassay chips | head -1"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.startswith("chip")
