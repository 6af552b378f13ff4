"""Jobs: what is answered in the background is what `mulle predict` writes."""

import contextlib
import io
import json
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.verbs.serve.conftest import ROW, Server, rows
from tests.verbs.serve.test_monitor import until

from mulle.cli import main

COUNT = 25_000  # rows, in three chunks


@cache
def predicted(bundle, path, folder, form, *options):
    """What the command writes for the same file."""
    out = folder / f"expected.{form}"
    asked = ["predict", str(bundle), str(path), "-o", str(out), "--quiet", "--replace"]
    assert main([*asked, *options]) == 0
    return out.read_bytes()


def ended(server, job):
    """The job once it has ended."""
    return until(lambda: (s := server.get(f"/jobs/{job['id']}").json())["ended"] and s)


def gone(path):
    """Wait until a folder is removed, which comes after the job is said to have ended."""
    until(lambda: not path.exists())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of rows in several forms, and the state of the server."""
    folder = tmp_path_factory.mktemp("jobs")
    table = rows(COUNT, seed=5).drop("stays")
    table.write_csv(folder / "rows.csv")
    table.write_parquet(folder / "rows.parquet")
    table.write_ndjson(folder / "rows.ndjson")
    (folder / "korean.csv").write_bytes(table.write_csv().encode("cp949"))
    (folder / "sub").mkdir()
    table.head(10).write_csv(folder / "sub" / "few.csv")
    return folder


@pytest.fixture(scope="module")
def server(bundle, folder):
    """A server that keeps jobs and may read the folder."""
    shared = Server(
        bundle,
        server={"state_dir": folder / "state"},
        jobs={"data_dir": folder, "allow_private_webhooks": True},
        limits={"max_upload": 4},
    )
    yield shared
    shared.stop()


MEDIA = {
    "rows.csv": "text/csv",
    "korean.csv": "text/csv",
    "rows.parquet": "application/vnd.apache.parquet",
    "rows.ndjson": "application/x-ndjson",
}


@pytest.mark.parametrize(
    ("name", "form"),
    [("rows.csv", "csv"), ("rows.csv", "parquet"), ("korean.csv", "ndjson"),
     ("rows.parquet", "parquet"), ("rows.parquet", "csv"), ("rows.ndjson", "ndjson")],
)  # fmt: skip
def test_a_file_is_answered_as_the_command_answers_it(server, bundle, folder, name, form):
    body = (folder / name).read_bytes()
    answer = server.post(f"/jobs?format={form}", body, content_type=MEDIA[name])
    assert answer.status == 202
    job = answer.json()
    assert answer.headers["location"] == job["links"]["self"] == f"/jobs/{job['id']}"
    done = ended(server, job)
    assert (done["status"], done["rows"]) == ("done", {"done": COUNT, "total": COUNT})
    assert done["share"] == 1
    result = server.get(done["links"]["result"])
    expected = predicted(bundle, folder / name, folder, form)
    if form == "parquet":
        found = pl.read_parquet(io.BytesIO(result.body))
        assert found.equals(pl.read_parquet(io.BytesIO(expected)))
    else:
        assert result.body == expected


def test_the_layout_of_a_file_can_be_decided(server, bundle, folder):
    text = pl.read_csv(folder / "sub" / "few.csv").write_csv()
    noted = f"a note\n{text}".replace(",", ";").encode("utf-16")
    asked = "/jobs?format=csv&encoding=utf-16&delimiter=%3B&skip=1&header=1"
    done = ended(server, server.post(asked, noted, content_type="text/csv").json())
    result = server.get(done["links"]["result"]).body
    assert result == predicted(bundle, folder / "sub" / "few.csv", folder, "csv")
    for wrong in ("header=-1", "skip=few"):
        refused = server.post(f"/jobs?{wrong}", noted, content_type="text/csv")
        assert (refused.status, refused.json()["error"]["code"]) == (422, "job-request")


def test_the_result_has_the_form_of_the_file(server, folder):
    for name, media in MEDIA.items():
        job = server.post("/jobs", (folder / name).read_bytes(), content_type=media).json()
        assert job["format"] == name.partition(".")[2]
        server.ask("DELETE", f"/jobs/{job['id']}")


def test_a_file_by_its_name(server, folder):
    body = (folder / "sub" / "few.csv").read_bytes()
    sent = server.post("/jobs?name=few.csv", body, content_type="application/octet-stream")
    assert ended(server, sent.json())["rows"]["done"] == 10
    sent = server.post("/jobs?name=few.docx", body, content_type="application/octet-stream")
    assert (sent.status, sent.json()["error"]["code"]) == (415, "job-media")


def test_a_file_below_the_data_folder(server, bundle, folder):
    job = server.post("/jobs", {"path": "sub/few.csv", "format": "csv"}).json()
    done = ended(server, job)
    assert server.get(done["links"]["result"]).body == predicted(
        bundle, folder / "sub" / "few.csv", folder, "csv"
    )
    assert (folder / "sub" / "few.csv").exists()


@pytest.mark.parametrize(
    "path",
    ["../rows.csv", "/etc/passwd", "sub/../../x.csv", "sub", "", ".", "gone.csv", "C:\\x.csv",
     "..\\x.csv", "out.csv", "sub/./few.csv", "few.csv\0", "\ud800", "a" * 5000, "state/jobs.db"],
)  # fmt: skip
def test_paths_that_lead_elsewhere(server, folder, path):
    outside = folder.parent / "outside.csv"
    outside.write_text("a,b\n1,2\n", encoding="utf-8")
    with contextlib.suppress(OSError):
        (folder / "out.csv").symlink_to(outside)
    answer = server.post("/jobs", {"path": path})
    assert answer.status in {400, 415, 422}
    assert "passwd" not in answer.json()["error"]["fix"]


def test_no_data_folder(start, bundle, tmp_path):
    server = start(bundle, server={"state_dir": tmp_path})
    assert server.get("/jobs").json() == {"jobs": [], "next": None}
    assert not (tmp_path / "jobs.db").exists()
    answer = server.post("/jobs", {"path": "rows.csv"})
    assert (answer.status, answer.json()["error"]["code"]) == (422, "job-no-data-dir")


def test_a_task_of_a_few_rows(server, bundle):
    table = rows(5, seed=9).drop("stays")
    records = json.loads(table.write_json())
    job = server.post("/jobs", {"rows": records}).json()
    done = ended(server, job)
    answers = [json.loads(x) for x in server.get(done["links"]["result"]).body.splitlines()]
    import mulle

    model = mulle.load(bundle)
    assert [a["prediction"] for a in answers] == model.predict(table).tolist()
    assert np.array_equal(
        [[a["probability_no"], a["probability_yes"]] for a in answers], model.predict_proba(table)
    )


def test_few_rows_overtake_a_large_file(server, folder):
    head, _, rest = (folder / "rows.csv").read_bytes().partition(b"\n")
    body = head + b"\n" + rest * 3
    large = [server.post("/jobs", body, content_type="text/csv").json() for _ in range(8)]
    few = ended(server, server.post("/jobs", {"rows": [ROW]}).json())
    last = server.get(large[-1]["links"]["self"]).json()
    assert last["ended"] is None or last["ended"] > few["ended"]
    assert [ended(server, job)["status"] for job in large] == ["done"] * 8


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_bad_row_is_named_in_the_callers_language(server, folder, lang):
    text = (folder / "rows.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    lines[12_346] = "viel" + lines[12_346][lines[12_346].index(",") :]
    job = server.post("/jobs", "\n".join(lines).encode(), content_type="text/csv").json()
    ended(server, job)
    said = server.get(f"/jobs/{job['id']}", accept_language=lang).json()
    assert said["status"] == "failed"
    assert said["rows"]["done"] == 10_000
    error = said["error"]
    assert (error["code"], error["row"], error["column"]) == ("value-unreadable", 12_346, "나이")
    assert (error["fix"][-2] in "요다세") == (lang == "ko")
    result = server.get(f"/jobs/{job['id']}/result", accept_language=lang)
    assert (result.status, result.json()["error"]["code"]) == (409, "job-not-done")


def test_a_bad_row_may_be_left_without_an_answer(server, bundle, folder):
    path = folder / "sub" / "bad.csv"
    lines = (folder / "rows.csv").read_text(encoding="utf-8").splitlines()
    lines[12_346] = "viel" + lines[12_346][lines[12_346].index(",") :]
    path.write_text("\n".join(lines), encoding="utf-8")
    answer = server.post("/jobs?on_error=null", path.read_bytes(), content_type="text/csv")
    done = ended(server, answer.json())
    body = server.get(done["links"]["result"]).body
    assert body == predicted(bundle, path, folder, "csv", "--on-error", "null")
    found = pl.read_csv(io.BytesIO(body))
    assert found["error"].drop_nulls().to_list() == [
        "Row 12,346: the column '나이' needs a number, not 'viel'."
    ]
    assert found.row(12_345)[0] is None


BROKEN = {
    "no table": (b"\x00\x01\x02" * 100, "text/csv", "table-binary"),
    "cut off": (b"PAR1 and nothing more", "application/vnd.apache.parquet", "file-damaged"),
    "no column": (b"a,b\n1,2\n", "text/csv", "column-missing"),
    "ragged": ("나이,city,joined,income\n1,2\n".encode(), "text/csv", "rows-ragged"),
    "no JSON": (b"{nothing\n{more\n", "application/x-ndjson", "json-invalid"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_files_that_are_no_table(server, name):
    body, media, code = BROKEN[name]
    done = ended(server, server.post("/jobs", body, content_type=media).json())
    assert done["status"] == "failed"
    assert done["error"]["code"] == code
    assert done["error"]["message"]
    assert server.post("/predict", ROW).status == 200


def test_a_file_without_rows(server):
    body = "나이,city,joined,income\n".encode()
    done = ended(server, server.post("/jobs", body, content_type="text/csv").json())
    assert (done["status"], done["rows"]["done"]) == ("done", 0)
    assert (
        server.get(done["links"]["result"]).body == b"prediction,probability_no,probability_yes\n"
    )


MISTAKES = {
    "unknown field": ("/jobs?fromat=csv", b"a\n1", "text/csv", 422, "job-request"),
    "unknown format": ("/jobs?format=xlsx", b"a\n1", "text/csv", 422, "job-request"),
    "unknown model": ("/jobs?model=other", b"a\n1", "text/csv", 404, "model-not-served"),
    "unknown version": ("/jobs?version=9", b"a\n1", "text/csv", 404, "version-not-served"),
    "picture": ("/jobs", b"a\n1", "image/png", 415, "job-media"),
    "neither": ("/jobs", b"{}", "application/json", 422, "job-rows"),
    "both": ("/jobs", b'{"path": "a.csv", "rows": []}', "application/json", 422, "job-rows"),
    "rows that are none": ("/jobs", b'{"rows": [1]}', "application/json", 422, "job-request"),
    "a list": ("/jobs", b"[]", "application/json", 422, "job-not-object"),
    "broken": ("/jobs", b'{"rows"', "application/json", 400, "json-broken"),
    "too large": ("/jobs", b"a\n" * (3 << 20), "text/csv", 413, "upload-large"),
    "ftp": ("/jobs?webhook=ftp://a/b", b"a\n1", "text/csv", 422, "job-webhook"),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mistakes_of_the_caller(server, folder, name, lang):
    path, body, media, status, code = MISTAKES[name]
    before = set((folder / "state" / "jobs").glob("*"))
    answer = server.post(path, body, content_type=media, accept_language=lang)
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert error["message"]
    assert error["fix"]
    left = set((folder / "state" / "jobs").glob("*")) - before
    assert left == set()


def test_too_large_without_saying_so(server):
    def parts():
        for _ in range(5):
            yield b"a,b\n" * (1 << 18)

    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request(
            "POST", "/jobs", parts(), {"content-type": "text/csv", "transfer-encoding": "chunked"},
            encode_chunked=True,
        )  # fmt: skip
    assert connection.getresponse().status == 413


def test_limits_of_a_page(server):
    for limit in ("0", "-1", "999", "a", "٣"):
        from urllib.parse import quote

        assert server.get(f"/jobs?limit={quote(limit)}").status == 422


def test_all_jobs_page_by_page(start, bundle, tmp_path):
    server = start(bundle, server={"state_dir": tmp_path})
    sent = [server.post("/jobs", {"rows": [ROW]}).json()["id"] for _ in range(5)]
    found, following = [], "/jobs?limit=2"
    while following:
        page = server.get(following).json()
        found += [job["id"] for job in page["jobs"]]
        following = page["next"]
    assert found == sent[::-1]


def test_the_same_key_is_the_same_job(server):
    body = {"rows": [ROW]}
    first = server.post("/jobs", body, idempotency_key="k1").json()
    again = server.post("/jobs", body, idempotency_key="k1")
    assert (again.status, again.json()["id"]) == (202, first["id"])
    assert server.post("/jobs", body, idempotency_key="k2").json()["id"] != first["id"]
    other = server.post("/jobs", {"rows": []}, idempotency_key="k1")
    assert (other.status, other.json()["error"]["code"]) == (422, "job-key")


def test_cancel_and_forget(server, folder):
    body = (folder / "rows.csv").read_bytes()
    jobs = [server.post("/jobs", body, content_type="text/csv").json() for _ in range(3)]
    assert server.ask("DELETE", jobs[-1]["links"]["self"]).json()["status"] == "cancelled"
    assert server.get(jobs[-1]["links"]["self"]).json()["status"] == "cancelled"
    running = server.ask("DELETE", jobs[0]["links"]["self"])
    assert running.status in {200, 204}
    assert ended(server, jobs[1])["status"] == "done"
    assert server.ask("DELETE", jobs[1]["links"]["self"]).status == 204
    assert server.get(jobs[1]["links"]["self"]).status == 404
    assert server.get(jobs[1]["links"]["self"] + "/result").status == 404
    for job in jobs:
        gone(folder / "state" / "jobs" / job["id"])


def test_unknown_jobs(server):
    for name in ("none", "..%2f..%2fjobs.db", "%00"):
        assert server.get(f"/jobs/{name}").status == 404
        assert server.ask("DELETE", f"/jobs/{name}").status == 404


def test_a_file_that_changes_meanwhile(server, folder):
    path = folder / "sub" / "moving.csv"
    path.write_bytes((folder / "rows.csv").read_bytes())
    body = (folder / "rows.csv").read_bytes()
    first = [server.post("/jobs", body, content_type="text/csv").json() for _ in range(3)]
    job = server.post("/jobs", {"path": "sub/moving.csv"}).json()
    path.write_text("나이,city,joined,income\n", encoding="utf-8")
    done = ended(server, job)
    assert (done["status"], done["error"]["code"]) == ("failed", "job-input-changed")
    for other in first:
        ended(server, other)


def test_a_restart_keeps_jobs(start, bundle, tmp_path, folder):
    server = start(bundle, server={"state_dir": tmp_path})
    body = (folder / "rows.csv").read_bytes()
    jobs = [server.post("/jobs", body, content_type="text/csv").json() for _ in range(4)]
    server.stop()
    server = start(bundle, server={"state_dir": tmp_path})
    expected = predicted(bundle, folder / "rows.csv", folder, "csv")
    for job in jobs:
        done = ended(server, job)
        assert server.get(done["links"]["result"]).body == expected


def test_a_job_keeps_the_version_it_was_accepted_with(start, bundle, challenger, tmp_path, folder):
    served = tmp_path / "m.mulle"
    served.write_bytes(bundle.read_bytes())
    server = start(served, server={"state_dir": tmp_path / "state"})
    body = (folder / "rows.csv").read_bytes()
    jobs = [server.post("/jobs", body, content_type="text/csv").json() for _ in range(4)]
    served.write_bytes(challenger.read_bytes())
    until(lambda: server.post("/predict", ROW).json()["version"] != jobs[0]["version"])
    expected = predicted(bundle, folder / "rows.csv", folder, "csv")
    for job in jobs:
        done = ended(server, job)
        assert server.get(done["links"]["result"]).body == expected
        assert done["version"] == job["version"]


def test_old_jobs_are_forgotten(start, bundle, tmp_path):
    server = start(bundle, server={"state_dir": tmp_path})
    job = server.post("/jobs", {"rows": [ROW]}).json()
    ended(server, job)
    server.stop()
    server = start(bundle, server={"state_dir": tmp_path}, jobs={"keep_days": 0})
    until(lambda: server.get(f"/jobs/{job['id']}").status == 404)
    gone(tmp_path / "jobs" / job["id"])


def test_a_state_folder_that_cannot_be_written(start, bundle, tmp_path):
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    server = start(bundle, server={"state_dir": tmp_path / "state"})
    answer = server.post("/jobs", {"rows": [ROW]})
    assert answer.status in {503, 507}
    assert server.post("/predict", ROW).status == 200


def test_jobs_are_counted(server):
    ended(server, server.post("/jobs", {"rows": [ROW]}).json())
    text = server.get("/metrics").body.decode()
    assert 'jobs_ended_total{status="done"}' in text
    assert 'job_rows_total{model="stays"}' in text


SMALL_DISK = """
import resource, sys
from pathlib import Path
from mulle.verbs.serve import Settings, run
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
model, state, port = sys.argv[1:]
run(Settings(models=(model,), port=int(port), state_dir=Path(state)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="wants a limit on files")
def test_a_full_disk(bundle, tmp_path, folder):
    """Files can grow to 2 MB: a larger one cannot be sent, and a result that is larger fails."""
    server = Server.__new__(Server)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.port = free.getsockname()[1]
    command = [sys.executable, "-c", SMALL_DISK, str(bundle), "state", str(server.port)]
    server.process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        server._wait()
        answer = server.post("/jobs", b"a,b\n" * (1 << 20), content_type="text/csv")
        assert (answer.status, answer.json()["error"]["code"]) == (507, "disk-full")
        assert list((tmp_path / "state" / "jobs").iterdir()) == []
        body = io.BytesIO()
        pl.concat([pl.read_parquet(folder / "rows.parquet")] * 4).write_parquet(body)
        sent = server.post("/jobs?format=csv&name=a.parquet", body.getvalue())
        done = ended(server, sent.json())
        assert (done["status"], done["error"]["code"]) == ("failed", "disk-full")
        assert done["rows"]["done"] == 4 * COUNT
        gone(tmp_path / "state" / "jobs" / done["id"])
        assert ended(server, server.post("/jobs", {"rows": [ROW]}).json())["status"] == "done"
        assert server.post("/predict", ROW).status == 200
    finally:
        server.stop()


def test_servers_that_share_a_database_leave_the_jobs_of_others_alone(bundle, tmp_path, start):
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    first = start(bundle, server={"state_dir": tmp_path / "a", "database": url})
    second = start(bundle, server={"state_dir": tmp_path / "b", "database": url})
    jobs = [first.post("/jobs", {"rows": [ROW]}).json() for _ in range(8)]
    assert {ended(second, job)["status"] for job in jobs} == {"done"}
    assert len(list((tmp_path / "a" / "jobs").iterdir())) == 8
    assert not (tmp_path / "b" / "jobs").exists()


def test_a_key_sees_its_own_jobs(start, bundle, tmp_path):
    from mulle.verbs.serve.security.keys import new_key

    path = tmp_path / "keys.json"
    keys = {name: new_key(path, name, scopes)[0]
            for name, scopes in (("a", ("predict",)), ("b", ("predict",)),
                                 ("all", ("predict", "admin")),
                                 ("admin", ("admin",)))}  # fmt: skip
    server = start(bundle, "--keys", path, server={"state_dir": tmp_path / "state"})
    headers = {name: {"authorization": f"Bearer {key}"} for name, key in keys.items()}
    assert server.post("/jobs", {"rows": [ROW]}).status == 401
    job = server.post("/jobs", {"rows": [ROW]}, idempotency_key="k", **headers["a"]).json()
    other = server.post("/jobs", {"rows": [ROW]}, idempotency_key="k", **headers["b"]).json()
    assert other["id"] != job["id"]
    every = [other, job]
    for name, status, seen in (
        ("a", 200, [job]), ("b", 404, [other]), ("all", 200, every), ("admin", 200, every),
    ):  # fmt: skip
        assert server.get(job["links"]["self"], **headers[name]).status == status
        page = server.get("/jobs", **headers[name]).json()["jobs"]
        assert [j["id"] for j in page] == [j["id"] for j in seen]
    assert server.ask("DELETE", job["links"]["self"], **headers["b"]).status == 404


def test_a_small_file_may_not_become_a_large_result(start, bundle, tmp_path):
    limits = {"max_rows": 300_000, "max_result": 1}
    server = start(bundle, server={"state_dir": tmp_path}, jobs=limits)
    equal = rows(1).drop("stays")
    ends = {}
    for name, count in (("rows", 300_001), ("result", 300_000), ("fits", 1_000)):
        file = io.BytesIO()
        pl.concat([equal] * count).write_parquet(file)
        body = file.getvalue()
        sent = server.post("/jobs?name=a.parquet&format=csv", body, content_type="")
        ends[name] = len(body), ended(server, sent.json())
    assert ends["rows"][0] < 20_000  # bytes that were sent
    assert ends["rows"][1]["error"]["code"] == "job-rows-many"
    assert ends["result"][1]["error"]["code"] == "job-result-large"
    assert [ends[name][1]["status"] for name in ends] == ["failed", "failed", "done"]
    lines = b"".join(json.dumps(ROW).encode() + b"\n" for _ in range(1_001))
    server.stop()
    server = start(bundle, server={"state_dir": tmp_path}, jobs={"max_rows": 1_000})
    sent = server.post("/jobs", lines, content_type="application/x-ndjson")
    assert ended(server, sent.json())["error"]["code"] == "job-rows-many"


def test_a_result_names_its_columns_as_answers_do(start, tmp_path):
    golden = Path(__file__).parents[2] / "bundle" / "golden" / "binary.mulle"
    server = start(golden, server={"state_dir": tmp_path})
    row = {"mileage": 1, "city": "a", "first day": None, 'a "memo" 메모': None}
    answer = server.post("/predict", row).json()
    done = ended(server, server.post("/jobs", {"rows": [row], "format": "csv"}).json())
    header = server.get(done["links"]["result"]).body.decode().splitlines()[0]
    assert header == "prediction," + ",".join(f"probability_{n}" for n in answer["probabilities"])
