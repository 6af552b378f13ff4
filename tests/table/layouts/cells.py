"""What stands in the cells: places, and the ways in which offices write numbers and their lack."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

CITIES = {
    "서울특별시": "종로구 중구 용산구 성동구 광진구 동대문구 중랑구 성북구 강북구 도봉구 노원구",
    "부산광역시": "중구 서구 동구 영도구 부산진구 동래구 남구 북구 해운대구 사하구 금정구 기장군",
    "대구광역시": "중구 동구 서구 남구 북구 수성구 달서구 달성군 군위군",
    "인천광역시": "중구 동구 미추홀구 연수구 남동구 부평구 계양구 서구 강화군 옹진군",
    "경기도": "수원시 성남시 의정부시 안양시 부천시 광명시 평택시 동두천시 안산시 고양시",
    "충청북도": "청주시 충주시 제천시 보은군 옥천군 영동군 증평군 진천군 괴산군 음성군 단양군",
    "전라남도": "목포시 여수시 순천시 나주시 광양시 담양군 곡성군 구례군 고흥군 보성군 화순군",
    "제주특별자치도": "제주시 서귀포시",
}
PROVINCES = (
    *CITIES,
    "광주광역시",
    "대전광역시",
    "울산광역시",
    "세종특별자치시",
    "강원특별자치도",
    "충청남도",
    "전북특별자치도",
    "경상북도",
    "경상남도",
)


@dataclass(frozen=True)
class Published:
    """A table as an office publishes it, and the table that it had.

    Attributes:
        data: the file.
        suffix: of its name.
        clean: the table: a row a case, names of several header rows joined by "_".
        unit: what one number is worth by a title that holds for the whole table ("단위: 천원").
        delimiter, encoding: of a text, for readers that have to be told.
    """

    data: bytes
    suffix: str
    clean: pl.DataFrame
    unit: float = 1.0
    delimiter: str = ","
    encoding: str = "utf-8"


Draw = random.Random
Layout = Callable[[Draw], Published]


def places(rng: Draw, least: int = 8, most: int = 17) -> list[str]:
    """Some provinces, in the order offices list them."""
    count = rng.randint(least, most)
    return [name for name in PROVINCES if name in set(rng.sample(PROVINCES, count))]


def districts(rng: Draw) -> list[tuple[str, str]]:
    """Provinces with some of their cities and districts."""
    chosen = rng.sample(sorted(CITIES), rng.randint(3, 5))
    return [
        (name, one)
        for name in CITIES
        if name in chosen
        for one in CITIES[name].split()[: rng.randint(2, 7)]
    ]


def whole(rng: Draw, count: int, low: int = 0, high: int = 2_000_000) -> list[int]:
    """Whole numbers of very different sizes."""
    return [int(low + (high - low) * rng.random() ** 3) for _ in range(count)]


def decimals(rng: Draw, count: int, low: float, high: float, places: int = 1) -> list[float]:
    """Numbers with a few decimals."""
    return [round(rng.uniform(low, high), places) for _ in range(count)]


def lacking(rng: Draw, values: Sequence[Any], share: float = 0.15) -> list[Any]:
    """The values without some of them; at least one goes, at least two stay."""
    gone = {rng.randrange(len(values))} | {i for i in range(len(values)) if rng.random() < share}
    stay = set(rng.sample(range(len(values)), 2))
    return [None if i in gone - stay else value for i, value in enumerate(values)]


def comma(value: float | None, mark: str = "") -> str:
    """A number with marks between thousands."""
    return mark if value is None else f"{value:,}"


def plain(value: object, mark: str = "") -> str:
    """A value as it is."""
    return mark if value is None else str(value)


def account(value: float | None, mark: str = "") -> str:
    """A number as account books have it: △ for a minus."""
    if value is None:
        return mark
    return f"△{-value:,}" if value < 0 else f"{value:,}"


def wide(text: str) -> str:
    """Digits and marks in full width."""
    return text.translate({i: i + 0xFEE0 for i in range(0x21, 0x7F)})


def columns(values: dict[str, Sequence[object]]) -> pl.DataFrame:
    """The clean frame."""
    return pl.DataFrame({name: list(cells) for name, cells in values.items()}, strict=False)
