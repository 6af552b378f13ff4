"""Messages of gRPC made by chance: mutations of sound ones, and fields filled with anything.

A finding is a status that blames the server, a small message that takes long, memory that grows, or
a traceback. `MULLE_FUZZ_SECONDS=3600 pytest -m long tests/attacks/test_fuzz_grpc.py` looks for an
hour.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.attacks.serving import ROW, STALL, Finder, Target, mutated, seconds

from mulle.verbs.serve.protocols.grpc import SERVICE, messages

grpc = pytest.importorskip("grpc", reason="gRPC is an extra")
pytestmark = pytest.mark.long
M = messages()
METHODS = [
    "ModelInfer", "ModelInfer", "ModelInfer", "ModelInfer", "ModelMetadata", "ModelReady",
    "RepositoryIndex", "ServerLive", "ServerReady", "ServerMetadata", "NoMethod",
]  # fmt: skip
DATATYPES = ["FP64", "FP32", "FP16", "INT8", "INT64", "UINT64", "BOOL", "BYTES", "BF16", "", "?"]
FAULTS = {"INTERNAL", "UNKNOWN", "DATA_LOSS"}
NUMBERS = {  # values at the edge of what a type of protobuf holds
    "bool": [True, False], "int32": [0, -1, 2**31 - 1, -(2**31)], "int64": [0, -1, 2**63 - 1],
    "uint32": [0, 2**32 - 1], "uint64": [0, 2**64 - 1], "double": [0.0, -0.0, 5e-324, float("nan")],
    "float": [0.0, float("inf"), 1e-45],
}  # fmt: skip
TEXTS = ["", "binary", "latest", "label", "x", "메모", "\x00", "a" * 500, "../../etc/passwd", *ROW]
METADATA = [
    (), (("accept-language", "ko"),), (("authorization", "Bearer x"),), (("host", "evil.example"),),
    (("x-request-id", "a" * 500),), (("x-bin", b"\x00\xff"),) * 3, (("x-forwarded-for", "::1"),),
]  # fmt: skip


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Target, Any]]:
    """A server with gRPC, and a channel to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = {"max_body": 4, "max_rows": 1_000}
    target = Target(tmp_path_factory.mktemp("grpc"), "--grpc-port", port, limits=limits)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield target, channel
    target.stop()


def sound(chance: random.Random) -> Any:
    """A call that the server answers: typed tensors, or raw ones."""
    count = chance.choice((1, 1, 2, 40))
    asked = M.ModelInferRequest(model_name="binary", id="7")
    is_raw = chance.random() < 0.5
    for name, value in ROW.items():
        kind, length = ("FP64", 8) if isinstance(value, int) else ("BYTES", 4)
        added = asked.inputs.add(name=name, datatype=kind, shape=[count, 1])
        cell = str(value).encode()
        if is_raw:
            one = struct.pack("<d", value) if length == 8 else struct.pack("<I", len(cell)) + cell
            asked.raw_input_contents.append(one * count)
        elif length == 8:
            added.contents.fp64_contents.extend([value] * count)
        else:
            added.contents.bytes_contents.extend([cell] * count)
    return asked


def fill(message: Any, chance: random.Random, depth: int = 0) -> Any:
    """Put anything into some fields of a message."""
    for field in message.DESCRIPTOR.fields:
        if depth > 4 or chance.random() < 0.4:
            continue
        many = field.is_repeated
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            fill(getattr(message, field.name)[chance.choice(TEXTS)], chance, depth + 1)
        elif field.message_type is not None and many:
            for _ in range(chance.randint(0, 5)):
                fill(getattr(message, field.name).add(), chance, depth + 1)
        elif field.message_type is not None:
            fill(getattr(message, field.name), chance, depth + 1)
        elif many:
            getattr(message, field.name).extend(
                anything(field, chance) for _ in range(chance.choice((0, 1, 2, 5, 40)))
            )
        else:
            setattr(message, field.name, anything(field, chance))
    return message


def anything(field: Any, chance: random.Random) -> Any:
    """A value of a field without parts."""
    if field.name == "datatype":
        return chance.choice(DATATYPES)
    kind = next(name for name in dir(field) if name.startswith("TYPE_")
                and getattr(field, name) == field.type)[5:].lower()  # fmt: skip
    if kind == "string":
        return chance.choice(TEXTS)
    if kind == "bytes":
        return chance.randbytes(chance.choice((0, 1, 4, 8, 100)))
    return chance.choice(NUMBERS[kind])


def hostile(chance: random.Random) -> tuple[str, bytes]:
    """The method and the bytes of one call."""
    name, kind = chance.choice(METHODS), chance.random()
    sort = getattr(M, f"{name}Request", M.ModelInferRequest)
    if kind < 0.4:
        return name, mutated(sound(chance).SerializeToString(), chance)
    if kind < 0.6:  # sound, but for some fields
        message = sound(chance) if sort is M.ModelInferRequest else sort()
        return name, fill(message, chance).SerializeToString()
    if kind < 0.95:
        return name, fill(sort(), chance).SerializeToString()
    return name, chance.randbytes(chance.choice((0, 1, 10, 1_000)))


def test_mutations_of_sound_messages(called: tuple[Target, Any]) -> None:
    target, channel = called
    seed = time.time_ns()
    chance, finder, end = random.Random(seed), Finder(target), time.monotonic() + seconds()
    statuses: dict[str, int] = {}
    while time.monotonic() < end:
        name, raw = hostile(chance)
        metadata = chance.choice(METADATA)

        def ask(name: str = name, raw: bytes = raw, metadata: Any = metadata) -> str:
            try:
                channel.unary_unary(f"/{SERVICE}/{name}")(raw, timeout=STALL, metadata=metadata)
                status = "OK"
            except grpc.RpcError as error:
                status = error.code().name
            statuses[status] = statuses.get(status, 0) + 1
            return status if status in FAULTS else ""

        finder.note(f"{name} {metadata} {raw[:300]!r}", len(raw), ask)
    print(f"statuses {statuses}, seed {seed}")
    finder.check()
    assert finder.sent > 50
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND"} <= statuses.keys()
