"""Choose Korean particles by the last sound before them: 은/는, 이/가, 을/를, 과/와, 으로/로.

A Hangul syllable shows whether it ends in a consonant. Digits are read in Sino-Korean, Latin
capitals without a vowel letter by letter, other Latin words by how their ending is usually
written in Hangul; where the sound is unknown, both forms stay.
"""

from __future__ import annotations

import re

PARTICLES = (
    r"은\(는\)",
    r"이\(가\)",
    r"을\(를\)",
    r"과\(와\)",
    r"\(으\)로",
    r"\(이\)라",
    r"\(이\)며",
)
_NO_FINAL = {
    "은(는)": "는", "이(가)": "가", "을(를)": "를", "과(와)": "와",
    "(으)로": "로", "(이)라": "라", "(이)며": "며",
}  # fmt: skip
_FINAL = {
    "은(는)": "은", "이(가)": "이", "을(를)": "을", "과(와)": "과",
    "(으)로": "으로", "(이)라": "이라", "(이)며": "이며",
}  # fmt: skip
_RIEUL = 8  # the place of ㄹ among the 28 finals
_SILENT = re.compile(r"[\s’”'\"`)\]}»」』.,…]+$")
_DIGITS = dict(zip("0123456789", (21, 8, 0, 16, 0, 0, 1, 8, 8, 0), strict=True))  # 영 일 이 삼 …
_LETTERS = {"l": 8, "m": 16, "n": 4, "r": 8}  # 엘 엠 엔 알; all others end in a vowel
_ENDINGS = (  # how English words end when written in Hangul: 테이블, 네임, 라인, 컷, 스톡, 메트릭
    (re.compile(r"le?$"), 8),
    (re.compile(r"(m|n|ng|me|ne)$"), 16),
    (re.compile(r"((?<![aeiou])[aeiou]|oo)(ck|[bckpt])$"), 1),
)


def particle(before: str, both: str) -> str:
    """Return the form of a particle that fits after `before`; `both` is written as in `은(는)`.

    >>> [particle(word, "을(를)") for word in ("가격", "나이", "3", "2", "AUC", "name", "나이’")]
    ['을', '를', '을', '를', '를', '을', '를']
    >>> [particle(word, "(으)로") for word in ("서울", "부산", "target", "ridge", "1")]
    ['로', '으로', '으로', '로', '로']
    """
    final = final_sound(before)
    if final is None:
        return both
    if final == 0 or (final == _RIEUL and both == "(으)로"):
        return _NO_FINAL[both]
    return _FINAL[both]


def final_sound(text: str) -> int | None:
    """Return the final consonant that `text` is read with: 0 for none, None where unknown.

    Numbered as in Unicode's composition of Hangul (Unicode 15, section 3.12): ㄹ is 8.
    """
    text = _SILENT.sub("", text)
    last = text[-1:]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last in _DIGITS:
        return _DIGITS[last]
    if last in {"%", "±"}:
        return 0  # 퍼센트
    word = re.search(r"[A-Za-z]+$", text)
    return _latin(word[0]) if word else None


def _latin(word: str) -> int:
    spelled = len(word) == 1 or word.isupper() or not re.search("[aeiouy]", word.lower())
    if spelled:
        return _LETTERS.get(word[-1].lower(), 0)
    for ending, final in _ENDINGS:
        if ending.search(word.lower()):
            return final
    return 0
