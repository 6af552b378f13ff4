"""Webhooks of jobs: a POST of JSON at the end of a job, signed if there is a secret, tried again.

    X-Mulle-Signature: t=UNIX_TIME,v1=HMAC-SHA256(secret, "UNIX_TIME." + body) in hexadecimal
    Idempotency-Key: the job's id, the same on each try

The signature is that of the alerts' webhook. That one goes where the operator says; this one goes
where a caller says, so it looks at the address first, follows no redirect and asks no proxy.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import msgspec

from mulle.verbs.serve.jobs.addresses import Target, addresses_of, is_public, target_of
from mulle.verbs.serve.jobs.job import Job
from mulle.verbs.serve.jobs.store import DELIVERED, GIVEN_UP, WAITING, JobStore
from mulle.verbs.serve.jobs.views import summarize

SECRET = "MULLE_WEBHOOK_SECRET"  # environment variable with the key of the signature
TIMEOUT = 10.0  # seconds for a call
PAUSES = (1.0, 4.0, 16.0, 60.0, 300.0, 1800.0, 7200.0)  # seconds before the second try, and so on
log = logging.getLogger("mulle.serve")


class NotDelivered(Exception):
    """A call that did not get through; its text is for the log."""


class Webhooks:
    """The calls that are due; a restart forgets none of them.

    Args:
        store: the jobs.
        private: see `call`.
    """

    def __init__(self, store: JobStore, *, private: bool) -> None:
        self._store, self._private = store, private

    def send_due(self) -> bool:
        """Make one call that is due; return whether there was one."""
        job = self._store.claim_webhook(3 * TIMEOUT)
        if job is None:
            return False
        body = msgspec.json.encode(summarize(job))
        secret = os.environ.get(SECRET, "")
        try:
            call(job.webhook, body, job.id, secret=secret, private=self._private)
        except NotDelivered as error:
            log.warning("webhook of job %s: %s", job.id, error)
            self._plan_retry(job)
        else:
            self._store.note_webhook(job.id, DELIVERED, None)
        return True

    def _plan_retry(self, job: Job) -> None:
        if job.webhook_tries > len(PAUSES):
            self._store.note_webhook(job.id, GIVEN_UP, None)
            return
        pause = PAUSES[job.webhook_tries - 1]
        self._store.note_webhook(job.id, WAITING, time.time() + pause)


def call(url: str, body: bytes, name: str, *, secret: str = "", private: bool = False) -> None:
    """POST a message to an address.

    Args:
        url: http or https.
        body: JSON.
        name: idempotency key, the same on each try of the same message.
        secret: key of the signature; "" for no signature.
        private: whether addresses that are not of the open internet may be called.

    Raises:
        NotDelivered: there was no answer with status 2xx.
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
        raise NotDelivered("the address is none of http or https")
    try:
        with _connected(target, _check_address(target, private=private)) as connection:
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(str(getattr(error, "strerror", None) or type(error).__name__)) from error
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"the receiver answered {answer.status}")


def may_be_called(url: str, *, private: bool) -> bool:
    """Return whether an address would be called now; a host name without an address may be."""
    target = target_of(url)
    if target is None:
        return False
    try:
        _check_address(target, private=private)
    except NotDelivered:
        return False
    except OSError:
        return True
    return True


def _check_address(target: Target, *, private: bool) -> str:
    """Return the address to call; all addresses of the host must be allowed."""
    addresses = addresses_of(target.host, target.port)
    if not private and not all(map(is_public, addresses)):
        raise NotDelivered("the address is not one of the open internet")
    return addresses[0]


@contextlib.contextmanager
def _connected(target: Target, address: str) -> Iterator[http.client.HTTPConnection]:
    """Connect to `address` under the host name of the target.

    The connection ends after a while whatever comes: a receiver that sends a byte now and then
    cannot hold it.
    """
    sort = http.client.HTTPSConnection if target.secure else http.client.HTTPConnection
    connection = sort(target.host, target.port)
    bare = socket.create_connection((address, target.port), TIMEOUT)
    end = threading.Timer(TIMEOUT, _shut, [bare])
    end.start()
    try:
        connection.sock = _secure(bare, target.host) if target.secure else bare
        yield connection
    finally:
        end.cancel()
        connection.close()
        bare.close()


def _secure(bare: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(bare, server_hostname=host)


def _shut(bare: socket.socket) -> None:
    with contextlib.suppress(OSError):
        bare.shutdown(socket.SHUT_RDWR)
