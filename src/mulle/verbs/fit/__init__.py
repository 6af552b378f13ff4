"""`fit`: task, plan, portfolio, validation, blending, run."""

from mulle.verbs.fit.ablation import Ablation, Removed, ablate
from mulle.verbs.fit.deliver import Result
from mulle.verbs.fit.fit import fit, resume
from mulle.verbs.fit.plan import Features, Plan, read_plans, write_plans
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.settings import Settings

__all__ = [
    "Ablation",
    "Features",
    "Plan",
    "Progress",
    "Removed",
    "Result",
    "Settings",
    "ablate",
    "fit",
    "read_plans",
    "resume",
    "write_plans",
]
