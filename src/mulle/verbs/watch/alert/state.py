"""The state of an alert: it opens and closes by one step a check, for each rule and subject.

    closed --over, long enough, not cooling down--> open --under--> closed

Between the two limits nothing happens to an open alert, and a closed one begins its count anew; so
a value that wavers there makes one alert, not many. A check that cannot tell changes nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from mulle.verbs.watch.alert.measures import Side
from mulle.verbs.watch.alert.rules import Rule

Change = Literal["opened", "closed"]
_SECOND = 1_000_000


class State(msgspec.Struct, frozen=True):
    """The state of one alert; all times in microseconds since 1970 in UTC.

    Attributes:
        open: whether the alert is open.
        streak: number of checks in a row past the limit, while closed.
        since: time of the first of them; of an open alert, its beginning.
        closed: time of the last closing.
    """

    open: bool = False
    streak: int = 0
    since: int | None = None
    closed: int | None = None


def step(state: State, rule: Rule, side: Side, at: int) -> tuple[State, Change | None]:
    """Return the state after a check, and the change.

    >>> from mulle.verbs.watch.alert.rules import Hold
    >>> rule, state = Rule("r", "drift", hold=Hold(checks=2)), State()
    >>> for side in ("over", "over", "between", "under"):
    ...     state, change = step(state, rule, side, 0)
    ...     print(change)
    None
    opened
    None
    closed
    """
    if side == "unknown":
        return state, None
    if state.open:
        if side != "under":
            return state, None
        return State(closed=at), "closed"
    if side != "over":
        return State(closed=state.closed), None
    since = at if state.since is None else state.since
    waiting = State(streak=state.streak + 1, since=since, closed=state.closed)
    held = waiting.streak >= rule.hold.checks and at - since >= rule.hold.seconds * _SECOND
    cooling = state.closed is not None and at - state.closed < rule.cooldown * _SECOND
    if not held or cooling:
        return waiting, None
    return State(open=True, since=since, closed=state.closed), "opened"
