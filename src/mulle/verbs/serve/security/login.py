"""A key for a cookie, so that a browser need not keep the key where scripts can read it.

    POST   /login    {"key": "mulle_…"}: a session of twelve hours
    POST   /logout   ends it in this browser
    GET    /whoami   the key's name and scopes; {"keys": false} where everything is allowed

The cookie is HttpOnly and SameSite=Strict, and beside it only JSON is taken for what changes
something: no form of another site can send either.

catalogue  srv-auth
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, Operation
from mulle.verbs.serve.security.authentication import COOKIE, SESSION

if TYPE_CHECKING:
    from mulle.verbs.serve.security.authentication import Authenticator

_JSON = "application/json"
_MOST = 1_000  # bytes of a key with its braces


class _Login(msgspec.Struct):
    key: str


def routes(owners: Authenticator | None) -> Iterator[Route]:
    """The resources above."""

    async def login(request: Request) -> Response:
        if owners is None:
            return json_response({"keys": False})
        if request.media_type != _JSON:
            raise HTTPError(415, "media-unknown", received=request.media_type[:100])
        try:
            given = msgspec.json.decode((await request.body())[:_MOST], type=_Login)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HTTPError(400, "json-broken", error=str(error)[:200]) from None
        key, cookie = owners.session(given.key.strip())
        return json_response(_about(key), headers=((b"set-cookie", _cookie(cookie, SESSION)),))

    async def logout(request: Request) -> Response:
        return json_response({}, headers=((b"set-cookie", _cookie("", 0)),))

    async def whoami(request: Request) -> Response:
        if owners is None:
            return json_response({"keys": False})
        return json_response(_about(owners.asking(request)))

    begin = Operation("login", "keys", {JSON: "login"}, {JSON: "anything"})
    yield Route("POST", "/login", login, operation=begin)
    end = Operation("logout", "keys", answer={JSON: "anything"})
    yield Route("POST", "/logout", logout, operation=end)
    asked = Operation("whoami", "keys", answer={JSON: "anything"})
    yield Route("GET", "/whoami", whoami, operation=asked)


def _about(key: Any) -> dict[str, Any]:
    return {"keys": True, "name": key.name, "scopes": key.scopes, "expires": key.expires}


def _cookie(value: str, seconds: int) -> bytes:
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict".encode()
