"""The bundles that the names of the operator stand for now: files, folders, registered models.

A folder may hold anything; what cannot be a bundle, and a name that cannot be looked up now, is a
`Problem` in the place where its bundles would stand, and ends nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mulle.bundle import is_challenger
from mulle.errors import BundleError, MissingFile, MulleError, RunError, UnknownName, UsageError

SUFFIX = ".mulle"
_DIGITS = 8  # of a file's checksum, which are its version
_DEFAULTS = ("champion", "serving")  # aliases that answer where no version is asked for
_UNSAYABLE = {"Cc", "Cs"}  # control characters, and bytes that no encoding of names explains

State = tuple[int, int, int, int]


class Source(NamedTuple):
    """One bundle to serve.

    Attributes:
        name: name of the model.
        version: version in the registry; "" for a file, whose version is its checksum.
        path: path of the bundle.
        state: changes when the file does, see `state_of`.
        alias: name that the operator gave to the version of a file.
        spec: what the operator named.
        sha256: checksum of a registered bundle; "" for a file, which may be replaced.
    """

    name: str
    version: str
    path: Path
    state: State
    alias: str = ""
    spec: str = ""
    sha256: str = ""


class Problem(NamedTuple):
    """What cannot be served now.

    Attributes:
        name: name of the model; what the operator named, where that is not known.
        error: what is wrong.
        spec: what the operator named.
        path: the file in the folder that the operator named; None where all of `spec` is meant.
    """

    name: str
    error: MulleError
    spec: str
    path: Path | None = None


class Resolved(NamedTuple):
    """All bundles to serve.

    Attributes:
        found: the bundles, in the order of the operator's names, with the problems among them.
        aliases: for each model, its aliases with their versions.
        defaults: for each model, the version or alias that answers by default.
    """

    found: list[Source | Problem]
    aliases: dict[str, dict[str, str]]
    defaults: dict[str, str]

    @property
    def sources(self) -> list[Source]:
        """The bundles."""
        return [one for one in self.found if isinstance(one, Source)]

    def check(self) -> None:
        """Refuse names of the operator that stand for nothing; what else is in a folder may wait.

        Raises:
            MulleError: a named model cannot be served, or none of a folder's files.
        """
        problems = [one for one in self.found if isinstance(one, Problem)]
        for problem in problems:
            if problem.path is None or not self.sources:
                raise problem.error


def resolve(specs: tuple[str, ...], registry: Path) -> Resolved:
    """Return the bundles that the operator's names stand for at this moment.

    Args:
        specs: what the operator named, see `Settings.models`.
        registry: folder of the registry.
    """
    resolved = Resolved([], {}, {})
    for spec in specs:
        name, _, place = spec.rpartition("=")
        path = Path(place)
        if path.is_dir():
            _note(resolved, spec, partial(_add_folder, resolved, path, spec))
        elif path.suffix == SUFFIX or name:
            _note(resolved, spec, partial(_add_file, resolved, name or path.stem, path, spec))
        else:
            _note(resolved, spec, partial(_add_registered, resolved, spec, registry))
    return resolved


def version_of(sha256: str) -> str:
    """Return the version of a file that stands in no registry, by its checksum."""
    return sha256[:_DIGITS]


def state_of(path: Path) -> State:
    """Return a value that changes when a file is replaced, written to, or allowed to be read.

    Raises:
        MissingFile: there is no such file, or a folder.
        BundleError: it is neither a file nor a folder, or cannot be looked at.
    """
    try:
        stat = path.stat()
    except FileNotFoundError as error:
        raise MissingFile("bundle-file-missing", path=path) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise BundleError("bundle-unreadable", where=path, name=path.name, error=reason) from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _note(resolved: Resolved, spec: str, add: Callable[[], None]) -> None:
    """Add what the operator named; a problem in its place, where that cannot be."""
    name = spec.rpartition("=")[0] or spec
    try:
        add()
    except MulleError as error:
        resolved.found.append(Problem(name, error, spec))
    except Exception as error:  # a folder that may not be listed, a database that does not answer
        fault = RunError("models-unresolved", where=spec, name=name, error=str(error)[:300])
        resolved.found.append(Problem(name, fault, spec))


def _add_folder(resolved: Resolved, folder: Path, spec: str) -> None:
    files = list(_bundles_in(folder))
    if not files:
        raise MissingFile("bundles-none", folder=folder)
    for path in files:
        name = unicodedata.normalize("NFC", path.stem)  # as requests write it
        try:
            _check_sayable(path)
            _add_file(resolved, name, path, spec)
        except MulleError as error:
            resolved.found.append(Problem(_sayable(name), error, spec, path))


def _bundles_in(folder: Path) -> Iterator[Path]:
    """Yield what is called as a bundle is; hidden files are in the making, challengers wait."""
    for path in sorted(folder.iterdir()):
        is_hidden = path.name.startswith(".") or is_challenger(path)
        if path.suffix == SUFFIX and not is_hidden:
            yield path


def _check_sayable(path: Path) -> None:
    if any(unicodedata.category(sign) in _UNSAYABLE for sign in path.name):
        raise UsageError("bundle-name", name=_sayable(path.name))


def _sayable(name: str) -> str:
    """Return a name with escapes for what no answer and no line of a log can hold."""
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in _UNSAYABLE else sign
        for sign in name
    )


def _add_file(resolved: Resolved, name: str, path: Path, spec: str) -> None:
    whole, (name, _, alias) = name, name.partition("@")
    if not name:
        raise UsageError("bundle-nameless", where=str(path), name=whole)
    known = [source.alias for source in resolved.sources if source.name == name]
    if alias in known or (known and not alias) or "" in known:
        raise UsageError("model-named-twice", where=str(path), name=name)
    resolved.found.append(Source(name, "", path, state_of(path), alias, spec))
    if alias in _DEFAULTS or not known:
        resolved.defaults[name] = alias


def _add_registered(resolved: Resolved, spec: str, registry: Path) -> None:
    from mulle.store import RunIndex

    name, _, wanted = spec.partition("@")
    if not registry.is_dir():
        raise MissingFile("model-missing", name=spec)
    index = RunIndex(registry, folder=registry)
    versions = {str(v.version): v for v in index.versions(name)}
    aliases = {alias: str(version) for alias, version in index.aliases(name).items()}
    if wanted:
        number = aliases.get(wanted, wanted)
        if number not in versions:
            known = [*versions, *aliases]
            raise UnknownName("version-unknown", "version", wanted, known, model=name)
        served, default = {number}, number
    else:
        newest = max(versions, key=int)
        default = next((aliases[a] for a in _DEFAULTS if a in aliases), newest)
        served = {default, *aliases.values()}
    for number in sorted(served, key=int):
        path, sha256 = index.bundle_of(versions[number]), versions[number].sha256
        if not any((source.name, source.version) == (name, number) for source in resolved.sources):
            found = Source(name, number, path, state_of(path), spec=spec, sha256=sha256)
            resolved.found.append(found)
    before = resolved.aliases.setdefault(name, {})
    before |= {a: v for a, v in aliases.items() if v in served}
    if wanted in _DEFAULTS or name not in resolved.defaults:
        resolved.defaults[name] = default
