"""Rules are read as they are meant, and refused with the way out where they cannot be meant."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import MissingFile, MulleError, UnknownName, UsageError
from mulle.times import seconds
from mulle.verbs.watch.alert import parse_rules, read_rules
from mulle.verbs.watch.alert.measures import measure
from mulle.verbs.watch.alert.quiet import parse_quiet
from mulle.verbs.watch.alert.rules import Rule

WHOLE = """
language = "ko"

[[rule]]
name = "prices drift"
on = "drift"
column = "price*"
above = 0.2
clear = 0.1
for = "3 checks"
severity = "critical"
channels = ["team", "mail", "chat"]
quiet_hours = "22:00-07:00"
time_zone = "Asia/Seoul"
through_quiet = true
cooldown = "1 hour"

[[rule]]
name = "slow"
on = "latency"
above = 200
for = "10 minutes"

[channel.team]
type = "webhook"
url_env = "TEAM"
secret_env = "KEY"
timeout = "3 s"

[channel.mail]
type = "email"
host = "smtp.example.org"
from = "mulle@example.org"
to = ["me@example.org"]
user = "mulle"
password_env = "PASSWORD"

[channel.chat]
type = "chat"
url_env = "CHAT"
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(WHOLE, encoding="utf-8")
    rules = read_rules(path)
    first, second = rules.rules
    assert (first.hold.checks, first.cooldown, first.above, first.clear) == (3, 3600, 0.2, 0.1)
    assert first.quiet is not None and first.through_quiet and first.severity == "critical"
    assert (second.hold.checks, second.hold.seconds, second.column) == (1, 600, "*")
    assert rules.language == "ko" and list(rules.channels) == ["team", "mail", "chat"]
    assert rules.channels["team"].timeout == 3  # type: ignore[attr-defined]
    assert rules.channels["mail"].sender == "mulle@example.org"  # type: ignore[attr-defined]


def changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


WRONG = [
    (changed("above = 0.2", "abov = 0.2"), "'abov'", "Did you mean 'above'"),
    (changed('on = "drift"', 'on = "drft"'), "'drft'", "'drift'"),
    (changed('"team", "mail"', '"taem", "mail"'), "channel named 'taem'", "'team'"),
    (
        changed("clear = 0.1", "clear = 0.3"),
        "clear = 0.3 is higher than above = 0.2",
        "0.2 or lower",
    ),
    (changed("clear = 0.1", "below = 0.1"), "both above and below", "two rules"),
    (changed("above = 0.2\n", ""), "clear but no limit", "above"),
    (changed("above = 200\n", ""), "‘latency’ needs a limit", "above"),
    (changed('on = "latency"', 'on = "performance"'), "‘performance’ needs a metric", "metric"),
    (changed('"3 checks"', '"0 checks"'), "for = “0 checks” must be", "3 checks"),
    (changed('"3 checks"', '"soon"'), "for = “soon” must be", "10 minutes"),
    (changed('"1 hour"', '"1 lightyear"'), "cooldown = “1 lightyear” is not", "10 minutes"),
    (changed('"critical"', '"fatal"'), "Invalid enum value 'fatal'", "type"),
    (changed("22:00-07:00", "22:00-25:00"), "quiet_hours = “22:00-25:00”", "22:00-07:00"),
    (changed("22:00-07:00", "22:00-22:00"), "two different times", "22:00-07:00"),
    (changed("Asia/Seoul", "Asia/Soul"), "time zone named ‘Asia/Soul’", "Asia/Seoul"),
    (changed("above = 0.2", 'above = "much"'), "Expected `float | null`", "type"),
    (changed('"slow"', '"prices drift"'), "Two rules are named ‘prices drift’", "name"),
    (changed('"slow"', '"slow\\nBcc: x"'), "name on one line", "[[rule]]"),
    (changed('name = "slow"\n', ""), "missing required field `name`", "type"),
    (changed('"webhook"', '"webhok"'), "'webhok'", "'webhook'"),
    (changed('url_env = "TEAM"', 'urlenv = "TEAM"'), "'urlenv'", "'url_env'"),
    (changed('url_env = "TEAM"', 'url = "ftp://x.org"'), "must begin with http://", "https://"),
    (changed('url_env = "TEAM"', 'url = "https://u:p@x.org"'), "password or a token", "url_env"),
    (changed('url_env = "TEAM"', 'url = "https://x.org/?k=1"'), "password or a token", "url_env"),
    (changed('secret_env = "KEY"', 'secret = "KEY"'), "holds a secret: secret", "secret_env"),
    (
        changed('password_env = "PASSWORD"', 'password = "p"'),
        "holds a secret: password",
        "password_env",
    ),
    (changed('url_env = "CHAT"', 'url = "slack://a/b/c"'), "holds a secret: url", "url_env"),
    (changed('timeout = "3 s"', 'timeout = "0 s"'), "timeout = “0 s” is not", "5 seconds"),
    (changed('host = "smtp.example.org"\n', ""), "missing required field `host`", "Add the key"),
    (changed('"ko"', '"fr"'), "language named 'fr'", "'en'"),
    ("", "has no rules", "[[rule]]"),
    ("rule = 3", "has no rules", "[[rule]]"),
    ("[[rule]", "not valid TOML", "line"),
]


@pytest.mark.parametrize(("text", "what", "fix"), WRONG, ids=[row[1] for row in WRONG])
def test_what_cannot_be_meant_is_refused(text: str, what: str, fix: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_rules(text, "rules.toml")
    assert what in error.value.what and fix in error.value.fix, str(error.value)
    assert error.value.where.startswith("rules.toml")


def test_the_rule_is_named_in_the_refusal() -> None:
    with pytest.raises(UnknownName) as error:
        parse_rules(changed("above = 200", "abov = 200"), "rules.toml")
    assert error.value.where == "rules.toml, [[rule]] 2 (slow)"


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"‘none\.toml’ cannot be read"):
        read_rules(tmp_path / "none.toml")
    (tmp_path / "cp949.toml").write_bytes("# 가격".encode("cp949"))
    with pytest.raises(UsageError, match="not UTF-8"):
        read_rules(tmp_path / "cp949.toml")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"[[rule]]\n{text}", f'[[rule]]\nname = "a"\non = "drift"\nfor = {text!r}'):
        try:
            parse_rules(whole)
        except MulleError as error:
            assert error.fix


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("10 minutes", 600), ("1 minute", 60), ("1.5h", 5400), ("2 Days", 172_800),
     ("5 min", 300), ("", None), ("5", None), ("5 years", None), ("-5 s", None), ("5 ss", None)],
)  # fmt: skip
def test_lengths_of_time(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


# --- quiet hours ------------------------------------------------------------------------------


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_are_the_minutes_from_begin_to_end(begin: int, end: int, now: int) -> None:
    if begin == end:
        return
    written = f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    quiet = parse_quiet(written, "UTC")
    minutes, minute = set(), begin
    while minute != end:
        minutes.add(minute)
        minute = (minute + 1) % 1440
    at = datetime(2026, 5, 5, tzinfo=UTC) + timedelta(minutes=now)
    assert quiet.holds(at) == (now in minutes)


def test_quiet_hours_follow_the_clock_of_their_zone_in_summer_and_winter() -> None:
    quiet = parse_quiet("22:00-07:00", "Europe/Berlin")
    assert quiet.holds(datetime(2026, 1, 10, 5, 30, tzinfo=UTC))  # 06:30 in winter
    assert not quiet.holds(datetime(2026, 7, 10, 5, 30, tzinfo=UTC))  # 07:30 in summer


# --- what a rule looks at ---------------------------------------------------------------------

CHECK = {
    "status": "drifted",
    "alarm": True,
    "share_of_drifted_columns": 0.5,
    "columns": {
        "price": {
            "score": 0.4,
            "threshold": 0.3,
            "drift_detected": True,
            "checks": [{"measure": "missing_share", "score": 0.2, "status": "no_drift_seen"}],
        },
        "price_2": {
            "score": 0.25,
            "threshold": 0.3,
            "drift_detected": False,
            "checks": [{"measure": "missing_share", "score": 0.5, "status": "cannot_tell"}],
        },
        "area": {
            "score": None,
            "threshold": 0.3,
            "drift_detected": False,
            "status": "cannot_tell",
            "unseen_share": 0.1,
        },
    },
    "prediction": {"score": 0.4, "threshold": 0.3, "drift_detected": True, "status": "drifted"},
    "target": None,
    "performance": [{"metric": "roc_auc", "score": 0.7}, {"metric": "f1", "score": float("nan")}],
    "estimated_performance": {"roc_auc": 0.65},
    "server": {"error_share": 0.05, "latency_p99_ms": 80.0, "log_dropped": 3},
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (dict(on="drift"), {"price": "over", "price_2": "under", "area": "unknown"}),
        (dict(on="drift", above=0.2), {"price": "over", "price_2": "over", "area": "unknown"}),
        (dict(on="drift", above=0.3, clear=0.2, column="price*"),
         {"price": "over", "price_2": "between"}),
        (dict(on="missing", above=0.2),
         {"price": "under", "price_2": "unknown", "area": "unknown"}),
        (dict(on="unseen", above=0.05, column="area"), {"area": "over"}),
        (dict(on="dataset"), {"": "over"}),
        (dict(on="dataset", above=0.5), {"": "under"}),
        (dict(on="performance", metric="roc_auc", below=0.8), {"roc_auc": "over"}),
        (dict(on="performance", metric="roc_auc", below=0.6, clear=0.75), {"roc_auc": "between"}),
        (dict(on="performance", metric="roc_auc", below=0.7), {"roc_auc": "under"}),
        (dict(on="performance", metric="f1", below=0.8), {"f1": "unknown"}),
        (dict(on="estimate", metric="roc_auc", below=0.7), {"roc_auc": "over"}),
        (dict(on="answers"), {"": "over"}),
        (dict(on="answers", above=0.4), {"": "under"}),
        (dict(on="target"), {"": "unknown"}),
        (dict(on="errors", above=0.01), {"error_share": "over"}),
        (dict(on="latency", above=100), {"latency_p99_ms": "under"}),
        (dict(on="log", above=0), {"log_dropped": "over"}),
        (dict(on="server", metric="rows", below=1), {"rows": "unknown"}),
    ],
)  # fmt: skip
def test_values_are_read_from_the_verdict(rule: dict, expected: dict[str, str]) -> None:
    assert {m.subject: m.side for m in measure(Rule("r", **rule), CHECK)} == expected
    for empty in ({}, {"columns": None, "performance": None, "server": None}):
        assert all(m.side == "unknown" for m in measure(Rule("r", **rule), empty))
