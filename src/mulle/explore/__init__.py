"""What is in a table, what is wrong with it, and what matters for the target."""

from mulle.explore.explore import explore
from mulle.explore.findings import FINDINGS, finding
from mulle.explore.report import VERSION, Report
from mulle.rooms import make_verb

__all__ = ["FINDINGS", "VERSION", "Report", "explore", "finding"]

make_verb(__name__)
