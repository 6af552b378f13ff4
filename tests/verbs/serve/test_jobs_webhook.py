"""Who waits for a job is told of its end, and the server is not sent where it must not go."""

import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time

import pytest
from tests.verbs.serve.conftest import ROW

from mulle.verbs.serve.jobs import webhooks
from mulle.verbs.serve.jobs.addresses import is_public, target_of
from mulle.verbs.serve.jobs.webhooks import NotDelivered, call, may_be_called


class Receiver:
    """An HTTP server that notes what it is sent, and answers as it is told."""

    def __init__(self, answers=()):
        self.got, self.answers = [], list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((dict(self.headers), body))
                status = outer.answers.pop(0) if outer.answers else 200
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("location", f"{outer.url}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count, seconds=60):
        end = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.got) == count
        return [(headers, json.loads(body)) for headers, body in self.got]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()


def state(server, job, wanted, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = server.get(f"/jobs/{job['id']}").json()["webhook"]
        if said["state"] == wanted:
            return said
        time.sleep(0.05)
    raise AssertionError(said)


def test_the_end_is_told_and_signed(start, bundle, tmp_path, receiver, monkeypatch):
    monkeypatch.setenv("MULLE_WEBHOOK_SECRET", "key")
    server = start(bundle, server={"state_dir": tmp_path}, jobs={"allow_private_webhooks": True})
    job = server.post("/jobs", {"rows": [ROW], "webhook": receiver.url}).json()
    ((headers, said),) = receiver.wait(1)
    assert (said["id"], said["status"], said["rows"]) == (
        job["id"], "done", {"done": 1, "total": 1}
    )  # fmt: skip
    assert server.get(said["links"]["result"]).status == 200
    moment, _, signature = headers["X-Mulle-Signature"].removeprefix("t=").partition(",v1=")
    signed = f"{moment}.".encode() + receiver.got[0][1]
    assert signature == hmac.new(b"key", signed, hashlib.sha256).hexdigest()
    assert headers["Idempotency-Key"] == job["id"]
    assert state(server, job, "delivered")["tries"] == 1
    bad = server.post("/jobs", {"rows": [{"a": 1}], "webhook": receiver.url}).json()
    said = receiver.wait(2)[1][1]
    assert (said["id"], said["status"], said["error"]) == (
        bad["id"], "failed", {"code": "column-missing"}
    )  # fmt: skip


def test_it_is_tried_again_also_after_a_restart(start, bundle, tmp_path):
    receiver = Receiver([500, 302])
    server = start(bundle, server={"state_dir": tmp_path}, jobs={"allow_private_webhooks": True})
    job = server.post("/jobs", {"rows": [ROW], "webhook": receiver.url}).json()
    receiver.wait(1)
    server.stop()
    server = start(bundle, server={"state_dir": tmp_path}, jobs={"allow_private_webhooks": True})
    told = receiver.wait(3)
    assert {said["id"] for _, said in told} == {job["id"]}
    assert state(server, job, "delivered")["tries"] == 3


PRIVATE = [
    "http://127.0.0.1/", "http://localhost:1/", "http://[::1]/", "http://10.1.2.3/",
    "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/",
    "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://100.64.0.1/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/",
    "http://224.0.0.1/", "http://192.0.0.170/", "http://[fc00::1]/", "http://198.18.0.1/",
]  # fmt: skip
WRONG = [
    "file:///etc/passwd", "ftp://example.org", "gopher://example.org", "http://", "//example.org",
    "example.org", "http://user:word@8.8.8.8/", "http://8.8.8.8:99999/", "http://8.8.8.8/\r\nx: y",
    "http://8.8.8.8/ x", "http://예제.kr/", "http://[::1", "javascript:1",
    "http://8.8.8.8/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_addresses_of_the_own_network_are_not_called(url):
    assert not may_be_called(url, private=False)
    with pytest.raises(NotDelivered):
        call(url, b"{}", "id")


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address(url):
    assert target_of(url) is None
    assert not may_be_called(url, private=True)
    with pytest.raises(NotDelivered):
        call(url, b"{}", "id", private=True)


def test_public_addresses_may_be_called():
    assert all(map(is_public, ["8.8.8.8", "2001:4860:4860::8888"]))
    assert may_be_called("https://8.8.8.8/x", private=False)


def test_private_addresses_are_refused_when_handed_in(start, bundle, tmp_path, receiver):
    server = start(bundle, server={"state_dir": tmp_path})
    answer = server.post("/jobs", {"rows": [ROW], "webhook": receiver.url})
    assert (answer.status, answer.json()["error"]["code"]) == (422, "job-webhook")
    assert receiver.got == []


def test_a_name_that_changes_its_meaning(receiver, monkeypatch):
    """The address that was looked at is the one that is called, also when the name moves."""
    port = int(receiver.url.rpartition(":")[2])
    asked = []

    def moving(host, wanted):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    monkeypatch.setattr(webhooks, "addresses_of", moving)
    call(f"http://name.example:{port}/", b"{}", "id", private=True)
    assert receiver.got[0][0]["Host"] == f"name.example:{port}"
    assert asked == ["name.example"]
    monkeypatch.setattr(webhooks, "addresses_of", lambda *_: ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(NotDelivered, match="open internet"):
        call(f"http://name.example:{port}/", b"{}", "id")


def test_a_redirect_is_not_followed():
    receiver = Receiver([302])
    with pytest.raises(NotDelivered, match="302"):
        call(receiver.url, b"{}", "id", private=True)
    assert len(receiver.got) == 1


def test_a_slow_receiver_holds_nobody(monkeypatch):
    import socket

    monkeypatch.setattr(webhooks, "TIMEOUT", 0.6)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _ = listening.accept()
        try:
            for letter in b"HTTP/1.1 200 OK\r\n" * 100:
                connection.send(bytes([letter]))
                time.sleep(0.1)
        except OSError:
            pass

    threading.Thread(target=drip, daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(NotDelivered):
        call(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", "id", private=True)
    assert time.monotonic() - begun < 5


def test_a_certificate_that_is_not_trusted(receiver, monkeypatch):
    """TLS is spoken with the name that was given, and checked against it."""
    named = []

    class Context:
        def wrap_socket(self, plain, server_hostname):
            named.append(server_hostname)
            raise ssl.SSLCertVerificationError("self-signed")

    monkeypatch.setattr(ssl, "create_default_context", Context)
    monkeypatch.setattr(webhooks, "addresses_of", lambda *_: ["127.0.0.1"])
    port = receiver.url.rpartition(":")[2]
    with pytest.raises(NotDelivered):
        call(f"https://name.example:{port}/", b"{}", "id", private=True)
    assert named == ["name.example"]
