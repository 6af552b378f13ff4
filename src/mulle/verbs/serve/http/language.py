"""The language of a request: of `?lang=`, of Accept-Language, or the server's own."""

from __future__ import annotations

from mulle.i18n import LANGUAGES, Lang


def negotiate_language(accepted: str, default: Lang) -> Lang:
    """Return the first of the accepted languages that there are sentences in.

    Args:
        accepted: an Accept-Language header; its weights are taken to be in order, as browsers
            send them.
        default: answers where none of them is known.

    >>> negotiate_language("ko-KR,ko;q=0.9,en;q=0.8", "en"), negotiate_language("fr", "ko")
    ('ko', 'ko')
    """
    for part in accepted.lower().split(","):
        for lang in LANGUAGES:
            if part.strip().startswith(lang):
                return lang
    return default
