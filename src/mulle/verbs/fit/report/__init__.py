"""The report of a fit: one HTML page made of the decision log and of what was measured."""

from mulle.verbs.fit.report.report import report

__all__ = ["report"]
