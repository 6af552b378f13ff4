"""Keys: made, kept as hashes, asked for, revoked while the server runs; sessions of browsers."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.test_monitor import until

from mulle.errors import UnknownName, UsageError
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.security.authentication import Authenticator
from mulle.verbs.serve.security.keys import new_key, read_keys, revoke


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A file of keys, and the keys by name."""
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    made = {
        "all": new_key(path, "all", ("predict", "feedback", "admin"))[0],
        "predict": new_key(path, "predict", ("predict",), "90d")[0],
        "feedback": new_key(path, "feedback", ("feedback",))[0],
        "gone": new_key(path, "gone", ("predict",))[0],
    }
    return path, made


@pytest.fixture(scope="module")
def server(bundle, keys):
    shared = Server(bundle, "--keys", keys[0])
    yield shared
    shared.stop()


def test_the_file_holds_no_key(keys):
    path, made = keys
    text = path.read_text(encoding="utf-8")
    assert not any(secret in text or secret[6:] in text for secret in made.values())
    assert all(secret.startswith("mulle_") and len(secret) == 49 for secret in made.values())
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    key = next(key for key in read_keys(path) if key.name == "predict")
    assert key.expires - key.created == timedelta(days=90)


@pytest.mark.parametrize(
    ("name", "scopes", "expires", "code"),
    [("a b", ("predict",), "", "key-name"), ("all", ("predict",), "", "key-named-twice"),
     ("new", ("root",), "", "scope-unknown"), ("new", (), "", "scope-none"),
     ("new", ("predict",), "5y", "time-length"),
     ("new", ("predict",), "²d", "time-length")],
)  # fmt: skip
def test_keys_that_are_not_made(keys, name, scopes, expires, code):
    before = keys[0].read_bytes()
    with pytest.raises(UsageError) as error:
        new_key(keys[0], name, scopes, expires)
    assert error.value.code == code
    assert keys[0].read_bytes() == before


def test_a_broken_file(tmp_path):
    path = tmp_path / "keys.toml"
    path.write_text("[[keys]]\nname = 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not a file of keys"):
        read_keys(path)
    line = 'name = "a"\nsha256 = "xyz"\nscopes = []\ncreated = 2026-01-01 00:00:00+00:00\n'
    path.write_text("[[keys]]\n" + line, encoding="utf-8")
    with pytest.raises(UsageError, match="not a file of keys"):
        read_keys(path)
    with pytest.raises(UnknownName):
        path.write_text("", encoding="utf-8")
        revoke(path, "nobody")


ASKED = [
    ({}, 401, "key-missing"),
    ({"authorization": "Bearer {predict}"}, 200, ""),
    ({"authorization": "bearer {predict}"}, 200, ""),
    ({"x_api_key": "{predict}"}, 200, ""),
    ({"x_api_key": "{feedback}"}, 403, "scope-missing"),
    ({"x_api_key": "{predict}x"}, 401, "key-wrong"),
    ({"x_api_key": "mulle_"}, 401, "key-wrong"),
    ({"authorization": "Basic {predict}"}, 401, "key-wrong"),
    ({"authorization": "Bearer"}, 401, "key-missing"),
    ({"cookie": "mulle_session={predict}"}, 401, "key-missing"),
    ({"cookie": "mulle_session=a.9999999999.ff; a"}, 401, "key-missing"),
]


@pytest.mark.parametrize(("headers", "status", "code"), ASKED)
def test_who_may_predict(server, keys, headers, status, code):
    sent = {name: value.format(**keys[1]) for name, value in headers.items()}
    answer = server.post("/predict", ROW, **sent)
    assert answer.status == status
    if code:
        assert answer.json()["error"]["code"] == code
    assert (answer.headers["www-authenticate"] == 'Bearer realm="mulle"') == (status == 401)


def test_what_is_open(server):
    for path in ("/health", "/health/ready", "/metrics"):
        assert server.get(path).status == 200
    assert server.get("/models").status == 401


def test_guarded_metrics(start, bundle, keys):
    server = start(bundle, "--keys", keys[0], security={"guard_metrics": True})
    assert server.get("/metrics").status == 401
    assert server.get("/metrics", x_api_key=keys[1]["feedback"]).status == 200
    assert server.get("/health").status == 200


def test_the_file_is_followed_while_it_serves(server, keys):
    path, made = keys
    assert server.post("/predict", ROW, x_api_key=made["gone"]).status == 200
    revoke(path, "gone")
    until(lambda: server.post("/predict", ROW, x_api_key=made["gone"]).status == 401)
    fresh = new_key(path, "fresh", ("predict",))[0]
    until(lambda: server.post("/predict", ROW, x_api_key=fresh).status == 200)


def test_a_session(server, keys):
    made = keys[1]
    assert server.post("/login", {"key": "mulle_no"}).status == 401
    assert server.post("/login", json.dumps({"key": made["predict"]}).encode()).status == 415
    twice = b'{"key": "x", "key": "%s"}' % made["predict"].encode()
    assert server.post("/login", twice, content_type="application/json").status == 400
    behind = b'{"key": "%s"}' % made["predict"].encode() + b" " * 2_000 + b"{"
    assert server.post("/login", behind, content_type="application/json").status == 413
    answer = server.post("/login", {"key": made["predict"]})
    assert answer.json()["scopes"] == ["predict"]
    cookie, *marks = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(marks)
    assert made["predict"] not in cookie
    assert server.get("/whoami", cookie=cookie).json()["name"] == "predict"
    assert server.post("/predict", ROW, cookie=f"a=b; {cookie}").status == 200
    form = server.post("/predict", b"{}", cookie=cookie, content_type="text/plain")
    assert (form.status, form.json()["error"]["code"]) == (403, "session-json")
    head, _, signature = cookie.rpartition(".")
    forged = head[:-1] + ("1" if head[-1] != "1" else "2")  # a later end
    assert server.post("/predict", ROW, cookie=f"{forged}.{signature}").status == 401
    assert "Max-Age=0" in server.post("/logout", {}).headers["set-cookie"]


def test_a_session_ends_with_its_key_and_its_server(tmp_path):
    path = tmp_path / "keys.toml"
    secret, _ = new_key(path, "a", ("predict",))
    authenticator = Authenticator(path, b"one")
    _, cookie = authenticator.start_session(secret)

    def asking(authenticator):
        headers = {b"cookie": f"mulle_session={cookie}", b"content-type": "application/json"}
        request = SimpleNamespace(
            header=lambda name: headers.get(name, ""), method="POST", media_type="application/json"
        )
        return authenticator.key_of(request)

    assert asking(authenticator).name == "a"
    with pytest.raises(HTTPError) as caught:
        asking(Authenticator(path, b"other"))
    assert caught.value.code == "key-missing"
    revoke(path, "a")
    new_key(path, "a", ("predict",))
    with pytest.raises(HTTPError) as caught:
        asking(Authenticator(path, b"one"))
    assert caught.value.code == "key-wrong"


def test_expired(tmp_path):
    path = tmp_path / "keys.toml"
    secret, key = new_key(path, "a", ("predict",), "1m")
    assert not key.has_expired(datetime.now(UTC).timestamp())
    assert key.has_expired(key.expires.timestamp())
    past = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0).isoformat(sep=" ")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"expires = {past}" if line.startswith("expires") else line for line in lines]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(HTTPError) as caught:
        Authenticator(path, b"").start_session(secret)
    assert caught.value.code == "key-expired"


def test_a_file_that_breaks_while_running(start, bundle, tmp_path):
    path = tmp_path / "keys.toml"
    secret, _ = new_key(path, "a", ("predict",))
    server = start(bundle, "--keys", path)
    path.write_text("rubbish", encoding="utf-8")
    for line in server.process.stdout:
        if "The keys stay as they were" in line:
            break
    else:
        raise AssertionError("nothing was told of the broken file")
    assert server.post("/predict", ROW, x_api_key=secret).status == 200
    assert server.post("/predict", ROW).status == 401


def test_command(tmp_path):
    def mulle(*words):
        command = [sys.executable, "-m", "mulle", "keys", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")

    made = mulle("new", "--name", "팀-a", "--scope", "predict", "--scope", "feedback")
    assert made.stdout.startswith("mulle_")
    assert len(made.stdout.split()) == 1  # so that it can be captured
    listed = json.loads(mulle("list", "--format", "json").stdout)
    assert [(key["name"], key["scopes"]) for key in listed] == [("팀-a", ["predict", "feedback"])]
    assert "팀-a" in mulle("list").stdout
    assert mulle("new", "--name", "팀-a", "--scope", "predict").returncode == 2
    assert mulle("revoke", "팀-a").returncode == 0
    assert mulle("list", "--format", "json").stdout.strip() == "[]"
