"""Looking at the rules of routing, changing them while running, and reading how a test stands.

    GET    /routing                   the rules in force
    PUT    /routing/{model}           another rule, as JSON; ?fresh begins a new round of counting
    DELETE /routing/{model}           no rule
    GET    /routing/{model}/report    per version its rewards, and whether the test may stop

catalogue  route-ab route-bandit
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response, language_of
from mulle.verbs.serve.protocols.rows import decode_json
from mulle.verbs.serve.service import Service

if TYPE_CHECKING:
    from mulle.verbs.serve.routing.running import Running


def routes(service: Service) -> Iterator[Route]:
    """The resources above."""
    router = service.router

    def running_of(request: Request) -> Running:
        model = request.params["model"]
        service.repository[model]
        running = router.running.get(model)
        if running is None:
            raise HTTPError(404, "route-none", model=model[:100])
        return running

    async def rules(request: Request) -> Response:
        models = {m: _shown(running) for m, running in router.running.items() if m}
        return json_response({"models": models})

    async def put(request: Request) -> Response:
        settings = decode_json(await request.body())
        await router.put(request.params["model"], settings, fresh=request.flag("fresh"))
        return json_response(_shown(running_of(request)))

    async def drop(request: Request) -> Response:
        await router.drop(request.params["model"])
        return json_response({"model": request.params["model"], "policy": None})

    async def report(request: Request) -> Response:
        from mulle.i18n import Messages
        from mulle.verbs.serve.routing.report import report as reported

        running = running_of(request)
        await router.exchange()
        asked = request.query.get("lang") or request.header(b"accept-language")
        words = Messages(language_of(asked, service.settings.lang))
        said = await asyncio.to_thread(reported, running, router.known, router.compared, words)
        return json_response(said)

    yield Route("GET", "/routing", rules, "admin")
    yield Route("PUT", "/routing/{model}", put, "admin")
    yield Route("DELETE", "/routing/{model}", drop, "admin")
    yield Route("GET", "/routing/{model}/report", report, "admin")


def _shown(running: Running) -> dict[str, Any]:
    running.follow()
    rule = msgspec.to_builtins(running.rule)
    arms = [
        {
            "name": name,
            "version": arm.version if arm else None,
            "requests": arm.requests if arm else 0,
            "feedback": int(arm.rewards.n) if arm else 0,
            "share": running.share(position),
        }
        for position, (name, arm) in enumerate(
            zip(running.rule.versions, running.arms, strict=True)
        )
    ]
    return {
        "model": running.model,
        "rule": rule,
        "round": running.kept.round,
        "since": running.kept.since,
        "versions": arms,
    }
