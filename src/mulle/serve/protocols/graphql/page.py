"""What a browser is shown at `/graphql`: how to ask, an example, and the schema."""

from __future__ import annotations

from mulle.page import Code, Heading, Prose, Words, render
from mulle.page.numbers import Lang


def page(sdl: str, example: str, lang: Lang) -> str:
    """HTML of the schema and an example."""
    words = Words(lang)
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
