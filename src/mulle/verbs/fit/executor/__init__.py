"""Places where tasks are done: this process, or processes of this machine."""

from mulle.verbs.fit.executor.base import Executor
from mulle.verbs.fit.executor.inline import Inline
from mulle.verbs.fit.executor.place import Workers, begin_workers

__all__ = ["Executor", "Inline", "Workers", "begin_workers"]
