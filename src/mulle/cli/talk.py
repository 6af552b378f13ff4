"""Talk on stderr, results on stdout, and neither ever fails for want of a letter."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

quiet = False  # set by `mulle --quiet`


def make_printable() -> None:
    """Let a terminal that lacks a letter show `?` instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Something about the work; left out with --quiet."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """Something the user should know, also with --quiet."""
    print(f"{painted('warning:', 33)} {text}", file=sys.stderr, flush=True)


def painted(text: str, colour: int) -> str:
    """Text for stderr in an ANSI colour, where there is a terminal that wants it."""
    return f"\x1b[1;{colour}m{text}\x1b[0m" if in_colour() else text


def in_colour() -> bool:
    """Whether stderr is a terminal and nobody asked for no colour (no-color.org)."""
    return on_terminal() and not os.environ.get("NO_COLOR")


def on_terminal() -> bool:
    """Whether stderr is a terminal that knows how to move the cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def result(text: str) -> None:
    """A result, for people."""
    print(text)


def result_json(value: Any) -> None:
    """A result, for machines: one JSON value on one line, in UTF-8 whatever the locale."""
    import msgspec

    result_bytes(msgspec.json.encode(value) + b"\n")


def result_bytes(data: bytes) -> None:
    """A result as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
