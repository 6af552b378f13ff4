"""Bytes that no honest client sends: each is answered by HTTP or by silence, and others go on."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.raw import body_of, raw, statuses, talks

H = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
B = body_of(ROW)
L = b"Content-Length: %d\r\n" % len(B)
TE = b"Transfer-Encoding: chunked\r\n"
GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def server(bundle):
    shared = Server(bundle, limits={"read_timeout": 1})
    yield shared
    out = shared.stop()
    assert "Traceback" not in out, out


# what is sent -> the statuses that may be answered, in order; None: nothing at all
ATTACKS = {
    "two lengths": (H + L + b"Content-Length: 5\r\n\r\n" + B, [400]),
    "the same length twice": (H + L + L + b"\r\n" + B, [400]),
    "a list of lengths": (H + b"Content-Length: 5, 5\r\n\r\n" + B, [400]),
    "a signed length": (H + b"Content-Length: +5\r\n\r\n" + B, [400]),
    "a negative length": (H + b"Content-Length: -5\r\n\r\n" + B, [400]),
    "a length beyond 64 bits": (H + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", [400]),
    "a length beyond the limit": (H + b"Content-Length: 999999999999\r\n\r\n", [413]),
    "two keys": (H + L + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n" + B, [400]),
    "a key twice": (H + L + b"X-API-Key: a\r\nX-Api-Key: a\r\n\r\n" + B, [400]),
    "length and chunks": (H + L + TE + b"\r\n0\r\n\r\nGET /models HTTP/1.1\r\n\r\n", [400]),
    "chunks and length": (H + TE + L + b"\r\n0\r\n\r\n", [400]),
    "a blank before the colon": (H + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", [400]),
    "an unknown coding": (H + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", [400]),
    "chunks within": (H + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", [400]),
    "a folded header": (H + L + b"X-A: b\r\n c: d\r\n\r\n" + B, [400]),
    "NUL in a header": (H + L + b"X-A: a\0b\r\n\r\n" + B, [400]),
    "NUL in a header's name": (H + L + b"X\0A: b\r\n\r\n" + B, [400]),
    "a bare CR": (H + L + b"X-A: a\rb\r\n\r\n" + B, [400]),
    "bare LFs": ((H + L + b"\r\n").replace(b"\r\n", b"\n") + B, [400]),
    "a chunk of no size": (H + TE + b"\r\nzz\r\n", [400]),
    "a chunk beyond 64 bits": (H + TE + b"\r\nfffffffffffffffff\r\n", [400]),
    "a negative chunk": (H + TE + b"\r\n-1\r\nx\r\n", [400]),
    "an endless chunk extension": (H + TE + b"\r\n5;" + b"a" * 2_000_000, [400]),
    "endless trailers": (H + TE + b"\r\n0\r\n" + b"X-A: b\r\n" * 90_000, [431]),
    "an endless trailer": (H + TE + b"\r\n0\r\nX-A: " + b"b" * 2_000_000, [400]),
    "a target of another scheme": (b"GET ftp://x/ HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    "CONNECT": (b"CONNECT x:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    "a long URL": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", [414]),
    "an endless URL": (b"GET /" + b"a" * 2_000_000, [431]),
    "a long header": (b"GET /health HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", [431]),
    "an endless header": (b"GET /health HTTP/1.1\r\nX: " + b"a" * 2_000_000, [431]),
    "many headers": (GET + b"A: b\r\n" * 200 + b"\r\n", [431]),
    "endless headers": (GET + b"A: b\r\n" * 90_000, [431]),
    "up the folders, in percents": (
        GET.replace(b"/health", b"/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd") + b"\r\n", [404]),
    "up the folders": (GET.replace(b"/health", b"/../../etc/passwd") + b"\r\n", [404]),
    "a path that is no UTF-8": (GET.replace(b"/health", b"/models/%ff%fe") + b"\r\n", [404]),
    "raw bytes in a path": (GET.replace(b"/health", b"/models/\xff\xfe") + b"\r\n", [400]),
    "NUL in a path": (GET.replace(b"/health", b"/models/%00") + b"\r\n", [404]),
    "a line break in a path": (GET.replace(b"/health", b"/models/%0d%0aX:y") + b"\r\n", [404]),
    "percents that are none": (GET.replace(b"/health", b"/models/%zz%u12") + b"\r\n", [404]),
    "a surrogate in a path": (GET.replace(b"/health", b"/models/%ed%a0%80") + b"\r\n", [404]),
    "an odd query": (GET.replace(b"/health", b"/models?%ff=%zz&&==&why=%00") + b"\r\n", [200]),
    "a method of 10,000 letters": (b"A" * 10_000 + b" / HTTP/1.1\r\n\r\n", [400]),
    "an unusual method": (b"PROPFIND /models HTTP/1.1\r\nHost: localhost\r\n\r\n", [405]),
    "TRACE": (b"TRACE /models HTTP/1.1\r\nHost: localhost\r\n\r\n", [405]),
    "HTTP/0.9": (b"GET /health\r\n", []),
    "HTTP/1.9": (b"GET /health HTTP/1.9\r\nHost: localhost\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), [400]),
    "rubbish": (b"\0\xff" * 1_000, [400]),
    "line breaks": (b"\r\n" * 10_000, []),
    "more after the end": (GET + b"Connection: close\r\n\r\n" + GET + b"\r\n", [200]),
    "good ones, then rubbish": ((GET + b"\r\n") * 3 + b"RUBBISH\r\n\r\n", [200, 200, 200]),
    "rubbish behind a body": (H + L + b"\r\n" + B + b"xxxx", [200]),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(server, name):
    sent, expected = ATTACKS[name]
    assert statuses(raw(server, sent)) == expected
    assert talks(server)


HONEST = {
    "chunks": (H + TE + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(B), B), [200]),
    "trailers": (H + TE + b"\r\n%x\r\n%b\r\n0\r\nX-API-Key: k\r\n\r\n" % (len(B), B), [200]),
    "the whole address": (H.replace(b"/predict", b"http://x/predict") + L + b"\r\n" + B, [200]),
    "HTTP/1.0": (H.replace(b"1.1", b"1.0") + L + b"\r\n" + B, [200]),
    "two at once": ((H + L + b"\r\n" + B) * 2, [200, 200]),
    "h2c, as Java asks": (H + L + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + B, [200]),
    "a websocket that is none": (
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", [200]),
    "100-continue": (H + L + b"Expect: 100-continue\r\n\r\n" + B, [100, 200]),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_honest(server, name):
    sent, expected = HONEST[name]
    assert statuses(raw(server, sent)) in (expected, expected[1:])  # 100 only if the body is late


def test_half_closed(server):
    assert statuses(raw(server, H + L + b"\r\n" + B, half=True)) == [200]
    assert raw(server, H + L + b"\r\n" + B[:5], half=True) == b""
    assert raw(server, b"", half=True) == b""


SLOW = {
    "nothing": ([b""], []),
    "half a head": ([GET], [408]),
    "a head in drips": ([b"GET /health HTTP/1.1\r\n"] + [b"A: b\r\n"] * 40, [408]),
    "line breaks in drips": ([b"\r\n"] * 40, []),
    "half a body": ([H + L + b"\r\n" + B[:9]], [408]),
    "a body in drips": ([H + b"Content-Length: 5000\r\n\r\n"] + [b" "] * 40, [408]),
    "chunks in drips": ([H + TE + b"\r\n"] + [b"1\r\n \r\n"] * 40, [408]),
}


def drip(server, parts):
    """Send part after part, each a tenth of a second after the other; what came back, and when."""
    begun, got, parts = time.monotonic(), b"", list(parts)
    with socket.create_connection(("127.0.0.1", server.port), 6) as client:
        client.setblocking(False)
        while time.monotonic() < begun + 6:
            try:
                if parts:
                    client.sendall(parts.pop(0))
                if not (data := client.recv(65_536)):
                    break
                got += data
            except BlockingIOError:
                time.sleep(0.1)
            except OSError:
                break
    return got, time.monotonic() - begun


def test_slow(server):
    with ThreadPoolExecutor(len(SLOW)) as pool:
        ended = pool.map(lambda name: drip(server, SLOW[name][0]), SLOW)
        for (name, (_, expected)), (got, seconds) in zip(SLOW.items(), ended, strict=True):
            assert statuses(got) == expected, name
            assert seconds < 5, name
    assert talks(server)


def test_many_slow_ones_leave_room_for_others(server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for client in slow:
        client.sendall(b"GET /health HTTP/1.1\r\nX: ")
    assert talks(server)
    for client in slow:
        client.close()


def test_places(start, bundle):
    server = start(bundle, limits={"max_per_address": 5, "max_connections": 8})
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    for client in held:
        client.sendall(b"G")
    time.sleep(0.1)
    refused = raw(server, GET + b"\r\n")
    assert statuses(refused) == [503]
    assert b"retry-after: 1" in refused
    for client in held:
        client.close()
    time.sleep(0.1)
    assert talks(server)


@settings(max_examples=int(os.environ.get("MULLE_FUZZ", "300")), deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(data=st.data())
def test_any_bytes(server, data):
    honest = data.draw(st.sampled_from([H + L + b"\r\n" + B, GET + b"\r\n", HONEST["chunks"][0]]))
    at = data.draw(st.integers(0, len(honest)))
    until = data.draw(st.integers(at, len(honest)))
    sent = honest[:at] + data.draw(st.binary(max_size=40)) + honest[until:]
    answers = statuses(raw(server, sent, wait=0.02))
    assert all(status < 500 for status in answers)
    if data.draw(st.integers(0, 20)) == 0:
        assert talks(server)
