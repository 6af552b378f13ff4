"""Routing policies: list them, change them while the server runs, and read the result of a test.

    GET    /routing                   the policies in force
    PUT    /routing/{model}           another policy, as JSON; ?fresh begins a new round of counting
    DELETE /routing/{model}           no policy
    GET    /routing/{model}/report    rewards of each version, and whether the test may stop

catalogue  route-ab route-bandit
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, Operation
from mulle.verbs.serve.http.strict_json import read_json_body
from mulle.verbs.serve.service import Service

if TYPE_CHECKING:
    from mulle.verbs.serve.routing.active import ActivePolicy


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""
    router = service.router

    def active_policy(request: Request) -> ActivePolicy:
        model = request.params["model"]
        service.repository[model]
        active = router.active.get(model)
        if active is None:
            raise HTTPError(404, "policy-none", model=model[:100])
        return active

    async def policies(request: Request) -> Response:
        models = {m: _describe(active) for m, active in router.active.items() if m}
        return json_response({"models": models})

    async def put(request: Request) -> Response:
        settings = await read_json_body(request)
        await router.put(request.params["model"], settings, fresh=request.flag("fresh"))
        return json_response(_describe(active_policy(request)))

    async def drop(request: Request) -> Response:
        await router.drop(request.params["model"])
        return json_response({"model": request.params["model"], "policy": None})

    async def report(request: Request) -> Response:
        from mulle.i18n import Messages
        from mulle.verbs.serve.routing.report import build_report

        active = active_policy(request)
        await router.exchange()
        words = Messages(request.lang)
        result = await asyncio.to_thread(build_report, active, router.known, router.compared, words)
        return json_response(result)

    every = Operation("policies", "routing", answer={JSON: "policies"})
    yield Route("GET", "/routing", policies, "admin", operation=every)
    replace = Operation("policy-put", "routing", {JSON: "policy"}, {JSON: "anything"})
    yield Route("PUT", "/routing/{model}", put, "admin", operation=replace)
    remove = Operation("policy-delete", "routing", answer={JSON: "anything"})
    yield Route("DELETE", "/routing/{model}", drop, "admin", operation=remove)
    result = Operation("routing-report", "routing", answer={JSON: "report"}, query=("lang",))
    yield Route("GET", "/routing/{model}/report", report, "admin", operation=result)


def _describe(active: ActivePolicy) -> dict[str, Any]:
    active.follow()
    arms = [
        {
            "name": name,
            "version": arm.version if arm else None,
            "requests": arm.requests if arm else 0,
            "feedback": int(arm.rewards.n) if arm else 0,
            "share": active.share(position),
        }
        for position, (name, arm) in enumerate(
            zip(active.policy.versions, active.arms, strict=True)
        )
    ]
    return {
        "model": active.model,
        "policy": active.policy.name,
        "settings": msgspec.to_builtins(active.policy),
        "round": active.stored.round,
        "since": active.stored.since,
        "versions": arms,
    }
