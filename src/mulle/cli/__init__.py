"""The command line: one file per verb, each a thin call into a room below."""

from mulle.cli.app import main
from mulle.cli.exits import Exit

__all__ = ["Exit", "main"]
