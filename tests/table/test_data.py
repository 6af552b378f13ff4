"""The real tables are read with nothing silly in their kinds."""

import os
from pathlib import Path

import pytest

from mulle.table import read

DATA = os.environ.get("MULLE_DATA", "")
pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA, reason="MULLE_DATA is not set")]

KINDS = {
    "tables/titanic.csv": {"pclass": "discrete", "adult_male": "boolean", "survived": "boolean"},
    "tables/birthdays.parquet": {"date": "datetime", "rownames": "id", "births": "continuous"},
    "tables/ames.csv": {
        "MS_SubClass": "nominal",
        "Lot_Area": "continuous",
        "Full_Bath": "discrete",
    },
    "tables/wa_churn.csv": {"female": "boolean", "contract": "nominal", "tenure": "continuous"},
    "tables/taxis.csv": {"pickup": "datetime", "pickup_zone": "nominal", "fare": "continuous"},
    "tables/email.csv": {"time": "datetime", "number": "nominal", "spam": "boolean"},
    "tables/vic_elec.parquet": {"Time": "datetime", "Holiday": "boolean", "Demand": "continuous"},
    "text/nsmc_cp949.csv": {"review": "text", "rating": "discrete", "date": "datetime"},
    "text/tate_text.csv": {"id": "id", "title": "text", "artist": "nominal"},
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_real_tables(name):
    schema = read(Path(DATA) / name).schema
    assert {column: schema[column].kind for column in KINDS[name]} == KINDS[name]


def test_cp949_is_found_and_said():
    table = read(Path(DATA) / "text/nsmc_cp949.csv")
    assert table.repairs[0].values["encoding"] == "cp949"
    assert table.height == 4999
