"""A column of paths to images: size, shape, brightness, and copies by what the pixels are.

copy        the SHA-256 of mode, size and pixels is that of an earlier image
near copy   so is its difference hash: shrunk to 9 x 8 grey pixels, one bit for each that is
            brighter than its left neighbour (64 bits)
brightness  mean of the grey values / 255
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from mulle.errors import MissingExtra
from mulle.verbs.explore.columns.number import spread_of
from mulle.verbs.explore.summaries import ImageSummary, Level
from mulle.verbs.explore.to_json import levels

MAX_IMAGES, SHOWN = 1000, 12
_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, MemoryError, Warning)


class _Seen(NamedTuple):
    path: str
    width: int
    height: int
    mode: str
    format: str
    brightness: float
    size: int
    pixels: bytes
    difference: bytes


def image_summary(
    common: dict[str, Any], paths: pl.Series, base: Path | None = None
) -> ImageSummary:
    """Return the summary of a column of paths.

    Args:
        common: the fields of `ColumnSummary`.
        paths: of the images; at most 1,000 are opened, evenly from all.
        base: the folder that relative paths start from.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    try:
        from PIL import Image  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MissingExtra("Pillow", "image", "images") from None
    named = paths.drop_nulls()
    some = named.gather_every(max(1, -(-len(named) // MAX_IMAGES))).to_list()
    seen: list[_Seen] = []
    absent = 0
    for path in some:
        whole = (base or Path()) / path
        if not whole.is_file():
            absent += 1
            continue
        try:
            seen.append(_look(Image, whole, path))
        except _DAMAGE:
            continue
    return _summary(common, seen, absent, len(some) - absent - len(seen))


def _look(Image: Any, whole: Path, path: str) -> _Seen:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a decompression bomb is a warning
        with Image.open(whole) as image:
            image.load()
            grey = image.convert("L")
            small = np.asarray(grey.resize((9, 8)), np.int16)
            kept = f"{image.mode}{image.size}".encode() + image.tobytes()
            return _Seen(
                path, image.width, image.height, image.mode, image.format or "",
                float(np.asarray(grey).mean()) / 255, whole.stat().st_size,
                hashlib.sha256(kept).digest(), np.packbits(small[:, 1:] > small[:, :-1]).tobytes(),
            )  # fmt: skip


def _summary(
    common: dict[str, Any], seen: list[_Seen], absent: int, unreadable: int
) -> ImageSummary:
    figures = {
        "width": [s.width for s in seen],
        "height": [s.height for s in seen],
        "aspect": [s.width / s.height for s in seen],
        "brightness": [s.brightness for s in seen],
    }
    spreads: dict[str, Any] = {
        name: spread_of(np.sort(np.array(v, float))) for name, v in figures.items()
    }
    exact = len(seen) - len({s.pixels for s in seen})
    near = len({s.pixels for s in seen}) - len({s.difference for s in seen})
    return ImageSummary(
        **common,
        opened=len(seen),
        unreadable=unreadable,
        absent=absent,
        **spreads,
        modes=_counted([s.mode for s in seen]),
        formats=_counted([s.format for s in seen]),
        sizes=_counted([f"{s.width}x{s.height}" for s in seen]),
        bytes=sum(s.size for s in seen),
        duplicates=exact,
        near_duplicates=near,
        samples=[s.path for s in seen[:: max(1, len(seen) // SHOWN)]][:SHOWN],
    )


def _counted(values: list[str]) -> list[Level]:
    found = pl.Series("v", values, dtype=pl.String).value_counts(name="n")
    found = found.sort("n", "v", descending=[True, False]).head(10)
    return levels(found["v"].to_list(), found["n"].to_list(), len(values))
