"""A header may say what a written 1 is worth."""

import polars as pl
import pytest

from mulle.table import read
from mulle.table.types.number_headers import header_scale


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("가격(만원)", (1e4, "krw")),
        ("금액(백만원)", (1e6, "krw")),
        ("예산 (단위: 억원)", (1e8, "krw")),
        ("인구(천명)", (1e3, "명")),
        ("수출액(백만달러)", (1e6, "usd")),
        ("생산량[천톤]", (1e3, "톤")),
        ("면적(천㎡)", (1e3, "m2")),
        ("price (k$)", (1e3, "usd")),
        ("revenue ($M)", (1e6, "usd")),
        ("Umsatz (Mio. EUR)", (1e6, "eur")),
        ("Umsatz (Tsd. €)", (1e3, "eur")),
        ("GDP (USD bn)", (1e9, "usd")),
        ("Sales in millions", (1e6, "")),
        ("Population (thousands)", (1e3, "")),
        ("Assets ($ million)", (1e6, "usd")),
        ("выручка (млн руб)", (1e6, "rub")),
        ("sales ('000)", (1e3, "")),
        ("人口(万)", (1e4, "")),
        ("GDP（亿元）", (1e8, "cny")),
        ("売上(百万円)", (1e6, "jpy")),
        ("人口(万人)", (1e4, "人")),
        ("width (mm)", None),
        ("power (MW)", None),
        ("weight (kg)", None),
        ("나이(만)", None),
        ("price", None),
        ("가격(원)", None),
        ("x (b)", None),
        ("thickness (mill)", (1e6, "")),
        ("note (million dollar baby)", None),
    ],
)
def test_scales_of_names(name, scale):
    assert header_scale(name) == scale


def test_plain_grouped_and_typed_numbers_are_multiplied():
    cells = {"가격(만원)": ["5", "12", "1.1"], "금액(천원)": ["1,234", "5", "70"]}
    table = read(cells)
    assert table.frame["가격(만원)"].to_list() == [50_000, 120_000, 11_000]
    assert table.frame["금액(천원)"].to_list() == [1_234_000, 5_000, 70_000]
    listed = {(r.code, r.column): (r.count, r.values) for r in table.repairs}
    assert listed["header-unit", "가격(만원)"] == (3, {"before": "5", "after": "50000"})
    typed = read(pl.DataFrame({"가격(만원)": [5, 12]}))
    assert typed.frame["가격(만원)"].to_list() == [50_000, 120_000]


def test_new_rows_are_multiplied_in_the_same_way():
    name = "가격(만원)"
    schema = read({name: ["5", "12", "7"]}).schema
    rows = [{name: 5}, {name: "5"}, {name: "50,000원"}, {name: 5.5}, {name: "5만원"}]
    assert [schema.row(row)[name] for row in rows] == [50_000, 50_000, 50_000, 55_000, 50_000]
    assert schema.validate_rows(rows[:1]).frame[name].to_list() == [50_000]


def test_a_scale_is_undone_by_a_person():
    name = "가격(만원)"
    reading = {"columns": {name: {"scale": 1.0}}}
    assert read({name: ["5", "12"]}, reading=reading).frame[name].to_list() == [5, 12]
    assert read({name: ["5", "12"]}, repair=False).frame[name].to_list() == [5, 12]
