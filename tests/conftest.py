"""How the tests run: the same examples each time, so that a green change stays green.

New ones are looked for by `pytest --hypothesis-profile=search`.
"""

import os

from hypothesis import settings

os.environ["MULLE_LANG"] = "en"  # whatever the language of the machine that runs the tests

settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile("same")
