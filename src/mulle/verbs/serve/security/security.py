"""All that guards a server, put together as its operator asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from mulle.verbs.serve.http import Request, Response, Route, Stream
from mulle.verbs.serve.http.limits import BodyBudget
from mulle.verbs.serve.http.response import Headers
from mulle.verbs.serve.security import login, upload
from mulle.verbs.serve.security.access_log import AccessLog, RowLog
from mulle.verbs.serve.security.authentication import Authenticator
from mulle.verbs.serve.security.cors import CrossOrigin
from mulle.verbs.serve.security.headers import headers_for
from mulle.verbs.serve.security.rate_limit import RateLimiter
from mulle.verbs.serve.settings import Settings

if TYPE_CHECKING:
    from mulle.verbs.serve.service import Service


class Security:
    """The guards of one process.

    Attributes:
        guards: asked in turn before a handler.
        tasks: run beside the requests.
        cross_origin: the web pages that may ask.
        authenticator: the keys; None where everything is allowed.
        access_log: where requests are told of.
        body_budget: for the bodies that are held at once.
    """

    def __init__(self, settings: Settings, service: Service) -> None:
        self._settings = settings
        self.access_log = AccessLog(settings.log_format)
        self.cross_origin = CrossOrigin(settings.cors)
        self.body_budget = BodyBudget(settings.max_held)
        self.guards: list[Callable[[Request, Route], None]] = [self.cross_origin.guard]
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
            service.listeners.append(RowLog())

    def routes(self) -> Iterator[Route]:
        """`/login`, `/logout`, `/whoami`, and where models may be put."""
        yield from login.routes(self.authenticator)
        if self._settings.allow_upload:
            yield from upload.routes(self._settings)

    def begun(self, request: Request) -> None:
        """A request has come."""
        self.access_log.begun(request)

    def ended(self, request: Request) -> None:
        """It was handled, and its body is held no more."""
        if request.held:
            self.body_budget.give(request.held)

    def headers(self, request: Request, answer: Response | Stream) -> Headers:
        """What the answer tells beside what its handler said."""
        own: Headers = request.state.get("headers", ())
        return headers_for(answer) + own

    def answered(
        self, request: Request, route: Route, answer: Response | Stream, seconds: float
    ) -> None:
        """It was answered."""
        self.access_log.answered(request, route, answer, seconds)
