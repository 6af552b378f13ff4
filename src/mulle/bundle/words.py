"""What a model card says, in both languages; a test keeps their keys and blanks the same."""

from __future__ import annotations

EN = {
    "binary": "Predicts which of two classes **{target}** is, from {n} columns.",
    "multiclass": "Predicts which of {k} classes **{target}** is, from {n} columns.",
    "regression": "Predicts the number **{target}**, from {n} columns.",
    "labels": "Classes, in the order of the probabilities: {labels}.",
    "trained": "What it was trained on",
    "fact-source": "table",
    "fact-rows": "training rows",
    "fact-plans": "plans in the blend",
    "fact-seed": "seed",
    "fact-created": "made at",
    "fact-mulle": "made with mulle",
    "scores": "How well it does",
    "no-scores": "It was not scored.",
    "scores-text": "Test scores are of this very file, on rows that it never saw.",
    "scores-rows": "Test scores are of this very file, on {rows:,} rows that it never saw.",
    "metric": "metric",
    "validation": "validation",
    "test": "test",
    "metric-mark": "\\* the metric that models were chosen by.",
    "proof": "Proof that the file is the model",
    "no-proof": "No proof was made.",
    "proof-text": (
        "The file and the Python pipeline it was made from answered {rows:,} rows, {generated:,} of"
        " them generated to be hard (missing, unseen, extreme, at thresholds). Labels that differ:"
        " {flips:,}; rows too close to call: {near:,}; largest difference: {largest:.2g}."
    ),
    "columns": "The columns it reads",
    "column": "column",
    "kind": "kind",
    "usual": "usual value",
    "unusual": "Missing, unseen, unreadable",
    "unusual-text": (
        "A missing value is given as null and has a defined answer; so has a category that was not"
        " seen in training, which counts as a rare one or as none of the known. A column that is"
        " not given, or a word where a number belongs, is refused with the row and the column."
    ),
    "limits": "What it was not tested on",
    "limits-text": (
        "Scores hold for rows drawn like those of the table. It was not tested on other sources,"
        " later times, single groups of people, or rows made to deceive it; whether its answers"
        " are fair was not examined, and they show what goes together, not what causes what."
    ),
    "use": "How to use it",
    "model": "model",
    "rows": "rows",
    "proba": "one column a class",
    "why": "how each column moves the answer",
}

KO = {
    "binary": "열 {n}개로 **{target}** 값이 두 클래스 가운데 어느 쪽인지 예측합니다.",
    "multiclass": "열 {n}개로 **{target}** 값이 클래스 {k}개 가운데 무엇인지 예측합니다.",
    "regression": "열 {n}개로 **{target}** 값을 수로 예측합니다.",
    "labels": "클래스(확률이 나오는 차례): {labels}.",
    "trained": "무엇으로 학습했나",
    "fact-source": "표",
    "fact-rows": "학습에 쓴 행",
    "fact-plans": "섞은 모델",
    "fact-seed": "시드",
    "fact-created": "만든 때",
    "fact-mulle": "만든 mulle 버전",
    "scores": "얼마나 잘 맞히나",
    "no-scores": "점수를 재지 않았습니다.",
    "scores-text": "테스트 점수는 바로 이 파일이 처음 보는 행에서 얻은 것입니다.",
    "scores-rows": "테스트 점수는 바로 이 파일이 처음 보는 {rows:,}행에서 얻은 것입니다.",
    "metric": "지표",
    "validation": "검증",
    "test": "테스트",
    "metric-mark": "\\* 모델을 고를 때 쓴 지표입니다.",
    "proof": "파일이 곧 모델이라는 증명",
    "no-proof": "증명하지 않았습니다.",
    "proof-text": (
        "이 파일과 원래의 Python 파이프라인이 {rows:,}행에 똑같이 답하는지 보았습니다. 그 가운데"
        " {generated:,}행은 일부러 어렵게 만든 것입니다(빠진 값, 처음 보는 값, 극단값, 경곗값)."
        " 다른 레이블 {flips:,}개, 우열을 가릴 수 없는 행 {near:,}개, 가장 큰 차이 {largest:.2g}."
    ),
    "columns": "읽는 열",
    "column": "열",
    "kind": "종류",
    "usual": "흔한 값",
    "unusual": "빠진 값, 처음 보는 값, 읽을 수 없는 값",
    "unusual-text": (
        "빠진 값은 null로 주며, 어떻게 답할지 정해져 있습니다. 학습할 때 없던 범주도 드문 범주로"
        " 치거나 아는 범주가 아닌 것으로 칩니다. 열이 없거나 수가 올 자리에 글이 오면, 몇 째 행의"
        " 어느 열인지 밝히고 거절합니다."
    ),
    "limits": "시험해 보지 않은 것",
    "limits-text": (
        "점수는 이 표와 같은 방식으로 얻은 행에서만 유효합니다. 다른 곳에서 온 자료, 나중의 자료,"
        " 특정 집단, 속이려고 만든 행에서는 시험하지 않았습니다. 답이 공정한지는 살피지 않았고,"
        " 답은 함께 나타나는 것을 보일 뿐 원인을 말하지 않습니다."
    ),
    "use": "쓰는 법",
    "model": "model",
    "rows": "rows",
    "proba": "클래스마다 한 열",
    "why": "열마다 답을 얼마나 움직였는지",
}

WORDS: dict[str, dict[str, str]] = {"en": EN, "ko": KO}
