"""The dashboard at `/`: try a row, see the traffic, the versions, the drift and the reports.

    GET /                                the page
    GET /dashboard/state                 what changes: traffic, versions, failures, drift
    GET /dashboard/models/{model}        what the form needs
    GET /reports/{model}                 the report of the run that made it

The page itself holds no data, so it is open; the data need a key where keys are used.

catalogue  srv-interactive srv-metrics
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import TYPE_CHECKING

from mulle.verbs.serve.dashboard.drift import drift_of
from mulle.verbs.serve.dashboard.form import form_of
from mulle.verbs.serve.dashboard.state import find_report, state_of
from mulle.verbs.serve.http import (
    Handler,
    HTTPError,
    Request,
    Response,
    Route,
    json_response,
)
from mulle.verbs.serve.http.operation import HTML, JSON, Operation

if TYPE_CHECKING:
    from mulle.verbs.serve.monitor.traffic import Traffic
    from mulle.verbs.serve.service import Service

_FILES = {
    "dashboard.js": b"text/javascript; charset=utf-8",
    "dashboard.css": b"text/css; charset=utf-8",
}
_HTML = b"text/html; charset=utf-8"


def routes(service: Service, traffic: Traffic) -> Iterator[Route]:
    """Yield the resources above, and the files of the page."""

    async def show_page(request: Request) -> Response:
        from mulle.verbs.serve.dashboard.page import (
            page,  # words and templates: not before they are seen
        )

        return Response(page(request.lang, service.settings.root_path).encode(), media_type=_HTML)

    async def state(request: Request) -> Response:
        drift = await drift_of(service, request.lang)
        return json_response(state_of(service, traffic, request.lang) | {"drift": drift})

    async def form(request: Request) -> Response:
        return json_response(form_of(service.repository.get_model(request.params["model"])))

    async def report(request: Request) -> Response:
        path = find_report(service.repository.get_model(request.params["model"]).path)
        if path is None:
            raise HTTPError(404, "report-none", name=request.params["model"][:100])
        return Response(path.read_bytes(), media_type=_HTML)

    for name, media_type in _FILES.items():
        file = Operation(name.replace(".", "-"), "dashboard")
        yield Route("GET", f"/dashboard/{name}", _file(name, media_type), operation=file)
    page_op = Operation("dashboard", "dashboard", answer={HTML: "text"}, query=("lang",))
    state_op = Operation("dashboard-state", "dashboard", answer={JSON: "anything"})
    form_op = Operation("dashboard-form", "dashboard", answer={JSON: "anything"})
    report_op = Operation("report", "dashboard", answer={HTML: "text"})
    yield Route("GET", "/", show_page, operation=page_op)
    yield Route("GET", "/dashboard/state", state, "predict", operation=state_op)
    yield Route("GET", "/dashboard/models/{model}", form, "predict", operation=form_op)
    yield Route("GET", "/reports/{model}", report, "predict", operation=report_op)


def _file(name: str, media_type: bytes) -> Handler:
    data = resources.files(__package__).joinpath(name).read_bytes()

    async def sent(request: Request) -> Response:
        return Response(data, media_type=media_type, headers=((b"cache-control", b"no-cache"),))

    return sent


__all__ = ["routes"]
