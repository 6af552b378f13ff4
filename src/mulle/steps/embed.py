"""Turn text into the vector of a pretrained encoder, which stays as it is.

catalogue  adapt-transfer adapt-probe adapt-freeze
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Text
from mulle.graph import Matrix, is_symbolic
from mulle.settings import Parameters
from mulle.steps.base import Step
from mulle.steps.encoder import open_encoder
from mulle.table import Storage


class Embed(Step):
    """Replace each text by its vector; a linear model on top is a linear probe of the encoder.

    In a graph the vectors come from the encoder itself, which stands before the steps and is fed
    ids; in Python they are looked up, or computed by the same encoder.

    Args:
        encoder: folder where the encoder was made ready (`steps.encoder.prepare_encoder`).

    Source: Alain & Bengio 2016, arXiv:1610.01644 (linear probes).
    """

    storage = Storage.string
    per_column = True
    takes_vectors = True
    ulps = 64  # the encoder's products in another order
    parameters: ClassVar[Parameters] = {"encoder": Text()}

    def __init__(self, *, encoder: str = "") -> None:
        self.encoder = encoder

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn nothing: the encoder is frozen."""
        self.width_ = open_encoder(self.encoder).about.width

    def compute(self, x: Matrix) -> Matrix:
        """Return the vectors [N, width]; of graph arrays, which are vectors already, the same."""
        if is_symbolic(x):
            return x
        vectors = open_encoder(self.encoder).vectors([str(text) for text in x[:, 0]])
        return vectors.astype(np.float64)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column vector 0`, ..."""
        return [f"{names[0]} vector {i}" for i in range(self.width_)]
