"""What models of token sequences share: their loss, and how long a sequence may be."""

from __future__ import annotations

from typing import Any

from mulle.errors import DataError
from mulle.nn import functional as F
from mulle.nn.tensor import Tensor

IGNORED = -100  #: a target that does not count, as in PyTorch


def token_loss(logits: Any, targets: Any, *, ignored: int = IGNORED) -> Any:
    """Mean of -log p(target) over all places whose target counts.

    Args:
        logits: (..., vocabulary).
        targets: (...) ids.
        ignored: the target of places that do not count, for example that of padding.

    catalogue  loss-seq2seq
    """
    rows = logits.reshape(-1, logits.shape[-1])
    return F.cross_entropy(rows, ids(targets).reshape(-1), ignore_index=ignored)


def ids(x: Any) -> Any:
    """The array that holds ids: of a `Tensor` its own, as operations compute with floats alone."""
    return x.data if isinstance(x, Tensor) else x


def check_length(length: int, longest: int) -> None:
    """Refuse a sequence for whose end a model has no positions.

    Raises:
        DataError: it is too long.
    """
    if length > longest:
        raise DataError("sequence-too-long", length=length, limit=longest)
