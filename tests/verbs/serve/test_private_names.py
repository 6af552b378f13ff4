"""The private names of libraries that the server uses: one test each, which fails with the name.

uvicorn and prometheus-client have no upper bound, so a release may take a name away; this says
which, and where it is used, before a request does.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Histogram
from uvicorn import Config
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

import mulle.verbs.serve as serve
from mulle.verbs.serve.http import connection
from mulle.verbs.serve.metrics import Buckets


class Transport:
    """As much of a transport as a protocol asks for."""

    def __init__(self):
        self.written = []

    def get_extra_info(self, name, default=None):
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def is_closing(self):
        return False

    def write(self, data):
        self.written.append(data)

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def get_protocol(self):
        return None


async def app(scope, receive, send):
    """Answers nothing."""


@pytest.fixture
def protocol(monkeypatch):
    """uvicorn's protocol with one request, whose task is not run."""
    config = Config(app, lifespan="off", ws="none")
    config.load()
    started = []
    monkeypatch.setattr(
        HttpToolsProtocol, "_start_asgi_task", lambda self, cycle, app: started.append(cycle)
    )
    made = HttpToolsProtocol(config, ServerState(), {}, _loop=object())
    made.connection_made(Transport())
    made.data_received(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
    made.started = started
    return made


@pytest.mark.parametrize("name", ["STATUS_LINE", "HttpToolsProtocol", "RequestResponseCycle"])
def test_module_of_uvicorn(name):
    assert hasattr(httptools_impl, name)


CALLED = {
    "_start_asgi_task": ["self", "cycle", "app"],
    "_should_upgrade": ["self"],
    "handle_websocket_upgrade": ["self"],
    "connection_made": ["self", "transport"],
    "connection_lost": ["self", "exc"],
    "data_received": ["self", "data"],
    "eof_received": ["self"],
    "on_message_begin": ["self"],
    "on_headers_complete": ["self"],
    "on_body": ["self", "body"],
    "on_message_complete": ["self"],
    "on_response_complete": ["self"],
    "shutdown": ["self"],
}


@pytest.mark.parametrize("name", CALLED)
def test_method_of_the_protocol(name):
    method = getattr(HttpToolsProtocol, name)
    assert list(inspect.signature(method).parameters) == CALLED[name]


@pytest.mark.parametrize(
    "name",
    ["parser", "url", "headers", "cycle", "pipeline", "flow", "server_state", "transport", "loop",
     "client"],
)  # fmt: skip
def test_attribute_of_the_protocol(protocol, name):
    assert hasattr(protocol, name)


def test_the_protocol_starts_a_task_for_each_request(protocol):
    assert protocol.started == [protocol.cycle]


@pytest.mark.parametrize(
    "name",
    ["keep_alive", "response_complete", "response_started", "more_body", "disconnected",
     "message_event"],
)  # fmt: skip
def test_attribute_of_a_cycle(protocol, name):
    assert hasattr(protocol.cycle, name)


@pytest.mark.parametrize("name", ["read_paused", "resume_reading"])
def test_attribute_of_the_flow(protocol, name):
    assert hasattr(protocol.flow, name)


@pytest.mark.parametrize("name", ["total_requests", "default_headers"])
def test_attribute_of_the_state_of_the_server(name):
    assert hasattr(ServerState(), name)


@pytest.mark.parametrize("name", ["_buckets", "_sum"])
def test_attribute_of_a_histogram(name):
    histogram = Histogram("h", "h", ["a"], buckets=(1, 2), registry=CollectorRegistry())
    child = histogram.labels("x")
    assert hasattr(child, name)


def test_counts_that_are_handed_over_are_those_of_the_histogram():
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counted = Histogram("h", "h", buckets=(1, 2), registry=ours)
    observed = Histogram("h", "h", buckets=(1, 2), registry=theirs)
    buckets = Buckets((1, 2))
    for value in (0.5, 1, 1.5, 2, 9):
        buckets.observe(value)
        observed.observe(value)
    buckets.hand_over(counted)
    samples = [
        [
            (s.name, s.labels, s.value)
            for m in r.collect()
            for s in m.samples
            if "created" not in s[0]
        ]
        for r in (ours, theirs)
    ]
    assert samples[0] == samples[1]


PUBLIC = {"_asdict", "_replace", "_mapping"}  # of named tuples and of rows of SQLAlchemy
TRIED = {("connection.py", "_start_asgi_task"), ("metrics.py", "_buckets"), ("metrics.py", "_sum")}


def test_no_other_private_name_is_read():
    found = set()
    for path in Path(serve.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            private = isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr)
            if private and "self" not in ast.unparse(node) and node.attr not in PUBLIC:
                found.add((path.name, node.attr))
    assert found == TRIED


def test_every_name_of_the_protocol_that_is_used_is_tried():
    """What `Connection` takes from its base is one of the names above."""
    tree = ast.parse(Path(connection.__file__).read_text(encoding="utf-8"))
    own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    own |= {
        target.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        for target in ast.walk(node)
        if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store)
    }
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self"
    }
    tried = {"parser", "url", "headers", "cycle", "pipeline", "flow", "server_state", "transport",
             "loop", "client", *CALLED}  # fmt: skip
    assert used - own - tried == set()
