"""Days, months, quarters and times as people of many countries write them."""

from datetime import date, datetime, time

from tests.table.written.case import Case, column, words

DAYS = (
    date(2024, 1, 5),
    date(2023, 12, 31),
    date(2024, 2, 29),
    date(2022, 7, 14),
    date(2024, 3, 4),
    date(2021, 11, 23),
    date(2024, 5, 6),
    date(2020, 8, 17),
    date(2024, 9, 8),
    date(2019, 10, 30),
)
EARLY = (
    date(2024, 1, 5),
    date(2023, 12, 3),
    date(2024, 2, 9),
    date(2022, 7, 4),
    date(2024, 3, 4),
    date(2021, 11, 2),
    date(2024, 5, 6),
    date(2020, 8, 7),
)
MONTHS = tuple(date(2020 + m // 12, m % 12 + 1, 1) for m in range(5, 30))
QUARTERS = tuple(date(2018 + q // 4, q % 4 * 3 + 1, 1) for q in range(2, 18))
MOMENTS = tuple(
    datetime(2024, 1 + i % 12, 1 + 7 * i % 28, (5 * i) % 24, (7 * i) % 60, (11 * i) % 60)
    for i in range(14)
)
TIMES = (
    time(9, 30),
    time(14, 5),
    time(0, 15),
    time(12, 0),
    time(23, 59),
    time(6, 45),
    time(18, 20),
)


def names(months: str) -> list[str]:
    return months.split()


EN = names("January February March April May June July August September October November December")
DE = names("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
FR = names("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
ES = names(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
)
PT = names(
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
)


WEEK = "월화수목금토일"
NL = names(
    "januari februari maart april mei juni juli augustus september oktober november december"
)
IT = names(
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
)
RU = names("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
PL = names(
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia"
)


def quarter(day: date) -> int:
    return (day.month + 2) // 3


def half(moment: time | datetime, words: tuple[str, str] = ("AM", "PM")) -> tuple[int, str]:
    return (moment.hour - 1) % 12 + 1, words[moment.hour >= 12]


DATES: tuple[Case, ...] = (
    column("ISO", DAYS, lambda d: f"{d:%Y-%m-%d}"),
    column("slashes, year first, no zeros", DAYS, lambda d: f"{d.year}/{d.month}/{d.day}"),
    column("dots, year first", DAYS, lambda d: f"{d:%Y.%m.%d}"),
    column("Korean dots: 2024. 1. 5.", DAYS, lambda d: f"{d.year}. {d.month}. {d.day}."),
    column("Korean: 2024년 1월 5일", DAYS, lambda d: f"{d.year}년 {d.month}월 {d.day}일"),
    column("Korean without blanks", DAYS, lambda d: f"{d.year}년{d.month:02}월{d.day:02}일"),
    column("Korean, two-digit years: '24.1.5", DAYS, lambda d: f"'{d:%y}.{d.month}.{d.day}"),
    column("Japanese: 2024年1月5日", DAYS, lambda d: f"{d.year}年{d.month}月{d.day}日"),
    column("bare digits", DAYS, lambda d: f"{d:%Y%m%d}"),
    column("day first, slashes", DAYS, lambda d: f"{d:%d/%m/%Y}"),
    column("day first, dashes", DAYS, lambda d: f"{d:%d-%m-%Y}"),
    column("day first, dots", DAYS, lambda d: f"{d:%d.%m.%Y}"),
    column("day first, dots, no zeros", DAYS, lambda d: f"{d.day}.{d.month}.{d.year}"),
    column("dots with all days below 13 are day first", EARLY, lambda d: f"{d:%d.%m.%Y}"),
    column("month first, slashes", DAYS, lambda d: f"{d:%m/%d/%Y}"),
    column("month first, no zeros", DAYS, lambda d: f"{d.month}/{d.day}/{d.year}"),
    column("month first, two-digit years", DAYS, lambda d: f"{d:%m/%d/%y}"),
    column("day first, two-digit years", DAYS, lambda d: f"{d:%d/%m/%y}"),
    column("both ways: 03/04/2024", EARLY, lambda d: f"{d:%d/%m/%Y}", asks=True),
    column("both ways, two-digit years", EARLY, lambda d: f"{d:%m/%d/%y}", asks=True),
    column("05-Jan-24", DAYS, lambda d: f"{d.day:02}-{EN[d.month - 1][:3]}-{d:%y}"),
    column(
        "05-JAN-2024 of Oracle",
        DAYS,
        lambda d: f"{d.day:02}-{EN[d.month - 1][:3].upper()}-{d.year}",
    ),
    column("05JAN2024 of SAS", DAYS, lambda d: f"{d.day:02}{EN[d.month - 1][:3].upper()}{d.year}"),
    column("5 Jan 2024", DAYS, lambda d: f"{d.day} {EN[d.month - 1][:3]} {d.year}"),
    column("5 January 2024", DAYS, lambda d: f"{d.day} {EN[d.month - 1]} {d.year}"),
    column("Jan 5, 2024", DAYS, lambda d: f"{EN[d.month - 1][:3]} {d.day}, {d.year}"),
    column("January 5, 2024", DAYS, lambda d: f"{EN[d.month - 1]} {d.day}, {d.year}"),
    column(
        "Friday, January 5, 2024", DAYS, lambda d: f"{d:%A}, {EN[d.month - 1]} {d.day}, {d.year}"
    ),
    column("5. Januar 2024", DAYS, lambda d: f"{d.day}. {DE[d.month - 1]} {d.year}"),
    column("5 janvier 2024", DAYS, lambda d: f"{d.day} {FR[d.month - 1]} {d.year}"),
    column("5 de enero de 2024", DAYS, lambda d: f"{d.day} de {ES[d.month - 1]} de {d.year}"),
    column("5 de janeiro de 2024", DAYS, lambda d: f"{d.day} de {PT[d.month - 1]} de {d.year}"),
    column(
        "Japanese era: 令和6年1月5日",
        [d for d in DAYS if d >= date(2020, 1, 1)],
        lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日",
    ),
    column("months of ISO: 2024-01", MONTHS, lambda d: f"{d:%Y-%m}"),
    column("months with dots: 2024.01", MONTHS, lambda d: f"{d:%Y.%m}"),
    column("months with slashes: 2024/01", MONTHS, lambda d: f"{d:%Y/%m}"),
    column("months first: 01/2024", MONTHS, lambda d: f"{d:%m/%Y}"),
    column("Jan-24", MONTHS, lambda d: f"{EN[d.month - 1][:3]}-{d:%y}"),
    column("Jan 2024", MONTHS, lambda d: f"{EN[d.month - 1][:3]} {d.year}"),
    column("January 2024", MONTHS, lambda d: f"{EN[d.month - 1]} {d.year}"),
    column("2024M01 of Eurostat", MONTHS, lambda d: f"{d.year}M{d.month:02}"),
    column("2021년 1월", MONTHS, lambda d: f"{d.year}년 {d.month}월"),
    column("2021年1月", MONTHS, lambda d: f"{d.year}年{d.month}月"),
    column("2024Q1", QUARTERS, lambda d: f"{d.year}Q{quarter(d)}"),
    column("2024-Q1", QUARTERS, lambda d: f"{d.year}-Q{quarter(d)}"),
    column("Q1 2024", QUARTERS, lambda d: f"Q{quarter(d)} {d.year}"),
    column("1Q24", QUARTERS, lambda d: f"{quarter(d)}Q{d:%y}"),
    column("2024년 1분기", QUARTERS, lambda d: f"{d.year}년 {quarter(d)}분기"),
    column("2024.1/4", QUARTERS, lambda d: f"{d.year}.{quarter(d)}/4"),
    column(
        "weeks of ISO: 2024-W05",
        [date.fromisocalendar(2024, w, 1) for w in range(1, 30, 2)],
        lambda d: "{}-W{:02}".format(*d.isocalendar()[:2]),
    ),
    column("ISO with T and Z", MOMENTS, lambda m: f"{m:%Y-%m-%dT%H:%M:%S}Z"),
    column("ISO with offset", MOMENTS, lambda m: f"{m:%Y-%m-%d %H:%M:%S}+00:00"),
    column("fractions of a second", MOMENTS, lambda m: f"{m:%Y-%m-%d %H:%M:%S}.000"),
    column(
        "month first with AM and PM",
        MOMENTS,
        lambda m: (
            f"{m.month}/{m.day}/{m.year} {half(m)[0]}:{m.minute:02}:{m.second:02} {half(m)[1]}"
        ),
    ),
    column("day first with hours", MOMENTS, lambda m: f"{m:%d.%m.%Y %H:%M:%S}"),
    column("digits to the second", MOMENTS, lambda m: f"{m:%Y%m%d%H%M%S}"),
    column(
        "오전 and 오후",
        [m.replace(second=0) for m in MOMENTS],
        lambda m: "{:%Y-%m-%d} {} {}:{:02}".format(
            m, half(m, ("오전", "오후"))[1], half(m)[0], m.minute
        ),
    ),
    column(
        "logs: 05/Jan/2024:10:11:12 +0000",
        MOMENTS,
        lambda m: f"{m.day:02}/{EN[m.month - 1][:3]}/{m.year}:{m:%H:%M:%S} +0000",
    ),
    column(
        "mails: Fri, 05 Jan 2024 10:11:12 GMT",
        MOMENTS,
        lambda m: f"{m:%a}, {m.day:02} {EN[m.month - 1][:3]} {m.year} {m:%H:%M:%S} GMT",
    ),
    column("times: 09:30", TIMES, lambda t: f"{t:%H:%M}"),
    column("times: 9:30 AM", TIMES, lambda t: f"{half(t)[0]}:{t.minute:02} {half(t)[1]}"),
    column("times: 9:30am", TIMES, lambda t: f"{half(t)[0]}:{t.minute:02}{half(t)[1].lower()}"),
    column(
        "times: 오전 9:30",
        TIMES,
        lambda t: "{} {}:{:02}".format(half(t, ("오전", "오후"))[1], half(t)[0], t.minute),
    ),
    column("times: 9시 30분", TIMES, lambda t: f"{t.hour}시 {t.minute}분"),
    column("times: 09h30", TIMES, lambda t: f"{t.hour:02}h{t.minute:02}"),
    column(
        "missing days: 0000-00-00",
        [*DAYS, None, None],
        lambda d: "0000-00-00" if d is None else f"{d:%Y-%m-%d}",
    ),
    column(
        "missing days: 00/00/0000",
        [*DAYS, None, None],
        lambda d: "00/00/0000" if d is None else f"{d:%d/%m/%Y}",
    ),
    column(
        "missing days: NaT", [*DAYS, None, None], lambda d: "NaT" if d is None else f"{d:%Y-%m-%d}"
    ),
    column(
        "missing days: TBD",
        [*DAYS, *DAYS, *DAYS, None],
        lambda d: "TBD" if d is None else f"{d:%Y-%m-%d}",
    ),
    column(
        "an empty day among many", [*DAYS, None], lambda d: "" if d is None else f"{d:%d.%m.%Y}"
    ),
    words("school years", ["2021/22", "2022/23", "2023/24", "2020/21", "2019/20"]),
    words("seasons", ["Spring 2021", "Fall 2021", "Spring 2022", "Fall 2022"]),
    words("days that do not exist", ["2023-02-30", "2023-13-01", "2023-04-31", "2023-00-10"]),
    words("months in words alone", ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"]),
    words("car plates that look like months", ["12가3456", "34나5678", "56다7890", "78라1234"]),
    words("chapters and verses", ["3:16", "1:1", "12:34", "5:44", "119:105", "2:99"]),
    column(
        "weekdays behind: 2024-01-05 (금)", DAYS, lambda d: f"{d:%Y-%m-%d} ({WEEK[d.weekday()]})"
    ),
    column("weekdays behind: 2024.01.05(금)", DAYS, lambda d: f"{d:%Y.%m.%d}({WEEK[d.weekday()]})"),
    column("ordinals: January 5th, 2024", DAYS, lambda d: f"{EN[d.month - 1]} {d.day}th, {d.year}"),
    column("Dutch: 5 mei 2024", DAYS, lambda d: f"{d.day} {NL[d.month - 1]} {d.year}"),
    column("Italian: 5 gennaio 2024", DAYS, lambda d: f"{d.day} {IT[d.month - 1]} {d.year}"),
    column("Russian: 5 января 2024", DAYS, lambda d: f"{d.day} {RU[d.month - 1]} {d.year}"),
    column("Polish: 5 stycznia 2024", DAYS, lambda d: f"{d.day} {PL[d.month - 1]} {d.year}"),
    column("Spanish, short: 05-ene-2024", DAYS, lambda d: f"{d:%d}-{ES[d.month - 1][:3]}-{d.year}"),
    column("2024-Jan-05", DAYS, lambda d: f"{d.year}-{EN[d.month - 1][:3]}-{d.day:02}"),
    column("Jan.05.2024", DAYS, lambda d: f"{EN[d.month - 1][:3]}.{d.day:02}.{d.year}"),
    column(
        "two ways in one column that agree",
        DAYS,
        lambda d: f"{d:%Y-%m-%d}" if d.month % 2 else f"{d:%Y/%m/%d}",
    ),
    column("one day decides late", [*EARLY * 8, date(2016, 9, 30)], lambda d: f"{d:%d/%m/%Y}"),
    column("blanks around the slashes", DAYS, lambda d: f"{d.day} / {d.month} / {d.year}"),
    column("days with a midnight behind", DAYS, lambda d: f"{d:%Y-%m-%d} 00:00:00"),
    column(
        "an end that never comes: 9999-12-31",
        [*DAYS, date(9999, 12, 31)],
        lambda d: f"{d.year:04}-{d:%m-%d}",
    ),
    column("ISO without marks: 20240105T101112Z", MOMENTS, lambda m: f"{m:%Y%m%dT%H%M%S}Z"),
    column(
        "day first, no seconds: 05/01/2024 10:11",
        [m.replace(second=0) for m in MOMENTS],
        lambda m: f"{m:%d/%m/%Y %H:%M}",
    ),
    column(
        "hours with a point: 05.01.2024 10.11",
        [m.replace(second=0) for m in MOMENTS],
        lambda m: f"{m:%d.%m.%Y %H.%M}",
    ),
    column("a decimal comma in the seconds", MOMENTS, lambda m: f"{m:%Y-%m-%d %H:%M:%S},000"),
    column("months without zeros: 2024-1", MONTHS, lambda d: f"{d.year}-{d.month}"),
    column("months: 2024.1 and 2024.10", MONTHS, lambda d: f"{d.year}.{d.month}"),
    column("months of German: Jan. 2024", MONTHS, lambda d: f"{DE[d.month - 1]} {d.year}"),
    column("months of Korean with dots: '24.1월", MONTHS, lambda d: f"'{d:%y}.{d.month}월"),
    column("quarters of Korean: '24.1Q", QUARTERS, lambda d: f"'{d:%y}.{quarter(d)}Q"),
    column("quarters: 2024년 1/4분기", QUARTERS, lambda d: f"{d.year}년 {quarter(d)}/4분기"),
    column("quarters: 2024-1분기", QUARTERS, lambda d: f"{d.year}-{quarter(d)}분기"),
    column(
        "quarters of roman numerals: 2024 III",
        QUARTERS,
        lambda d: f"{d.year} {('I', 'II', 'III', 'IV')[quarter(d) - 1]}",
    ),
    column("years: 2024년", [2015 + i for i in range(9)], lambda y: f"{y}년"),
    column("years: FY2021 is a name", ["FY2021", "FY2022", "FY2019", "FY2020"], str),
    words("budget years", ["2021-22", "2022-23", "2020-21", "2019-20", "2023-24"]),
    column(
        "halves of years: 2021H1",
        [date(2018 + i // 2, i % 2 * 6 + 1, 1) for i in range(9)],
        lambda d: f"{d.year}H{d.month // 6 + 1}",
    ),
    words("opening hours", ["09:00-18:00", "10:00-20:00", "09:30-17:30"]),
    words("weekdays", ["월", "화", "수", "목", "금", "토", "일"]),
    words("numbers that could be days", ["12.3.4", "1.2.3", "45.1.2", "9.9.9"]),
)
