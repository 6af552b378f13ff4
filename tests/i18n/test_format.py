"""Numbers are said so that they read back as what they were."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.i18n import format as numbers
from mulle.i18n.format import FORMATS, MINUS, MISSING

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


def read(text: str) -> float:
    plain = text.replace(MINUS, "-").replace(",", "").replace(" × 10", "e")
    return float(plain.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


@given(finite)
def test_a_number_keeps_four_significant_digits(value: float) -> None:
    assert read(numbers.number(value)) == pytest.approx(value, rel=5.1e-4)


@given(st.integers(-(10**14), 10**14))
def test_whole_numbers_are_exact(value: int) -> None:
    assert read(numbers.number(value)) == value == read(numbers.count(value))


@given(st.floats(0, 1))
def test_a_share_is_nothing_or_everything_only_when_it_is(share: float) -> None:
    said = numbers.percent(share)
    assert (said == "0%") == (share == 0)
    assert (said == "100%") == (share == 1)


@given(st.floats(1e-6, 86_000))
def test_a_duration_reads_back(seconds: float) -> None:
    units = {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}
    parts = numbers.duration(seconds).split()
    total = sum(float(n) * units[u] for n, u in zip(parts[::2], parts[1::2], strict=True))
    assert total == pytest.approx(seconds, rel=0.01, abs=1e-8)


@given(st.floats(1, 1e12))
def test_a_size_reads_back(length: float) -> None:
    value, unit = numbers.size(length).split()
    factor = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert read(value) * factor == pytest.approx(length, rel=0.006)


@pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))
def test_what_is_not_there_is_a_dash(format_) -> None:  # type: ignore[no-untyped-def]
    assert format_(None, "en") == format_(math.nan, "ko") == MISSING


def test_an_interval_shows_only_digits_that_mean_something() -> None:
    assert numbers.interval(1234.567, 1180.1, 1290.9) == "1,235 [1,180, 1,291]"
    assert numbers.plus_minus(0.5, 0.0) == "0.500 ± 0.000"
    assert numbers.plus_minus(math.nan, 0.1) == "– ± 0.10"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_whole_number_beyond_every_float_is_said_as_infinite(form: str, lang: str) -> None:
    assert FORMATS[form](10**400, lang) == "∞"
    assert FORMATS[form](-(10**400), lang) == f"{MINUS}∞"
