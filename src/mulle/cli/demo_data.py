"""The tables of `mulle demo`: four of scikit-learn with readable names, and generated listings.

The listings are apartments as a Korean office would export them (cp949, 억 and 만원): generated
from a seed and a plausible formula, in which the price follows area, district, age, floor and the
walk to the station, with noise. They hold what `mulle` repairs: full-width digits, amounts in
억/만원, dates as 2021년 3월 5일, several words for missing, a title row above the header.
"""

from __future__ import annotations

import math
import random
from typing import Any

LISTINGS = 800
_COLUMNS = (
    "매물번호,구,단지명,전용면적(㎡),층,준공일,세대수,역까지 도보(분),방향,관리비,계약일,특징,가격"
)
# District, and million won for a square metre in an ordinary flat there.
_DISTRICTS = {
    "강남구": 24.0,
    "서초구": 22.5,
    "용산구": 19.0,
    "송파구": 18.0,
    "마포구": 14.5,
    "영등포구": 12.5,
    "동작구": 12.0,
    "노원구": 8.5,
    "은평구": 8.2,
    "도봉구": 7.4,
}
_NAMES = ("한빛", "푸른솔", "은하수", "느티나무", "새봄", "강변", "한울", "다솜")
_AREAS = (39.8, 49.6, 59.9, 74.5, 84.9, 101.7, 114.8, 134.9)
_FACES = ("남향", "남동향", "남서향", "동향", "서향", "북향")
_FACE_WORTH = {"남향": 1.03, "남동향": 1.02, "남서향": 1.01, "북향": 0.96}
_TRAITS = ("올수리", "역세권", "초품아", "즉시입주", "한강 조망", "조용한 단지", "주차 넉넉")
_TRAIT_WORTH = {"올수리": 1.04, "한강 조망": 1.12, "초품아": 1.02}
_MISSING = ("", "-", "N/A", "미상", "없음")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

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


def make_table(name: str) -> tuple[bytes, str]:
    """Return a table as the bytes of a CSV file, and the name of the column to predict."""
    if name == "listings":
        return make_listings().encode("cp949"), TARGETS[name]
    return _load_sklearn(name), TARGETS[name]


def _load_sklearn(name: str) -> bytes:
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


def make_listings(rows: int = LISTINGS, seed: int = 0) -> str:
    """Return the listings as the text of a CSV file: a title row, a header, then the rows.

    >>> make_listings(1).splitlines()[1].split(",")[:4]
    ['매물번호', '구', '단지명', '전용면적(㎡)']
    """
    rng = random.Random(seed)
    lines = [f"아파트 매물 {rows}건 (지어낸 자료)", _COLUMNS]
    return "\n".join(lines + [_row(rng, number) for number in range(rows)]) + "\n"


def _row(rng: random.Random, number: int) -> str:
    district = rng.choice(list(_DISTRICTS))
    area, floor = rng.choice(_AREAS), rng.randint(1, 28)
    built, households = rng.randint(1985, 2023), rng.randrange(120, 3200)
    walk, face = rng.randint(1, 22), rng.choice(_FACES)
    traits = rng.sample(_TRAITS, rng.randint(0, 3))
    price = _price(rng, district, area, floor, built, households, walk, face, traits)
    fee = round(area * rng.uniform(2100, 3300), -2)
    cells = [
        f"A{10_000 + number}",
        district,
        f"{rng.choice(_NAMES)} {rng.randint(1, 9)}단지",
        f"{area}",
        _sometimes_full_width(rng, f"{floor}"),
        _date(rng, built, rng.randint(1, 12), rng.randint(1, 28)),
        _sometimes_missing(rng, f"{households:,}" if rng.random() < 0.5 else f"{households}"),
        _sometimes_missing(rng, f"{walk}"),
        _sometimes_missing(rng, face),
        _sometimes_missing(rng, f"{fee:,.0f}원"),
        _date(rng, 2024, rng.randint(1, 12), rng.randint(1, 28)),
        " ".join(traits),
        _won(rng, price),
    ]
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def _price(
    rng: random.Random,
    district: str,
    area: float,
    floor: int,
    built: int,
    households: int,
    walk: int,
    face: str,
    traits: list[str],
) -> int:
    """In 만원, to the nearest hundred of them, as prices are asked."""
    age = 2024 - built
    worth = _DISTRICTS[district] * area * 100
    worth *= (area / 85) ** -0.08  # small flats cost more a square metre
    worth *= 0.72 + 0.28 * math.exp(-age / 14) + (0.10 if age > 33 else 0.0)  # to be rebuilt soon
    worth *= (0.94 if floor <= 2 else 1.0 + 0.003 * min(floor, 20)) * (1.06 - 0.008 * walk)
    worth *= (households / 800) ** 0.03 * _FACE_WORTH.get(face, 1.0)
    worth *= math.prod(_TRAIT_WORTH.get(trait, 1.0) for trait in traits)
    return int(round(worth * rng.lognormvariate(0, 0.06), -2))


def _won(rng: random.Random, price: int) -> str:
    """An amount in 만원 as people write it: 12억 3,500만원, 12억 3500, 123,500만원."""
    hundreds, rest = divmod(price, 10_000)
    if not hundreds:
        return f"{price:,}만원"
    if not rest:
        return f"{hundreds}억"
    style = rng.random()
    if style < 0.6:
        return f"{hundreds}억 {rest:,}만원"
    return f"{hundreds}억 {rest}만" if style < 0.8 else f"{price:,}만원"


def _date(rng: random.Random, year: int, month: int, day: int) -> str:
    style = rng.random()
    if style < 0.5:
        return f"{year}-{month:02}-{day:02}"
    return f"{year}년 {month}월 {day}일" if style < 0.8 else f"{year}.{month:02}.{day:02}"


def _sometimes_missing(rng: random.Random, text: str) -> str:
    return rng.choice(_MISSING) if rng.random() < 0.04 else text


def _sometimes_full_width(rng: random.Random, text: str) -> str:
    return text.translate(_FULL_WIDTH) if rng.random() < 0.1 else text
