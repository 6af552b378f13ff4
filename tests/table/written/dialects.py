"""Files that are laid out oddly: marks, quotes, headers, what stands above, between and below."""

from tests.table.layouts.files import html
from tests.table.written.case import Case, text

NAMES = ("ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine")
HIGH = (12.5, 9.75, 30.25, 22.5, 41.0, 6.5, 33.25, 18.75, 25.5, 38.0)
AGE = (40, 25, 310, 95, 120, 14, 88, 61, 402, 230)
TREES = {"tree": NAMES, "height": HIGH, "age": AGE}
ROWS = tuple(zip(NAMES, HIGH, AGE, strict=True))


def lines(delimiter: str = ",", end: str = "\n", head: str = "tree{0}height{0}age") -> str:
    """The trees as text."""
    body = [f"{a}{delimiter}{b}{delimiter}{c}" for a, b, c in ROWS]
    return end.join([head.format(delimiter), *body]) + end


PLAIN = lines()
NOTES = (
    "tall, old",
    'the "king"',
    "near\nthe gate",
    "",
    "by the river; wet",
    "it's dry",
    "a|b",
    "x",
    "two  blanks",
    "end",
)
NOTED = {"tree": NAMES, "note": NOTES, "age": AGE}


def quoted(mark: str = '"', delimiter: str = ",", escape: str = "") -> str:
    """The trees with notes that hold delimiters, quotes and line breaks."""

    def cell(note: str) -> str:
        return mark + note.replace(mark, (escape or mark) + mark) + mark

    body = [
        f"{a}{delimiter}{cell(n)}{delimiter}{c}" for a, n, c in zip(NAMES, NOTES, AGE, strict=True)
    ]
    return "\n".join([delimiter.join(("tree", "note", "age")), *body]) + "\n"


def with_comma(delimiter: str) -> str:
    return lines(delimiter).replace(".", ",")


GRID = [["tree", "height", "age"], *([a, str(b), str(c)] for a, b, c in ROWS)]
NUMBERS = {"a": AGE, "b": HIGH, "c": AGE[::-1]}
BARE = "".join(f"{a},{b},{c}\n" for a, b, c in zip(AGE, HIGH, AGE[::-1], strict=True))
WIDE = max(map(len, NAMES)) + 2
FIXED = f"{'tree':{WIDE}}{'height':>8}{'age':>6}\n" + "".join(
    f"{a:{WIDE}}{b:>8}{c:>6}\n" for a, b, c in ROWS
)
TOTAL = f"{sum(HIGH)},{sum(AGE)}"
JSON_ROWS = [f'{{"tree": "{a}", "height": {b}, "age": {c}}}' for a, b, c in ROWS]
BY_INDEX = {
    name: "{"
    + ", ".join(
        f'"{i}": {f"{v!r}" if not isinstance(v, str) else chr(34) + v + chr(34)}'
        for i, v in enumerate(values)
    )
    + "}"
    for name, values in TREES.items()
}


def _case(name: str, data: str, want: object = TREES, **known: object) -> Case:
    return text(name, data, want, **known)  # type: ignore[arg-type]


DIALECTS: tuple[Case, ...] = (
    _case("plain", PLAIN),
    _case("semicolons", lines(";"), delimiter=";"),
    _case("tabs", lines("\t"), delimiter="\t", suffix=".tsv"),
    _case("bars", lines("|"), delimiter="|"),
    _case("carets", lines("^"), delimiter="^"),
    _case("tildes", lines("~"), delimiter="~"),
    _case("control-A, as Hive has it", lines("\x01"), delimiter="\x01"),
    _case("two colons, as old ratings have it", lines("::"), delimiter="::"),
    _case("semicolons and decimal commas", with_comma(";"), delimiter=";"),
    _case("tabs and decimal commas", with_comma("\t"), delimiter="\t", suffix=".txt"),
    _case("a comma and a blank", lines(", ")),
    _case(
        "a blank, a comma and quotes behind it",
        "\n".join(["tree, height, age", *(f'{a}, "{b}", {c}' for a, b, c in ROWS)]) + "\n",
    ),
    _case("columns parted by blanks", FIXED, delimiter=" ", suffix=".txt"),
    _case("CR LF", lines(end="\r\n")),
    _case("CR alone", lines(end="\r")),
    _case("CR, and a last LF", lines(end="\r")[:-1] + "\n"),
    _case("LF, CR LF among them", PLAIN.replace("fir,41.0,120\n", "fir,41.0,120\r\n")),
    _case("no line end at the end", PLAIN[:-1]),
    _case("byte-order mark", "\ufeff" + PLAIN),
    _case("UTF-16 with tabs", lines("\t"), delimiter="\t", suffix=".txt", encoding="utf-16"),
    _case("UTF-16 without a mark", lines(), encoding="utf-16-le"),
    _case("zero bytes at the end of each row", PLAIN.replace("\n", "\0\n")),
    _case("control-Z of DOS at the end", PLAIN + "\x1a"),
    _case("quotes that are doubled", quoted(), NOTED),
    _case("quotes behind a backslash", quoted(escape="\\"), NOTED),
    _case("single quotes", quoted("'"), NOTED),
    _case("semicolons in quotes", quoted(delimiter=";"), NOTED, delimiter=";"),
    _case(
        "all quoted",
        "".join(f'"{a}","{b}","{c}"\n' for a, b, c in (("tree", "height", "age"), *ROWS)),
    ),
    _case(
        "inches outside of quotes",
        "screen,price\n" + "".join(f'{i}" {"OL"[i % 2]}ED,{i * 9}\n' for i in range(19, 31)),
        {
            "screen": [f'{i}" {"OL"[i % 2]}ED' for i in range(19, 31)],
            "price": [i * 9 for i in range(19, 31)],
        },
    ),
    _case(
        "one inch sign in a late row",
        "part,price\n" + "".join(f"bolt {i},{i}\n" for i in range(40)) + '5" pipe,40\nnut,41\n',
        {"part": [*(f"bolt {i}" for i in range(40)), '5" pipe', "nut"], "price": [*range(42)]},
    ),
    _case(
        "a quote within a word",
        'name,n\nO"Neil,1\nSmith,2\nJones,3\nD"Arcy,4\n',
        {"name": ['O"Neil', "Smith", "Jones", 'D"Arcy'], "n": [1, 2, 3, 4]},
    ),
    _case(
        "a line break in the header",
        '"tree\nname",age\n' + "".join(f"{a},{c}\n" for a, _, c in ROWS),
        {"tree name": NAMES, "age": AGE},
    ),
    _case(
        "a quote that never closes",
        PLAIN.replace("fir,", '"fir,'),
        TREES | {"tree": [name.replace("fir", '"fir') for name in NAMES]},
    ),
    _case(
        "thousands without quotes",
        "city,people\n" + "".join(f"c{i % 3},{i + 1},0{i}{i}\n" for i in range(9)),
        None,
    ),
    _case(
        "one short row",
        PLAIN.replace("elm,22.5,95", "elm,22.5"),
        TREES | {"age": [None if age == 95 else age for age in AGE]},
    ),
    _case("one long row", PLAIN.replace("elm,22.5,95", "elm,22.5,95,7"), None),
    _case("sep= in the first line", "sep=;\n" + lines(";"), delimiter=";"),
    _case("sep=, in the first line", "sep=,\n" + PLAIN),
    _case("a title above", "Trees of the park\n" + PLAIN),
    _case("a title, padded", "Trees of the park,,\n" + PLAIN),
    _case("a title with a comma in it", "Trees of the park, 2024\n\n" + PLAIN),
    _case("title, office, date, a blank line", "Trees\nOffice of Parks\n2024-03-01\n\n" + PLAIN),
    _case("comments above", "# trees of the park\n# made 2024-03-01, by hand\n" + PLAIN),
    _case("a header behind a #", "#" + PLAIN),
    _case(
        "a row of units below the header",
        PLAIN.replace("age\n", "age\n,m,years\n", 1),
        {"tree": NAMES, "height (m)": HIGH, "age (years)": AGE},
    ),
    _case("a blank line below the header", PLAIN.replace("age\n", "age\n\n", 1)),
    _case("blank lines between", PLAIN.replace("fir,", "\nfir,").replace("oak,", "\n\noak,")),
    _case("rows of delimiters alone below", PLAIN + ",,\n,,\n"),
    _case("a note below", PLAIN + "\nSource: Office of Parks\n"),
    _case("a note below with a comma", PLAIN + "\nSource: Office of Parks, 2024\n"),
    _case("a note below, padded", PLAIN + "Source: Office of Parks,,\n"),
    _case("how many rows, as a database tells it", PLAIN + "\n(10 rows affected)\n"),
    _case("a total below", PLAIN + f"Total,{TOTAL}\n"),
    _case("a total on top", PLAIN.replace("age\n", f"age\nAll,{TOTAL}\n", 1)),
    _case("the header again in the middle", PLAIN.replace("fir,", "tree,height,age\nfir,")),
    _case(
        "two header rows",
        ",size,,age\ntree,height,girth,years\n"
        + "".join(f"{a},{b},{c / 10},{c}\n" for a, b, c in ROWS),
        {"tree": NAMES, "size height": HIGH, "size girth": [c / 10 for c in AGE], "age years": AGE},
    ),
    _case("no header, numbers", BARE, NUMBERS, named=False),
    _case(
        "no header, numbers and a word, as iris has it",
        "".join(f"{b},{c},{'setosa' if c < 100 else 'virginica'}\n" for _, b, c in ROWS),
        {"a": HIGH, "b": AGE, "c": ["setosa" if c < 100 else "virginica" for c in AGE]},
        named=False,
    ),
    _case(
        "no header, blanks between",
        "".join(f"{b:8}{c:8}   {c * 2}\n" for _, b, c in ROWS),
        {"a": HIGH, "b": AGE, "c": [c * 2 for c in AGE]},
        named=False,
        delimiter=" ",
        suffix=".data",
    ),
    _case(
        "row names of R, the header one short",
        '"height","age"\n' + "".join(f'"{a}",{b},{c}\n' for a, b, c in ROWS),
        {"names": NAMES, "height": HIGH, "age": AGE},
        named=False,
    ),
    _case(
        "row names of R, blanks between",
        '"height" "age"\n' + "".join(f'"{a}" {b} {c}\n' for a, b, c in ROWS),
        {"names": NAMES, "height": HIGH, "age": AGE},
        named=False,
        delimiter=" ",
        suffix=".txt",
    ),
    _case(
        "index of pandas",
        ",tree,height,age\n" + "".join(f"{i},{a},{b},{c}\n" for i, (a, b, c) in enumerate(ROWS)),
        {"": [*range(10)]} | TREES,
        named=False,
    ),
    _case(
        "a delimiter at the end of each row",
        "tree,height,age\n" + "".join(f"{a},{b},{c},\n" for a, b, c in ROWS),
    ),
    _case(
        "a delimiter at the end of each line, the header too",
        "tree,height,age,\n" + "".join(f"{a},{b},{c},\n" for a, b, c in ROWS),
    ),
    _case(
        "a table of Markdown",
        "| tree | height | age |\n|---|---|---|\n"
        + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in ROWS),
        delimiter="|",
        suffix=".txt",
    ),
    _case(
        "what psql prints",
        " tree   | height | age \n--------+--------+-----\n"
        + "".join(f" {a:6} | {b:>6} | {c:>3} \n" for a, b, c in ROWS)
        + "(10 rows)\n",
        delimiter="|",
        suffix=".txt",
    ),
    _case(
        "names twice",
        PLAIN.replace("height,age", "age,age"),
        {"tree": NAMES, "a": HIGH, "b": AGE},
        named=False,
    ),
    _case(
        "cp1252 with accents",
        "cité,température (°C)\n"
        + "".join(
            f"{w},{i}.5\n"
            for i, w in enumerate(["Orléans", "Nîmes", "Besançon", "Sète", "Évry", "Alès"])
        ),
        {
            "cité": ["Orléans", "Nîmes", "Besançon", "Sète", "Évry", "Alès"],
            "température (°C)": [i + 0.5 for i in range(6)],
        },
        encoding="cp1252",
    ),
    _case("HTML under the name of CSV", html(GRID).decode(), suffix=".csv"),
    _case("HTML under the name of a workbook", html(GRID).decode(), suffix=".xls"),
    _case("tabs under the name of a workbook", lines("\t"), delimiter="\t", suffix=".xls"),
    _case("JSON: rows", "[" + ", ".join(JSON_ROWS) + "]", suffix=".json"),
    _case("JSON: an object a line", "\n".join(JSON_ROWS) + "\n", suffix=".jsonl"),
    _case(
        "JSON: rows in an envelope",
        '{"count": 10, "results": [' + ", ".join(JSON_ROWS) + "]}",
        suffix=".json",
    ),
    _case(
        "JSON: columns by index, as pandas writes them",
        "{" + ", ".join(f'"{k}": {v}' for k, v in BY_INDEX.items()) + "}",
        suffix=".json",
    ),
    _case(
        "JSON: NaN in a line",
        "\n".join(JSON_ROWS).replace("41.0", "NaN"),
        TREES | {"height": [None if h == 41.0 else h for h in HIGH]},
        suffix=".jsonl",
    ),
    _case(
        "a column of one word and a column of numbers with decimal commas in quotes",
        "tree,height\n" + "".join(f'{a},"{b}"\n'.replace(".", ",") for a, b, _ in ROWS),
        {"tree": NAMES, "height": HIGH},
    ),
    _case(
        "commas in texts of a file of semicolons",
        "tree;note\n" + "".join(f"{a};yes, tall, old, at {i}\n" for i, a in enumerate(NAMES)),
        {"tree": NAMES, "note": [f"yes, tall, old, at {i}" for i in range(10)]},
        delimiter=";",
    ),
    _case(
        "semicolons in lists of a file of commas",
        "tree,tags\n" + "".join(f"{a},a;b;c;{i}\n" for i, a in enumerate(NAMES)),
        {"tree": NAMES, "tags": [f"a;b;c;{i}" for i in range(10)]},
    ),
    _case(
        "hours with colons in a file of tabs",
        "at\tn\n" + "".join(f"2024-03-{i:02} 10:{i:02}:00\t{i}\n" for i in range(1, 13)),
        {"at": [f"2024-03-{i:02} 10:{i:02}:00" for i in range(1, 13)], "n": [*range(1, 13)]},
        delimiter="\t",
        suffix=".txt",
    ),
    _case("one column of words", "tree\n" + "".join(f"{a}\n" for a in NAMES), {"tree": NAMES}),
    _case("one column of numbers", "height\n" + "".join(f"{h}\n" for h in HIGH), {"height": HIGH}),
    _case(
        "years for names",
        "tree,2022,2023\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS),
        {"tree": NAMES, "2022": HIGH, "2023": AGE},
    ),
    _case(
        "sparse rows",
        "tree,a,b\n"
        + "".join(
            f"{n},{i if i % 3 == 0 else ''},\n" if i != 4 else f"{n},,7\n"
            for i, n in enumerate(NAMES)
        ),
        {
            "tree": NAMES,
            "a": [i if i % 3 == 0 else None for i in range(10)],
            "b": [7 if i == 4 else None for i in range(10)],
        },
    ),
)
