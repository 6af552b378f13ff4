"""Files on which finders of dialects are known to fail, each written anew for its kind of fault."""

from datetime import time

from tests.table.written.case import Case, text
from tests.table.written.dialects import AGE, HIGH, NAMES, PLAIN, ROWS, TREES, lines

PLACES = ("35.86;104.19", "36.57;127.98", "52.13;5.29", "46.22;2.21", "51.16;10.45", "41.87;12.56")
COUNTRIES = ("China", "Korea", "Netherlands", "France", "Germany", "Italy")
LISTS = ("['345']", "['235', '236']", "['567']", "['112', '112', '9']", "['468']", "['510']")
CALLS = ("f('a b')", "g('x, y')", "f('c')", "h()", "f('a b')", "g('z')")
CLOCKS = ("20:53:06", "19:33:15", "10:43:05", "10:36:49", "03:33:35", "14:49:47")
STARS = ("* one\n* two", "**bold**, *thin*", "plain", "# head\n\n* a\n* b", "a * b * c", "*")


def rows(delimiter: str, *columns: tuple) -> str:
    return "".join(delimiter.join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


def in_quotes(cells: tuple) -> tuple:
    return tuple('"' + str(cell).replace('"', '""') + '"' for cell in cells)


SNIFFING: tuple[Case, ...] = (
    text(
        "semicolons inside of quotes, between and decimal commas",
        "country;location;count\n"
        + rows(";", COUNTRIES, in_quotes(PLACES), [f"{i},7" for i in range(6)]),
        {"country": COUNTRIES, "location": PLACES, "count": [i + 0.7 for i in range(6)]},
        delimiter=";",
    ),
    text(
        "lists in brackets with commas and single quotes",
        "id;cost;groups\n" + rows(";", range(6), [f"{i}.25" for i in range(6)], LISTS),
        {"id": [*range(6)], "cost": [i + 0.25 for i in range(6)], "groups": LISTS},
        delimiter=";",
    ),
    text(
        "more colons than commas, calls with quotes",
        "call,at,day\n"
        + rows(",", in_quotes(CALLS), CLOCKS, [f"2019-0{i}-01" for i in range(1, 7)]),
        {
            "call": CALLS,
            "at": [time.fromisoformat(at) for at in CLOCKS],
            "day": [f"2019-0{i}-01" for i in range(1, 7)],
        },
    ),
    text(
        "stars and line breaks of Markdown in cells",
        "id,body,n\n" + rows(",", range(6), in_quotes(STARS), range(10, 16)),
        {"id": [*range(6)], "body": STARS, "n": [*range(10, 16)]},
    ),
    text(
        "JSON in cells",
        "id,props,n\n"
        + rows(",", range(8), in_quotes([f'{{"k": {i}, "v": [1, 2]}}' for i in range(8)]), AGE[:8]),
        {
            "id": [*range(8)],
            "props": [f'{{"k": {i}, "v": [1, 2]}}' for i in range(8)],
            "n": AGE[:8],
        },
    ),
    text(
        "one column in which a single value holds a semicolon",
        "note\n" + "".join(f"value {i}\n" for i in range(8)) + "a;b\n",
        {"note": [*(f"value {i}" for i in range(8)), "a;b"]},
    ),
    text(
        "one column of sentences with commas in some, quoted",
        "note\n" + "".join(f'"so, {i}"\n' if i % 2 else f"plain {i}\n" for i in range(10)),
        {"note": [f"so, {i}" if i % 2 else f"plain {i}" for i in range(10)]},
    ),
    text(
        "the day of the extract above a file of semicolons",
        "Estrazione del 2025-01-06\n" + lines(";"),
        TREES,
        delimiter=";",
    ),
    text(
        "addresses with commas, a file of bars",
        "name|address|n\n" + rows("|", NAMES, [f"Main St {i}, Town, X" for i in range(10)], AGE),
        {"name": NAMES, "address": [f"Main St {i}, Town, X" for i in range(10)], "n": AGE},
        delimiter="|",
    ),
    text(
        "apostrophes in many cells are no quotes",
        "name,n\n"
        + rows(",", ("O'Neil", "D'Arcy", "it's", "'t Hart", "Rock 'n' Roll", "l'été"), range(6)),
        {
            "name": ["O'Neil", "D'Arcy", "it's", "'t Hart", "Rock 'n' Roll", "l'été"],
            "n": [*range(6)],
        },
    ),
    text(
        "quotes in the first column alone",
        "name,n\n" + rows(",", in_quotes(("a, b", "c", "d, e", "f", "g")), range(5)),
        {"name": ["a, b", "c", "d, e", "f", "g"], "n": [*range(5)]},
    ),
    text(
        "a quoted delimiter of another sort in every row",
        "pair,n\n" + rows(",", in_quotes([f"{i};{i + 1}" for i in range(8)]), range(8)),
        {"pair": [f"{i};{i + 1}" for i in range(8)], "n": [*range(8)]},
    ),
    text(
        "empty cells in most of the rows",
        "a,b,c,d\n" + "".join(f"{i},,,{'x' if i == 5 else ''}\n" for i in range(10)),
        {
            "a": [*range(10)],
            "b": [None] * 10,
            "c": [None] * 10,
            "d": [*[None] * 5, "x", *[None] * 4],
        },
    ),
    text(
        "a header of numbers below which are words",
        "1,2,3\nash,oak,elm\nfir,yew,ash\noak,elm,fir\n",
        {"1": ["ash", "fir", "oak"], "2": ["oak", "yew", "elm"], "3": ["elm", "ash", "fir"]},
    ),
    text(
        "all words, the header like the rest",
        "name,tree,shade\nann,ash,dark\nbob,oak,light\ncat,elm,dark\n",
        {
            "name": ["ann", "bob", "cat"],
            "tree": ["ash", "oak", "elm"],
            "shade": ["dark", "light", "dark"],
        },
    ),
    text(
        "blanks behind each delimiter",
        "tree;  height;  age\n" + "".join(f"{a};  {b};  {c}\n" for a, b, c in ROWS),
        TREES,
        delimiter=";",
    ),
    text(
        "blanks that pad a table of bars",
        f"{'tree':8}|{'height':>8}|{'age':>6}\n"
        + "".join(f"{a:8}|{b:>8}|{c:>6}\n" for a, b, c in ROWS),
        TREES,
        delimiter="|",
    ),
    text(
        "no-break spaces around the names",
        "\xa0tree\xa0,height ,\u3000age\n" + PLAIN.partition("\n")[2],
        TREES,
    ),
    text(
        "a total that is called Summe",
        PLAIN + f"Summe,{sum(HIGH)},{sum(AGE)}\n",
        TREES,
    ),
    text("a total that is called 合計", PLAIN + f"合計,{sum(HIGH)},{sum(AGE)}\n", TREES),
    text(
        "a mean below, as spreadsheets have it",
        PLAIN + f"Average,{sum(HIGH) / 10},{sum(AGE) / 10}\n",
        TREES,
    ),
    text(
        "notes below that begin with a star",
        PLAIN + "\n* measured by hand\n** of the trunk\n",
        TREES,
    ),
    text(
        "two tables in one file",
        PLAIN + "\n\nbird,wing\nwren,5.5\nowl,95.0\n",
        None,
    ),
    text(
        "a value that is no total although it says so",
        PLAIN.replace("ash,", "Total Wine,"),
        {"tree": ["Total Wine", *NAMES[1:]], "height": HIGH, "age": AGE},
    ),
    text(
        "the byte-order mark twice",
        "\ufeff\ufeff" + PLAIN,
        TREES,
    ),
    text(
        "a byte-order mark before a quoted name",
        '\ufeff"tree","height","age"\n' + PLAIN.partition("\n")[2],
        TREES,
    ),
    text(
        "a column whose name is a date",
        "tree,2024-01-01,2024-02-01\n" + PLAIN.partition("\n")[2],
        {"tree": NAMES, "2024-01-01": HIGH, "2024-02-01": AGE},
    ),
    text(
        "a comma behind the last name only",
        "tree,height,age,\n" + PLAIN.partition("\n")[2],
        TREES,
    ),
    text(
        "an index without a name and a column without one",
        ",height,\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS),
        {"a": NAMES, "b": HIGH, "c": AGE},
        named=False,
    ),
)
