"""Read a folder of images as a table: their paths, and the folder each stands in."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mulle.errors import DataError
from mulle.table.schema import Schema, Table
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def read_folder(path: Path) -> Table:
    """Return a table with a row for each image, sorted by path.

    Raises:
        DataError: there is no image in it.
    """
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise DataError("folder-without-images", where=str(path), suffixes=sorted(IMAGE_SUFFIXES))
    columns = [Column("image", Kind.image, Storage.string, "folder")]
    data = {"image": [str(p) for p in found]}
    parents = [p.parent.relative_to(path).as_posix() for p in found]
    if len({*parents}) > 1:
        columns.append(Column("folder", Kind.nominal, Storage.string, "folder"))
        data["folder"] = parents
    return Table(pl.DataFrame(data), Schema(tuple(columns)), source=str(path))
