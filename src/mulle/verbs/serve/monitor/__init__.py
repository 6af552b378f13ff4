"""The monitor: rows that are served are compared with the training rows, while the server runs."""

from mulle.verbs.serve.monitor.monitor import DriftMonitor
from mulle.verbs.serve.monitor.version import MonitorResult

__all__ = ["DriftMonitor", "MonitorResult"]
