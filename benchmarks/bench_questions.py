"""Questions at the command line: CPU-seconds of a fresh process, by `getrusage`.

    python -m benchmarks.bench_questions

The first run of each is left out (it may compile the catalogue); the figure is the least of five.
Every run's output is checked.
"""

from __future__ import annotations

import resource
import subprocess
import sys

ASSAY = "assay h20 --against h100 --to CN --on 2025-07-15"
WORK = "assay h20 --against h100"
QUESTIONS = {  # words: (CPU-seconds at most, what the answer must contain)
    "--help": (0.25, "assay"),
    ASSAY: (0.6, "H20"),
    f"{WORK} --train llama3.1-405b --serve llama3.1-70b": (1.0, "best plans"),
    f"{WORK} --train llama3.1-405b --serve llama3.1-70b --cuts": (1.4, "all together"),
}


def answered(words: str, expected: str) -> float:
    """CPU-seconds of one question, its children's included; asserts its answer."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "chipassay", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # 1 is an answer, too: a licence is needed.
    assert done.returncode in (0, 1), done.stderr[-500:]
    assert expected.casefold() in done.stdout.casefold(), done.stdout + done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    reached = True
    for words, (most, expected) in QUESTIONS.items():
        answered(words, expected)
        least = min(answered(words, expected) for _ in range(5))
        reached &= least < most
        print(f"{least:6.3f} CPU-s (at most {most})   chipassay {words}")
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
