"""One call to whoever waits for a job: a POST of JSON, signed if there is a secret.

    X-Mulle-Signature: t=UNIX_TIME,v1=HMAC-SHA256(secret, "UNIX_TIME." + body) in hexadecimal
    Idempotency-Key: the job's id, the same on each try

The signature is that of the alerts' webhook. That one goes where the operator says; this one goes
where a caller says, so it looks at the address first, follows no redirect and asks no proxy.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator

from mulle.verbs.serve.jobs.addresses import Target, addresses_of, is_public, target_of

SECRET = "MULLE_WEBHOOK_SECRET"  # the environment variable with the key of the signature
TIMEOUT = 10.0  # seconds for a call


class NotTold(Exception):
    """A call that did not get through."""


def call(url: str, body: bytes, name: str, *, secret: str = "", private: bool = False) -> None:
    """Tell somebody.

    Args:
        url: of http or https.
        body: JSON.
        name: the same on each try of the same message.
        secret: key of the signature; "": none.
        private: whether addresses that are not of the open internet may be called.

    Raises:
        NotTold: nobody answered with 2xx.
    """
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "mulle",
        "Idempotency-Key": name,
    }
    if secret:
        from mulle.verbs.watch.alert.channels.webhook import sign  # brings mail and more with it

        headers["X-Mulle-Signature"] = sign(secret, body)
    target = target_of(url)
    if target is None:
        raise NotTold("the address is none of http or https")
    try:
        with _connected(target, _allowed(target, private=private)) as connection:
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise NotTold(str(getattr(error, "strerror", None) or type(error).__name__)) from error
    if not 200 <= answer.status < 300:
        raise NotTold(f"the receiver answered {answer.status}")


def may_be_called(url: str, *, private: bool) -> bool:
    """Whether an address is one that would be called now; a name that means nothing may be."""
    target = target_of(url)
    if target is None:
        return False
    try:
        _allowed(target, private=private)
    except NotTold:
        return False
    except OSError:
        return True
    return True


def _allowed(target: Target, *, private: bool) -> str:
    """The address to call; all that the name means must be allowed."""
    found = addresses_of(target.host, target.port)
    if not private and not all(map(is_public, found)):
        raise NotTold("the address is not one of the open internet")
    return found[0]


@contextlib.contextmanager
def _connected(target: Target, address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to an address, which calls itself by the name that was given.

    It ends after a while whatever comes: a receiver that sends a byte now and then holds nobody.
    """
    sort = http.client.HTTPSConnection if target.secure else http.client.HTTPConnection
    connection = sort(target.host, target.port)
    plain = socket.create_connection((address, target.port), TIMEOUT)
    end = threading.Timer(TIMEOUT, _shut, [plain])
    end.start()
    try:
        connection.sock = _secured(plain, target.host) if target.secure else plain
        yield connection
    finally:
        end.cancel()
        connection.close()
        plain.close()


def _secured(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _shut(plain: socket.socket) -> None:
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
