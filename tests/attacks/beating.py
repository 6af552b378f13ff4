"""`mulle serve` that prints how long its event loop was held: each time a beat came late.

Late by the clock and by the processor's time of the process, whichever is less: a busy machine
holds up the clock alone.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from mulle.cli import main
from mulle.verbs.serve import app

BEAT = 0.002  # seconds between two beats
LATE = 0.02  # seconds that are worth a line


async def beat() -> None:
    """Print the seconds of each late beat, for as long as the server runs."""
    while True:
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT)
        held = min(time.perf_counter() - wall, time.process_time() - cpu)
        if held > LATE:
            print(f"held {held:.3f}", flush=True)


class Beating(app.Application):
    """The server with one task more."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.tasks.append(beat)


if __name__ == "__main__":
    app.Application = Beating  # type: ignore[misc]
    sys.exit(main())
