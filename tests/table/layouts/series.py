"""Series over time, and the answers of public interfaces: years, quarters, months, JSON."""

from datetime import date

from tests.table.layouts.cells import (
    Draw,
    Published,
    columns,
    comma,
    decimals,
    lacking,
    places,
    plain,
    whole,
)
from tests.table.layouts.files import delimited, json_bytes, padded


def _months(rng: Draw, least: int = 14) -> list[date]:
    first = rng.randint(0, 12)
    return [
        date(2020 + m // 12, m % 12 + 1, 1) for m in range(first, first + rng.randint(least, 40))
    ]


def _quarters(rng: Draw) -> list[date]:
    first = rng.randint(0, 8)
    count = rng.randint(8, 24)
    return [date(2015 + q // 4, q % 4 * 3 + 1, 1) for q in range(first, first + count)]


def months_in_words(rng: Draw) -> Published:
    """Months as 2023년 1월, a price index, a few marks for not yet known."""
    month = _months(rng)
    n = len(month)
    index, money = decimals(rng, n, 90, 120, 2), lacking(rng, whole(rng, n, 1000, 900_000), 0.05)
    mark = rng.choice(["-", "…", "..."])
    rows = [["시점", "소비자물가지수", "거래액(억원)"]] + [
        [f"{m.year}년 {m.month}월", plain(i), comma(v, mark)]
        for m, i, v in zip(month, index, money, strict=True)
    ]
    scaled = [None if v is None else v * 10**8 for v in money]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns({"시점": month, "소비자물가지수": index, "거래액(억원)": scaled})
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def months_with_dots(rng: Draw) -> Published:
    """Months as 2023.01: October is no 2023.1."""
    month = _months(rng)
    n = len(month)
    rate, count = decimals(rng, n, 1, 6), whole(rng, n, 1000, 90_000)
    rows = [["시점", "실업률 (%)", "실업자 (천명)"]] + [
        [f"{m:%Y.%m}", plain(r), comma(c)] for m, r, c in zip(month, rate, count, strict=True)
    ]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns({"시점": month, "실업률 (%)": rate, "실업자 (천명)": [c * 1000 for c in count]})
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def months_in_digits(rng: Draw) -> Published:
    """Months as 202301 or 2023-01 beside 이용건수."""
    month, form = _months(rng), rng.choice(["%Y%m", "%Y-%m", "%Y/%m"])
    count = whole(rng, len(month), 1000, 90_000)
    rows = [["기준년월", "이용건수"]]
    rows += [[f"{m:{form}}", str(c)] for m, c in zip(month, count, strict=True)]
    clean = columns({"기준년월": month, "이용건수": count})
    return Published(delimited(rows), ".csv", clean)


def quarters_in_words(rng: Draw) -> Published:
    """Quarters as 2023년 1/4분기 or 2023년 1분기, growth with a minus."""
    quarter = _quarters(rng)
    n = len(quarter)
    growth = decimals(rng, n, -3, 5)
    ending = rng.choice(["/4분기", "분기"])
    total = whole(rng, n, 1000, 900_000)
    rows = [["분기", "성장률(%)", "국내총생산(십억원)"]] + [
        [f"{q.year}년 {(q.month + 2) // 3}{ending}", plain(g), comma(t)]
        for q, g, t in zip(quarter, growth, total, strict=True)
    ]
    clean = columns(
        {"분기": quarter, "성장률(%)": growth, "국내총생산(십억원)": [t * 10**9 for t in total]}
    )
    encoding = rng.choice(["utf-8-sig", "cp949"])
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def quarters_with_dots(rng: Draw) -> Published:
    """Quarters as 2023.1/4, with p for what is provisional in the last two rows."""
    quarter = _quarters(rng)
    n = len(quarter)
    firms = whole(rng, n, 1000, 900_000)
    late = " p)" if rng.random() < 0.3 else ""
    rows = [["시점", "업체수"]] + [
        [f"{q.year}.{(q.month + 2) // 3}/4{late if i >= n - 2 else ''}", comma(f)]
        for i, (q, f) in enumerate(zip(quarter, firms, strict=True))
    ]
    clean = columns({"시점": quarter, "업체수": firms})
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def years_in_words(rng: Draw) -> Published:
    """Years as 2023년 or 2023, a title and a note around the table, cells padded."""
    first, n = rng.randint(1990, 2005), rng.randint(8, 20)
    year = [first + i for i in range(n)]
    rice, fruit = decimals(rng, n, 50, 130), lacking(rng, decimals(rng, n, 10, 70))
    word = rng.choice(["년", ""])
    rows = [["1인당 소비량"], ["(단위: kg)"], ["연도", "쌀", "과실류"]]
    rows += [
        [f"{y}{word}", plain(r), plain(f, "-")] for y, r, f in zip(year, rice, fruit, strict=True)
    ]
    rows += [["자료: 농림축산식품부, 양정자료"]]
    clean = columns({"연도": year, "쌀": rice, "과실류": fruit})
    encoding = rng.choice(["utf-8-sig", "cp949"])
    return Published(delimited(padded(rows), encoding), ".csv", clean, encoding=encoding)


def months_across(rng: Draw) -> Published:
    """A column a month (1월 to 12월), a column for the sum of the year, places down."""
    name = places(rng)
    values = {f"{m}월": whole(rng, len(name), 0, 90_000) for m in range(1, 13)}
    total = [sum(v[i] for v in values.values()) for i in range(len(name))]
    rows = [["관광지", "계", *values]]
    rows += [
        [a, comma(total[i]), *(comma(v[i]) for v in values.values())] for i, a in enumerate(name)
    ]
    clean = columns({"관광지": name, "계": total} | values)
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def long_table(rng: Draw) -> Published:
    """The statistics portal's own text: codes in quotes, items down, years across, with tabs."""
    name, years = places(rng, 5), [2019 + i for i in range(rng.randint(2, 5))]
    keys = [(a, item) for a in name for item in ("취업자", "실업자")]
    values = {f"{y} 년": lacking(rng, decimals(rng, len(keys), 1, 5000)) for y in years}
    rows = [["시도별", "항목", "단위", *values]]
    rows += [
        [a, item, "천명", *(plain(v[i], "-") for v in values.values())]
        for i, (a, item) in enumerate(keys)
    ]
    clean = columns(
        {"시도별": [a for a, _ in keys], "항목": [b for _, b in keys], "단위": ["천명"] * len(keys)}
        | values
    )
    encoding = rng.choice(["utf-8-sig", "cp949"])
    return Published(
        delimited(rows, encoding, "\t"), ".tsv", clean, delimiter="\t", encoding=encoding
    )


def portal_answer(rng: Draw) -> Published:
    """The open data portal's JSON: rows in an envelope, numbers as texts or as numbers."""
    name = places(rng)
    n = len(name)
    beds, doctors = whole(rng, n, 10, 3000), lacking(rng, whole(rng, n, 1, 900))
    texts = rng.random() < 0.5
    items = [
        {
            "시도명": a,
            "병상수": str(b) if texts else b,
            "의사수": ("" if d is None else str(d)) if texts else d,
        }
        for a, b, d in zip(name, beds, doctors, strict=True)
    ]
    flat = {
        "currentCount": n,
        "data": items,
        "matchCount": n,
        "page": 1,
        "perPage": 100,
        "totalCount": n,
    }
    body = {"items": {"item": items}, "numOfRows": n, "pageNo": 1, "totalCount": n}
    deep = {
        "response": {"header": {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}, "body": body}
    }
    clean = columns({"시도명": name, "병상수": beds, "의사수": doctors})
    return Published(json_bytes(rng.choice([flat, deep])), ".json", clean)


def statistics_answer(rng: Draw) -> Published:
    """The statistics portal's JSON: all values as texts, months as 202301, areas as codes."""
    month = _months(rng)
    n = len(month)
    value = decimals(rng, n, 80, 130, 2)
    items = [
        {"C1": "00", "C1_NM": "전국", "PRD_DE": f"{m:%Y%m}", "ITM_NM": "지수", "DT": str(v)}
        for m, v in zip(month, value, strict=True)
    ]
    clean = columns(
        {
            "C1": ["00"] * n,
            "C1_NM": ["전국"] * n,
            "PRD_DE": month,
            "ITM_NM": ["지수"] * n,
            "DT": value,
        }
    )
    return Published(json_bytes(items), ".json", clean)


SERIES = (
    long_table,
    months_across,
    months_in_digits,
    months_in_words,
    months_with_dots,
    portal_answer,
    quarters_in_words,
    quarters_with_dots,
    statistics_answer,
    years_in_words,
)
