"""scikit-learn's own checks, over every step that takes numbers."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mulle.steps import STEPS
from mulle.table import Storage

pytestmark = pytest.mark.long

NUMERIC = [cls() for cls in STEPS if cls.storage is Storage.number]
OUT_OF_FOLD = "training rows are scored out of fold, new ones by the model of all rows"
FAILURES: dict[str, dict[str, str]] = {
    "TextScore": {
        "check_transformer_data_not_an_array": OUT_OF_FOLD,
        "check_transformer_general": OUT_OF_FOLD,
        "check_transformer_general(readonly_memmap=True)": OUT_OF_FOLD,
    }
}


def known_failures(estimator: Any) -> dict[str, str]:
    return FAILURES.get(type(estimator).__name__, {})


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(NUMERIC, expected_failed_checks=known_failures, xfail_strict=True)
def test_it_keeps_the_manners_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)
