"""The page: its words and its frame; `dashboard.js` draws everything that changes."""

from __future__ import annotations

import functools

from mulle.i18n import Messages
from mulle.i18n.format import Lang
from mulle.report import Heading, Html, Live, PageBlock, render

_TRY = """
<div class="try">
<form id="row" autocomplete="off">
<p class="pick"><label for="model">{model}</label> <select id="model"></select></p>
<div id="fields"></div>
<p><button type="submit" class="primary">{predict}</button>
<button type="reset">{reset}</button></p>
</form>
<div id="answer" aria-live="polite"></div>
</div>
"""
_KEY = """
<form id="login" hidden><label for="key">{key}</label>
<input id="key" type="password" autocomplete="off" required> <button type="submit">{enter}</button>
<p id="login-problem" role="status"></p></form>
<p id="state" role="status"></p>
"""


@functools.cache
def page(lang: Lang, root: str = "") -> str:
    """Return the dashboard in one language; `root` is the path that the server is shown under."""
    words = Messages(lang)
    names = [key.partition(".")[2] for key in words if key.startswith("dashboard.")]
    text = {name: words(f"dashboard.{name}") for name in names}
    sections: list[PageBlock] = [Html(_KEY.format(**text))]
    for anchor, body in (
        ("try", _TRY.format(**text)),
        ("traffic", '<div id="over-time" class="figures"></div>'),
        ("versions", '<div id="served" class="scroll" tabindex="0"></div>'),
        ("drift", '<div id="moved"></div>'),
    ):
        sections += [Heading(text[anchor]), Html(body)]
    return render(
        text["title"],
        sections,
        lang=lang,
        subtitle=text["subtitle"],
        wide=True,
        live=Live(
            [f"{root}/dashboard/dashboard.js"],
            [f"{root}/dashboard/dashboard.css"],
            {"words": text},
        ),
    )
