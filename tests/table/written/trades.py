"""Numbers as trades and offices write them: limits, flags, footnotes, units, and look-alikes."""

from tests.table.written.case import Case, column, words
from tests.table.written.numbers import FEW, MONEY, SIGNED, WHOLE, grouped

LIMITS = ("<0.5", "3.41", "8.33", "0.72", "<0.5", "12.9", "5.5", "<0.5", "1.18", "2.06", "7.7", "4")
CROWDS = (32_000.0, 150_000_000.0, 87_000.0, 12_000.0, 230_000_000.0, 5_400.0, 99_000.0)
HOMES = (15_000_000.0, 7_500_000.0, 22_000_000.0, 4_800_000.0, 31_000_000.0, 9_900_000.0)


def chinese(value: float) -> str:
    return f"{value / 1e8:g}亿" if value >= 1e8 else f"{value / 1e4:g}万"


def crore(value: float) -> str:
    return f"₹{value / 1e7:g} Cr" if value >= 1e7 else f"₹{value / 1e5:g} L"


def late(value: str, other: str, rows: int = 1500) -> list[str]:
    """A long column that changes near its end."""
    return [value.format(i) for i in range(rows)] + [other]


TRADES: tuple[Case, ...] = (
    column(
        "below the limit of detection: <0.5",
        LIMITS,
        str,
        want=[float(cell.removeprefix("<")) for cell in LIMITS],
    ),
    column(
        "above what is counted: >100",
        (12, 45, 100, 7, 100, 63, 28, 91, 100, 5),
        lambda v: ">100" if v == 100 else str(v),
    ),
    column(
        "at least and at most: ≥65",
        (65, 12, 33, 65, 47, 20, 65, 8),
        lambda v: "≥65" if v == 65 else str(v),
    ),
    column("about: ~500", (500, 120, 80, 950, 300, 45), lambda v: f"~{v}"),
    column("flags of Eurostat: 234.5 p", MONEY, lambda v: f"{v} p" if v > 1000 else str(v)),
    column("footnotes behind numbers: 1,234*", WHOLE, lambda v: f"{v:,}*" if v < 100 else f"{v:,}"),
    column("footnotes in brackets: 1234 [1]", WHOLE, lambda v: f"{v} [1]" if v < 100 else str(v)),
    column("Chinese 万 and 亿", CROWDS, chinese),
    column("lakh and crore: ₹1.5 Cr", HOMES, crore),
    column("Russian roubles: 1 234,56 руб.", MONEY, lambda v: grouped(v, "\xa0", ",") + " руб."),
    column("Czech: 1 234,56 Kč", MONEY, lambda v: grouped(v, "\xa0", ",") + " Kč"),
    column("Danish: 1.234,56 kr.", MONEY, lambda v: grouped(v, ".", ",") + " kr."),
    column("Hungarian: 1 234 Ft", WHOLE, lambda v: grouped(v, " ", places=0) + " Ft"),
    column("Vietnamese: 1.234.567 ₫", WHOLE, lambda v: grouped(v, ".", places=0) + " ₫"),
    column("South Africa: R 1 234,56", MONEY, lambda v: "R " + grouped(v, " ", ",")),
    column("Israel: ₪1,234.50", MONEY, lambda v: "₪" + grouped(v, ",")),
    column("Thai: ฿1,234.50", MONEY, lambda v: "฿" + grouped(v, ",")),
    column("Australia: A$1,234.50", MONEY, lambda v: "A$" + grouped(v, ",")),
    column(
        "euro between: 12€50",
        (12.5, 7.25, 99.0, 3.4, 45.95),
        lambda v: f"{v:.2f}".replace(".", "€"),
    ),
    column("a blank behind a minus: - 12.5", SIGNED, lambda v: f"- {-v}" if v < 0 else str(v)),
    column("en dash for a minus", SIGNED, lambda v: f"{v}".replace("-", "–")),
    column("triangle for a minus: ▲1,234", SIGNED, lambda v: f"▲{-v:,}" if v < 0 else f"{v:,}"),
    column("per mille: 3.2 ‰", FEW, lambda v: f"{v} ‰"),
    column("speed: 12 km/h", WHOLE, lambda v: f"{v} km/h"),
    column("storage: 16 GB", (16, 32, 64, 128, 256, 512), lambda v: f"{v} GB"),
    column("rooms: 3 bhk", (3, 2, 4, 1, 5), lambda v: f"{v} bhk"),
    column("experience: 5+ years", (5, 2, 10, 1, 7, 3), lambda v: f"{v}+ years"),
    column("people: 1,234 명", WHOLE, lambda v: f"{v:,} 명"),
    column("one thousand mark decides late", [*range(100, 160), 1234.5], lambda v: f"{v:,}"),
    column(
        "one decimal comma decides late",
        [*range(100, 160), 12.5],
        lambda v: f"{v}".replace(".", ","),
    ),
    column(
        "whole numbers and one exponent",
        (500, 12, 10000, 77, 31, 905),
        lambda v: "1e4" if v == 10000 else str(v),
    ),
    column("whole numbers, a fraction after 1500 rows", [*range(1500), 0.5], str),
    column(
        "a word after 1500 numbers",
        [*map(float, range(1500)), None],
        lambda v: "n/k" if v is None else f"{v:.1f}",
    ),
    column(
        "truth in English",
        [True, False, True, True, False, False, True],
        lambda v: "yes" if v else "no",
    ),
    column(
        "truth in letters", [True, False, True, True, False, False, True], lambda v: "TF"[not v]
    ),
    column(
        "truth as programs write it", [True, False, True, True, False], lambda v: str(v).upper()
    ),
    column(
        "two decimal marks in one column",
        ["2.1", "3,4", "1,5", "2.2", "7,1", "0.3"],
        str,
        asks=True,
    ),
    column(
        "two currencies in one column",
        ["$5.20", "€6.10", "$7", "€1.25", "$9.99", "€3"],
        str,
        asks=True,
    ),
    column(
        "grams and kilograms",
        ["500 g", "1.2 kg", "250 g", "2 kg", "75 g", "3.4 kg"],
        str,
        asks=True,
    ),
    column(
        "credit and debit: 56.10 DR",
        (1234.0, -56.1, 7.0, -99.5, 12.25, -3.0),
        lambda v: f"{abs(v):,.2f} {'DR' if v < 0 else 'CR'}",
    ),
    column(
        "inches and millimetres in one column",
        ['4"', "1 mm", "2 mm", '5"', "40 mm", '6"', "12 mm"],
        str,
        asks=True,
    ),
    column("rain in millimetres: 12.5 mm", FEW, lambda v: f"{v} mm"),
    words("lists of codes", ["1", "2", "1,23,4", "1,2,3,4", "2,4", "1,5,6"]),
    words("degrees of latitude", ["24N", "22.5N", "35S", "22N", "5N", "2S"]),
    words(
        "degrees, minutes and seconds", ["37°33'58\"N", "35°10'46\"N", "33°29'59\"N", "36°21'2\"N"]
    ),
    words("heights in feet", ["5'11\"", "6'2\"", "5'4\"", "5'9\"", "6'0\"", "4'11\""]),
    words("sizes of tyres", ["205/55R16", "195/65R15", "225/45R17", "245/40R18"]),
    words("sizes of paper", ["210x297", "297x420", "148x210", "105x148"]),
    words("numbers with underscores that are codes", ["2_15_3", "1_2_9", "4_11_8", "2_9_31"]),
    words(
        "account numbers of sixteen digits with blanks",
        ["1234 5678 9012 3456", "9876 5432 1098 7654"],
    ),
    words("codes, a few with leading zeros", [*map(str, range(100, 130)), "007", "042"]),
    words("ISBN", ["978-3-16-148410-0", "978-0-306-40615-7", "978-89-460-5555-1"]),
    words("codes of goods beyond 2^53", [str(88_012_345_678_901_234 + 7 * i) for i in range(8)]),
    words("shades: numbers and letters", ["10YR", "5R", "7.5YR", "2.5GY", "10B", "5PB"]),
    words("quarters of a town", ["1구역", "2구역", "3-1구역", "3-2구역"]),
    words("signs alone", ["++", "+", "-", "--", "+", "++", "-", "+"]),
)
