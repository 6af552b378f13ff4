"""The page for the browser: it reads a row as the bundle does, and answers what the bundle answers.

Set MULLE_ORT_WEB to the folder `dist` of onnxruntime-web to run its graph too.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import subprocess
import threading
from datetime import datetime, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_web, web
from mulle.errors import MissingFile, UsageError
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.table import Column, Kind, Storage
from mulle.table.row import RowReader
from mulle.table.types.notation import Notation

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["binary", "multiclass", "regression"]
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium")
RUNTIME = os.environ.get("MULLE_ORT_WEB", "")
needs_node = pytest.mark.skipif(not NODE, reason="node is not installed")
needs_runtime = pytest.mark.skipif(not (NODE and RUNTIME), reason="MULLE_ORT_WEB is not set")

PREPARE = """
const { prepare } = require(process.argv[2]);
const { model, rows } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = (value) => typeof value === "bigint" ? { date: String(value) }
  : typeof value === "number" ? { number: Number.isNaN(value) ? "NaN" : value } : { string: value };
console.log(JSON.stringify(rows.map((row) => {
  try {
    return Object.fromEntries(Object.entries(prepare(model, row)).map(([k, v]) => [k, told(v)]));
  } catch (error) { if (!error.code) throw error; return { refused: error }; }
})));
"""
ANSWER = """
const [prepare, runtime, graph] = process.argv.slice(2);
const { answer } = require(prepare), ort = require(runtime), fs = require("fs");
ort.env.wasm.numThreads = 1;
const { model, rows } = JSON.parse(fs.readFileSync(0, "utf8"));
(async () => {
  const session = await ort.InferenceSession.create(fs.readFileSync(graph));
  const said = [];
  for (const row of rows) said.push(await answer(ort, session, model, row));
  console.log(JSON.stringify(said));
})();
"""


def exported(name, folder, **options):
    model = load(GOLDEN / f"{name}.mulle")
    export_web(model, folder, **options)
    text = (folder / "model.js").read_text("utf-8")
    assert text.startswith("const MODEL = ") and text.endswith(";\n")
    return model, json.loads(text.removeprefix("const MODEL = ").removesuffix(";\n"))


def node(script, *arguments, data):
    ran = subprocess.run(
        [NODE, "-e", f"process.argv.splice(1, 0, '');{script}", *map(str, arguments)],
        input=json.dumps(data), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def disturbed(schema, count, seed=0):
    """Rows with what people give: missing in many words, unseen, Korean, decomposed, blanks."""
    choose = random.Random(seed)
    odd = {
        Storage.string: [None, "", "NA", "?", "처음 보는 값", "🙂", "  부산 ", "\u00a0서울\u3000",
                         "\u1112\u1161\u11ab", "없음", "a\tb"],
        Storage.number: [None, "", "nan", "없음", "12", "-3.5", "0.1", " 7 ", 1e-300, 5, -0.0],
        Storage.date: [None, "", "NaT", "2024-02-29", "1969-12-31 23:59:59", "0001-01-01",
                       "9999-12-31T00:00:00"],
    }  # fmt: skip
    for _ in range(count):
        row = schema.row(choose.choice(ROWS))  # the golden rows are written as people write
        yield {
            c.name: choose.choice(odd[c.storage]) if choose.random() < 0.5 else plain(c, row)
            for c in schema.columns
        }


def plain(column, row):
    """A canonical value as a form gives it."""
    value = row[column.name]
    if column.storage is not Storage.date or value is None:
        return value
    return (datetime(1970, 1, 1) + timedelta(microseconds=value)).isoformat(timespec="seconds")


def cell(column, value):
    """A canonical value as the graph takes it, in the words of PREPARE."""
    if column.storage is Storage.date:
        return {"date": str(MISSING_DATE if value is None else value)}
    if column.storage is Storage.number:
        return {"number": "NaN" if value is None or math.isnan(value) else value}
    return {"string": MISSING_STRING if value is None else value}


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_read_as_the_bundle_reads_it(name, tmp_path):
    model, data = exported(name, tmp_path)
    schema, rows = model.manifest.schema, list(disturbed(model.manifest.schema, 200))
    read = node(PREPARE, tmp_path / "prepare.js", data={"model": data, "rows": rows})
    for row, found in zip(rows, read, strict=True):
        expected = schema.row(row)
        assert found == {c.name: cell(c, expected[c.name]) for c in schema.columns}


@needs_node
def test_what_is_not_plain_is_refused_and_not_guessed(tmp_path):
    export_web(load(GOLDEN / "binary.mulle"), tmp_path)
    columns = [
        Column(
            "n",
            Kind.continuous,
            Storage.number,
            notation=Notation(repairs=("missing-token", "thousands")),
        ),
        Column("d", Kind.datetime, Storage.date),
        Column("s", Kind.nominal, Storage.string, notation=Notation(form="number")),
    ]
    good = {"n": "1", "d": "2024-03-01", "s": "7.0"}
    odd = [{"n": "1,234"}, {"n": "0x10"}, {"n": "1e"}, {"d": "2024-02-30"}, {"d": "2024-3-1"},
           {"d": "2024-01-01T24:00:00"}, {"s": "1,234"}]  # fmt: skip
    words = {"whitespace": " ", "missing": ["NA"], "none": []}
    data = words | {"columns": [web._column(c) for c in columns]}
    rows = [good, *(good | row for row in odd)]
    read = node(PREPARE, tmp_path / "prepare.js", data={"model": data, "rows": rows})
    expected = RowReader(columns)(good)
    assert read[0] == {c.name: cell(c, expected[c.name]) for c in columns}
    assert [r["refused"]["column"] for r in read[1:]] == [next(iter(row)) for row in odd]


@needs_node
@pytest.mark.parametrize("scale", [1.0, 10_000.0])
def test_what_is_beyond_all_numbers_is_missing(scale, tmp_path):
    export_web(load(GOLDEN / "binary.mulle"), tmp_path)
    notation = Notation(repairs=("header-unit",), scale=scale)
    column = Column("n", Kind.continuous, Storage.number, notation=notation)
    model = {"columns": [web._column(column)], "whitespace": " ", "missing": ["NA"], "none": []}
    rows = [{"n": text} for text in ("1e400", "-1e400", "1e308", "-1e308", "1e-400", "3")]
    read = node(PREPARE, tmp_path / "prepare.js", data={"model": model, "rows": rows})
    reader = RowReader([column])
    assert read == [{"n": cell(column, reader(row)["n"])} for row in rows]


@needs_runtime
@pytest.mark.parametrize("name", NAMES)
def test_the_browsers_runtime_answers_as_the_bundle_does(name, tmp_path):
    model, data = exported(name, tmp_path)
    graph = tmp_path / "model.onnx"
    graph.write_bytes(model.graph)
    rows = list(disturbed(model.manifest.schema, 200, seed=1))
    runtime = Path(RUNTIME) / "ort.wasm.min.js"
    said = node(ANSWER, tmp_path / "prepare.js", runtime, graph, data={"model": data, "rows": rows})
    for row, answer in zip(rows, said, strict=True):
        if model.is_regression:
            np.testing.assert_allclose(answer["value"], model.predict(row)[0], rtol=1e-12)
            continue
        assert answer["label"] == model.predict(row)[0]
        found = [probability for _, probability in answer["probabilities"]]
        np.testing.assert_allclose(found, model.predict_proba(row)[0], atol=1e-9)


class Waiting(BaseHTTPRequestHandler):
    """A picture that does not come before the page has told its answer: a page waits to load."""

    def do_GET(self):
        if self.path == "/answered":
            self.server.answered.set()
        else:
            self.server.answered.wait(60)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


WATCH = """
<img src="http://127.0.0.1:PORT/picture" alt="">
<script>new MutationObserver(() => fetch("http://127.0.0.1:PORT/answered", { mode: "no-cors" }))
  .observe(document.getElementById("answer"), { childList: true });</script>
</body>"""


@needs_runtime
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_answers_as_a_file(lang, tmp_path):
    _, data = exported("binary", tmp_path, runtime=RUNTIME)
    page = tmp_path / "index.html"
    with ThreadingHTTPServer(("127.0.0.1", 0), Waiting) as server:
        server.answered = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        watch = WATCH.replace("PORT", str(server.server_address[1]))
        page.write_text(page.read_text("utf-8").replace("</body>", watch), "utf-8")
        ran = subprocess.run(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
             f"--user-data-dir={tmp_path / 'profile'}", f"{page.as_uri()}#{lang}"],
            capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        server.answered.set()
        server.shutdown()
    answer = re.search(r'id="answer"[^>]*>(.*?)</output>', ran.stdout)[1]
    assert answer in {str(label).lower() for label in data["labels"]}
    assert data["words"][lang]["hint"] in ran.stdout and f'<html lang="{lang}"' in ran.stdout


class Tags(HTMLParser):
    """The tags that are open, and what scripts are asked for."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "script":
            self.scripts.append(dict(attrs)["src"])
        if tag not in {"meta", "link", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("runtime", ["", "cdn"])
def test_the_files(runtime, tmp_path):
    model, data = exported("multiclass", tmp_path, runtime=runtime)
    html = (tmp_path / "index.html").read_text("utf-8")
    tags = Tags()
    tags.feed(html)
    assert not tags.open and html.startswith("<!doctype html>")
    fetched = [script for script in tags.scripts if script.startswith("http")]
    assert bool(fetched) == (runtime == "cdn") and not re.search("@[A-Z_]+@", html)
    local = [script for script in tags.scripts if "/" not in script]
    assert all((tmp_path / script).is_file() for script in local)
    assert (tmp_path / "package.json").is_file() == (not runtime)
    assert data["sha256"] == model.manifest.checksums["model.onnx"]
    assert data["sha256"] in (tmp_path / "README.md").read_text("utf-8")
    assert set(data["words"]["en"]) == set(data["words"]["ko"])


@needs_node
@pytest.mark.parametrize("script", ["app.js", "prepare.js", "model.js"])
def test_scripts_parse(script, tmp_path):
    exported("binary", tmp_path)
    subprocess.run([NODE, "--check", str(tmp_path / script)], check=True)


def test_what_no_browser_can_run_is_refused(tmp_path, monkeypatch):
    model = load(GOLDEN / "binary.mulle")
    monkeypatch.setattr(web, "MAX_GRAPH_BYTES", 10)
    with pytest.raises(UsageError, match="a web page can hold"):
        export_web(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_runtime_that_is_not_there(tmp_path):
    with pytest.raises(MissingFile, match=re.escape("lacks ort.wasm.min.js")):
        export_web(load(GOLDEN / "binary.mulle"), tmp_path / "out", runtime=str(tmp_path))
    assert not (tmp_path / "out").exists()
