"""Pixels that stand as characters in strings: their numbers, in NumPy and in ONNX.

In a graph the string is cut by ONNX Runtime's `Tokenizer`, and each character is looked up. A
string that is too short counts as black behind its end, a longer one is cut off.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.graph.arrays import Matrix, is_symbolic, unwrap, wrap
from mulle.graph.ngrams import characters
from mulle.graph.opset import g
from mulle.table.types.pixels import FIRST, VALUES, from_cells


def pixel_values(x: Matrix, size: int) -> Matrix:
    """Return the pixel values [N, size], 0 to 255 in float64, of strings [N, 1].

    >>> from mulle.table.types.pixels import to_cell
    >>> pixel_values(np.array([[to_cell(np.array([7, 255]))]], object), 3).tolist()
    [[7.0, 255.0, 0.0]]
    """
    if is_symbolic(x):
        return wrap(_in_graph(unwrap(x), size))
    return from_cells(x[:, 0], size).astype(np.float64)


def _in_graph(text: Any, size: int) -> Any:
    alphabet = np.array([chr(FIRST + value) for value in range(VALUES)], object)
    # With an empty text behind them, no rows have characters too, in two dimensions.
    spare = g.constant_of(np.array([[""]], np.str_))
    found = g.label_encoder(
        characters(g.concat([text, spare], axis=0)),
        keys_tensor=alphabet,
        values_tensor=np.arange(VALUES, dtype=np.float32),
        default_tensor=np.zeros(1, np.float32),
    )
    longer = g.pad(found, g.constant_of(np.array([0, 0, 0, size])))
    starts, ends = (g.constant_of(np.array(at)) for at in ([0, 0], [-1, size]))
    cut = g.slice(longer, starts, ends)
    shaped = g.reshape(cut, g.constant_of(np.array([-1, size])))
    return g.cast(shaped, to=np.float64)
