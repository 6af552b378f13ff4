"""What happens to the server: load and its end, a killed worker, no descriptors, no memory."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from tests.verbs.serve.conftest import ROW
from tests.verbs.serve.raw import raw, statuses, talks
from tests.verbs.serve.test_monitor import until

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
BODY = json.dumps(ROW).encode()


class Load:
    """Clients that ask over and over on connections that they keep; what went wrong."""

    def __init__(self, server, clients=8):
        self.port, self.answered, self.failed = server.port, 0, []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        while not self.stopped.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.connect()
            except OSError:
                return  # nobody listens any more: this one was not accepted
            with contextlib.closing(connection):
                while not self.stopped.is_set():
                    try:
                        connection.request("POST", "/predict", BODY)
                        answer = connection.getresponse()
                        answer.read()
                    except (OSError, http.client.HTTPException) as error:
                        self.failed.append(repr(error))
                        break
                    if answer.status != 200:
                        self.failed.append(answer.status)
                    self.answered += 1
                    if answer.headers["connection"] == "close":
                        break

    def end(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


@posix
@pytest.mark.parametrize("workers", [1, 2])
def test_it_ends_gracefully_under_load(start, bundle, workers):
    server = start(bundle, "--workers", workers)
    load = Load(server)
    until(lambda: load.answered > 50)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(15)
    load.end()
    # a connection that the system had taken up, but the server never saw, is cut when it ends
    assert [f for f in load.failed if "reset" not in str(f)] == []
    assert len(load.failed) <= 8


@posix
def test_a_request_that_has_begun_is_answered_after_sigterm(start, bundle):
    server = start(bundle)
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    with socket.create_connection(("127.0.0.1", server.port), 10) as late:
        late.sendall(head + BODY[:9])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.6)
        late.sendall(BODY[9:])
        got = b"".join(iter(lambda: late.recv(65_536), b""))
    assert statuses(got) == [200]
    assert b"connection: close" in got
    server.process.wait(10)


@pytest.mark.long
@posix
def test_a_killed_worker_is_replaced(start, bundle):
    server = start(bundle, "--workers", 2)
    children = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(server.process.pid)],
        capture_output=True, encoding="utf-8",
    ).stdout.splitlines()  # fmt: skip
    workers = [int(line.split()[0]) for line in children if "spawn_main" in line]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    end, failed = time.monotonic() + 2, 0
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            failed += server.post("/predict", ROW).status != 200
    assert failed == 0

    def alive():
        now = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(server.process.pid)],
            capture_output=True, encoding="utf-8",
        ).stdout  # fmt: skip
        return [int(line.split()[0]) for line in now.splitlines() if "spawn_main" in line]

    until(lambda: len(now := alive()) == 2 and workers[0] not in now)
    assert talks(server)


@posix
def test_no_descriptors_left(start, bundle):
    import resource

    server = start(bundle)
    held = len(os.listdir(f"/proc/{server.process.pid}/fd")) if sys.platform == "linux" else 64
    if not hasattr(resource, "prlimit"):
        pytest.skip("the limit of another process cannot be set here")
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (held + 5, held + 5))
    clients = []
    for _ in range(40):
        with contextlib.suppress(OSError):
            clients.append(socket.create_connection(("127.0.0.1", server.port), 1))
    time.sleep(0.5)
    for client in clients:
        client.close()

    def answers():
        with contextlib.suppress(OSError):
            return talks(server)

    until(answers)


def test_bodies_beyond_the_room_come_again(start, bundle):
    server = start(bundle, limits={"max_body": 2, "max_held": 4})
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n"
    clients = []
    for _ in range(4):
        client = socket.create_connection(("127.0.0.1", server.port), 5)
        client.sendall(head + b" " * 1_500_000)
        clients.append(client)
    time.sleep(0.5)
    client.settimeout(2)
    refused = 0
    for client in clients:
        client.settimeout(0.3)
        with contextlib.suppress(OSError):
            got = client.recv(65_536)
            refused += statuses(got) == [503]
            assert b"retry-after: 1" in got
    assert refused >= 1
    assert talks(server)
    for client in clients:
        client.close()
    time.sleep(0.3)
    body = b"[" + b",".join([BODY] * 10_000) + b"]"
    assert len(body) < 2_000_000
    assert server.post("/predict", body).status == 200  # all of the room was given back


def test_clients_that_go_away_leave_nothing(server):
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head + BODY[:20])
    assert statuses(raw(server, head + BODY)) == [200]
    metrics = server.get("/metrics").body.decode()
    assert "http_requests_in_progress 1.0" in metrics or "http_requests_in_progress 0.0" in metrics
