"""`mulle evaluate`: scores against scikit-learn, gates, cuts, and tables that do not fit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as reference

from mulle import load
from mulle.cli import Exit


@pytest.fixture
def later(shop):
    """Other rows than the model was fitted on."""
    lines = (shop / "shop.csv").read_text(encoding="utf-8").splitlines()
    (shop / "later.csv").write_text("\n".join([lines[0], *lines[11:50]]) + "\n", encoding="utf-8")
    return shop


def test_scores_are_those_of_scikit_learn(mulle, later):
    said = mulle("evaluate", "shop.mulle", "later.csv", "--format", "json")
    told = json.loads(said.out)
    y = np.array(
        [
            line.endswith("yes")
            for line in (later / "later.csv").read_text(encoding="utf-8").split()[1:]
        ]
    )
    p = load(later / "shop.mulle").predict_proba(later / "later.csv")[:, 1]
    assert (said.code, said.err, told["rows"]) == (0, "", len(y))
    scores = told["scores"]
    assert scores["roc_auc"]["score"] == pytest.approx(reference.roc_auc_score(y, p))
    assert scores["accuracy"]["score"] == pytest.approx(reference.accuracy_score(y, p > 0.5))
    assert told["confusion"] == reference.confusion_matrix(y, p > 0.5).tolist()
    low, high = scores["roc_auc"]["interval"]
    assert low <= scores["roc_auc"]["score"] <= high


def test_text_has_the_matrix(mulle, later):
    said = mulle("evaluate", "shop.mulle", "later.csv", "--metric", "f1", "--metric", "mcc")
    parts = said.out.split("\n\n")
    assert parts[0] == "39 rows of later.csv"
    assert [line.split()[0] for line in parts[1].splitlines()] == ["f1", "mcc"]
    assert parts[1].startswith("f1 (yes) ")
    assert parts[2] == (
        "Precision, recall and F1 are about “yes”, predicted from a probability of 0.5."
    )
    assert parts[3].splitlines()[0].split() == ["true", "\\", "predicted", "no", "yes"]


def test_the_rows_it_was_trained_on_are_pointed_out(mulle, shop):
    said = mulle("evaluate", "shop.mulle", "shop.csv")
    assert said.err.startswith(
        "warning: Most of shop.csv is what this model was trained on, so these scores flatter it."
    )


def test_a_gate_that_is_missed(mulle, later):
    said = mulle("evaluate", "shop.mulle", "later.csv", "--min", "roc_auc=1.01")
    assert said.code == Exit.gate_missed
    assert said.err.endswith("at least 1.01 is required.\n")
    assert mulle("evaluate", "shop.mulle", "later.csv", "--min", "roc_auc=0").code == 0
    assert mulle("evaluate", "shop.mulle", "later.csv", "--max", "log_loss=0").code == 3


def test_a_gate_the_wrong_way_round(mulle, shop):
    said = mulle("evaluate", "shop.mulle", "shop.csv", "--min", "log_loss=0.5")
    assert said.code == Exit.wrong_command
    assert said.err == (
        "error: log_loss is better the smaller it is, so --min would let bad models through."
        " (gate-needs-max)\n\nhint: --max log_loss=0.5\n"
    )


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--min", "roc_auc"], "error: --min got 'roc_auc', which has no '='. (option-not-a-pair)"),
        (["--min", "f1=a"], "error: --min f1 needs a number, not 'a'. (gate-not-a-number)"),
        (["--metric", "f11"], "error: There is no metric named 'f11'. (metric-unknown)"),
        (
            ["--metric", "rmse"],
            "error: 'rmse' is not a metric for predicting two classes. (metric-not-for-task)",
        ),
    ],
)
def test_options_that_cannot_be(mulle, shop, options, error):
    said = mulle("evaluate", "shop.mulle", "shop.csv", *options)
    assert (said.code, said.err.splitlines()[0]) == (Exit.wrong_command, error)


def test_a_cut_only_where_it_is_asked_for(mulle, later):
    plain = json.loads(mulle("evaluate", "shop.mulle", "later.csv", "--format", "json").out)
    assert plain["operating_point"] is None
    said = mulle("evaluate", "shop.mulle", "later.csv", "--validation", "--cost-fn", "9")
    assert "Predicting “yes” from a probability of" in said.out
    assert "chosen on these rows: score it on others before you rely on it." in said.out


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        (
            "age,city,visits\n1,서울,2\n",
            Exit.wrong_command,
            "error: There is no column named 'bought'. (column-unknown)",
        ),
        (
            "age,city,visits,bought\n1,서울,2,maybe\n2,서울,2,no\n",
            Exit.failed,
            "error: Row 1: 'maybe' is no label of 'bought' (1 such cell). (label-unseen)",
        ),
        (
            "age,city,visits,bought\n1,서울,2,\n2,서울,2,\n",
            Exit.failed,
            "error: No row has a value in 'bought'. (target-missing)",
        ),
    ],
)
def test_rows_without_the_right_answers(mulle, shop, text, code, error):
    (shop / "t.csv").write_text(text, encoding="utf-8")
    said = mulle("evaluate", "shop.mulle", "t.csv")
    assert (said.code, said.out, said.err.splitlines()[0]) == (code, "", error)


def test_a_target_of_truths(mulle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"{k},{'true' if k % 3 else 'false'}" for k in range(90)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *lines]) + "\n", encoding="utf-8")
    fast = ("--trials", "1", "--preset", "quick", "--jobs", "1", "--quiet")
    assert mulle("fit", "t.csv", "--target", "y", *fast).code == 0
    told = json.loads(mulle("evaluate", "t.mulle", "t.csv", "--format", "json").out)
    assert (told["labels"], told["positive"]) == ([True, False], False)  # the rarer one
    assert np.sum(told["confusion"], axis=1).tolist() == [60, 30]


# --- texts ------------------------------------------------------------------------------------

TEXTS = "said,truth,other\nthe cat sat on the mat,the cat sat on a mat,a cat sat\nhello,,\n"


def test_texts_are_scored_and_what_is_left_out_is_told(mulle, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text(TEXTS, encoding="utf-8")
    said = mulle("evaluate", "--texts", path, "--candidate", "said", "--reference", "truth",
                 "--format", "json")  # fmt: skip
    assert said.code == 0
    found = json.loads(said.out)
    assert (found["rows"], found["left_out"], found["unit"]) == (1, 1, "words")
    assert list(found["scores"]) == ["bleu", "rouge_1", "rouge_2", "rouge_l", "rouge_s", "meteor"]
    assert found["scores"]["rouge_1"][0] == pytest.approx(5 / 6)
    assert "left out: 1" in said.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "evaluate-what"),
        (["model.mulle"], "evaluate-what"),
        (["--texts", "texts.csv", "--candidate", "nothing"], "column-unknown"),
        (["--texts", "texts.csv", "--candidate", "said", "--reference", "empty"],
         "texts-without-references"),
    ],
)  # fmt: skip
def test_texts_that_cannot_be_scored_are_refused(mulle, tmp_path, options, code):
    (tmp_path / "texts.csv").write_text("said,empty\nhello,\nyou,\n", encoding="utf-8")
    said = mulle("evaluate", *options)
    assert said.code in {1, 2} and code in said.err
