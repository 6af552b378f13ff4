"""A folder as a text encoder: network, pooling, tokenizer, all of one model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulle.errors import DataError
from mulle.nn.pretrained.config import Config, read_config, read_json
from mulle.nn.pretrained.load import find_architecture, from_pretrained
from mulle.nn.pretrained.pool import Embedder, read_pooling, read_prefix
from mulle.table.tokens import Tokenizer, read_tokenizer

LONGEST = 128  # tokens of a text, where nobody asks for more


@dataclass(frozen=True)
class TextModel:
    """Hold what turns texts into vectors.

    Attributes:
        embedder: ids and mask in, vectors out.
        tokenizer: texts in, ids and mask out.
    """

    embedder: Embedder
    tokenizer: Tokenizer


def load_text_model(folder: str | Path, *, max_length: int = LONGEST) -> TextModel:
    """Load a folder that holds a text encoder.

    Args:
        folder: as Hugging Face or sentence-transformers lay it out.
        max_length: most tokens of a text; the model's own limit where that is lower.

    Raises:
        MissingFile, UnknownName, MissingExtra: see `from_pretrained` and `read_tokenizer`.
        DataError: it is no text encoder, its tokenizer belongs to another model, or a file is
            damaged.
    """
    folder = Path(folder).expanduser()
    config = read_config(folder)
    architecture = find_architecture(config)
    if architecture.sort != "text encoder":
        raise DataError("pretrained-decoder", where=str(folder), name=folder.name,
                        sort=architecture.sort, architecture=architecture.name)  # fmt: skip
    tokenizer = read_text_tokenizer(folder, config, max_length=max_length)
    network = from_pretrained(folder)
    encoder: Any = getattr(network, "encoder", network)  # a classifier's body
    pooling, unit = read_pooling(folder)
    return TextModel(Embedder(encoder, pooling=pooling, unit=unit), tokenizer)


def read_text_tokenizer(folder: Path, config: Config, *, max_length: int = LONGEST) -> Tokenizer:
    """Read the tokenizer of a folder, with the limits and the prefix of its model.

    Raises:
        DataError: it has more ids than the model has rows.
        MissingFile, MissingExtra: see `read_tokenizer`.
    """
    first = 2 if config.model_type in {"roberta", "xlm-roberta", "camembert"} else 0
    limit = config.number("max_position_embeddings", 512) - first
    told = read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    limits = [n for n in (limit, told, max_length) if isinstance(n, int) and n > 2]
    tokenizer = read_tokenizer(
        folder,
        max_length=min(limits),
        pad_id=config.number("pad_token_id", 0),
        prefix=read_prefix(folder, config),
    )
    rows = config.number("vocab_size")
    if tokenizer.size > rows:
        raise DataError("tokenizer-other-model", where=str(folder), ids=tokenizer.size, rows=rows)
    return tokenizer
