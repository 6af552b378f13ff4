"""Which version answers a request that names none: active policies, counts, ids, rewards.

While no model has a policy, requests pass without a look at routing, and no database opens.

catalogue  route-ab route-bandit
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from prometheus_client import Counter

from mulle.errors import MulleError, UsageError
from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.response import Headers
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.routing.arms import StoredArm
from mulle.verbs.serve.routing.config import near, parse_policy, read_policies
from mulle.verbs.serve.routing.ids import NONE, Ids, tag_of
from mulle.verbs.serve.routing.keys import keys_in
from mulle.verbs.serve.routing.policy import DAY, FEEDBACK_DAYS, Policy, StoredPolicy
from mulle.verbs.serve.routing.shadowing import Shadows

if TYPE_CHECKING:
    from mulle.verbs.serve.routing.active import ActivePolicy
    from mulle.verbs.serve.routing.store import RoutingStore
    from mulle.verbs.serve.service import Service

FILE = "routing.db"  # in the folder of the server's state
EXCHANGE = 1.0  # seconds between two exchanges of counts
FORGET_SECONDS = 3600.0  # between two removals of ids that are too old for feedback
# By model, round and version: requests, and the labels of the version.
Counted = dict[tuple[str, int, str], tuple[int, list[Any]]]
log = logging.getLogger("mulle.serve")


class Router:
    """The active policies of one process.

    Args:
        service: the models and their settings.

    Attributes:
        active: policies in force, by model.
        known: sums of all processes, by tag.
        compared: sums of shadows, by tag and by the version they were compared with.

    Raises:
        MulleError: the operator's policies cannot be used, or the database does not answer.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        self.active: dict[str, ActivePolicy] = {}
        self.known: dict[str, StoredArm] = {}
        self._store: RoutingStore | None = None
        self._ids: Ids | None = None
        self._file = self._settings.state_dir / FILE
        self._exchanging = asyncio.Lock()
        self._guards: list[Any] = []
        self.shadows = Shadows(service)
        self.compared: dict[tuple[str, str], dict[str, float]] = {}
        self._requests = Counter(
            "model_routed_requests", "Requests whose version a policy chose.",
            ["model", "version", "policy"], registry=service.metrics.registry,
        )  # fmt: skip
        if self._settings.routing or self._exists:
            self._begin()

    @property
    def store(self) -> RoutingStore:
        """The tables in SQL; opened when they are first needed."""
        if self._store is None:
            from mulle.verbs.serve.routing.store import RoutingStore

            self._store = RoutingStore.connect(self._file, self._settings.database)
            self._ids = Ids(self._store.key())
        return self._store

    @property
    def ids(self) -> Ids | None:
        """Ids of predictions; None while nothing was ever routed."""
        return self._ids

    def choose(self, request: Request, name: str) -> str | None:
        """Choose a version by the model's policy; see `service.Chooser`."""
        active = self.active.get(name)
        return active.choose(request) if active else None

    def heard(
        self, request: Request, loaded: LoadedModel, rows: Sequence[Any], answers: Sequence[Answer]
    ) -> None:
        """Count an answer and give it an id; see `service.Listener`."""
        active = self.active.get(loaded.name)
        arm = active.count_answer(request, loaded) if active else None
        if active is None or arm is None or self._ids is None:
            return
        version = b"x-model-version", loaded.version.encode()
        if active.policy.name == "shadow":
            self.shadows.add(active, loaded, rows, answers)
        if not active.policy.uses_rewards:
            _add_headers(request, (version,))
            return
        if len(answers) != 1:
            id = self._ids.of_class(arm.tag, NONE)
        elif loaded.labels:
            position = loaded.labels.index(answers[0].label)  # type: ignore[arg-type]
            id = self._ids.of_class(arm.tag, position)
        else:
            id = self._ids.of_value(arm.tag, answers[0].scores[0])
        request.state["prediction"] = id.decode()
        _add_headers(request, ((b"x-prediction-id", id), version))

    def join(self, guards: list[Any]) -> None:
        """Remember the guards, among which `read_key` stands while a policy has a key column."""
        self._guards = guards
        self._set_hooks()

    def read_key(self, request: Request, route: Route) -> Awaitable[None] | None:
        """Find the key in the rows of a prediction; see `app.Guard`."""
        params = request.params
        name = params.get("model", params.get("name", ""))
        active = self.active.get(name)
        if not active or not active.column or params.get("version") or route.scope != "predict":
            return None
        return _note_key(request, active) if route.method == "POST" else None

    async def put(self, model: str, settings: Any, *, fresh: bool = False) -> None:
        """Give a model another policy, in this process at once, in the others within a second.

        Args:
            model: name of the model.
            settings: the policy and its settings.
            fresh: begin a new round of counting.

        Raises:
            UsageError: the policy cannot be used.
            HTTPError: there is no such model (404).
        """
        from mulle.verbs.serve.routing.active import update_stored

        self._service.repository[model]
        policy = parse_policy(settings)
        self._check(model, policy)
        store = await asyncio.to_thread(lambda: self.store)

        def change(old: StoredPolicy | None) -> StoredPolicy:
            file_policy = old.file_policy if old else ""
            return update_stored(old, model, policy, file_policy, fresh=fresh)

        await asyncio.to_thread(store.change, model, change)
        await self.exchange()

    async def drop(self, model: str) -> None:
        """Take a model's policy away.

        Raises:
            HTTPError: it has none (404).
        """
        if model not in self.active:
            raise HTTPError(404, "policy-none", model=model[:100])
        await asyncio.to_thread(self.store.change, model, _without_policy)
        await self.exchange()

    async def exchange(self) -> None:
        """Add what was counted here to the store, and take over the sums of all processes."""
        async with self._exchanging:
            counted, found = self._take_counts(), self.shadows.take()
            try:
                known = await asyncio.to_thread(self.store.exchange, counted)
            except Exception:
                self._restore_counts(counted)
                self.shadows.restore(found)
                raise
            for (tag, against), sums in found.items():
                await asyncio.to_thread(self.store.compare, tag, against, sums)
            self._activate(await asyncio.to_thread(self.store.policies), known)
            if any(active.policy.name == "shadow" for active in self.active.values()):
                self.compared = await asyncio.to_thread(self.store.comparisons)

    async def keep_exchanging(self) -> None:
        """Exchange once a second while the server runs, and once more at its end."""
        try:
            last = time.monotonic()
            while True:
                await asyncio.sleep(EXCHANGE)
                if self._store or self._exists:
                    await self._try_exchange()
                if self._store and time.monotonic() - last > FORGET_SECONDS:
                    last = time.monotonic()
                    oldest = time.time() - self._feedback_seconds()
                    await asyncio.to_thread(self._store.forget, oldest)
        finally:
            if self._store and (counted := self._take_counts()):
                self._store.exchange(counted)

    def _feedback_seconds(self) -> float:
        """Return the longest time for which a policy accepts feedback."""
        days = (active.policy.feedback_days for active in self.active.values())
        return DAY * max(days, default=FEEDBACK_DAYS)

    async def _try_exchange(self) -> None:
        try:
            await self.exchange()
        except Exception as error:  # the database is away; requests go on being answered
            log.warning("routing could not exchange its counts: %s", error)

    @property
    def _exists(self) -> bool:
        """Whether some process has used routing."""
        return bool(self._settings.database) or self._file.exists()

    def _begin(self) -> None:
        """Store the operator's policies, then activate all that are stored."""
        store, names = self.store, self._service.repository.names
        given = read_policies(self._settings.routing) if self._settings.routing else {}
        for model, policy in given.items():
            if model not in names:
                raise UsageError("policy-model-unknown", received=model, known=near(model, names))
            self._check(model, policy)
            store.change(model, partial(_from_file, model, policy))
        for model, stored in store.policies().items():
            if stored.file_policy and model in names and model not in given:
                store.change(model, _removed_from_file)
        self._activate(store.policies(), store.exchange({}))
        self._activate(store.policies(), store.exchange(self._take_counts()))

    def _check(self, model: str, policy: Policy) -> None:
        served = self._service.repository[model]
        known = [*served.aliases, *served.versions]
        for name in policy.versions:
            if name not in known:
                raise UsageError(
                    "policy-version-unknown", model=model, received=name, known=near(name, known)
                )

    def _activate(self, stored: Mapping[str, StoredPolicy], known: dict[str, StoredArm]) -> None:
        """Put the stored policies into force."""
        from mulle.verbs.serve.routing.active import ActivePolicy

        self.known = known
        repository, active = self._service.repository, {}
        for model, one in stored.items():
            if one.policy and model in repository.names:
                now = self.active.get(model)
                try:
                    same = now is not None and now.stored == one
                    active[model] = (
                        now if now and same else ActivePolicy(model, one, repository, now)
                    )
                except MulleError as error:  # a newer mulle wrote it
                    log.warning("the policy of %s cannot be used: %s", model, error.what)
        for policy in active.values():
            policy.update(known)
        if active and repository.names[0] in active:
            active[""] = active[repository.names[0]]
        self.active = active
        self._set_hooks()

    def _set_hooks(self) -> None:
        """Stand on the way of requests only while there is a policy."""
        needed = bool(self.active)
        _set(self._service.choosers, self.choose, needed)
        _set(self._service.listeners, self.heard, needed, first=True)  # a log uses the id of this
        _set(self._guards, self.read_key, any(a.column for a in self.active.values()))

    def _take_counts(self) -> Counted:
        """Return what was counted here since the last exchange, and count from 0 again."""
        counted: Counted = {}
        for model, active in self.active.items():
            for tag, arm in active.by_tag.items() if model else ():
                if arm.unsent or tag not in self.known:
                    key = model, active.stored.round, arm.version
                    counted[key] = arm.unsent, active.labels(arm.version)
                    names = model, arm.version, active.policy.name
                    self._requests.labels(*names).inc(arm.unsent)
                    arm.unsent = 0
        return counted

    def _restore_counts(self, counted: Counted) -> None:
        """Add back what could not be stored, for the next exchange."""
        for (model, number, version), (requests, _) in counted.items():
            active = self.active.get(model)
            arm = active.by_tag.get(tag_of(model, number, version).hex()) if active else None
            if arm:
                arm.unsent += requests


def _add_headers(request: Request, headers: Headers) -> None:
    """Add headers to the answer; of several predictions in one request the last one's stay."""
    before = request.state.setdefault("unrouted", request.state.get("headers", ()))
    request.state["headers"] = before + headers


def _set(hooks: list[Any], hook: Any, there: bool, *, first: bool = False) -> None:  # noqa: FBT001
    if there and hook not in hooks:
        hooks.insert(0 if first else len(hooks), hook)
    elif hook in hooks and not there:
        hooks.remove(hook)


async def _note_key(request: Request, active: ActivePolicy) -> None:
    """Note the key if all rows belong to one version; rows of several are part of no test."""
    from mulle.verbs.serve.routing.active import STATE_KEY

    body = await request.body()
    request.put_back(body)
    keys = keys_in(body, active.column, csv="csv" in request.media_type)
    if keys and all(keys) and len({active.owner(key) for key in keys}) == 1:
        request.state[STATE_KEY] = keys[0]


def _from_file(model: str, policy: Policy, old: StoredPolicy | None) -> StoredPolicy | None:
    """Store a policy of the operator's file, unless the file is unchanged: then a PUT prevails."""
    from mulle.verbs.serve.routing.active import update_stored

    file_policy = msgspec.json.encode(policy).decode()
    if old and old.file_policy == file_policy:
        return None
    return update_stored(old, model, policy, file_policy, fresh=False)


def _without_policy(old: StoredPolicy | None) -> StoredPolicy | None:
    """Remove the policy until the operator's file contains another one."""
    return old._replace(policy="") if old and old.policy else None


def _removed_from_file(old: StoredPolicy | None) -> StoredPolicy | None:
    return old._replace(policy="", file_policy="") if old else None
