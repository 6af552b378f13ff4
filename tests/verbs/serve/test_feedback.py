"""The true outcome over HTTP: one `POST /feedback` that reaches log, monitor and routing."""

import contextlib
import json
import sqlite3
import time

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from tests.verbs.serve.conftest import ROW, fitted, rows
from tests.verbs.serve.test_monitor import ask_many, drift, until

import mulle
from mulle.verbs.watch.log import read_log
from mulle.verbs.watch.logged import watch_log

POLICY = 'policy = "canary"\nshares = [0.999999, 0.000001]'


@pytest.fixture
def opened(start, bundle, challenger, tmp_path):
    """Starts servers of two versions of `stays`, with a policy, a log, both or neither."""

    def made(*options, policy="", log="", models=None, **settings):
        if policy:
            (tmp_path / "routing.toml").write_text(f"[stays]\n{policy}\n", encoding="utf-8")
            options = ("--routing", "routing.toml", *options)
        if log:
            options = ("--log-predictions", log, *options)
        models = models or (f"stays@champion={bundle}", f"stays@challenger={challenger}")
        return start(*models, *options, cwd=tmp_path, **settings)

    return made


def ask(server, row=ROW, path="/predict", **headers):
    """The id of an answer, and what it says."""
    answer = server.post(path, row, **headers)
    return answer.headers["x-prediction-id"], answer.json()


def code_of(answer):
    return answer.status, answer.json()["error"]["code"]


def rewards(server):
    """Number and mean of the champion's rewards."""
    version = server.get("/routing/stays/report").json()["versions"][0]
    return version["feedback"], version["mean"]


def labels_in(place):
    log = read_log(place)
    return dict(zip(log.about["id"], log.label.to_list(), strict=True))


# --- whatever is on ---------------------------------------------------------------------


@pytest.mark.parametrize("place", ["log.db", "parts"])
def test_only_the_log_is_on(opened, tmp_path, place):
    server = opened(log=place)
    id, _ = ask(server)
    said = server.post("/feedback", {"prediction_id": id, "label": "yes"})
    assert said.json() == {"accepted": 1, "repeated": 0, "logged": 1, "rewarded": 0}
    assert labels_in(tmp_path / place) == {id: "yes"}
    again = server.post("/feedback", {"prediction_id": id, "label": "yes"}).json()
    assert (again["accepted"], again["repeated"]) == (0, 1)
    other = server.post("/feedback", {"prediction_id": id, "label": "no"}).json()
    assert (other["accepted"], other["repeated"]) == (1, 0)  # a correction: the last label counts
    assert labels_in(tmp_path / place) == {id: "no"}
    reward = server.post("/feedback", {"prediction_id": id, "reward": 1})
    assert code_of(reward) == (409, "feedback-no-policy")
    both = server.post("/feedback", {"prediction_id": id, "label": "yes", "reward": 1}).json()
    assert (both["logged"], both["rewarded"]) == (1, 0)
    unknown = server.post("/feedback", {"prediction_id": "nobody", "label": "yes"})
    assert code_of(unknown) == (404, "feedback-unknown-not-logged")


def test_a_row_of_several_and_the_id_of_a_request(opened, tmp_path):
    server = opened(log="log.db")
    id, _ = ask(server, [ROW, {**ROW, "city": "부산"}], x_request_id="order-17")
    assert id == "order-17"
    without = server.post("/feedback", {"request_id": id, "label": "yes"})
    assert code_of(without) == (422, "feedback-many")
    second = {"request_id": id, "row": 2, "label": "no"}
    assert server.post("/feedback", second).json()["logged"] == 1
    assert server.post("/feedback", {"request_id": id, "row": 1, "label": "yes"}).status == 200
    third = server.post("/feedback", {"request_id": id, "row": 3, "label": "no"})
    assert code_of(third) == (404, "feedback-unknown-not-logged")
    assert labels_in(tmp_path / "log.db") == {f"{id}/0": "yes", f"{id}/1": "no"}
    stream = "".join(json.dumps(ROW) + "\n" for _ in range(3)).encode()
    server.post("/stream", stream, content_type="application/x-ndjson", x_request_id="flow")
    entries = [{"request_id": "flow", "row": row, "label": "yes"} for row in (1, 2, 3)]
    assert server.post("/feedback", entries).json()["logged"] == 3


def test_only_routing_is_on(opened):
    server = opened(policy=POLICY)
    id, answer = ask(server)
    right = {"prediction_id": id, "label": answer["label"]}
    assert server.post("/feedback", right).json() == {
        "accepted": 1, "repeated": 0, "logged": 0, "rewarded": 1,
    }  # fmt: skip
    assert server.post("/feedback", right).json()["repeated"] == 1
    other = "no" if answer["label"] == "yes" else "yes"
    ids = [ask(server)[0] for _ in range(4)]
    batch = [
        {"prediction_id": ids[0], "label": other}, {"prediction_id": ids[1], "reward": 0.5},
        {"prediction_id": ids[1], "reward": 1}, {"prediction_id": ids[2], "label": "maybe"},
        {"prediction_id": "x" * 40, "reward": 1}, 7, {"prediction_id": ids[3]},
    ]  # fmt: skip
    said = server.post("/feedback", {"feedback": batch}).json()
    assert (said["accepted"], said["repeated"], said["rewarded"]) == (2, 1, 3)
    assert [(r["entry"], r["code"]) for r in said["refused"]] == [
        (4, "feedback-label"), (5, "feedback-unknown-not-routed"), (6, "feedback-no-object"),
        (7, "feedback-empty"),
    ]  # fmt: skip
    assert rewards(server) == (3, 0.5)
    path = "/models/stays/versions/champion/predict"
    assert server.post(path, ROW).headers["x-prediction-id"] is None  # chosen by the caller


def test_both_are_on(opened, tmp_path):
    server = opened(policy=POLICY, log="log.db")
    id, answer = ask(server)
    said = server.post("/feedback", {"prediction_id": id, "label": answer["label"]}).json()
    assert said == {"accepted": 1, "repeated": 0, "logged": 1, "rewarded": 1}
    assert labels_in(tmp_path / "log.db") == {id: answer["label"]} and rewards(server) == (1, 1.0)
    second, _ = ask(server)
    own = {"prediction_id": second, "label": answer["label"], "reward": 0.25}
    assert server.post("/feedback", own).json()["rewarded"] == 1  # the reward that was given
    assert rewards(server) == (2, 0.625)
    many, _ = ask(server, [ROW, ROW])
    row = server.post("/feedback", {"prediction_id": many, "row": 2, "label": "yes"}).json()
    assert (row["logged"], row["rewarded"]) == (1, 0)
    assert server.post("/feedback", {"prediction_id": many, "reward": 1}).json()["rewarded"] == 1
    path = "/models/stays/versions/champion/predict"
    unrouted, _ = ask(server, path=path)
    assert server.post("/feedback", {"prediction_id": unrouted, "label": "no"}).json() == {
        "accepted": 1, "repeated": 0, "logged": 1, "rewarded": 0,
    }  # fmt: skip
    unknown = server.post("/feedback", {"prediction_id": "nobody", "label": "yes"})
    assert code_of(unknown) == (404, "feedback-unknown")


@pytest.mark.parametrize(("lang", "named"), [("en", "prediction log"), ("ko", "예측 기록")])
def test_neither_is_on(server, lang, named):
    id = {"prediction_id": "a", "label": "yes"}
    refused = server.post("/feedback", id, accept_language=lang)
    assert code_of(refused) == (404, "feedback-off")
    error = refused.json()["error"]
    assert named in error["message"]
    assert "--log-predictions" in error["fix"] and "--routing" in error["fix"]
    assert server.post("/labels", {"id": "a", "label": "yes"}).status == 404


def test_any_process_takes_feedback_on_the_answers_of_another(opened, tmp_path):
    server = opened("--workers", "2", log="log.db")
    ids = [ask(server)[0] for _ in range(12)]  # a connection each, so both processes answer some
    entries = [{"prediction_id": id, "label": "yes"} for id in ids]
    said = server.post("/feedback", entries).json()
    assert (said["accepted"], said["refused"]) == (12, [])
    assert labels_in(tmp_path / "log.db") == dict.fromkeys(ids, "yes")


# --- labels -----------------------------------------------------------------------------


def test_the_monitor_s_scores_appear_after_feedback(opened, bundle, tmp_path):
    server = opened(log="log.db", models=(bundle,), monitor={"every": 1})
    table = rows(500, 21)
    ask_many(server, table.drop("stays"), 25)
    until(lambda: (tmp_path / "log.db").exists() and len(read_log(tmp_path / "log.db")) == 500)
    log = read_log(tmp_path / "log.db")
    order = log.rows.with_columns(log.about["id"])
    truth = table.with_columns(pl.col("joined").cast(pl.String))
    keys = ["city", "joined", "income"]
    labelled = order.join(truth, on=keys, how="left").select("id", "stays").unique("id")
    entries = [{"prediction_id": id, "label": label} for id, label in labelled.iter_rows()][:300]
    assert drift(server)["performance"] == []
    said = server.post("/feedback", {"feedback": entries}).json()
    assert said == {"accepted": 300, "repeated": 0, "logged": 300, "rewarded": 0, "refused": []}
    [score] = until(lambda: drift(server)["performance"])
    given = [entry["prediction_id"] for entry in entries]
    asked = order.filter(pl.col("id").is_in(given)).join(truth, on=keys, how="left")
    model = mulle.load(bundle)
    shares = model.predict_proba(asked.drop("id", "stays"))
    expected = roc_auc_score(
        np.array(asked["stays"].to_list()) == "yes", shares[:, model.manifest.labels.index("yes")]
    )
    assert (score["metric"], score["rows"]) == ("roc_auc", 300)
    assert score["score"] == pytest.approx(expected, abs=1e-6)
    result = drift(server)
    assert result["target"]["n_cur"] == 300
    verdict = watch_log(bundle, tmp_path / "log.db")
    assert verdict.performance[0].score == pytest.approx(expected, abs=1e-6)
    assert verdict.n_cur == 500


def test_a_label_is_read_as_the_model_reads_it(opened, tmp_path):
    server = opened(policy=POLICY, log="log.db")
    id, _ = ask(server)
    for label in ("maybe", "", "y", 1, True):
        refused = server.post("/feedback", {"prediction_id": id, "label": label})
        assert code_of(refused) == (422, "feedback-label")
        assert set(refused.json()["error"]["known"]) == {"yes", "no"}
        assert "yes" in refused.json()["error"]["fix"]
    assert labels_in(tmp_path / "log.db")[id] is None
    said = server.post("/feedback", {"prediction_id": id, "label": "Yes"}).json()
    assert said["accepted"] == 1
    assert labels_in(tmp_path / "log.db")[id] == "yes"  # as the model writes it


def test_labels_that_are_true_or_false_or_numbers_keep_their_type(opened, share, tmp_path):
    table = rows(300).with_columns(
        wins=pl.col("stays") == "yes", grade=pl.when(pl.col("stays") == "yes").then(3).otherwise(1)
    )
    models = [
        fitted(share, "feedback-wins", table.drop("stays", "grade"), "wins", 1),
        fitted(share, "feedback-grade", table.drop("stays", "wins"), "grade", 1),
        fitted(share, "feedback-income", table.drop("stays", "wins", "grade"), "income", 1),
    ]
    server = opened(log="log.db", models=models)
    sent = {}
    for model, labels in {
        "wins": [(True, True), ("false", False), ("True", True)],
        "grade": [(3, 3), (1.0, 1), ("3", 3)],
        "income": [(400.5, 400.5), (7, 7.0), ("1,250.5", 1250.5)],
    }.items():
        row = {k: v for k, v in ROW.items() if k != model}
        for label, expected in labels:
            id, _ = ask(server, row, f"/models/{model}/predict")
            answer = server.post("/feedback", {"prediction_id": id, "label": label})
            assert answer.status == 200, (model, label, answer.json())
            sent[id] = expected
    with contextlib.closing(sqlite3.connect(tmp_path / "log.db")) as log:
        stored = dict(log.execute("select id, label from labels"))
    assert stored == {id: json.dumps(label) for id, label in sent.items()}
    for model, wrong, code in (
        ("wins", "perhaps", "feedback-label"), ("grade", 2, "feedback-label"),
        ("income", "much", "feedback-value"), ("income", True, "feedback-value"),
    ):  # fmt: skip
        row = {k: v for k, v in ROW.items() if k != model}
        id, _ = ask(server, row, f"/models/{model}/predict")
        refused = server.post("/feedback", {"prediction_id": id, "label": wrong})
        assert code_of(refused) == (422, code)


# --- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_feedback_that_is_refused(opened, lang):
    server = opened(policy='policy = "thompson"', log="log.db")
    id, _ = ask(server)
    many, _ = ask(server, [ROW, ROW])
    forged = ("A" if id[0] != "A" else "B") + id[1:]
    cases = [
        ({"prediction_id": "no", "reward": 1}, 404, "feedback-unknown"),
        ({"prediction_id": forged, "reward": 1}, 404, "feedback-unknown"),
        ({"prediction_id": id + "=", "reward": 1}, 404, "feedback-unknown"),
        ({"prediction_id": "é" * 40, "reward": 1}, 404, "feedback-unknown"),
        ({"prediction_id": None, "reward": 1}, 422, "feedback-no-id"),
        ({"prediction_id": [id], "reward": 1}, 422, "feedback-no-id"),
        ({"prediction_id": "", "label": "yes"}, 422, "feedback-no-id"),
        ({"prediction_id": "x" * 300, "label": "yes"}, 422, "feedback-no-id"),
        ({"label": "yes"}, 422, "feedback-no-id"),
        ("yes", 422, "feedback-no-object"),
        ({"prediction_id": id, "reward": 2}, 422, "feedback-range"),
        ({"prediction_id": id, "reward": "1"}, 422, "feedback-reward"),
        ({"prediction_id": id, "reward": 10**400}, 422, "feedback-reward"),
        ({"prediction_id": id, "label": None}, 422, "feedback-empty"),
        ({"prediction_id": id, "label": ["yes"]}, 422, "feedback-label-type"),
        ({"prediction_id": id, "label": "yess"}, 422, "feedback-label"),
        ({"prediction_id": id, "label": "yes", "row": 0}, 422, "feedback-row"),
        ({"prediction_id": many, "label": "yes"}, 422, "feedback-many"),
        ([{"prediction_id": "a", "label": 1}] * 10_001, 413, "rows-many"),
    ]
    for body, status, code in cases:
        answer = server.post("/feedback", body, accept_language=lang)
        error = answer.json()["error"]
        assert (answer.status, error["code"]) == (status, code)
        assert any("가" <= letter <= "힣" for letter in error["message"]) == (lang == "ko")
        assert any("가" <= letter <= "힣" for letter in error["fix"]) == (lang == "ko")
    assert server.post("/feedback", {"prediction_id": many, "reward": 1}).json()["accepted"] == 1
    hasty = {"policy": "thompson", "feedback_days": 1e-9}
    assert server.ask("PUT", "/routing/stays", hasty).status == 200
    time.sleep(1.1)
    late = server.post("/feedback", {"prediction_id": id, "reward": 1})
    assert code_of(late) == (410, "feedback-late")
    label = server.post("/feedback", {"prediction_id": id, "label": "yes"}).json()
    assert (label["logged"], label["rewarded"]) == (1, 0)  # the log takes a label at any time


def test_the_reward_of_a_regression_is_its_error(start, regression, tmp_path):
    (tmp_path / "r.toml").write_text(
        '[income]\npolicy = "canary"\nshares = [0.5, 0.5]\nerror_scale = 10', encoding="utf-8"
    )
    models = (f"income@champion={regression}", f"income@challenger={regression}")
    server = start(*models, "--routing", "r.toml", cwd=tmp_path)
    id, answer = ask(server, {k: v for k, v in ROW.items() if k != "income"})
    server.post("/feedback", {"prediction_id": id, "label": answer["value"] + 25})
    row = {k: v for k, v in ROW.items() if k != "income"}
    many, _ = ask(server, [row, row])
    for label in (3.5, 10**400):
        refused = server.post("/feedback", {"prediction_id": many, "label": label})
        assert code_of(refused) == (422, "feedback-many")
    large = server.post("/feedback", {"prediction_id": id, "label": 10**400})
    assert code_of(large) == (422, "feedback-value")
    report = server.get("/routing/income/report").json()
    assert report["versions"][0]["mean"] == pytest.approx(-2.5, abs=1e-5)
    assert report["rewards"] == "real"


def test_headers_of_a_routed_answer(opened):
    server = opened(policy=POLICY, limits={"rate": "1000/s"}, security={"cors": ["http://page"]})
    answer = server.post("/predict", ROW, Origin="http://page")
    assert answer.headers["access-control-allow-origin"] == "http://page"
    assert len(answer.headers.get_all("x-prediction-id")) == 1
    assert answer.headers["x-model-version"] == answer.json()["version"]
