"""What reloading did, in the log and in the metrics: each swap, and each failure once.

A file that cannot be loaded is looked at again each second; it is a line of the log when it is
first seen so, and again only where the reason is another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mulle.i18n import Lang, Messages

if TYPE_CHECKING:
    from mulle.verbs.serve.metrics import Metrics
    from mulle.verbs.serve.models.repository import Failure, Swap

log = logging.getLogger("mulle.serve")


class ReloadLog:
    """Notes what the refreshes of one process did.

    Args:
        metrics: the counters.
        lang: of the lines.
    """

    def __init__(self, metrics: Metrics, lang: Lang) -> None:
        self._metrics, self._messages = metrics, Messages(lang)
        self._known: set[tuple[str, str]] = set()
        self._fault = ""

    def note(self, swaps: Sequence[Swap], failures: Sequence[Failure]) -> None:
        """Note the effect of a refresh.

        Args:
            swaps: models that took the place of others.
            failures: all that cannot be loaded now.
        """
        self._fault = ""
        for swap in swaps:
            log.warning("%s", self._messages("reload.swapped", **swap._asdict()))
        now = {(f.model, f.error.render_what(self._messages.lang)) for f in failures}
        for model, what in sorted(now - self._known):
            log.warning("%s", self._messages("reload.not-loaded", model=model, what=what))
        self._metrics.reload_failures.inc(len(now - self._known))
        self._metrics.not_loaded.set(len(now))
        self._known = now

    def note_fault(self, error: Exception) -> None:
        """Note that a refresh failed as a whole: nothing has changed."""
        if str(error) != self._fault:
            log.error("reloading failed", exc_info=error)
        self._fault = str(error)
