"""Running the application: one port, one or more processes, a graceful end."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mulle.errors import RunError
from mulle.verbs.serve.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Config

    from mulle.verbs.serve.app import Application


def make_app(settings: Settings) -> Application:
    """Return a new application; each worker process makes one from the same settings.

    Raises:
        MulleError: a bundle, a policy, the log or the rules of alerts cannot be used.
    """
    from mulle.table.types.pixels import refuse_files
    from mulle.verbs.serve.app import Application

    refuse_files()  # a caller who names a file would see what is in ours
    return Application(settings)


def run(settings: Settings, started: Callable[[], None] = lambda: None) -> None:
    """Serve until stopped; requests in work are finished first.

    Args:
        settings: of the server.
        started: is called when the models are found and the port is taken.

    Raises:
        UsageError: settings cannot work together, or a file that they name cannot be read.
        RunError: a port is taken.
        MissingExtra: gRPC is wanted and not installed.
        MulleError: a bundle is missing or not sound.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from mulle.verbs.serve.metrics import SHARED

    check(settings)
    listening = _bind(settings.host, settings.port, "--port")
    if settings.grpc_port:
        from mulle.verbs.serve.protocols import grpc

        grpc.require()
        _bind(settings.host, settings.grpc_port, "--grpc-port").close()  # each worker binds it
    started()
    if settings.workers == 1:
        uvicorn.Server(_config(settings)).run(sockets=[listening])
        return
    with tempfile.TemporaryDirectory(prefix="mulle-serve-") as shared:
        os.environ[SHARED] = shared
        Multiprocess(_config(settings), sockets=[listening]).run()


def check(settings: Settings) -> None:
    """Refuse settings that cannot work, and files that cannot be read, before any process starts.

    Raises:
        UsageError: settings cannot work together, an origin is none, or the keys, the policies or
            the rules of alerts cannot be read.
        MissingFile: a model is not there.
        MulleError: the place of the log does not answer.
    """
    settings.check()
    if settings.models:
        from mulle.verbs.serve.models.sources import resolve

        resolve(settings.models, settings.registry).check()
    if settings.keys:
        from mulle.verbs.serve.security.keys import read_keys

        read_keys(settings.keys)
    if settings.cors:
        from mulle.verbs.serve.security.cors import CrossOrigin

        CrossOrigin(settings.cors)
    if settings.trusted_proxies:
        from mulle.verbs.serve.http.proxies import TrustedProxies

        TrustedProxies(settings.trusted_proxies)
    if settings.routing:
        from mulle.verbs.serve.routing import read_policies

        read_policies(settings.routing)
    if settings.alerts:
        from mulle.verbs.watch.alert import read_rules

        read_rules(settings.alerts)
    if settings.log_predictions or settings.log_rows:
        from mulle.verbs.serve.redaction import check_redaction

        check_redaction(settings)
    if settings.log_predictions:
        from mulle.verbs.watch.log.places import open_sink

        open_sink(settings.log_predictions)


def _config(settings: Settings) -> Config:
    import uvicorn

    from mulle.verbs.serve.http.connection import Connection
    from mulle.verbs.serve.http.connections import ConnectionLimiter
    from mulle.verbs.serve.http.proxies import TrustedProxies

    limiter = ConnectionLimiter(
        settings.max_connections,
        settings.max_per_address,
        settings.read_timeout,
        settings.lang,
        body_rate=settings.body_rate,
        proxies=TrustedProxies(settings.trusted_proxies),
    )
    return uvicorn.Config(
        partial(make_app, settings),
        http=partial(Connection, limiter=limiter),  # type: ignore[arg-type]
        factory=True,
        workers=settings.workers,
        lifespan="on",
        ws="none",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.drain_timeout),
    )


def _bind(host: str, port: int, option: str) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise RunError(
            "port-taken",
            host=host,
            port=str(port),
            strerror=error.strerror,
            option=option,
            following=str(port + 1),
        ) from error
    listening.set_inheritable(True)
    return listening
