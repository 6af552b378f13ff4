"""The training rows as files: written once, read by every worker.

A worker of this machine maps the files into memory; to one of another machine their bytes are sent.

training.json     the target, the columns and the settings
numbers.npy       columns of numbers, one a row, mapped into memory
dates.npy         columns of dates likewise
texts.arrow       columns of strings
rows.npz          target, weights and folds
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.files import write_bytes
from mulle.graph import as_objects
from mulle.table import Target
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.validation import Training

_HEAD = 1 << 16  # bytes that the head of a `.npy` file has at most


class _Facts(msgspec.Struct):
    """What of the training is not an array."""

    target: Target
    names: list[str]
    numbers: list[str]
    dates: list[str]
    texts: list[str]
    seed: int
    exact: bool
    threshold: float
    memory: int | None


def write_training(training: Training, folder: Path, *, memory: int | None) -> None:
    """Write the rows into a folder.

    Args:
        training: the rows.
        folder: new or empty.
        memory: bytes that a worker may hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = training.columns
    numbers = [n for n, c in columns.items() if c.dtype == np.float64]
    dates = [n for n, c in columns.items() if c.dtype == np.int64]
    texts = [n for n in columns if n not in {*numbers, *dates}]
    for name, of in (("numbers", numbers), ("dates", dates)):
        if of:
            _write_rows(folder / f"{name}.npy", [columns[n] for n in of])
    if texts:
        frame = pl.DataFrame({str(i): columns[n][:, 0].tolist() for i, n in enumerate(texts)})
        frame.write_ipc(folder / "texts.arrow")
    arrays: dict[str, Array] = {"y": training.y}
    for number, (train, valid) in enumerate(training.folds):
        arrays |= {f"train_{number}": train, f"valid_{number}": valid}
    if training.weight is not None:
        arrays["weight"] = training.weight
    np.savez(folder / "rows.npz", allow_pickle=False, **arrays)
    facts = _Facts(
        training.target,
        list(columns),
        numbers,
        dates,
        texts,
        training.seed,
        training.exact,
        training.threshold,
        memory,
    )
    write_bytes(folder / "training.json", msgspec.json.encode(facts))


def _write_rows(path: Path, columns: list[Array]) -> None:
    """Write columns one after the other, never two copies of them at once."""
    shape = (len(columns), len(columns[0]))
    target = np.lib.format.open_memmap(path, "w+", columns[0].dtype, shape)
    for place, column in zip(target, columns, strict=True):
        place[:] = column[:, 0]
    target.flush()


def map_rows(folder: Path) -> dict[str, Array]:
    """Return the files of a folder by name, mapped into memory as bytes."""
    return _bytes_of(folder, lambda path: np.memmap(path, np.uint8, "r"))


def load_rows(folder: Path) -> dict[str, Array]:
    """Return the files of a folder by name, as bytes that can be sent."""
    return _bytes_of(folder, lambda path: np.fromfile(path, np.uint8))


def _bytes_of(folder: Path, read: Callable[[Path], Array]) -> dict[str, Array]:
    return {path.name: np.asarray(read(path)) for path in sorted(folder.iterdir())}


def read_training(rows: Mapping[str, Array]) -> Training:
    """Return the rows that were written, from the bytes of their files; numbers are not copied."""
    facts = msgspec.json.decode(rows["training.json"].tobytes(), type=_Facts)
    columns: dict[str, Array] = {}
    for name, of in (("numbers", facts.numbers), ("dates", facts.dates)):
        if of:
            numbers = _array_in(rows[f"{name}.npy"])
            columns |= {n: row.reshape(-1, 1) for n, row in zip(of, numbers, strict=True)}
    if facts.texts:
        frame = pl.read_ipc(io.BytesIO(rows["texts.arrow"].data))
        columns |= {n: as_objects(frame[str(i)])[:, None] for i, n in enumerate(facts.texts)}
    with np.load(io.BytesIO(rows["rows.npz"].data), allow_pickle=False) as found:
        arrays = dict(found)
    count = sum(name.startswith("train_") for name in arrays)
    return Training(
        facts.target,
        {name: columns[name] for name in facts.names},
        arrays["y"],
        arrays.get("weight"),
        [(arrays[f"train_{i}"], arrays[f"valid_{i}"]) for i in range(count)],
        n_jobs=1,
        seed=facts.seed,
        exact=facts.exact,
        threshold=facts.threshold,
        memory=Memory(facts.memory),
    )


def _array_in(file: Array) -> Array:
    """Return the array of a `.npy` file whose bytes are given; they are shared, not copied."""
    head = io.BytesIO(file[:_HEAD].data)
    np.lib.format.read_magic(head)  # of version 1.0, as `open_memmap` writes it
    shape, _, dtype = np.lib.format.read_array_header_1_0(head)
    return file[head.tell() :].view(dtype).reshape(shape)
