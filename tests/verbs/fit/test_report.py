"""The report says what was measured, in both languages, and needs no network."""

import dataclasses
import math
import re
from html import unescape

import numpy as np
import polars as pl
import pytest

from mulle.decisions import DecisionLog
from mulle.i18n import LANGUAGES, Messages
from mulle.i18n.format import count, number, score
from mulle.metrics import Importance, ScoreInterval, metric
from mulle.verbs.fit import Progress, fit
from mulle.verbs.fit.data import prepare
from mulle.verbs.fit.leaderboard import Row
from mulle.verbs.fit.report import report

TASKS = {"dear": "binary", "band": "multiclass", "price": "regression"}
NAMES = ("전용 면적(㎡)", 'it\'s "age" <b>', "구 🏠", "sold")
EXTERNAL = re.compile(r"""(?:src|href|action)\s*=\s*["'](?!#|data:)|url\(|@import|<script""")
NAN = math.nan


def odd_table(rows=240):
    """Numbers, a category, dates and gaps under odd names, and a target of each sort."""
    rng = np.random.default_rng(0)
    size, age = rng.normal(60, 20, rows), rng.integers(0, 40, rows)
    district = rng.choice(["강남", "마포", "노원"], rows)
    price = 3 * size - 2 * age + (district == "강남") * 80 + rng.normal(0, 30, rows)
    gappy = [None if rng.random() < 0.1 else float(s) for s in size]
    days = np.datetime64("2022-01-01") + rng.integers(0, 900, rows)
    features = dict(zip(NAMES, (gappy, age, district, days), strict=True))
    return pl.DataFrame(features).with_columns(
        price=price,
        dear=np.where(price > np.median(price), "yes", "no"),
        band=np.digitize(price, np.quantile(price, [0.3, 0.6])),
    )


@pytest.fixture(scope="module", params=TASKS)
def made(request, tmp_path_factory):
    """A finished fit of each task: what `report` is handed."""
    target = request.param
    table = odd_table()
    rest = tuple(name for name in TASKS if name != target)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("report"))
        patch.setenv("OMP_NUM_THREADS", "1")
        result = fit(table, target, trials=3, preset="quick", n_jobs=1, drop=rest)
        result.run.folder = result.run.folder.absolute()
    data = prepare(table, result.run.settings, DecisionLog(), Progress())
    return result.packaged, data, result.run


def page(made, lang="en", test=None, **changes):
    packaged, data, run = made
    if test is not None:
        intervals = packaged.scored.intervals | {packaged.board.metric.name: test}
        changes["scored"] = dataclasses.replace(packaged.scored, intervals=intervals)
    packaged = dataclasses.replace(packaged, **changes)
    return report(packaged, data, run, "my model.mulle", 12_345, lang)


def texts(html):
    """What is read on a page: its text, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_that_was_measured_is_said(made, lang):
    packaged, data, run = made
    html = page(made, lang)
    text, words = texts(html), Messages(lang)
    assert f'lang="{lang}"' in html
    for name in NAMES:
        assert name in text
    assert "<b>" not in html
    for code, value in packaged.scores.items():
        about = f" ({data.target.positive})" if metric(code).about_positive else ""
        assert f"{words.name('metric', code)}{about} {score(value)}" in text
    for row in packaged.rows:
        assert row.name in text
        assert score(row.score) in text
    assert count(packaged.proof.rows) in text
    assert number(packaged.proof.max_abs_diff, lang, digits=2).replace("\u00a0", " ") in text
    assert "12.3 KB" in text
    assert count(len(data.test.y)) in text
    for decision in run.decisions:
        assert " ".join(words.sentence(decision).split()) in text
    assert 'mulle predict "my model.mulle" rows.csv' in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_needs_no_network_and_no_script(made, lang):
    assert not EXTERNAL.search(page(made, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_curves_are_those_of_the_task(made, lang):
    _, data, _ = made
    html, words = page(made, lang), Messages(lang)
    drawn = {
        "binary": ["roc-why", "pr-why", "calibration-why", "confusion-why"],
        "multiclass": ["calibration-why", "confusion-why"],
        "regression": ["predicted-why", "residuals-why"],
    }
    for kind, keys in drawn.items():
        for key in keys:
            begin = words(f"report.{key}", cost=0, half=0)[:20]
            expected = key in drawn[data.target.task]
            assert (begin in texts(html)) is expected, (kind, key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_time_did_not_allow_is_worded(made, lang):
    packaged, words = made[0], Messages(lang)
    test = ScoreInterval(packaged.test.score, NAN, NAN, 0.95, 3)
    unknown = [Importance(i.column, NAN, NAN, 0) for i in packaged.importances]
    text = texts(page(made, lang, test=test, importances=unknown))
    assert words("report.no-interval") in text
    assert words("report.no-importance") in text
    assert "nan" not in text
    some = [packaged.importances[0], *unknown[1:]]
    left = words("report.importance-left", count=len(unknown) - 1)
    assert left in texts(page(made, lang, importances=some))


def test_a_plan_that_failed_stands_with_its_reason(made):
    failed = Row("forest", "random_forest", "failed", 0.0, None, None, 0.1, None, None, "odd <i>")
    stopped = Row("late", "lightgbm", "stopped", 0.0, None, None, 0.1, None, None, "budget")
    text = texts(page(made, rows=[*made[0].rows, failed, stopped]))
    assert "failed: odd <i>" in text
    assert "stopped: the time was used up" in text


def test_a_model_no_better_than_the_baseline_is_called_so(made):
    metric = made[0].board.metric
    poor = 0.4 if metric.greater_is_better else 1e6
    text = texts(page(made, test=ScoreInterval(poor, poor * 0.9, poor * 1.1, 0.95, 200)))
    assert "not clearly better than the baseline" in text
    assert "is clearly better than the baseline" in texts(page(made))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_learner_has_a_name(lang):
    from mulle.i18n import Messages
    from mulle.learners import CLASSIFIERS, REGRESSORS

    words = Messages(lang)
    for learner in {*CLASSIFIERS, *REGRESSORS}:
        assert words(f"learner.{learner}")
