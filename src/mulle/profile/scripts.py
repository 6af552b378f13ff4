"""The scripts that texts are written in, by the code points of their letters and digits.

source  Unicode 15.0, Blocks.txt (the blocks of each script that texts of today use)
catalogue  neda-language
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mulle.arrays import Array

SCRIPTS = ("hangul", "latin", "han", "kana", "cyrillic", "arabic", "other", "digit")
EMOJI = len(SCRIPTS) + 1
_AT_ONCE = 1_000  # texts: a character takes thirty bytes while it is counted
_CLEAR = 0.8  # share of a text's letters that makes it one of that script
_BLOCKS = {
    "hangul": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)),
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6),
              (0xF8, 0x2AF), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)),
    "han": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF),
            (0x3005, 0x3007)),
    "kana": ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),
             (0xFF66, 0xFF9F)),
    "cyrillic": ((0x400, 0x52F),),
    "arabic": ((0x620, 0x64A), (0x66E, 0x6D3), (0x750, 0x77F)),
    "other": ((0x370, 0x3FF), (0x531, 0x587), (0x5D0, 0x5EA), (0x904, 0xDFF), (0xE01, 0xE30),
              (0x10A0, 0x10FF)),
    "digit": ((0x30, 0x39), (0x660, 0x669), (0xFF10, 0xFF19)),
}  # fmt: skip
_EMOJI = ((0x1F300, 0x1FAFF), (0x2600, 0x27BF))


@cache
def _table() -> Array:
    """Return the script of each code point: 0 for none, k + 1 for SCRIPTS[k]."""
    table = np.zeros(0x110000, np.uint8)
    for script, blocks in _BLOCKS.items():
        for low, high in blocks:
            table[low : high + 1] = SCRIPTS.index(script) + 1
    for low, high in _EMOJI:
        table[low : high + 1] = EMOJI
    return table


def count_scripts(texts: list[str]) -> Array:
    """Count the letters and digits of each text by script, and its emoji in the last column.

    >>> count_scripts(["물레 3", "wheel"])[:, [0, 1, 7]].tolist()
    [[2, 0, 1], [0, 5, 0]]
    """
    parts = [_count(texts[i : i + _AT_ONCE]) for i in range(0, max(1, len(texts)), _AT_ONCE)]
    return np.concatenate(parts)


def _count(texts: list[str]) -> Array:
    joined = "".join(texts).encode("utf-32-le", "replace")
    kind = _table()[np.frombuffer(joined, np.uint32)]
    row = np.repeat(np.arange(len(texts)), [len(t) for t in texts])
    width = EMOJI + 1
    counts = np.bincount(row * width + kind, minlength=len(texts) * width)
    found: Array = counts.reshape(len(texts), width)[:, 1:]
    return found


def shares(counts: Array) -> dict[str, float]:
    """Return the share of all letters and digits by script, the largest first, none of 0.

    Args:
        counts: (n, scripts) of `count_scripts`.
    """
    total = counts[:, : len(SCRIPTS)].sum(0)
    order = np.argsort(-total, kind="stable")
    return {SCRIPTS[k]: float(total[k] / total.sum()) for k in order if total[k]}


def languages(counts: Array) -> dict[str, float]:
    """Return the share of texts by their main script; `mixed` where no script has 80 %."""
    letters = counts[:, : SCRIPTS.index("digit")]
    total = letters.sum(1)
    best = letters.argmax(1)
    clear = letters.max(1) >= _CLEAR * total
    named = np.where(total == 0, len(SCRIPTS), np.where(clear, best, len(SCRIPTS) + 1))
    found = np.bincount(named, minlength=len(SCRIPTS) + 2)
    names = [*SCRIPTS, "none", "mixed"]
    order = np.argsort(-found, kind="stable")
    return {names[k]: float(found[k] / len(counts)) for k in order if found[k]}
