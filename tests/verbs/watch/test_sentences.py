"""Every reason that the source knows has a sentence in both languages, and no sentence is idle."""

import ast
from pathlib import Path

import pytest

import mulle.verbs.watch
from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.watch import Reason, Status
from mulle.verbs.watch.sentences import sentence

FILES = ("decide", "reasons", "performance", "compare", "verdict", "page", "sentences", "measures")
FOLDER = Path(mulle.verbs.watch.__path__[0])
SAID = {
    node.value
    for name in FILES
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text("utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}


@pytest.mark.parametrize("group", ["watch-reason", "watch-verdict", "watch-measure"])
def test_no_sentence_is_idle(group):
    keys = {key.partition(".")[2] for key in Messages("en") if key.startswith(f"{group}.")}
    assert keys and keys <= SAID


def test_every_reason_has_a_sentence():
    raised = {
        node.args[0].value
        for name in ("reasons", "performance")
        for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
        and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert len(raised) > 8
    for lang in LANGUAGES:
        assert {code for code in raised if f"watch-reason.{code}" not in Messages(lang)} == set()
        assert all(f"watch-status.{status.value}" in Messages(lang) for status in Status)


def test_a_reason_in_full():
    told = Reason("missing", {"before": 0.0, "now": 0.1})
    assert sentence(told, Messages("en")) == "Missing values went from 0% to 10%."
    assert sentence(told, Messages("ko")) == "빠진 값이 0%에서 10%로 바뀌었습니다."
    few = Reason("too-few-rows", {"rows": 50, "low": 0.0, "high": 0.31, "needed": 2400})
    assert sentence(few, Messages("ko")).startswith("판단 불가: 50행으로는 0%에서 31% 사이가")
