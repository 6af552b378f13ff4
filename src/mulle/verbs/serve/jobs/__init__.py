"""Jobs: files of rows that are answered in the background, and whoever waits for them is called."""

from mulle.verbs.serve.jobs.desk import Desk
from mulle.verbs.serve.jobs.job import Job, Status

__all__ = ["Desk", "Job", "Status"]
