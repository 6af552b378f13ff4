"""What it costs to count a served row: microseconds a row, and bytes that stay.

A server pushes its rows to a window in batches of 1,000, as the arrays that its model was fed. The
floor is the same model answering the same rows in the same batches: how much of a server that does
nothing but answer full batches goes to counting (one that speaks HTTP spends many times more).

    pip install .
    python benchmarks/watch_window.py [--rows 200000]

Caveats: half of the columns numbers, a third categories, the rest whole numbers and dates; one
process; the model is the first that a quick fit finds.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import numpy as np
import polars as pl
from common import header

BATCH = 1_000


def made(rows: int, columns: int, seed: int = 0) -> pl.DataFrame:
    """A table of so many columns, with a label."""
    rng = np.random.default_rng(seed)
    made: dict[str, object] = {}
    for k in range(columns):
        if k % 6 < 3:
            made[f"n{k}"] = rng.normal(size=rows)
        elif k % 6 < 5:
            made[f"c{k}"] = np.array([f"v{i}" for i in range(20)])[rng.integers(0, 20, rows)]
        else:
            made[f"i{k}"] = rng.poisson(3, rows)
    made["y"] = np.where(rng.normal(size=rows) + made["n0"] > 0, "yes", "no")
    return pl.DataFrame(made)


def main() -> None:
    """Ten columns, then thirty."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    chosen = parser.parse_args()
    header("Counting served rows", "mulle", "numpy", "onnxruntime")
    import mulle
    from mulle.verbs.watch import Reference, Window

    print(f"{'columns':>8}{'count us/row':>14}{'answer us/row':>15}{'share':>8}{'bytes':>9}"
          f"{'compare ms':>12}")  # fmt: skip
    for columns in (10, 30):
        with tempfile.TemporaryDirectory() as folder:
            fitted = mulle.fit(made(5_000, columns), "y", preset="quick", trials=2, output=folder)
        model = fitted.model
        inputs = model.inputs(made(chosen.rows, columns, 1).drop("y"))
        batches = [
            {name: values[begin : begin + BATCH] for name, values in inputs.items()}
            for begin in range(0, chosen.rows, BATCH)
        ]
        reference = Reference.of(model)
        answered, counted, compared = np.inf, np.inf, np.inf
        for _ in range(3):  # the best of three
            window = Window(reference)
            begin = time.perf_counter()
            answers = [model.predict_arrays(batch) for batch in batches]
            answered = min(answered, time.perf_counter() - begin)
            begin = time.perf_counter()
            for batch, answer in zip(batches, answers, strict=True):
                window.update(batch, answer)
            counted = min(counted, time.perf_counter() - begin)
            begin = time.perf_counter()
            mulle.verbs.watch.compare(reference, window)
            compared = min(compared, time.perf_counter() - begin)
        each = 1e6 / chosen.rows
        print(f"{columns:8}{counted * each:14.2f}{answered * each:15.2f}"
              f"{counted / answered:8.2f}{len(window.to_bytes()):9,}"
              f"{compared * 1e3:12.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
