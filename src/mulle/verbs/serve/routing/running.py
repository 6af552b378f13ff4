"""One model's rule at work in one process: its versions found, its choices counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from mulle.verbs.serve.http import Request
from mulle.verbs.serve.models import LoadedModel, ModelRepository
from mulle.verbs.serve.routing import slots as slotting
from mulle.verbs.serve.routing.ab import Dealt
from mulle.verbs.serve.routing.bandit import Bandit
from mulle.verbs.serve.routing.ids import tag_of
from mulle.verbs.serve.routing.ledger import Kept, Known
from mulle.verbs.serve.routing.rule import NOBODY, Rule
from mulle.verbs.serve.routing.rules import rule_of
from mulle.verbs.serve.routing.tallies import Tally

KEY = "assignment-key"  # in a request's state: the key that was found in its rows


class Running:
    """Chooses and counts for one model.

    Attributes:
        model: its name.
        kept: the rule as it is kept.
        rule: the same, read.
        arms: what is known of the version that each name of the rule means now, if it is served.
        tallies: of all versions of this round, by tag.
    """

    def __init__(
        self, model: str, kept: Kept, repository: ModelRepository, before: Running | None = None
    ) -> None:
        self.model, self.kept, self._repository = model, kept, repository
        self.rule: Rule = rule_of(msgspec.json.decode(kept.rule))
        self.policy = self.rule.start(model, kept.slots)
        place, name = self.rule.key_of()
        self._header = name.encode() if place == "header" else b""
        self.column = name if place == "column" else ""
        self.noted = f"routed:{model}"
        self.arms: list[Tally | None] = []
        goes_on = before is not None and before.kept.round == kept.round
        self.tallies: dict[str, Tally] = before.tallies if before and goes_on else {}
        self._seen: Any = None
        self._open: list[Tally] = []
        self.resolve()

    def choose(self, request: Request) -> str | None:
        """The version for a request that names none; None leaves it to the repository."""
        self.follow()
        key = request.header(self._header) if self._header else ""
        if self.column:
            key = request.state.get(KEY, "")
        tally = self._chosen(key)
        if tally is None:
            return None
        request.state[self.noted] = tally
        return tally.version

    def owner(self, key: str) -> str:
        """The version of a key, without counting; "" without one."""
        tally = self._chosen(key)
        return tally.version if tally else ""

    def answered(self, request: Request, loaded: LoadedModel) -> Tally | None:
        """Count an answer; None if it was not this rule that chose its version."""
        tally: Tally | None = request.state.get(self.noted)
        if tally is None or tally.version != loaded.version:
            return None
        tally.asked()
        return tally

    def follow(self) -> None:
        """Find the versions again if the repository was refreshed."""
        if self._repository[self.model] is not self._seen:
            self.resolve()

    def resolve(self) -> None:
        """Find what the names of the rule mean now."""
        served = self._seen = self._repository[self.model]
        self.arms = []
        for name in self.rule.versions:
            version = served.aliases.get(name, name)
            self.arms.append(self._tally(version) if version in served.versions else None)
        # Bandits choose among what is there; shares keep their order.
        self._open = [arm for arm in self.arms if arm]

    def learn(self, known: Mapping[str, Known]) -> None:
        """Take over what all processes know."""
        self.follow()
        now = time.time()
        for tag, tally in self.tallies.items():
            if tag in known:
                tally.learn(known[tag].tally, now, self.rule.fades)

    def labels(self, version: str) -> list[Any]:
        """Of a version that is served."""
        loaded = self._repository[self.model].versions.get(version)
        return loaded.labels if loaded else []

    def share(self, position: int) -> float | None:
        """The share of a version, where the rule says one."""
        shares: tuple[float, ...] = getattr(self.rule, "shares", ())
        return shares[position] if shares else None

    def _chosen(self, key: str) -> Tally | None:
        if isinstance(self.rule, Bandit):
            return self._open[self.policy.choose(key, self._open)] if self._open else None
        position = self.policy.choose(key, ())
        return None if position == NOBODY else self.arms[position]

    def _tally(self, version: str) -> Tally:
        tag = tag_of(self.model, self.kept.round, version)
        return self.tallies.setdefault(tag.hex(), Tally(version, tag=tag))


def changed(old: Kept | None, model: str, rule: Rule, written: str, *, fresh: bool) -> Kept:
    """What is kept once a rule takes the place of another.

    A new round begins where the policy or its versions are others, because counts of one cannot be
    laid on those of another; a change of shares or of other settings goes on with the round.
    """
    before = rule_of(msgspec.json.decode(old.rule)) if old and old.rule else None
    kin = before is not None and before.versions == rule.versions
    same = kin and before is not None and before.name == rule.name and not fresh
    policy = rule.start(model, old.slots if old and kin else "")
    moved = bool(same and getattr(before, "shares", ()) != getattr(rule, "shares", ()))
    return Kept(
        rule=msgspec.json.encode(rule).decode(),
        written=written,
        slots=slotting.written(policy.owners) if isinstance(policy, Dealt) else "",
        round=(old.round if old else 0) + (not same),
        changes=(old.changes if old and same else 0) + moved,
        since=old.since if old and same else time.time(),
    )
