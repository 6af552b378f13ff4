"""Imported before NumPy, this makes a benchmark's process as the command `mulle` makes its own."""

from mulle.kernels import choose_kernels

choose_kernels()
