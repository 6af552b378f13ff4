"""What the command tells the shell."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; 130 is the shells' number for a command ended by Ctrl-C."""

    done = 0
    failed = 1
    wrong_command = 2
    gate_missed = 3
    interrupted = 130
