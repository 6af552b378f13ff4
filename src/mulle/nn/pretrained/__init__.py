"""Folders of pretrained models as networks of this engine: short, readable, with equal answers.

`config.json` chooses the network, `model.safetensors` holds the weights, `tokenizer.json` makes ids
of texts. Nothing is ever fetched.
"""

from mulle.nn.pretrained.load import ARCHITECTURES, from_pretrained, names_in
from mulle.nn.pretrained.pool import Embedder
from mulle.nn.pretrained.survey import (
    HangulSplit,
    ModelFolder,
    milliseconds,
    read_about,
    split_of_hangul,
    survey,
)
from mulle.nn.pretrained.text_model import TextModel, load_text_model
from mulle.nn.pretrained.trace import trace_embedder

__all__ = [
    "ARCHITECTURES",
    "Embedder",
    "HangulSplit",
    "ModelFolder",
    "TextModel",
    "from_pretrained",
    "load_text_model",
    "milliseconds",
    "names_in",
    "read_about",
    "split_of_hangul",
    "survey",
    "trace_embedder",
]
