"""The Open Inference Protocol over gRPC: the same answers, mistakes as statuses."""

import http.client
import socket
import struct
import time

import numpy as np
import pytest
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.odd import odd_rows, tensors

import mulle
from mulle.errors import MissingExtra
from mulle.verbs.serve.protocols.grpc import SERVICE, messages, require

grpc = pytest.importorskip("grpc", reason="gRPC is an extra")
M = messages()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Client:
    """A server with gRPC, and calls to it by the names of its methods."""

    def __init__(self, *arguments, **settings):
        self.port = free_port()
        self.server = Server(*arguments, "--grpc-port", self.port, **settings)
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")

    def call(self, name, message=None, lang="en", raw=None):
        call = self.channel.unary_unary(f"/{SERVICE}/{name}")
        sent = raw if raw is not None else (message or getattr(M, f"{name}Request")())
        sent = sent if isinstance(sent, bytes) else sent.SerializeToString()
        answer = call(sent, timeout=20, metadata=[("accept-language", lang)])
        return getattr(M, f"{name}Response").FromString(answer)

    def close(self):
        self.channel.close()
        self.server.stop()


@pytest.fixture(scope="module")
def client(bundle):
    shared = Client(bundle)
    yield shared
    shared.close()


def request(*inputs, raw=(), **more):
    return M.ModelInferRequest(model_name="stays", inputs=inputs, raw_input_contents=raw, **more)


def tensor(name, values, datatype="FP64", field="fp64_contents", shape=None):
    contents = M.InferTensorContents(**{field: values}) if values is not None else None
    return M.InferInputTensor(
        name=name, datatype=datatype, shape=[len(values or [1])] if shape is None else shape,
        contents=contents,
    )  # fmt: skip


def one_row(**changed):
    usual = {
        "나이": tensor("나이", [31.0]),
        "city": tensor("city", ["서울".encode()], "BYTES", "bytes_contents"),
        "joined": tensor("joined", [b"2024-03-01"], "BYTES", "bytes_contents"),
        "income": tensor("income", [420.5]),
    }
    return list((usual | changed).values())


def cells(tensor):
    """Values as a message holds them: missing as what a graph holds for it."""
    if tensor["datatype"] == "BYTES":
        return [("\ue000" if v is None else v).encode() for v in tensor["data"]]
    return [np.nan if v is None else v for v in tensor["data"]]


def test_the_server_and_its_models(client):
    assert client.call("ServerLive").live
    assert client.call("ServerReady").ready
    assert client.call("ServerMetadata").name == "mulle"
    assert client.call("ModelReady", M.ModelReadyRequest(name="stays")).ready
    said = client.call("ModelMetadata", M.ModelMetadataRequest(name="stays"))
    assert [(t.name, t.datatype, list(t.shape)) for t in said.inputs][:2] == [
        ("나이", "FP64", [-1, 1]), ("city", "BYTES", [-1, 1])
    ]  # fmt: skip
    assert [t.name for t in said.outputs] == ["label", "probabilities"]
    index = client.call("RepositoryIndex").models
    assert [(m.name, m.version, m.state) for m in index] == [("stays", said.versions[0], "READY")]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_odd_rows_are_answered_as_the_bundle_answers(client, bundle, count):
    model, records = odd_rows(bundle, count, seed=count)
    sent = tensors(model, records)
    fields = {"FP64": "fp64_contents", "BYTES": "bytes_contents"}
    typed = [tensor(t["name"], cells(t), t["datatype"], fields[t["datatype"]], t["shape"])
             for t in sent]  # fmt: skip
    said = client.call("ModelInfer", request(*typed, id="7"))
    assert (said.id, said.model_name, len(said.model_version)) == ("7", "stays", 8)
    assert not said.raw_output_contents
    label, scores = said.outputs
    expected = model.predict_proba(records)
    assert np.reshape(scores.contents.fp64_contents, (count, 2)).tolist() == expected.tolist()
    assert [b.decode() for b in label.contents.bytes_contents] == model.predict(records).tolist()
    assert scores.parameters["labels"].string_param == '["no","yes"]'

    bare = [tensor(t["name"], None, t["datatype"], shape=t["shape"]) for t in sent]
    raws = [
        b"".join(struct.pack("<I", len(c)) + c for c in cells(t))
        if t["datatype"] == "BYTES" else np.array(cells(t)).tobytes() for t in sent
    ]  # fmt: skip
    wanted = [M.InferRequestedOutputTensor(name=name) for name in ("probabilities", "label")]
    said = client.call("ModelInfer", request(*bare, raw=raws, outputs=wanted))
    assert [t.name for t in said.outputs] == ["probabilities", "label"]
    answered = np.frombuffer(said.raw_output_contents[0]).reshape(count, 2)
    assert answered.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("datatype", "field", "value"),
    [("INT8", "int_contents", 31), ("INT64", "int64_contents", 31), ("FP32", "fp32_contents", 31),
     ("UINT16", "uint_contents", 31), ("UINT64", "uint64_contents", 31),
     ("BYTES", "bytes_contents", b"31")],
)  # fmt: skip
def test_datatypes_that_mean_the_same(client, bundle, datatype, field, value):
    said = client.call(
        "ModelInfer", request(*one_row(나이=tensor("나이", [value], datatype, field)))
    )
    expected = mulle.load(bundle).predict_proba(ROW)[0].tolist()
    assert list(said.outputs[1].contents.fp64_contents) == expected


MISTAKES = {
    "no tensors": (request(), "INVALID_ARGUMENT"),
    "an unknown model": (M.ModelInferRequest(model_name="x"), "NOT_FOUND"),
    "an unknown version": (request(*one_row(), model_version="9"), "NOT_FOUND"),
    "a missing column": (request(*one_row()[:2]), "INVALID_ARGUMENT"),
    "a column twice": (request(*one_row(), *one_row()), "INVALID_ARGUMENT"),
    "no contents": (request(*one_row(나이=tensor("나이", None))), "INVALID_ARGUMENT"),
    "contents in another field": (request(*one_row(나이=tensor("나이", [1.0], "INT64"))),
                                  "INVALID_ARGUMENT"),
    "an unknown datatype": (request(*one_row(나이=tensor("나이", [1.0], "FP128"))),
                            "INVALID_ARGUMENT"),
    "half precision, typed": (request(*one_row(나이=tensor("나이", [1.0], "FP16"))),
                              "INVALID_ARGUMENT"),
    "beyond the datatype": (request(*one_row(나이=tensor("나이", [300], "INT8", "int_contents"))),
                            "INVALID_ARGUMENT"),
    "another length": (request(*one_row(나이=tensor("나이", [1.0, 2.0]))), "INVALID_ARGUMENT"),
    "no shape": (request(*one_row(나이=tensor("나이", [1.0], shape=[]))), "INVALID_ARGUMENT"),
    "a negative shape": (request(*one_row(나이=tensor("나이", [1.0], shape=[-1, -1]))),
                         "INVALID_ARGUMENT"),
    "text that is none": (request(*one_row(city=tensor("city", [b"\xff"], "BYTES",
                                                       "bytes_contents"))), "INVALID_ARGUMENT"),
    "text for a number": (request(*one_row(나이=tensor("나이", [b"a"], "BYTES",
                                                     "bytes_contents"))), "INVALID_ARGUMENT"),
    "too few raw contents": (request(*one_row(), raw=[b""]), "INVALID_ARGUMENT"),
    "raw contents cut off": (request(*one_row(), raw=[b"123"] * 4), "INVALID_ARGUMENT"),
    "an unknown output": (request(*one_row(), outputs=[M.InferRequestedOutputTensor(name="x")]),
                          "INVALID_ARGUMENT"),
    "bytes that are no message": (b"\xff\xff\xff", "INVALID_ARGUMENT"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mistakes_of_the_caller(client, name, lang):
    message, status = MISTAKES[name]
    with pytest.raises(grpc.RpcError) as refused:
        client.call("ModelInfer", message, lang)
    said = refused.value.details()
    assert refused.value.code().name == status, said
    korean = any("가" <= letter <= "힣" for letter in said.replace("나이", ""))
    assert korean == (lang == "ko")
    assert client.call("ModelInfer", request(*one_row())).outputs


def test_two_keys_are_refused(client):
    call = client.channel.unary_unary(f"/{SERVICE}/ServerLive")
    twice = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
    with pytest.raises(grpc.RpcError) as refused:
        call(b"", timeout=20, metadata=twice)
    assert refused.value.code().name == "INVALID_ARGUMENT"
    assert call(b"", timeout=20, metadata=twice[:1])


def test_too_large_a_message_is_refused_and_the_server_goes_on(bundle):
    client = Client(bundle, limits={"max_body": 1})
    try:
        wide = tensor("city", [b"x" * 2**21], "BYTES", "bytes_contents")
        with pytest.raises(grpc.RpcError) as refused:
            client.call("ModelInfer", request(*one_row(city=wide)))
        assert refused.value.code().name == "RESOURCE_EXHAUSTED"
        assert client.call("ModelInfer", request(*one_row())).outputs
        counts = client.server.get("/metrics").body.decode()
        assert f'path="/{SERVICE}/ModelInfer"' in counts
        begun = time.monotonic()
        client.server.stop()
        assert time.monotonic() - begun < 15
        assert client.server.process.returncode in (0, -15)
    finally:
        client.close()


def test_the_extra_and_the_port_are_looked_at_before_the_start(monkeypatch, bundle):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AssertionError, match="cannot listen on"):
            Server(bundle, "--grpc-port", taken.getsockname()[1])
    monkeypatch.setitem(__import__("sys").modules, "grpc", None)
    with pytest.raises(MissingExtra) as missing:
        require()
    assert missing.value.fix == 'pip install "mulle[grpc]"'


EXCESS = {
    "a long shape": (lambda: request(tensor("income", [1.0], shape=[2**62] * 30_000)), "INVALID"),
    "a shape of no length": (lambda: request(tensor("income", [1.0], shape=[])), "INVALID"),
    "many tensors": (
        lambda: request(*(tensor(f"k{n}", [1.0]) for n in range(20_000))), "INVALID"),
    "many empty tensors": (
        lambda: request(*(M.InferInputTensor() for _ in range(1_000_000))), "INVALID"),
    "many outputs": (
        lambda: request(tensor("income", [1.0]), outputs=[
            M.InferRequestedOutputTensor(name="label") for _ in range(10_000)]), "INVALID"),
    "many rows": (
        lambda: request(tensor("income", [1.0] * 100_001)), "RESOURCE_EXHAUSTED"),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXCESS)
def test_excess_is_refused_at_once(client, kind):
    make, expected = EXCESS[kind]
    message, begun = make().SerializeToString(), time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        client.call("ModelInfer", message)
    assert caught.value.code().name.startswith(expected)
    assert time.monotonic() - begun < 2
    assert client.server.post("/predict", ROW).status == 200


@pytest.mark.parametrize("media", ["application/grpc", "application/grpc-web", "text/plain"])
def test_no_page_of_a_browser_reaches_it(client, media):
    """Why names are not checked here: browsers speak HTTP/1.1 where there is no TLS."""
    asked = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
    body = b"\0" + struct.pack(">I", 0)
    head = {"Host": "evil.example", "Content-Type": media, "TE": "trailers"}
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        asked.request("POST", f"/{SERVICE}/ServerLive", body, head)
        asked.getresponse()
    asked.close()
    assert client.call("ServerLive").live
