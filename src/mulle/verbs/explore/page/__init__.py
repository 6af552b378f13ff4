"""What exploring a table found, to be read: a page, a text report, the picture of one column."""

from mulle.verbs.explore.page.html import to_html
from mulle.verbs.explore.page.markdown import to_markdown, to_terminal
from mulle.verbs.explore.page.pictures import chart

__all__ = ["chart", "to_html", "to_markdown", "to_terminal"]
