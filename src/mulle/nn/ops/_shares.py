"""Cross-entropy against shares: l_n = -sum_c s_nc log_softmax(x_n)_c, the shares of any size."""

from __future__ import annotations

import numpy as np

from mulle.nn.arrays import Array


def losses_against(share: Array, x: Array) -> tuple[Array, Array]:
    """Return the loss of each row, and its gradient by x: softmax(x_n) sum_c s_nc - s_n."""
    log_p = x - x.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    # losses = -sum(share * log_p), where a class without a share counts 0 even if log_p is -inf
    counted = np.multiply(share, log_p, where=share != 0, out=np.zeros_like(log_p))
    losses = -counted.sum(axis=1)
    gx = np.exp(log_p, out=log_p)
    gx *= share.sum(axis=1, keepdims=True)
    gx -= share
    return losses, gx
