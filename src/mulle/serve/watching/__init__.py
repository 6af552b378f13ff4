"""What is served is compared with what was learned from, while it is served."""

from mulle.serve.watching.judge import Judged
from mulle.serve.watching.watching import Watching

__all__ = ["Judged", "Watching"]
