"""Run every `$ scripts/chipassay …` line of a document: exit codes 0 and 1 are answers."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


def main(document: Path) -> int:
    """Run the commands in a temporary folder and report those that were refused."""
    root = document.resolve().parent
    lines = [line.strip()[2:] for line in document.read_text(encoding="utf-8").splitlines()
             if line.strip().startswith("$ scripts/chipassay")]  # fmt: skip
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for line in lines:
            words = shlex.split(line, comments=True)
            words[0] = str(root / words[0])
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1) or not done.stdout:
                failed += 1
                print(f"{line}: {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
    print(f"{document.name}: {len(lines)} commands run, {failed} refused")
    return 1 if failed or not lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
