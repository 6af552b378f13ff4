"""Type of the arrays that the engine computes with."""

from typing import Any

#: an array of NumPy or CuPy; operations reach its library through NumPy's functions
Array = Any
