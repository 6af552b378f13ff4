"""How the tests run: the same examples each time, so that a green change stays green.

New ones are looked for by `pytest --hypothesis-profile=search`.
"""

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile("same")
