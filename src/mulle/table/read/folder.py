"""A folder of images as rows: the path of each, and the folder that it stands in."""

from __future__ import annotations

from pathlib import Path

import polars as pl

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def folder_frame(path: Path) -> pl.DataFrame:
    """Return a row for each image below a folder, sorted by path; no columns where none is.

    Returns:
        The column `image`, and `folder` where the images stand in several.
    """
    try:
        if not path.is_dir():
            return pl.DataFrame()
    except (OSError, ValueError):  # a text that no path can be
        return pl.DataFrame()
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    found = [p for p in found if p.is_file()]
    if not found:
        return pl.DataFrame()
    data = {"image": [str(p) for p in found]}
    parents = [p.parent.relative_to(path).as_posix() for p in found]
    if len({*parents}) > 1:
        data["folder"] = parents
    return pl.DataFrame(data)
