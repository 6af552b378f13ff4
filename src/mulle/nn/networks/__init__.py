"""Whole networks, each a short file."""

from mulle.nn.networks.realmlp import RealMLP

__all__ = ["RealMLP"]
