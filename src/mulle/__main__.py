"""`python -m mulle`: the same as the command `mulle`."""

from __future__ import annotations

import sys

from mulle.cli import main

if __name__ == "__main__":
    sys.exit(main())
