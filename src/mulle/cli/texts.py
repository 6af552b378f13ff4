"""`mulle evaluate --texts`: how near generated texts come to their references."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import Format
from mulle.cli.text_table import render_table
from mulle.errors import DataError, UnknownName
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.metrics import ScoreInterval
    from mulle.table import ReadOptions


def evaluate_texts(
    source: str,
    candidate: str,
    references: Sequence[str],
    unit: Literal["words", "characters"],
    format: Format,
    reading: ReadOptions,
) -> Exit:
    """Score the texts of a column against those of others, and print the scores.

    A row without any reference is left out and counted; a missing text counts as an empty one.

    Raises:
        UnknownName: the table has no such column.
        DataError: no row has a reference.
    """
    from mulle.metrics.text import tokens
    from mulle.metrics.text_scores import score_texts
    from mulle.table import read_cells

    frame = read_cells(source, reading).frame
    for column in (candidate, *references):
        if column not in frame.columns:
            raise UnknownName("column-unknown", "column", column, frame.columns, source)
    texts, truths = frame[candidate].to_list(), frame.select(references).rows()
    rows = [
        (tokens(str(text or ""), unit), given)
        for text, row in zip(texts, truths, strict=True)
        if (given := [tokens(str(truth), unit) for truth in row if truth])
    ]
    if not rows:
        raise DataError("texts-without-references", where=source, columns=references)
    words, left_out = messages(), len(texts) - len(rows)
    if left_out:
        console.warn(words("evaluate.texts-left-out", count=left_out, columns=references))
    stem = _stemmer()
    if stem is None:
        console.warn(words("evaluate.texts-without-stems"))
    scores = score_texts([text for text, _ in rows], [given for _, given in rows], stem)
    if format is Format.json:
        console.write_json(
            {"rows": len(rows), "left_out": left_out, "unit": unit, "stems": stem is not None,
             "scores": {name: [s.score, s.low, s.high] for name, s in scores.items()}}
        )  # fmt: skip
    else:
        head = words("evaluate.rows", rows=len(rows), table=source)
        console.write(f"{head}\n\n{_table(scores)}")
    return Exit.done


def _stemmer() -> Callable[[str], str] | None:
    """Return Porter's stemmer (1980); None where the library is not installed."""
    try:
        from snowballstemmer import stemmer
    except ImportError:
        return None
    stem: Callable[[str], str] = stemmer("porter").stemWord
    return stem


def _table(scores: dict[str, ScoreInterval]) -> str:
    from mulle.i18n.format import interval, score

    lines = [
        (name, score(s.score) if s.low != s.low else interval(s.score, s.low, s.high))
        for name, s in scores.items()
    ]
    return render_table((), lines)
