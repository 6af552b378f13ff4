"""What is in a folder of models: architecture, size, licence, how Hangul is split, how long."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mulle import graph
from mulle.errors import MulleError
from mulle.nn.pretrained.checkpoint import Checkpoint
from mulle.nn.pretrained.config import read_config
from mulle.nn.pretrained.load import find_architecture
from mulle.nn.pretrained.pool import Embedder
from mulle.nn.pretrained.text_model import load_text_model, read_text_tokenizer
from mulle.nn.pretrained.trace import trace_embedder
from mulle.nn.tensor import Parameter
from mulle.table.tokens import Tokenizer

KOREAN = (
    "이 영화 정말 재미있다",
    "배송이 늦었지만 상품은 마음에 듭니다",
    "오늘 서울의 날씨는 맑고 바람이 조금 분다",
    "가격이 비싸고 품질도 기대보다 떨어져요",
)
TOKENS_TIMED = 32  # of the text that is timed
LETTER_BY_LETTER = 1.5  # tokens a syllable from which on Hangul is taken apart
_LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "README.md")


class HangulSplit(NamedTuple):
    """How a tokenizer splits Korean.

    Attributes:
        tokens: a syllable, on average.
        unknown: share of the tokens that stand for what the model does not know.
        apart: whether syllables are taken apart into letters.
    """

    tokens: float
    unknown: float
    apart: bool


class ModelFolder(NamedTuple):
    """One folder with a config.json.

    Attributes:
        path: the folder.
        architecture: as people write it; "" where it cannot be loaded.
        sort: "text encoder", "decoder" or "image encoder".
        parameters: numbers in its files.
        bytes: of its weights.
        licence: as its files state it, "" where they do not.
        hangul: how it splits Korean; None where it has no tokenizer.
        milliseconds: for one text of 32 tokens; None where that was not measured.
        problem: why it cannot be loaded, and what to do.
    """

    path: Path
    architecture: str = ""
    sort: str = ""
    parameters: int = 0
    bytes: int = 0
    licence: str = ""
    hangul: HangulSplit | None = None
    milliseconds: float | None = None
    problem: MulleError | None = None


def survey(folder: str | Path, *, timed: bool = True) -> list[ModelFolder]:
    """Return the models in a folder and in its folders.

    Args:
        folder: a model, or what holds models.
        timed: whether to time the text encoders.
    """
    root = Path(folder).expanduser()
    places = [p.parent for p in (root / "config.json", *sorted(root.glob("*/config.json")))]
    return [_look(place, timed=timed) for place in places if (place / "config.json").is_file()]


def _look(folder: Path, *, timed: bool) -> ModelFolder:
    try:
        config = read_config(folder)
        architecture = find_architecture(config)
        weights = Checkpoint(folder)
        found = ModelFolder(
            folder,
            architecture.name,
            architecture.sort,
            sum(int(np.prod(weights.shape(name))) for name in weights),
            weights.size,
            _licence(folder),
        )
        if architecture.sort != "text encoder":
            return found
        hangul = split_of_hangul(read_text_tokenizer(folder, config))
        found = found._replace(hangul=hangul)
        return found._replace(milliseconds=_time(folder) if timed else None)
    except MulleError as error:
        return ModelFolder(folder, problem=error)


def split_of_hangul(tokenizer: Tokenizer, texts: Sequence[str] = KOREAN) -> HangulSplit:
    """Count the tokens that a tokenizer makes of the Hangul in some texts.

    A lowercasing normalizer of BERT decomposes syllables, and what is left are letters.
    """
    words = [word for text in texts for word in text.split() if any(map(_is_syllable, word))]
    pieces = [piece for word in words for piece in tokenizer.pieces(word)]
    syllables = sum(_is_syllable(character) for word in words for character in word)
    if not syllables or not pieces:
        return HangulSplit(0.0, 0.0, apart=False)
    unknown = pieces.count(tokenizer.unknown or "") / len(pieces)
    letters = sum(_is_jamo(piece.removeprefix("##")) for piece in pieces) / len(pieces)
    tokens = len(pieces) / syllables
    return HangulSplit(tokens, unknown, tokens >= LETTER_BY_LETTER or letters >= 0.2)


def _is_syllable(character: str) -> bool:
    return "가" <= character <= "힣"


def _is_jamo(piece: str) -> bool:
    """Return whether a piece is conjoining letters alone, as decomposed syllables leave them."""
    return bool(piece) and all("\u1100" <= c <= "\u11ff" for c in piece)


def _time(folder: Path) -> float:
    """Return the milliseconds for one text, of one block times their number."""
    embedder = load_text_model(folder).embedder
    blocks = len(embedder.encoder.blocks)
    embedder.encoder.blocks = embedder.encoder.blocks[:1]
    tokens = embedder.encoder.tokens  # its rows are looked up, however many there are
    tokens.weight = Parameter(tokens.weight.data[:8].copy())
    return blocks * milliseconds(embedder)


def milliseconds(embedder: Embedder, repeats: int = 7) -> float:
    """Return the median time of one text of 32 tokens in ONNX Runtime."""
    session = graph.open_session(trace_embedder(embedder))
    length = min(TOKENS_TIMED, embedder.encoder.longest)
    feeds = {"ids": np.full((1, length), 5, np.int64)}
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        graph.run(session, feeds)
        times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1e3


def read_about(folder: str | Path) -> tuple[str, str]:
    """Return the architecture of a folder and its licence, as its files state it."""
    folder = Path(folder).expanduser()
    return find_architecture(read_config(folder)).name, _licence(folder)


def _licence(folder: Path) -> str:
    """Return the first line of its licence that says something, or what its README states."""
    for name in _LICENCES:
        path = folder / name
        if not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace")[:20_000].splitlines()
        if name == "README.md":
            stated = [line for line in lines if line.lower().startswith("license:")]
            lines = [line.partition(":")[2] for line in stated]
        for line in lines:
            if line.strip(" #-=*"):
                return line.strip(" #-=*")[:60]
    return ""
