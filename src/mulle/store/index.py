"""The index of runs: a database that follows the files of the run folders.

Each question first looks for run files that are new, changed or gone, which costs one look at each
folder; so the answers are right without anybody having to keep the index.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from mulle.errors import DataError, MissingFile, UnknownName, UsageError
from mulle.store import models, record
from mulle.store.database import Notice, open_local, open_url
from mulle.store.ids import FOLDER
from mulle.store.models import fingerprint
from mulle.store.record import RunRecord, read_record
from mulle.store.registry import ModelRegistry
from mulle.store.tables import runs

_MAX_NAMED = 8  # runs that a refusal names


class Difference(msgspec.Struct, frozen=True):
    """A setting or score in which runs differ: one value for each run, None for a missing one."""

    key: str
    values: tuple[Any, ...]


class RunIndex(ModelRegistry):
    """Runs and model versions, from the folders of a project.

    Args:
        place: the `.mulle` folder, with the index in `mulle.db` there; or the SQLAlchemy URL of
            a database that several projects share.
        folder: the `.mulle` folder, where `place` is a URL.

    Raises:
        UsageError: the URL is not one, its driver is absent, or a newer mulle wrote the index.
        RunError: the database does not answer.

    >>> import tempfile
    >>> from mulle.store import write_record
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = RunRecord("20261121-041507-iris-3f2a", "2026-11-21T04:15:07Z", "done", seed=7)
    ...     write_record(Path(folder) / "runs" / done.id, done)
    ...     RunIndex(folder).run("20261121").seed
    7
    """

    def __init__(self, place: str | Path = FOLDER, *, folder: str | Path = FOLDER) -> None:
        self._url = place if isinstance(place, str) and "://" in place else ""
        self._local = not self._url
        self.folder = Path(folder if self._url else place)
        self._home = f"{socket.gethostname()}:{self.folder.resolve()}" if self._url else ""
        self._notices: dict[tuple[str, str], Notice] = {}
        self._open()

    @property
    def notices(self) -> list[Notice]:
        """Notices of what was put right or left out so far."""
        return list(self._notices.values())

    def rebuild(self) -> int:
        """Read all runs of this project anew, and return their number."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(runs).where(runs.c.home == self._home))
            if self._local:
                models.forget(connection)
        self._refresh_models()
        return self.refresh()

    def refresh(self) -> int:
        """Follow the run files that are new, changed or gone, and return their number."""
        if self._local and not (self.folder / "mulle.db").exists():
            self._open()
        on_disk = dict(self._run_files())
        with self._database.reading() as connection:
            query = sa.select(runs.c.id, runs.c.seen).where(runs.c.home == self._home)
            known = {row.id: row.seen for row in connection.execute(query)}
        changed = [name for name, seen in on_disk.items() if known.get(name) != seen]
        gone = [name for name in known if name not in on_disk]
        rows = [row for name in changed if (row := self._row(name, on_disk[name]))]
        if rows or gone or any(name in known for name in changed):
            # In a shared database another program may have followed the same file just now.
            with contextlib.suppress(sa.exc.IntegrityError), self._database.writing() as connection:
                for name in (*changed, *gone):
                    here = runs.c.home == self._home, runs.c.id == name
                    connection.execute(sa.delete(runs).where(*here))
                if rows:
                    connection.execute(sa.insert(runs), rows)
        return len(rows) + len(gone)

    def runs(self, limit: int | None = 20) -> list[RunRecord]:
        """Return the runs, the newest first."""
        self.refresh()
        query = sa.select(runs.c.record).order_by(runs.c.created.desc(), runs.c.id.desc())
        with self._database.reading() as connection:
            found = connection.scalars(query.limit(limit))
            return [msgspec.convert(row, RunRecord) for row in found]

    def run(self, id_or_prefix: str) -> RunRecord:
        """Return a run by its id or the beginning of its id.

        Raises:
            UnknownName: no run begins like that.
            UsageError: several do, or there are no runs at all.
        """
        by_id = {run.id: run for run in self.runs(limit=None)}
        if id_or_prefix in by_id:
            return by_id[id_or_prefix]
        if not by_id:
            raise UsageError("store-empty", where=str(self.folder / "runs"), name=id_or_prefix)
        fitting = [name for name in by_id if id_or_prefix and name.startswith(id_or_prefix)]
        if not fitting:
            raise UnknownName("run-unknown", "run", id_or_prefix, by_id)
        if len(fitting) > 1:
            raise UsageError(
                "run-ambiguous",
                count=len(fitting),
                name=id_or_prefix,
                known=sorted(fitting)[:_MAX_NAMED],
            )
        return by_id[fitting[0]]

    def compare(self, ids: Sequence[str]) -> list[Difference]:
        """Return the settings and scores in which runs differ, in the order of the record.

        Raises:
            UnknownName, UsageError: as `run`.
        """
        found = [dict(_flat(msgspec.to_builtins(self.run(name)))) for name in ids]
        keys = dict.fromkeys(key for settings in found for key in settings)
        rows = [Difference(k, tuple(s.get(k) for s in found)) for k in keys if k not in _OWN]
        return [row for row in rows if any(value != row.values[0] for value in row.values)]

    def _open(self) -> None:
        if self._url:
            self._database = open_url(self._url)
            return
        self._database, notices = open_local(self.folder / "mulle.db")
        self._notices |= {(n.code, n.where): n for n in notices}

    def _run_files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and state of each run folder that has a run file."""
        for path in sorted(self.folder.glob(f"runs/*/{record.FILE}")):
            if seen := fingerprint(path):
                yield path.parent.name, seen

    def _row(self, name: str, seen: str) -> dict[str, Any] | None:
        """Return a run as a row of the index; None, with a notice, if its file cannot be read."""
        try:
            run = read_record(self.folder / "runs" / name)
        except MissingFile:
            return None  # removed since it was listed
        except (DataError, OSError) as error:
            reason = error.values["error"] if isinstance(error, DataError) else error
            values = {"run": name, "file": record.FILE, "error": str(reason)}
            self._notices["run-left-out", name] = Notice("run-left-out", values, name)
            return None
        self._notices.pop(("run-left-out", name), None)
        return {
            "home": self._home,
            "id": run.id,
            "seen": seen,
            "created": run.created,
            "status": run.status,
            "target": run.target,
            "metric": run.metric,
            "validation": run.score.validation,
            "test": run.score.test,
            "record": msgspec.to_builtins(run),
        }


_OWN = {"id", "created", "bundle", "report"}  # differ between any two runs, and say nothing


def _flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield nested settings with dotted names: {"score": {"test": 1}} -> ("score.test", 1)."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
