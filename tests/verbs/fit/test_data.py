"""What a run learns from, and all that it does not use: each told once, none of it in silence."""

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.decisions import DecisionLog
from mulle.errors import DataError
from mulle.i18n import LANGUAGES, Messages
from mulle.table.sentences import describe
from mulle.verbs.fit import Progress, fit
from mulle.verbs.fit.data import prepare
from mulle.verbs.fit.settings import Settings

N = 200
RNG = np.random.default_rng(0)
X = RNG.normal(size=N)
Y = np.where(X > 0, "a", "b")


def prepared(table, target="y", **settings):
    log = DecisionLog()
    data = prepare(pl.DataFrame(table), Settings(target=target, **settings), log, Progress())
    return data, log


def told(data):
    notices = (*data.reading.left_out, *data.reading.doubts)
    for lang in LANGUAGES:
        words = Messages(lang)
        for notice in notices:
            assert f"({notice.code}" not in describe(notice, words).what
            assert "{" not in "".join(describe(notice, words))
    return {(n.code, n.column): n for n in notices}


def test_rows_without_a_target_are_counted_and_named():
    y = [None if i % 5 == 2 else label for i, label in enumerate(Y)]
    data, log = prepared({"x": X, "y": y})
    out = told(data)["target-missing", "y"]
    assert (out.count, out.rows) == (40, (3, 8, 13, 18, 23))
    assert len(data.train.y) + len(data.test.y) == 160
    [decision] = log.of("left-out.target-missing")
    assert decision.values == {"column": "y", "count": 40, "rows": [3, 8, 13, 18, 23]}
    assert Messages("en").sentence(decision).startswith("40 rows have no value")


def test_cells_that_became_missing_are_counted_by_what_they_were():
    numbers = ["NA" if i % 10 == 0 else f"{value:.3f}" for i, value in enumerate(X)]
    infinite = [float("inf") if i % 50 == 0 else value for i, value in enumerate(X)]
    words = ["NA" if i % 4 == 0 else ("low", "high")[i % 2] for i in range(N)]
    data, _ = prepared({"n": numbers, "i": infinite, "w": words, "y": Y})
    found = told(data)
    assert (found["cells-words", ""].count, found["cells-words", ""].values) == (
        70, {"columns": ["n", "w"]},
    )  # fmt: skip
    assert found["cells-infinite", ""].values == {"columns": ["i"]}
    assert found["cells-infinite", ""].count == 4
    plain, _ = prepared({"x": X, "y": Y})
    assert told(plain) == {}


def test_columns_left_out_have_what_they_alone_tell():
    table = {
        "x": X,
        "row": range(N),
        "user": [f"u{i:03}" for i in RNG.permutation(N)],
        "same": ["s"] * N,
        "gone": [None] * N,
        "y": Y,
    }
    order = np.argsort(X)
    data, _ = prepared({name: np.asarray(values)[order] for name, values in table.items()})
    found = told(data)
    assert {("column-id", "user"), ("column-constant", "same"), ("column-constant", "gone")} <= {
        *found
    }
    user = found["column-id", "user"].values
    assert (user["metric"], user["baseline"]) == ("roc_auc", 0.5)
    assert 0.3 < user["score"] < 0.7
    sorted_ids, _ = prepared({"x": X[order], "id": [f"u{i:03}" for i in range(N)], "y": Y[order]})
    assert told(sorted_ids)["column-id", "id"].values["score"] > 0.95
    assert sorted_ids.train.table.names == ["x"]


def test_a_key_that_tells_is_kept_unless_it_only_counts_the_rows():
    key = np.argsort(np.argsort(X)) * 13 + 50_000
    data, _ = prepared({"meter_id": key, "z": RNG.normal(size=N), "y": Y})
    assert data.train.table.names == ["meter_id", "z"]
    assert told(data)["id-kept", "meter_id"].values["score"] > 0.95
    order = np.argsort(X)
    run, _ = prepared({"user_id": np.arange(N) + 1, "z": RNG.normal(size=N), "y": Y[order]})
    assert run.train.table.names == ["z"]
    assert ("column-id", "user_id") in told(run)


def test_a_person_keeps_a_column():
    reading = mulle.table.read_options(None, keep=("user_id",))
    data, _ = prepared({"user_id": np.arange(N) + 1, "x": X, "y": Y}, reading=reading)
    assert data.train.table.names == ["user_id", "x"]
    assert told(data) == {}


def test_the_way_rows_were_divided_is_called_what_it_was():
    _, log = prepared({"x": X, "y": Y})
    assert log.of("split-made")[0].values["how"] == "stratified"
    rare = [*Y[:-1], "rare"]
    _, log = prepared({"x": X, "y": rare})
    assert log.of("split-made")[0].values["how"] == "random"


def test_rows_without_a_group_are_groups_of_their_own():
    group = [None if i % 4 == 0 else f"g{i % 10}" for i in range(N)]
    data, log = prepared({"x": X, "g": group, "y": Y}, group="g")
    assert told(data)["group-missing", "g"].count == 50
    assert not {*data.train.groups} & {*data.test.groups}
    sizes = np.unique(np.concatenate([data.train.groups, data.test.groups]), return_counts=True)[1]
    assert (sizes == 1).sum() == 50
    assert log.of("split-made")[0].values["how"] == "group"


def test_rows_without_a_time_are_the_earliest():
    day = [None if i < 10 else f"2024-01-{i % 28 + 1:02}" for i in range(N)]
    data, _ = prepared({"x": X, "day": day, "y": Y}, time_column="day")
    assert told(data)["time-missing", "day"].count == 10
    assert data.test.table.frame["day"].null_count() == 0


@pytest.mark.parametrize("months", [["v2", "v10", "v3"], ["Spring", "Autumn", "Winter"]])
def test_text_that_does_not_sort_as_time_is_refused(months):
    month = [months[i % 3] for i in range(N)]
    with pytest.raises(DataError) as refused:
        prepared({"x": X, "m": month, "y": Y}, time_column="m")
    assert refused.value.code == "time-column-text"
    assert months[1] in refused.value.what


def test_text_that_sorts_as_time_and_an_order_that_is_given_are_taken():
    weeks = [f"W{i // 5:02}" for i in range(N)]
    data, _ = prepared({"x": X, "w": weeks, "y": Y}, time_column="w")
    assert min(data.test.table.frame["w"]) > max(data.train.table.frame["w"])
    months = ["Jan", "Feb", "Mar"]
    reading = mulle.table.read_options(None, order={"m": months})
    month = [months[i * 3 // N] for i in range(N)]
    data, _ = prepared({"x": X, "m": month, "y": Y}, time_column="m", reading=reading)
    assert {*data.test.table.frame["m"]} == {"Mar"}


def test_a_class_that_weighs_nothing_is_refused():
    weight = np.where(Y == "a", 0.0, 1.0)
    with pytest.raises(DataError) as refused:
        prepared({"x": X, "w": weight, "y": Y}, weight="w")
    assert refused.value.code == "weight-of-class"
    assert "'a'" in refused.value.what


def test_labels_that_look_alike_are_told_with_their_rows():
    spelled = ["yes", "Yes", "YES", "no", "No"]
    y = [spelled[i % 5] for i in range(N)]
    data, _ = prepared({"x": X, "y": y})
    doubt = told(data)["spellings", "y"]
    assert doubt.count == N
    assert doubt.values["spellings"] == dict.fromkeys(spelled, 40)
    assert (doubt.values["classes"], doubt.values["merged"]) == (5, 2)
    reading = mulle.table.read_options(None, fold_case=("y",))
    folded, _ = prepared({"x": X, "y": y}, reading=reading)
    assert folded.target.labels == ("yes", "no")
    assert told(folded) == {}
    assert folded.target.encode(pl.Series(["YES", "nO"])).y.tolist() == [0, 1]


def test_counts_are_predicted_as_numbers_and_told():
    counts = np.minimum(RNG.geometric(0.4, N), 9)
    data, _ = prepared({"x": X, "y": counts})
    assert data.target.task == "regression"
    assert told(data)["target-counts", "y"].count == len(np.unique(counts))
    classes, _ = prepared({"x": X, "y": counts}, task="multiclass")
    assert told(classes) == {}


def test_a_table_that_was_read_is_learned_from_as_it_was_read(tmp_path):
    path = tmp_path / "prices.csv"
    rows = "\n".join(f'"{i % 7},{i:03}","{i * 2},5",{"ab"[i % 2]}' for i in range(N))
    path.write_text("p,q,y\n" + rows)
    table = mulle.read(path, decimal=",")
    data, _ = prepared_from(table)
    assert data.train.table.schema["p"] == table.schema["p"]
    assert data.train.table.frame["q"].max() < 2 * N + 1


def prepared_from(table):
    log = DecisionLog()
    return prepare(table, Settings(target="y"), log, Progress()), log


def test_a_weight_shapes_training_and_no_score(folder):
    table = pl.DataFrame({"x": X, "y": Y, "w": np.where(np.arange(N) % 2, 1.0, 1e-6)})
    flipped = np.where(np.arange(N) % 2, Y, RNG.permutation(Y))
    table = table.with_columns(y=pl.Series(flipped))
    result = fit(table, "y", weight="w", trials=2, preset="quick", n_jobs=1)
    plain = fit(table, "y", trials=2, preset="quick", n_jobs=1, drop=["w"])
    scores = result.summary()["score"]
    # Half of the rows have random labels: a score that counts them cannot be near 1.
    assert scores["validation"] < 0.9
    assert abs(scores["validation"] - plain.summary()["score"]["validation"]) < 0.1


def test_a_score_that_test_rows_cannot_say_stops_delivery(folder):
    table = pl.DataFrame({"x": X, "y": Y})
    one = table.filter(pl.col("y") == "a")
    with pytest.raises(DataError) as refused:
        fit(table, "y", test=one, trials=1, preset="quick", n_jobs=1)
    assert refused.value.code == "score-undefined"
    assert not list(folder.glob("*.html"))


@pytest.mark.parametrize("labels", [("0.0", "1.0"), ("10%", "none"), ("+", "-"), ("01", "02")])
def test_predictions_answer_in_the_words_of_the_table(folder, labels):
    words = [labels[int(x > 0)] for x in X]
    rows = "\n".join(f"{x:.3f},{word}" for x, word in zip(X, words, strict=True))
    (folder / "table.csv").write_text("x,y\n" + rows)
    result = fit("table.csv", "y", trials=2, preset="quick", n_jobs=1, output=".")
    answers = [str(answer) for answer in mulle.load(result.bundle).predict("table.csv")]
    assert {*answers} == {*labels}
    assert np.mean([a == w for a, w in zip(answers, words, strict=True)]) > 0.9
