"""Requests per second and latency of one served model, against other servers and the floors.

One row a request over loopback, the same load generator (wrk, one thread) for every server, one
server at a time. Ours and the hand-made server run the same graph; the others run a scikit-learn
pipeline of as many trees. The floors: an ASGI application that returns a constant on the same HTTP
server, and `InferenceSession.run` in process.

    pip install . pandas
    mulle fit diamonds.csv --target cut --plan plan.toml -o out       (500 trees)
    python benchmarks/serve_throughput.py [out/diamonds.mulle diamonds.csv] [--peers PYTHON]
        [--seconds 10] [--only NAME ...]

Without a bundle and a table one is made of titanic-like rows, of which the one that is sent has
what rows of people have: booleans, a date and nulls.

Caveats: the generator shares the machine; on two cores it takes what the server leaves.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from common import header
from predict_bulk import TARGET, passengers

import mulle

CONSTANT = """
BODY = b'{"label":"Ideal","probabilities":{"Fair":0.1,"Good":0.2,"Ideal":0.3,"Premium":0.2}}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
"""
HAND_MADE = """
import json, os, numpy as np, onnxruntime
from datetime import datetime, timezone
from typing import Any
from fastapi import FastAPI
from pydantic import create_model
row, labels = json.loads(os.environ["ROW"]), json.loads(os.environ["LABELS"])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["GRAPH"], options)
sorts = {i.name: i.type for i in session.get_inputs()}
Row = create_model("Row", **{k: (Any if v is None else type(v), ...) for k, v in row.items()})
def cell(v, sort):
    if sort == "tensor(string)":
        return np.array([["\\ue000" if v is None else v]], object)
    if sort == "tensor(double)":
        return np.array([[np.nan if v is None else v]], np.float64)
    moment = datetime.fromisoformat(v).replace(tzinfo=timezone.utc)
    return np.array([[int(moment.timestamp() * 1e6)]], np.int64)
app = FastAPI()
@app.post("/predict")
async def predict(row: Row):
    given = row.model_dump()
    feeds = {k: cell(given[k], sort) for k, sort in sorts.items()}
    label, probabilities = session.run(None, feeds)
    return {"label": label.tolist()[0],
            "probabilities": dict(zip(labels, probabilities[0].tolist()))}
"""
PIPELINE = """
import os, joblib, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
table = pd.read_csv(os.environ["TABLE"])
y, x = table.pop(os.environ["TARGET"]), table
text = x.select_dtypes(["object", "string"]).columns.tolist()
encode = make_column_transformer(
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), text),
    remainder="passthrough")
model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=100, early_stopping=False))
model.fit(x, y)
joblib.dump(model, "model.joblib")
try:
    import mlflow.sklearn
    mlflow.sklearn.save_model(model, "mlflow_model", serialization_format="cloudpickle")
except ImportError:
    pass
"""
SKLEARN = """
import joblib, pandas as pd
from fastapi import FastAPI
model = joblib.load("model.joblib")
app = FastAPI()
@app.post("/predict")
def predict(row: dict):
    scores = model.predict_proba(pd.DataFrame([row]))[0]
    return {"probabilities": dict(zip(model.classes_, scores.tolist()))}
"""
BENTO = """
import bentoml, joblib, pandas as pd
@bentoml.service
class Model:
    def __init__(self):
        self.model = joblib.load("model.joblib")
    @bentoml.api
    def predict(self, row: dict) -> dict:
        scores = self.model.predict_proba(pd.DataFrame([row]))[0]
        return dict(zip(self.model.classes_, scores.tolist()))
"""
LIT = """
import sys, joblib, litserve, pandas as pd
class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load("model.joblib")
    def predict(self, row):
        scores = self.model.predict_proba(pd.DataFrame([row]))[0]
        return dict(zip(self.model.classes_, scores.tolist()))
if __name__ == "__main__":
    litserve.LitServer(Api(), accelerator="cpu").run(
        port=int(sys.argv[1]), host="127.0.0.1", generate_client_file=False, log_level="error")
"""
WRK = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
wrk.headers["Content-Type"] = "application/json"
"""
CONNECTIONS = (1, 16, 64)
_UVICORN = ["-m", "uvicorn", "--log-level", "error", "--no-access-log", "--port", "{port}"]


class Case(NamedTuple):
    """A server: how it is started, and what it is asked."""

    name: str
    command: list[str]
    path: str
    body: dict


class Figure(NamedTuple):
    """What was measured at one number of connections."""

    rate: float
    p50: float
    p99: float
    errors: int


def cases(bundle: Path, peers: str, row: dict) -> list[Case]:
    mulle_command = shutil.which("mulle", path=str(Path(sys.executable).parent)) or "mulle"
    return [
        Case("mulle", [mulle_command, "serve", str(bundle), "--port", "{port}", "--quiet"],
             "/predict", row),
        Case("constant ASGI app", [sys.executable, *_UVICORN, "constant:app"], "/", row),
        Case("FastAPI + ONNX Runtime", [peers, *_UVICORN, "hand_made:app"], "/predict", row),
        Case("FastAPI + scikit-learn", [peers, *_UVICORN, "sklearn_app:app"], "/predict", row),
        Case("BentoML", [peers, "-m", "bentoml", "serve", "bento:Model", "--port", "{port}"],
             "/predict", {"row": row}),
        Case("LitServe", [peers, "lit.py", "{port}"], "/predict", row),
        Case("MLflow", [peers, "-m", "mlflow", "models", "serve", "-m", "mlflow_model", "-p",
                        "{port}", "--env-manager", "local"],
             "/invocations", {"dataframe_records": [row]}),
    ]  # fmt: skip


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask(port: int, case: Case) -> dict | list | None:
    """One answer, or None while there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        body = json.dumps(case.body)
        connection.request("POST", case.path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        return json.loads(text) if answer.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


def memory(pid: int) -> float:
    """Resident megabytes of a process and all below it."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    )
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    family = {pid}
    for _ in range(5):
        family |= {child for child, parent, _ in rows if parent in family}
    return sum(rss for child, _, rss in rows if child in family) / 1024


def generate(port: int, case: Case, connections: int, seconds: int, folder: Path) -> Figure:
    script = folder / "post.lua"
    script.write_text(WRK.format(body=json.dumps(case.body)), encoding="utf-8")
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s",
         "-s", str(script), f"http://127.0.0.1:{port}{case.path}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    errors = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", done)))
    errors += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", done)))
    found = re.search(r"Requests/sec:\s+([\d.]+)", done)
    return Figure(float(found[1]), _ms(done, "50%"), _ms(done, "99%"), errors)


def _ms(text: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", text)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def measure(case: Case, seconds: int, folder: Path, environment: dict) -> list[Figure] | None:
    port = free_port()
    command = [part.format(port=port) for part in case.command]
    tools = f"{Path(command[0]).parent}{os.pathsep}{environment['PATH']}"  # what it starts itself
    begun = time.perf_counter()
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "PATH": tools},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while ask(port, case) is None:
            if server.poll() is not None or time.perf_counter() - begun > 60:
                print(
                    f"{case.name:<24} did not start: {(folder / 'server.log').read_text()[-300:]}"
                )
                return None
            time.sleep(0.02)
        cold = time.perf_counter() - begun
        generate(port, case, 16, 2, folder)  # warm
        found = [generate(port, case, count, seconds, folder) for count in CONNECTIONS]
        shown = "   ".join(f"{f.rate:>8,.0f} {f.p50:>7.2f} {f.p99:>7.2f}" for f in found)
        errors = sum(f.errors for f in found)
        print(f"{case.name:<24} {shown}   {errors:>4} {cold:>6.2f} {memory(server.pid):>6.0f}",
              flush=True)  # fmt: skip
        return found
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def json_rows(table: Path, model: mulle.Model) -> list[dict]:
    """Return rows as a client sends them: true, false and null, dates as text."""
    frame = pd.read_csv(table, nrows=500)[[c.name for c in model.manifest.schema.asked]]
    return json.loads(frame.to_json(orient="records", double_precision=15))


def titanic_like(folder: Path) -> tuple[Path, Path]:
    """Make a table with booleans, dates and nulls, and a bundle of it."""
    table = folder / "passengers.csv"
    passengers(2_000, 0).to_csv(table, index=False)
    mulle.fit(table, TARGET, trials=2, output=folder)
    return folder / "passengers.mulle", table


def check_answers(bundle: Path, table: Path, folder: Path, environment: dict) -> None:
    """Assert that the server answers what the bundle predicts, row by row and together.

    ONNX Runtime's kernels for one row and for many differ in the last bit.
    """
    model = mulle.load(bundle)
    records = json_rows(table, model)
    expected = model.predict_proba(pd.DataFrame(records))
    port = free_port()
    case = cases(bundle, sys.executable, records)[0]
    command = [part.format(port=port) for part in case.command]
    server = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        while (together := ask(port, case)) is None:
            time.sleep(0.02)
        alone = [ask(port, case._replace(body=row)) for row in records[:100]]
        for answers in (together["predictions"], alone):
            served = [list(answer["probabilities"].values()) for answer in answers]
            largest = np.abs(np.subtract(served, expected[: len(served)])).max()
            assert largest < 1e-15, largest
    finally:
        server.terminate()
        server.wait()
    print(
        "answers   500 rows together, 100 one by one: those of the bundle, to the last bit or so\n"
    )


def in_process(bundle: Path, row: dict) -> None:
    model = mulle.load(bundle)
    feeds = model.pack([model.manifest.schema.row(row)])
    session, spent = model._session, []
    for _ in range(5_000):
        begun = time.perf_counter()
        session.run(None, feeds)
        spent.append(time.perf_counter() - begun)
    p50, p99 = np.percentile(spent, [50, 99]) * 1e6
    print(f"\nInferenceSession.run in process: p50 {p50:.1f} us, p99 {p99:.1f} us")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, nargs="?")
    parser.add_argument("table", type=Path, nargs="?")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--only", nargs="*")
    given = parser.parse_args()
    header("One model over HTTP, against other servers", "onnxruntime", "uvicorn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = (given.bundle, given.table) if given.table else titanic_like(folder)
        bundle, table = (path.resolve() for path in made)
        model = mulle.load(bundle)
        rows = json_rows(table, model)
        row = next((r for r in rows if None in r.values()), rows[0])
        sorts = sorted({type(value).__name__ for value in row.values()})
        print(f"one row   {len(row)} columns of {', '.join(sorts)}\n")
        sources = {"constant": CONSTANT, "hand_made": HAND_MADE, "sklearn_app": SKLEARN,
                   "bento": BENTO, "lit": LIT}  # fmt: skip
        for module, source in sources.items():
            (folder / f"{module}.py").write_text(source, encoding="utf-8")
        (folder / "model.onnx").write_bytes(model.graph)
        environment = {**os.environ, "ROW": json.dumps(row), "TABLE": str(table),
                       "GRAPH": "model.onnx", "TARGET": model.manifest.target.name,
                       "LABELS": json.dumps(list(model.manifest.labels))}  # fmt: skip
        check_answers(bundle, table, folder, environment)
        subprocess.run([given.peers, "-c", PIPELINE], cwd=folder, env=environment, check=False,
                       capture_output=True)  # fmt: skip
        heads = "   ".join(f"{c:>3} conn/s {'p50':>6} {'p99 ms':>7}" for c in CONNECTIONS)
        print(f"{'server':<24} {heads}   err  cold s    MB")
        results = {}
        for case in cases(bundle, given.peers, row):
            if not given.only or any(case.name.startswith(only) for only in given.only):
                results[case.name] = measure(case, given.seconds, folder, environment)
        ours = results.get("mulle")
        for name, theirs in results.items():
            if ours and theirs and name != "mulle":
                rates = "  ".join(
                    f"{a.rate / b.rate:8.2f}" for a, b in zip(ours, theirs, strict=True)
                )
                tails = "  ".join(
                    f"{a.p99 / b.p99:8.2f}" for a, b in zip(ours, theirs, strict=True)
                )
                print(f"ours / {name:<24} requests/s {rates}    p99 {tails}")
        in_process(bundle, row)


if __name__ == "__main__":
    main()
