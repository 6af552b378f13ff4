"""Records of the open data portal: a row a case, header in the first row or below some notices."""

from datetime import date, datetime, time, timedelta

from tests.table.layouts.cells import (
    Draw,
    Published,
    columns,
    comma,
    decimals,
    districts,
    lacking,
    places,
    plain,
    whole,
    wide,
)
from tests.table.layouts.files import delimited, html, padded, workbook


def air_quality(rng: Draw) -> Published:
    """Hours by station, cp949; hours as 2023010101, blanks where an instrument failed."""
    n = rng.randint(12, 40)
    start = datetime(2023, rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23))
    hours = [start + timedelta(hours=i) for i in range(n)]
    so2, pm = lacking(rng, decimals(rng, n, 0, 0.01, 3)), lacking(rng, whole(rng, n, 1, 150))
    station = [rng.choice(["중구", "종로구", "강남구", "송파구"]) for _ in range(n)]
    rows = [["지역", "측정소명", "측정일시", "SO2(ppm)", "PM10(㎍/㎥)"]] + [
        ["서울", s, h.strftime("%Y-%m-%d %H:%M"), plain(a), plain(b)]
        for s, h, a, b in zip(station, hours, so2, pm, strict=True)
    ]
    clean = columns(
        {
            "지역": ["서울"] * n,
            "측정소명": station,
            "측정일시": hours,
            "SO2(ppm)": so2,
            "PM10(㎍/㎥)": pm,
        }
    )
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def permits(rng: Draw) -> Published:
    """Permits of shops: codes and post codes with leading zeros, days as 20230105, all quoted."""
    n = rng.randint(10, 40)
    code = [f"{rng.randint(3000000, 6500000)}" for _ in range(n)]
    post = [
        f"0{rng.randint(1000, 9999)}" if i % 2 else f"{rng.randint(10000, 63000)}" for i in range(n)
    ]
    day = [date(2000, 1, 1) + timedelta(days=rng.randint(0, 8000)) for _ in range(n)]
    closed = lacking(rng, [d + timedelta(days=rng.randint(30, 900)) for d in day], 0.6)
    area = decimals(rng, n, 10, 3000, 2)
    rows = [
        ["개방자치단체코드", "인허가일자", "폐업일자", "영업상태명", "소재지우편번호", "소재지면적"]
    ]
    state = ["영업/정상" if c is None else "폐업" for c in closed]
    for i in range(n):
        shut = closed[i]
        rows.append(
            [
                code[i],
                f"{day[i]:%Y%m%d}",
                f"{shut:%Y%m%d}" if shut else "",
                state[i],
                post[i],
                comma(area[i]),
            ]
        )
    clean = columns(dict(zip(rows[0], [code, day, closed, state, post, area], strict=True)))
    return Published(delimited(rows, "cp949", quote_all=True), ".csv", clean, encoding="cp949")


def flats(rng: Draw) -> Published:
    """Sales of flats: fifteen lines of notices, prices in 만원, blanks before the digits."""
    n = rng.randint(10, 40)
    notices = [
        "□ 본 서비스에서 제공하는 정보는 법적인 효력이 없으므로 참고용으로만 활용하시기 바랍니다.",
        "□ 신고정보가 실시간 변경, 해제되어 제공시점에 따라 공개건수 및 내용이 상이할 수 있습니다.",
        '□ 통계 자료로는 "부동산통계정보시스템", 월간 자료를 이용하시기 바랍니다.',
        "계약일구분 : 20230101 ~ 20231231",
        "실거래구분 : 아파트(매매)",
    ][: rng.randint(2, 5)]
    place = [f"서울특별시 {rng.choice(['강남구', '노원구', '마포구'])}" for _ in range(n)]
    area, floor = decimals(rng, n, 20, 240, 4), [rng.randint(-1, 40) for _ in range(n)]
    price = [10 * p for p in whole(rng, n, 800, 50_000)]
    month = [date(2023, rng.randint(1, 12), 1) for _ in range(n)]
    rows = [["시군구", "전용면적(㎡)", "계약년월", "거래금액(만원)", "층", "해제사유발생일"]] + [
        [
            place[i],
            f"{area[i]:.4f}",
            f"{month[i]:%Y%m}",
            f"    {comma(price[i])}",
            str(floor[i]),
            "-",
        ]
        for i in range(n)
    ]
    clean = columns(
        dict(
            zip(
                rows[0],
                [place, area, month, [p * 10_000 for p in price], floor, [None] * n],
                strict=True,
            )
        )
    )
    data = delimited([[line] for line in notices] + rows, "cp949", quote_all=True)
    return Published(data, ".csv", clean, encoding="cp949")


def contracts(rng: Draw) -> Published:
    """Contracts of an office: HTML under the name of a workbook, days with dots, commas."""
    n = rng.randint(8, 30)
    day = [date(2023, 1, 1) + timedelta(days=rng.randint(0, 364)) for _ in range(n)]
    money = whole(rng, n, 1_000_000, 900_000_000)
    firm = [
        f"{rng.choice(['한빛', '대성', '미래', '가온'])}{rng.choice(['건설', '전기', '통신'])}"
        for _ in range(n)
    ]
    way = [rng.choice(["수의계약", "제한경쟁", "일반경쟁"]) for _ in range(n)]
    rows = [["계약명", "계약일자", "계약금액(원)", "계약방법"]] + [
        [f"{f} 용역", f"{d:%Y.%m.%d}", comma(m), w]
        for f, d, m, w in zip(firm, day, money, way, strict=True)
    ]
    encoding = rng.choice(["utf-8", "cp949"])
    clean = columns(
        {
            "계약명": [f"{f} 용역" for f in firm],
            "계약일자": day,
            "계약금액(원)": money,
            "계약방법": way,
        }
    )
    return Published(html(rows, encoding=encoding), ".xls", clean, encoding=encoding)


def buses(rng: Draw) -> Published:
    """First and last buses: times of day as 오전 5:30 or 05:30."""
    n = rng.randint(8, 25)
    first = [time(rng.randint(4, 9), rng.randrange(0, 60, 5)) for _ in range(n)]
    last = [time(rng.randint(13, 23), rng.randrange(0, 60, 5)) for _ in range(n)]
    words = rng.random() < 0.6

    def written(t: time) -> str:
        half, hour = ("오전", t.hour) if t.hour < 12 else ("오후", t.hour - 12 or 12)
        return f"{half} {hour}:{t.minute:02}" if words else f"{t:%H:%M}"

    route = [f"{rng.choice('가나다라')}{rng.randint(1, 99)}번" for _ in range(n)]
    gap = whole(rng, n, 5, 60)
    rows = [["노선", "첫차", "막차", "배차간격(분)"]] + [
        [r, written(a), written(b), str(g)]
        for r, a, b, g in zip(route, first, last, gap, strict=True)
    ]
    encoding = rng.choice(["utf-8-sig", "cp949"])
    clean = columns({"노선": route, "첫차": first, "막차": last, "배차간격(분)": gap})
    return Published(delimited(rows, encoding), ".csv", clean, encoding=encoding)


def weather(rng: Draw) -> Published:
    """Days of a weather station: cp949, degrees in the header, no rain is blank."""
    n = rng.randint(10, 40)
    day = [date(2023, 1, 1) + timedelta(days=i) for i in range(n)]
    warm = decimals(rng, n, -15, 36)
    rain = lacking(rng, decimals(rng, n, 0, 80), 0.6)
    rows = [["지점", "지점명", "일시", "평균기온(°C)", "일강수량(mm)"]] + [
        ["108", "서울", f"{d:%Y-%m-%d}", plain(w), plain(r)]
        for d, w, r in zip(day, warm, rain, strict=True)
    ]
    clean = columns(
        {
            "지점": [108] * n,
            "지점명": ["서울"] * n,
            "일시": day,
            "평균기온(°C)": warm,
            "일강수량(mm)": rain,
        }
    )
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def cells_with_units(rng: Draw) -> Published:
    """A list typed by hand: units behind each number, sums in words of 억 and 만."""
    n = rng.randint(10, 30)
    staff, area = whole(rng, n, 3, 4_000), decimals(rng, n, 20, 900, 2)
    big, small = (
        [rng.randint(1, 90) for _ in range(n)],
        [rng.randint(1, 99) * 100 for _ in range(n)],
    )
    name = [f"{rng.choice(['행복', '희망', '나눔', '푸른'])}{i}센터" for i in range(n)]
    rows = [["시설명", "이용인원", "면적", "예산"]] + [
        [m, f"{comma(s)}명", f"{comma(a)}㎡", f"{b}억 {comma(c)}만원"]
        for m, s, a, b, c in zip(name, staff, area, big, small, strict=True)
    ]
    money = [b * 10**8 + c * 10**4 for b, c in zip(big, small, strict=True)]
    clean = columns({"시설명": name, "이용인원": staff, "면적": area, "예산": money})
    return Published(delimited(padded(rows)), ".csv", clean)


def full_width(rng: Draw) -> Published:
    """A table moved from a word processor: digits and commas in full width, blanks between."""
    where = districts(rng)
    n = len(where)
    people, share = whole(rng, n, 100, 900_000), decimals(rng, n, 0, 99)
    rows = [["시도", "시군구", "인구수", "고령화율（％）"]] + [
        [f"　{a}", b, wide(comma(p)), wide(str(s))]
        for (a, b), p, s in zip(where, people, share, strict=True)
    ]
    clean = columns(
        {
            "시도": [a for a, _ in where],
            "시군구": [b for _, b in where],
            "인구수": people,
            "고령화율(%)": share,
        }
    )
    return Published(delimited(rows, "cp949"), ".csv", clean, encoding="cp949")


def unicode_text(rng: Draw) -> Published:
    """What Excel calls Unicode text: UTF-16 with tabs, a title above, blank rows below."""
    name = places(rng)
    n = len(name)
    cars, share = whole(rng, n, 1000, 3_000_000), decimals(rng, n, 10, 70)
    rows = [["자동차 등록 현황", "", ""], ["", "", ""], ["시도", "등록대수(대)", "비율"]]
    rows += [[a, comma(c), f"{s}%"] for a, c, s in zip(name, cars, share, strict=True)]
    rows += [["", "", ""]] * rng.randint(0, 3)
    clean = columns({"시도": name, "등록대수(대)": cars, "비율": share})
    return Published(
        delimited(rows, "utf-16", "\t"), ".txt", clean, delimiter="\t", encoding="utf-16"
    )


def cover_sheet(rng: Draw) -> Published:
    """A workbook whose first sheet is a cover, the table on the second."""
    name = places(rng)
    n = len(name)
    schools, pupils = whole(rng, n, 10, 1500), whole(rng, n, 1000, 900_000)
    rows = [["시도", "학교수", "학생수"], *zip(name, schools, pupils, strict=True)]
    cover = [["2023년 교육통계 보고서"], [], ["교육부"]]
    clean = columns({"시도": name, "학교수": schools, "학생수": pupils})
    return Published(workbook({"표지": (cover, ()), "자료": (rows, ())}), ".xlsx", clean)


PORTAL = (
    air_quality,
    buses,
    cells_with_units,
    contracts,
    cover_sheet,
    flats,
    full_width,
    permits,
    unicode_text,
    weather,
)
