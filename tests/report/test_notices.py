"""What is not used and what is in doubt stands on every page, with the option that changes it."""

from __future__ import annotations

import pytest

from mulle.i18n import LANGUAGES, Messages
from mulle.report import Callouts, Details, Heading, notices, render
from mulle.report.notices import MAX_SHOWN
from mulle.table import Doubt, LeftOut

OUT = [LeftOut("cells-missing", f"c{n}", 2, values={"words": ["<b>"]}) for n in range(20)]
DOUBT = Doubt("cells-unread", "price", 3, {"examples": ["1.2.3"], "distinct": 1})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_doubts_come_first_and_the_rest_is_folded(lang):
    heading, first, folded = notices(OUT, [DOUBT], Messages(lang))
    assert isinstance(heading, Heading) and isinstance(first, Callouts)
    assert first.items[0].severity == "warning" and "price" in first.items[0].text
    assert "--missing price=" in first.items[0].text
    assert len(first.items) == MAX_SHOWN and {c.severity for c in first.items[1:]} == {"note"}
    assert isinstance(folded, Details) and "9" in folded.summary
    assert len(folded.blocks[0].items) == 9


def test_nothing_to_tell_is_no_section():
    assert notices([], [], Messages("en")) == []


def test_cells_are_text_on_a_page():
    page = render("t", notices(OUT[:1], [], Messages("en")), lang="en")
    assert "&lt;b&gt;" in page and "<b>" not in page.partition("<main")[2]
