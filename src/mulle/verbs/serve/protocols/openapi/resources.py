"""`/openapi.json` and `/docs`: built at the first request, and again when the models change.

    GET /openapi.json    OpenAPI 3.1
    GET /docs            the same to read, with examples to copy; needs no network

Both speak the language of `?lang=` or Accept-Language.

catalogue  api-idea api-rest
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from mulle.i18n import Messages
from mulle.verbs.serve.http import Request, Response, Route
from mulle.verbs.serve.http.operation import HTML, JSON, Operation
from mulle.verbs.serve.protocols.openapi.document import build_document
from mulle.verbs.serve.protocols.openapi.page import page
from mulle.verbs.serve.service import Service

HOST = re.compile(r"[\w.:\[\]-]{1,100}", re.ASCII)
MAX_KEPT = 16  # answers, of languages and names of the host


def routes(service: Service, listed: Sequence[Route]) -> Iterator[Route]:
    """Yield the resources above.

    Args:
        service: whose models are described.
        listed: every resource of the server, these two included once they are added.
    """
    kept: dict[Any, bytes] = {}

    async def build(request: Request, *about: str, make: Callable[[Messages], bytes]) -> bytes:
        lang = request.lang
        versions = tuple((loaded.name, loaded.version) for loaded in service.repository.all())
        key = (lang, versions, *about)
        if key not in kept:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[key] = await asyncio.to_thread(make, Messages(lang))
        return kept[key]

    async def openapi(request: Request) -> Response:
        def make(words: Messages) -> bytes:
            return msgspec.json.encode(build_document(service, listed, words))

        return Response(await build(request, make=make), headers=VARIES)

    async def docs(request: Request) -> Response:
        host = request.host
        if not HOST.fullmatch(host):
            host = f"{service.settings.host}:{service.settings.port}"
        base = f"{request.scheme}://{host}{service.settings.root_path}"

        def make(words: Messages) -> bytes:
            return page(service, listed, words, base).encode()

        html = await build(request, base, make=make)
        return Response(html, 200, b"text/html; charset=utf-8", VARIES)

    programs = Operation("openapi", "server", answer={JSON: "anything"}, query=("lang",))
    yield Route("GET", "/openapi.json", openapi, operation=programs)
    readers = Operation("docs", "server", answer={HTML: "text"}, query=("lang",))
    yield Route("GET", "/docs", docs, operation=readers)


VARIES = ((b"vary", b"accept-language"),)
