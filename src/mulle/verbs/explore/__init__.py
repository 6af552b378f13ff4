"""What is in a table, what is wrong with it, and what matters for the target."""

from mulle.verbs.explore.explore import explore
from mulle.verbs.explore.findings import FINDINGS, finding
from mulle.verbs.explore.methods import Report
from mulle.verbs.explore.report import VERSION

__all__ = ["FINDINGS", "VERSION", "Report", "explore", "finding"]
