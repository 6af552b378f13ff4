"""Say which settings a resumed training takes from its checkpoint, and which it does not.

As in PyTorch, where `load_state_dict` of an optimizer brings its learning rate and the like along,
what the file holds wins. PyTorch does so in silence.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from mulle.language import messages
from mulle.nn.schedules import Performance, Schedule

if TYPE_CHECKING:
    from mulle.nn.train.training import Training

_LEVELS_ABOVE_TRAIN = 3  # the warning names the line that called `train`


class ResumeWarning(UserWarning):
    """A training was resumed with other settings than those that were passed."""


def settings_of(training: Training) -> dict[str, Any]:
    """Return the settings that a checkpoint replaces."""
    optimizer = training.optimizer
    names = ("weight_decay", *optimizer.settings)
    return {"lr": training.lr, **{name: getattr(optimizer, name) for name in names}}


def differences(given: dict[str, Any], used: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ: given and used.

    >>> differences({"lr": 0.1, "eps": 1e-8}, {"lr": 0.01, "eps": 1e-8})
    {'lr': (0.1, 0.01)}
    """
    return {name: (given[name], used[name]) for name in given if given[name] != used[name]}


def describe_schedule(schedule: Schedule) -> str:
    """Return the settings of a schedule as text; "" of a function or of one with a state."""
    if isinstance(schedule, Performance) or not hasattr(schedule, "__dataclass_fields__"):
        return ""
    return repr(schedule)


def warn(training: Training) -> None:
    """Warn of settings that the checkpoint replaced, and of a schedule that it did not."""
    words = messages()
    for name, (given, used) in training.replaced.items():
        _warn(words("nn-resume.replaced", setting=name, given=str(given), used=str(used)))
    before, now = training.schedule_before, describe_schedule(training.schedule)
    if before and now and before != now:
        _warn(words("nn-resume.schedule", before=before, now=now))


def _warn(sentence: str) -> None:
    warnings.warn(sentence, ResumeWarning, stacklevel=_LEVELS_ABOVE_TRAIN + 1)
