"""Constraints say what they accept, in both languages, and accept just that."""

from typing import ClassVar

import numpy as np
import pytest
from tests.setting_values import inside, outside

from mulle.constraints import AnyOf, Choice, Constraint, Flag, Interval, Listing, Optional, Text
from mulle.learners import CLASSIFIERS, REGRESSORS
from mulle.settings import Configured, InvalidSetting, Parameters, check_settings, to_toml
from mulle.steps import STEPS

RENDERED = [
    (Interval(int, 2, 255), "a whole number from 2 to 255", "2 이상 255 이하의 정수"),
    (Interval(int, 1), "a whole number of 1 or more", "1 이상의 정수"),
    (Interval(int), "a whole number", "정수"),
    (Interval(float), "a number", "수"),
    (Interval(float, 0, closed="neither"), "a number above 0", "0보다 큰 수"),
    (Interval(float, 0, 1, "right"), "a number above 0 and up to 1", "0보다 크고 1 이하인 수"),
    (Interval(float, 0, 1, "left"), "a number from 0 to less than 1", "0 이상 1 미만인 수"),
    (Interval(float, 0, 1, "neither"), "a number above 0 and below 1", "0보다 크고 1보다 작은 수"),
    (Choice("a", "b", "c"), "'a', 'b' or 'c'", "'a', 'b' 또는 'c'"),
    (Flag(), "true or false", "true 또는 false"),
    (Optional(Interval(int, 2)), "a whole number of 2 or more", "2 이상의 정수"),
    (AnyOf(Choice(-1), Interval(int)), "-1 or a whole number", "-1 또는 정수"),
    (
        Listing(Text(), distinct=True),
        "a list of at least one entry, none of them twice, each a string",
        "서로 다른 하나 이상의 항목(문자열)으로 된 목록",
    ),
]  # fmt: skip
DECLARED = {
    repr(constraint.render("en")): constraint
    for cls in [*STEPS, *CLASSIFIERS.values(), *REGRESSORS.values()]
    for constraint in cls.parameters.values()
}


@pytest.mark.parametrize(("constraint", "english", "korean"), RENDERED)
def test_a_constraint_is_said_in_both_languages(
    constraint: Constraint, english: str, korean: str
) -> None:
    assert (constraint.render("en"), constraint.render("ko")) == (english, korean)


@pytest.mark.parametrize("constraint", DECLARED.values(), ids=DECLARED)
def test_the_values_that_generated_tests_try_lie_on_either_side(constraint: Constraint) -> None:
    assert len(inside(constraint)) > 0
    assert len(outside(constraint)) > 1
    assert all(map(constraint.accepts, inside(constraint)))
    assert not any(map(constraint.accepts, outside(constraint)))


def test_numbers_of_numpy_are_numbers_and_bools_are_none() -> None:
    whole, real = Interval(int, 0, 9), Interval(float, 0, 9)
    assert all(map(whole.accepts, (np.int64(3), np.uint8(9))))
    assert all(map(real.accepts, (np.float32(0.5), np.int64(3), 3)))
    assert not any(map(whole.accepts, (np.float64(3), 3.0, True, np.bool_(True), [3])))
    assert not any(map(real.accepts, (True, np.bool_(True), np.nan, np.inf, "3", None)))


def test_what_was_received_is_cut_short() -> None:
    class Odd(Configured):
        """A class with one setting."""

        parameters: ClassVar[Parameters] = {"way": Choice("left", "right")}

        def __init__(self, way: str = "left") -> None:
            self.way = way

    with pytest.raises(InvalidSetting) as refused:
        check_settings(Odd, {"way": "x" * 500})
    assert refused.value.values["received"] == "'" + "x" * 58 + "…"
    assert refused.value.near == []
    with pytest.raises(InvalidSetting, match="Did you mean 'left'"):
        Odd("lefft").check_own_settings()
    Odd("right").check_own_settings()


def test_values_are_written_as_toml_reads_them() -> None:
    import tomllib

    for value in (True, 3, 0.5, "a", 'say "hi"', [1, 2], ["low", "high"], (64, 32)):
        assert tomllib.loads(f"x = {to_toml(value)}")["x"] == (
            list(value) if isinstance(value, tuple) else value
        )
