"""Findings about personal data: e-mail addresses, telephone numbers, resident registration numbers.

resident   yymmdd-sxxxxxc: six digits that are a date, then one that tells century and sex (1-8),
           five more, and a check digit: (11 - (sum of digit * 2,3,4,5,6,7,8,9,2,3,4,5) mod 11) mod
           10. Numbers given since October 2020 have no check digit, so those written with a hyphen
           count without it, if the date is one.
phone      Korean mobile and area numbers, or + and a country code

Evidence is masked: a report is sent on more easily than a table. A column is reported where at
least 1 % of its sampled values, and at least 2, are such.

source  Ministry of the Interior and Safety, rules of the Resident Registration Act, section 2
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import polars as pl

from mulle.table import Storage
from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_rows

SHARE, FEWEST = 0.01, 2
_EMAIL = r"[\p{L}\d._%+\-]+@[\p{L}\d\-]+(?:\.[\p{L}\d\-]+)*\.\p{L}{2,}"
_PHONE = (
    r"(?:^|[^\d\-.])(?:01[016789][-. ]?\d{3,4}[-. ]?\d{4}|0(?:2|[3-6]\d)[-. )]\d{3,4}[-. ]\d{4}"
    r"|\+\d{1,3}[-. ]\(?\d{1,4}\)?(?:[-. ]?\d{2,4}){2,4})(?:$|[^\d\-.])"
)
_DATE = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT = rf"(?:^|\D)({_DATE})(-?)([1-8]\d{{6}})(?:\D|$)"
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def check_digit(digits: str) -> bool:
    """Return whether 13 digits end in the check digit of a resident registration number.

    >>> check_digit("8001011234561"), check_digit("8001011234560")
    (False, True)
    """
    total = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False))
    return (11 - total % 11) % 10 == int(digits[12])


def _emails(values: pl.Series) -> pl.Series:
    return values.filter(values.str.contains(_EMAIL))


def _phones(values: pl.Series) -> pl.Series:
    return values.filter(values.str.contains(_PHONE))


def _residents(values: pl.Series) -> pl.Series:
    found = values.filter(values.str.contains(_RESIDENT))
    return found.filter(pl.Series([_is_resident(v) for v in found.to_list()], dtype=pl.Boolean))


def _is_resident(text: str) -> bool:
    found = re.search(_RESIDENT, text)
    return found is not None and (found[2] == "-" or check_digit(found[1] + found[3]))


def _rule(code: str, sort: str, title: str, find: Callable[[pl.Series], pl.Series]) -> Rule:
    def check(facts: Facts) -> Iterable[Found]:
        for name, values in _texts(facts, sort).items():
            found = find(values)
            if len(found) >= max(FEWEST, SHARE * len(values)):
                shares = {"share": len(found) / len(values), "values": len(values)}
                shown = [masked(v) for v in found.head(3).to_list()]
                yield Found([name], {"count": len(found), **shares}, {"masked": shown})

    return Rule(code, sort, title, "privacy", "warning", has_rows, check)


def _texts(facts: Facts, sort: str) -> dict[str, pl.Series]:
    """Return different sampled values of the columns of text, and of whole numbers of 13 digits."""
    texts = dict(facts.spellings)
    if sort == "resident-number":
        for column in facts.scan.columns:
            if column.storage is Storage.number:
                values = facts.scan.sample[column.name].drop_nulls().head(5000)
                low, high = values.min(), values.max()
                if (
                    isinstance(low, float)
                    and isinstance(high, float)
                    and 1e10 <= low <= high < 1e13
                ):
                    whole = values.cast(pl.Int64, strict=False).cast(pl.String)
                    texts[column.name] = whole.str.zfill(13).drop_nulls()
    return {name: values for name, values in texts.items() if len(values)}


def masked(text: str) -> str:
    """Hide most letters and digits of a text, and cut it to 40 characters.

    >>> masked("kim@example.com"), masked("010-1234-5678")
    ('k••@e••••••.c••', '0••-1•••-5•••')
    """
    return re.sub(r"(\w)(\w+)", lambda m: m[1] + "•" * len(m[2]), text)[:40]


RULES = (
    _rule("M060", "email", "E-mail addresses", _emails),
    _rule("M061", "phone", "Telephone numbers", _phones),
    _rule("M062", "resident-number", "Resident registration numbers", _residents),
)
