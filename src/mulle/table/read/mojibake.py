"""Find text that was spoilt before it was saved: its UTF-8 was once taken for cp1252.

Such a file is valid UTF-8, and its cells stay as they are, with a doubt.
"""

from __future__ import annotations

import contextlib
import re

from mulle.table.types.column import Doubt

_BEYOND = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # how cp1252 reads the later bytes of a character
_MOJIBAKE = re.compile(f"[ÂÃ][{_BEYOND}]|[âãëìíêåæçèé](?:(?!\xa0)[{_BEYOND}]){{2}}")
_CELL = re.compile(r"[^,;|\t\r\n\"\x00-\x1f]*[^\x00-\x7f][^,;|\t\r\n\"\x00-\x1f]*")


def find_mojibake(text: str) -> list[Doubt]:
    """Return a doubt where some cells are UTF-8 that was taken for cp1252.

    Args:
        text: some lines of a file.

    >>> find_mojibake("CafÃ© Noir,1")[0].values
    {'before': 'CafÃ© Noir', 'after': 'Café Noir'}
    """
    count = len(_MOJIBAKE.findall(text))
    for cell in cells_beyond_ascii(text) if count else ():
        with contextlib.suppress(UnicodeError):
            after = b"".join(_as_cp1252(char) for char in cell).decode()
            if after != cell:
                return [Doubt("mojibake", count=count, values={"before": cell, "after": after})]
    return []


def cells_beyond_ascii(text: str) -> list[str]:
    """Return the cells of some lines that hold more than ASCII, whatever parts them.

    >>> cells_beyond_ascii("이름,a;값")
    ['이름', '값']
    """
    return _CELL.findall(text)


def _as_cp1252(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")
