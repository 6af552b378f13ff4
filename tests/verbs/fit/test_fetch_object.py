"""Tables in an object store, from a server of this machine that answers as one does."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import polars as pl
import pytest

from mulle.errors import DataError, UsageError
from mulle.verbs.fit import fit
from mulle.verbs.fit.fetch import fetched, without_secrets

FRAME = pl.DataFrame({"x": range(400), "z": [i % 7 for i in range(400)], "y": ["a", "b"] * 200})
QUOTED = 'x,y\n"1, ""one""",a\n\n가,b\n'
LISTED = (
    "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    '<ETag>"1"</ETag><Size>{size}</Size></Contents>'
)


def as_parquet(frame: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


OBJECTS = {
    "shop/a/table.parquet": as_parquet(FRAME),
    "shop/parts/part-0.parquet": as_parquet(FRAME.head(150)),
    "shop/parts/part-1.parquet": as_parquet(FRAME.tail(250)),
    "shop/a/table.csv": QUOTED.encode(),
    "shop/a/latin.csv": "x,y\n1,é\n".encode("latin-1"),
    "shop/a/broken.parquet": b"PAR1" + bytes(100),
}


class Store(BaseHTTPRequestHandler):
    """The requests of a client of S3 that reads: a listing, and ranges of objects."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        address = urlsplit(self.path)
        name = unquote(address.path).lstrip("/")
        if "list-type" in address.query:
            self.answer(200, self.listing(name.rstrip("/"), parse_qs(address.query)))
        elif "secret" in name:
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif name in OBJECTS:
            self.part(OBJECTS[name])
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET  # noqa: N815 - as the server names them

    def listing(self, bucket: str, query: dict[str, list[str]]) -> bytes:
        prefix = query.get("prefix", [""])[0]
        listed = "".join(
            LISTED.format(key=name.removeprefix(f"{bucket}/"), size=len(data))
            for name, data in OBJECTS.items()
            if name.startswith(f"{bucket}/{prefix}")
        )
        head = f"<Name>{bucket}</Name><IsTruncated>false</IsTruncated>"
        return f"<ListBucketResult>{head}{listed}</ListBucketResult>".encode()

    def part(self, data: bytes) -> None:
        wanted, size = self.headers.get("Range"), len(data)
        if wanted is None:
            self.answer(200, data)
            return
        first, last = wanted.removeprefix("bytes=").split("-")
        begin = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        self.answer(206, data[begin:end], f"bytes {begin}-{end - 1}/{size}")

    def answer(self, status: int, data: bytes, part: str = "") -> None:
        self.send_response(status)
        if part:
            self.send_header("Content-Range", part)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def store():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def keys(monkeypatch, store):
    found = {
        "AWS_ENDPOINT_URL": store,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "topsecret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", ["a/table.parquet", "parts/part-*.parquet"])
def test_parquet_becomes_a_file_that_is_gone_again(name):
    with fetched(f"s3://shop/{name}") as file:
        assert pl.read_parquet(file).equals(FRAME)
    assert not file.exists()


def test_text_comes_as_it_stands():
    with fetched("s3://shop/a/table.csv") as file:
        assert file.read_bytes() == QUOTED.encode()


def test_a_model_is_made_of_a_table_in_a_store_and_no_key_is_kept(folder):
    source = "s3://somebody:topsecret@shop/a/table.parquet"
    result = fit(source, "y", trials=1, preset="quick", n_jobs=1, output=".")
    assert result.bundle.name == "table.mulle"
    assert result.run.settings.source == "s3://shop/a/table.parquet"
    for file in folder.rglob("*"):
        assert not file.is_file() or b"topsecret" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("a/none.parquet", "object-refused", "not found"),
        ("a/topsecret.parquet", "object-refused", "403"),
        ("a/none.csv", "object-refused", "not found"),
        ("a/broken.parquet", "object-refused", "parquet"),
        ("a/latin.csv", "object-encoding", "UTF-8"),
    ],
)
def test_what_does_not_come_is_refused_in_words(name, code, words):
    with pytest.raises(DataError) as refused, fetched(f"s3://me:topsecret@shop/{name}"):
        pass
    assert refused.value.code == code
    assert words.lower() in refused.value.what.lower()
    said = refused.value.what.replace(without_secrets(f"s3://shop/{name}"), "")
    assert "topsecret" not in said


@pytest.mark.parametrize("name", ["table.xlsx", "table.json", "part-*.csv", "table"])
def test_other_forms_are_refused_before_a_run_is_made(name, folder):
    with pytest.raises(UsageError) as refused:
        fit(f"s3://shop/{name}", "y", output=".")
    assert refused.value.code == "object-form"
    assert not list(folder.rglob("*"))
