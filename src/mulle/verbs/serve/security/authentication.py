"""Who asks, and may they: a key in a header, or a session of the dashboard made from one.

A key is looked up by its SHA-256, which nobody can steer, so the time that the look-up takes tells
nothing of the keys there are. Without a file of keys everything is allowed.

catalogue  srv-auth
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from pathlib import Path

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.security.keys import Key, digest, read_keys

COOKIE = "mulle_session"
SESSION = 12 * 3_600  # seconds
_LOOK = 0.5  # seconds between looks at the file
_CHALLENGE = ((b"www-authenticate", b'Bearer realm="mulle"'),)
_SAFE = {"GET", "HEAD"}
_JSON = "application/json"
log = logging.getLogger("mulle.serve")


class Authenticator:
    """The keys of a server, as fresh as their file.

    Args:
        path: the file of keys.
        secret: signs sessions; all processes of a server share one, and none outlives it.
        metrics: whether `/metrics` wants a key too, of any scope.

    Raises:
        UsageError: the file cannot be read.
    """

    def __init__(self, path: Path, secret: bytes, *, metrics: bool = False) -> None:
        self._path, self._secret = path, secret
        self._guarded = {"/metrics"} if metrics else set()
        self._state: object = None
        self._by_digest: dict[bytes, Key] = {}
        self._by_id: dict[str, Key] = {}
        self._take()

    def guard(self, request: Request, route: Route) -> None:
        """Let the request through, its owner noted in `request.state["key"]`.

        Raises:
            HTTPError: no good key (401), or it may not ask for this (403).
        """
        if not route.scope and route.path not in self._guarded:
            return
        key = self.asking(request)
        if route.scope and route.scope not in key.scopes:
            raise HTTPError(403, "scope-missing", scope=route.scope, scopes=list(key.scopes))
        request.state["key"] = key

    async def keep_fresh(self) -> None:
        """Take up changes of the file; a broken file changes nothing, and is told once."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                self._take()
            except MulleError as error:
                log.error("The keys stay as they were: %s", error)

    def session(self, secret: str) -> tuple[Key, str]:
        """The key, and a cookie's value that stands for it.

        Raises:
            HTTPError: there is no such key (401).
        """
        key = self._good(self._by_digest.get(digest(secret)))
        text = f"{key.id}.{int(time.time()) + SESSION}"
        return key, f"{text}.{self._signed(text)}"

    def asking(self, request: Request) -> Key:
        """The key of a request.

        Raises:
            HTTPError: it has none, or none that is good (401).
        """
        given = request.header(b"x-api-key")
        if not given and (bearer := request.header(b"authorization")):
            kind, _, given = bearer.partition(" ")
            given = given.strip() if kind.lower() == "bearer" else "?"
        if given:
            return self._good(self._by_digest.get(digest(given)))
        if cookies := request.header(b"cookie"):
            return self._from_cookie(request, cookies)
        raise HTTPError(401, "key-missing", _CHALLENGE)

    def _good(self, key: Key | None) -> Key:
        if key is None:
            raise HTTPError(401, "key-wrong", _CHALLENGE)
        if key.expires is not None and key.expired(time.time()):
            raise HTTPError(401, "key-expired", _CHALLENGE)
        return key

    def _from_cookie(self, request: Request, cookies: str) -> Key:
        """Other sites cannot make a browser send JSON here, nor the cookie along with it."""
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        value = next((value for name, _, value in pairs if name == COOKIE), "")
        text, _, signature = value.rpartition(".")
        if not value or not hmac.compare_digest(signature.encode(), self._signed(text).encode()):
            raise HTTPError(401, "key-missing", _CHALLENGE)
        if request.method not in _SAFE and request.media_type != _JSON:
            raise HTTPError(403, "session-json")
        id, _, until = text.partition(".")
        if int(until) <= time.time():
            raise HTTPError(401, "session-over", _CHALLENGE)
        return self._good(self._by_id.get(id))

    def _signed(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256").hex()

    def _take(self) -> None:
        try:
            stat = self._path.stat()
            state: object = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        except OSError as error:
            state = error.errno
        if state == self._state:
            return
        self._state = state
        keys = read_keys(self._path)
        self._by_digest = {bytes.fromhex(key.sha256): key for key in keys}
        self._by_id = {key.id: key for key in keys}
