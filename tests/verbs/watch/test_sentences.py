"""Every reason that the source gives has a sentence in both languages, and no sentence is idle."""

import ast
from pathlib import Path

import pytest

import mulle.profile.drift
import mulle.verbs.watch
from mulle.i18n import LANGUAGES, Messages
from mulle.profile.drift import Reason, Status, render_reason
from mulle.verbs.watch import ScoreStatus

COLUMNS, WHOLE = (Path(room.__path__[0]) for room in (mulle.profile.drift, mulle.verbs.watch))
SOURCES = {
    "drift-reason": [COLUMNS / "reasons.py", COLUMNS / "columns.py"],
    "drift-measure": [COLUMNS / "columns.py", COLUMNS / "measures.py"],
    "drift-status": [COLUMNS / "result.py"],
    "drift-report": [WHOLE / "verdict.py"],
    "score-reason": [WHOLE / "performance.py", WHOLE / "estimate.py"],
    "score-status": [WHOLE / "performance.py"],
}


def texts(files):
    nodes = [n for f in files for n in ast.walk(ast.parse(f.read_text("utf-8")))]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


@pytest.mark.parametrize("group", SOURCES)
def test_no_sentence_is_idle(group):
    keys = {key.partition(".")[2] for key in Messages("en") if key.startswith(f"{group}.")}
    assert keys and keys <= texts(SOURCES[group])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_status_has_a_sentence(lang):
    words, reasons = Messages(lang), set()
    for group in ("drift-reason", "drift-report"):
        for file in SOURCES[group]:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason":
                    codes = [a for a in ast.walk(node.args[0]) if isinstance(a, ast.Constant)]
                    reasons |= {(group, a.value) for a in codes if isinstance(a.value, str)}
    assert len(reasons) > 20
    assert {(group, code) for group, code in reasons if f"{group}.{code}" not in words} == set()
    assert all(f"drift-status.{status}" in words for status in Status)
    assert all(f"score-status.{status}" in words for status in ScoreStatus)


def test_a_reason_in_full():
    missing = Reason("missing", {"before": 0.0, "now": 0.1})
    assert render_reason(missing, Messages("en")) == "Missing values went from 0% to 10%."
    assert render_reason(missing, Messages("ko")) == "빠진 값이 0%에서 10%로 바뀌었습니다."
    few = Reason("too-few-rows", {"rows": 50, "hidden": 0.31, "needed": 2400})
    assert render_reason(few, Messages("en")) == (
        "50 rows are too few: a move of up to 31% of the rows could hide."
        " About 2,400 rows would be enough."
    )
    assert render_reason(few, Messages("ko")) == (
        "50행으로는 부족합니다. 행의 31%까지 움직였어도 알 수 없습니다. 2,400행쯤이면 충분합니다."
    )
