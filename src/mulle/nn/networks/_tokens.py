"""Loss and length check of models of token sequences."""

from __future__ import annotations

from typing import Any

from mulle.errors import DataError
from mulle.nn import functional as F
from mulle.nn.tensor import Tensor

IGNORED = -100  #: a target that does not count, as in PyTorch


def token_loss(logits: Any, targets: Any, *, ignored: int = IGNORED) -> Any:
    """Return the mean of -log p(target) over all positions whose target counts.

    Args:
        logits: shape (..., vocabulary).
        targets: ids, shape (...).
        ignored: target of positions that do not count, such as padding.

    catalogue  loss-seq2seq
    """
    rows = logits.reshape(-1, logits.shape[-1])
    return F.cross_entropy(rows, ids(targets).reshape(-1), ignore_index=ignored)


def ids(x: Any) -> Any:
    """Return the array of ids; of a `Tensor` its data, because operations record floats only."""
    return x.data if isinstance(x, Tensor) else x


def check_length(length: int, longest: int) -> None:
    """Check that a model has positions for a whole sequence.

    Raises:
        DataError: it is too long.
    """
    if length > longest:
        raise DataError("sequence-too-long", length=length, limit=longest)
