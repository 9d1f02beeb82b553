"""Why the compiled loop has its own `np.where`: numba's makes arrays of no dimension.

    python -m experiments.numba_where

Settles docs/decisions/0002-one-body-three-ways.md: the same training and serving chain, a million
rows, compiled with formulas' twins and with the formulas as numba finds them.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.bench_sweep import assay, asserted, best, chain

from chipassay.sweeps import kernel
from chipassay.sweeps.blocks import evaluate
from chipassay.trace import Formula

ROWS = 1_000_000
ONLY = ["training.tokens_per_second", "serving.tokens_per_second"]


def as_found(formula: Formula[..., Any], _: Any) -> Any:
    """No twin: numba asks the formula for `_numba_type_`."""
    return formula


def main() -> None:
    """Print both figures."""
    arguments = chain(ROWS)
    for name, twin in (("twins", kernel._twin), ("as found", as_found)):
        kernel._twin = twin
        kernel._kernels.clear()
        start = time.process_time()
        evaluate(assay, arguments, engine="numba", only=ONLY)
        first = time.process_time() - start
        seconds, table = best(lambda: evaluate(assay, arguments, engine="numba", only=ONLY), 3)
        asserted(assay, arguments, table)
        rate = ROWS / seconds / 1e6
        print(f"{name:9} first call {first:5.2f} CPU-s, then {rate:5.1f} M rows/CPU-s")


if __name__ == "__main__":
    main()
