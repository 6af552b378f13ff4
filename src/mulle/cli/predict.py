"""`mulle predict`: rows in, predictions out, each with the probability of every class.

Large files are answered batch by batch, so memory stays small however many rows there are.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import tell
from mulle.cli.options import Bundle, Replace, example
from mulle.cli.reading_options import takes_reading
from mulle.errors import UnknownName, UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.bundle.batch import Batch
    from mulle.table import ReadOptions

_BOM = b"\xef\xbb\xbf"


class Form(StrEnum):
    """How predictions are written."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


class OnError(StrEnum):
    """What a value that cannot be read does."""

    fail = "fail"
    null = "null"


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "predict",
        epilog=example(
            "mulle predict titanic.mulle new.csv -o predictions.csv",
            "mulle predict titanic.mulle large.parquet -o predictions.parquet",
        ),
    )(takes_reading(of_columns=False)(predict))


def predict(
    model: Bundle,
    rows: Annotated[str, typer.Argument(metavar="ROWS")],
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
    format: Annotated[
        Form | None,
        typer.Option("--format"),
    ] = None,
    why: Annotated[bool, typer.Option("--why")] = False,
    on_error: Annotated[
        OnError,
        typer.Option(),
    ] = OnError.fail,
    excel: Annotated[bool, typer.Option("--excel")] = False,
    replace: Replace = False,
    *,
    reading: ReadOptions,
) -> Exit:
    """Predict rows: `prediction`, and `probability_<label>` for each class."""
    from mulle.bundle import load
    from mulle.bundle.batch import predict_file
    from mulle.cli.progress import RowProgress

    if output is not None and str(output) == "-":  # as elsewhere: to stdout
        output = None
    form = format or _form(output)
    _check(form, output, rows, replace=replace)
    loaded = load(model)
    with _file(rows) as path, RowProgress() as pace:
        found = predict_file(loaded, path, why=why, on_error=on_error.value, reading=reading)
        batches = pace.follow(found.start(0), found.height)
        if output is None:
            _write(batches, sys.stdout.buffer, form, excel=excel)
            sys.stdout.buffer.flush()
        else:
            _to_file(batches, output, form, excel=excel)
    words = messages()
    tell(found.reading.left_out, found.reading.doubts, rows)
    if output is not None:
        console.say(words("cli.predicted", rows=pace.rows, output=str(output)))
    if pace.empty:
        console.note(words("cli.predicted-empty", rows=pace.rows - pace.empty, empty=pace.empty))
    if pace.bad:
        console.warn(words("cli.predicted-bad", rows=pace.bad))
    if not pace.rows:
        console.warn(words("cli.predicted-none"))
    return Exit.done


def _form(output: Path | None) -> Form:
    """Return the format that a file's name asks for.

    Raises:
        UnknownName: predictions are not written in that format.
    """
    from mulle.bundle.prediction_frame import FORMS

    suffix = output.suffix.lower() if output else ""
    if suffix and suffix not in FORMS:
        raise UnknownName("prediction-format-unknown", "prediction-format", suffix, FORMS)
    return Form(FORMS[suffix].value) if suffix else Form.csv


def _check(form: Form, output: Path | None, rows: str, *, replace: bool) -> None:
    """Refuse a place where something would be lost, the rows themselves above all."""
    from mulle.files import check_output

    if output is not None:
        if output.exists() and Path(rows).exists() and output.samefile(rows):
            raise UsageError("output-is-input", where=str(output))
        check_output(output, replace=replace)
    elif form is Form.parquet:
        raise UsageError("parquet-to-stdout")


@contextlib.contextmanager
def _file(rows: str) -> Iterator[Path]:
    """Return the file of rows; stdin is kept in a temporary file while it is read."""
    if rows != "-":
        yield Path(rows)
        return
    with tempfile.TemporaryDirectory(prefix="mulle-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        yield path


def _to_file(batches: Iterator[Batch], output: Path, form: Form, *, excel: bool) -> None:
    from mulle.files import replacing

    with contextlib.ExitStack() as stack:
        if form is Form.parquet:
            beside = output.parent if output.parent.is_dir() else None
            where = tempfile.TemporaryDirectory(prefix=".mulle-", dir=beside)
            parts = _parts(batches, Path(stack.enter_context(where)))
        file = stack.enter_context(replacing(output))
        if form is not Form.parquet:
            _write(batches, file, form, excel=excel)
            return
        from mulle.bundle import prediction_frame

        prediction_frame.join(list(parts), prediction_frame.Form.parquet, file)


def _parts(batches: Iterator[Batch], folder: Path) -> Iterator[Path]:
    """Write a Parquet file for each batch, and return their paths."""
    for number, batch in enumerate(batches):
        path = folder / f"{number:06}.parquet"
        batch.predictions.write_parquet(path)
        yield path


def _write(batches: Iterator[Batch], file: BinaryIO, form: Form, *, excel: bool) -> None:
    from mulle.bundle import prediction_frame

    for number, batch in enumerate(batches):
        file.write(_BOM if excel and form is Form.csv and not number else b"")
        file.write(
            prediction_frame.to_bytes(
                batch.predictions, prediction_frame.Form(form.value), header=not number
            )
        )
