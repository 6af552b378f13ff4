"""The bundles that the names of the operator stand for now: files, folders, registered models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mulle.errors import MissingFile, UnknownName, UsageError

SUFFIX = ".mulle"
_DEFAULTS = ("champion", "serving")  # aliases that answer where no version is asked for


class Source(NamedTuple):
    """One bundle to serve.

    Attributes:
        name: name of the model.
        version: version in the registry; "" for a file, whose version is its checksum.
        path: path of the bundle.
        state: changes when the file does, see `state_of`.
        alias: name that the operator gave to the version of a file.
    """

    name: str
    version: str
    path: Path
    state: tuple[int, int, int]
    alias: str = ""


class Resolved(NamedTuple):
    """All bundles to serve.

    Attributes:
        sources: the bundles.
        aliases: for each model, its aliases with their versions.
        defaults: for each model, the version or alias that answers by default.
    """

    sources: list[Source]
    aliases: dict[str, dict[str, str]]
    defaults: dict[str, str]


def resolve(specs: tuple[str, ...], registry: Path) -> Resolved:
    """Return the bundles that the operator's names stand for at this moment.

    Args:
        specs: what the operator named, see `Settings.models`.
        registry: folder of the registry.

    Raises:
        MissingFile: a file or folder is missing, or a folder holds no bundle.
        UnknownName: the registry has no such model, version or alias.
        UsageError: two files would have one name, or one name and alias.
    """
    resolved = Resolved([], {}, {})
    for spec in specs:
        name, _, place = spec.rpartition("=")
        path = Path(place)
        if path.is_dir():
            for file in _bundles_in(path):
                _add_file(resolved, file.stem, file)
        elif path.suffix == SUFFIX or name:
            _add_file(resolved, name or path.stem, path)
        else:
            _add_registered(resolved, spec, registry)
    return resolved


def _bundles_in(folder: Path) -> Iterator[Path]:
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise MissingFile("bundles-none", folder=folder)
    yield from files


def _add_file(resolved: Resolved, name: str, path: Path) -> None:
    name, _, alias = name.partition("@")
    known = [source.alias for source in resolved.sources if source.name == name]
    if alias in known or (known and not alias) or "" in known:
        raise UsageError("model-named-twice", where=str(path), name=name)
    resolved.sources.append(Source(name, "", path, state_of(path), alias))
    if alias in _DEFAULTS or not known:
        resolved.defaults[name] = alias


def _add_registered(resolved: Resolved, spec: str, registry: Path) -> None:
    from mulle.store import RunIndex

    name, _, wanted = spec.partition("@")
    if not registry.is_dir():
        raise MissingFile("model-missing", name=spec)
    index = RunIndex(registry, folder=registry)
    versions = {str(v.version): index.bundle_of(v) for v in index.versions(name)}
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
        path = versions[number]
        if not any((source.name, source.version) == (name, number) for source in resolved.sources):
            resolved.sources.append(Source(name, number, path, state_of(path)))
    before = resolved.aliases.setdefault(name, {})
    before |= {a: v for a, v in aliases.items() if v in served}
    if wanted in _DEFAULTS or name not in resolved.defaults:
        resolved.defaults[name] = default


def state_of(path: Path) -> tuple[int, int, int]:
    """Return a value that changes when a file is replaced.

    Raises:
        MissingFile: there is no such file.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise MissingFile("bundle-file-missing", path=path) from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
