"""`fit`: task, plan, portfolio, validation, blending, run."""

from mulle.fit.fit import Result, fit, resume
from mulle.fit.plan import Features, Plan
from mulle.fit.progress import Progress
from mulle.fit.settings import Settings
from mulle.rooms import make_verb

__all__ = ["Features", "Plan", "Progress", "Result", "Settings", "fit", "resume"]

make_verb(__name__)
