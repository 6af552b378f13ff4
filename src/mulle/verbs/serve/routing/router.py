"""Which version answers a request that names none: rules in force, counts, ids, rewards.

While no model has a rule, nothing of this is asked on the way of a request, and no database opens.

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

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.response import Headers
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.routing.ids import NONE, Ids, tag_of
from mulle.verbs.serve.routing.keys import keys_in
from mulle.verbs.serve.routing.rule import DAY, DAYS, Rule, unusable
from mulle.verbs.serve.routing.rules import near, read_rules, rule_of
from mulle.verbs.serve.routing.shadowing import Shadows

if TYPE_CHECKING:
    from mulle.verbs.serve.routing.ledger import Kept, Known, Ledger
    from mulle.verbs.serve.routing.running import Running
    from mulle.verbs.serve.service import Service

FILE = "routing.db"  # in the folder of the server's state
EXCHANGE = 1.0  # seconds between two exchanges of counts
# By model, round and version: requests, and the labels of the version.
Counted = dict[tuple[str, int, str], tuple[int, list[Any]]]
log = logging.getLogger("mulle.verbs.serve.routing")


class Router:
    """The rules of one process.

    Args:
        service: whose models they are for.

    Raises:
        MulleError: the operator's rules cannot be used, or the database does not answer.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        self.running: dict[str, Running] = {}
        self.known: dict[str, Known] = {}
        self._ledger: Ledger | None = None
        self._ids: Ids | None = None
        self._file = self._settings.state_dir / FILE
        self._exchanging = asyncio.Lock()
        self._guards: list[Any] = []
        self.shadows = Shadows(service)
        self.compared: dict[tuple[str, str], dict[str, float]] = {}
        self._requests = Counter(
            "model_routed_requests", "Requests whose version a rule chose.",
            ["model", "version", "policy"], registry=service.metrics.registry,
        )  # fmt: skip
        if self._settings.route or self._there:
            self._begin()

    @property
    def ledger(self) -> Ledger:
        """What is kept in SQL; opened when it is first needed."""
        if self._ledger is None:
            from mulle.verbs.serve.routing.ledger import Ledger

            self._ledger = Ledger.kept_at(self._file, self._settings.database)
            self._ids = Ids(self._ledger.key())
        return self._ledger

    @property
    def ids(self) -> Ids | None:
        """Makes and reads ids; None while nothing was ever routed."""
        return self._ids

    def choose(self, request: Request, name: str) -> str | None:
        """A version by the model's rule; see `service.Chooser`."""
        running = self.running.get(name)
        return running.choose(request) if running else None

    def heard(
        self, request: Request, loaded: LoadedModel, rows: Sequence[Any], answers: Sequence[Answer]
    ) -> None:
        """Count an answer and give it an id; see `service.Listener`."""
        running = self.running.get(loaded.name)
        tally = running.answered(request, loaded) if running else None
        if running is None or tally is None or self._ids is None:
            return
        version = b"x-model-version", loaded.version.encode()
        if running.rule.name == "shadow":
            self.shadows.note(running, loaded, rows, answers)
        if not running.rule.rewarded:
            _tell(request, (version,))
            return
        if len(answers) != 1:
            made = self._ids.of_class(tally.tag, NONE)
        elif loaded.labels:
            position = loaded.labels.index(answers[0].label)  # type: ignore[arg-type]
            made = self._ids.of_class(tally.tag, position)
        else:
            made = self._ids.of_value(tally.tag, answers[0].scores[0])
        request.state["prediction"] = made.decode()
        _tell(request, ((b"x-prediction-id", made), version))

    def join(self, guards: list[Any]) -> None:
        """Where to stand while a rule looks for its key in the rows."""
        self._guards = guards
        self._take_part()

    def read_key(self, request: Request, route: Route) -> Awaitable[None] | None:
        """Find the key in the rows of a prediction; see `app.Guard`."""
        params = request.params
        name = params.get("model", params.get("name", ""))
        running = self.running.get(name)
        if not running or not running.column or params.get("version") or route.scope != "predict":
            return None
        return _note_key(request, running) if route.method == "POST" else None

    async def put(self, model: str, settings: Any, *, fresh: bool = False) -> None:
        """Give a model another rule, in this process at once, in the others within a second.

        Raises:
            UsageError: the rule cannot be used.
            HTTPError: there is no such model (404).
        """
        from mulle.verbs.serve.routing.running import changed

        self._service.repository[model]
        rule = rule_of(settings)
        self._check(model, rule)
        ledger = await asyncio.to_thread(lambda: self.ledger)

        def change(old: Kept | None) -> Kept:
            return changed(old, model, rule, old.written if old else "", fresh=fresh)

        await asyncio.to_thread(ledger.change, model, change)
        await self.exchange()

    async def drop(self, model: str) -> None:
        """Take a model's rule away.

        Raises:
            HTTPError: it has none (404).
        """
        if model not in self.running:
            raise HTTPError(404, "route-none", model=model[:100])
        await asyncio.to_thread(self.ledger.change, model, _taken_away)
        await self.exchange()

    async def exchange(self) -> None:
        """Hand over what was counted here, and take over what all processes know."""
        async with self._exchanging:
            counted, found = self._counted(), self.shadows.taken()
            try:
                known = await asyncio.to_thread(self.ledger.exchange, counted)
            except Exception:
                self._uncount(counted)
                self.shadows.untaken(found)
                raise
            for (tag, against), sums in found.items():
                await asyncio.to_thread(self.ledger.compare, tag, against, sums)
            self._follow(await asyncio.to_thread(self.ledger.rules), known)
            if any(running.rule.name == "shadow" for running in self.running.values()):
                self.compared = await asyncio.to_thread(self.ledger.comparisons)

    async def keep_exchanging(self) -> None:
        """Exchange once a second for as long as the server runs; once more at its end."""
        try:
            last = time.monotonic()
            while True:
                await asyncio.sleep(EXCHANGE)
                if self._ledger or self._there:
                    await self._try_exchange()
                if self._ledger and time.monotonic() - last > 3600:
                    last = time.monotonic()
                    await asyncio.to_thread(self._ledger.forget, time.time() - self._longest())
        finally:
            if self._ledger and (counted := self._counted()):
                self._ledger.exchange(counted)

    def _longest(self) -> float:
        """Seconds for which some rule takes feedback."""
        days = (running.rule.feedback_days for running in self.running.values())
        return DAY * max(days, default=DAYS)

    async def _try_exchange(self) -> None:
        try:
            await self.exchange()
        except Exception as error:  # the database is away; requests go on being answered
            log.warning("routing could not exchange its counts: %s", error)

    @property
    def _there(self) -> bool:
        """Whether some process has begun to route."""
        return bool(self._settings.database) or self._file.exists()

    def _begin(self) -> None:
        """Take over the operator's rules, then those that are kept."""
        ledger = self.ledger
        given = read_rules(self._settings.route) if self._settings.route else {}
        for model, rule in given.items():
            if model not in self._service.repository.names:
                names = near(model, self._service.repository.names)
                raise unusable("route-model-unknown", received=model, near=names)
            self._check(model, rule)
            ledger.change(model, partial(_of_file, model, rule))
        for model, kept in ledger.rules().items():
            if kept.written and model in self._service.repository.names and model not in given:
                ledger.change(model, _not_in_file)
        self._follow(ledger.rules(), ledger.exchange({}))
        self._follow(ledger.rules(), ledger.exchange(self._counted()))

    def _check(self, model: str, rule: Rule) -> None:
        served = self._service.repository[model]
        known = [*served.aliases, *served.versions]
        for name in rule.versions:
            if name not in known:
                raise unusable(
                    "route-version-unknown", model=model, received=name, near=near(name, known)
                )

    def _follow(self, kept: Mapping[str, Kept], known: dict[str, Known]) -> None:
        """Let the rules that are kept be those in force."""
        from mulle.verbs.serve.routing.running import Running

        self.known = known
        repository, running = self._service.repository, {}
        for model, one in kept.items():
            if one.rule and model in repository.names:
                now = self.running.get(model)
                try:
                    running[model] = (
                        now
                        if now and now.kept == one
                        else Running(model, one, repository, before=now)
                    )
                except MulleError as error:  # a newer mulle wrote it
                    log.warning("the rule of %s cannot be used: %s", model, error.what)
        for one_running in running.values():
            one_running.learn(known)
        if running and repository.names[0] in running:
            running[""] = running[repository.names[0]]
        self.running = running
        self._take_part()

    def _take_part(self) -> None:
        """Be asked on the way of requests only while there is a rule."""
        part = bool(self.running)
        _set(self._service.choosers, self.choose, part)
        _set(self._service.listeners, self.heard, part, first=True)  # a log takes its id over
        _set(self._guards, self.read_key, any(r.column for r in self.running.values()))

    def _counted(self) -> Counted:
        """What was counted here since the last exchange."""
        counted: Counted = {}
        for model, running in self.running.items():
            for tag, tally in running.tallies.items() if model else ():
                if tally.unsent or tag not in self.known:
                    key = model, running.kept.round, tally.version
                    counted[key] = tally.unsent, running.labels(tally.version)
                    of = model, tally.version, running.rule.name
                    self._requests.labels(*of).inc(tally.unsent)
                    tally.unsent = 0
        return counted

    def _uncount(self, counted: Counted) -> None:
        """Take back what could not be handed over; it is tried again."""
        for (model, number, version), (requests, _) in counted.items():
            running = self.running.get(model)
            tally = running.tallies.get(tag_of(model, number, version).hex()) if running else None
            if tally:
                tally.unsent += requests


def _tell(request: Request, headers: Headers) -> None:
    """Add headers to the answer; of several predictions in one request the last is told."""
    before = request.state.setdefault("unrouted", request.state.get("headers", ()))
    request.state["headers"] = before + headers


def _set(hooks: list[Any], hook: Any, there: bool, *, first: bool = False) -> None:  # noqa: FBT001
    if there and hook not in hooks:
        hooks.insert(0 if first else len(hooks), hook)
    elif hook in hooks and not there:
        hooks.remove(hook)


async def _note_key(request: Request, running: Running) -> None:
    """The key, if all rows belong to one version; those of several belong to no test."""
    from mulle.verbs.serve.routing.running import KEY

    body = await request.body()
    request.put_back(body)
    keys = keys_in(body, running.column, csv="csv" in request.media_type)
    if keys and all(keys) and len({running.owner(key) for key in keys}) == 1:
        request.state[KEY] = keys[0]


def _of_file(model: str, rule: Rule, old: Kept | None) -> Kept | None:
    """A rule of the operator's file; what was changed while running since then stays."""
    from mulle.verbs.serve.routing.running import changed

    written = msgspec.json.encode(rule).decode()
    if old and old.written == written:
        return None
    return changed(old, model, rule, written, fresh=False)


def _taken_away(old: Kept | None) -> Kept | None:
    """No rule, until the operator's file says something else."""
    return old._replace(rule="") if old and old.rule else None


def _not_in_file(old: Kept | None) -> Kept | None:
    return old._replace(rule="", written="") if old else None
