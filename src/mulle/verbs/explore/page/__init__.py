"""What exploring a table found, to be read: a page, a text report, the picture of one column."""

from mulle.verbs.explore.page.html import html
from mulle.verbs.explore.page.markdown import markdown, summary
from mulle.verbs.explore.page.pictures import chart

__all__ = ["chart", "html", "markdown", "summary"]
