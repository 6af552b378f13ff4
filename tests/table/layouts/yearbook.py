"""Tables of statistical yearbooks: titles with a unit, headers of several rows, totals, notes."""

from tests.table.layouts.cells import (
    Draw,
    Published,
    account,
    columns,
    comma,
    decimals,
    districts,
    lacking,
    places,
    plain,
    whole,
)
from tests.table.layouts.files import Merge, delimited, html, padded, workbook


def population(rng: Draw) -> Published:
    """Title, unit at the right, years above men and women, total on top, source below; xlsx."""
    name, years = places(rng), [2021 + i for i in range(rng.randint(2, 3))]
    values: dict[str, list[int]] = {}
    top, second = ["시도"], [""]
    merges: list[Merge] = [(2, 0, 3, 0)]
    for i, year in enumerate(years):
        top += [str(year), ""]
        second += ["남자", "여자"]
        merges.append((2, 1 + 2 * i, 2, 2 + 2 * i))
        values |= {
            f"{year}_{sex}": whole(rng, len(name), 1000, 900_000) for sex in ("남자", "여자")
        }
    body = [[name[i], *(v[i] for v in values.values())] for i in range(len(name))]
    total = ["전국", *(sum(v) for v in values.values())]
    wide = len(top)
    rows = [
        ["1. 인구 현황"],
        [*[""] * (wide - 1), "(단위: 명)"],
        top,
        second,
        total,
        *body,
        ["자료: 행정안전부 「주민등록인구현황」"],
    ]
    clean = columns({"시도": name} | values)
    return Published(workbook({"인구": (rows, merges)}), ".xlsx", clean)


def farms(rng: Draw) -> Published:
    """A header of three rows with merged cells, notes below; HTML, xlsx or padded cp949 text."""
    name = places(rng)
    n = len(name)
    top = ["시도별", "농가", "", "", "", "어가"]
    second = ["", "가구", "", "인구", "", "가구"]
    third = ["", "전업", "겸업", "남", "여", "전체"]
    keys = ["농가_가구_전업", "농가_가구_겸업", "농가_인구_남", "농가_인구_여", "어가_가구_전체"]
    values = {key: whole(rng, n, 10, 90_000) for key in keys}
    body = [[name[i], *(comma(v[i]) for v in values.values())] for i in range(n)]
    merges = [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)]
    clean = columns({"시도별": name} | values)
    head = [top, second, third]
    kind = rng.choice(["xls", "xlsx", "csv"])
    if kind == "xls":
        return Published(html([*head, *body], merges), ".xls", clean)
    if kind == "xlsx":
        numbers = [[name[i], *(v[i] for v in values.values())] for i in range(n)]
        return Published(workbook({"농림": ([*head, *numbers], merges)}), ".xlsx", clean)
    rows = padded([*head, *body, ["주1) 어가는 내수면을 제외함"]])
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def repeated_header(rng: Draw) -> Published:
    """Two header rows as the statistics portal writes them: each cell repeated, none merged."""
    name, years = places(rng), [2020 + i for i in range(rng.randint(2, 4))]
    n = len(name)
    keys = [(year, what) for year in years for what in ("총인구 (명)", "세대수 (세대)")]
    values = {f"{y}_{w}": whole(rng, n, 100, 3_000_000) for y, w in keys}
    rows = [
        ["행정구역(시도)별", *(str(y) for y, _ in keys)],
        ["행정구역(시도)별", *(w for _, w in keys)],
    ]
    rows += [[name[i], *(str(v[i]) for v in values.values())] for i in range(n)]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns({"행정구역(시도)별": name} | values)
    return Published(delimited(rows, encoding, quote_all=True), ".csv", clean, encoding=encoding)


def budget(rng: Draw) -> Published:
    """A title with the unit 천원 for the whole table, the total in the last row; cp949."""
    office = rng.sample(
        [
            "총무과",
            "기획예산과",
            "복지정책과",
            "환경위생과",
            "도로교통과",
            "건설과",
            "농업정책과",
            "보건소",
            "문화관광과",
            "안전총괄과",
            "세무과",
        ],
        8,
    )
    first, second = whole(rng, 8, 1000, 90_000_000), whole(rng, 8, 1000, 90_000_000)
    rows = [
        ["2023년도 세출예산 현황", "", ""],
        ["", "", "(단위 : 천원)"],
        ["부서명", "예산액", "전년도예산액"],
    ]
    rows += [[o, comma(a), comma(b)] for o, a, b in zip(office, first, second, strict=True)]
    rows += [["합계", comma(sum(first)), comma(sum(second))]]
    clean = columns({"부서명": office, "예산액": first, "전년도예산액": second})
    return Published(delimited(rows, "cp949"), ".csv", clean, unit=1000, encoding="cp949")


def firms(rng: Draw) -> Published:
    """Units in the header, another for each column: 명, 백만원, 억원, 천원, %."""
    n = rng.randint(8, 30)
    name = [f"{rng.choice(['동아', '한성', '신우', '태광', '세진'])}{i}(주)" for i in range(n)]
    staff, sales = whole(rng, n, 3, 9000), whole(rng, n, 5, 90_000)
    capital, pay = decimals(rng, n, 1, 900), whole(rng, n, 20_000, 90_000)
    profit = decimals(rng, n, -30, 40)
    header = [
        "기업명",
        "종업원수(명)",
        "매출액(백만원)",
        "자본금(억원)",
        "평균급여(천원)",
        "영업이익률(%)",
    ]
    rows = [header] + [
        [
            name[i],
            comma(staff[i]),
            comma(sales[i]),
            plain(capital[i]),
            comma(pay[i]),
            plain(profit[i]),
        ]
        for i in range(n)
    ]
    scaled = [
        name,
        staff,
        [s * 10**6 for s in sales],
        [c * 10**8 for c in capital],
        [p * 1000 for p in pay],
        profit,
    ]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns(dict(zip(header, scaled, strict=True)))
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def hierarchy(rng: Draw) -> Published:
    """Provinces in merged cells (a name, then blanks), a 소계 below each, a 합계 at the end."""
    where = districts(rng)
    n = len(where)
    homes, people = whole(rng, n, 100, 90_000), whole(rng, n, 300, 300_000)
    rows, sums = [["시도", "시군구", "세대수", "인구수"]], [0, 0]
    for name in dict.fromkeys(a for a, _ in where):
        inside = [i for i, (a, _) in enumerate(where) if a == name]
        for k, i in enumerate(inside):
            rows.append(["" if k else name, where[i][1], comma(homes[i]), comma(people[i])])
        both = [sum(values[i] for i in inside) for values in (homes, people)]
        rows.append(["", "소계", *map(comma, both)])
        sums = [a + b for a, b in zip(sums, both, strict=True)]
    rows.append(["합계", "", *map(comma, sums)])
    clean = columns(
        {
            "시도": [a for a, _ in where],
            "시군구": [b for _, b in where],
            "세대수": homes,
            "인구수": people,
        }
    )
    encoding = rng.choice(["utf-8-sig", "cp949"])
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def withheld(rng: Draw) -> Published:
    """Establishments: X where withheld, - where none, the key to the marks in a note below."""
    where = districts(rng)
    n = len(where)
    count, staff = lacking(rng, whole(rng, n, 1, 90_000)), lacking(rng, whole(rng, n, 1, 900_000))
    other = rng.choice(["X", "*", "비공개", "…"])
    note = {"X": "※ X : 비밀보호를 위해 공개하지 않음", "*": "※ * : 3개 미만 업체로 비공개"}.get(
        other
    )
    rows = [["시도", "시군구", "사업체수", "종사자수"]]
    rows += [
        [a, b, comma(c, "-"), comma(s, other)]
        for (a, b), c, s in zip(where, count, staff, strict=True)
    ]
    rows += [[note, "", "", ""]] if note else []
    clean = columns(
        {
            "시도": [a for a, _ in where],
            "시군구": [b for _, b in where],
            "사업체수": count,
            "종사자수": staff,
        }
    )
    encoding = rng.choice(["utf-8-sig", "cp949"])
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def balance(rng: Draw) -> Published:
    """Changes against the year before, with △ or ▲ for a minus, a few of them or many."""
    name = places(rng)
    n = len(name)
    change = [v * rng.choice([1, 1, -1]) for v in whole(rng, n, 1, 900_000)]
    change[rng.randrange(n)] = -rng.randint(1000, 99_999)
    share = decimals(rng, n, -30, 30)
    mark = rng.choice("△▲")
    rows = [["구분", "증감액(원)", "증감률(%)"]] + [
        [a, account(c).replace("△", mark), account(s).replace("△", mark)]
        for a, c, s in zip(name, change, share, strict=True)
    ]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns({"구분": name, "증감액(원)": change, "증감률(%)": share})
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def election(rng: Draw) -> Published:
    """Votes by ward: candidates below a merged head, line breaks in names, sums on top."""
    n = rng.randint(8, 20)
    ward = [f"제{i + 1}투표구" for i in range(n)]
    voters = whole(rng, n, 1000, 5000)
    names = ["가나다당\n김하늘", "라마바당\n이바다", "무소속\n박나무"]
    votes = {name: whole(rng, n, 1, 900) for name in names}
    top = ["투표구명", "선거인수", "후보자별 득표수", "", ""]
    second = ["", "", *names]
    sums = ["합계", sum(voters), *(sum(v) for v in votes.values())]
    body = [[ward[i], voters[i], *(v[i] for v in votes.values())] for i in range(n)]
    merges = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 4)]
    clean = columns(
        {"투표구명": ward, "선거인수": voters}
        | {f"후보자별 득표수_{k}": v for k, v in votes.items()}
    )
    return Published(workbook({"개표": ([top, second, sums, *body], merges)}), ".xlsx", clean)


def accidents(rng: Draw) -> Published:
    """A workbook with the source far to the right and the sum in the first row of data."""
    name = places(rng)
    n = len(name)
    cases, dead = whole(rng, n, 100, 9000), whole(rng, n, 1, 200)
    rows = [
        ["시도", "발생건수", "사망자수"],
        ["합계", sum(cases), sum(dead)],
        *([name[i], cases[i], dead[i]] for i in range(n)),
    ]
    rows[rng.randint(2, 4)] += ["", "", "", "출처: 경찰청"]
    clean = columns({"시도": name, "발생건수": cases, "사망자수": dead})
    return Published(workbook({"Sheet1": (rows, ())}), ".xlsx", clean)


def pages(rng: Draw) -> Published:
    """A printed list: the header comes again on every page, blank rows between."""
    where = districts(rng)
    n = len(where)
    people = whole(rng, n, 300, 300_000)
    header, size = ["시도", "시군구", "급식인원"], rng.randint(5, 9)
    rows: list[list[str]] = []
    for i, (a, b) in enumerate(where):
        if i % size == 0:
            rows += [["", "", ""], header] if i else [header]
        rows.append([a, b, comma(people[i])])
    clean = columns(
        {"시도": [a for a, _ in where], "시군구": [b for _, b in where], "급식인원": people}
    )
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


YEARBOOK = (
    accidents,
    balance,
    budget,
    election,
    farms,
    firms,
    hierarchy,
    pages,
    population,
    repeated_header,
    withheld,
)
