"""Routing between versions over real servers: users, rules, shadows, feedback, kills."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats
from tests.verbs.serve.conftest import ROW, rows
from tests.verbs.serve.test_monitor import until

import mulle
from mulle.verbs.serve import Settings
from mulle.verbs.serve.app import build_service
from mulle.verbs.serve.http import HTTPError, Request


@pytest.fixture
def two(start, bundle, challenger, tmp_path):
    """Starts a server of two versions of `stays`, with its state in the test's folder."""

    def started(rule="", *options, models=None):
        if rule:
            (tmp_path / "route.toml").write_text(f"[stays]\n{rule}\n", encoding="utf-8")
            options = ("--routing", "route.toml", *options)
        models = models or (f"stays@champion={bundle}", f"stays@challenger={challenger}")
        return start(*models, *options, cwd=tmp_path)

    return started


def versions_of(server):
    return server.get("/models/stays").json()["aliases"]


def version_for(server, key):
    return server.post("/predict", ROW, X_Assignment_Key=key).json()["version"]


def asked_of(server):
    return sum(version["requests"] for version in report_of(server)["versions"])


def report_of(server, lang="en"):
    return server.get(f"/routing/stays/report?lang={lang}").json()


# --- versions ---------------------------------------------------------------------------


def test_two_files_are_two_versions(two, bundle, challenger, tmp_path):
    server = two()
    said = versions_of(server)
    assert set(said) == {"champion", "challenger"} and len(set(said.values())) == 2
    for alias, path in (("champion", bundle), ("challenger", challenger)):
        answer = server.post(f"/models/stays/versions/{alias}/predict", ROW).json()
        expected = mulle.load(path).predict_proba(ROW)[0].tolist()
        assert list(answer["probabilities"].values()) == expected
        assert answer["version"] == said[alias]
    answer = server.post("/predict", ROW)
    assert answer.json()["version"] == said["champion"]
    assert answer.headers["x-prediction-id"] is None
    assert not list(tmp_path.rglob("*.db"))  # who does not route has no database


def test_a_file_twice_keeps_both_names(two, bundle, challenger, tmp_path):
    for name in "ab":
        shutil.copy(bundle, tmp_path / f"{name}.mulle")
    server = two(models=("stays@champion=a.mulle", "stays@challenger=b.mulle"))
    assert len(set(versions_of(server).values())) == 1
    shutil.copy(challenger, tmp_path / "new")
    (tmp_path / "new").replace(tmp_path / "b.mulle")
    until(lambda: len(set(versions_of(server).values())) == 2)
    assert server.post("/models/stays/versions/champion/predict", ROW).status == 200


@pytest.mark.parametrize(
    ("models", "named"),
    [
        (("a@champion={}", "a@champion={}"), "a@challenger=PATH"),
        (("a={}", "a={}"), "OTHER=PATH"),
        (("a@champion={}", "a={}"), "a@challenger=PATH"),
    ],
)
def test_names_that_clash(bundle, models, named):
    done = mulle_serve(*(m.format(bundle) for m in models))
    assert done.returncode == 2 and named in done.stderr


def mulle_serve(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "mulle", "serve", *arguments], cwd=cwd, timeout=60,
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


# --- users ------------------------------------------------------------------------------


def follow(server, first, said, asked):
    """Wait until every process has the new shares; `asked` gets the key of each request."""

    def moved(key):
        asked.append(key)
        return version_for(server, key) == said["challenger"]

    stayed = [key for key in first if first[key] == said["champion"]]
    witness = until(lambda: next((key for key in stayed if moved(key)), ""))
    with ThreadPoolExecutor(8) as pool:  # at once, so that no process answers them all
        until(lambda: all(pool.map(moved, [witness] * 80)))


def test_users_keep_their_version_through_shares_processes_and_restarts(two):
    rule = 'policy = "ab"\nshares = [0.8, 0.2]'
    server = two(rule, "--workers", "2")
    said = versions_of(server)
    first = {f"u{i}": version_for(server, f"u{i}") for i in range(300)}
    counts = [list(first.values()).count(said[a]) for a in ("champion", "challenger")]
    assert stats.chisquare(counts, [240, 60]).pvalue > 0.001
    assert {key: version_for(server, key) for key in first} == first

    more = {"policy": "ab", "shares": [0.6, 0.4]}
    answer = server.ask("PUT", "/routing/stays", more)
    assert answer.status == 200 and answer.json()["round"] == 1
    asked = []
    follow(server, first, said, asked)
    second = {key: version_for(server, key) for key in first}
    moved = [key for key in first if first[key] != second[key]]
    assert 30 < len(moved) < 90 and all(second[key] == said["challenger"] for key in moved)

    until(lambda: asked_of(server) == 900 + len(asked))
    server.stop()
    again = two(rule)  # the file did not change, so what was PUT stays
    assert {key: version_for(again, key) for key in first} == second
    found = report_of(again)
    assert sum(v["requests"] for v in found["versions"]) == 1200 + len(asked)
    assert found["shares_changed"] == 1


def test_without_a_key_and_with_a_version_nobody_takes_part(two):
    server = two('policy = "ab"\nshares = [0.01, 0.99]')
    said = versions_of(server)
    answer = server.post("/predict", ROW)
    assert answer.json()["version"] == said["champion"]
    assert answer.headers["x-prediction-id"] is None
    path = "/models/stays/versions/champion/predict"
    answers = [server.post(path, ROW, X_Assignment_Key=str(i)) for i in range(20)]
    assert {a.json()["version"] for a in answers} == {said["champion"]}
    assert {a.headers["x-prediction-id"] for a in answers} == {None}
    assert sum(v["requests"] for v in report_of(server)["versions"]) == 0


def test_the_key_may_be_a_column(two):
    server = two('policy = "ab"\nkey_column = "user"')
    by_user = {i: server.post("/predict", ROW | {"user": i}).json()["version"] for i in range(40)}
    assert len(set(by_user.values())) == 2
    for user, version in by_user.items():
        many = server.post("/predict", [ROW | {"user": float(user)}] * 3)
        assert (many.json()["version"], bool(many.headers["x-prediction-id"])) == (version, True)
    header, line = "나이,city,joined,income,user", "31,서울,2024-03-01,420.5,7"
    csv = server.post("/predict", f"{header}\n{line}\n".encode(), content_type="text/csv")
    assert csv.json()["version"] == by_user[7]
    mixed = server.post("/predict", [ROW | {"user": i} for i in range(40)])
    assert mixed.status == 200 and mixed.headers["x-prediction-id"] is None
    assert server.post("/predict", b"{broken").status == 400


# --- feedback ---------------------------------------------------------------------------


def test_nothing_is_routed_without_a_policy(server):
    assert server.get("/routing").json() == {"models": {}}
    assert server.get("/routing/stays/report").status == 404
    assert server.get("/routing/other/report").status == 404
    for options, code, lang, named in (
        ([], 2, "en", "No model of this server has a routing policy"),
        ([], 2, "ko", "라우팅 정책이 있는 모델이 없습니다"),
        (["--model", "stays"], 1, "en", "PUT /routing/stays"),
    ):
        done = mulle_ab(server.url, "--lang", lang, *options)
        assert (done.returncode, named in done.stderr) == (code, True), done.stderr


def mulle_ab(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "mulle", "ab", *arguments], capture_output=True, text=True,
        encoding="utf-8", timeout=60, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_a_bandit_finds_the_better_version(two):
    server = two('policy = "thompson"')
    said = versions_of(server)
    rng = np.random.default_rng(0)

    def turn(_):
        answer = server.post("/predict", ROW)
        better = answer.json()["version"] == said["challenger"]
        reward = int(rng.random() < (0.8 if better else 0.2))
        server.post(
            "/feedback", {"prediction_id": answer.headers["x-prediction-id"], "reward": reward}
        )
        return better

    with ThreadPoolExecutor(4) as pool:
        chosen = list(pool.map(turn, range(200)))
    assert np.mean(chosen[100:]) > 0.75
    found = report_of(server, "ko")
    assert {v["feedback"] + 0 for v in found["versions"]} == {sum(chosen), 200 - sum(chosen)}
    assert found["comparisons"][0]["verdict"] in {"better", "collect"}


def test_a_killed_server_forgets_no_reward(two, tmp_path):
    rule = 'policy = "canary"\nshares = [0.5, 0.5]'
    server = two(rule)
    ids = [server.post("/predict", ROW).headers["x-prediction-id"] for _ in range(30)]
    for made in ids[:20]:
        assert (
            server.post("/feedback", {"prediction_id": made, "reward": 1}).json()["accepted"] == 1
        )
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    again = two(rule)
    for made in ids[:20]:
        assert again.post("/feedback", {"prediction_id": made, "reward": 1}).json()["repeated"] == 1
    for made in ids[20:]:
        assert again.post("/feedback", {"prediction_id": made, "reward": 1}).json()["accepted"] == 1
    assert sum(v["feedback"] for v in report_of(again)["versions"]) == 30
    kept = sqlite3.connect(tmp_path / ".mulle/serve/routing.db")
    assert kept.execute("select count(*) from routing_rewards").fetchone() == (30,)
    kept.close()


def test_requests_are_counted_until_the_end(two):
    rule = 'policy = "canary"\nshares = [0.5, 0.5]'
    server = two(rule)
    for _ in range(25):
        server.post("/predict", ROW)
    server.stop()  # gracefully, within the second of the last exchange
    assert sum(v["requests"] for v in report_of(two(rule))["versions"]) == 25


# --- shadow -----------------------------------------------------------------------------


def test_a_shadow_is_compared_and_never_seen(two, bundle, challenger):
    server = two('policy = "shadow"\nbusy = 1.0')
    said = versions_of(server)
    table = rows(60, seed=3).drop("stays")
    records = json.loads(table.write_json())
    for record in records:
        assert server.post("/predict", record).json()["version"] == said["champion"]
        time.sleep(0.005)
    found = until(lambda: (s := report_of(server)["shadows"][0])["rows"] == 60 and s)
    models = [mulle.load(path) for path in (bundle, challenger)]
    own, other = (  # by label: the positive label, which stands last, may differ
        model.predict_proba(records)[:, np.argsort(model.manifest.labels)] for model in models
    )
    a, b = (mulle.load(path).predict(records) for path in (bundle, challenger))
    assert (found["rows"], found["dropped"], found["failed"]) == (60, 0, 0)
    assert found["agreed"] == pytest.approx(np.mean(a == b))
    assert found["mean_gap"] == pytest.approx(np.abs(own - other).max(axis=1).mean(), abs=1e-6)
    assert found["milliseconds"] > 0 and found["own_milliseconds"] > 0
    metrics = server.get("/metrics").body.decode()
    assert 'model_shadow_rows_total{model="stays",outcome="agreed"' in metrics


def test_a_shadow_that_fails_or_is_slow_is_the_shadow_s_trouble(two, bundle, regression):
    models = (f"stays@champion={bundle}", f"stays@challenger={regression}")
    server = two('policy = "shadow"\nbusy = 0.01', models=models)
    with ThreadPoolExecutor(8) as pool:
        broken = {"city": "서울"}
        statuses = list(pool.map(lambda i: server.post("/predict", ROW).status, range(300)))
    assert set(statuses) == {200}
    assert server.post("/predict", broken).status == 422
    found = until(lambda: (s := report_of(server)["shadows"][0])["dropped"] > 0 and s)
    assert found["rows"] + found["dropped"] + found["failed"] <= 300


# --- changing the rules -----------------------------------------------------------------

MISTAKES = [
    ({"policy": "canari"}, "policy-unknown", "canary"),
    ({"policy": "ab", "share": [1, 2]}, "policy-setting-unknown", "shares"),
    ({"policy": "ab", "shares": [0.5, 0.6]}, "policy-shares", "0.6"),
    ({"policy": "ab", "shares": [0.7]}, "policy-shares", "0.7"),
    ({"policy": "ab", "shares": "half"}, "policy-value", "shares"),
    ({"policy": "ab", "versions": ["champion", "chaleng"]}, "policy-version-unknown", "challenger"),
    ({"policy": "ab", "versions": ["champion", "champion"]}, "policy-versions", "2"),
    ({"policy": "ab", "key_header": "a", "key_column": "b"}, "policy-key-twice", "b"),
    ({"policy": "ucb", "low": 1, "high": 0}, "policy-number", "high"),
    ({"policy": "epsilon-greedy", "epsilon": 2}, "policy-number", "epsilon"),
    ({"policy": "thompson", "half_life": -1}, "policy-number", "half_life"),
    ([], "policy-no-table", "[]"),
]  # fmt: skip


def test_rules_that_cannot_be_used(two):
    server = two()
    for settings, code, named in MISTAKES:
        for lang in ("en", "ko"):
            answer = server.ask("PUT", "/routing/stays", settings, accept_language=lang)
            error = answer.json()["error"]
            assert (answer.status, error["code"]) == (400, code), error
            assert named in error["message"] + error["fix"]
            assert any("가" <= letter <= "힣" for letter in error["message"]) == (lang == "ko")
    assert server.ask("PUT", "/routing/other", {"policy": "fixed"}).status == 404
    assert server.get("/routing").json() == {"models": {}}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[stays\n", "TOML"),
        ('[stays]\npolicy = "thomson"', "thompson"),
        ('[stay]\npolicy = "ab"', "stays"),
        ('[stays]\npolicy = "ab"\nversions = ["champion", "x"]', "challenger"),
    ],
)
def test_files_that_cannot_be_used(bundle, challenger, tmp_path, text, named):
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    models = (f"stays@champion={bundle}", f"stays@challenger={challenger}")
    done = mulle_serve(*models, "--routing", "r.toml", "--port", "9", cwd=tmp_path)
    assert done.returncode == 2 and named in done.stderr
    assert "Traceback" not in done.stderr


def test_rules_come_and_go_while_it_runs(two):
    server = two()
    said = versions_of(server)
    assert server.ask("DELETE", "/routing/stays").status == 404
    fixed = {"policy": "fixed", "versions": ["challenger"]}
    assert server.ask("PUT", "/routing/stays", fixed).status == 200
    assert server.post("/predict", ROW).json()["version"] == said["challenger"]
    assert server.post("/models/stays/predict", ROW).json()["version"] == said["challenger"]
    shown = server.get("/routing").json()["models"]["stays"]
    assert (
        shown["policy"] == shown["settings"]["policy"] == "fixed"
        and shown["versions"][0]["requests"] == 2
    )
    assert server.ask("PUT", "/routing/stays", {"policy": "ucb"}).json()["round"] == 2
    assert server.ask("PUT", "/routing/stays", {"policy": "ucb"}).json()["round"] == 2
    assert server.ask("PUT", "/routing/stays?fresh", {"policy": "ucb"}).json()["round"] == 3
    assert server.ask("DELETE", "/routing/stays").status == 200
    assert server.post("/predict", ROW).json()["version"] == said["champion"]
    assert server.post("/predict", ROW).headers["x-prediction-id"] is None


# --- the report -------------------------------------------------------------------------


def test_the_report_and_its_command(two):
    server = two('policy = "canary"\nshares = [0.5, 0.5]')
    said, batch = versions_of(server), []
    for i in range(400):
        answer = server.post("/predict", ROW)
        better = answer.json()["version"] == said["challenger"]
        batch.append(
            {
                "prediction_id": answer.headers["x-prediction-id"],
                "reward": int(i % 10 < 3 + 5 * better),
            }
        )
    server.post("/feedback", batch)
    found = report_of(server)
    for version in found["versions"]:
        k, n = version["mean"] * version["feedback"], version["feedback"]
        expected = stats.binomtest(round(k), n).proportion_ci(method="wilson")
        assert (version["low"], version["high"]) == pytest.approx((expected.low, expected.high))
    gap = found["comparisons"][0]
    assert gap["verdict"] == "better" and gap["low"] < 0.5 < gap["high"] and gap["low"] > 0
    assert found["verdict"].startswith("challenger is better than champion")
    assert report_of(server, "ko")["verdict"].startswith("challenger가 champion보다 낫습니다")
    for lang, sentence in (("en", "is better than"), ("ko", "보다 낫습니다")):
        done = mulle_ab(server.url, "--lang", lang)
        assert done.returncode == 0 and sentence in done.stdout
        assert said["champion"] in done.stdout
    done = mulle_ab("http://127.0.0.1:9")
    assert done.returncode == 1 and "mulle serve" in done.stderr


def test_a_version_that_is_taken_down_as_it_is_chosen(bundle, tmp_path):
    service = build_service(Settings(models=(str(bundle),), state_dir=tmp_path))
    service.choosers.append(lambda request, name: "gone")
    request = Request({"type": "http"}, None, 0, None, "en")
    assert service.model(request).name == "stays"
    with pytest.raises(HTTPError):
        service.model(request, "stays", "gone")  # who asks for it is told
