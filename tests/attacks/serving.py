"""A real server to attack, and what it must never do however it is attacked.

A fuzzer runs for `seconds()`: MULLE_FUZZ_SECONDS, half a minute where that is not set. Whether an
answer is slow is judged by the processor's time that the server spent on it: the clock also counts
what other processes of the machine took.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attacks.conftest import GOLDEN
from tests.verbs.serve.conftest import Server

HANG = 2.0  # seconds of the processor in which any small request is answered
STALL = 120.0  # seconds of the clock without an answer, which no busy machine explains
GROWTH = 1.5  # times the memory after the warm-up that a server may take
WARM_UP = 300  # requests before memory is looked at
TRIES = 3  # for a request that took too long
LARGE = 100_000  # bytes; a request of more may take long
PIECES = [
    b"\x00", b"\xff", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"NaN", b"1e999", b"\\ud800",
    b"\xed\xa0\x80", b"x\x01", b"\x1f\x8b", b"\n", b"\r\n", b'"mileage":1,', b"-", b"9" * 400,
]  # fmt: skip
ROW = {"mileage": 12_000, "city": "a", "first day": "2020-01-01", 'a "memo" 메모': "x"}


def seconds() -> float:
    """How long one fuzzer runs."""
    return float(os.environ.get("MULLE_FUZZ_SECONDS", "30"))


def mutated(body: bytes, chance: random.Random) -> bytes:
    """A body with a few pieces put in, cut out, doubled or moved."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.randint(0, 12))
        piece = chance.choice([*PIECES, bytes(data[at:end]), b""])
        data[at : chance.choice((at, end))] = piece * chance.choice((1, 1, 2, 50))
    return bytes(data)


@dataclass
class Spent:
    """What an answer took: seconds of the clock, and of the server on the processor."""

    wall: float = 0.0
    cpu: float = 0.0

    @property
    def is_slow(self) -> bool:
        """Whether the server was busy too long, or silent for longer than a machine can be."""
        return self.cpu >= HANG or self.wall >= STALL

    def __str__(self) -> str:
        return f"{self.wall:.1f} s, {self.cpu:.1f} s on the processor"


class Target(Server):
    """A server process of the golden classifier, whose output goes to a file."""

    timeout = STALL

    def __init__(self, folder: Path, *arguments: Any, **settings: Any) -> None:
        self._log = folder / "server.log"
        super().__init__(GOLDEN, *arguments, cwd=folder, **settings)

    def _output(self) -> Any:
        return self._log.open("w", encoding="utf-8")

    def printed(self) -> str:
        """All that the process has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """Bytes of memory that the process holds; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0

    def processor(self) -> float:
        """Seconds that the process has spent on the processor; the clock's where none tells."""
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return time.monotonic()
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def timed(self) -> Iterator[Spent]:
        """Measure what the server takes for what is asked inside."""
        spent, begun, before = Spent(), time.monotonic(), self.processor()
        try:
            yield spent
        finally:
            spent.wall, spent.cpu = time.monotonic() - begun, self.processor() - before

    def faults(self) -> list[str]:
        """What is wrong: the process ended, logged a traceback, or fails an honest row."""
        wrong = []
        if self.process.poll() is not None:
            return [f"the server ended with {self.process.returncode}: {self.printed()[-2000:]}"]
        printed = self.printed()
        if "Traceback" in printed:
            wrong.append(printed[printed.index("Traceback") :][:3000])
        with self.timed() as spent:
            status = self.post("/predict", ROW).status
        if status != 200:
            wrong.append(f"an honest row got {status}")
        if spent.is_slow:
            wrong.append(f"an honest row took {spent}")
        return wrong


class Finder:
    """Collects what the server must not do, whatever it is sent."""

    def __init__(self, target: Target) -> None:
        self.target, self.sent, self.before = target, 0, 0
        self.found: list[str] = []

    def note(self, about: str, size: int, ask: Callable[[], str]) -> None:
        """Ask once, and note a fault or a slow answer.

        Args:
            about: what is asked.
            size: its bytes.
            ask: sends it; returns the fault that the answer shows, "" for none.
        """
        for _ in range(
            TRIES
        ):  # others may be answered meanwhile; what hangs by its body hangs again
            with self.target.timed() as spent:
                fault = ask()
            if not spent.is_slow:
                break
        if fault:
            self.found.append(f"{fault}: {about}")
        if spent.is_slow and size < LARGE:
            self.found.append(f"{spent}: {about}")
        self.sent += 1
        if self.sent == WARM_UP:
            self.before = self.target.memory()

    def check(self) -> None:
        """Fail for what was found, a traceback in the log, or memory that has grown."""
        print(f"{self.sent} requests, {len(self.found)} findings")
        assert self.found == [], self.found
        assert self.target.faults() == []
        if self.before:
            assert self.target.memory() < GROWTH * self.before


@contextmanager
def watched(target: Target) -> Iterator[list[float]]:
    """Ask `/health` all the while; the seconds that each answer took."""
    took: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            begun = time.monotonic()
            target.get("/health")
            took.append(time.monotonic() - begun)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield took
    finally:
        over.set()
        watcher.join()
