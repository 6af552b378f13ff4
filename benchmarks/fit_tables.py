"""The tables and splits on which the quality of a fit is measured.

The order of the portfolio is learned on other tables. Those of `PORTFOLIO` belong to it and are
never measured here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from common import tables
from sklearn.model_selection import train_test_split

TEST_SHARE = 0.2
Task = Literal["binary", "multiclass", "regression"]


class Table(NamedTuple):
    """A table, what is predicted, and what must not be looked at.

    Attributes:
        file: below the folder of tables.
        target: the column that is predicted.
        drop: columns that tell the target, or count the rows.
        dates: columns that are dates, but do not come as such.
    """

    file: str
    target: str
    drop: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


TABLES = {
    "titanic": Table("titanic.csv", "survived", ("alive",)),
    "penguins": Table("penguins.csv", "species"),
    "mpg": Table("mpg.csv", "mpg"),
    "credit_data": Table("credit_data.csv", "Status"),
    "wa_churn": Table("wa_churn.csv", "churn"),
    "ames": Table("ames.csv", "Sale_Price"),
    "deliveries": Table("deliveries.csv", "time_to_delivery"),
    "lending_club": Table("lending_club.csv", "Class"),
    "leaf_id_flavia": Table("leaf_id_flavia.csv", "species"),
    "birthdays": Table("birthdays.parquet", "births"),
    "vic_elec": Table("vic_elec.parquet", "Demand", dates=("Date",)),
}
PORTFOLIO = {
    "stackoverflow": Table("stackoverflow.csv", "Remote"),
    "email": Table("email.csv", "spam"),
    "cells": Table("cells.csv", "class", ("case",)),
    "taxis": Table("taxis.csv", "tip"),
    "diamonds": Table("diamonds.csv", "price"),
    "fertility": Table("fertility.parquet", "morekids"),
}
# Of both, those whose file is a CSV: what a promise of time is measured on.
CSV_TABLES = {k: v for k, v in (TABLES | PORTFOLIO).items() if v.file.endswith(".csv")}
LONG = ("titanic", "credit_data", "ames", "deliveries", "leaf_id_flavia", "vic_elec")  # 300 s


def split(name: str, number: int) -> tuple[pd.DataFrame, pd.DataFrame, Task]:
    """Return the training and test rows of a table, and the task.

    Args:
        name: of the table.
        number: of the split; the same number gives the same rows everywhere.
    """
    table = TABLES[name]
    path = tables() / table.file
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    frame = frame.drop(columns=["rownames", *table.drop], errors="ignore")
    frame = frame.dropna(subset=[table.target])
    for column in (*frame.select_dtypes(["datetime", "datetimetz"]), *table.dates):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.tz_localize(None)
    task = task_of(frame[table.target])
    strata = None if task == "regression" else frame[table.target]
    train, test = train_test_split(
        frame, test_size=TEST_SHARE, random_state=np.random.RandomState(number), stratify=strata
    )
    return train, test, task


def task_of(y: pd.Series) -> Task:
    """Return what kind of prediction a target asks for."""
    if y.nunique() == 2:
        return "binary"
    return "regression" if pd.api.types.is_numeric_dtype(y) else "multiclass"
