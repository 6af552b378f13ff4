"""Policies and options: what is understood, and what is refused."""

import pytest

from mulle.errors import UnknownName, UsageError
from mulle.verbs.retrain import Policy, Settings


@pytest.mark.parametrize("text", ["all", "new", "recent:500", "window:90", "window:0.5"])
def test_a_policy_is_read_as_it_is_written(text):
    assert str(Policy.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "some", "all:3", "new:1", "recent", "recent:", "recent:0", "window:-1",
             "window:x", "recent:nan", "recent:inf"]
)  # fmt: skip
def test_a_policy_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="is not a policy of rows"):
        Policy.parse(text)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"policy": "most"}, "rows-policy-unknown"),
        ({"holdout": 0.0}, "holdout-range"),
        ({"holdout": 1.0}, "holdout-range"),
        ({"holdout": "latest"}, "holdout-range"),
        ({"time": -1.0}, "retrain-option-range"),
        ({"latency_factor": 0.0}, "retrain-option-range"),
        ({"resamples": 0}, "retrain-option-range"),
        ({"not_worse": True}, "not-worse-without-drift"),
    ],
)
def test_a_wrong_option_is_refused(options, code):
    with pytest.raises(UsageError) as refusal:
        Settings(**options).checked()
    assert refusal.value.code == code
    assert refusal.value.exit_code == 2


def test_an_unknown_trigger_is_refused():
    with pytest.raises(UnknownName, match="no trigger named 'moon'"):
        Settings(trigger="moon").checked()


@pytest.mark.parametrize(("given", "share"), [("0.2", 0.2), (0.4, 0.4), ("recent", 0.3)])
def test_the_share_that_is_held_out(given, share):
    assert Settings(holdout=given).checked().share == share
