"""`mulle predict`: rows in, answers out, each with the probability of every class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from mulle.cli import talk
from mulle.cli.exits import Exit
from mulle.cli.options import Bundle, example
from mulle.errors import UnknownName

if TYPE_CHECKING:
    import polars as pl

    from mulle.bundle import Model

_CHUNK = 100_000  # rows of a Parquet file that are in memory at once
_WHY_PARTS = 3
_BOM = b"\xef\xbb\xbf"


class Form(StrEnum):
    """How answers are written."""

    csv = "csv"
    json = "json"


_FORMS = {"": Form.csv, ".csv": Form.csv, ".json": Form.json, ".jsonl": Form.json}


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "predict",
        short_help="Answer rows with a model file.",
        epilog=example("mulle predict titanic.mulle new.csv -o answers.csv"),
    )(predict)


def predict(
    model: Bundle,
    rows: Annotated[str, typer.Argument(metavar="ROWS", help="A table; - reads stdin.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; stdout if not given.")
    ] = None,
    format: Annotated[
        Form | None,
        typer.Option("--format", help="json: one object a line. By the file's name if not given."),
    ] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Add the columns that moved each answer most.")
    ] = False,
    excel: Annotated[bool, typer.Option("--excel", help="CSV that Excel opens as UTF-8.")] = False,
) -> Exit:
    """Answer rows: `prediction`, and `probability_<label>` for each class."""
    from mulle.bundle import load

    form = format or _form(output)
    loaded = load(model)
    frames = (_answers(loaded, chunk, why=why) for chunk in _chunks(rows))
    if output is None:
        written = _write(frames, sys.stdout.buffer, form, excel=excel)
        sys.stdout.buffer.flush()
    else:
        from mulle.files import replacing

        with replacing(output) as file:
            written = _write(frames, file, form, excel=excel)
        talk.say(f"{written:,} rows answered: {output}")
    if not written:
        talk.warn("The input has no rows, so there is no answer.")
    return Exit.done


def _form(output: Path | None) -> Form:
    """The form that a file's name asks for.

    Raises:
        UnknownName: answers are not written in that form.
    """
    suffix = output.suffix.lower() if output else ""
    if suffix not in _FORMS:
        raise UnknownName("answers-form", "form of answers", suffix, filter(None, _FORMS))
    return _FORMS[suffix]


def _chunks(rows: str) -> Iterator[Any]:
    """What `Model.predict` takes: text from stdin, slices of a Parquet file, or the path."""
    if rows == "-":
        from mulle.table.encodings import decode

        data = sys.stdin.buffer.read()
        yield decode(data, None, "stdin")[0].rstrip("\n") + "\n" if data.strip() else ""
        return
    path = Path(rows)
    if path.suffix != ".parquet" or not path.is_file():
        yield path
        return
    import polars as pl

    try:
        height = pl.scan_parquet(path).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError:
        yield path  # refused in words where tables are read
        return
    for begin in range(0, max(height, 1), _CHUNK):
        yield pl.scan_parquet(path).slice(begin, _CHUNK).collect()


def _answers(model: Model, rows: Any, *, why: bool) -> pl.DataFrame:
    """One row an answer."""
    import polars as pl

    inputs = model.inputs(rows)
    scores, chosen = model.answer(inputs)
    if chosen is None:
        frame = pl.DataFrame({"prediction": scores})
    else:
        labels = pl.Series(model.manifest.labels, strict=False)
        frame = pl.DataFrame({"prediction": labels.gather(chosen)}).with_columns(
            pl.Series(f"probability_{label}", scores[:, code])
            for code, label in enumerate(model.manifest.labels)
        )
    if not why:
        return frame
    from mulle.bundle.why import explain

    return frame.with_columns(
        pl.Series("why", [_told(w) for w in explain(model, inputs)], pl.String)
    )


def _told(why: Any) -> str:
    """The parts that moved an answer most: `sex=female +0.31; age=4 +0.12`."""
    parts = [part for part in why.parts[:_WHY_PARTS] if part.change]
    return "; ".join(f"{p.column}={_plain(p.value)} {p.change:+.3g}" for p in parts)


def _plain(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _write(frames: Iterator[pl.DataFrame], file: BinaryIO, form: Form, *, excel: bool) -> int:
    """Write frame after frame; how many rows they had."""
    written = 0
    for number, frame in enumerate(frames):
        if form is Form.json:
            file.write(frame.write_ndjson().encode())
        else:
            file.write(_BOM if excel and not number else b"")
            file.write(frame.write_csv(include_header=not number).encode())
        written += frame.height
    return written
