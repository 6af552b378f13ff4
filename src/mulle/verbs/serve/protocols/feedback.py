"""The true outcome of predictions: a label, a reward, or both, by the id that an answer carried.

    POST /feedback   {"prediction_id": "...", "label": "yes"}
                     {"prediction_id": "...", "row": 2, "label": 12.5}    row 2 of several, from 1
                     {"request_id": "...", "reward": 1}
                     a list of those, alone or under "feedback"

A label reaches the prediction log, and through it the monitor's scores, and the routing policy that
chose the version, whichever of them are on; a reward reaches the policy. `request_id` is the
X-Request-Id of the caller, under which a prediction is logged where no policy chose its version.
Sending the same again does no harm: of rewards the first counts, of labels the last.

catalogue  route-bandit watch-serve-serve
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import polars as pl

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response, to_problem
from mulle.verbs.serve.http.limits import ROW_BYTES, off_loop
from mulle.verbs.serve.http.operation import JSON, Operation
from mulle.verbs.serve.http.strict_json import read_json_body
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.routing.arms import Reward
from mulle.verbs.serve.routing.config import near
from mulle.verbs.serve.routing.feedback import RewardQueue, RoutedPrediction
from mulle.verbs.serve.service import Service
from mulle.verbs.watch.log import Found

MAX_ENTRIES = 10_000  # of one request
MAX_ID = 200  # characters
_BREATH = 200  # entries between two turns of the event loop
MAX_SHOWN = 100  # characters of a value in an error
MAX_LABELS = 12  # that an error lists; of more only those that look like the one received


def routes(service: Service) -> Iterator[Route]:
    """Yield the resource above."""
    taker = _Feedback(service)

    async def feedback(request: Request) -> Response:
        value = await read_json_body(request)
        if isinstance(value, dict) and isinstance(value.get("feedback"), list):
            value = value["feedback"]
        if not isinstance(value, list):
            [outcome] = await taker.take([value])
            if isinstance(outcome, HTTPError):
                raise outcome
            return json_response(_count([outcome]))
        service.limits.check_rows(len(value), MAX_ENTRIES)
        outcomes = await taker.take(value)
        return await off_loop(len(value) * ROW_BYTES, _write, outcomes, request)

    described = Operation("feedback", "feedback", {JSON: "feedback"}, {JSON: "accepted"})
    yield Route("POST", "/feedback", feedback, "feedback", operation=described)


class Entry(NamedTuple):
    """One entry of feedback, read but not yet checked against its prediction.

    Attributes:
        id: id of the prediction.
        row: row of several that the label is for, from 1; None: the only one.
        label: the true label; None if only a reward is given.
        reward: the reward; None if only a label is given.
    """

    id: str
    row: int | None
    label: bool | int | float | str | None
    reward: float | None

    @property
    def log_ids(self) -> list[str]:
        """Ids that the row may have in the log: the first row may have that of the request."""
        if self.row is None:
            return [self.id]
        return [f"{self.id}/{self.row - 1}", *([self.id] if self.row == 1 else [])]


class Outcome(NamedTuple):
    """What one entry has to store.

    Attributes:
        label: id in the log and the label for it; None: nothing for the log.
        reward: the reward; None: nothing for routing.
        is_new: whether it changes anything; of a reward that shows only when it is stored.
    """

    label: tuple[str, Any] | None
    reward: Reward | None
    is_new: bool


class _Feedback:
    """Checks entries and stores what they say."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._rewards = RewardQueue(service.router)

    async def take(self, values: Sequence[Any]) -> list[Outcome | HTTPError]:
        """Store the entries that can be stored; return for each its outcome or its error.

        Raises:
            HTTPError: the log cannot be read or written now (503).
        """
        entries = [_catch(_read_entry, value) for value in values]
        good = [entry for entry in entries if isinstance(entry, Entry)]
        logged = await self._find_logged(good)
        codec = _LabelCodec(self._service)
        checked: list[Outcome | HTTPError] = []
        for number, entry in enumerate(entries):
            if number % _BREATH == 0:
                await asyncio.sleep(0)  # others are answered meanwhile
            if isinstance(entry, HTTPError):
                checked.append(entry)
                continue
            routed = await self._rewards.find(entry.id)
            found = next((logged[id] for id in entry.log_ids if id in logged), None)
            checked.append(_catch(self._check, entry, routed, found, logged, codec))
        return await self._store(checked)

    async def _find_logged(self, entries: Sequence[Entry]) -> dict[str, Found]:
        predictions = self._service.monitor.predictions
        if predictions is None or not entries:
            return {}
        # The first of several rows is looked for too, to tell a missing `row` from an unknown id.
        return await predictions.find([[*entry.log_ids, f"{entry.id}/0"] for entry in entries])

    def _check(
        self,
        entry: Entry,
        routed: RoutedPrediction | None,
        found: Found | None,
        logged: Mapping[str, Found],
        codec: _LabelCodec,
    ) -> Outcome:
        """Return what an entry has to store.

        Raises:
            HTTPError: nothing that is on knows the id (404), it is too old (410), its prediction
                takes no reward (409), or the label or the reward does not fit (422).
        """
        of_many = (routed is not None and routed.is_for_many_rows) or f"{entry.id}/0" in logged
        if routed is None and found is None:
            many = of_many and entry.row is None
            raise HTTPError(422, "feedback-many") if many else self._unknown(entry)
        if routed is not None and routed.is_late:
            if found is None or entry.label is None:
                raise HTTPError(410, "feedback-late", days=routed.feedback_days)
            routed = None  # the log takes a label at any time
        label = reward = None
        is_new = False
        if entry.label is not None:
            if found is None and of_many:
                raise HTTPError(422, "feedback-many")
            true = codec.read(*self._model_of(routed, found), entry.label)
            if found is not None:
                label = found.id, true
                is_new = found.label != msgspec.json.encode(true).decode()
            if routed is not None and entry.reward is None and not of_many:
                reward = routed.with_label(true)
        if entry.reward is not None and routed is not None:
            reward = routed.with_reward(entry.reward)
        elif entry.reward is not None and entry.label is None:
            raise HTTPError(409, "feedback-no-policy", model=found.model if found else "")
        return Outcome(label, reward, is_new)

    @staticmethod
    def _model_of(routed: RoutedPrediction | None, found: Found | None) -> tuple[str, str]:
        if found is not None:
            return found.model, found.version
        return (routed.arm.model, routed.arm.stats.version) if routed else ("", "")

    def _unknown(self, entry: Entry) -> HTTPError:
        """Return the error of an unknown id, which says what would have to be on."""
        log, routing = self._service.monitor.predictions is not None, self._rewards.is_open
        code = {
            (False, False): "feedback-off",
            (False, True): "feedback-unknown-not-routed",
            (True, False): "feedback-unknown-not-logged",
            (True, True): "feedback-unknown",
        }[log, routing]
        return HTTPError(404, code, received=entry.id[:MAX_SHOWN])

    async def _store(self, checked: list[Outcome | HTTPError]) -> list[Outcome | HTTPError]:
        good = [one for one in checked if isinstance(one, Outcome)]
        rewards = [one.reward for one in good if one.reward is not None]
        first = iter(await self._rewards.add(rewards) if rewards else [])
        labels = [one.label for one in good if one.label is not None]
        predictions = self._service.monitor.predictions
        if labels and predictions is not None:
            await asyncio.to_thread(predictions.attach, labels)
        seen: set[tuple[str, Any]] = set()
        stored: list[Outcome | HTTPError] = []
        for one in checked:
            if isinstance(one, Outcome):
                is_new = one.is_new and one.label not in seen
                is_new |= next(first) if one.reward is not None else False
                if one.label is not None:
                    seen.add(one.label)
                one = one._replace(is_new=is_new)
            stored.append(one)
        return stored


class _LabelCodec:
    """Reads labels as the models do, each distinct label once."""

    def __init__(self, service: Service) -> None:
        self._repository = service.repository
        self._known: dict[tuple[str, str, type, Any], Any] = {}

    def read(self, model: str, version: str, label: Any) -> Any:
        """Return the label or the value of the model's target that `label` means.

        Raises:
            HTTPError: the model is not served (404), or has no such label (422).
        """
        key = model, version, type(label), label
        if key not in self._known:
            served = self._repository[model]
            loaded = served.versions.get(version) or served.versions[served.default]
            self._known[key] = _decode(loaded, label)
        return self._known[key]


def _decode(loaded: LoadedModel, label: Any) -> Any:
    """Return the label or the value that `label` means to a model's target.

    Raises:
        HTTPError: the target has no such label, or it is no number (422).
    """
    target, received = loaded.model.manifest.target, str(label)[:MAX_SHOWN]
    if target.is_regression:
        value = math.nan
        if isinstance(label, str) or (not isinstance(label, bool) and _is_finite(label)):
            cell = pl.Series("", [label if isinstance(label, str) else float(label)])
            value = float(target.encode(cell, unknown="missing").y[0])
        if not math.isfinite(value):
            raise HTTPError(422, "feedback-value", column=target.name, received=received)
        return value
    code = target.code_of(label)
    if code is None:
        known = loaded.label_names
        if len(known) > MAX_LABELS:
            known = near(received, known)
        raise HTTPError(422, "feedback-label", received=received, known=known)
    return target.labels[code]


def _read_entry(value: Any) -> Entry:
    """Read one entry.

    Raises:
        HTTPError: it has no id, or neither a label nor a reward that could be one (422).
    """
    if not isinstance(value, Mapping):
        raise HTTPError(422, "feedback-no-object", received=type(value).__name__)
    id = value.get("prediction_id", value.get("request_id"))
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID:
        raise HTTPError(422, "feedback-no-id")
    row, label, reward = (value.get(name) for name in ("row", "label", "reward"))
    if row is not None and (type(row) is not int or row < 1):
        raise HTTPError(422, "feedback-row", received=str(row)[:MAX_SHOWN])
    if label is None and reward is None:
        raise HTTPError(422, "feedback-empty")
    if label is not None and not isinstance(label, bool | int | float | str):
        raise HTTPError(422, "feedback-label-type", received=type(label).__name__)
    if reward is not None and not (isinstance(reward, bool | int | float) and _is_finite(reward)):
        raise HTTPError(422, "feedback-reward", received=str(reward)[:MAX_SHOWN])
    return Entry(id, row, label, None if reward is None else float(reward))


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number beyond all floating point
        return False


def _catch(work: Any, *arguments: Any) -> Any:
    """Return what some work returns, or its HTTPError."""
    try:
        return work(*arguments)
    except HTTPError as error:
        return error


def _count(outcomes: Sequence[Outcome]) -> dict[str, int]:
    new = sum(one.is_new for one in outcomes)
    return {
        "accepted": new,
        "repeated": len(outcomes) - new,
        "logged": sum(one.label is not None for one in outcomes),
        "rewarded": sum(one.reward is not None for one in outcomes),
    }


def _write(outcomes: Sequence[Outcome | HTTPError], request: Request) -> Response:
    refused = [
        _describe(number, error, request)
        for number, error in enumerate(outcomes, start=1)
        if isinstance(error, HTTPError)
    ]
    counts = _count([one for one in outcomes if not isinstance(one, HTTPError)])
    return json_response({**counts, "refused": refused})


def _describe(number: int, error: HTTPError, request: Request) -> dict[str, Any]:
    problem = to_problem(error, request.lang)
    return {
        "entry": number,
        "code": problem.code,
        "message": problem.message,
        "fix": problem.fix,
    }
