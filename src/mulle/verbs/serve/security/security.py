"""The guards of a server, put together as its settings ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from mulle.verbs.serve.http import Request, Response, Route, Stream
from mulle.verbs.serve.http.limits import BodyBudget
from mulle.verbs.serve.http.response import Headers
from mulle.verbs.serve.redaction import RowRedaction, hide_messages
from mulle.verbs.serve.security import authentication, upload
from mulle.verbs.serve.security.access_log import AccessLog, RowLog
from mulle.verbs.serve.security.authentication import Authenticator
from mulle.verbs.serve.security.cors import CrossOrigin
from mulle.verbs.serve.security.headers import headers_for
from mulle.verbs.serve.security.hosts import HostNames
from mulle.verbs.serve.security.rate_limit import RateLimiter
from mulle.verbs.serve.settings import Settings

if TYPE_CHECKING:
    from mulle.verbs.serve.service import Service


class Security:
    """The guards of one process.

    Args:
        settings: those of the server.
        service: gets a listener where rows are logged.

    Attributes:
        guards: called in turn before a handler.
        tasks: run beside the requests.
        cross_origin: pages of other sites that may send requests.
        authenticator: the keys; None where everything is allowed.
        access_log: one line for each request.
        body_budget: bytes of bodies that the process may hold.
    """

    def __init__(self, settings: Settings, service: Service) -> None:
        self._settings = settings
        hide_messages(settings)
        self.access_log = AccessLog(settings.log_format)
        hosts = HostNames(settings)
        self.cross_origin = CrossOrigin(settings.cors, reading=not hosts.guarded)
        self.body_budget = BodyBudget(settings.max_held)
        self.guards: list[Callable[[Request, Route], None]] = [self.cross_origin.guard]
        if hosts.guarded:
            self.guards.insert(0, hosts.guard)
        self.tasks: list[Callable[[], Awaitable[None]]] = [self.access_log.keep_writing]
        self.authenticator: Authenticator | None = None
        if settings.keys:
            self.authenticator = Authenticator(
                settings.keys, settings.secret, metrics=settings.guard_metrics
            )
            self.guards.append(self.authenticator.guard)
            self.tasks.append(self.authenticator.keep_fresh)
        if settings.rate:
            share = settings.rate / settings.workers  # each process counts for itself
            burst = max(1, round((settings.burst or settings.rate) / settings.workers))
            self.guards.append(RateLimiter(share, burst).guard)
        if settings.log_rows and settings.log_format != "none":
            service.listeners.append(RowLog(RowRedaction(settings, service.repository).apply))

    def routes(self) -> Iterator[Route]:
        """Yield `/login`, `/logout`, `/whoami`, and the upload of models where it is allowed."""
        yield from authentication.routes(self.authenticator)
        if self._settings.allow_upload:
            yield from upload.routes(self._settings)

    def begin(self, request: Request) -> None:
        """Give a request that has come its id."""
        self.access_log.begin(request)

    def release(self, request: Request) -> None:
        """Give the bytes of a request's body back; it was handled."""
        if request.held:
            self.body_budget.give_back(request.held)

    def headers(self, request: Request, answer: Response | Stream) -> Headers:
        """Return the headers of an answer beside those of its handler."""
        own: Headers = request.state.get("headers", ())
        return headers_for(answer) + own

    def record(
        self, request: Request, route: Route, answer: Response | Stream, seconds: float
    ) -> None:
        """Write the line of a request that was answered."""
        self.access_log.record(request, route, answer, seconds)
