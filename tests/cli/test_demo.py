"""`mulle demo`: its tables, and the file it will not overwrite."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

import mulle as package
from mulle.cli import Exit
from mulle.cli.demo_data import TARGETS, make_listings, make_table


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine", "digits"])
def test_tables_of_scikit_learn(name):
    data, target = make_table(name)
    frame = pl.read_csv(io.BytesIO(data))
    options = {"scaled": False} if name == "diabetes" else {}
    loaded = getattr(datasets, f"load_{name}")(**options)
    features = frame.drop(target)
    np.testing.assert_allclose(features.to_numpy(), loaded.data)
    assert all(" " not in column for column in features.columns)
    assert frame[target].n_unique() == len(np.unique(loaded.target))


def test_listings_are_the_same_every_time():
    assert make_listings() == make_listings()
    assert make_listings(seed=1) != make_listings()


def test_listings_show_the_repairs(tmp_path):
    data, target = make_table("listings")
    path = tmp_path / "listings.csv"
    path.write_bytes(data)
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    table = package.read(path)
    repairs = {repair.code for repair in table.repairs}
    assert repairs == {
        "currency", "decimal-beside", "decoded", "full-width", "korean-date", "korean-units",
        "missing-token", "thousands", "title-rows",
    }  # fmt: skip
    prices = table.frame[target]
    assert table.height == 800
    assert prices.null_count() == 0
    assert 100e6 < prices.median() < 3e9  # won
    assert table.schema["준공일"].kind == table.schema["계약일"].kind == "datetime"
    assert table.frame["층"].null_count() == 0


def test_prices_follow_the_formula():
    frame = package.read(io_rows(make_listings(400))).frame
    by_district = frame.group_by("구").agg(
        (pl.col("가격") / pl.col("전용면적(㎡)")).mean().alias("won")
    )
    won = dict(by_district.rows())
    assert won["강남구"] > 2 * won["도봉구"]


def io_rows(text: str) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(text.partition("\n")[2]), infer_schema=False)


@pytest.mark.parametrize("name", ["wine"])
def test_the_main_job(mulle, tmp_path, name):
    said = mulle("demo", "--table", name, "--time", "4")
    assert said.code == 0, said.err
    assert said.err.startswith(f"$ mulle fit {name}.csv --target {TARGETS[name]} --time 4\n")
    assert {f"{name}.csv", f"{name}.mulle", f"{name}.html"} <= {p.name for p in tmp_path.iterdir()}
    assert "\nnext: mulle predict wine.mulle wine.csv -o predictions.csv\n" in said.out


def test_a_file_of_yours_is_not_overwritten(mulle, tmp_path):
    (tmp_path / "wine.csv").write_text("mine", encoding="utf-8")
    said = mulle("demo", "--table", "wine")
    assert said.code == Exit.wrong_command
    assert "(demo-file-exists)" in said.err
    assert (tmp_path / "wine.csv").read_text(encoding="utf-8") == "mine"
