"""The ASGI application: one request in, one answer out, whatever happens between.

scope -> route -> guards -> handler -> answer -> counted
              \\_ any error -> a problem in the caller's language, written as its protocol does
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from mulle.verbs.serve import dashboard
from mulle.verbs.serve.http import (
    HTTPError,
    Problem,
    Request,
    Response,
    Route,
    Routes,
    to_problem,
    to_response,
)
from mulle.verbs.serve.http.errors import RETRY
from mulle.verbs.serve.http.proxies import TrustedProxies
from mulle.verbs.serve.http.request import Message, Receive
from mulle.verbs.serve.http.response import Send
from mulle.verbs.serve.jobs import JobService
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.models import ModelRepository
from mulle.verbs.serve.monitor import DriftMonitor
from mulle.verbs.serve.monitor.traffic import Traffic
from mulle.verbs.serve.protocols import all_routes, grpc, openapi
from mulle.verbs.serve.routing import Router
from mulle.verbs.serve.security import Security
from mulle.verbs.serve.service import Service
from mulle.verbs.serve.settings import Settings

Guard = Callable[[Request, Route], Awaitable[None] | None]

_NOWHERE = Route("other", "unknown", None)  # type: ignore[arg-type]
log = logging.getLogger("mulle.serve")


def build_service(settings: Settings) -> Service:
    """Make the models, the jobs, the router and the monitor, and hand them to a service.

    Raises:
        MulleError: a bundle, a policy, the log or the rules of alerts cannot be used.
    """
    repository = ModelRepository(settings.models, settings.registry)
    service = Service(settings, repository, Metrics())
    service.jobs = JobService(settings, repository, service.metrics)
    service.router = Router(service)
    service.monitor = DriftMonitor(service)
    return service


class Application:
    """The ASGI application: the one place that knows all rooms of the server.

    Args:
        settings: those of the server.

    Attributes:
        service: the data plane.
        security: the guards and the access log.
        traffic: figures of the dashboard.
        routes: all resources.
        guards: called in turn before the handler; each may refuse the request.
        proxies: proxies whose word on their clients is believed.
        tasks: run beside the requests for as long as the server does.
    """

    def __init__(self, settings: Settings) -> None:
        self.service = build_service(settings)
        self.security = Security(settings, self.service)
        self.traffic = Traffic(self.service.metrics)
        listed = [
            *all_routes(self.service),
            *self.security.routes(),
            *dashboard.routes(self.service, self.traffic),
        ]
        listed += openapi.routes(self.service, listed)
        self.routes = Routes(listed)
        self.proxies = TrustedProxies(settings.trusted_proxies)
        self.guards: list[Guard] = [*self.security.guards]
        self.service.router.join(self.guards)
        self.tasks: list[Callable[[], Awaitable[None]]] = [
            self.service.keep_fresh,
            self.service.keep_counts,
            self.service.work.keep_looking,
            self.service.jobs.run,
            self.service.router.keep_exchanging,
            self.service.router.shadows.keep_comparing,
            self.service.monitor.live,
            self.traffic.keep,
            *self.security.tasks,
        ]
        if settings.grpc_port:
            self.tasks.append(partial(grpc.answer_calls, self))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or start and stop with the server."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        begun, metrics = time.perf_counter(), self.service.metrics
        route, request = _NOWHERE, self._request(scope, receive)
        metrics.in_work += 1
        try:
            route, request.params = self.routes.find(scope["method"], self._path(scope["path"]))
            answer = await self.handle(route, request)
        except Exception as error:
            answer = self._error_response(route, request, error)
        finally:
            metrics.in_work -= 1
            self.security.release(request)
        await answer.send(send, self.security.headers(request, answer))
        seconds = time.perf_counter() - begun
        metrics.requested(route.method, route.path, answer.status, seconds)
        self.security.record(request, route, answer, seconds)

    def _path(self, asked: str) -> str:
        """Return the path within the server; a proxy may strip `root_path` or not."""
        root = self.service.settings.root_path
        return asked[len(root) :] or "/" if root and f"{asked}/".startswith(f"{root}/") else asked

    def _request(self, scope: Message, receive: Receive) -> Request:
        request = Request(
            scope,
            receive,
            self.service.settings.max_body,
            self.security.body_budget,
            self.service.settings.lang,
            self.proxies,
        )
        self.security.begin(request)
        return request

    async def handle(self, route: Route, request: Request) -> Any:
        """Return the handler's answer.

        Raises:
            HTTPError: the server is full or the work takes too long (503), or a guard refuses the
                request.
        """
        if self.service.metrics.in_work > self.service.settings.max_waiting and route.scope:
            raise HTTPError(503, "server-busy", RETRY)
        for guard in self.guards:
            asked = guard(request, route)
            if asked is not None:
                await asked
        return await self.service.work.run(request, route.handler(request))

    def describe(self, route: Route, request: Request, error: Exception) -> Problem:
        """Return what the caller is shown of an error; log what is not the caller's fault."""
        problem = to_problem(error, request.lang)
        if problem.status == 500:
            log.exception("%s %s failed", request.method, route.path)
        return problem

    def _error_response(self, route: Route, request: Request, error: Exception) -> Response:
        problem = self.describe(route, request, error)
        if problem.status == 405 and request.method == "OPTIONS":
            return self.security.cross_origin.preflight(request, dict(problem.headers)[b"allow"])
        write = to_response if route is _NOWHERE else route.write_problem
        return write(problem)

    async def _live(self, receive: Receive, send: Send) -> None:
        running: list[asyncio.Future[None]] = []
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                gc.collect()
                gc.freeze()  # what stays for good need not be looked through again: pauses of 40 ms
                running = [asyncio.ensure_future(task()) for task in self.tasks]
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                await send({"type": "lifespan.shutdown.complete"})
                return
