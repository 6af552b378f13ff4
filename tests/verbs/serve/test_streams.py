"""Streams: every row answered in its place, memory flat, however long and however rude."""

import asyncio
import json
import socket
import threading
import time
from pathlib import Path

import pytest
from tests.verbs.serve.conftest import ROW, rows

import mulle
from mulle.verbs.serve.protocols import streams

TABLE = rows(40, seed=3).drop("stays")
RECORDS = json.loads(TABLE.write_json())


def lines(records):
    return b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in records)


def told(answer):
    return [json.loads(line) for line in answer.body.splitlines()]


def test_each_row_is_answered_as_the_bundle_does(server, bundle):
    answer = server.post("/stream", lines(RECORDS), content_type="application/x-ndjson")
    said, model = told(answer), mulle.load(bundle)
    assert [s["row"] for s in said] == [*range(1, 41)]
    assert [s["label"] for s in said] == model.predict(TABLE).tolist()
    assert [[*s["probabilities"].values()] for s in said] == model.predict_proba(TABLE).tolist()
    assert answer.headers["x-model"] == "stays"
    assert answer.headers["content-type"] == "application/x-ndjson"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_bad_row_has_an_error_in_its_place(server, lang):
    bad = [b'{"a": ', b"3", b'{"city": "a"}', lines([ROW | {"income": "viel"}])[:-1], b"\xff"]
    codes = ["json-broken", "row-not-record", "column-missing", "value-unreadable", "json-broken"]
    body = b"\n".join(part for line in bad for part in (line, b"", lines([ROW])[:-1]))
    said = told(server.post("/stream", body, accept_language=lang))
    assert [s["row"] for s in said] == [*range(1, 11)]
    assert [s["error"]["code"] for s in said[::2]] == codes
    assert all("label" in s for s in said[1::2])
    error = said[6]["error"]
    assert (error["row"], error["column"]) == (7, "income")
    assert error["message"].startswith({"en": "Row 7", "ko": "7번째 행"}[lang])


def test_what_is_said_of_a_row_does_not_depend_on_its_neighbours(server):
    lacking = {"city": "a"}
    alone = told(server.post("/stream", lines([lacking])))[0]["error"]
    beside = told(server.post("/stream", lines([ROW, lacking])))[1]["error"]
    assert alone == beside


def test_events(server):
    body = lines([ROW, {}, ROW])
    answer = server.post("/stream", body, accept="text/event-stream")
    assert answer.headers["content-type"] == "text/event-stream"
    events = answer.body.decode().split("\n\n")[:-1]
    assert [event.split("\n")[0] for event in events] == ["id: 1", "id: 2", "id: 3"]
    said = [json.loads(event.split("data: ")[1]) for event in events]
    assert "label" in said[0] and said[1]["error"]["code"] == "column-missing"


def test_names_and_media(server):
    assert server.post("/models/stays/stream", lines([ROW])).status == 200
    assert server.post("/models/other/stream", lines([ROW])).status == 404
    assert server.post("/stream", b"x", content_type="image/png").status == 415
    assert server.post("/stream", b"").body == b""


class Chunked:
    """A raw connection that sends parts of a body when told to."""

    def __init__(self, server, **headers):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        named = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
        head = "POST /stream HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n"
        head += f"{named}\r\n"
        self.socket.sendall(head.encode())
        self.got = b""

    def send(self, data):
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def until(self, mark):
        """Read until `mark` has come."""
        while mark not in self.got:
            data = self.socket.recv(65_536)
            if not data:
                break
            self.got += data
        return self.got


def test_answers_come_while_rows_are_still_to_be_sent(server):
    talk = Chunked(server)
    for number in (1, 2, 3):
        half = lines([ROW])
        talk.send(half[:20])
        talk.send(half[20:])
        assert b'{"row":%d,' % number in talk.until(b'{"row":%d,' % number)
    talk.send(b"")
    assert talk.until(b"\r\n0\r\n\r\n")
    talk.socket.close()


def memory(server):
    """Megabytes that the server holds."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux tells what memory a process holds")
    found = [line for line in status.read_text("utf-8").splitlines() if line.startswith("VmRSS")]
    return int(found[0].split()[1]) / 1024


def test_a_stream_may_be_larger_than_a_body_and_memory_stays(start, bundle):
    server = start(bundle, limits={"max_body": 1})
    part = lines(RECORDS * 25)
    server.post("/stream", part * 8)
    before, parts = memory(server), 40
    talk = Chunked(server)
    sending = threading.Thread(
        target=lambda: [talk.send(part) for _ in range(parts)] + [talk.send(b"")]
    )
    sending.start()
    size, answered, held = 0, 0, []
    tail = b""
    while not tail.endswith(b"\r\n0\r\n\r\n"):
        data = talk.socket.recv(1 << 18)
        size, answered = size + len(data), answered + data.count(b'"label"')
        tail = (tail + data)[-10:]
        held.append(memory(server))
    sending.join()
    assert parts * len(part) > 3 << 20  # what --max-body allows, several times
    assert answered > 0.99 * parts * 1_000  # the mark may be cut in two by a read
    assert max(held) - before < 40


def test_who_does_not_read_is_not_read_from(server):
    talk = Chunked(server)
    talk.socket.settimeout(2)
    part, sent, before = lines(RECORDS * 25), 0, memory(server)
    with pytest.raises(TimeoutError):
        while sent < 500 << 20:
            talk.send(part)
            sent += len(part)
    assert sent < 64 << 20
    assert memory(server) - before < 60
    assert server.post("/predict", ROW).status == 200
    talk.socket.close()


def test_a_long_line_is_left_out(server):
    huge = b'{"city": "' + b"x" * (3 << 20) + b'"}\n'
    said = told(server.post("/stream", lines([ROW]) + huge + lines([ROW])))
    assert [s["row"] for s in said] == [1, 2, 3]
    assert said[1]["error"]["code"] == "line-large" and "label" in said[2]


def test_work_ends_with_the_client(start, bundle):
    server = start(bundle)
    talk = Chunked(server)
    talk.send(lines([ROW]))
    talk.until(b'"row":1,')
    talk.socket.close()
    end = time.monotonic() + 10
    while 'path="/stream"' not in server.get("/metrics").body.decode():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert server.stop().count("\n") == 1  # that it serves; no traceback


def test_silence_is_filled():
    async def read():
        class Slow:
            async def parts(self):
                yield b'{"a":'
                await asyncio.sleep(0.3)
                yield b" 1}"

        return [lines async for lines in streams._read(Slow(), 0.05)]

    found = asyncio.run(read())
    assert found[-1] == [b'{"a": 1}'] and found[:-1] and not any(found[:-1])


def test_lines_are_cut_wherever_parts_are():
    text = b'{"a":1}\n\n  \r\n{"b":"' + b"y" * 40 + b'"}\n{"c":3}'
    for size in range(1, len(text) + 1):
        cut = streams._Cutter()
        found = [x for at in range(0, len(text), size) for x in cut(text[at : at + size])]
        assert [*found, *cut(b"\n")] == [b'{"a":1}', b'{"b":"' + b"y" * 40 + b'"}', b'{"c":3}']
