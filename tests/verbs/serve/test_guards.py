"""Rate limits, origins, headers and logs of a server; models put on it."""

import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.bundle.test_trial import repeat, rewritten
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.test_monitor import until

from mulle.bundle import kept_files
from mulle.verbs.serve.security.access_log import AccessLog, Line
from mulle.verbs.serve.security.keys import new_key
from mulle.verbs.serve.security.rate_limit import MAX_BUCKETS, RateLimiter


@pytest.mark.parametrize(("rate", "burst"), [(10.0, 5), (0.5, 1), (1000.0, 300)])
def test_rates_against_a_bucket_counted_by_hand(rate, burst):
    now, tokens, last = 0.0, float(burst), 0.0
    rates = RateLimiter(rate, burst, clock=lambda: now)
    for step in range(2_000):
        now += (step * 7919 % 13) / (6 * rate)
        tokens, last = min(burst, tokens + (now - last) * rate), now
        if abs(tokens - 1) < 1e-6:
            tokens = round(tokens)
        there, left, seconds = rates.take("a")
        assert there == (tokens >= 1)
        if there:
            tokens -= 1
            assert left == pytest.approx(tokens, abs=1e-6)
        else:
            assert seconds == pytest.approx((1 - tokens) / rate, abs=1e-6)


def test_rates_remember_so_many_and_no_more():
    rates = RateLimiter(1, 10, clock=lambda: 0.0)
    for number in range(3 * MAX_BUCKETS):
        rates.take(str(number))
    assert len(rates._full_at) <= MAX_BUCKETS


def test_rate(start, bundle):
    server = start(bundle, limits={"rate": "2/s", "burst": 3})
    answers = [server.post("/predict", ROW) for _ in range(5)]
    assert [a.status for a in answers] == [200, 200, 200, 429, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers[:3]] == ["2", "1", "0"]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].headers["ratelimit-limit"] == "3"
    assert server.get("/health").status == 200
    until(lambda: server.post("/predict", ROW).status == 200)


@pytest.fixture(scope="module")
def server(bundle):
    shared = Server(bundle, "--log-format", "json", security={"cors": ["https://app.example"]})
    yield shared
    shared.stop()


def test_origins(server):
    answer = server.post("/predict", ROW, origin="https://app.example")
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert answer.headers["vary"] == "origin"
    assert answer.headers["access-control-allow-credentials"] is None
    mistake = server.post("/predict", {}, origin="https://app.example")
    assert mistake.headers["access-control-allow-origin"] == "https://app.example"
    for foreign in ("https://app.example.evil", "http://app.example", "null", "https://evil"):
        answer = server.post("/predict", ROW, origin=foreign)
        assert answer.json()["error"]["code"] == "origin-foreign"
        assert answer.headers["access-control-allow-origin"] is None
    own = server.post("/predict", ROW, origin=server.url)
    assert (own.status, own.headers["access-control-allow-origin"]) == (200, None)


def test_preflight(server):
    asked = {"access_control_request_method": "POST"}
    answer = server.ask("OPTIONS", "/predict", origin="https://app.example", **asked)
    assert answer.status == 200
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    answer = server.ask("OPTIONS", "/predict", origin="https://evil", **asked)
    assert answer.headers["access-control-allow-origin"] is None
    assert server.ask("OPTIONS", "/nowhere").status == 404


def test_headers(server):
    for answer in (server.post("/predict", ROW), server.get("/nowhere"), server.get("/health")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["server"] is None


def test_ids(server):
    assert server.get("/health", x_request_id="a-1").headers["x-request-id"] == "a-1"
    made = server.get("/health", x_request_id='"><script>').headers["x-request-id"]
    assert made and "<" not in made
    assert server.get("/nowhere").headers["x-request-id"] != made


@pytest.mark.parametrize(
    "origin", ["*", "app.example", "https://a.example/", "ftp://a", "https://"]
)
def test_origins_that_are_none(bundle, origin):
    with pytest.raises(AssertionError, match="is not the origin of a web page"):
        Server(bundle, security={"cors": [origin]})


def logged(server):
    return [json.loads(line) for line in server.stop().splitlines() if line.startswith("{")]


def test_json_logs(start, bundle, tmp_path):
    secret, _ = new_key(tmp_path / "keys.toml", "team-a", ("predict",))
    server = start(bundle, "--log-format", "json", "--keys", tmp_path / "keys.toml")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    server.post("/models/stays/predict?a=SECRET", ROW, x_api_key=secret, x_request_id="r1",
                traceparent=f"00-{trace}-00f067aa0ba902b7-01")  # fmt: skip
    server.get("/etc/SECRET%0a{}")
    lines = logged(server)
    line = next(line for line in lines if line.get("id") == "r1")
    assert line["ms"] > 0 and line["time"].endswith("Z") and len(line["version"]) == 8
    told = {k: v for k, v in line.items() if k not in {"ms", "time", "version"}}
    assert told == {
        "level": "info", "message": "answered", "id": "r1", "method": "POST", "status": 200,
        "path": "/models/{model}/predict", "model": "stays", "key": "team-a", "trace": trace,
        "client": "127.0.0.1",
    }  # fmt: skip
    assert not any("SECRET" in json.dumps(line) or "서울" in str(line) for line in lines)


def test_rows_in_the_log_only_where_asked_for(start, bundle):
    server = start(bundle, "--log-format", "json", log={"rows": True})
    server.post("/predict", ROW)
    (line,) = [line for line in logged(server) if line.get("path") == "/predict"]
    assert line["rows"][0]["row"] == ROW
    assert line["rows"][0]["answer"] in ("yes", "no")


def test_text_logs(start, bundle):
    server = start(bundle, "--log-format", "text")
    server.post("/predict", ROW)
    assert " INFO POST /predict 200 " in server.stop()


def test_a_log_that_nobody_reads_holds_up_nobody(start, bundle):
    server = start(bundle, "--log-format", "json")  # its stderr is a pipe that is not read
    for _ in range(300):  # each must be answered before the client gives up
        assert server.get("/health", x_request_id="x" * 120).status == 200
    logs = AccessLog("json", 2)
    for _ in range(12_000):
        logs.queue(Line("", "info", "m"))
    assert (len(logs._waiting), logs._dropped) == (10_000, 2_000)


@pytest.fixture
def repository(bundle, tmp_path):
    """A served folder with one model, and keys of an admin and a caller."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "stays.mulle").write_bytes(bundle.read_bytes())
    keys = tmp_path / "keys.toml"
    admin, _ = new_key(keys, "admin", ("admin", "predict"))
    caller, _ = new_key(keys, "caller", ("predict",))
    return folder, keys, {"x_api_key": admin}, {"x_api_key": caller}


def test_uploads(start, bundle, repository):
    folder, keys, admin, caller = repository
    server = start(folder, "--keys", keys, security={"allow_upload": folder})
    data = bundle.read_bytes()
    assert server.ask("PUT", "/models/new", data, **caller).status == 403
    assert server.ask("PUT", "/models/new", data).status == 401
    for garbage in (b"", b"x" * 100_000, data[:-100], data[:1000] + b"!" + data[1001:]):
        answer = server.ask("PUT", "/models/stays", garbage, **admin)
        assert (answer.status, answer.json()["error"]["code"]) == (422, "model-garbage")
        assert str(folder) not in answer.body.decode()
    for name in ("..", ".hidden", "a..b", "con", "%00", "a%2f..%2fb", "..%5cx", "x" * 200, "a%20b"):
        answer = server.ask("PUT", f"/models/{name}", data, **admin)
        assert answer.status in (404, 405, 422), name
    assert [path.name for path in folder.iterdir()] == ["stays.mulle"]
    assert (folder / "stays.mulle").read_bytes() == data
    assert server.ask("PUT", f"/models/{quote('모델-2')}", data, **admin).status == 201
    path = f"/models/{quote('모델-2')}/predict"
    until(lambda: server.post(path, ROW, **caller).status == 200)


@pytest.mark.skipif(sys.platform != "linux", reason="wants a limit on files")
def test_an_upload_to_a_full_disk_says_so_and_changes_nothing(start, bundle, repository):
    import resource

    folder, keys, admin, caller = repository
    server = start(folder, "--keys", keys, security={"allow_upload": folder})
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_000, 1_000))
    answer = server.ask("PUT", "/models/new", bundle.read_bytes(), **admin)
    assert (answer.status, answer.json()["error"]["code"]) == (507, "disk-full")
    assert [path.name for path in folder.glob("*.mulle")] == ["stays.mulle"]
    assert server.post("/predict", ROW, **caller).status == 200


def version_of(server, name):
    return server.get("/health/ready").json()["models"].get(name)


def test_an_upload_takes_the_place_of_the_same_model_only(
    start, bundle, challenger, regression, repository
):
    folder, keys, admin, _ = repository
    server = start(folder, "--keys", keys, security={"allow_upload": folder})
    for name in ("new", "new.mulle"):  # one name, with its ending or without
        answer = server.ask("PUT", f"/models/{name}", bundle.read_bytes(), **admin)
        assert (answer.status, answer.json()["model"]) == (201, "new")
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["new.mulle", "stays.mulle"]
    first = answer.json()["version"]
    until(lambda: version_of(server, "new") == first)
    other = server.ask("PUT", "/models/new", regression.read_bytes(), **admin)
    assert (other.status, other.json()["error"]["code"]) == (409, "model-other-target")
    assert str(folder) not in other.body.decode()
    assert (folder / "new.mulle").read_bytes() == bundle.read_bytes()
    same = server.ask("PUT", "/models/new", challenger.read_bytes(), **admin)
    assert same.status == 201
    until(lambda: version_of(server, "new") == same.json()["version"])
    forced = server.ask("PUT", "/models/new?replace", regression.read_bytes(), **admin)
    assert forced.status == 201
    until(lambda: version_of(server, "new") == forced.json()["version"])
    assert server.get("/health/ready").json()["not_loaded"] == []
    kept = [path.read_bytes() for path in kept_files(folder / "new.mulle")]
    assert kept == [bundle.read_bytes(), challenger.read_bytes()]
    (folder / "dir.mulle").mkdir()
    answer = server.ask("PUT", "/models/dir?replace", bundle.read_bytes(), **admin)
    assert (answer.status, answer.json()["error"]["code"]) == (409, "place-taken")
    line = f"version {first} answered until now, {same.json()['version']} answers"
    assert line in server.stop()


def test_an_upload_that_answers_wrongly_is_refused(start, repository, tmp_path):
    folder, keys, admin, _ = repository
    server = start(folder, "--keys", keys, security={"allow_upload": folder})
    golden = Path(__file__).parents[2] / "bundle" / "golden" / "regression.mulle"
    data = rewritten(tmp_path / "wrong.mulle", golden, repeat(1, 2)).read_bytes()
    answer = server.ask("PUT", "/models/new", data, **admin)
    assert (answer.status, answer.json()["error"]["reason"]) == (422, "trial-rows")
    assert [path.name for path in folder.iterdir()] == ["stays.mulle"]


def test_uploads_must_be_allowed(start, bundle, repository):
    folder, keys, admin, _ = repository
    server = start(folder, "--keys", keys)
    assert server.ask("PUT", "/models/new", b"", **admin).status == 405
    with pytest.raises(AssertionError, match="would not be served"):
        Server(bundle, "--keys", keys, security={"allow_upload": folder})
    with pytest.raises(AssertionError, match="let everybody replace"):
        Server(folder, security={"allow_upload": folder})
