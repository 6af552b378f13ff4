import json
import warnings
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import mulle
from mulle.budget import TimeUp
from mulle.errors import DataError, MissingFile, RunError, UnknownName, UsageError
from mulle.i18n.format import duration
from mulle.verbs.fit import Plan, Progress, fit, resume, tasks
from mulle.verbs.fit.plan import read_plans


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def quick(table, target, **options):
    return fit(
        table, target, **{"trials": 3, "preset": "quick", "n_jobs": 1, "output": ".", **options}
    )


@pytest.mark.parametrize(
    ("target", "task"), [("dear", "binary"), ("band", "multiclass"), ("price", "regression")]
)
def test_a_table_becomes_a_proven_bundle(table, target, task):
    rest = [c for c in ("dear", "band", "price") if c != target]
    result = quick(table, target, drop=rest)
    summary = result.summary()
    assert summary["task"] == task
    assert summary["parity"]["label_flips"] == 0
    assert summary["parity"]["generated"] == 1000
    assert summary["parity"]["max_diff_in_std"] < 1e-9
    json.dumps(summary, allow_nan=True)
    model = mulle.load(result.bundle)
    answers = model.predict(table.drop(*rest, target))
    assert len(answers) == table.height
    if task == "regression":
        assert np.corrcoef(answers, table[target])[0, 1] > 0.9
    else:
        assert (answers == table[target].to_numpy()).mean() > 0.8
        assert model.predict_proba(table.head(5).drop(target)).sum(axis=1) == pytest.approx(1)


def test_the_final_score_is_that_of_the_file_on_rows_it_never_saw(table):
    train, test = table.head(180), table.tail(60)
    test.write_parquet("test.parquet")
    result = quick(train, "dear", drop=["band", "price"], test="test.parquet")
    p = mulle.load(result.bundle).predict_proba(test)[:, 1]
    positive = result.model.classes_[1]
    expected = roc_auc_score((test["dear"] == positive).to_numpy(), p)
    assert result.summary()["score"]["test"] == pytest.approx(expected, abs=1e-12)


def test_counted_trials_repeat_to_the_bit(table):
    first = quick(table, "price", drop=["dear", "band"], seed=5, output="a")
    second = quick(table, "price", drop=["dear", "band"], seed=5, output="b")
    assert first.model.graph == second.model.graph
    assert first.summary()["score"] == second.summary()["score"]


def test_the_plan_of_a_run_can_be_trained_again(table):
    first = quick(table, "dear", drop=["band", "price"])
    plan = first.run.folder / "plan.toml"
    again = quick(table, "dear", drop=["band", "price"], plan=str(plan))
    chosen = {row.name for row in first.packaged.rows if row.weight > 0 and row.name != "blend"}
    assert {row.name for row in again.packaged.rows if row.name != "blend"} == chosen


def test_a_candidate_that_fails_is_a_row_and_not_the_end(table, monkeypatch):
    original = tasks.train_fold

    def broken(plan, *args, **kwargs):
        if plan.name == "linear":
            raise RuntimeError("out of luck")
        return original(plan, *args, **kwargs)

    monkeypatch.setattr(tasks, "train_fold", broken)
    result = quick(table, "dear", drop=["band", "price"])
    row = next(r for r in result.packaged.rows if r.name == "linear")
    assert (row.status, row.reason) == ("failed", "RuntimeError: out of luck")
    assert result.model.predict(table.head(2)).shape == (2,)


def test_when_every_plan_fails_the_search_ends_and_says_why(table, monkeypatch):
    def broken(*args, **kwargs):
        raise KeyError("gone")

    monkeypatch.setattr(tasks, "train_fold", broken)
    with pytest.raises(RunError, match=r"None of \d+ plans could be trained: baseline \(KeyError"):
        fit(table, "dear", drop=["band", "price"], time=5, n_jobs=1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"size"', '"sise"', "Did you mean 'size'"),
        ('"Impute"', '"Imputte"', "Did you mean 'Impute'"),
        ('"linear"', '"liner"', "Did you mean 'linear'"),
    ],
)
def test_a_given_plan_with_a_wrong_name_is_refused_at_once(table, old, new, message):
    plan = """[[plan]]
name = "a"
learner = "linear"
[[plan.features]]
columns = ["size"]
steps = [{ step = "Impute" }]
"""
    Path("plan.toml").write_text(plan.replace(old, new), encoding="utf-8")
    with pytest.raises(UnknownName, match=message):
        quick(table, "price", drop=["dear", "band"], plan="plan.toml")


def test_an_interrupted_run_ships_the_best_so_far_and_can_go_on(table, monkeypatch):
    table.write_csv("table.csv")
    original = tasks.train_fold

    def interrupted(plan, *args, **kwargs):
        if plan.name == "lightgbm":
            raise KeyboardInterrupt
        return original(plan, *args, **kwargs)

    monkeypatch.setattr(tasks, "train_fold", interrupted)
    first = quick("table.csv", "dear", drop=["band", "price"])
    assert first.stopped == "interrupted"
    assert first.run.record.status == "interrupted"
    assert len(mulle.load(first.bundle).predict(table)) == table.height

    tried = []
    monkeypatch.setattr(
        tasks,
        "train_fold",
        lambda plan, *a, **k: (tried.append(plan.name), original(plan, *a, **k))[1],
    )
    second = resume(first.run.record.id)
    assert set(tried) == {"lightgbm"}
    assert second.run.record.status == "done"
    assert {r.name for r in second.packaged.rows} >= {"baseline", "linear", "lightgbm"}


def test_a_resumed_run_must_have_the_same_table(table):
    table.write_csv("table.csv")
    first = quick("table.csv", "dear", drop=["band", "price"])
    table.head(100).write_csv("table.csv")
    with pytest.raises(DataError, match="not the one that the run was started with"):
        resume(first.run.record.id)
    with pytest.raises(MissingFile, match="There is no run 'nothing'"):
        resume("nothing")


def test_a_search_under_a_promise_ends_by_itself(table):
    big = pl.concat([table] * 20)
    result = fit(big, "dear", drop=["band", "price"], time=6, preset="best", n_jobs=1)
    assert result.stopped in {"budget", "no-gain"}


def test_what_a_run_says_of_its_time_is_one_number(table):
    result = fit(table, "dear", drop=["band", "price"], time=5, n_jobs=1)
    [kept] = [d for d in result.decisions if d.code == "budget-kept"]
    record = json.loads((result.run.folder / "run.json").read_text(encoding="utf-8"))
    said = result.summary()["budget"]["actual_s"]
    assert kept.values["actual"] == record["budget"]["actual_s"] == said
    page = result.html.replace("\xa0", " ")
    assert f"took {duration(said, 'en')}".replace("\xa0", " ") in page


def test_seconds_that_are_spent_already_count(table):
    progress = Progress()
    progress.waited = 36
    result = fit(table, "dear", drop=["band", "price"], time=40, progress=progress, n_jobs=1)
    assert 36 < result.summary()["budget"]["actual_s"] < 42


@pytest.mark.parametrize("target", ["dear", "price", "band"])
def test_a_promise_too_short_for_anything_still_ships_a_learner(table, target):
    others = [c for c in ("dear", "price", "band") if c != target]
    result = fit(table, target, drop=others, time=0.1, n_jobs=1)
    members = {row.learner for row in result.packaged.rows if row.weight > 0}
    assert members
    assert "dummy" not in members


def test_where_no_learner_finds_time_the_run_fails_and_says_why(table, monkeypatch):
    original = tasks.train_fold

    def never_in_time(plan, *args, **options):
        if plan.learner == "dummy":
            return original(plan, *args, **options)
        raise TimeUp

    monkeypatch.setattr(tasks, "train_fold", never_in_time)
    with pytest.raises(RunError, match="not even on few rows") as failed:
        fit(table, "dear", drop=["band", "price"], time=5, n_jobs=1)
    assert failed.value.code == "no-learner"
    assert "(the time was used up)" in failed.value.what


def test_a_member_that_finds_no_time_ships_as_its_fold_trained_it(table, monkeypatch):
    """What ships is then the very model that was validated."""
    from mulle.verbs.fit import refit as refitting

    monkeypatch.setattr(refitting, "refit", lambda *_: (_ for _ in ()).throw(refitting.TimeUp))
    result = fit(table, "dear", drop=["band", "price"], time=8, preset="quick", n_jobs=1)
    shipped = [d.values["plan"] for d in result.decisions if d.code == "fold-ships"]
    assert shipped == [
        row.name for row in result.packaged.rows if row.weight > 0 and row.learner != "blend"
    ]
    assert result.packaged.proof.holds


def test_nothing_is_learned_from_test_or_validation_rows(table):
    """Rows that are never trained on carry a value that would be seen in what was learned."""
    from mulle.table import Column, Kind, Storage, Target
    from mulle.verbs.fit.plan import Features, Plan
    from mulle.verbs.fit.validation import Training

    n = 60
    x = np.arange(n, dtype=float)[:, None]
    target = Target(Column("y", Kind.continuous, Storage.number), "regression")
    folds = [(np.arange(20, n), np.arange(20)), (np.arange(40), np.arange(40, n))]
    training = Training(target, {"x": x}, np.zeros(n), None, folds, n_jobs=1, seed=0)
    plan = Plan("a", "linear", [Features(["x"], [{"step": "StandardScale"}])])
    for number, (rows, _) in enumerate(folds):
        preparation, _, _ = training.features.of(plan, number)
        learned = preparation.blocks[0].chains_[0][0]
        assert learned.centre_[0] == x[rows].mean()


def test_leaks_duplicates_and_tiny_classes_are_told(table):
    told = []

    class Listener(Progress):
        def warn(self, code, **values):
            told.append(code)

    leaking = table.with_columns(twin=pl.col("dear").replace({"yes": "ja", "no": "nein"}))
    quick(leaking, "dear", drop=["band", "price"], progress=Listener())
    rare = pl.concat([table, table.head(40), table.head(3).with_columns(dear=pl.lit("hm"))])
    quick(rare, "dear", drop=["band", "price"], progress=Listener(), replace=True)
    assert {"leak-suspected", "duplicates-across-split", "class-tiny"} <= set(told)


def test_identifiers_and_constants_are_no_features(table):
    odd = table.with_columns(id=pl.int_range(pl.len()), same=pl.lit("x"))
    result = quick(odd, "dear", drop=["band", "price"])
    names = result.model.feature_names_in_.tolist()
    assert names == ["size", "age", "district", "sold"]
    dropped = {
        d.subject: d.values["reason"] for d in result.decisions if d.code == "column-dropped"
    }
    assert dropped["id"] == "id"
    assert dropped["same"] == "constant"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"target": "prize"}, UnknownName, "Did you mean 'price'"),
        (
            {"target": "price", "metric": "roc_auc"},
            UsageError,
            "not a metric for",
        ),
        ({"target": "price", "preset": "fast"}, UnknownName, "no preset named 'fast'"),
        ({"target": "price", "time": 5, "trials": 2}, UsageError, "cannot be given together"),
        ({"target": "price", "time": -1}, UsageError, "--time must be a number above 0, not -1"),
        ({"target": "price", "drop": ["prce"]}, UnknownName, "Did you mean 'price'"),
        ({"target": "price", "weights": "age"}, TypeError, "unexpected keyword argument 'weights'"),
    ],
)
def test_what_was_asked_wrongly_is_said(table, options, error, message):
    with pytest.raises(error, match=message):
        fit(table, **options)


def test_weights_groups_and_time_are_respected(table):
    weighted = table.with_columns(w=pl.lit(1.0), house=pl.int_range(pl.len()) % 20)
    result = quick(weighted, "price", drop=["dear", "band"], weight="w", group="house")
    assert "w" not in result.model.feature_names_in_
    ordered = quick(table, "price", drop=["dear", "band"], time_column="sold")
    assert ordered.summary()["parity"]["label_flips"] == 0


def test_a_class_that_training_never_saw_still_has_a_probability():
    rng = np.random.default_rng(3)
    table = pl.DataFrame({"x": rng.normal(size=60), "y": ["a"] * 30 + ["b"] * 28 + ["c"] * 2})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = quick(table, "y")
    p = result.model.predict_proba(table)
    assert p.shape == (60, 3)
    assert p.sum(axis=1) == pytest.approx(1)


def test_hostile_column_names_go_through():
    rng = np.random.default_rng(4)
    names = [
        "label",
        "probabilities",
        "Where_0",
        'q"uote',
        "emoji 😀",
        "한글 이름",
        "a,b",
        "[x]{y}",
    ]
    table = pl.DataFrame({n: rng.normal(size=80) for n in names})
    table = table.with_columns(y=pl.Series((table["label"] > 0).cast(pl.String)))
    result = quick(table, "y")
    assert result.model.feature_names_in_.tolist() == names
    row = table.head(1).drop("y").to_dicts()[0]
    assert result.model.predict(row).tolist() == [table["y"][0]]


def test_outputs_stand_in_the_current_folder(table):
    table.write_csv("집값.csv")
    result = quick("집값.csv", "price", drop=["dear", "band"])
    assert result.bundle == Path("집값.mulle")
    assert result.report.exists()
    assert result.run.folder.is_relative_to(Path(".mulle") / "runs")


def test_a_bundle_knows_how_it_was_made(table):
    result = fit(table, "price", trials=3, time_column="sold", output=".")
    lineage = mulle.load(result.bundle).manifest.lineage
    plans = read_plans(result.run.folder / "plan.toml")
    assert msgspec.convert(lineage["plan"], list[Plan]) == plans
    assert lineage["settings"] == {"time_column": "sold"}


@pytest.mark.parametrize("as_table", [False, True])
def test_the_test_rows_can_be_a_table_and_the_target_can_be_truths(table, as_table):
    table = table.with_columns(dear=pl.col("dear") == "yes").drop("price", "band")
    train, test = table.head(180), table.tail(60)
    given = mulle.read(test) if as_table else test
    result = fit(train, "dear", test=given, trials=2)
    manifest = result.model.manifest
    assert (set(manifest.labels), manifest.lineage["test_rows"]) == ({False, True}, 60)
    expected = roc_auc_score(
        test["dear"] == manifest.labels[1], result.model.predict_proba(test)[:, 1]
    )
    assert manifest.scores["test"]["roc_auc"] == pytest.approx(expected)


def test_results_have_short_names(table):
    result = quick(table, "dear")
    parts = (result, result.packaged, result.packaged.board, result.packaged.scored, result.reading)
    for part in parts:
        assert len(repr(part)) < 1_000, type(part)
    assert f"test={result.packaged.test.score!r}" in repr(result)
    assert f"members={{'{result.packaged.board.best_single.plan.name}'" in repr(result)
    assert "<table>" in result._repr_html_()
    assert len(result._repr_html_()) < 1_000


def test_the_model_before_is_kept_and_the_result_says_where(table):
    first = quick(table, "dear")
    assert first.kept is None
    assert first.summary()["kept"] is None
    bytes_before = first.bundle.read_bytes()
    second = quick(table, "dear", seed=1)
    assert second.kept.read_bytes() == bytes_before
    assert second.summary()["kept"] == str(second.kept)


def test_the_baseline_alone_is_named_as_such(table):
    result = quick(table, "dear", trials=1)
    assert result.packaged.board.learners == 0
    assert result.summary()["learners"] == 0
    assert [
        d.code for d in result.decisions if d.code in {"baseline-alone", "baseline-unbeaten"}
    ] == ["baseline-alone"]
    assert "No learner has finished" in result.html
    assert "--trials 2" in result.html


def test_a_network_ships_as_its_folds(table):
    """What ships answers as the mean of the models that were validated, one of each fold."""
    plan = """[[plan]]
name = "net"
learner = "network"
params = { hidden = [8], epochs = 3 }
[[plan.features]]
columns = ["size", "age"]
steps = [{ step = "Impute" }, { step = "StandardScale" }]
"""
    Path("plan.toml").write_text(plan, encoding="utf-8")
    result = quick(table, "price", drop=["dear", "band"], plan="plan.toml")
    [ships] = [d for d in result.decisions if d.code == "folds-ship"]
    assert ships.values == {"plan": "net", "folds": 3}
    assert result.packaged.proof.holds
    assert [row.name for row in result.packaged.rows if row.weight > 0] == ["net"]
