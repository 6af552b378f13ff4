"""The words that stand around numbers: money, magnitudes, units, limits, in many languages.

A unit is compared in one spelling: NFKC (㎡ is m2), lower case, no blanks, no plural.

source  ISO 4217 (codes of currencies); Unicode Technical Standard 35, part 3 (number marks)
"""

from __future__ import annotations

import re

import polars as pl

#: money    spelling in lower case, without blanks and dots -> one name for it
MONEY: dict[str, str] = {
    word: name
    for name, words in {
        "usd": "$ usd us$ dollar dollars 달러 불 美元 米ドル ドル",
        "krw": "₩ 원 원정 krw won",
        "eur": "€ eur euro euros 유로",
        "gbp": "£ gbp stg pound pounds 파운드",
        "jpy": "¥ 円 jpy yen 엔 jp¥",
        "cny": "元 圆 cny rmb cn¥ 人民币 위안 yuan",
        "twd": "nt$ twd 新台幣",
        "hkd": "hk$ hkd 港元",
        "sgd": "s$ sgd",
        "aud": "a$ au$ aud",
        "cad": "c$ ca$ cad",
        "nzd": "nz$ nzd",
        "mxn": "mx$ mxn",
        "brl": "r$ brl reais",
        "ars": "ars",
        "clp": "clp clp$",
        "cop": "cop col$",
        "pen": "s/ pen",
        "inr": "₹ rs inr rupees ₨",
        "pkr": "pkr",
        "chf": "chf sfr fr",
        "sek": "sek",
        "nok": "nok",
        "dkk": "dkk",
        "isk": "isk",
        "kr": "kr kr- ,-",
        "pln": "zł zl pln",
        "czk": "kč kc czk",
        "huf": "ft huf",
        "ron": "lei ron",
        "bgn": "лв bgn",
        "rub": "₽ руб rub р rur",
        "uah": "₴ грн uah",
        "kzt": "₸ kzt тг",
        "try": "₺ tl try",
        "ils": "₪ ils nis",
        "aed": "aed dh dhs د.إ",
        "sar": "sar ﷼ ر.س",
        "egp": "egp e£ le",
        "irr": "irr ریال",
        "thb": "฿ thb baht บาท",
        "vnd": "₫ vnd vnđ đ",
        "idr": "rp idr",
        "myr": "rm myr",
        "php": "₱ php",
        "zar": "zar",
        "ngn": "₦ ngn",
        "kes": "ksh kes",
        "ghs": "gh₵ ghs",
    }.items()
    for word in words.split()
}
#: scales   words that multiply, beyond doubt whatever stands beside them
SCALES: dict[str, float] = {
    word: scale
    for scale, words in {
        1e3: "thousand thousands tsd tys тыс mille millier milliers ribu nghìn",
        1e6: "mn mln mio mill million millions millionen millones milhões milhão milioni"
        " milyon млн juta triệu",
        1e9: "bn bln mrd mld mia billion billions milliard milliards milliarden milyar млрд"
        " miliar tỷ bilhões bilhão",
        1e12: "tn trn trillion trillions трлн",
        1e5: "lakh lakhs lac lacs",
        1e7: "crore crores",
    }.items()
    for word in words.split()
}
#: letters  multiply beside money (lakh and crore: rupees), or where such a pair is in the column
LETTERS: dict[str, float] = {
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
    "t": 1e12,
    "l": 1e5,
    "cr": 1e7,
    "mm": 1e6,
    "mil": 1e3,
}
#: the money of South Africa in front of a number, which may be a code as well
RAND = "r"
INDIAN = ("l", "cr")
PAIRS = tuple({*pair.split()} for pair in ("k m", "m b", "b t", "k b", "l cr", "k l"))
# UNITS    that show, where several stand in a column, that its cells are numbers all the same
_UNITS = """
    " ' ″ ′ % ‰ m2 m3 m cm mm km mi mile ft in yd ha acre 평 층 개월 월 년 일 주 시간 분 초 명
    인 세 개 건 회 대 호 동 가구 kg g mg μg t ton lb oz l ml dl cc hp bhp ps kw w
    kwh mwh gwh v a kmpl km/kg km/l mpg km/h mph °c °f yr year mo month
    week day hr hour min sec h s ms gb mb kb tb ghz mhz hz kcal cal mmhg
    g/dl mg/dl mg/l μg/l ppm ppb db rpm nm room bed bhk sqft
"""
UNITS = frozenset(_UNITS.split())
_SYNONYMS = {
    **dict.fromkeys(("sqm", "m^2", "제곱미터", "qm", "кв.м"), "m2"),
    **dict.fromkeys(("sqft", "sq.ft", "ft^2"), "ft2"),
    **{"years": "yr", "year": "yr", "hour": "hr", "minute": "min", "second": "sec"},
    **{"liter": "l", "litre": "l", "ltr": "l", "킬로그램": "kg", "퍼센트": "%", "프로": "%"},
    **{"percent": "%", "pct": "%", "percentage": "%"},
}
ORDINALS = frozenset({"st", "nd", "rd", "th", "º", "ª", "er", "ème", "e", "번째", "호", "위"})


def one_spelling(words: pl.Expr) -> pl.Expr:
    """Write units in one spelling, so that ㎡, M2 and m² are the same."""
    plain = words.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", "")
    bare = plain.str.strip_chars(".()").str.replace(r"^(.*\p{L}[^s\P{L}])s$", "${1}")
    plural = bare.str.contains(r"ps$|^.s$|us$")
    bare = pl.when(plural).then(plain.str.strip_chars(".()")).otherwise(bare)
    return bare.replace({**_SYNONYMS, **_money_words()})


def _money_words() -> dict[str, str]:
    return MONEY | {word.replace(".", ""): name for word, name in MONEY.items()}


def any_of(words: object) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]
