"""What one request may send, and how long it may take: the same for every protocol.

Each limit stands here once, and one function applies it:

    bytes of a body           max_body                        413   `Request.body`
    rows                      max_rows                        413   `Limits.check_rows`
    rows that are explained   MAX_EXPLAINED                   413   `Limits.check_explained`
    columns of a row          the model's and SPARE_COLUMNS   422   `check_columns`
    bytes of a row            MAX_ROW_BYTES                   413   `check_row_bytes`, `check_lines`
    lists and objects         MAX_PARTS                       413   `decode_json`
    keys of an object         MAX_KEYS                        413   `decode_json`
    depth of JSON             MAX_DEPTH                       400   `decode_json`
    seconds of work           work_timeout                    503   `WorkLimiter`
    bytes of all bodies       max_held                        503   `BodyBudget`
    rows of a job             jobs.max_rows                   413   `JobLimits.check_rows`
    bytes of its result       jobs.max_result                 413   `JobLimits.check_result`
    bytes of its texts        MAX_BATCH_TEXT at once          413   `JobLimits.check_text`

What is large is worked on in a thread, see `off_loop`: a small request never waits for it long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from mulle.verbs.serve.http.errors import RETRY, HTTPError
from mulle.verbs.serve.http.threads import LARGE_BODIES, SMALL_BODIES

if TYPE_CHECKING:
    from mulle.verbs.serve.http.request import Request
    from mulle.verbs.serve.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

MAX_EXPLAINED = 1_000  # the model runs once for each of their columns
SPARE_COLUMNS = 1_000  # columns that a row may have beside those of the model
MAX_ROW_BYTES = 1 << 20
MAX_BATCH_TEXT = 256 << 20  # a model holds each text several times; a dictionary, once
MAX_PARTS = 250_000  # an empty list costs 3 bytes to send and 64 to hold
MAX_KEYS = 100_000
MAX_DEPTH = 32
SMALL_BODY = 1 << 16  # bytes that are decoded in the event loop: at most about a millisecond
LARGE_BODY = 1 << 20  # bytes that may keep the others of a thread waiting
FEW_ROWS = 32  # that are answered in the event loop
ROW_BYTES = 64  # what a row or an answer counts for, where its bytes are not known
_LOOK = 1.0  # seconds between two looks at all work


class Limits(NamedTuple):
    """The limits that the settings of a server decide.

    Attributes:
        rows: most rows of a request.
    """

    rows: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits of a server."""
        return cls(settings.max_rows)

    def check_rows(self, count: int, most: int | None = None) -> None:
        """Refuse too many rows.

        Args:
            count: rows of the request.
            most: a lower limit of the protocol; None for none.

        Raises:
            HTTPError: there are more (413).
        """
        limit = self.rows if most is None else min(most, self.rows)
        if count > limit:
            raise HTTPError(413, "rows-many", rows=count, limit=limit)

    def check_explained(self, count: int) -> None:
        """Refuse too many rows whose predictions are to be explained.

        Raises:
            HTTPError: there are more (413).
        """
        self.check_rows(count, MAX_EXPLAINED)


class JobLimits(NamedTuple):
    """The limits of a job: a file of some kilobytes may hold millions of rows.

    Attributes:
        rows: most rows.
        result: most bytes of the result.
    """

    rows: int
    result: int

    @classmethod
    def of(cls, settings: Settings) -> JobLimits:
        """Return the limits of a server."""
        return cls(settings.jobs_max_rows, settings.jobs_max_result)

    def check_rows(self, count: int) -> None:
        """Refuse too many rows.

        Raises:
            HTTPError: there are more (413).
        """
        if count > self.rows:
            raise HTTPError(413, "job-rows-many", rows=count, limit=self.rows)

    def check_result(self, count: int) -> None:
        """Refuse to write too large a result.

        Raises:
            HTTPError: it is larger (413).
        """
        if count > self.result:
            raise HTTPError(413, "job-result-large", limit=self.result)

    def check_text(self, rows: int, size: int) -> None:
        """Refuse to ask a model for rows with too much text: a short file may hold it many times.

        Args:
            rows: number of the rows.
            size: bytes of their texts.

        Raises:
            HTTPError: there is more (413).
        """
        if size > MAX_BATCH_TEXT:
            raise HTTPError(413, "job-text-large", rows=rows, size=size, limit=MAX_BATCH_TEXT)


def check_columns(count: int, limit: int) -> None:
    """Refuse rows with any number of columns that a model does not know; some are ignored.

    Raises:
        HTTPError: there are more (422).
    """
    if count > limit:
        raise HTTPError(422, "row-wide", columns=count, limit=limit)


def check_row_bytes(count: int) -> None:
    """Refuse a row that is sent by itself and too large.

    Raises:
        HTTPError: it is larger (413).
    """
    if count > MAX_ROW_BYTES:
        raise HTTPError(413, "row-large", limit=MAX_ROW_BYTES)


def check_lines(text: bytes) -> None:
    """Refuse text with a line of twice the bytes of a row; one of fewer may pass.

    Raises:
        HTTPError: there is one (413).
    """
    for begin in range(0, len(text) - MAX_ROW_BYTES, MAX_ROW_BYTES):
        if text.find(b"\n", begin, begin + MAX_ROW_BYTES) < 0:
            raise HTTPError(413, "row-large", limit=MAX_ROW_BYTES)


async def off_loop(size: int, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Return what some work returns, done in a thread where its input is large.

    Args:
        size: bytes of the input, about.
        work: function that waits for nothing.
        args: its arguments.
        named: its arguments by name.
    """
    if size <= SMALL_BODY:
        return work(*args, **named)
    threads = SMALL_BODIES if size <= LARGE_BODY else LARGE_BODIES
    return await threads.run(work, *args, **named)


class WorkLimiter:
    """Ends work that takes too long; it looks at all of it now and then, so none has a timer.

    Args:
        seconds: longest time for the work on one request, once its body has come.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._inside: dict[Request, asyncio.Task[object]] = {}
        self._late: set[Request] = set()

    async def run(self, request: Request, work: Awaitable[T]) -> T:
        """Return the result of some work on a request.

        Raises:
            HTTPError: it took too long (503).
        """
        task = asyncio.current_task()
        if task is None:
            return await work
        self._inside[request] = task
        request.since = time.monotonic()
        try:
            return await work
        except asyncio.CancelledError:
            if request not in self._late:
                raise
            task.uncancel()
            raise self.error() from None
        finally:
            self._inside.pop(request, None)
            self._late.discard(request)

    def error(self) -> HTTPError:
        """Return the error of work that took too long."""
        return HTTPError(503, "work-slow", RETRY, seconds=self.seconds)

    async def keep_looking(self) -> None:
        """End what takes too long, for as long as the server runs."""
        while True:
            await asyncio.sleep(min(_LOOK, self.seconds / 4))
            before = time.monotonic() - self.seconds
            for request, task in tuple(self._inside.items()):
                late = request.since is not None and request.since < before
                if late and request not in self._late:
                    self._late.add(request)
                    task.cancel()


class BodyBudget:
    """Bytes of bodies that one process may hold at once, so that its memory has an end.

    Args:
        limit: number of bytes.

    >>> budget = BodyBudget(10)
    >>> budget.take(8); budget.give_back(8); budget.take(9)
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0

    def take(self, count: int) -> None:
        """Reserve some bytes.

        Raises:
            HTTPError: the budget is used up for the moment (503).
        """
        if self.held + count > self.limit:
            raise HTTPError(503, "memory-full", RETRY)
        self.held += count

    def give_back(self, count: int) -> None:
        """Give some bytes back."""
        self.held -= count
