"""The command `mulle`, also as `python -m mulle`; Ctrl-C ends it in silence while it starts."""

from __future__ import annotations

import sys

from mulle.kernels import choose_kernels

INTERRUPTED = 130  # see `mulle.cli.exits`, which is not imported yet


def main() -> int:
    """Run the command of the process; return its exit code."""
    choose_kernels()
    try:
        from mulle.cli import main as run

        return run()
    except KeyboardInterrupt:  # while modules were imported
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
