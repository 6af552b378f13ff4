"""Long columns are judged by a few cells exactly as by all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from mulle.table.read.table import read
from mulle.table.schema import Table
from mulle.table.types import alike, choose, numbers, text_stats
from mulle.table.types.alike import few_alike

ROWS = 300
RNG = np.random.default_rng(0)
SMALL = RNG.integers(1_000, 1_000_000, ROWS)
LARGE = RNG.integers(1_000, 90_000_000, ROWS)
SHARES = np.round(RNG.random(ROWS) * 100, 1)
DAYS = pl.Series(RNG.integers(15_000, 20_000, ROWS)).cast(pl.Int32).cast(pl.Date)


def _of(form: str, values: object) -> list[str]:
    return [form.format(value) for value in values]  # type: ignore[attr-defined]


ALIKE = {
    "won": _of("{:,}원", SMALL),
    "commas": _of("{:,}", SMALL),
    "large": _of("${:,}", LARGE),
    "percent": _of("{}%", SHARES),
    "number and word": _of("{} 번지", SMALL),
    "short and grouped": _of("{:,}원", [*SMALL[:200], *range(100, 200)]),
}
ODD = {
    "codes": _of("{:06}번", SMALL),
    "all round": _of("{:,}", SMALL // 10 * 10),
    "choices": [f"{1 + i % 4},{5 + i % 3}" for i in range(ROWS)],
    "days": DAYS.dt.strftime("%d/%m/%Y").to_list(),
    "ISO days": DAYS.cast(pl.String).to_list(),
    "years": _of("{}년", RNG.integers(1990, 2020, ROWS)),
    "decimal commas": [one.replace(".", ",") for one in _of("{}%", SHARES)],
    "three decimals": _of("{:.3f}원", SHARES),
    "signs": _of("{}%", SHARES - 50),
    "times": _of("{}시", RNG.integers(0, 24, ROWS)),
    "words": [["서울", "부산", "-", "NA", " 대구"][i % 5] for i in range(ROWS)],
    "truth": [["true", "False"][i % 2] for i in range(ROWS)],
    "texts": _of("no {} of it", range(ROWS)),
    "blanks": _of("{} ", SMALL),
    "wide": _of("{}\u3000%", SHARES),
    "conjoining": [one.replace("원", "\u110b\u116f\u11ab") for one in ALIKE["won"]],
}
LAST = (
    "7원",
    "1,2원",
    "abc",
    "007원",
    "1,234,567원",
    "5%",
    "-",
    "없음",
    "2024-01-01",
    "",
    "12",
    "3시",
)


@pytest.fixture
def by_few(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let columns count as long that are not."""

    def now() -> None:
        for module in (alike, numbers, text_stats):
            monkeypatch.setattr(module, "_MANY" if module is not alike else "MANY", 30)
        monkeypatch.setattr(alike, "_HEAD", 20)
        monkeypatch.setattr(alike, "_SAMPLE", 100)
        monkeypatch.setattr(text_stats, "_LOOK", 10)
        monkeypatch.setattr(choose, "_SAMPLE", 100)

    return now


def _answer(columns: dict[str, list[str]]) -> tuple[object, ...]:
    table: Table = read(pl.DataFrame(columns))
    return table.frame.to_dict(as_series=False), table.schema, table.reading


@pytest.mark.parametrize("name", [*ALIKE, *ODD])
def test_few_cells_say_what_all_say(name: str, by_few: Callable[[], None]) -> None:
    cells = (ALIKE | ODD)[name]
    expected = _answer({"x": cells})
    by_few()
    assert _answer({"x": cells}) == expected


@pytest.mark.parametrize("last", LAST)
@pytest.mark.parametrize("name", [*ALIKE])
def test_one_other_cell_counts(name: str, last: str, by_few: Callable[[], None]) -> None:
    cells = [*ALIKE[name], last]
    expected = _answer({"x": cells})
    by_few()
    assert _answer({"x": cells}) == expected


@pytest.mark.parametrize(("name", "found"), [*((n, True) for n in ALIKE), ("codes", False),
                                             ("all round", False), ("days", False)])  # fmt: skip
def test_cells_of_one_form_are_alike(name: str, found: bool, by_few: Callable[[], None]) -> None:
    cells = pl.Series((ALIKE | ODD)[name])
    by_few()
    some = few_alike(cells)
    assert (some is not None) is found
    if some is not None:
        assert len(some) < len(cells)
        assert some[:20].to_list() == cells[:20].unique(maintain_order=True).to_list()
        odd = pl.concat([cells, pl.Series(["1.234.567원"])])
        assert few_alike(odd) is None
