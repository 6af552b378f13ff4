"""Take cells apart as people write numbers: sign, digits, magnitude, unit, limit.

What the digits are worth depends on the notation of the column (`numbers`); what is here does not.

    (1,234)         -   1,234                 "accounting"
    € 19.8M             19.8    M       eur   "currency", "magnitude"
    84.97㎡             84.97           m2    "unit"
    <0.5                0.5     below         "limit"
    3억 2,000만원       320000000       krw   "currency", "korean-units"
"""

from __future__ import annotations

import functools

import polars as pl

from mulle.table.types.number_words import (
    LETTERS,
    MONEY,
    RAND,
    SCALES,
    any_of,
    one_spelling,
)

_BLANKS = dict.fromkeys("\u00a0\u2007\u2008\u2009\u200a\u202f\u3000", " ")
_DIGITS = {
    chr(first + i): str(i)
    for first in (0xFF10, 0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
    for i in range(10)
}
_WIDE = _DIGITS | dict(
    zip("．，＋％￦￥＄€（）＜＞～’ʼ＇`´٫٬٪", ".,+%₩¥$€()<>~'''''.,%", strict=True)
)
_MINUS = dict.fromkeys("−‒–—﹣－‐‑", "-")
_HANGUL = dict(zip("千百十万萬億亿兆", "천백십만만억억조", strict=True))
_N = r"(?:([0-9][0-9,]*(?:\.[0-9]+)?)"
_SECTION = rf"{_N}\s*천\s*)?{_N}\s*백\s*)?{_N}\s*십\s*)?{_N})?\s*"
_UNITED = r"^(\D*?)" + "".join(rf"(?:{_SECTION}{u}\s*)?" for u in "조억만") + _SECTION
_UNITED += r"((?:[^\d조억만천백십]\D*)?)$"
_WORTH = (1000.0, 100.0, 10.0, 1.0)
_HALVES = dict(
    zip("½¼¾⅓⅔⅛⅜⅝⅞", (1 / 2, 1 / 4, 3 / 4, 1 / 3, 2 / 3, 1 / 8, 3 / 8, 5 / 8, 7 / 8), strict=True)
)
_FRACTION = (
    rf"^(?P<head>[-+]?)(?:(?P<whole>[0-9]+)\s*)??(?:(?P<half>[{''.join(_HALVES)}])"
    r"|(?P<top>[0-9]+)/(?P<below>[1-9][0-9]*))(?P<tail>\D*)$"
)
_BODY = r"(?:[0-9]+(?:[.,'_ ][0-9]+)*[.,]?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
_SPLIT = (
    r"^(?P<sign>[-+]?)\s*(?P<front>(?:[^0-9.,+-]*(?:(?:\p{L}|S/)\.|[^0-9.,+\-\s]))?)\s*"
    rf"(?P<inner>[-+]?)\s*(?P<body>{_BODY})\s*(?P<behind>[^0-9]*|[^0-9]*\p{{L}}\^?[23])$"
)
_ABOUT = r"^(?:약|대략|(?i:ca|circa|approx|about|around)\b\.?|~|≈|≒)\s*([^\p{L}]*[0-9])"
_ABOUT_BEHIND = r"([0-9천백십만억조원명%])\s*(?:정도|가량|쯤|내외)$"
_BELOW = r"(?i)^(?:<=?|≤|≦|⩽|less than|under|below|up to|at most|unter|bis)\s*(\D{0,4}[0-9])"
_ABOVE = r"(?i)^(?:>=?|≥|≧|⩾|more than|over|above|at least|über|ab)\s*(\D{0,4}[0-9])"
_BELOW_BEHIND = r"(?i)([0-9].*?)\s*(?:미만|이하|이내|以下|未満|未满|or less|or under|and under)$"
_ABOVE_BEHIND = (
    r"(?i)([0-9].*?)\s*(?:초과|이상|以上|超|or more|and more|or over|and over|and above|\+)$"
)
_BRACKETS = r"^(\D{0,4}?)\(\s*([^()]*[0-9][^()]*)\)\s*(\D{0,4})$"
_DASH = r"([0-9])(?:[.,]-{1,2}|/-)(\D{0,4})$"  # no cents: 5.- and 5,- and 500/-
_BEHIND_MINUS = r"^(.*[0-9%\p{Sc}원])\s*-$"
_NOTE = r"^([^(]*[0-9%)]|.*\))(?:\s*[*†‡]+|\s*\[(?:[0-9]{1,2}|[a-z])\]|\s+[1-9][0-9]?\))$"
_CENTS = r"^(?P<head>[-+]?)(?P<whole>[0-9]+)\s?(?P<tail>[€£$₣])\s?(?P<cents>[0-9]{2})$"
_ARROW = r"^([^\d\p{L}]{0,3}?)[△▲▽▼↑↓]\s*([^\d\p{L}]{0,2}[0-9].*)$"
_ARROW_BEHIND = r"^(.*[0-9%])\s*[△▲▽▼↑↓]$"
_MONEY = any_of(MONEY)
_SCALE = rf"^(?P<word>{any_of(SCALES)})\.?(?:\s*(?P<money>{_MONEY})\.?$|\s+(?P<more>.+)$|$)"
_LETTER = rf"^(?P<letter>{any_of(LETTERS)})\.?\s*(?P<money>{_MONEY})?\.?$"
_NO_UNIT = r"^[-_\\]|[,;:|=?!*#@<>\[\]{}]|^.{20,}$"
#: what no cell holds that is nothing but digits, marks and a sign in front
MARKS_ONLY = r"[^0-9.,+-]|.[+-]"
#: one run of digits, whatever stands around it
DIGITS = "[0-9]+(?:[.,][0-9]+)*"
CORE = rf"^(?P<before>(?:[^0-9]*[^0-9.,'_ ])?)(?P<core>{DIGITS})(?P<behind>(?:[^0-9.,][^0-9]*)?)$"
_MANY = 500  # cells from which on it pays
_FLAGS = (
    "full-width",
    "minus",
    "accounting",
    "approximate",
    "footnote",
    "currency",
    "korean-units",
    "fraction",
)


def split(cells: pl.Series) -> pl.DataFrame:
    """Take n cells apart.

    What stands around the digits is the same in most cells of a column, and is taken apart once.

    Returns:
        n rows: `cell`; `negative`; `body`, digits and marks, null where the cell is no number;
        `value`, where the digits are worth the same in each notation; `scale`, of a word that
        multiplies; `letter`, which multiplies or is a unit; `unit`, in one spelling; `side` of a
        limit (-1 below, 1 above, 0); `arrow`; `ratio`, whether a fraction has no whole part; and a
        boolean for each repair that the cell needs whatever its marks are.
    """
    if not cells.str.contains(MARKS_ONLY).any() or len(cells) < _MANY:
        return split_each(cells)
    core = cells.str.extract_groups(CORE).struct.unnest()
    around = core.select(pl.concat_str("before", pl.lit("1"), "behind")).to_series()
    frame = pl.DataFrame({"around": around, "core": core["core"], "cell": cells})
    known = split_each(around.drop_nulls().unique()).filter(pl.col("body") == "1")
    if len(known) * 10 > len(cells):
        return split_each(cells)
    known = known.rename({"cell": "around"}).drop("text", strict=False)
    found = frame.join(known, on="around", how="left", maintain_order="left")
    found = found.with_columns(body="core").drop("around", "core")
    others = found["negative"].is_null()
    if not others.any():
        return found
    at = pl.int_range(len(cells), eager=True).alias("at")
    slow = split_each(cells.filter(others)).select(found.columns)
    joined = pl.concat([
        found.filter(~others).with_columns(at.filter(~others)),
        slow.with_columns(at.filter(others)),
    ])  # fmt: skip
    return joined.sort("at").drop("at")


def split_each(cells: pl.Series) -> pl.DataFrame:
    """Take n cells apart, each by itself; see `split`."""
    frame = cells.alias("cell").to_frame().with_columns(text=pl.col("cell"))
    frame = frame.with_columns(
        *(pl.lit(value=False).alias(code) for code in _FLAGS),
        value=pl.lit(None, pl.Float64),
        scale=pl.lit(1.0),
        letter=pl.lit(""),
        unit=pl.lit(""),
        arrow=pl.lit(""),
        side=pl.lit(0),
        ratio=pl.lit(value=False),
    )
    if not cells.str.contains(MARKS_ONLY).any():
        body = pl.col("text").str.strip_prefix("-").str.strip_prefix("+")
        return frame.with_columns(negative=pl.col("text").str.starts_with("-"), body=body)
    steps = _STEPS if not _all_ascii(cells) else [s for s in _STEPS if s[1] not in _BEYOND_ASCII]
    for holds, step in steps:
        if frame["text"].str.contains(holds).any():
            frame = step(frame)
    return _take_apart(frame)


def _all_ascii(cells: pl.Series) -> bool:
    return cells.str.len_bytes().sum() == cells.str.len_chars().sum()


def _spelled(frame: pl.DataFrame) -> pl.DataFrame:
    """Write digits, marks and dashes of other scripts in ASCII."""
    blank = pl.col("text").str.replace_many(_BLANKS)
    wide = blank.str.replace_many(_WIDE)
    dash = wide.str.replace_many(_MINUS)
    changed = {"full-width": wide != blank, "minus": dash != wide}
    return frame.with_columns(text=dash.str.strip_chars(), **changed)


def _approximate(frame: pl.DataFrame) -> pl.DataFrame:
    bare = pl.col("text").str.replace(_ABOUT, "${1}").str.replace(_ABOUT_BEHIND, "${1}")
    return frame.with_columns(text=bare, approximate=bare != pl.col("text"))


def _limited(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    low = text.str.replace(_BELOW, "${1}").str.replace(_BELOW_BEHIND, "${1}")
    high = text.str.replace(_ABOVE, "${1}").str.replace(_ABOVE_BEHIND, "${1}")
    side = pl.when(low != text).then(-1).when(high != text).then(1).otherwise(0)
    return frame.with_columns(text=pl.when(low != text).then(low).otherwise(high), side=side)


def _accounted(frame: pl.DataFrame) -> pl.DataFrame:
    """Put the minus of account books in front, and the dash for no cents away."""
    text = pl.col("text")
    unguarded = text.str.replace("^'([-+])", "${1}")  # written so against formulas
    round_sum = unguarded.str.replace(_DASH, "${1}${2}")
    bare = round_sum.str.replace(_BRACKETS, "-${1}${2}${3}").str.replace(_BEHIND_MINUS, "-${1}")
    return frame.with_columns(
        text=bare,
        accounting=(bare != round_sum) | (unguarded != text),
        currency=round_sum != unguarded,
    )


def _noted(frame: pl.DataFrame) -> pl.DataFrame:
    bare = pl.col("text").str.replace(_NOTE, "${1}")
    return frame.with_columns(text=bare, footnote=bare != pl.col("text"))


def _with_cents(frame: pl.DataFrame) -> pl.DataFrame:
    """Read 12€50, where the sign of the money stands for the decimal mark."""
    parts = frame["text"].str.extract_groups(_CENTS).struct.unnest()
    got = parts.select(
        worth=pl.concat_str("whole", pl.lit("."), "cents").cast(pl.Float64, strict=False),
        rest=pl.concat_str("head", pl.lit("0"), "tail"),
    )
    known = frame["currency"]
    settled = _settled(pl.concat([frame, got], how="horizontal"), "currency")
    return settled.with_columns(pl.col("currency") | known)


def _arrowed(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    bare = text.str.replace(_ARROW, "${1}${2}").str.replace(_ARROW_BEHIND, "${1}")
    arrow = pl.when(bare != text).then(text.str.extract("([△▲▽▼↑↓])")).otherwise(pl.lit(""))
    minus = pl.col("minus") | (bare != text)
    return frame.with_columns(text=bare, arrow=arrow, minus=minus)


def _halved(frame: pl.DataFrame) -> pl.DataFrame:
    """Read ½, 1½ and 1 1/2."""
    parts = frame["text"].str.extract_groups(_FRACTION).struct.unnest()
    part = {name: pl.col(name).cast(pl.Float64, strict=False) for name in ("whole", "top", "below")}
    half = pl.col("half").replace_strict(_HALVES, default=None, return_dtype=pl.Float64)
    got = parts.select(
        worth=part["whole"].fill_null(0) + pl.coalesce(half, part["top"] / part["below"]),
        rest=pl.concat_str("head", pl.lit("0"), "tail"),
        single=pl.col("whole").is_null() & pl.col("half").is_null(),
    )
    return _settled(pl.concat([frame, got], how="horizontal"), "fraction").with_columns(
        ratio=pl.col("fraction") & got["single"].fill_null(value=False)
    )


def _united(frame: pl.DataFrame) -> pl.DataFrame:
    """Read numbers with 천, 만, 억 and 조, and with their Chinese characters.

    After 억, "5천" and "5,000" without 만 or 원 mean 만: 1억5천 is 150,000,000.
    """
    hangul = pl.col("text").str.replace_many(_HANGUL)
    text = frame.select(hangul)["text"]
    fits = text.str.contains(r"[0-9]\s*[천백십만억조]") & ~text.str.contains(
        r"(?:^|[^0-9천백십\s])\s*[만억조]"
    )
    groups = text.str.replace_all(r"([0-9]),([0-9])", "${1}${2}").str.extract_groups(_UNITED)
    parts = groups.struct.unnest()
    number = [pl.col(name).cast(pl.Float64, strict=False) for name in parts.columns[1:-1]]
    sections = [number[i : i + 4] for i in range(0, 16, 4)]
    filled = [pl.any_horizontal(n.is_not_null() for n in s) for s in sections]
    worth = [
        pl.sum_horizontal(n.fill_null(0) * w for n, w in zip(s, _WORTH, strict=True))
        for s in sections
    ]
    bare = parts.columns[-1]
    rest = sections[3][3]
    spoken = sections[3][0].is_not_null() & rest.is_null()  # "5천"
    spoken |= sections[3][0].is_null() & (rest >= 1000) & (rest % 100 == 0) & (pl.col(bare) == "")
    spoken &= (worth[3] < 10_000) & ~filled[2]
    factor = (
        pl.when(spoken & filled[1])
        .then(1e4)
        .when(spoken & filled[0])
        .then(pl.lit(1e8))
        .otherwise(1.0)
    )
    total = worth[0] * 1e12 + worth[1] * 1e8 + worth[2] * 1e4 + worth[3] * factor
    got = parts.select(
        worth=pl.when(fits & pl.any_horizontal(filled)).then(total),
        rest=pl.concat_str(parts.columns[0], pl.lit("0"), bare),
    )
    return _settled(pl.concat([frame, got], how="horizontal"), "korean-units")


def _settled(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    """Take the worth of some cells for their value, and leave a 0 for its digits."""
    fits = pl.col("worth").is_not_null() & pl.col("value").is_null()
    return frame.with_columns(
        pl.when(fits).then("rest").otherwise("text").alias("text"),
        pl.when(fits).then("worth").otherwise("value").alias("value"),
        fits.alias(code),
    ).drop("worth", "rest", "single", strict=False)


def _take_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Part sign, money, digits and what stands behind them."""
    parts = frame["text"].str.extract_groups(_SPLIT).struct.unnest()
    around = parts.select("front", "behind").unique().drop_nulls()
    if around.height <= _FEW:
        around = pl.DataFrame([_around_one(*pair) for pair in around.iter_rows()], _AROUND)
    else:
        around = _around(around)
    parts = parts.join(around, on=["front", "behind"], how="left", maintain_order="left")
    minus = (pl.col("sign") == "-") | (pl.col("inner") == "-")
    one_sign = (pl.col("sign") == "") | (pl.col("inner") == "")
    read = parts.select(
        body=pl.when(pl.col("fine") & one_sign).then("body"),
        negative=minus.fill_null(value=False),
        unit=pl.col("unit").fill_null(""),
        money=pl.col("money").fill_null(value=False),
        scale=pl.col("scale").fill_null(1.0),
        letter=pl.col("letter").fill_null(""),
    )
    return frame.with_columns(
        *read.drop("money").get_columns(), currency=frame["currency"] | read["money"]
    )


@functools.lru_cache(maxsize=4096)
def _around_one(front: str, behind: str) -> dict[str, object]:
    return _around(pl.DataFrame({"front": [front], "behind": [behind]})).row(0, named=True)


def _around(seen: pl.DataFrame) -> pl.DataFrame:
    """Understand what stands in front of numbers and behind them.

    Args:
        seen: front and behind, of distinct pairs.
    """
    behind = seen["behind"].str.normalize("NFKC").str.to_lowercase().str.strip_chars(" ")
    scaled = behind.str.extract_groups(_SCALE).struct.unnest()
    letter = behind.str.extract_groups(_LETTER).struct.unnest()
    rest = (
        pl.when(scaled["word"].is_not_null())
        .then(pl.coalesce(scaled["money"], scaled["more"], pl.lit("")))
        .when(letter["letter"].is_not_null())
        .then(letter["money"].fill_null(""))
        .otherwise(behind)
    )
    known = seen.with_columns(before=one_spelling(pl.col("front")), after=one_spelling(rest))
    money = [*{*MONEY.values()}]
    before, after = pl.col("before"), pl.col("after")
    known = known.with_columns(
        fine=(before.is_in(money) | before.is_in(["", "%", RAND])) & ~after.str.contains(_NO_UNIT),
        money=before.is_in(money) | after.is_in(money),
        unit=pl.when((before == "") | (before == after) | ((before == "usd") & after.is_in(money)))
        .then(after)
        .otherwise(before + after),
        scale=scaled["word"].replace_strict(SCALES, default=1.0, return_dtype=pl.Float64),
        letter=letter["letter"].fill_null(""),
    )
    return known.drop("before", "after")


_STEPS = (
    (r"[^ -~]", _spelled),
    (r"^(?:약|대략|[A-Za-z~≈≒])|[정가쯤내]", _approximate),
    (r"[<>≤≥≦≧⩽⩾미이초以未超+]|^[a-zA-Zü]|[a-z]$", _limited),
    (r"[*†‡\])]$", _noted),
    (r"[0-9]\s?[€£$₣]\s?[0-9]{2}$", _with_cents),
    (r"[(\-]", _accounted),
    (r"[△▲▽▼↑↓]", _arrowed),
    (r"[½¼¾⅓⅔⅛⅜⅝⅞/]", _halved),
    (r"[0-9]\s*[천백십만억조千百十万萬億亿兆]", _united),
)

_FEW = 8  # distinct things around numbers that are looked up one by one, as in single rows
_AROUND = {
    "front": pl.String,
    "behind": pl.String,
    "fine": pl.Boolean,
    "money": pl.Boolean,
    "unit": pl.String,
    "scale": pl.Float64,
    "letter": pl.String,
}
_BEYOND_ASCII = (_spelled, _arrowed, _united)
