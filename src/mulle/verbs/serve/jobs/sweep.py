"""What is kept no longer: jobs that ended long ago, and files that a crash left behind."""

from __future__ import annotations

import time

from mulle.verbs.serve.jobs.book import Book
from mulle.verbs.serve.jobs.bundles import Bundles
from mulle.verbs.serve.jobs.files import Files
from mulle.verbs.serve.jobs.job import ENDED, Status

DAY = 86_400.0
EVERY = 600.0  # seconds


def sweep(book: Book, files: Files, bundles: Bundles, keep_days: float) -> None:
    """Remove what is kept no longer.

    Args:
        keep_days: for which an ended job and its result are kept.
    """
    for name in book.ended_before(time.time() - keep_days * DAY):
        if book.remove(name):
            files.remove(name)
    statuses = book.statuses()
    for name in files.names():
        status = statuses.get(name)
        left = status is None or (status in ENDED and status is not Status.done)
        if left and files.is_orphan(name):
            files.remove(name)
    bundles.remove_others(book.bundles())
