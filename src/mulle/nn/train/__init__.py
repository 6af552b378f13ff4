"""Training a model."""

from mulle.nn.train.history import Epoch, History
from mulle.nn.train.loop import EarlyStopping, Training, train
from mulle.nn.train.range_test import RangeTest, lr_range_test

__all__ = [
    "EarlyStopping",
    "Epoch",
    "History",
    "RangeTest",
    "Training",
    "lr_range_test",
    "train",
]
