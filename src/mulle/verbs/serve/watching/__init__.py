"""What is served is compared with what was learned from, while it is served."""

from mulle.verbs.serve.watching.judge import Judged
from mulle.verbs.serve.watching.watching import Watching

__all__ = ["Judged", "Watching"]
