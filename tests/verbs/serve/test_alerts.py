"""Alerts of a server: told once, by one of its processes, with the evidence and what to do."""

import pytest
from tests.verbs.serve.conftest import ROW
from tests.verbs.serve.hooks import Receiver
from tests.verbs.serve.test_monitor import ask_many, sent, until

from mulle.verbs.serve import Settings
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.monitor.alerts import command_to_look
from mulle.verbs.serve.monitor.traffic import TrafficSnapshot

RULES = """
[[rule]]
name = "income moves"
on = "drift"
column = "income"
for = "2 checks"
channels = ["team"]

[[rule]]
name = "many mistakes"
on = "server"
metric = "refused_share"
above = 0.9
clear = 0.5
channels = ["team"]

[channel.team]
type = "webhook"
url = "{url}"
"""


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


def changes(receiver):
    return [(a["rule"], a["change"]) for message in receiver.posted for a in message["alerts"]]


def ask_until(server, check, body, status):
    """Send the same request again and again until `check` holds."""

    def asked():
        for _ in range(30):
            assert server.post("/predict", body).status == status
        return check()

    until(asked)


def test_a_drift_is_told_once_and_so_are_the_servers_own_figures(start, bundle, tmp_path, receiver):
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES.replace("{url}", receiver.url), encoding="utf-8")
    server = start(
        bundle,
        "--alerts",
        rules,
        "--workers",
        2,
        server={"state_dir": tmp_path / "s"},
        monitor={"every": 1, "window": "1h"},
    )
    ask_many(server, sent(500, 1, 130.0), 5)
    until(lambda: ("income moves", "opened") in changes(receiver))
    [alert] = receiver.posted[0]["alerts"]
    assert (alert["model"], alert["subject"]) == ("stays", "income")
    assert alert["evidence"]["drift_detected"] and "rose" in alert["evidence"]["reason"]
    assert alert["look"].endswith("/models/stays/drift")
    ask_until(server, lambda: ("many mistakes", "opened") in changes(receiver), b"{", 400)
    ask_until(server, lambda: ("many mistakes", "closed") in changes(receiver), ROW, 200)
    assert changes(receiver).count(("income moves", "opened")) == 1
    # kept over a restart: what is open is not told again
    server.stop()
    again = start(
        bundle, "--alerts", rules, server={"state_dir": tmp_path / "s"}, monitor={"every": 1}
    )
    opened = ("many mistakes", "opened")
    ask_until(again, lambda: changes(receiver).count(opened) == 2, b"{", 400)  # checked again
    assert again.post("/predict", ROW).status == 200
    assert changes(receiver).count(("income moves", "opened")) == 1


def test_wrong_rules_are_told_before_serving(bundle, tmp_path):
    import subprocess
    import sys

    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "x"\non = "dirft"\n', encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "mulle", "serve", str(bundle), "--alerts", str(rules)],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode != 0 and "drift" in ended.stderr and "Traceback" not in ended.stderr


def test_the_figures_are_of_the_time_since_the_last_check():
    metrics = Metrics()
    snapshot = TrafficSnapshot(metrics)
    assert snapshot.take()["error_share"] is None
    for status, seconds in ((200, 0.002), (200, 0.002), (503, 0.2), (422, 0.002)):
        metrics.requested("POST", "/predict", status, seconds)
    metrics.requested("GET", "/metrics", 200, 9.0)  # who only looks does not count
    found = snapshot.take()
    assert (found["error_share"], found["refused_share"]) == (0.25, 0.25)
    assert 100 < found["latency_p99_ms"] <= 250 and found["latency_p50_ms"] <= 2.5
    assert snapshot.take()["latency_p99_ms"] is None


def test_what_is_told_to_look_at():
    class LoadedModel:
        name, path = "my model", "models/my model.mulle"

    assert command_to_look(Settings(port=9, host="0.0.0.0"), LoadedModel(), None) == (
        "curl http://localhost:9/models/my%20model/drift"
    )
    settings = Settings(log_predictions="postgresql+psycopg://me:secret@db/log")
    said = command_to_look(settings, LoadedModel(), "2026-11-21T12:00:00+00:00")
    assert "secret" not in said and said.startswith("mulle watch 'models/my model.mulle' ")
    assert said.endswith("--logged-as 'my model' --since 2026-11-21T12:00:00+00:00")
