"""Every topic can be told, when it opens and when it closes, in both languages."""

import msgspec
import pytest

from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.watch.alert.alert import Alert, render_message
from mulle.verbs.watch.alert.rules import TOPICS


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("change", ["opened", "closed"])
def test_each_topic_has_its_sentence(lang, topic: str, change) -> None:
    group, figure = TOPICS[topic]
    subject = {"columns": "가격", "dataset": "", "prediction": "", "target": ""}.get(
        group, figure or "roc_auc"
    )
    alert = Alert("i", "m", "r", topic, "warning", subject, change, "now", "then", 0.25, 0.2, 0.1,
                  {"measure": "psi", "n_ref": 900, "n_cur": 300}, "mulle watch m")  # fmt: skip
    told = render_message("i", [alert], Messages(lang))
    assert "{" not in told.text + told.title and "–" not in told.text
    assert ("25" in told.text) and ("mulle watch m" in told.text)
    assert ("then" in told.text) == (change == "opened")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_only_the_verdict_knows_is_told_without_figures(lang) -> None:
    alert = Alert("i", "m", "r", "dataset", "info", "", "opened", "now", "then", None, None, None)
    assert "–" not in render_message("i", [alert], Messages(lang)).text
    over = msgspec.structs.replace(alert, change="closed")
    assert "–" not in render_message("i", [over], Messages(lang)).text
    half = msgspec.structs.replace(alert, value=0.5, evidence={"status": "drifted"})
    assert "50%" in render_message("i", [half], Messages(lang)).text


def test_a_reason_is_told_where_it_is_about_the_same_figure() -> None:
    figures = {"measure": "psi", "reason": "The mean rose."}
    alert = Alert("i", "m", "r", "missing", "info", "a", "opened", "", "", 0.2, 0.1, 0.1, figures)
    assert "The mean rose." not in render_message("i", [alert], Messages("en")).text
    drift = msgspec.structs.replace(alert, topic="drift")
    assert "The mean rose." in render_message("i", [drift], Messages("en")).text
