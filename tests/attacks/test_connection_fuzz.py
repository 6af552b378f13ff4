"""Bytes on a connection, made from a grammar of HTTP/1.1 that is broken on purpose, and from noise.

Every request carries an id, which its answer repeats. A request that lies *inside* the body of
another carries one too: were it ever answered, the server and a proxy before it would disagree on
where a request ends (request smuggling). A finding is also an answer out of order, a status of 500,
a traceback, a hang, and memory that grows.
"""

from __future__ import annotations

import contextlib
import gzip
import random
import re
import socket
import time
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attacks.serving import GROWTH, ROW, STALL, Target, seconds
from tests.verbs.serve.raw import body_of

pytestmark = pytest.mark.long

ANSWERED = re.compile(rb"HTTP/1\.1 (\d{3}) ")
IDS = re.compile(rb"(?i)\r\nx-request-id: ([^\r]*)\r\n")
READ_TIMEOUT = 1

INNER = b"GET /models HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: inner\r\n\r\n"
BOMB = gzip.compress(b" " * 30_000_000, 9)
ROWS = body_of(ROW)

bodies = st.sampled_from([
    ROWS, ROWS + INNER, INNER, b"", b"{}", b"0\r\n\r\n" + INNER, INNER * 3, b"\r\n" + INNER,
    gzip.compress(ROWS), gzip.compress(INNER), gzip.compress(ROWS)[:-4], zlib.compress(ROWS), BOMB,
    b"\x1f\x8b\x08\x00" + INNER,
])  # fmt: skip
names = st.sampled_from(
    [b"Content-Length", b"content-length", b"Content-Length ", b" Content-Length",
     b"Content-Length\t", b"Content-Length\x00", b"\x0bContent-Length"]
)  # fmt: skip
lengths = st.sampled_from(
    [b"%d", b"%d", b"%d", b"0%d", b"+%d", b"-%d", b"%d, %d", b"0x%x", b"%d ", b"\t%d", b"%d\x00",
     b"%d;", b"%d\x0b", b" %d\r\n ", b"18446744073709551616%d", b"%d.0", b"1e%d"]
)  # fmt: skip
codings = st.sampled_from(
    [b"chunked", b"Chunked", b"CHUNKED ", b"xchunked", b"chunked, identity", b"identity, chunked",
     b"chunked, chunked", b"gzip, chunked", b"\x0bchunked", b"chunked\x00", b"\r\n chunked", b"",
     b"chunked;q=1", b'"chunked"', b"identity", b"cow", b",chunked", b"chunked,"]
)  # fmt: skip
others = st.sampled_from([
    b"", b"X-A: b\r\n", b"X-A: b\r\n c\r\n", b"X-A : b\r\n", b": b\r\n", b"X-A\r\n",
    b"X-\xff: \xfe\r\n",
    b"X-A: \x00\r\n", b"X-A: a\rb\r\n", b"X-A: a\nContent-Length: 0\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"Connection: Content-Length\r\n",
    b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n", b"Content-Encoding: br\r\n",
    b"Host: evil.example\r\n", b"Trailer: X-A\r\n", b"TE: trailers\r\n",
    b"X: " + b"a" * 9_000 + b"\r\n",
    b"Cookie: " + b"a=b; " * 500 + b"\r\n", b"X-Forwarded-For: ::1\r\n",
    b"X-HTTP-Method-Override: PUT\r\n", b"Content_Length: 9\r\n", b"X-Content-Length: 9\r\n",
    b"Transfer_Encoding: chunked\r\n",
])  # fmt: skip
starts = st.sampled_from([
    b"POST /predict HTTP/1.1\r\n", b"POST /predict HTTP/1.1\r\n", b"POST /invocations HTTP/1.1\r\n",
    b"GET /models HTTP/1.1\r\n", b"HEAD /models HTTP/1.1\r\n", b"POST /predict HTTP/1.0\r\n",
    b"POST http://localhost/predict HTTP/1.1\r\n", b"POST /predict HTTP/1.1\n",
    b"\r\nPOST /predict HTTP/1.1\r\n", b"POST  /predict  HTTP/1.1\r\n",
    b"POST /predict HTTP/2.0\r\n",
    b"POST /predict\r\n", b"POST /pre dict HTTP/1.1\r\n", b"GET /%00 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n", b"OPTIONS /predict HTTP/1.1\r\n", b"post /predict HTTP/1.1\r\n",
    b"POST /stream HTTP/1.1\r\n", b"GET /../../etc HTTP/1.1\r\n",
    b"POST /predict?\xff HTTP/1.1\r\n",
])  # fmt: skip
sizes = st.sampled_from(
    [b"%x", b"%x", b"%X", b"000%x", b"%x;a=b", b"%x ", b" %x", b"0x%x", b"-%x", b"+%x", b"%x\n",
     b"%x;" + b"a" * 300, b"ffffffffffffffff%x", b"%x\x00", b"%x\t;x", b"_%x"]
)  # fmt: skip
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"", b"\r\n\r\n"])


@st.composite
def requests(draw: st.DrawFn, number: int) -> bytes:
    """One request; what its framing says and what it holds may differ."""
    body, framing = draw(bodies), draw(st.sampled_from(["length", "chunks", "both", "none", "two"]))
    head = [b"Host: localhost\r\n", b"Content-Type: application/json\r\n",
            b"X-Request-Id: outer-%d\r\n" % number, draw(others)]  # fmt: skip
    if framing in ("length", "both", "two"):
        name = draw(names) if framing == "length" else b"Content-Length"
        head.append(name + b": " + _counted(draw(lengths), len(body)) + b"\r\n")
    if framing == "two":
        head.append(b"Content-Length: %d\r\n" % draw(st.sampled_from([0, 1, len(body)])))
    if framing in ("chunks", "both"):
        head.append(b"Transfer-Encoding: " + draw(codings) + b"\r\n")
        body = _chunked(draw, body)
    elif framing == "none":
        body = b""
    head = draw(st.permutations(head))
    return draw(starts) + b"".join(head) + draw(ends) + body


def _counted(form: bytes, count: int) -> bytes:
    return form.replace(b"%d", b"%d" % count).replace(b"%x", b"%x" % count)


def _chunked(draw: st.DrawFn, body: bytes) -> bytes:
    cut = draw(st.integers(0, len(body)))
    chunks = [part for part in (body[:cut], body[cut:]) if part]
    made = [_counted(draw(sizes), len(part)) + draw(ends) + part + draw(ends) for part in chunks]
    trailer = draw(st.sampled_from([b"", b"X-A: b\r\n", b"Content-Length: 5\r\n", b"X-A\r\n"]))
    return b"".join(made) + b"0\r\n" + trailer + draw(ends)


@contextlib.contextmanager
def going() -> Iterator[None]:
    """Take it as an end when the server has closed, but not when it says nothing."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError:
        return


def exchange(target: Target, sent: bytes, chance: random.Random) -> bytes:
    """Send bytes in pieces of any size and say that no more come; all that comes back."""
    got = b""
    with socket.create_connection(("127.0.0.1", target.port), STALL) as client:
        client.settimeout(STALL)
        with going():
            while sent:
                count = chance.choice([1, 7, 100, 1_000, 1 << 20])
                client.sendall(sent[:count])
                sent = sent[count:]
                if len(sent) > 5_000:
                    client.sendall(sent)
                    sent = b""
            client.shutdown(socket.SHUT_WR)
        with going():
            while data := client.recv(1 << 16):
                got += data
    return got


def check(target: Target, sent: bytes, chance: random.Random) -> None:
    with target.timed() as spent:
        try:
            got = exchange(target, sent, chance)
        except TimeoutError:
            raise AssertionError(f"no end: {sent!r}") from None
    assert not spent.is_slow, f"{spent}: {sent!r}"
    statuses = [int(status) for status in ANSWERED.findall(got)]
    assert not {500, 502} & set(statuses), (statuses, sent)
    ids = IDS.findall(got)
    assert b"inner" not in ids, f"a request inside another was answered: {sent!r}"
    outer = [int(id.partition(b"-")[2]) for id in ids if id.startswith(b"outer-")]
    assert outer == sorted(outer) and len(set(outer)) == len(outer), (outer, sent)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    limits = {"read_timeout": READ_TIMEOUT, "max_body": 1}
    server = Target(tmp_path_factory.mktemp("fuzz"), limits=limits)
    yield server
    server.stop()


def fuzz(target: Target, strategy: st.SearchStrategy[bytes]) -> None:
    """Send examples until the time is up; then the server must be as it was."""
    for _ in range(50):
        target.post("/predict", ROW)
    before, end, tried = target.memory(), time.monotonic() + seconds() / 2, 0
    found: list[str] = []

    @settings(
        max_examples=1_000_000, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy, st.integers(0, 2**32))
    def attack(sent: bytes, seed: int) -> None:
        nonlocal tried
        if time.monotonic() >= end:
            raise TimeIsUp
        tried += 1
        try:
            check(target, sent, random.Random(seed))
        except AssertionError as error:  # kept: the time may be up before Hypothesis shows it
            found.append(str(error))
            raise

    with contextlib.suppress(TimeIsUp):
        attack()
    print(f"{tried} examples, {len(found)} findings")
    assert not found, min(found, key=len)
    assert target.faults() == []
    assert tried > 20
    assert target.memory() <= max(before * GROWTH, before + (64 << 20)), "memory grew"


class TimeIsUp(BaseException):
    """Ends a test of Hypothesis without a finding."""


def test_a_grammar_of_requests(fuzzed: Target) -> None:
    pipelined = st.integers(1, 4).flatmap(
        lambda count: st.tuples(*[requests(number) for number in range(count)]).map(b"".join)
    )
    fuzz(fuzzed, pipelined)


def test_noise(fuzzed: Target) -> None:
    pieces = st.one_of(
        st.binary(max_size=200), starts, others, bodies, ends,
        st.sampled_from([INNER.replace(b"inner", b"noise"), b"Host: localhost\r\n",
                         b"Transfer-Encoding: chunked\r\n\r\n", b"Content-Length: 5\r\n\r\n"]),
    )  # fmt: skip
    fuzz(fuzzed, st.lists(pieces, max_size=12).map(b"".join).filter(lambda s: b"inner" not in s))
