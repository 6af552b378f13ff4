"""Authentication: an API key in a header, or a session of the dashboard that was made from one.

    POST   /login    {"key": "mulle_…"}: a session of twelve hours
    POST   /logout   ends it in this browser
    GET    /whoami   the key's name and scopes; {"keys": false} where everything is allowed

A key is looked up by its SHA-256, which a caller cannot steer, so the time of the look-up says
nothing about the keys there are. The cookie of a session is HttpOnly and SameSite=Strict, and with
it only JSON may change something: no form of another site can send either.

catalogue  srv-auth
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, Operation
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.security.keys import Key, digest, read_keys

COOKIE = "mulle_session"
SESSION = 12 * 3_600  # seconds
MAX_LOGIN_BODY = 1_000  # bytes
_LOOK = 0.5  # seconds between two looks at the file
_CHALLENGE = ((b"www-authenticate", b'Bearer realm="mulle"'),)
_READING = {"GET", "HEAD"}
log = logging.getLogger("mulle.serve")


class Authenticator:
    """The keys of a server, as fresh as their file.

    Args:
        path: file of keys.
        secret: key that signs sessions; all processes of a server share one.
        metrics: whether `/metrics` needs a key too, of any scope.

    Raises:
        UsageError: the file cannot be read.
    """

    def __init__(self, path: Path, secret: bytes, *, metrics: bool = False) -> None:
        self._path, self._secret = path, secret
        self._guarded = {"/metrics"} if metrics else set()
        self._state: object = None
        self._by_digest: dict[bytes, Key] = {}
        self._by_id: dict[str, Key] = {}
        self._read()

    def guard(self, request: Request, route: Route) -> None:
        """Let a request through, its key noted in `request.state["key"]`.

        Raises:
            HTTPError: the request has no good key (401), or the key lacks the scope (403).
        """
        if not route.scope and route.path not in self._guarded:
            return
        key = self.key_of(request)
        if not route.admits(key.scopes):
            raise HTTPError(403, "scope-missing", scope=route.scope, scopes=list(key.scopes))
        request.state["key"] = key

    async def keep_fresh(self) -> None:
        """Follow changes of the file; a broken file changes nothing, and is logged once."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                self._read()
            except MulleError as error:
                log.error("The keys stay as they were: %s", error)

    def start_session(self, secret: str) -> tuple[Key, str]:
        """Return the key, and the value of a cookie that stands for it.

        Raises:
            HTTPError: there is no such key (401).
        """
        key = self._check(self._by_digest.get(digest(secret)))
        text = f"{key.id}.{int(time.time()) + SESSION}"
        return key, f"{text}.{self._sign(text)}"

    def key_of(self, request: Request) -> Key:
        """Return the key of a request.

        Raises:
            HTTPError: the request has none, or none that is good (401).
        """
        given = request.header(b"x-api-key")
        if not given and (bearer := request.header(b"authorization")):
            kind, _, given = bearer.partition(" ")
            given = given.strip() if kind.lower() == "bearer" else "?"
        if given:
            return self._check(self._by_digest.get(digest(given)))
        if cookies := request.header(b"cookie"):
            return self._from_cookie(request, cookies)
        raise HTTPError(401, "key-missing", _CHALLENGE)

    def _check(self, key: Key | None) -> Key:
        if key is None:
            raise HTTPError(401, "key-wrong", _CHALLENGE)
        if key.expires is not None and key.has_expired(time.time()):
            raise HTTPError(401, "key-expired", _CHALLENGE)
        return key

    def _from_cookie(self, request: Request, cookies: str) -> Key:
        """Return the key of a session; other sites can send neither its cookie nor JSON."""
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        value = next((value for name, _, value in pairs if name == COOKIE), "")
        text, _, signature = value.rpartition(".")
        if not value or not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            raise HTTPError(401, "key-missing", _CHALLENGE)
        if request.method not in _READING and request.media_type != JSON:
            raise HTTPError(403, "session-json")
        id, _, until = text.partition(".")
        if int(until) <= time.time():
            raise HTTPError(401, "session-over", _CHALLENGE)
        return self._check(self._by_id.get(id))

    def _sign(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256").hex()

    def _read(self) -> None:
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


class _Login(msgspec.Struct):
    key: str


def routes(authenticator: Authenticator | None) -> Iterator[Route]:
    """Yield the resources above; without keys they say that everything is allowed."""

    async def login(request: Request) -> Response:
        if authenticator is None:
            return json_response({"keys": False})
        if request.media_type != JSON:
            raise HTTPError(415, "media-unknown", received=request.media_type[:100])
        body = await request.body()
        if len(body) > MAX_LOGIN_BODY:
            raise HTTPError(413, "body-large", limit=MAX_LOGIN_BODY)
        given = decode_json(body, _Login)
        key, cookie = authenticator.start_session(given.key.strip())
        return json_response(_describe(key), headers=((b"set-cookie", _cookie(cookie, SESSION)),))

    async def logout(request: Request) -> Response:
        return json_response({}, headers=((b"set-cookie", _cookie("", 0)),))

    async def whoami(request: Request) -> Response:
        if authenticator is None:
            return json_response({"keys": False})
        return json_response(_describe(authenticator.key_of(request)))

    begin = Operation("login", "keys", {JSON: "login"}, {JSON: "anything"})
    yield Route("POST", "/login", login, operation=begin)
    end = Operation("logout", "keys", answer={JSON: "anything"})
    yield Route("POST", "/logout", logout, operation=end)
    asked = Operation("whoami", "keys", answer={JSON: "anything"})
    yield Route("GET", "/whoami", whoami, operation=asked)


def _describe(key: Key) -> dict[str, Any]:
    return {"keys": True, "name": key.name, "scopes": key.scopes, "expires": key.expires}


def _cookie(value: str, seconds: int) -> bytes:
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict".encode()
