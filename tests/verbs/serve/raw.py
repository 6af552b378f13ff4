"""Bytes to a server and back, without a client that would mend them."""

import contextlib
import json
import re
import socket

from tests.verbs.serve.conftest import ROW


def body_of(row):
    """A row as JSON in UTF-8."""
    return json.dumps(row, ensure_ascii=False).encode()


def raw(server, sent, *, wait=0.25, half=False):
    """Send bytes, and all that comes back until the server closes or says nothing more."""
    got = b""
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.settimeout(wait)
        with contextlib.suppress(OSError):  # it has ended; what it said may still be there
            client.sendall(sent)
        with contextlib.suppress(OSError):
            if half:
                client.shutdown(socket.SHUT_WR)
            while data := client.recv(65_536):
                got += data
    return got


def statuses(got):
    """Of all answers in what came back."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]


def talks(server):
    """Whether an honest client is answered."""
    return server.post("/predict", ROW).status == 200
