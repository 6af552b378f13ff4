"""A webhook: the alerts as JSON by HTTP POST, signed if a secret is given.

    X-Mulle-Signature: t=UNIX_TIME,v1=HMAC-SHA256(secret, "UNIX_TIME." + body) in hexadecimal
    Idempotency-Key: the id of the message, the same on each try

The keys `title` and `text` make the body readable for chat services that take a bare webhook.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from mulle.errors import RunError
from mulle.verbs.watch.alert.channels.base import read_secret

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message

FORMAT = 1
_RETRIED_STATUSES = {408, 425, 429}  # and all from 500 up


class Webhook(msgspec.Struct, frozen=True):
    """A webhook.

    Attributes:
        name: name of the channel.
        url, url_env: its address, or the environment variable that holds it.
        secret_env: the variable with the key of the signature; "" for none.
        timeout: seconds for one try.
        retries: tries after the first, at once; later ones follow the schedule of the store.
        backoff: seconds before the first of them, twice as many before each further one.
    """

    name: str
    url: str = ""
    url_env: str = ""
    secret_env: str = ""
    timeout: float = 5.0
    retries: int = 2
    backoff: float = 0.5

    def send(self, message: Message) -> None:
        """See `Channel`."""
        request, pause = self._request(message), self.backoff
        for left in reversed(range(self.retries + 1)):
            error, again = self._post(request)
            if error is None:
                return
            if not again or not left:
                raise error
            time.sleep(pause)
            pause *= 2

    def _request(self, message: Message) -> urllib.request.Request:
        address = self.url or read_secret(self.url_env or "url_env", self.name)
        if urlsplit(address).scheme not in {"http", "https"}:
            raise RunError("alert-webhook-address", channel=self.name)
        body = msgspec.json.encode({"format": FORMAT, **msgspec.to_builtins(message)})
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "mulle",
            "Idempotency-Key": message.id,
        }
        if self.secret_env:
            headers["X-Mulle-Signature"] = sign(read_secret(self.secret_env, self.name), body)
        return urllib.request.Request(address, body, headers, method="POST")

    def _post(self, request: urllib.request.Request) -> tuple[RunError | None, bool]:
        """Try once; return the error, without the address, and whether another try may help."""
        try:
            with _post(request, timeout=self.timeout) as answer:
                answer.read(1024)
            return None, False
        except urllib.error.HTTPError as error:
            error.close()
            refused = RunError("alert-webhook-refused", channel=self.name, status=error.code)
            return refused, error.code in _RETRIED_STATUSES or error.code >= 500
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            why = getattr(reason, "strerror", None) or type(reason).__name__
            return RunError("alert-webhook-unreachable", channel=self.name, error=str(why)), True


def sign(key: str, body: bytes, at: int | None = None) -> str:
    """Return the header that proves the sender of a body, and the time.

    >>> sign("key", b"{}", at=0)[:20]
    't=0,v1=7314351dd949a'
    """
    moment = int(time.time()) if at is None else at
    digest = hmac.new(key.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is refused: it turns the POST into a GET, and carries the signature elsewhere."""

    def redirect_request(self, *_: object) -> None:
        return None


_post = urllib.request.build_opener(_NoRedirect).open
