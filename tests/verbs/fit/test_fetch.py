"""Tables at an address: fetched where that is plain, refused in words elsewhere, secrets unseen."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mulle.errors import DataError, UsageError
from mulle.verbs.fit import fit
from mulle.verbs.fit.fetch import check_address, fetched, without_secrets

CSV = b"x,y\n" + b"".join(b"%d,%s\n" % (i, b"ab"[i % 2 : i % 2 + 1]) for i in range(200))


class Server(BaseHTTPRequestHandler):
    """A server of a table, of which one address lacks half and others are refused."""

    def do_GET(self):
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/table.csv")
            self.end_headers()
            return
        found = self.path.startswith(("/table.csv", "/half.csv"))
        self.send_response(200 if found else 403)
        self.send_header("Content-Length", str(len(CSV)))
        self.end_headers()
        self.wfile.write(CSV[: 700 if "half" in self.path else None])

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["table.csv", "table.csv?token=secret", "moved"])
def test_a_table_is_fetched_and_gone_again(address, path):
    with fetched(f"{address}/{path}") as file:
        assert file.read_bytes() == CSV
    assert not file.exists()


def test_files_and_frames_are_left_as_they_are(tmp_path):
    for source in ("table.csv", tmp_path, {"x": [1]}, "C://x.csv"):
        with fetched(source) as found:
            assert found is source


def test_a_model_is_made_of_a_fetched_table_and_no_secret_is_kept(address, folder):
    token = f"{address}/table.csv?token=secret"
    result = fit(token, "y", test=token, trials=1, preset="quick", n_jobs=1, output=".")
    assert result.bundle.name == "table.mulle"
    assert result.run.settings.source == f"{address}/table.csv"
    for file in folder.rglob("*"):
        assert not file.is_file() or b"secret" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("nothing.csv?token=secret", "address-refused", "403 Forbidden"),
        ("half.csv", "address-cut-off", "700 B of 1.09 KB"),
    ],
)
def test_what_does_not_come_is_refused_in_words(address, path, code, words):
    with pytest.raises(DataError) as refused, fetched(f"{address}/{path}"):
        pass
    assert refused.value.code == code
    assert words in refused.value.what
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "source", ["http://127.0.0.1:1/a.csv", "http://[::1/a.csv", "http://no.invalid/a.csv"]
)
def test_an_address_that_nobody_answers_at_is_refused_in_words(source):
    with pytest.raises(DataError) as refused, fetched(source):
        pass
    assert refused.value.code == "address-unreachable"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("s3://me:secret@bucket/table.xlsx", "object-form"),
        ("s3://bucket/part-*.csv?key=secret", "object-form"),
        ("gs://bucket/table.parquet?key=secret", "source-address"),
        ("file:///etc/passwd", "source-address"),
        ("ftp://me:secret@host/a.csv", "source-address"),
        ("postgresql://me:secret@host/shop", "database-table"),
        ("postgresql://me:secret@host/shop/a/b/c", "database-table"),
        ("mysql://me:secret@host/shop/sales", "source-database"),
    ],
)
def test_other_addresses_are_refused_before_a_run_is_made(source, code, folder):
    with pytest.raises(UsageError) as refused:
        fit(source, "y", output=".")
    assert refused.value.code == code
    assert "secret" not in str(refused.value)
    assert not list(folder.rglob("*"))
    with pytest.raises(UsageError):
        check_address(source)


def test_secrets_are_cut_off():
    assert without_secrets("https://a:b@h:8/x.csv?k=1#f") == "https://h:8/x.csv"
    assert without_secrets("a?b.csv") == "a?b.csv"
