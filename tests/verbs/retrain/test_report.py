"""The decision is told in both languages, as text and as a page, and says its numbers."""

import msgspec
import pytest
from tests.verbs.retrain.test_gates import FOUND
from tests.verbs.retrain.world import QUICK

from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.retrain import Gate, Outcome, history, retrain
from mulle.verbs.retrain.ledger import LAST, Entry
from mulle.verbs.retrain.report import render_page, render_step, render_text

GATES = ["rows", "labels", "better", "not-worse", "floor", "parity", "latency", "size"]
UNITS = {"rows": "rows", "labels": "rows", "better": "gain", "not-worse": "gain",
         "floor": "score", "latency": "us", "size": "bytes"}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("decision", ["promoted", "refused", "written", "nothing-to-do", "planned"])
def test_every_decision_has_a_sentence(lang, decision):
    said = render_text(Outcome(decision, "가게"), lang)
    assert "{" not in said and not said.startswith(decision)
    assert said.endswith(".") or decision == "promoted"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", GATES)
def test_every_gate_that_is_missed_says_why(lang, name):
    gate = Gate(name, 12.0, 34.0, True, False, UNITS.get(name, ""))
    said = render_text(Outcome("refused", "shop", gates=[gate]), lang)
    why = said.splitlines()[1]
    assert "{" not in why and why.endswith(".")
    if name != "parity":
        assert "12" in why and "34" in why
    assert Messages(lang).name("gate", name) != name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_are_said(lang):
    outcome = Outcome("refused", "shop", comparison=FOUND)
    said = render_text(outcome, lang)
    for number in ("0.8000", "0.9000", "+0.1000", "+0.0200", "+0.1800", "95%", "1,000", "ROC"):
        assert number in said
    assert 'lang="' + lang in render_page(outcome, lang)


def test_the_files_of_a_decision(here):
    outcome = retrain("shop.mulle", "new.csv", lang="ko", policy="new", **QUICK)
    folder = here / ".mulle" / "retrain" / outcome.loop
    assert "챔피언" in (folder / "decision.txt").read_text(encoding="utf-8")
    assert "도전자" in (folder / "decision.html").read_text(encoding="utf-8")
    record = msgspec.json.decode((folder / "decision.json").read_bytes())
    assert record["format"] == 1
    assert record["rows"]["holdout"] == outcome.rows.holdout
    assert [gate["name"] for gate in record["gates"]] == [gate.name for gate in outcome.gates]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_is_told(here, lang):
    retrain("shop.mulle", "new.csv", replace=True, policy="new", latency_factor=50.0, **QUICK)
    for entry in history("shop.mulle"):
        said = render_step(entry, Messages(lang))
        assert said and "{" not in said and said != entry.step
    for step in LAST | {"promoting", "rolling-back"}:
        assert render_step(Entry("l", "m", step, "", {}), Messages(lang))
