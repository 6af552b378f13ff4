"""Fit a real table in Python, ask the model, and read why: prints a proof without label flips."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from sklearn.datasets import load_wine

import mulle


def main() -> None:
    """Fit scikit-learn's wine table and look at what came out."""
    bunch = load_wine()
    table = pl.DataFrame(bunch.data, schema=list(bunch.feature_names)).with_columns(
        cultivar=pl.Series([str(bunch.target_names[code]) for code in bunch.target])
    )
    result = mulle.fit(table, target="cultivar", preset="quick", trials=3)  # writes no file
    print(result.leaderboard.select("name", "score", "test", "weight"))
    row = table.drop("cultivar").to_dicts()[0]
    print("answer       ", result.model.predict(row)[0])
    print("probabilities", result.model.predict_proba(row).round(3)[0].tolist())
    strongest = result.model.predict(row, why=True)[0].contributions[0]
    print("mostly       ", strongest.column, round(strongest.change, 3))
    print("label flips  ", result.summary()["parity"]["label_flips"])
    with tempfile.TemporaryDirectory() as folder:
        model, report = result.save(Path(folder) / "wine.mulle")
        print("saved        ", model.name, report.name)


if __name__ == "__main__":
    main()
