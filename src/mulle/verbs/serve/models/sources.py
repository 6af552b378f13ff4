"""What the operator named, as the bundles that it means now: files, folders, registered models."""

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
        name: of the model.
        version: of the registry; "" for a file, whose version is its checksum.
        path: the bundle.
        state: changes when the file does.
        alias: of a file: the operator's name for its version.
    """

    name: str
    version: str
    path: Path
    state: tuple[int, int, int]
    alias: str = ""


class Resolved(NamedTuple):
    """All bundles to serve; by model its aliases, and the version or alias that is its default."""

    bundles: list[Source]
    aliases: dict[str, dict[str, str]]
    defaults: dict[str, str]


def resolve(specs: tuple[str, ...], registry: Path) -> Resolved:
    """What the operator's words mean at this moment.

    Args:
        specs: see `Settings.models`.
        registry: the folder of the registry.

    Raises:
        MissingFile: a file or folder is not there, or a folder holds no bundle.
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
        raise MissingFile("bundles-none", folder=folder, SUFFIX=SUFFIX)
    yield from files


def _add_file(resolved: Resolved, name: str, path: Path) -> None:
    name, _, alias = name.partition("@")
    known = [source.alias for source in resolved.bundles if source.name == name]
    if alias in known or (known and not alias) or "" in known:
        raise UsageError("model-named-twice", where=str(path), name=name)
    resolved.bundles.append(Source(name, "", path, state_of(path), alias))
    if alias in _DEFAULTS or not known:
        resolved.defaults[name] = alias


def _add_registered(resolved: Resolved, spec: str, registry: Path) -> None:
    from mulle.store import RunIndex

    name, _, wanted = spec.partition("@")
    if not registry.is_dir():
        raise MissingFile("model-missing", spec=spec)
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
        if not any((source.name, source.version) == (name, number) for source in resolved.bundles):
            resolved.bundles.append(Source(name, number, path, state_of(path)))
    before = resolved.aliases.setdefault(name, {})
    before |= {a: v for a, v in aliases.items() if v in served}
    if wanted in _DEFAULTS or name not in resolved.defaults:
        resolved.defaults[name] = default


def state_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is replaced.

    Raises:
        MissingFile: it is not there.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise MissingFile("bundle-file-missing", path=path) from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
