"""The page at `/graphql` for browsers: how to send a query, an example, and the schema."""

from __future__ import annotations

from mulle.i18n import Messages
from mulle.i18n.format import Lang
from mulle.report import Code, Heading, Prose, render


def page(sdl: str, example: str, lang: Lang) -> str:
    """Return the schema and an example as HTML."""
    words = Messages(lang)
    return render(
        "GraphQL",
        [
            Prose(words("graphql.how")),
            Heading(words("graphql.example")),
            Code(example),
            Prose(words("graphql.names")),
            Heading(words("graphql.schema")),
            Code(sdl),
        ],
        lang=lang,
    )
