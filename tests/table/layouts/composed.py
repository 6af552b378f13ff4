"""Tables put together at random: any columns under any title, above any notes, in any file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.table.layouts.cells import (
    Draw,
    Published,
    account,
    columns,
    comma,
    decimals,
    lacking,
    places,
    whole,
)
from tests.table.layouts.files import delimited, html, workbook


@dataclass(frozen=True)
class Drawn:
    """A column: its name, what its cells say and mean, and whether a total of it makes sense."""

    name: str
    cells: Sequence[str]
    means: Sequence[Any]
    adds: bool = False


def _counts(rng: Draw, n: int) -> Drawn:
    values = whole(rng, n, 5, 3_000_000)
    return Drawn("인구수", [comma(v) for v in values], values, adds=True)


def _plain_counts(rng: Draw, n: int) -> Drawn:
    values = whole(rng, n, 5, 90_000)
    return Drawn("건수(건)", [str(v) for v in values], values, adds=True)


def _missing_counts(rng: Draw, n: int) -> Drawn:
    values, mark = lacking(rng, whole(rng, n, 5, 90_000), 0.2), rng.choice(["-", "…", "X", ""])
    return Drawn("사업체수", [comma(v, mark) for v in values], values)


def _decimals(rng: Draw, n: int) -> Drawn:
    values = decimals(rng, n, 0, 99, 2)
    return Drawn("지수", [f"{v:.2f}" for v in values], values)


def _shares(rng: Draw, n: int) -> Drawn:
    values = decimals(rng, n, 0, 99)
    return Drawn("비율", [f"{v}%" for v in values], values)


def _changes(rng: Draw, n: int) -> Drawn:
    values = [v * rng.choice([1, -1]) for v in whole(rng, n, 1, 90_000)]
    return Drawn("증감", [account(v) for v in values], values)


def _won(rng: Draw, n: int) -> Drawn:
    values = whole(rng, n, 1000, 90_000_000)
    return Drawn("단가", [f"{comma(v)}원" for v in values], values)


def _millions(rng: Draw, n: int) -> Drawn:
    values = whole(rng, n, 1, 90_000)
    word, worth = rng.choice([("백만원", 10**6), ("천원", 10**3), ("억원", 10**8), ("만원", 10**4)])
    return Drawn(f"매출액({word})", [comma(v) for v in values], [v * worth for v in values])


def _days(rng: Draw, n: int) -> Drawn:
    values = [date(2015, 1, 1) + timedelta(days=rng.randint(0, 3000)) for _ in range(n)]
    form = rng.choice(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y년 %m월 %d일"])
    return Drawn("등록일", [f"{v:{form}}" for v in values], values)


def _months(rng: Draw, n: int) -> Drawn:
    values = [date(2020 + rng.randint(0, 4), rng.randint(1, 12), 1) for _ in range(n)]
    form = rng.choice(["%Y년 %m월", "%Y-%m"])
    return Drawn("기준년월", [f"{v:{form}}" for v in values], values)


def _codes(rng: Draw, n: int) -> Drawn:
    values = [f"{rng.randint(1, 63999):05}" for _ in range(n - 1)] + ["03012"]
    return Drawn("우편번호", values, values)


def _words(rng: Draw, n: int) -> Drawn:
    values = [rng.choice(["영업", "폐업", "휴업"]) for _ in range(n)]
    return Drawn("상태", values, values)


COLUMNS: tuple[Callable[[Draw, int], Drawn], ...] = (
    _changes,
    _codes,
    _counts,
    _days,
    _decimals,
    _millions,
    _missing_counts,
    _months,
    _plain_counts,
    _shares,
    _won,
    _words,
)


def composed(rng: Draw) -> Published:
    """Draw a table and the file it is published in."""
    name = places(rng)
    drawn = [
        Drawn("시도", name, name),
        *(make(rng, len(name)) for make in rng.sample(COLUMNS, rng.randint(2, 5))),
    ]
    body = [[column.cells[i] for column in drawn] for i in range(len(name))]
    if rng.random() < 0.3 and all(column.adds for column in drawn[1:]):
        total = [rng.choice(["합계", "계", "총계"]), *(comma(sum(c.means)) for c in drawn[1:])]
        body.insert(rng.choice([0, len(body)]), total)
    above = rng.choice([[], [], [["시도별 현황"]], [["시도별 현황"], ["(단위: 개, 명)"]]])
    below = rng.choice([[], [], [["자료: 통계청"]], [["※ 잠정치임"], ["주1) 반올림한 값임"]]])
    header = [column.name for column in drawn]
    clean = columns({column.name: column.means for column in drawn})
    return _filed(rng, above, [header, *body], below, clean)


def _filed(
    rng: Draw,
    above: list[list[str]],
    table: list[list[str]],
    below: list[list[str]],
    clean: Any,
) -> Published:
    width = len(table[0])
    filled = [row + [""] * (width - len(row)) for row in (*above, *table, *below)]
    kind = rng.choice(["csv", "csv", "csv", "xlsx", "xls"])
    if kind == "xlsx":
        return Published(workbook({"자료": (filled, ())}), ".xlsx", clean)
    if kind == "xls":
        return Published(html(table), ".xls", clean)
    encoding, mark = rng.choice(["utf-8", "utf-8-sig", "cp949"]), rng.choice(",,,\t;|")
    rows = filled if rng.random() < 0.5 else [*above, *table, *below]
    data = delimited(
        rows, encoding, mark, quote_all=rng.random() < 0.3, line=rng.choice(["\r\n", "\n"])
    )
    suffix = ".tsv" if mark == "\t" else ".csv"
    return Published(data, suffix, clean, delimiter=mark, encoding=encoding)
