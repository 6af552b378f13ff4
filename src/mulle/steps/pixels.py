"""The pixels of images as numbers.

catalogue  rep-image-rgb rep-image-tensor
"""

from __future__ import annotations

from typing import ClassVar

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval
from mulle.graph import Matrix
from mulle.graph.pixels import pixel_values
from mulle.settings import Parameters
from mulle.steps.base import Step
from mulle.table import Storage

LARGEST = 255.0


class Pixels(Step):
    """Turn images into the values of their pixels, from 0 (black, or no image) to 1.

    v / 255, channel by channel, row by row.

    Args:
        size: how many values an image has: its height times its width times its channels.
    """

    storage = Storage.string
    per_column = True
    parameters: ClassVar[Parameters] = {"size": Interval(int, 1)}

    def __init__(self, size: int = 64) -> None:
        self.size = size

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn nothing."""
        self.size_ = self.size

    def compute(self, x: Matrix) -> Matrix:
        """Return the values [N, size]."""
        return pixel_values(x, self.size) / LARGEST

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column pixel i`."""
        return [f"{name} pixel {i + 1}" for name in names for i in range(self.size)]
