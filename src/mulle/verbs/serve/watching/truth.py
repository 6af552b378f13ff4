"""How good a version really is, from the labels that came to its logged predictions.

Labels come late and to any process, so they are read from the log, which all share. Reading is
repeated the less often the longer it takes.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from mulle.errors import MulleError
from mulle.verbs.serve.watching.watched import Watched
from mulle.verbs.watch import Performance, Window
from mulle.verbs.watch.logged import KnownLabels, read_labels

OFTEN = 5.0  # seconds between two readings, at least
_RARE = 50  # times as long as the last one took, at least
log = logging.getLogger("mulle.verbs.serve.watching")


class Truth:
    """The labels of a log.

    Args:
        place: the log.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._read: dict[tuple[str, str], tuple[float, KnownLabels | None]] = {}

    def of(self, watched: Watched, window: Window) -> list[Performance]:
        """The score on labelled rows of the span; their labels are added to the window."""
        known = self._known(watched)
        if known is None:
            return []
        if window.target is not None:
            window.add_target(known.target)
        return known.performance

    def _known(self, watched: Watched) -> KnownLabels | None:
        loaded, now = watched.loaded, time.monotonic()
        key = loaded.name, loaded.version
        due, known = self._read.get(key, (0.0, None))
        if now < due:
            return known
        since = datetime.fromtimestamp(time.time() - watched.span, UTC)
        try:
            known = read_labels(
                loaded.model, watched.reference, self._place, since, loaded.name, loaded.version
            )
        except MulleError as error:
            if error.code != "log-missing":
                log.warning("the labels of the log cannot be read: %s", error.what)
        except Exception as error:  # a database that is away says so in its own words
            log.warning("the labels of the log cannot be read: %s", type(error).__name__)
        took = time.monotonic() - now
        self._read[key] = now + took + max(OFTEN, _RARE * took), known
        return known
