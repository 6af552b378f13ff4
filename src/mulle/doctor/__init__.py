"""The environment: what the machine and its system have, and all checks of it (`checks`).

Nothing is imported here: a fit asks for the memory and needs no checks.
"""

from __future__ import annotations

__all__: list[str] = []
