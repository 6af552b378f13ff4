"""A pretrained encoder made ready for one run: what computes its features there is what ships.

A folder holds it: `encoder.onnx` (ids in, one vector a text out), `tokenizer.json`, `encoder.json`,
and `vectors/`, where each distinct text that was embedded stands with its vector. It is filled
once; trials, also in other processes, look up. What is interrupted goes on from the parts
that are there.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.errors import DataError
from mulle.files import write_bytes
from mulle.graph import MISSING_STRING, open_session, pack_weights, run
from mulle.steps.vocabulary import cut_vocabulary
from mulle.table.tokens import PADDING, Tokenizer

GRAPH, TOKENIZER, ABOUT, VECTORS = "encoder.onnx", "tokenizer.json", "encoder.json", "vectors"
TEXTS_A_BATCH = 16  # embedded at once by one thread
TEXTS_A_PART = 512  # written together; what is lost where a run is killed


class About(msgspec.Struct, frozen=True):
    """What is known of an encoder.

    Attributes:
        name: of its folder.
        architecture: as people write it.
        licence: as its files state it.
        width: numbers of a vector.
        hidden: most numbers that it holds for one token.
        max_length: most tokens of a text.
        prefix: put before each text.
        vocabulary: pieces of its tokenizer.
        kept: pieces that were left of it.
        changed: share of the held-out texts that are split otherwise since.
    """

    name: str
    architecture: str
    licence: str
    width: int
    hidden: int
    max_length: int
    prefix: str = ""
    vocabulary: int = 0
    kept: int = 0
    changed: float = 0.0


class Encoder:
    """An encoder that is ready: texts in, vectors out.

    Args:
        folder: where `prepare_encoder` has put it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)

    @property
    def numbers_of_row(self) -> int:
        """Most numbers that it holds for one text."""
        return 4 * self.about.max_length * self.about.hidden

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Its tokenizer."""
        return token_input(
            (self.folder / TOKENIZER).read_text("utf-8"), self.about.max_length, self.about.prefix
        )

    @cached_property
    def model(self) -> bytes:
        """Its graph."""
        return (self.folder / GRAPH).read_bytes()

    @cached_property
    def _session(self) -> Any:
        return open_session(self.model)

    def vectors(self, texts: Sequence[str], stop: Stop = never) -> Array:
        """Return the vector of each text, (n, width) float32; those known are looked up.

        Raises:
            TimeUp: `stop` came true.
        """
        known = self._known
        distinct = list(dict.fromkeys(texts))
        new = [text for text in distinct if _key(text) not in known]
        if new:
            known = known | dict(zip(map(_key, new), self._compute(new, stop), strict=True))
        found = {text: known[_key(text)] for text in distinct}
        rows = [found[text] for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.about.width)

    @cached_property
    def _known(self) -> dict[bytes, Array]:
        """The vectors that are on disk, by text."""
        known: dict[bytes, Array] = {}
        for path in sorted((self.folder / VECTORS).glob("*.npz")):
            with np.load(path, allow_pickle=False) as part:
                keys, rows = part["keys"], part["vectors"]
            known.update(zip((bytes(key) for key in keys), rows, strict=True))
        return known

    def embed(
        self,
        texts: Iterable[str],
        *,
        forecast: Callable[[int, float], None] = lambda texts, seconds: None,
        stop: Stop = never,
    ) -> int:
        """Embed each distinct text that is not known yet, and keep the vectors on disk.

        Args:
            texts: of training and test.
            forecast: called after the first texts with their number and the seconds that all take.
            stop: asked between parts.

        Returns:
            The number of texts that were embedded.

        Raises:
            TimeUp: `stop` came true; what was embedded is kept.
        """
        new = [text for text in dict.fromkeys(texts) if _key(text) not in self._known]
        new.sort(key=len)  # texts of one length are padded least
        middle = len(new) // 2
        first = new[middle : middle + 2 * TEXTS_A_BATCH]
        if first:
            self._compute(first[:1], stop)  # the graph is opened
            begun = time.perf_counter()
            self._compute(first, stop)
            forecast(len(new), (time.perf_counter() - begun) / len(first) * len(new))
        begin = len(list((self.folder / VECTORS).glob("*.npz")))
        for number, at in enumerate(range(0, len(new), TEXTS_A_PART), begin):
            check(stop)
            part = new[at : at + TEXTS_A_PART]
            self._write(number, part, self._compute(part, stop))
        vars(self).pop("_known", None)
        return len(new)

    def _write(self, number: int, texts: Sequence[str], vectors: Array) -> None:
        buffer = io.BytesIO()
        keys = np.frombuffer(b"".join(map(_key, texts)), np.uint8).reshape(len(texts), -1)
        np.savez(buffer, keys=keys, vectors=vectors)
        folder = self.folder / VECTORS
        folder.mkdir(exist_ok=True)
        write_bytes(folder / f"{number:05}.npz", buffer.getvalue())

    def _compute(self, texts: Sequence[str], stop: Stop) -> Array:
        """Return vectors, computed in batches on all cores, each batch by itself."""

        def one(at: int) -> Array:
            check(stop)
            ids = self.tokenizer([*map(cell_text, texts[at : at + TEXTS_A_BATCH])]).ids
            return np.asarray(run(self._session, {"ids": ids})[0])

        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            parts = list(threads.map(one, range(0, len(texts), TEXTS_A_BATCH)))
        return np.concatenate(parts) if parts else np.zeros((0, self.about.width), np.float32)

    def inline(self, ids: Any) -> Any:
        """Return the vectors (N, width) of ids (N, T) within another graph."""
        from onnx import ModelProto
        from spox import inline

        proto = ModelProto()
        proto.ParseFromString(self.model)
        return next(iter(inline(proto)(ids=ids).values()))


def token_input(definition: str, max_length: int, prefix: str) -> Tokenizer:
    """Return the tokenizer whose ids the graph of an encoder takes."""
    return Tokenizer(definition, max_length=max_length, pad_id=PADDING, prefix=prefix)


def cell_text(text: str) -> str:
    """Return what is embedded of a cell: nothing where it is missing."""
    return "" if text == MISSING_STRING else text


@cache
def open_encoder(folder: str) -> Encoder:
    """Return an encoder that was prepared, opened once in a process.

    Raises:
        DataError: there is none.
    """
    path = Path(folder)
    if not (path / ABOUT).is_file():
        raise DataError("encoder-missing", where=folder, name=path.name)
    return Encoder(path)


def prepare_encoder(
    source: str | Path,
    into: Path,
    *,
    max_length: int = 128,
    texts: Sequence[str] = (),
    held_out: Sequence[str] = (),
) -> Encoder:
    """Make a folder of a pretrained model ready; what was made ready before is opened.

    Args:
        source: folder of a text encoder, see `nn.pretrained`.
        into: where it is put.
        max_length: most tokens of a text.
        texts: that it will read; its vocabulary may be cut to what such texts need.
        held_out: further ones, on which a cut is tried.

    Raises:
        MissingFile, MissingExtra, UnknownName, DataError: see `load_text_model`.
    """
    if (into / ABOUT).is_file():
        return open_encoder(str(into))
    from mulle.nn import Parameter
    from mulle.nn.pretrained import load_text_model, read_about, trace_embedder

    model = load_text_model(source, max_length=max_length)
    definition, size = model.tokenizer.definition, model.tokenizer.size
    kept, changed = size, 0.0
    plain_texts, others = [*map(cell_text, texts)], [*map(cell_text, held_out)]
    if texts and (cut := cut_vocabulary(model.tokenizer, plain_texts, others)):
        table = model.embedder.encoder.tokens
        table.weight = Parameter(table.weight.data[cut.kept])
        definition, kept, changed = cut.definition, len(cut.kept), cut.changed
    into.mkdir(parents=True, exist_ok=True)
    write_bytes(into / GRAPH, pack_weights(trace_embedder(model.embedder)))
    write_bytes(into / TOKENIZER, definition.encode())
    architecture, licence = read_about(source)
    about = About(
        Path(source).expanduser().name,
        architecture,
        licence,
        width=model.embedder.encoder.width,
        hidden=model.embedder.encoder.blocks[0].linear1.out_features,
        max_length=model.tokenizer.max_length,
        prefix=model.tokenizer.prefix,
        vocabulary=size,
        kept=kept,
        changed=changed,
    )
    write_bytes(into / ABOUT, msgspec.json.encode(about))
    return open_encoder(str(into))


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
