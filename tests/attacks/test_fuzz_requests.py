"""Requests made by chance: from the schema of each protocol, and mutations of sound bodies.

A finding is a status of 500, a small body that takes long, memory that grows, or a traceback.
`MULLE_FUZZ_SECONDS=3600 pytest -m long tests/attacks/test_fuzz_requests.py` looks for an hour.
"""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.attacks.serving import ROW, Finder, Target, mutated, seconds, watched
from tests.attacks.test_gate import BODIES, RESOURCES, WRITERS

from mulle.verbs.serve.http.operation import CSV, JSON, NDJSON

STORM = 5_000  # hostile requests
CLIENTS = 6  # that send good ones meanwhile
KEYS = [
    *ROW, "rows", "inputs", "outputs", "name", "shape", "datatype", "data", "parameters", "id",
    "binary_data_size", "binary_data_output", "dataframe_split", "dataframe_records", "instances",
    "columns", "index", "params", "proba", "query", "variables", "operationName", "feedback",
    "prediction_id", "request_id", "row", "label", "reward", "model", "version", "format", "path",
    "on_error", "webhook", "policy", "versions", "shares", "",
]  # fmt: skip
TEXTS = [
    "mileage", "city", "FP64", "BYTES", "INT64", "BOOL", "label", "probabilities", "2020-01-01",
    "{ models { name } }", "{ predict(rows: [{mileage: 1}]) { label why { column } } }", "latest",
    "x^2", "NaN", "-0", "1,234", "\ue000", "\x00", "../../etc/passwd", "http://127.0.0.1/", "메모",
]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats(),
    st.text(max_size=20), st.sampled_from(TEXTS),
    st.sampled_from([0, -1, 2**31, 2**53 + 1, 2**63, 2**64, 1e308, 5e-324, 10_000_000]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), inner, max_size=8),
    ),
    max_leaves=40,
)
tensors = st.fixed_dictionaries(
    {"name": st.one_of(st.sampled_from([*ROW]), st.text(max_size=5)),
     "datatype": st.sampled_from(["FP64", "FP32", "FP16", "INT64", "UINT64", "BOOL", "BYTES", "?"]),
     "shape": st.lists(st.integers(-1, 2**63), max_size=4)},
    optional={"data": st.lists(values, max_size=5), "parameters": values},
)  # fmt: skip
rows = st.dictionaries(st.sampled_from([*ROW, "other"]), values, max_size=6)
BY_SCHEMA: dict[str, Any] = {
    "rows": st.one_of(rows, st.lists(rows, max_size=5), st.fixed_dictionaries({"rows": values})),
    "infer-request": st.fixed_dictionaries(
        {"inputs": st.lists(tensors, max_size=5)},
        optional={"outputs": values, "parameters": values, "id": values},
    ),
    "invocation": st.dictionaries(
        st.sampled_from(["dataframe_split", "dataframe_records", "instances", "inputs", "params"]),
        st.one_of(values, rows, st.lists(rows, max_size=4)), max_size=2,
    ),
    "graphql": st.fixed_dictionaries(
        {"query": st.sampled_from(TEXTS)}, optional={"variables": values, "operationName": values}
    ),
    "feedback": st.lists(st.dictionaries(st.sampled_from(KEYS[-16:]), values, max_size=5)),
    "job-request": st.dictionaries(st.sampled_from(KEYS), values, max_size=4),
    "policy": st.dictionaries(st.sampled_from(KEYS), values, max_size=5),
    "lines": rows,
}  # fmt: skip


def encoded(value: Any, media: str) -> bytes:
    """A value as the body of a request."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return body + b"\n" if media == NDJSON else body


def hostile(chance: random.Random) -> tuple[str, str, str, bytes]:
    """One hostile request: method, path, media type and body."""
    method, path, media, schema = chance.choice(RESOURCES)
    write = WRITERS[schema]
    sound = encoded(write([ROW] * chance.choice((1, 2, 40))) if write else {}, media)
    kind = chance.random()
    if kind < 0.05:
        return method, path, media, chance.choice([*BODIES.values()])[0]()
    if kind < 0.1:
        media = chance.choice([CSV, "text/plain", "application/octet-stream", "", JSON])
    if kind < 0.15:
        path += chance.choice(("?why", "?why=1&lang=ko", "?fresh", "?lang=\xff", "?query=%7B", "/"))
    if kind < 0.2:
        sound = (",".join(map(str, ROW)) + "\n" + ",".join(map(str, ROW.values()))).encode()
        media = CSV
    return method, quote(path, safe="/?=&%"), media, mutated(sound, chance)


class Requests(Finder):
    """Sends requests of HTTP and collects what the server must not do."""

    def send(self, method: str, path: str, media: str, body: bytes) -> None:
        """Send one request; note a fault of the server."""

        def ask() -> str:
            answer = self.target.ask(method, path, body, content_type=media)
            failed = answer.status == 500 or b'"server-fault"' in answer.body
            return "500" if failed else ""

        self.note(f"{method} {path} {media} {body[:300]!r}", len(body), ask)


@pytest.mark.long
def test_bodies_of_every_schema(target: Target) -> None:
    finder, end = Requests(target), time.monotonic() + seconds() / 2

    @settings(
        max_examples=20, derandomize=False, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(st.data())
    def send(data: st.DataObject) -> None:
        for method, path, media, schema in RESOURCES:
            value = data.draw(st.one_of(BY_SCHEMA[schema], BY_SCHEMA[schema], values))
            finder.send(method, path, media, encoded(value, media))

    while time.monotonic() < end:
        send()
    assert finder.sent > 50
    finder.check()


@pytest.mark.long
def test_mutations_of_sound_bodies(target: Target) -> None:
    seed = time.time_ns()
    finder, chance, end = Requests(target), random.Random(seed), time.monotonic() + seconds() / 2
    while time.monotonic() < end:
        finder.send(*hostile(chance))
    assert finder.sent > 50
    try:
        finder.check()
    except AssertionError as error:
        error.add_note(f"seed {seed}")
        raise


@pytest.mark.long
def test_a_storm_takes_no_answer_from_others(tmp_path: Path) -> None:
    target = Target(tmp_path, limits={"max_body": 2, "max_rows": 100})
    lost: list[Any] = []
    answered = 0
    over = threading.Event()

    def ask() -> None:
        nonlocal answered
        while not over.is_set():
            answer = target.post("/predict", ROW)
            if answer.status != 200 or "label" not in answer.json():
                lost.append((answer.status, answer.body[:200]))
            answered += 1

    def attack(number: int) -> None:
        chance = random.Random(number)
        for _ in range(STORM // 4):
            finder.send(*hostile(chance))

    finder = Requests(target)
    try:
        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        attackers = [threading.Thread(target=attack, args=(n,)) for n in range(4)]
        with watched(target) as health:
            for thread in (*clients, *attackers):
                thread.start()
            for thread in attackers:
                thread.join()
            over.set()
            for thread in clients:
                thread.join()
        grown = target.memory() / max(1, finder.before)
        print(f"{answered} good answers, {finder.sent} hostile requests, memory x {grown:.2f},"
              f" slowest /health {max(health):.2f} s")  # fmt: skip
        assert lost == [] and answered > CLIENTS
        finder.check()
    finally:
        target.stop()
