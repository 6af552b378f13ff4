"""Images as cells: a file, or its bytes in base64, becomes a string with a character a pixel value.

    path, data:image/png;base64,..., base64    ->    side x side x channels characters

A value v of 0..255 is the character U+E100 + v, of a private area that no text uses. So an image is
a cell like any other: it stands beside its row, fits the input of a graph that takes strings, and
the graph makes numbers of it. The values stand channel by channel, row by row.

Decoding is Pillow's: turned as its camera says, transparent parts white, in grey or in red, green
and blue, the middle square made smaller with a box filter over all pixels. What is larger than
40 million pixels is made smaller while it is decoded where its format can do that (JPEG), and is
else refused before memory is taken for it.

catalogue  rep-image-rgb rep-image-file rep-image-tensor rep-resolution
"""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from mulle.errors import MissingExtra, PredictionError
from mulle.table.types.notation import Notation

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FIRST = 0xE100  # the character of value 0
VALUES = 256
MAX_PIXELS = 40_000_000  # of an image that is decoded whole
MAX_BYTES = 200_000_000  # of a file
MAX_INLINE_BYTES = 20_000_000  # of an image that stands in a cell
SIDES = (8, 32)  # pixels of the smallest and of the largest square
_DATA_URI = "data:"
_SHOWN = 60  # characters of a cell that an error shows


class _Files:
    """Whether cells may name files: true but in a server, whose callers would read ours."""

    allowed = True


def refuse_files() -> None:
    """Take cells for images in base64 alone from now on: a request must not name files here."""
    _Files.allowed = False


def read_images(cells: pl.Series, notation: Notation) -> pl.Series:
    """Read cells as pixels; what is no image that can be read is null.

    Args:
        cells: n paths, images in base64, or pixels that were read before.
        notation: with `side` and `channels`.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    length = notation.side**2 * notation.channels
    found = []
    for cell in cells.to_list():
        if cell is None or is_read(cell, length):
            found.append(cell)
            continue
        try:
            found.append(to_cell(decode(cell, notation.side, notation.channels)))
        except UnreadableImage:
            found.append(None)
    return pl.Series(cells.name, found, pl.String)


class UnreadableImage(Exception):
    """Why a cell is no image: a key of the table `image-fault` in `i18n`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def fault_of(cell: Any) -> str:
    """Return why a cell is no image that can be read; "" where it is one."""
    try:
        decode(str(cell), SIDES[0], 1)
    except UnreadableImage as fault:
        return fault.reason
    return ""


def image_unreadable(row: int, column: str, cell: Any) -> PredictionError:
    """Return the error for a cell that is no image that can be read."""
    text = str(cell)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return PredictionError(
        "image-unreadable", row=row, column=column, received=shown, reason=fault_of(text)
    )


def to_cell(values: np.ndarray) -> str:
    """Return pixel values [channels, side, side] as the characters of a cell.

    >>> [hex(ord(character)) for character in to_cell(np.array([[[0, 255]]], np.uint8))]
    ['0xe100', '0xe1ff']
    """
    points = values.reshape(-1).astype("<u4") + np.uint32(FIRST)
    return points.tobytes().decode("utf-32-le")


def from_cells(cells: np.ndarray, length: int) -> np.ndarray:
    """Return pixel values [N, length], uint8, of cells [N]; 0 where a cell has none.

    >>> from_cells(np.array([to_cell(np.array([1, 2])), ""], object), 3).tolist()
    [[1, 2, 0], [0, 0, 0]]
    """
    result = np.zeros((len(cells), length), np.uint8)
    for at, cell in enumerate(cells.tolist()):
        points = np.frombuffer(cell[:length].encode("utf-32-le", "surrogatepass"), "<u4")
        known = (points >= FIRST) & (points < FIRST + VALUES)
        result[at, : len(points)] = np.where(known, points - np.uint32(FIRST), 0)
    return result


def ramp(notation: Notation) -> str:
    """Return the cell of an image that is nobody's: from black to white, again and again."""
    return to_cell(np.arange(notation.side**2 * notation.channels) % VALUES)


def decode(cell: str, side: int, channels: int) -> np.ndarray:
    """Return the pixels [channels, side, side] of an image, uint8.

    Raises:
        UnreadableImage: it is none, or not one that can be read.
        MissingExtra: Pillow is not installed.
    """
    try:
        with _opened(cell) as image:
            image.draft("L" if channels == 1 else "RGB", (side * 4, side * 4))
            if image.width * image.height > MAX_PIXELS:
                raise UnreadableImage("large")
            return _squared(image, side, channels)
    except (UnreadableImage, MissingExtra):
        raise
    except Exception as error:  # Pillow raises classes of its own for each format
        raise UnreadableImage("damaged") from error


def _squared(image: Picture, side: int, channels: int) -> np.ndarray:
    """Return the middle square of an image, made smaller or larger."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(image) or image
    if turned.mode.startswith("I") or turned.mode == "F":  # 16 or 32 bits of grey
        deep = np.asarray(turned, np.float64)
        span = float(deep.max(initial=0.0))
        turned = Image.fromarray((deep / (span / 255 if span > 255 else 1)).astype(np.uint8))
    if "A" in turned.getbands() or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        turned = Image.alpha_composite(white, clear)
    plain = turned.convert("L" if channels == 1 else "RGB")
    edge = min(plain.size)
    left, top = (plain.width - edge) // 2, (plain.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    how = Image.Resampling.BOX if edge >= side else Image.Resampling.BILINEAR
    small = plain.resize((side, side), how, box=box)
    values = np.asarray(small, np.uint8).reshape(side, side, channels)
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def _opened(cell: str) -> Picture:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra("Pillow", "image", "images") from None
    source = _source(cell)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a bomb, which is refused below
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(source)
        except Exception as error:  # of whatever format it seemed to be
            raise UnreadableImage("format") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _source(cell: str) -> Any:
    """Return the file, or the bytes, that a cell stands for."""
    if cell.startswith(_DATA_URI):
        return _from_base64(cell.partition(",")[2])
    if not _Files.allowed:
        return _from_base64(cell)
    path = Path(cell)
    try:
        size = path.stat().st_size if path.is_file() else -1
    except (OSError, ValueError):  # a name that no file can have
        size = -1
    if size > MAX_BYTES:
        raise UnreadableImage("large")
    if size == 0:
        raise UnreadableImage("empty")
    if size > 0:
        return path
    if len(cell) > _SHOWN and not path.suffix:
        return _from_base64(cell)
    raise UnreadableImage("missing")


def _from_base64(text: str) -> io.BytesIO:
    if len(text) * 3 // 4 > MAX_INLINE_BYTES:
        raise UnreadableImage("large")
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableImage("base64") from error
    if not data:
        raise UnreadableImage("empty")
    return io.BytesIO(data)


def is_read(cell: str, length: int) -> bool:
    """Tell whether a cell is an image of so many values that was read before."""
    return len(cell) == length and is_pixels(cell)


def is_pixels(cell: str) -> bool:
    """Tell whether a cell holds pixels already."""
    return bool(cell) and FIRST <= ord(cell[0]) < FIRST + VALUES


def measure_images(cells: pl.Series, most: int = 200) -> Notation | None:
    """Return how images are best read: as large as the usual one, in grey where all are grey.

    Args:
        cells: n images.
        most: of them that are looked at, evenly from all.

    Returns:
        None where none of those can be read.
    """
    known = cells.drop_nulls()
    edges, coloured = [], False
    for cell in known.gather_every(max(1, len(known) // most)).to_list():
        try:
            with _opened(cell) as image:
                edges.append(min(image.size))
                coloured = coloured or _is_coloured(image)
        except MissingExtra:
            raise
        except Exception:  # told of when all are read
            continue
    if not edges:
        return None
    low, high = SIDES
    side = int(np.clip(np.median(edges) // 4 * 4, low, high))
    return Notation(form="pixels", side=side, channels=3 if coloured else 1)


def _is_coloured(image: Picture) -> bool:
    if image.width * image.height > MAX_PIXELS:
        return image.mode not in ("L", "1", "I", "F", "LA")
    small = np.asarray(image.convert("RGB").resize((16, 16)), np.int16)
    return bool((np.ptp(small, axis=2) > 8).any())
