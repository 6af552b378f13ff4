"""Jobs: files of rows that are answered in the background; a webhook is called at the end."""

from mulle.verbs.serve.jobs.job import Job, Status
from mulle.verbs.serve.jobs.service import JobService

__all__ = ["Job", "JobService", "Status"]
