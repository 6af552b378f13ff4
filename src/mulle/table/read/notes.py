"""How notes begin: marks, and the words for a source or a remark."""

from __future__ import annotations

import re

NOTE = (
    r"^\s*[\[<(（]?\s*(?:※|☞|▶|\*|†|‡|#|[¹²³]|주\s*\d*\s*[:：)\].]|주\s*\d+|자료|출처|비고|참고|단위|작성|"
    r"(?i:sources?|notes?|remarks?|footnotes?|quelle|anmerkung|fuente|nota|last updated|updated|"
    r"generated|data from|©|\(c\)|copyright)\b|\([0-9]+ rows?\)\s*$|[0-9]+ rows? in set\b)"
)
_NOTE = re.compile(NOTE)


def is_note(cell: str) -> bool:
    """Tell whether a cell begins as notes do.

    >>> is_note("※ 잠정치"), is_note("Source: OECD"), is_note("서울")
    (True, True, False)
    """
    return bool(_NOTE.match(cell))
