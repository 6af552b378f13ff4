"""The clients that people have, tried against the server; each where it is installed.

pip install "tritonclient[http,grpc]" kserve mlflow-skinny pandas schemathesis
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.verbs.serve.conftest import Server
from tests.verbs.serve.odd import odd_rows, tensors
from tests.verbs.serve.test_grpc import free_port


@pytest.fixture(scope="module")
def both(bundle):
    """A server with both ports, and the address of the second."""
    pytest.importorskip("grpc", reason="gRPC is an extra")
    port = free_port()
    shared = Server(bundle, "--grpc-port", port)
    yield shared, f"127.0.0.1:{port}"
    shared.stop()


def arrays(sent):
    """Tensors of the protocol as a client's arrays: missing as a graph writes it."""
    for tensor in sent:
        text = tensor["datatype"] == "BYTES"
        values = [("\ue000" if text else np.nan) if v is None else v for v in tensor["data"]]
        cells = [v.encode() for v in values] if text else values
        yield tensor, np.array(cells, object if text else np.float64).reshape(tensor["shape"])


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize("count", [1, 40])
def test_triton(both, bundle, protocol, count):
    triton = pytest.importorskip(f"tritonclient.{protocol}", reason="not installed")
    server, address = both
    url = f"127.0.0.1:{server.port}" if protocol == "http" else address
    client = triton.InferenceServerClient(url)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("stays")
    assert "stays" in str(client.get_model_metadata("stays"))
    assert "READY" in str(client.get_model_repository_index())
    model, records = odd_rows(bundle, count, seed=2)
    inputs = []
    for tensor, values in arrays(tensors(model, records)):
        inputs.append(triton.InferInput(tensor["name"], tensor["shape"], tensor["datatype"]))
        inputs[-1].set_data_from_numpy(values)
    wanted = [triton.InferRequestedOutput(name) for name in ("label", "probabilities")]
    for outputs in (None, wanted):
        said = client.infer("stays", inputs, outputs=outputs, request_id="5")
        assert np.array_equal(said.as_numpy("probabilities"), model.predict_proba(records))
        labels = [label.decode() for label in said.as_numpy("label")]
        assert labels == model.predict(records).tolist()
    errors = pytest.importorskip("tritonclient.utils")
    with pytest.raises(errors.InferenceServerException, match="lack columns"):
        client.infer("stays", inputs[:2])


def test_kserve(both, bundle):
    """In a process of its own: its messages and Triton's clash where both are loaded."""
    if not find_spec("kserve"):
        pytest.skip("kserve is not installed")
    server, address = both
    program = [
        sys.executable,
        "-m",
        "tests.verbs.serve.kserve_client",
        server.url,
        address,
        str(bundle),
    ]
    ran = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert ran.stdout.splitlines()[-1:] == ["equal"], ran.stderr[-2_000:]


def test_mlflow(server, bundle):
    pandas = pytest.importorskip("pandas", reason="not installed")
    scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason="not installed")
    model, records = odd_rows(bundle, 20, seed=4)
    client = scoring.ScoringServerClient("127.0.0.1", server.port)
    client.wait_server_ready(timeout=5)
    assert client.get_version()
    frame = pandas.DataFrame(records)
    said = client.invoke(frame).get_predictions()
    assert said[0].tolist() == model.predict(records).tolist()
    said = client.invoke(frame, params={"proba": True}).get_predictions()
    assert np.array_equal(said.to_numpy(), model.predict_proba(records))


def test_schemathesis(server, tmp_path):
    """Thousands of requests made of the document: no fault, and answers as it says."""
    tool = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if not tool:
        pytest.skip("schemathesis is not installed")
    checks = "not_a_server_error,status_code_conformance,content_type_conformance," \
             "response_schema_conformance,unsupported_method"  # fmt: skip
    ran = subprocess.run(
        [tool, "run", f"{server.url}/openapi.json", "--checks", checks, "-n", "10", "--seed", "1",
         "--phases", "examples,coverage,fuzzing", "--no-color",
         "--exclude-path-regex", "/stream$"],
        capture_output=True, text=True, encoding="utf-8", timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-5_000:]
