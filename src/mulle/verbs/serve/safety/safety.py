"""All that guards a server, put together as its operator asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from mulle.verbs.serve.http import Request, Response, Route, Stream
from mulle.verbs.serve.http.response import Headers
from mulle.verbs.serve.http.room import Room
from mulle.verbs.serve.safety import login, upload
from mulle.verbs.serve.safety.headers import headers_for
from mulle.verbs.serve.safety.logs import Logs, RowLog
from mulle.verbs.serve.safety.origins import Origins
from mulle.verbs.serve.safety.owners import Owners
from mulle.verbs.serve.safety.rates import Rates
from mulle.verbs.serve.service import Service
from mulle.verbs.serve.settings import Settings


class Safety:
    """The guards of one process.

    Attributes:
        guards: asked in turn before a handler.
        tasks: run beside the requests.
        origins: the web pages that may ask.
        owners: the keys; None where everything is allowed.
        logs: where requests are told of.
        room: for the bodies that are held at once.
    """

    def __init__(self, settings: Settings, service: Service) -> None:
        self._settings = settings
        self.logs = Logs(settings.log)
        self.origins = Origins(settings.cors)
        self.room = Room(settings.max_held)
        self.guards: list[Callable[[Request, Route], None]] = [self.origins.guard]
        self.tasks: list[Callable[[], Awaitable[None]]] = [self.logs.keep_writing]
        self.owners: Owners | None = None
        if settings.keys:
            self.owners = Owners(settings.keys, settings.secret, metrics=settings.guard_metrics)
            self.guards.append(self.owners.guard)
            self.tasks.append(self.owners.keep_fresh)
        if settings.rate:
            share = settings.rate / settings.workers  # each process counts for itself
            burst = max(1, round((settings.burst or settings.rate) / settings.workers))
            self.guards.append(Rates(share, burst).guard)
        if settings.log_rows and settings.log != "none":
            service.listeners.append(RowLog())

    def routes(self) -> Iterator[Route]:
        """`/login`, `/logout`, `/whoami`, and where models may be put."""
        yield from login.routes(self.owners)
        if self._settings.allow_upload:
            yield from upload.routes(self._settings)

    def begun(self, request: Request) -> None:
        """A request has come."""
        self.logs.begun(request)

    def ended(self, request: Request) -> None:
        """It was handled, and its body is held no more."""
        if request.held:
            self.room.give(request.held)

    def headers(self, request: Request, answer: Response | Stream) -> Headers:
        """What the answer tells beside what its handler said."""
        own: Headers = request.state.get("headers", ())
        return headers_for(answer) + own

    def answered(
        self, request: Request, route: Route, answer: Response | Stream, seconds: float
    ) -> None:
        """It was answered."""
        self.logs.answered(request, route, answer, seconds)
