"""Orders of categories that people know: low to high, never to always, 하 to 상, F to A+.

catalogue  var-ordinal
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl

#: one scale a line, the lowest first; words between slashes stand at the same place
_SCALES = (
    "lowest < very low < low < medium low/below average < medium/mid/middle/moderate/average/normal"
    " < medium high/above average < high < very high < highest",
    "tiny < small < medium < large < huge",
    "xxs < xs < s < m < l < xl < xxl/2xl < xxxl/3xl < 4xl < 5xl",
    "never < rarely/seldom < sometimes/occasionally < often/frequently < usually < always",
    "strongly disagree < disagree < somewhat disagree < neutral/undecided"
    " < somewhat agree < agree < strongly agree",
    "very dissatisfied < dissatisfied < neutral < satisfied < very satisfied",
    "very unlikely < unlikely < neutral < likely < very likely",
    "awful/terrible < very bad/very poor < bad/poor < fair/ok/okay/average < good < very good"
    " < premium/great < excellent/ideal/outstanding",
    "none < trace < mild < moderate < severe < critical",
    "minor < moderate < major < critical",
    "worst < worse < same < better < best",
    "cold < cool < warm < hot",
    "child < teenager < adult < senior",
    "elementary/primary < secondary/middle < high < college/bachelor < graduate/master"
    " < doctorate/phd",
    "bronze < silver < gold < platinum < diamond",
    "beginner/novice < intermediate < advanced < expert",
    "first/1st < second/2nd < third/3rd < fourth/4th < fifth/5th",
    "monday/mon < tuesday/tue < wednesday/wed < thursday/thu < friday/fri < saturday/sat"
    " < sunday/sun",
    "january/jan < february/feb < march/mar < april/apr < may < june/jun < july/jul < august/aug"
    " < september/sep/sept < october/oct < november/nov < december/dec",
    "f < e < d- < d < d+ < c- < c < c+ < b- < b < b+ < a- < a < a+",
    "매우 낮음/아주 낮음 < 낮음/저 < 약간 낮음 < 중간/보통/평균 < 약간 높음 < 높음/고"
    " < 매우 높음/아주 높음",
    "최하 < 하 < 중하 < 중 < 중상 < 상 < 최상",
    "소 < 중 < 대 < 특대",
    "초 < 중 < 고 < 대",
    "소형 < 준중형 < 중형 < 준대형 < 대형",
    "초급 < 중급 < 고급",
    "매우 적음 < 적음 < 보통 < 많음 < 매우 많음",
    "매우 나쁨 < 나쁨 < 보통 < 좋음 < 매우 좋음",
    "미흡 < 보통 < 양호 < 우수 < 최우수",
    "가 < 양 < 미 < 우 < 수",
    "전혀 그렇지 않다 < 그렇지 않다 < 보통이다/보통 < 그렇다 < 매우 그렇다",
    "전혀 아니다 < 아니다 < 보통이다/보통 < 그렇다 < 매우 그렇다",
    "매우 불만족 < 불만족 < 보통 < 만족 < 매우 만족",
    "전혀 없음 < 거의 없음 < 가끔 < 자주 < 항상",
    "관심 < 주의 < 경계 < 심각",
    "초등학교/초졸 < 중학교/중졸 < 고등학교/고졸 < 전문대/전문대졸 < 대학교/대졸 < 대학원/대학원졸",
    "유아 < 초등 < 중등 < 고등 < 대학",
    "사원 < 주임 < 대리 < 과장 < 차장 < 부장 < 이사 < 상무 < 전무",
    "월요일/월 < 화요일/화 < 수요일/수 < 목요일/목 < 금요일/금 < 토요일/토 < 일요일/일",
    "봄 < 여름 < 가을 < 겨울",
)  # fmt: skip
_NUMBER = r"(\d+(?:\.\d+)?)"


def order_categories(values: pl.Series) -> tuple[str, ...] | None:
    """Order the categories of a column, the lowest first; None where their order is not known.

    Numbers, and words around one number each (1학년, Grade 2), are ordered by the number.

    >>> order_categories(pl.Series(["High", "low", "Medium", "low"]))
    ('low', 'Medium', 'High')
    >>> order_categories(pl.Series(["apple", "pear"])) is None
    True
    """
    distinct = values.alias("c").drop_nulls().unique().sort()
    return _by_number(distinct) or _by_scale(distinct.to_list())


def _by_number(distinct: pl.Series) -> tuple[str, ...] | None:
    rest = distinct.str.replace(_NUMBER, "\0")
    found = distinct.str.extract(_NUMBER).cast(pl.Float64, strict=False)
    plain = distinct.cast(pl.Float64, strict=False)
    if not plain.null_count():
        found = plain
    elif found.null_count() or rest.n_unique() > 1 or rest.str.contains(r"\d").any():
        return None
    if found.n_unique() < len(found) or not len(found):
        return None
    return tuple(distinct.gather(found.arg_sort()).to_list())


def _by_scale(categories: Sequence[str]) -> tuple[str, ...] | None:
    plain = {_normalize(category): category for category in categories}
    if len(plain) < len(categories) or not categories:
        return None
    for scale in _SCALES:
        places = {
            word.strip(): place
            for place, words in enumerate(scale.split(" < "))
            for word in words.split("/")
        }
        found = {places.get(word) for word in plain}
        if None not in found and len(found) == len(plain):
            return tuple(plain[word] for word in sorted(plain, key=lambda word: places[word]))
    return None


def _normalize(category: str) -> str:
    """Return a category without capitals, and with one blank where there is any mark."""
    text = unicodedata.normalize("NFC", category).casefold()
    marks = "_-" if len(text) > 2 else "_"  # the minus of "A-" is no mark between words
    return " ".join("".join(" " if c in marks else c for c in text).split())
