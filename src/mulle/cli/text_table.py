"""Text tables whose columns line up, also where letters are two cells wide."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mulle.i18n.format import display_width
from mulle.language import messages

_NUMBER = re.compile(r"[−-]?[\d,]+(\.\d+)?( ?(s|min|h|초|분|시간|ms|µs|%))?|–")


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines whose columns line up, two blanks apart; numbers are set flush right.

    >>> print(render_table(("이름", "n"), [("서울", "10"), ("a", "9")]))
    이름   n
    서울  10
    a      9
    """
    lines = [list(header), *map(list, rows)] if header else [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(display_width(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(widths))]
    return "\n".join(
        "  ".join(
            _pad(cell, w, right=r) for cell, w, r in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def render_next(*commands: str) -> str:
    """Return the commands that come next, one a line, behind their label.

    >>> print(render_next("mulle runs", "mulle demo"))
    next: mulle runs
          mulle demo
    """
    label = f"{messages()('cli.next')}: "
    return "\n".join(
        f"{' ' * display_width(label) if number else label}{command}"
        for number, command in enumerate(commands)
    )


def _pad(text: str, cells: int, *, right: bool) -> str:
    space = " " * (cells - display_width(text))
    return space + text if right else text + space


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))
