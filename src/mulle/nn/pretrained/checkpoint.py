"""The weights of a folder: `model.safetensors`, whole or in shards, widened to float32.

Nothing that can run code is read: a pickle is refused, with the line that converts it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mulle.errors import DataError, MissingFile
from mulle.nn.pretrained.config import read_json

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
OTHERS = ("tf_model.h5", "flax_model.msgpack", "model.ckpt.index")
_FLOATS = {"F64", "F32", "F16", "BF16"}


class Checkpoint(Mapping[str, np.ndarray]):
    """Weights by name, read from disk as they are asked for.

    Args:
        folder: with `model.safetensors`, or an index and its shards.

    Attributes:
        size: bytes of the files.

    Raises:
        MissingFile: there are no weights, only a pickle, or a shard is missing.
        DataError: a file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._where: dict[str, Path] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}
        paths = find_weights(folder)
        self.size = sum(path.stat().st_size for path in paths)
        for path in paths:
            with _opened(path) as file:
                for name in file.keys():  # noqa: SIM118 - no mapping
                    self._where[name] = path
                    self._shapes[name] = tuple(file.get_slice(name).get_shape())

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a weight, without reading it."""
        return self._shapes[name]

    def __getitem__(self, name: str) -> np.ndarray:
        """Read a weight, as float32.

        Raises:
            DataError: its numbers are of a type that is no plain float.
        """
        path = self._where[name]
        with _opened(path) as file:
            dtype = file.get_slice(name).get_dtype()
            if dtype not in _FLOATS:
                raise DataError("pretrained-dtype", where=str(path), name=name, dtype=dtype)
            if dtype == "BF16":  # NumPy has no such type: the upper half of a float32
                return _read_bfloat16(path, name, self._shapes[name])
            return np.asarray(file.get_tensor(name), np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __len__(self) -> int:
        return len(self._where)


def find_weights(folder: Path) -> list[Path]:
    """Return the files that hold the weights of a folder.

    Raises:
        MissingFile: there are none, only a pickle, or a shard is missing.
        DataError: the index is damaged, or names a file outside the folder.
    """
    if (folder / WHOLE).is_file():
        return [folder / WHOLE]
    if (folder / INDEX).is_file():
        shards = read_json(folder / INDEX).get("weight_map")
        if not isinstance(shards, dict) or not shards:
            raise DataError("pretrained-json", where=str(folder), name=INDEX)
        names = sorted(set(map(str, shards.values())))
        for name in names:
            if Path(name).name != name or not (folder / name).is_file():
                raise MissingFile("pretrained-shard", where=str(folder), name=name)
        return [folder / name for name in names]
    for name in PICKLES:
        if (folder / name).is_file():
            raise MissingFile("pretrained-pickle", where=str(folder), name=name)
    for name in OTHERS:
        if (folder / name).is_file():
            raise MissingFile("pretrained-other-weights", where=str(folder), name=name)
    raise MissingFile("pretrained-no-weights", where=str(folder), name=folder.name)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            yield file
    except SafetensorError as error:
        raise DataError("weights-damaged", where=str(path), name=path.name, error=error) from error


def _read_bfloat16(path: Path, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Read a weight by its place in a file whose header was checked when it was opened.

    source  https://huggingface.co/docs/safetensors (the format: length, JSON header, data)
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        begin, end = json.loads(file.read(length))[name]["data_offsets"]
        file.seek(8 + length + begin)
        halves = np.frombuffer(file.read(end - begin), "<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(shape)
