"""Notes and warnings on stderr, results on stdout; letters a terminal lacks are replaced by `?`."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from mulle.language import messages

quiet = False  # set by `mulle --quiet`


def make_printable() -> None:
    """Let a terminal that lacks a letter show `?` instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Print a note about the work on stderr; left out with --quiet."""
    if not quiet:
        note(text)


def note(text: str) -> None:
    """Print on stderr what a person must know, also with --quiet."""
    print(text, file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """Print a warning on stderr, also with --quiet."""
    print(f"{paint(messages()('cli.warning') + ':', 33)} {text}", file=sys.stderr, flush=True)


def paint(text: str, colour: int) -> str:
    """Return text for stderr in an ANSI colour, where the terminal shows colours."""
    return f"\x1b[1;{colour}m{text}\x1b[0m" if use_colour() else text


def use_colour() -> bool:
    """Return whether stderr is a terminal and NO_COLOR is not set (no-color.org)."""
    return is_terminal() and not os.environ.get("NO_COLOR")


def is_terminal() -> bool:
    """Return whether stderr is a terminal that can move the cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Print a result for people on stdout."""
    print(text)


def write_json(value: Any) -> None:
    """Print a result for machines: one JSON value on one line, in UTF-8 whatever the locale."""
    import msgspec

    write_bytes(msgspec.json.encode(value) + b"\n")


def write_bytes(data: bytes) -> None:
    """Write a result to stdout as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
