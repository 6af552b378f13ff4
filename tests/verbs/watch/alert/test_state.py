"""No flapping, no second message for one opening, and a restart at any step changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import RunError
from mulle.verbs.watch.alert import Alerts, Rule, Rules
from mulle.verbs.watch.alert.alert import Message
from mulle.verbs.watch.alert.quiet import parse_quiet
from mulle.verbs.watch.alert.rules import Hold
from mulle.verbs.watch.alert.state import State, step

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
readings = st.sampled_from(["over", "between", "under", "unknown"])
series = st.lists(readings, max_size=40)
holds = st.builds(Hold, checks=st.integers(1, 4), seconds=st.sampled_from([0.0, 90.0, 180.0]))
MINUTE = 60_000_000


def played(rule: Rule, given: list[str]) -> list[tuple[int, str]]:
    """What changed, and at which check; a check a minute."""
    state, changes = State(), []
    for n, reading in enumerate(given):
        state, change = step(state, rule, reading, n * MINUTE)
        if change:
            changes.append((n, change))
    return changes


@given(series, holds, st.sampled_from([0.0, 120.0, 600.0]))
def test_it_opens_and_closes_in_turn_and_only_for_cause(
    given: list[str], hold: Hold, cooldown: float
) -> None:
    rule = Rule("r", "drift", above=0.2, clear=0.1, hold=hold, cooldown=cooldown)
    changes = played(rule, given)
    kinds = [change for _, change in changes]
    assert kinds == (["opened", "closed"] * len(kinds))[: len(kinds)]
    closed = None
    for n, change in changes:
        if change == "closed":
            assert given[n] == "under"
            closed = n
            continue
        told = [r for r in given[: n + 1] if r != "unknown"]
        assert told[-hold.checks :] == ["over"] * hold.checks, "so many checks in a row"
        if closed is not None:
            between = [r for r in given[closed : n + 1] if r != "unknown"]
            assert between[0] == "under", "it fell below `clear` before it opened again"
            assert (n - closed) * 60 >= cooldown


@given(st.lists(st.sampled_from(["over", "between", "unknown"]), max_size=40), holds)
def test_within_the_hysteresis_it_never_flaps(given: list[str], hold: Hold) -> None:
    rule = Rule("r", "drift", above=0.2, clear=0.1, hold=hold)
    assert len(played(rule, given)) <= 1


@given(series, holds, st.integers(0, 40))
def test_checks_that_cannot_tell_change_nothing(given: list[str], hold: Hold, where: int) -> None:
    rule = Rule("r", "drift", above=0.2, hold=Hold(checks=hold.checks))
    with_gap = [*given[:where], "unknown", "unknown", *given[where:]]
    assert [c for _, c in played(rule, given)] == [c for _, c in played(rule, with_gap)]


def test_a_duration_is_held_from_the_first_check_past_the_limit() -> None:
    rule = Rule("r", "drift", above=0.2, hold=Hold(seconds=180.0))
    assert played(rule, ["over"] * 6) == [(3, "opened")]
    assert played(rule, ["over", "over", "between", "over", "over", "over"]) == []


# --- with the book and the channels -----------------------------------------------------------


class Ear:
    """A channel that hears, or fails, as it is told."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.failing = False

    def send(self, message: Message) -> None:
        if self.failing:
            raise RunError("alert-chat-refused", channel="ear")
        self.heard.append(message)

    def said(self) -> list[tuple[str, str]]:
        return [(a.subject, a.change) for m in self.heard for a in m.alerts]


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def rules_of(ear: object, **more: object) -> Rules:
    rule = dict(name="r", on="drift", above=0.2, clear=0.1, channels=("ear",)) | more
    return Rules((Rule(**rule),), {"ear": ear})  # type: ignore[arg-type]


def check_of(**scores: float | None) -> dict:
    return {"columns": {name: {"score": score} for name, score in scores.items()}}


@settings(deadline=None, max_examples=8)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.15, 0.3, None]), st.sampled_from([0.05, 0.3])),
        max_size=7,
    ),
    st.integers(1, 3),
    st.sets(st.integers(0, 7)),
    st.sets(st.integers(0, 7)),
)
def test_a_restart_at_any_step_neither_forgets_nor_repeats(
    tmp_path_factory, given, checks, restarts, deaf
) -> None:
    folder: Path = tmp_path_factory.mktemp("book")
    heard, straight = [], []
    for name, again in (("restarted", restarts), ("straight", set[int]())):
        ear = Ear()
        rules = rules_of(ear, hold=Hold(checks=checks))
        alerts = Alerts(rules, folder / f"{name}.db", model="m")
        changes = []
        for n, (a, b) in enumerate(given):
            if n in again:
                alerts = Alerts(rules, folder / f"{name}.db", model="m")
            ear.failing = n in deaf
            found = alerts.check(check_of(a=a, b=b), at=START + timedelta(hours=n))
            changes += [(x.subject, x.change) for x in found]
        (heard if name == "restarted" else straight).extend([changes, ear.said()])
        ids = [alert.id for message in ear.heard for alert in message.alerts]
        assert len(ids) == len(set(ids)), "no opening was told twice"
        opened = {a.subject for a in alerts.open_alerts()}
        last = {s: c for s, c in changes}
        assert opened == {s for s, c in last.items() if c == "opened"}
        if not deaf:
            assert sorted(ear.said()) == sorted(changes), "and none was forgotten"
    assert heard == straight


class Fatal(Ear):
    """A channel in which the program is killed: before or after the message got through."""

    def __init__(self, when: str) -> None:
        super().__init__()
        self.when = when

    def send(self, message: Message) -> None:
        when, self.when = self.when, ""
        if when == "before":
            raise Killed
        super().send(message)
        if when == "after":
            raise Killed


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_sending_loses_nothing(tmp_path: Path, when: str) -> None:
    ear = Fatal(when)
    rules = rules_of(ear)
    with pytest.raises(Killed):
        Alerts(rules, tmp_path / "book.db", model="m").check(check_of(a=0.3), at=START)
    alerts = Alerts(rules, tmp_path / "book.db", model="m")
    alerts.deliver(at=START + timedelta(minutes=1))
    assert len(ear.heard) == (when == "after"), "another program may still be sending it"
    alerts.deliver(at=START + timedelta(minutes=10))
    ids = {message.id for message in ear.heard}
    assert len(ids) == 1 and set(ear.said()) == {("a", "opened")}, "a repetition has the same id"
    alerts.deliver(at=START + timedelta(days=1))
    assert len(ear.heard) == (2 if when == "after" else 1)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 12), st.sampled_from([0.3, 0.0]))
def test_a_kill_within_a_check_leaves_it_undone(tmp_path_factory, after: int, score: float) -> None:
    import sqlalchemy as sa

    place = tmp_path_factory.mktemp("book") / "b.db"
    ear = Ear()
    rules, now = rules_of(ear), START + timedelta(hours=1)
    Alerts(rules, place, model="m").check(check_of(a=0.3, b=0.0), at=START)
    alerts = Alerts(rules, place, model="m")
    statements = iter(range(100))

    def kill(*_: object) -> None:
        if next(statements) == after:
            raise Killed

    sa.event.listen(alerts._store._database.engine, "before_cursor_execute", kill)
    try:
        alerts.check(check_of(a=score, b=0.3), at=now, deliver=False)
    except Killed:
        again = Alerts(rules, place, model="m")
        assert {x.subject for x in again.open_alerts()} == {"a"}
        changed = again.check(check_of(a=score, b=0.3), at=now, deliver=False)
        assert ("b", "opened") in [(x.subject, x.change) for x in changed]
    Alerts(rules, place, model="m").deliver(at=now)
    expected = [("a", "opened"), ("b", "opened")] + ([] if score else [("a", "closed")])
    assert sorted(ear.said()) == sorted(expected)


def test_a_kill_between_check_and_delivery_loses_nothing(tmp_path: Path) -> None:
    ear = Ear()
    rules = rules_of(ear)
    Alerts(rules, tmp_path / "b.db", model="m").check(check_of(a=0.3), at=START, deliver=False)
    again = Alerts(rules, tmp_path / "b.db", model="m")
    assert [d.sent for d in again.deliver(at=START)] == [True]
    assert again.deliver(at=START) == [] and ear.said() == [("a", "opened")]


def test_one_message_for_all_that_opened_at_once(tmp_path: Path) -> None:
    ear = Ear()
    alerts = Alerts(
        rules_of(ear),
        tmp_path / "b.db",
        model="m",
        look="mulle watch m.mulle log.db --since {since}",
    )
    alerts.check(check_of(**{f"c{n}": 0.3 for n in range(30)}), at=START)
    (message,) = ear.heard
    assert message.title == "[warning] m: r (30)" and len(message.alerts) == 30
    assert "and 18 more" in message.text
    assert "mulle watch m.mulle log.db --since 2026-01-05T12:00:00Z" in message.text


def test_a_failed_delivery_is_tried_again_later_and_given_up_at_last(tmp_path: Path) -> None:
    ear = Ear()
    ear.failing = True
    alerts = Alerts(rules_of(ear), tmp_path / "b.db", model="m")
    alerts.check(check_of(a=0.3), at=START)
    assert alerts.deliver(at=START + timedelta(seconds=5)) == [], "not before its time"
    tries, moment = 1, START
    for _ in range(200):
        moment += timedelta(minutes=10)
        for delivery in alerts.deliver(at=moment):
            tries += 1
            assert "‘ear’ failed" in delivery.error and not delivery.sent
            last = delivery
    assert tries == 8 and not last.again
    ear.failing = False
    assert alerts.deliver(at=moment + timedelta(days=1)) == []


def test_quiet_hours_hold_back_and_deliver_if_still_open(tmp_path: Path) -> None:
    ear = Ear()
    quiet = parse_quiet("22:00-07:00", "Asia/Seoul")
    alerts = Alerts(rules_of(ear, quiet=quiet), tmp_path / "b.db", model="m")
    night, morning = datetime(2026, 1, 5, 15, tzinfo=UTC), datetime(2026, 1, 5, 22, tzinfo=UTC)
    assert len(alerts.check(check_of(a=0.3, b=0.3), at=night)) == 2
    assert len(alerts.check(check_of(a=0.3, b=0.0), at=night + timedelta(hours=1))) == 1
    assert ear.heard == [] and len(alerts.open_alerts()) == 1
    alerts.deliver(at=morning - timedelta(minutes=1))
    assert ear.heard == []
    alerts.deliver(at=morning)
    assert ("a", "opened") in ear.said()
    assert ("b", "closed") not in ear.said(), "who did not hear of it need not hear it is over"


def test_what_closed_in_quiet_hours_is_not_told(tmp_path: Path) -> None:
    ear = Ear()
    quiet = parse_quiet("22:00-07:00", "UTC")
    alerts = Alerts(rules_of(ear, quiet=quiet), tmp_path / "b.db", model="m")
    night = datetime(2026, 1, 5, 23, tzinfo=UTC)
    alerts.check(check_of(a=0.3), at=night)
    alerts.check(check_of(a=0.0), at=night + timedelta(hours=1))
    alerts.deliver(at=night + timedelta(hours=12))
    assert ear.heard == []
    assert [a.change for a in alerts.history()] == ["closed", "opened"]


def test_a_critical_rule_may_pass_through_quiet_hours(tmp_path: Path) -> None:
    ear = Ear()
    more = {"quiet": parse_quiet("22:00-07:00", "UTC"), "through_quiet": True}
    alerts = Alerts(rules_of(ear, **more), tmp_path / "b.db", model="m")
    alerts.check(check_of(a=0.3), at=datetime(2026, 1, 5, 23, tzinfo=UTC))
    assert ear.said() == [("a", "opened")]


def test_a_closing_is_told_to_those_who_heard_the_opening(tmp_path: Path) -> None:
    ear, deaf = Ear(), Ear()
    deaf.failing = True
    rule = Rule("r", "drift", above=0.2, clear=0.1, channels=("ear", "deaf"))
    alerts = Alerts(Rules((rule,), {"ear": ear, "deaf": deaf}), tmp_path / "b.db", model="m")
    alerts.check(check_of(a=0.3), at=START)
    deaf.failing = False
    alerts.check(check_of(a=0.0), at=START + timedelta(seconds=1))
    assert ear.said() == [("a", "opened"), ("a", "closed")] and deaf.said() == []


def test_models_do_not_know_each_other(tmp_path: Path) -> None:
    rules = rules_of(Ear())
    one, two = (Alerts(rules, tmp_path / "b.db", model=m) for m in ("one", "two"))
    assert len(one.check(check_of(a=0.3))) == 1 and len(two.check(check_of(a=0.3))) == 1
    assert len(one.open_alerts()) == 1 and one.open_alerts()[0].model == "one"


def test_an_alert_carries_its_evidence_and_survives_json(tmp_path: Path) -> None:
    alerts = Alerts(rules_of(Ear()), tmp_path / "b.db", model="m", look="mulle watch m.mulle l.db")
    figures = {"measure": "psi", "score": 0.4, "n_ref": 900, "n_cur": 300, "reason": "It moved."}
    (alert,) = alerts.check({"columns": {"price": figures}}, at=START)
    assert alert == alerts.open_alerts()[0] == alerts.history()[0]
    assert alert.evidence == figures and (alert.value, alert.limit, alert.clear) == (0.4, 0.2, 0.1)
    assert json.loads(json.dumps(alert.evidence)) == figures


def test_a_book_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    import sqlite3

    from mulle.store import database as store

    monkeypatch.setattr(store, "WAIT_S", 0)
    ear = Ear()
    alerts = Alerts(rules_of(ear), tmp_path / "b.db", model="m")
    other = sqlite3.connect(tmp_path / "b.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(RunError):
        alerts.check(check_of(a=0.3), at=START)
    other.execute("ROLLBACK")
    other.close()
    assert len(alerts.check(check_of(a=0.3), at=START)) == 1 and len(ear.heard) == 1
