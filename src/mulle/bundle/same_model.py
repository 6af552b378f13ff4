"""Whether a model may stand where another one does, without its callers noticing more than scores.

A file is replaced, a server takes a new file up, a version is promoted: each asks here. The new
model is the same model if it predicts the same column, answers with the same labels (in any order:
answers carry them), and can answer every row that the old one could: it asks for no column that
the old one did not ask for, and reads each as the same sort of value. It may ask for fewer, since
columns that a model does not know are ignored.
"""

from __future__ import annotations

from pathlib import Path

from mulle.bundle.archive import read_archive
from mulle.bundle.manifest import Manifest
from mulle.errors import MulleError, UsageError


def model_differences(old: Manifest, new: Manifest, where: object = "") -> list[UsageError]:
    """Return why the new model is not the old one over again, the weightiest first; mostly [].

    Args:
        old: of the model that stands there.
        new: of the one that is to take its place; target and schema are enough.
        where: the place, for the errors.
    """
    found = _of_targets(old, new, where)
    before = {column.name: column.storage for column in old.schema.asked}
    after = {column.name: column.storage for column in new.schema.asked}
    added = [name for name in after if name not in before]
    reread = [name for name in after if name in before and after[name] is not before[name]]
    if added:
        found.append(UsageError("model-asks-more", where=where, columns=added))
    if reread:
        found.append(UsageError("model-reads-otherwise", where=where, columns=reread))
    return found


def check_same_model(old: Manifest, new: Manifest, where: object = "") -> None:
    """Refuse a model that is not the old one over again.

    Raises:
        UsageError: see `model_differences`.
    """
    for difference in model_differences(old, new, where):
        raise difference


def check_place(path: Path, new: Manifest) -> None:
    """Refuse to put a model where another model, or anything else, stands.

    Raises:
        UsageError: the file there is another model, or no model at all.
    """
    if not path.exists():
        return
    try:
        old, _ = read_archive(path)
    except MulleError as error:
        raise UsageError("place-taken", where=path, name=path.name) from error
    check_same_model(old, new, path)


def _of_targets(old: Manifest, new: Manifest, where: object) -> list[UsageError]:
    names = {"old": old.target.name, "new": new.target.name}
    if old.target.name != new.target.name:
        return [UsageError("model-other-target", where=where, **names)]
    if old.task != new.task:
        return [UsageError("model-other-task", where=where, old=old.task, new=new.task)]
    if _typed(old) != _typed(new):
        labels = {"old": list(old.labels), "new": list(new.labels)}
        return [UsageError("model-other-labels", where=where, **labels)]
    return []


def _typed(manifest: Manifest) -> set[tuple[type, object]]:
    """Return the labels with their types: true and 1 are two answers, though Python's are equal."""
    return {(type(label), label) for label in manifest.labels}
