"""The server described: every resource, in both languages, with examples that work."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from tests.verbs.serve.conftest import Server

import mulle
from mulle.i18n import LANGUAGES, Messages
from mulle.table.types import pixels
from mulle.verbs.serve import Settings, make_app
from mulle.verbs.serve.protocols.openapi.components import OF_MODELS, SHARED


@pytest.fixture(scope="module")
def document(server):
    return server.get("/openapi.json").json()


def resolved(document, schema):
    while "$ref" in schema:
        *_, name = schema["$ref"].split("/")
        schema = document["components"]["schemas"][name]
    return schema


def every_route(bundle, tmp_path):
    """The routes of a server on which everything is on."""
    settings = Settings(
        models=(str(bundle),), state_dir=tmp_path, allow_upload=bundle.parent,
        log_predictions=str(tmp_path / "log.db"),
    )  # fmt: skip
    try:
        return list(make_app(settings).routes)
    finally:
        pixels._Files.allowed = True  # this process is no server


def test_every_route_describes_itself_in_both_languages(bundle, tmp_path):
    routes = every_route(bundle, tmp_path)
    assert len(routes) > 50
    for route in routes:
        operation = route.operation
        for lang in LANGUAGES:
            for key in (
                f"operation.{operation.summary}", f"api.tag-{operation.tag}",
                f"api.title-{operation.tag}", *(f"api.{name}" for name in operation.query),
            ):  # fmt: skip
                assert key in Messages(lang), f"{route.method} {route.path}: no {key!r} in {lang}"
        named = {*operation.body.values(), *operation.answer.values(), operation.error}
        assert named <= {*OF_MODELS, *SHARED}, f"{route.method} {route.path}"


def test_no_description_is_left_over(bundle, tmp_path):
    summaries = {route.operation.summary for route in every_route(bundle, tmp_path)}
    words = {key.partition(".")[2] for key in Messages("en") if key.startswith("operation.")}
    assert words == summaries


def test_the_document_names_what_there_is(document):
    assert document["openapi"] == "3.1.0"
    paths = document["paths"]
    assert {"/predict", "/models/stays/predict", "/v2/models/stays/infer", "/invocations",
            "/v2/models/{model}", "/metrics", "/docs", "/openapi.json"} <= set(paths)  # fmt: skip
    operations = [paths[path][method] for path in paths for method in paths[path]]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])
    assert paths["/health/live"]["get"]["security"] == [{}]
    assert "security" not in paths["/predict"]["post"]
    version = paths["/models/stays/versions/{version}/predict"]["post"]["parameters"][0]
    assert len(version["schema"]["enum"]) == 1


def test_the_schemas_are_those_of_the_model(document, bundle):
    row = document["components"]["schemas"]["stays.row"]
    assert row["required"] == ["나이", "city", "joined", "income"]
    assert row["properties"]["나이"]["type"] == ["number", "null"]
    answer = document["components"]["schemas"]["stays.answer"]
    assert answer["properties"]["label"] == {"enum": ["no", "yes"]}
    [example] = answer["examples"]
    model = mulle.load(bundle)
    assert example["label"] == model.predict(row["examples"])[0]
    assert (
        list(example["probabilities"].values()) == model.predict_proba(row["examples"])[0].tolist()
    )


def filled(path, operation):
    """The path with the first known value of each name; None where one is not known."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            known = parameter["schema"].get("enum")
            if not known:
                return None
            path = path.replace(f"{{{parameter['name']}}}", known[0])
    return path


def examples(document):
    """Every request that the document shows: method, path, media type, body, and the answer."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            said = operation["responses"].get("200")
            if not said or not filled(path, operation):
                continue
            media = operation.get("requestBody", {"content": {"": None}})["content"]
            for sort, body in media.items():
                schema = resolved(document, body["schema"]) if body else {"examples": [None]}
                for example in schema.get("examples", ()):
                    yield method.upper(), filled(path, operation), sort, example, said


def test_every_example_is_answered_as_it_says(server, document):
    asked = 0
    for method, path, sort, example, said in examples(document):
        if path.startswith(("/reports/", "/routing/")):
            continue  # this server has neither a report nor a rule
        sent = example.encode() if isinstance(example, str) else example
        answer = server.ask(method, path, sent, content_type=sort)
        assert answer.status == 200, (path, answer.body)
        if "content" in said:
            assert answer.headers["content-type"].partition(";")[0] in said["content"]
        asked += 1
    assert asked > 35


@pytest.mark.parametrize(
    ("path", "headers", "lang"),
    [("", {}, "en"), ("?lang=ko", {}, "ko"), ("?lang=xx", {}, "en"),
     ("", {"accept_language": "ko-KR,ko;q=0.9"}, "ko"),
     ("?lang=en", {"accept_language": "ko"}, "en")],
)  # fmt: skip
def test_languages(server, path, headers, lang):
    said = server.get(f"/openapi.json{path}", **headers)
    assert said.json()["paths"]["/predict"]["post"]["summary"] == Messages(lang)(
        "operation.predict-first"
    )
    assert said.headers["vary"] == "accept-language"
    page = server.get(f"/docs{path}", **headers).body.decode()
    assert f'<html lang="{lang}">' in page
    assert Messages(lang)("api.title") in page


class Codes(HTMLParser):
    """The code blocks of a page by their captions."""

    def __init__(self, page):
        super().__init__()
        self.found, self._caption, self._within = {}, "", ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._within = tag
        if tag == "figure":
            self._caption = ""
        if tag == "code":
            self.found.setdefault(self._caption, "")

    def handle_endtag(self, tag):
        self._within = ""

    def handle_data(self, data):
        if self._within == "figcaption":
            self._caption += data
        elif self._within == "code":
            self.found[self._caption] += data


@pytest.fixture(scope="module")
def codes(server):
    return Codes(server.get("/docs").body.decode()).found


def test_the_page_fetches_nothing(server):
    page = server.get("/docs").body.decode()
    assert not [to for to in re.findall(r'(?:src|href)="([^"]*)"', page) if to[:1] not in "#d"]
    assert "url(" not in page and "@import" not in page


def test_the_python_example_runs(server, codes):
    ran = subprocess.run(
        [sys.executable, "-c", codes["Python"]], capture_output=True, text=True, encoding="utf-8",
        env={"PYTHONUTF8": "1"}, timeout=30,
    )  # fmt: skip
    assert "'label'" in ran.stdout, ran.stderr


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
@pytest.mark.parametrize("caption", ["curl", "Open Inference Protocol v2", "MLflow", "CSV"])
def test_the_examples_for_curl_run(codes, caption):
    command = codes[caption].replace("curl ", "curl -sf ", 1)
    ran = subprocess.run(["bash", "-c", command], capture_output=True, timeout=30)
    assert ran.returncode == 0 and re.search(rb"\b(yes|no)\b", ran.stdout), ran


@pytest.fixture(scope="module")
def open_to_any(bundle):
    shared = Server(bundle, security={"allow_host": ["*"]})
    yield shared
    shared.stop()


@pytest.mark.parametrize("host", ["a b", "<script>", "x" * 200, "ho'st"])
def test_an_odd_host_is_not_repeated(open_to_any, host):
    server = open_to_any
    page = server.get("/docs", host=host).body.decode()
    assert f"http://{host}" not in unescape(page)
    assert f"http://127.0.0.1:{server.port}/" in page


def test_names_that_are_no_ascii_and_two_models(start, bundle, regression):
    server = start(f"집값={regression}", f"머무름={bundle}")
    document = server.get("/openapi.json").json()
    assert "/models/%EC%A7%91%EA%B0%92/predict" in document["paths"]
    assert {"model1.row", "model2.row"} <= set(document["components"]["schemas"])
    assert document["components"]["schemas"]["model1.answer"]["required"] == ["value"]
    for path in (
        "/models/%EC%A7%91%EA%B0%92/predict",
        "/models/%EB%A8%B8%EB%AC%B4%EB%A6%84/predict",
    ):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        [row] = resolved(document, body["schema"])["examples"]
        assert server.post(path, row).status == 200
    assert "집값" in server.get("/docs").body.decode()
