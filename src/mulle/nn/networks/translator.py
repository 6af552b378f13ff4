"""Base of models that read one sequence and write another."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.export import inference
from mulle.nn.module import Module
from mulle.nn.networks._tokens import token_loss
from mulle.nn.networks.decoding import beam_search, generate
from mulle.nn.tensor import as_numpy, no_grad


class Translator(Module):
    """Base class of models whose `forward(source, target)` gives the logits of the next tokens.

    It learns by teacher forcing: `target` begins with a start id, and the loss compares its logits
    with the same sequence, one step ahead.

    catalogue  loss-seq2seq
    """

    loss = staticmethod(token_loss)

    def translate(
        self, source: Any, n_new: int, *, start: int, stop: int | None = None, **settings: Any
    ) -> np.ndarray:
        """Translate sources token by token, greedily unless `temperature` is set.

        Args:
            source: ids (n, s).
            n_new: largest number of tokens.
            start: id that every target begins with.
            stop: id that ends a target.
            settings: `temperature`, `top_k`, `top_p` of `generate`.

        Returns:
            The ids (n, t), without the start.
        """
        source = np.asarray(source)
        starts = np.full((len(source), 1), start)

        def next_logits(target: np.ndarray) -> np.ndarray:
            return as_numpy(self(source, target)[:, -1])

        with inference(self), no_grad():
            settings = {"temperature": 0.0, **settings}
            return generate(next_logits, starts, n_new, stop=stop, **settings)[:, 1:]

    def beam_translate(
        self, source: Any, n_new: int, *, start: int, stop: int | None = None, beams: int = 4
    ) -> tuple[np.ndarray, float]:
        """Translate one source (s) by `beam_search`, with the log-probability."""
        source = np.asarray(source)

        def next_logits(target: np.ndarray) -> np.ndarray:
            return as_numpy(self(np.tile(source, (len(target), 1)), target)[:, -1])

        with inference(self), no_grad():
            starts = np.array([start])
            found, score = beam_search(next_logits, starts, n_new, beams=beams, stop=stop)
        return found[1:], score
