"""Rows per second through `POST /stream` against `POST /predict` of many rows, and memory.

One connection to one process, the same rows; the stream is one request from the first row to the
last. Memory is what the server holds at most, against what it held before.

    pip install .
    python benchmarks/serve_stream.py out/diamonds.mulle diamonds.csv [--rows 1000000]

Caveats: the client shares the machine. Memory is read from /proc, so on Linux only.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from common import header

import mulle

BLOCK = 1_000  # rows of one part, and of one request


class Streamed(NamedTuple):
    """What one stream took."""

    seconds: float
    answers: int
    megabytes: float  # at most, while it ran


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    names = mulle.load(options.bundle).manifest.schema.names
    table = mulle.read(options.table).frame.select(names)
    frame = table.sample(20 * BLOCK, with_replacement=True, seed=0)
    blocks = [json.loads(part.write_json()) for part in frame.iter_slices(BLOCK)]
    header(__doc__)
    server, port = started(options.bundle)
    try:
        posted(port, blocks[:2])
        by_request = 20 * BLOCK / posted(port, blocks)
        before = memory(server.pid)
        run = streamed(server.pid, port, blocks, options.rows)
        by_stream = options.rows / run.seconds
        print(f"POST /predict, {BLOCK:,} rows each   {by_request:>10,.0f} rows/s")
        print(f"POST /stream, {options.rows:,} rows {by_stream:>10,.0f} rows/s")
        print(f"ratio stream / predict      {by_stream / by_request:>10.2f}")
        print(f"answers                     {run.answers:>10,}")
        print(f"memory before, at most      {before:.0f} MB, {run.megabytes:.0f} MB")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


def started(bundle: Path) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mulle", "serve", str(bundle), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def posted(port: int, blocks: list[list[dict[str, object]]]) -> float:
    """Seconds for all blocks, one after the other on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    bodies = [json.dumps(block) for block in blocks]
    begun = time.perf_counter()
    for body in bodies:
        connection.request("POST", "/predict", body, {"content-type": "application/json"})
        connection.getresponse().read()
    return time.perf_counter() - begun


def streamed(pid: int, port: int, blocks: list[list[dict[str, object]]], rows: int) -> Streamed:
    parts = ["".join(json.dumps(row) + "\n" for row in block).encode() for block in blocks]
    talk = socket.create_connection(("127.0.0.1", port), timeout=60)
    begun = time.perf_counter()
    threading.Thread(target=send, args=(talk, parts, rows // BLOCK)).start()
    answers, tail, most = 0, b"", 0.0
    while not tail.endswith(b"\r\n0\r\n\r\n"):
        data = talk.recv(1 << 18)
        answers, tail = answers + data.count(b"\n{"), (tail + data)[-10:]
        most = max(most, memory(pid))
    return Streamed(time.perf_counter() - begun, answers, most)


def send(talk: socket.socket, parts: list[bytes], count: int) -> None:
    talk.sendall(b"POST /stream HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
    for number in range(count):
        part = parts[number % len(parts)]
        talk.sendall(b"%x\r\n%b\r\n" % (len(part), part))
    talk.sendall(b"0\r\n\r\n")


def memory(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    main()
