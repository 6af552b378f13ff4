"""Named models: numbered versions, aliases, and the gate that keeps better versions only.

A registered bundle is copied, because the file beside the table is replaced by the next fit. The
truth is `models.json` in the project's folder, whose state the index follows; in a database that
several projects share, it is the database.

catalogue  store-version store-bestgate
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import sqlalchemy as sa

from mulle.errors import MissingFile, RunError, UnknownName, UsageError
from mulle.files import write_bytes
from mulle.store import models
from mulle.store.database import Database, Notice
from mulle.store.models import Version
from mulle.store.tables import aliases, versions
from mulle.times import now_iso


class ModelRegistry:
    """The registry of models inside an index of runs."""

    folder: Path
    _database: Database
    _local: bool
    _notices: dict[tuple[str, str], Notice]

    def register(
        self,
        name: str,
        bundle_path: str | Path,
        run_id: str,
        metrics: Mapping[str, float],
        *,
        only_if_better_on: str = "",
        greater_is_better: bool = True,
        tested_on: str = "",
        sha256: str = "",
    ) -> int | None:
        """Keep a bundle as the next version of `name`; return its number, None if the gate held.

        Args:
            name: letters, digits, `.`, `_`, `-`; at most 64 of them.
            bundle_path: the file to copy.
            run_id: the run that made it.
            metrics: its scores on the test rows.
            only_if_better_on: one of the metrics; the version is kept only if it beats the best
                version so far there (an equal score does not).
            greater_is_better: which way that metric points.
            tested_on: names the test rows; scores of other rows are not compared.
            sha256: checksum of the file, where it was checked before; another is refused.

        Raises:
            RunError: the file was changed since it was checked.
            UsageError: the name cannot be one, or no earlier version was scored on these rows.
            UnknownName: `only_if_better_on` is none of `metrics`.
            MissingFile: there is no bundle.
        """
        check_name(name)
        bundle_path = Path(bundle_path)
        if not bundle_path.is_file():
            raise MissingFile("bundle-missing", path=bundle_path)
        if only_if_better_on and only_if_better_on not in metrics:
            raise UnknownName("metric-unknown", "metric", only_if_better_on, metrics)
        sign = 1.0 if greater_is_better else -1.0
        scores = {key: value if math.isfinite(value) else None for key, value in metrics.items()}
        draft = Version(name, 0, _now(), str(bundle_path), sha256, run_id, tested_on, scores)
        for _ in range(5):
            try:
                return self._register(draft, only_if_better_on, sign)
            except sa.exc.IntegrityError:
                continue  # another program took the number first; SQLite's writers never do
        raise RunError("model-busy", model=name)

    def alias(self, name: str, alias: str, version: int) -> None:
        """Point `alias` (such as `serving`) at a version.

        Raises:
            UnknownName: there is no such model or version.
        """
        self.move(name, {alias: version})

    def move(
        self,
        name: str,
        pointers: Mapping[str, int | None],
        *,
        expected: Mapping[str, int | None] | None = None,
    ) -> None:
        """Move several aliases at once, all of them or none; None removes an alias.

        Args:
            name: the model.
            pointers: alias -> version.
            expected: where aliases must point now, so that nobody else's move is undone unseen.

        Raises:
            UnknownName: there is no such model or version.
            RunError: an alias points elsewhere than expected; nothing was moved.
        """
        for alias in pointers:
            check_name(alias)
        with self._database.writing() as connection:
            self._follow_models(connection)
            known = [str(v.version) for v in _versions(connection, name)]
            _refuse_moved(connection, name, expected or {})
            for alias, version in pointers.items():
                row = aliases.c.name == name, aliases.c.alias == alias
                connection.execute(sa.delete(aliases).where(*row))
                if version is None:
                    continue
                if str(version) not in known:
                    raise UnknownName("version-unknown", "version", str(version), known, model=name)
                new = {"name": name, "alias": alias, "version": version}
                connection.execute(sa.insert(aliases).values(new))
            self._write_models(connection)

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a model, the oldest first.

        Raises:
            UnknownName: there is no such model.
        """
        self._refresh_models()
        with self._database.reading() as connection:
            return _versions(connection, name)

    def version(self, name: str, alias_or_number: str | int) -> Version:
        """Return a version by number or alias.

        Raises:
            UnknownName: there is no such model, version or alias.
        """
        found = {str(v.version): v for v in self.versions(name)}
        pointers = self.aliases(name)
        key = str(pointers.get(str(alias_or_number), alias_or_number))
        if key not in found:
            known = [*found, *pointers]
            raise UnknownName("version-unknown", "version", key, known, model=name)
        return found[key]

    def aliases(self, name: str) -> dict[str, int]:
        """Return alias -> version of a model."""
        self._refresh_models()
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(aliases).where(aliases.c.name == name))
            return {row.alias: row.version for row in rows}

    def models(self) -> list[str]:
        """Return the names of all registered models, sorted."""
        self._refresh_models()
        with self._database.reading() as connection:
            return sorted(connection.scalars(sa.select(versions.c.name).distinct()))

    def bundle_of(self, version: Version) -> Path:
        """Return the path of the bundle of a version."""
        return self.folder / version.bundle

    def _register(self, draft: Version, gate: str, sign: float) -> int | None:
        with self._database.writing() as connection:
            self._follow_models(connection)
            earlier = models.listed(connection, draft.name)
            if gate and not _beats(draft, earlier, gate, sign):
                return None
            number = max((v.version for v in earlier), default=0) + 1
            bundle, sha256 = self._copy(draft, number)
            new = msgspec.structs.replace(draft, version=number, bundle=bundle, sha256=sha256)
            connection.execute(sa.insert(versions).values(msgspec.to_builtins(new)))
            self._write_models(connection)
            return number

    def _copy(self, draft: Version, number: int) -> tuple[str, str]:
        """Copy the bundle into `models/`; return its place there and its checksum."""
        data = Path(draft.bundle).read_bytes()  # once: what is hashed is what is written
        sha256 = hashlib.sha256(data).hexdigest()
        if draft.sha256 not in ("", sha256):
            raise RunError("bundle-changed", where=draft.bundle, name=Path(draft.bundle).name)
        # With the checksum in its name, a writer that loses a race overwrites nobody's file.
        bundle = f"models/{draft.name}-v{number}-{sha256[:8]}.mulle"
        write_bytes(self.folder / bundle, data)
        return bundle, sha256

    def _refresh_models(self) -> None:
        if self._local:
            with self._database.reading() as connection:
                current = models.fingerprint(self.folder / models.FILE)
                follows = models.followed(connection) == current
            if not follows:
                with self._database.writing() as connection:
                    self._follow_models(connection)

    def _follow_models(self, connection: sa.Connection) -> None:
        notice = models.follow(connection, self.folder / models.FILE) if self._local else None
        if notice:
            self._notices[notice.code, notice.where] = notice

    def _write_models(self, connection: sa.Connection) -> None:
        if self._local:
            models.write(connection, self.folder / models.FILE)


def _beats(new: Version, earlier: list[Version], metric: str, sign: float) -> bool:
    """Return whether `new` is better than the best version that was scored on the same rows.

    Raises:
        UsageError: there are earlier versions, and none can be compared.
    """
    if not earlier:
        return True
    comparable = [v for v in earlier if v.tested_on == new.tested_on and metric in v.metrics]
    if not comparable:
        raise UsageError("gate-not-comparable", model=new.name, metric=metric)
    return _score(new, metric, sign) > max(_score(v, metric, sign) for v in comparable)


def _score(version: Version, metric: str, sign: float) -> float:
    """Return a version's score, greater being better; nan is worse than any."""
    value = version.metrics[metric]
    return -math.inf if value is None else sign * value


def _refuse_moved(connection: sa.Connection, name: str, expected: Mapping[str, int | None]) -> None:
    found = connection.execute(sa.select(aliases).where(aliases.c.name == name))
    now = {row.alias: row.version for row in found}
    for alias, version in expected.items():
        if now.get(alias) != version:
            raise RunError(
                "alias-moved", alias=alias, model=name, found=now.get(alias), expected=version
            )


def _versions(connection: sa.Connection, name: str) -> list[Version]:
    if found := models.listed(connection, name):
        return found
    known = sorted({version.name for version in models.listed(connection)})
    if known:
        raise UnknownName("model-unknown", "model", name, known)
    raise UsageError("models-none", name=name)


def check_name(name: str) -> None:
    """Refuse a name that a model, an alias or their files cannot have.

    Raises:
        UsageError: it cannot.
    """
    if not re.fullmatch(r"\w[\w.-]{0,63}", name) or name.isdigit():
        raise UsageError("model-name", name=name)


def _now() -> str:
    return now_iso()
