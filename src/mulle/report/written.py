"""Pages that lie on disk: whether mulle has written them, and on what."""

from __future__ import annotations

import html
import re
from pathlib import Path

from mulle.i18n import LANGUAGES
from mulle.language import messages

_HEAD_BYTES = 4_096  # in which the generator and the title stand
_MADE_HERE = re.compile(r'<meta name="generator" content="mulle .*?<title>(.*?)</title>', re.S)


def title_of(path: Path) -> str | None:
    """Return the title of a page that mulle has written; None for any other file, or none."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    found = _MADE_HERE.search(head)
    return html.unescape(found[1]) if found else None


def is_report_on(path: Path, target: str) -> bool:
    """Tell whether a file is the report of a fit that predicts `target`, in any language."""
    return title_of(path) in {messages(lang)("report.title", target=target) for lang in LANGUAGES}
