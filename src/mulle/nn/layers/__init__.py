"""Layers, with PyTorch's names, arguments and parameter names."""

from mulle.nn.layers.activation import ReLU
from mulle.nn.layers.attention import MultiheadAttention
from mulle.nn.layers.container import Sequential
from mulle.nn.layers.conv import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d
from mulle.nn.layers.dropout import Dropout
from mulle.nn.layers.embedding import Embedding, PositionalEncoding
from mulle.nn.layers.linear import Linear
from mulle.nn.layers.norm import LayerNorm
from mulle.nn.layers.pool import AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from mulle.nn.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from mulle.nn.layers.transformer import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "LayerNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MultiheadAttention",
    "PositionalEncoding",
    "RNNCell",
    "ReLU",
    "Sequential",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]
