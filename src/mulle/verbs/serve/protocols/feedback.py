"""What became of predictions: a reward or the true label for the id that an answer carried.

    POST /feedback   {"prediction_id": "...", "reward": 1}
                     {"prediction_id": "...", "label": "yes"}
                     a list of those, alone or under "feedback"

The same id counts once, so that sending again does no harm.

catalogue  route-bandit
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mulle.verbs.serve.http import (
    HTTPError,
    Problem,
    Request,
    Response,
    Route,
    json_response,
    to_problem,
)
from mulle.verbs.serve.protocols.rows import decode_json
from mulle.verbs.serve.service import Service

_MOST = 10_000  # entries of one request


def routes(service: Service) -> Iterator[Route]:
    """The resource above."""
    taking: list[Any] = []

    async def feedback(request: Request) -> Response:
        if not taking:
            from mulle.verbs.serve.routing.feedback import Feedback

            taking.append(Feedback(service.router))
        value = decode_json(await request.body())
        if isinstance(value, dict) and isinstance(value.get("feedback"), list):
            value = value["feedback"]
        if not isinstance(value, list):
            reward = await taking[0].read(value)
            first = await taking[0].take([reward])
            return json_response({"accepted": int(first[0]), "repeated": int(not first[0])})
        if len(value) > _MOST:
            raise HTTPError(413, "rows-many", rows=len(value), limit=_MOST)
        return await _batch(service, request, taking[0], value)

    yield Route("POST", "/feedback", feedback, "feedback")


async def _batch(service: Service, request: Request, taking: Any, entries: list[Any]) -> Response:
    """Those that can be taken are; the others are told one by one."""
    rewards, refused = [], []
    for number, entry in enumerate(entries, start=1):
        try:
            rewards.append(await taking.read(entry))
        except HTTPError as error:
            said = to_problem(error, request.lang)
            refused.append(_told(number, said))
    first = await taking.take(rewards) if rewards else []
    answer = {"accepted": sum(first), "repeated": len(first) - sum(first), "refused": refused}
    return json_response(answer)


def _told(number: int, problem: Problem) -> dict[str, Any]:
    return {"row": number, "code": problem.code, "message": problem.message, "fix": problem.fix}
