"""The edge of the server: foreign names, proxies, compressed bodies, clients that take places."""

import contextlib
import gzip
import http.client
import json
import re
import socket
import time
import zlib

import pytest
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.raw import body_of, raw, statuses, talks

BODY = body_of(ROW)
JSON = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def server(bundle):
    shared = Server(bundle, limits={"max_body": 1, "max_held": 4})
    yield shared
    out = shared.stop()
    assert "Traceback" not in out, out


def asked(server, host, *more, method="GET", path="/models", version="1.1"):
    """The statuses of a request with this Host; None for none."""
    lines = [f"{method} {path} HTTP/{version}", *([f"Host: {host}"] if host is not None else [])]
    body = BODY if method == "POST" else b""
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", *more]
    got = raw(server, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return statuses(got), got


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:80", "127.0.0.1:8080", "[::1]:9", "LOCALHOST", "127.9.9.9"]
)
def test_the_names_of_this_machine_are_answered(server, host):
    assert asked(server, host)[0] == [200]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1",
     "0.0.0.0", "", "localhost@evil", "2130706433", "[::ffff:10.0.0.1]", "x" * 300],
)  # fmt: skip
def test_a_foreign_name_is_refused_and_the_option_named(server, host):
    got = asked(server, host)
    assert got[0] == [421] and b"--allow-host" in got[1]
    assert asked(server, host, method="POST", path="/predict")[0] == [421]


def test_one_name_is_wanted(server):
    assert asked(server, None)[0] == [400]
    assert asked(server, None, version="1.0")[0] == [200], "no browser, but a health check"
    assert asked(server, "localhost", "Host: localhost")[0] == [400]
    assert asked(server, "localhost", "Host: evil.example")[0] == [400]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
def test_a_page_of_another_site_may_not_ask(server, origin, method):
    path = "/predict" if method == "POST" else "/models"
    assert asked(server, "localhost", f"Origin: {origin}", method=method, path=path)[0] == [403]


def test_a_page_of_this_server_may_ask(server):
    own = f"Origin: http://localhost:{server.port}"
    host = f"localhost:{server.port}"
    assert asked(server, host, own, method="POST", path="/predict")[0] == [200]


def test_names_can_be_allowed(bundle):
    names = {"allow_host": ["models.example, .inner.example"]}
    server = Server(bundle, security=names)
    try:
        for host in ("models.example", "a.inner.example:80", "localhost", "MODELS.example."):
            assert asked(server, host)[0] == [200], host
        for host in ("inner.example", "xmodels.example", "evil.example", "ainner.example"):
            assert asked(server, host)[0] == [421], host
    finally:
        server.stop()


def test_the_option_is_an_option(bundle):
    server = Server(bundle, "--allow-host", "a.example", "--allow-host", "b.example")
    try:
        assert [asked(server, h)[0] for h in ("a.example", "b.example", "c.example")] == [
            [200], [200], [421],
        ]  # fmt: skip
    finally:
        server.stop()


@pytest.mark.parametrize(("how", "status"), [({}, 200), ({"allow_host": ["a.example"]}, 421)])
def test_a_server_that_others_reach_answers_to_any_name_unless_names_are_given(bundle, how, status):
    server = Server(bundle, server={"host": "0.0.0.0"}, security=how)
    try:
        assert asked(server, "service-name:8080")[0] == [status]
    finally:
        server.stop()


def test_with_keys_any_name_is_answered(bundle, tmp_path):
    from mulle.verbs.serve.security.keys import new_key

    secret, _ = new_key(tmp_path / "keys.toml", "me", ("predict",))
    server = Server(bundle, security={"keys": tmp_path / "keys.toml"})
    try:
        assert asked(server, "evil.example", f"X-API-Key: {secret}")[0] == [200]
    finally:
        server.stop()


def test_a_browser_cannot_speak_grpc(bundle):
    pytest.importorskip("grpc")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(bundle, "--grpc-port", port)
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.settimeout(3)
            client.sendall(b"POST /inference.GRPCInferenceService/ModelInfer HTTP/1.1\r\n"
                           b"Host: evil.example\r\nContent-Length: 0\r\n\r\n")  # fmt: skip
            got = b""
            with contextlib.suppress(OSError):
                while data := client.recv(4096):
                    got += data
        assert not got.startswith(b"HTTP/1.1 2")
    finally:
        server.stop()


# --- proxies ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxied(bundle):
    shared = Server(
        bundle, "--root-path", "/prefix", "--trusted-proxies", "127.0.0.0/8,10.0.0.0/8",
        security={"allow_host": ["site.example"]}, log={"format": "json"},
        limits={"rate": "1/h", "burst": 2, "max_per_address": 3},
    )  # fmt: skip
    yield shared
    shared.stop()


@pytest.mark.parametrize("prefix", ["", "/prefix"])
def test_links_hold_behind_a_proxy_that_strips_the_path_and_one_that_does_not(proxied, prefix):
    about = {"x-forwarded-host": "site.example", "x-forwarded-proto": "https"}
    docs = proxied.get(f"{prefix}/docs", **about).body.decode()
    assert "https://site.example/prefix/models/" in docs
    assert proxied.get(f"{prefix}/openapi.json").json()["servers"] == [{"url": "/prefix"}]
    page = proxied.get(f"{prefix}/").body.decode()
    assert 'src="/prefix/dashboard/dashboard.js"' in page
    assert set(re.findall('(?:src|href)="(/[^/]+)/', page)) == {"/prefix"}
    script = proxied.get(f"{prefix}/dashboard/dashboard.js")
    assert script.status == 200 and not re.search(
        rb'(ask|fetch)[(]"/|(href:|return) "/', script.body
    )
    assert proxied.get(f"{prefix}/nowhere").status == 404
    assert proxied.get("/prefixed/models").status == 404


def limited(server, forwarded, **more):
    return server.get("/models", x_forwarded_for=forwarded, **more).status


def test_the_rate_is_counted_for_the_client_behind_the_proxy(proxied):
    assert [limited(proxied, "203.0.113.1") for _ in range(3)] == [200, 200, 429]
    assert limited(proxied, "203.0.113.2") == 200
    assert limited(proxied, "6.6.6.6, 203.0.113.1") == 429, "the left may be made up"
    assert limited(proxied, "6.6.6.6, 203.0.113.1, 10.1.2.3") == 429, "a proxy behind a proxy"
    assert limited(proxied, "[2001:db8::1]:99, 203.0.113.1:4711") == 429


def test_nobody_else_is_believed(bundle):
    for trusted in ([], ["10.0.0.0/8"]):
        server = Server(
            bundle, server={"trusted_proxies": trusted}, limits={"rate": "1/h", "burst": 2}
        )
        try:
            assert [limited(server, f"203.0.113.{n}") for n in range(3)] == [200, 200, 429]
        finally:
            server.stop()


def test_connections_of_a_proxy_are_those_of_its_clients(proxied):
    with contextlib.ExitStack() as stack:

        def one(forwarded, wait=True):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", proxied.port), 5))
            lines = "GET /health HTTP/1.1", "Host: localhost", f"X-Forwarded-For: {forwarded}"
            client.sendall("\r\n".join([*lines, "Content-Length: 9", "", ""]).encode())
            if not wait:
                return b""
            client.settimeout(3)
            return client.recv(100)

        for _ in range(20):  # idle ones, more than one address may have
            stack.enter_context(socket.create_connection(("127.0.0.1", proxied.port), 5))
        busy = [one("203.0.113.50", wait=False) for _ in range(3)]
        time.sleep(0.5)
        assert len(busy) == 3 and b" 503 " in one("203.0.113.50")
        assert b" 200 " in one("203.0.113.51")


def test_the_access_log_names_the_client(bundle):
    server = Server(bundle, "--trusted-proxies", "127.0.0.1", log={"format": "json"})
    limited(server, "203.0.113.77")
    lines = [json.loads(line) for line in server.stop().splitlines() if line.startswith("{")]
    assert "203.0.113.77" in {line.get("client") for line in lines}


@pytest.mark.parametrize(
    ("option", "value"), [("--trusted-proxies", "10.0.0.0/99"), ("--trusted-proxies", "proxy"),
                          ("--root-path", "models"), ("--root-path", "/models/")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_the_start(bundle, option, value):
    with pytest.raises(AssertionError, match=value):
        Server(bundle, option, value)


# --- connections --------------------------------------------------------------------------------


def test_idle_connections_of_an_address_make_room_for_its_next(bundle):
    server = Server(bundle, limits={"max_per_address": 8})
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                client = stack.enter_context(
                    contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, 5))
                )
                client.request("GET", "/health")
                answer = client.getresponse()
                assert (answer.status, answer.read()) == (200, b'{"status":"live"}')
    finally:
        server.stop()


HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def drip(server, size, part, pause, seconds):
    """Send a declared body in small parts; the seconds until the server ends it, None if not."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % size)
        client.settimeout(pause)
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            try:
                client.sendall(part)
                if client.recv(1_000):
                    return time.monotonic() - begun
            except TimeoutError:
                continue
            except OSError:
                return time.monotonic() - begun
    return None


def test_a_body_has_a_rate_as_a_whole(bundle):
    server = Server(bundle, limits={"read_timeout": 1, "body_rate": 8})
    try:
        spent = drip(server, 8_000_000, b" " * 1_000, 0.3, 20)
        assert spent is not None and spent < 10, "3 kB a second are too few"
        assert drip(server, 8_000_000, b" " * 20_000, 0.2, 6) is None, "100 kB a second are honest"
        assert talks(server)
    finally:
        server.stop()


def test_a_fast_beginning_does_not_buy_time_for_ever(bundle):
    server = Server(bundle, limits={"read_timeout": 1, "body_rate": 8})
    try:
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(HEAD + b"Content-Length: 8000000\r\n\r\n" + b" " * 1_000_000)
            begun = time.monotonic()
            client.settimeout(0.3)
            ended = False
            while not ended and time.monotonic() - begun < 15:
                try:
                    client.sendall(b" ")
                    ended = bool(client.recv(1_000)) or True
                except TimeoutError:
                    continue
                except OSError:
                    ended = True
            assert ended
    finally:
        server.stop()


def test_rows_that_come_as_they_happen_need_no_such_rate(bundle):
    server = Server(bundle, limits={"read_timeout": 1, "body_rate": 8})
    head = HEAD.replace(b"/predict", b"/stream").replace(b"json", b"x-ndjson")
    try:
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            client.settimeout(3)
            for _ in range(25):
                line = BODY + b" " * 100 + b"\n"
                client.sendall(b"%x\r\n%s\r\n" % (len(line), line))
                time.sleep(0.2)
            client.sendall(b"0\r\n\r\n")
            got = b""
            while b"\r\n0\r\n\r\n" not in got:
                part = client.recv(65_536)
                assert part, got[-300:]
                got += part
        assert got.count(b'"label"') == 25
    finally:
        server.stop()


# --- compressed bodies --------------------------------------------------------------------------


def raw_deflate(data):
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("GZIP", gzip.compress),
     ("deflate", zlib.compress), ("deflate", raw_deflate), ("identity", bytes), ("", bytes),
     ("gzip", lambda d: gzip.compress(d[:7]) + gzip.compress(d[7:]))],
)  # fmt: skip
def test_a_compressed_body_is_read(server, coding, pack):
    plain = server.post("/predict", BODY, **JSON)
    packed = server.post("/predict", pack(BODY), **JSON, content_encoding=coding)
    assert (packed.status, packed.body) == (plain.status, plain.body)
    table = ",".join(ROW) + "\n" + ",".join(map(str, ROW.values())) + "\n"
    csv = {"content_type": "text/csv", "content_encoding": coding}
    assert server.post("/predict", pack(table.encode()), **csv).status == 200
    assert server.post("/invocations", pack(json.dumps({"inputs": [ROW]}).encode()), **JSON,
                       content_encoding=coding).status == 200  # fmt: skip


def test_chunks_of_gzip(server):
    packed = gzip.compress(BODY)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed)
    head = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    got = raw(server, (head + chunks + b"0\r\n\r\n") * 2, wait=2)
    assert statuses(got) == [200, 200]


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "*", "한글"])
def test_another_coding_is_named(server, coding):
    answer = server.post("/predict", BODY, **JSON, content_encoding=coding.encode())
    assert answer.status == 415
    assert answer.headers["accept-encoding"] == "gzip, deflate"
    assert "gzip" in answer.json()["error"]["fix"]


@pytest.mark.parametrize("path", ["/predict", "/invocations", "/stream", "/graphql"])
def test_bombs_are_refused_early(server, path):
    bomb = gzip.compress(b" " * 200_000_000, 9)  # 200 kB
    assert len(bomb) < 1 << 20
    begun = time.perf_counter()
    answer = server.post(path, bomb, **JSON, content_encoding="gzip")
    assert answer.status in (413, 200) and time.perf_counter() - begun < 10
    assert answer.status == 413 or b"413" in answer.body or b"large" in answer.body
    assert talks(server)


PACKED = gzip.compress(BODY, mtime=0)
BROKEN = {
    "nothing": b"",
    "a beginning": b"\x1f\x8b",
    "no end": PACKED[:-5],
    "more behind": PACKED + b"rest",
    "not packed": BODY,
    "another checksum": PACKED[:-8] + b"\0" * 8,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_refused(server, name):
    answer = server.post("/predict", BROKEN[name], **JSON, content_encoding="gzip")
    assert answer.status == 400, answer.body


def test_the_budget_counts_what_a_body_becomes(server):
    """Four megabytes may be held at once; what came before is given back."""
    packed = gzip.compress(BODY + b" " * 900_000)
    for _ in range(12):
        assert server.post("/predict", packed, **JSON, content_encoding="gzip").status == 200
    assert talks(server)


@pytest.mark.parametrize("path", ["/models", "/health", "/docs", "/openapi.json", "/nowhere"])
def test_head_has_the_length_of_get(server, path):
    get, head = server.get(path), server.ask("HEAD", path)
    assert head.status == get.status and head.body == b""
    assert int(head.headers["content-length"]) == len(get.body) > 0
    assert head.headers["content-type"] == get.headers["content-type"]


def test_head_leaves_the_connection_in_step(server):
    one = b"HEAD /models HTTP/1.1\r\nHost: localhost\r\n\r\n"
    got = raw(server, one + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", wait=1)
    assert statuses(got) == [200, 200] and got.endswith(b'{"status":"live"}')


def test_a_stream_whose_sender_hangs_up_ends_in_silence(bundle):
    server = Server(bundle)
    head = HEAD.replace(b"/predict", b"/stream").replace(b"json", b"x-ndjson")
    try:
        for _ in range(60):
            sent = head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}\n{}"
            raw(server, sent, half=True)
        assert talks(server)
    finally:
        printed = server.stop()
    assert "Traceback" not in printed, printed
