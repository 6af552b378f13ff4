import numpy as np
import pytest

from mulle.metrics import metric
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.trial import Trial

Y = np.array([0.0, 1.0, 2.0, 3.0])


def board_of(*predictions, **options):
    board = Leaderboard(metric("rmse"), Y, **options)
    for number, p in enumerate(predictions):
        board.add(Trial(Plan(f"p{number}", "linear", [], weight=number + 1.0)), p)
    return board


def test_a_blend_reduced_to_some_members_has_their_score():
    high, low = Y + 1, Y - 0.5
    board = board_of(high, low)
    assert (board.weights > 0).all()
    board.keep({"p0"})
    assert board.weights.tolist() == [1.0, 0.0]
    assert board.score == pytest.approx(1.0)


def test_given_weights_are_kept_as_they_are():
    board = board_of(Y + 1, Y - 1, given_weights=True)
    assert board.weights == pytest.approx([1 / 3, 2 / 3])
    assert board.score == pytest.approx(1 / 3)


def test_the_baseline_is_in_the_blend_only_where_nothing_else_is():
    board = Leaderboard(metric("rmse"), Y)
    board.add(Trial(Plan("baseline", "dummy", [])), np.full(4, 1.5))
    assert board.weights.tolist() == [1.0]
    board.add(Trial(Plan("bad", "linear", [])), Y + 50)
    assert board.weights.tolist() == [0.0, 1.0]
    board.add(Trial(Plan("failed", "linear", []), "failed", "reason"), None)
    assert board.weights.tolist() == [0.0, 1.0, 0.0]


def test_a_blend_says_whether_it_beats_the_baseline():
    board = Leaderboard(metric("rmse"), Y)
    board.add(Trial(Plan("bad", "linear", []), score=50.0), Y + 50)
    assert not board.beats_baseline
    board.add(Trial(Plan("good", "linear", []), score=0.1), Y + 0.1)
    assert board.beats_baseline
    assert board.learners == 2


def test_members_of_other_rows_share_nothing(table):
    """Steps of the same settings that learned from other rows are other steps."""
    from mulle.graph import arrays
    from mulle.table import Column, Kind, Storage, Target, read
    from mulle.verbs.fit.pipeline import Blend, train
    from mulle.verbs.fit.plan import Features

    columns = arrays(read(table.select("size")))
    y = table["price"].to_numpy()
    target = Target(Column("price", Kind.continuous, Storage.number), "regression")
    plan = Plan(
        "p", "linear", [Features(["size"], [{"step": "Impute"}, {"step": "StandardScale"}])]
    )
    pipelines = []
    for rows in (slice(0, 60), slice(60, 240)):
        some = {name: values[rows] for name, values in columns.items()}
        preparation = plan.preparation()
        x = preparation.fit_transform(some, y[rows])
        learner = plan.estimator(regression=True, n_jobs=1, seed=0)
        pipelines.append(train("p", target, learner, (preparation, x), y[rows]))
        pipelines[-1].learned_from = str(rows)
    blend = Blend([(0.5, p) for p in pipelines])
    alone = np.mean([p.predict(columns) for p in pipelines], axis=0)
    assert blend.predict(columns) == pytest.approx(alone, abs=1e-12)


def test_members_share_what_they_prepare_alike(table):
    """The blend's graph is smaller than its members' together, and answers as they do."""
    from mulle.bundle import Manifest, trace
    from mulle.graph import arrays
    from mulle.table import Column, Kind, Storage, Target, read
    from mulle.verbs.fit.pipeline import Blend, train
    from mulle.verbs.fit.plan import Features

    part = read(table.select("size", "age", "district"))
    y = table["price"].to_numpy()
    numbers = Features(["size", "age"], [{"step": "Impute"}])
    features = [numbers, Features(["district"], [{"step": "OneHot"}])]
    target = Target(Column("price", Kind.continuous, Storage.number), "regression")
    manifest = Manifest(target, part.schema)
    pipelines = []
    for alpha in (1.0, 9.0):
        plan = Plan(f"a{alpha}", "linear", features, {"alpha": alpha})
        preparation = plan.preparation()
        x = preparation.fit_transform(arrays(part), y)
        learner = plan.estimator(regression=True, n_jobs=1, seed=0)
        pipelines.append(train(plan.name, target, learner, (preparation, x), y))
    blend = Blend([(0.5, p) for p in pipelines])
    apart = [trace(p, manifest) for p in pipelines]
    together = trace(blend, manifest)
    assert len(together) < 0.8 * sum(map(len, apart))
    alone = np.mean([p.predict(arrays(part)) for p in pipelines], axis=0)
    assert blend.predict(arrays(part)) == pytest.approx(alone, abs=1e-12)


def test_a_trial_without_a_score_is_read_again(tmp_path):
    run = Run.create(Settings(target="y", source="t.csv", output="t.mulle"), tmp_path)
    plan = Plan("linear", "linear", [])
    stopped = Trial(plan, "stopped", "budget")
    odd = Trial(plan, score=0.5, fold_scores=[0.5, float("nan")])
    for number, trial in enumerate((stopped, odd)):
        run.save_trial(number, trial, None if trial is stopped else np.arange(3.0))
    (first, none), (second, oof) = run.trials()
    assert np.isnan(first.score)
    assert (first.status, none) == ("stopped", None)
    assert second.fold_scores[0] == 0.5
    assert np.isnan(second.fold_scores[1])
    np.testing.assert_array_equal(oof, np.arange(3.0))
