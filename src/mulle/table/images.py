"""Images as a column: a folder of them as a table, and their pixels in the cells of a table."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.folder import IMAGE_SUFFIXES, folder_frame
from mulle.table.schema import Schema, Table
from mulle.table.types.column import EXAMPLES, Column, LeftOut
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.pixels import measure_images, read_images

__all__ = ["IMAGE_SUFFIXES", "read_folder", "read_pixels"]

_MAX_NAMED = 5  # rows


def read_folder(path: Path) -> Table:
    """Return a table with a row for each image, sorted by path.

    Raises:
        DataError: there is no image in it.
    """
    frame = folder_frame(path)
    if not frame.width:
        raise DataError("folder-without-images", where=str(path), suffixes=sorted(IMAGE_SUFFIXES))
    kinds = {"image": Kind.image, "folder": Kind.nominal}
    columns = [Column(name, kinds[name], Storage.string, "folder") for name in frame.columns]
    return Table(frame, Schema(tuple(columns)), source=str(path))


def read_pixels(table: Table) -> Table:
    """Return a table with pixels in the cells of its image columns, see `types.pixels`.

    What is no image that can be read is missing there, and named in the reading's `left_out`.
    Paths that do not lead anywhere from here are looked up beside the table's file.

    Raises:
        MissingExtra: Pillow is not installed.
        DataError: not one image of a column can be read.
    """
    columns, frame, left_out = [], table.frame, []
    for column in table.schema.columns:
        if column.kind is Kind.image and column.notation.form != "pixels":
            cells = _beside(frame[column.name], Path(table.source))
            notation = measure_images(cells)
            if notation is None:
                example = next(iter(cells.drop_nulls().to_list()), "")
                raise DataError(
                    "images-unreadable", where=table.source, column=column.name, received=example
                )
            column = msgspec.structs.replace(column, notation=notation)
            values = read_images(cells, notation)
            frame = frame.with_columns(values.alias(column.name))
            left_out += _unread(cells, values, column.name)
        columns.append(column)
    reading = msgspec.structs.replace(
        table.reading,
        columns=tuple(columns),
        left_out=(*table.reading.left_out, *left_out),
    )
    return Table(frame, Schema(tuple(columns)), reading, table.source, table.notes)


def _beside(cells: pl.Series, source: Path) -> pl.Series:
    """Return the paths as they are, or from the folder of the table's file where they lie there."""
    first = next(iter(cells.drop_nulls().to_list()), "")
    base = source.parent
    if not source.is_file() or len(first) > 1_000 or Path(first).exists():
        return cells
    if not (base / first).exists():
        return cells
    paths = [None if cell is None else str(base / cell) for cell in cells.to_list()]
    return pl.Series(cells.name, paths, pl.String)


def _unread(cells: pl.Series, values: pl.Series, name: str) -> list[LeftOut]:
    """Return the cells that are no images that can be read."""
    wrong = (cells.is_not_null() & values.is_null()).arg_true()
    if not len(wrong):
        return []
    rows = tuple(int(row) + 1 for row in wrong.head(_MAX_NAMED))
    examples = [cell[-60:] for cell in cells.gather(wrong.head(EXAMPLES)).to_list()]
    return [LeftOut("images-unread", name, len(wrong), rows, {"examples": examples})]
