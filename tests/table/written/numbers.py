"""Numbers as people of many countries and trades write them."""

from tests.table.written.case import Case, column, words

MONEY = (1234.5, 87.25, 1048576.75, 12.99, 950.0, 23456.1, 7.05, 310200.4, 66.6, 1999.95, 0.5, 48.3)
WHOLE = (1234, 87, 1048576, 12, 950, 23456, 7, 310200, 66, 1999, 5, 48123)
SIGNED = (1234.5, -87.25, 1048576.75, -12.99, 950.0, -23456.1, 7.05, 310200.4, -66.6, 1999.95)
SHARES = (12.5, 49.7, 3.25, 88.0, 0.4, 67.1, 23.9, 51.0, 5.5, 74.3)
FEW = (0.512, 3.25, 17.9, 4.0, 128.75, 0.08, 66.5, 9.1, 2.2, 31.4)


def grouped(value: float, group: str, decimal: str = ".", places: int = 2) -> str:
    return f"{value:,.{places}f}".translate({ord(","): group, ord("."): decimal})


def indian(value: int) -> str:
    digits = str(value)
    head, tail = digits[:-3], digits[-3:]
    parts = []
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*parts, tail])


def short(value: float) -> str:
    for worth, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= worth:
            return f"{value / worth:g}{letter}"
    return f"{value:g}"


def digits(value: int, zero: str) -> str:
    return "".join(chr(ord(zero) + int(d)) for d in str(value))


BIG = (19.8e6, 124e3, 1.5e6, 870e3, 2.25e9, 640e3, 33e6, 7.1e6, 95e3, 410e3)

NUMBERS: tuple[Case, ...] = (
    column("commas between thousands", MONEY, lambda v: grouped(v, ",")),
    column("German: 1.234,56", MONEY, lambda v: grouped(v, ".", ",")),
    column("German euro behind: 1.234,56 €", MONEY, lambda v: grouped(v, ".", ",") + " €"),
    column("euro before: €1.234,56", MONEY, lambda v: "€" + grouped(v, ".", ",")),
    column("French: 1 234,56 with a no-break space", MONEY, lambda v: grouped(v, "\xa0", ",")),
    column("French: 1 234,56 with a narrow one", MONEY, lambda v: grouped(v, "\u202f", ",")),
    column("Swedish: 1 234,56 with a plain blank", MONEY, lambda v: grouped(v, " ", ",")),
    column("Swiss: 1'234.56", MONEY, lambda v: grouped(v, "'")),
    column("Swiss: 1’234.56", MONEY, lambda v: grouped(v, "’")),
    column("Swiss francs: CHF 1'234.50", MONEY, lambda v: "CHF " + grouped(v, "'")),
    column("Brazil: R$ 1.234,56", MONEY, lambda v: "R$ " + grouped(v, ".", ",")),
    column("Poland: 1 234,56 zł", MONEY, lambda v: grouped(v, " ", ",") + " zł"),
    column("Norway: kr 1 234,50", MONEY, lambda v: "kr " + grouped(v, " ", ",")),
    column("Indonesia: Rp1.234.567", WHOLE, lambda v: "Rp" + grouped(v, ".", places=0)),
    column("Turkey: 1.234,56 TL", MONEY, lambda v: grouped(v, ".", ",") + " TL"),
    column("dollars: $1,234.50", MONEY, lambda v: "$" + grouped(v, ",")),
    column(
        "dollars with a blank and a minus: -$ 12.50",
        SIGNED,
        lambda v: ("-$ " if v < 0 else "$ ") + grouped(abs(v), ","),
    ),
    column(
        "dollars in parentheses: ($12.50)",
        SIGNED,
        lambda v: f"(${grouped(-v, ',')})" if v < 0 else "$" + grouped(v, ","),
    ),
    column(
        "parentheses for a minus",
        SIGNED,
        lambda v: f"({grouped(-v, ',')})" if v < 0 else grouped(v, ","),
    ),
    column(
        "minus behind: 12.50-",
        SIGNED,
        lambda v: f"{grouped(-v, ',')}-" if v < 0 else grouped(v, ","),
    ),
    column("Unicode's minus", SIGNED, lambda v: f"{v}".replace("-", "\u2212")),
    column("code before: USD 1,234.50", MONEY, lambda v: "USD " + grouped(v, ",")),
    column("code behind: 1,234.50 USD", MONEY, lambda v: grouped(v, ",") + " USD"),
    column("pounds: £1,234.50", MONEY, lambda v: "£" + grouped(v, ",")),
    column("yen: ¥1,234", WHOLE, lambda v: f"¥{v:,}"),
    column("won: 1,234원", WHOLE, lambda v: f"{v:,}원"),
    column("won sign: ₩1,234", WHOLE, lambda v: f"₩{v:,}"),
    column("rupees: ₹12,34,567", WHOLE, lambda v: "₹" + indian(v)),
    column("Indian grouping", WHOLE, indian),
    column(
        "Korean: 1만 2,345",
        (12345, 23456, 98765, 54321, 10001, 77123),
        lambda v: f"{v // 10000}만 {v % 10000:,}",
    ),
    column(
        "Japanese: 3億2000万円",
        (320_000_000, 110_500_000, 999_990_000, 570_010_000, 210_000_000),
        lambda v: f"{v // 10**8}億{v % 10**8 // 10**4 or ''}{'万' if v % 10**8 else ''}円",
    ),
    column("K, M and B behind", BIG, short),
    column("dollars with K and M", BIG, lambda v: "$" + short(v)),
    column("euros with K and M", BIG, lambda v: "€" + short(v)),
    column("letters in lower case: 1.5m, 20k", BIG, lambda v: short(v).lower()),
    column("percent signs", SHARES, lambda v: f"{v}%"),
    column(
        "percent signs after a blank, decimal comma", SHARES, lambda v: f"{v} %".replace(".", ",")
    ),
    column("signs before percents", (1.5, -2.25, 3.0, -0.4, 12.1, -8.8), lambda v: f"{v:+}%"),
    column("exponents: 1.5E+03", (1500, 0.00023, 7.1e10, 2.5e-7, 99000, 12), lambda v: f"{v:.2E}"),
    column("plus before numbers", FEW, lambda v: f"+{v}"),
    column("no zero before the point: .512", FEW, lambda v: f"{v}".removeprefix("0")),
    column("point and nothing behind: 12.", WHOLE, lambda v: f"{v}."),
    column("full width", WHOLE, lambda v: digits(v, "０")),
    column("Arabic digits", WHOLE, lambda v: digits(v, "٠")),
    column("Persian digits", WHOLE, lambda v: digits(v, "۰")),
    column("Devanagari digits", WHOLE, lambda v: digits(v, "०")),
    column(
        "Arabic marks: ١٬٢٣٤٫٥٦",
        MONEY,
        lambda v: "".join(digits(int(c), "٠") if c.isdigit() else c for c in grouped(v, "٬", "٫")),
    ),
    column("areas: 84.97㎡", FEW, lambda v: f"{v}㎡"),
    column("areas: 84.97 m²", FEW, lambda v: f"{v} m²"),
    column("consumption: 23.4 kmpl", FEW, lambda v: f"{v} kmpl"),
    column("motors: 1248 CC", WHOLE, lambda v: f"{v} CC"),
    column("degrees: 37.5 °C", FEW, lambda v: f"{v} °C"),
    column("weights: 12.5kg", FEW, lambda v: f"{v}kg"),
    column("floors: 12층", WHOLE, lambda v: f"{v}층"),
    column("ages: 34 years", (34, 51, 18, 77, 62, 45, 29), lambda v: f"{v} years"),
    column("minutes: 142 min", (142, 95, 118, 67, 201, 88), lambda v: f"{v} min"),
    column("blanks that are not blanks around numbers", FEW, lambda v: f"\u3000{v}\xa0"),
    column("decimal comma with one and two decimals", FEW, lambda v: f"{v}".replace(".", ",")),
    column(
        "decimal comma with many decimals",
        (1.23456, 0.98765, 44.10203, 7.77771, 3.14159, 2.71828),
        lambda v: f"{v}".replace(".", ","),
    ),
    column("underscores: 1_048_576", WHOLE, lambda v: f"{v:_}"),
    column('quotes of accountants: "1,234" beside 950', WHOLE, lambda v: f"{v:,}"),
    column(
        "numbers with 'NA', 'n/a' and '-' for missing",
        [1.5, None, 2.25, None, 3.75, None, 4.5, 8.25],
        lambda v: "n/a" if v is None else str(v),
    ),
    column(
        "numbers with '.' for missing, as SAS has it",
        [1.5, None, 2.25, 3.75, None, 4.5, 8.25],
        lambda v: "." if v is None else str(v),
    ),
    column(
        "numbers with '..' for missing, as the World Bank has it",
        [1.5, None, 2.25, 3.75, None, 4.5],
        lambda v: ".." if v is None else str(v),
    ),
    column(
        "numbers with ':' for missing, as Eurostat has it",
        [15, None, 225, 375, None, 45, 12, 81],
        lambda v: ":" if v is None else str(v),
    ),
    column(
        "numbers with '#N/A' and '#DIV/0!' of Excel",
        [1.5, None, 2.25, 3.75, None, 4.5],
        lambda v: "#DIV/0!" if v is None else str(v),
    ),
    column(
        "numbers with \\N of MySQL",
        [15, None, 225, 375, None, 45],
        lambda v: r"\N" if v is None else str(v),
    ),
    column(
        "three decimals or thousands: 1,193",
        (1.193, 2.285, 1.447, 2.901, 1.088, 2.316),
        lambda v: f"{v:.3f}".replace(".", ","),
        asks=True,
        delimiter=";",
    ),
    column(
        "three decimals or thousands with points: 1.193",
        (1193, 2285, 14471, 290123, 10882, 2316),
        lambda v: f"{v:,}".replace(",", "."),
        asks=True,
        delimiter=";",
    ),
    column(
        "sections: 1.1 and 1.10",
        ["1.1", "1.2", "1.9", "1.10", "1.11", "2.1", "2.10", "2.2"],
        str,
        asks=True,
    ),
    column(
        "percent signs beside fractions",
        ["49.7%", "0.628", "51.2%", "0.433", "0.71", "38.9%"],
        str,
        asks=True,
    ),
    words("codes with leading zeros", ["02134", "10001", "00501", "94105", "06390", "60601"]),
    words("card numbers of 16 digits", [f"{4_929_000_000_000_000_123 + 2 * i}" for i in range(12)]),
    words("telephone numbers", ["010-1234-5678", "02-345-6789", "031-222-3333", "010-9876-5432"]),
    words("addresses of machines", ["192.168.0.1", "10.0.0.254", "172.16.1.17", "8.8.8.8"]),
    words("versions", ["1.2.3", "1.10.0", "2.0.0", "0.9.12", "1.2.10", "3.1.4"]),
    words("ranges", ["10-20", "20-30", "30-40", "40-50", "50-60", "60-70"]),
    words("fractions of a page", ["1/2", "3/4", "1/8", "5/6", "2/3", "7/9"]),
    words("results of matches", ["3-2", "1-0", "0-0", "2-5", "4-4", "1-3"]),
    words("products with an E", ["1E5", "2E7", "3A1", "4E2", "9F0", "1E12"]),
    words("products of digits and an E alone", ["1E5", "2E7", "3E1", "4E2", "9E0", "10E4"]),
    words("hexadecimal", ["0x1F", "0xA0", "0x00", "0xFF", "0x7E", "0x10"]),
    words("genes", ["SEPT2", "MARCH1", "DEC1", "TP53", "MAR3", "OCT4"]),
    words("countries, one is NA", ["DE", "NA", "KR", "US", "NO", "NA", "FR", "DE", "KR", "JP"]),
    words("blood: + and -", ["+", "-", "+", "+", "-", "+", "-", "+", "+", "-"]),
    words(
        "alleys: none is an answer", ["none", "paved", "gravel", "none", "none", "paved", "none"]
    ),
    words("names, one is Null", ["Smith", "Null", "Jones", "Garcia", "Kim", "Null", "Park", "Lee"]),
    column(
        'cells of a formula: ="00123"',
        ["00123", "00456", "10789", "00042", "23001"],
        lambda v: f'="{v}"',
    ),
    words("numbers of identity with a dash", ["850101-1", "921231-2", "760315-1", "010203-4"]),
    words(
        "long whole numbers beyond 2^53",
        ["9007199254740993", "9007199254740992", "9007199254740995"],
    ),
)
