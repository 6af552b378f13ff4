"""The version of mulle, below every room that writes it into a file."""

__version__ = "0.1.0"
