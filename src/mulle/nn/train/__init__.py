"""Train a model, and record how it went."""

from mulle.nn.train.history import Epoch, History
from mulle.nn.train.loop import train
from mulle.nn.train.range_test import RangeTest, lr_range_test
from mulle.nn.train.resumption import ResumeWarning
from mulle.nn.train.training import EarlyStopping, Training

__all__ = [
    "EarlyStopping",
    "Epoch",
    "History",
    "RangeTest",
    "ResumeWarning",
    "Training",
    "lr_range_test",
    "train",
]
