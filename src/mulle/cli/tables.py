"""The tables of `mulle demo`, as files: scikit-learn's with readable names, and one of our own."""

from __future__ import annotations

from typing import Any

TARGETS = {
    "breast_cancer": "diagnosis",
    "diabetes": "progression",
    "digits": "digit",
    "listings": "가격",
    "wine": "cultivar",
}
# The blood measurements s1..s6 of the diabetes table, as its authors describe them (Efron et al.
# 2004, "Least Angle Regression").
_DIABETES = {
    "bp": "blood_pressure",
    "s1": "cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_hdl_ratio",
    "s5": "log_triglycerides",
    "s6": "glucose",
}


def made(name: str) -> tuple[bytes, str]:
    """A table as the bytes of a CSV file, and the column to predict."""
    if name == "listings":
        from mulle.cli.listings import listings

        return listings().encode("cp949"), TARGETS[name]
    return _of_sklearn(name), TARGETS[name]


def _of_sklearn(name: str) -> bytes:
    import polars as pl
    from sklearn import datasets

    options = {"scaled": False} if name == "diabetes" else {}
    loaded: Any = getattr(datasets, f"load_{name}")(**options)
    columns = [_DIABETES.get(c, c.replace(" ", "_")) for c in loaded.feature_names]
    frame = pl.DataFrame(dict(zip(columns, loaded.data.T, strict=True)))
    return frame.with_columns(_target(name, loaded)).write_csv().encode()


def _target(name: str, loaded: Any) -> Any:
    import polars as pl

    if name == "breast_cancer":
        labels = [str(loaded.target_names[code]) for code in loaded.target]
        return pl.Series(TARGETS[name], labels)
    if name == "wine":
        return pl.Series(TARGETS[name], [f"cultivar {code + 1}" for code in loaded.target])
    return pl.Series(TARGETS[name], loaded.target)
