"""GraphQL: typed from the schema, answered as the bundle answers, hostile queries held off."""

import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from tests.verbs.serve.conftest import ROW
from tests.verbs.serve.test_monitor import until

import mulle
from mulle.bundle import accept
from mulle.bundle.names import safe_names

VARIABLES = {"rows": [{"nai": 31.0, "city": "서울", "joined": "2024-03-01", "income": 420.5}]}
ASK = """query($rows: [StaysRow!]!, $version: String) {
  predict(rows: $rows, version: $version) {
    label value model version probabilities { label probability } why(top: 2) { column change }
  }
}"""


def ask(server, query, variables=None, **headers):
    return server.post("/graphql", {"query": query, "variables": variables}, **headers)


def test_a_row_is_answered_as_the_bundle_does(server, bundle):
    answer = ask(server, ASK, VARIABLES).json()
    assert "errors" not in answer
    said, model = answer["data"]["predict"][0], mulle.load(bundle)
    assert (said["label"], said["value"], said["model"]) == (model.predict(ROW)[0], None, "stays")
    assert [p["label"] for p in said["probabilities"]] == model.classes_.tolist()
    assert [p["probability"] for p in said["probabilities"]] == model.predict_proba(ROW)[0].tolist()
    assert [p["column"] for p in said["why"]] == [
        p.column for p in model.explain(ROW)[0].contributions[:2]
    ]


def test_many_rows_in_order_and_what_is_left_out_is_missing(server, bundle):
    rows = [{"nai": 20.0 + i % 50, "city": None} for i in range(2_000)]
    answer = ask(server, "query($rows:[StaysRow!]!){predict_stays(rows:$rows){label}}",
                 {"rows": rows}).json()  # fmt: skip
    full = [{"나이": r["nai"], "city": None, "joined": None, "income": None} for r in rows]
    expected = mulle.load(bundle).predict(full).tolist()
    assert [p["label"] for p in answer["data"]["predict_stays"]] == expected


def test_a_value(start, regression):
    server = start(regression)
    query = '{predict(rows:[{nai: 31, city: "서울", joined: "2024-03-01"}]){value label}}'
    said = ask(server, query).json()["data"]["predict"][0]
    row = {k: v for k, v in ROW.items() if k != "income"}
    assert said == {"value": mulle.load(regression).predict(row)[0], "label": None}


def test_models_and_their_columns(server):
    query = """{ models { name predict task target labels default aliases { alias version }
      versions { version default aliases scores { part metric value } }
      columns { name field kind storage usual repairs } } none: model(name: "other") { name } }"""
    said = ask(server, query).json()["data"]
    model = said["models"][0]
    assert (model["name"], model["predict"], model["labels"]) == (
        "stays", "predict_stays", ["no", "yes"]
    )  # fmt: skip
    assert {c["name"]: c["field"] for c in model["columns"]}["나이"] == "nai"
    assert {c["name"]: c["storage"] for c in model["columns"]}["joined"] == "date"
    assert model["versions"][0]["scores"] and said["none"] is None


def test_the_schema_can_be_asked_for(server):
    graphql = pytest.importorskip("graphql")
    answer = ask(server, graphql.get_introspection_query(descriptions=True)).json()
    schema = graphql.build_client_schema(answer["data"])
    fields = schema.type_map["StaysRow"].fields
    assert {name: str(field.type) for name, field in fields.items()} == {
        "nai": "Float", "city": "String", "joined": "DateTime", "income": "Float"
    }  # fmt: skip
    assert fields["nai"].description.startswith("나이: ")
    assert graphql.build_schema(server.get("/graphql?sdl").body.decode()).query_type


def test_a_get_and_a_page(server):
    answer = server.get("/graphql?query=" + quote("{models{name}}"))
    assert answer.json() == {"data": {"models": [{"name": "stays"}]}}
    page = server.get("/graphql", accept="text/html", accept_language="ko").body.decode()
    assert "StaysRow" in page and '<html lang="ko"' in page
    example = re.search(r"\{\n  predict\(.*?\n\}", page, re.DOTALL)[0]
    example = example.replace("&#34;", '"').replace("&quot;", '"')
    assert "errors" not in ask(server, example).json()


def test_media_types(server):
    kind = "application/graphql-response+json"
    assert ask(server, "{models{name}}", accept=kind).headers["content-type"] == kind
    assert [ask(server, "{nothing}", accept=a).status for a in (kind, "application/json")] == [
        400, 200
    ]  # fmt: skip


def spread(n):
    halves = " ".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(n))
    return f"{{...F0}} {halves} fragment F{n} on Query{{__typename}}"


HOSTILE = {
    "deep": ("{a" * 10_000, {"graphql-invalid", "graphql-deep"}),
    "deep and whole": ("{" + "a{" * 40 + "a" + "}" * 41, {"graphql-deep"}),
    "a cycle": ("{...A} fragment A on Query{...B} fragment B on Query{...A}", {"graphql-deep"}),
    "a bomb": (spread(15), {"graphql-costly"}),
    "aliases": ("{" + " ".join(f"a{i}:__typename" for i in range(1_000)) + "}", {"graphql-costly"}),
    "types of types": (
        "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}", {"graphql-deep"}
    ),
    "long": ("x" * 40_000, {"graphql-long"}),
    "broken": ("{models{name}", {"graphql-invalid"}),
    "empty": ("", {"graphql-no-query"}),
    "a number": (5, {"graphql-no-query"}),
    "unknown": ("{nothing}", {"graphql-invalid"}),
    "a mutation": ("mutation{a}", {"graphql-invalid"}),
    "directives": ("{__typename" + " @skip(if:false)" * 1_000 + "}", {"graphql-invalid"}),
    "a version": ('{predict(rows:[{nai:1}],version:"9"){label}}', {"version-not-served"}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_hostile_queries_are_an_error_of_graphql(server, name, lang):
    query, codes = HOSTILE[name]
    begun = time.monotonic()
    answer = ask(server, query, accept_language=lang)
    assert answer.status in (200, 400) and time.monotonic() - begun < 10
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] in codes
    assert bool(re.search("[가-힣]", error["message"])) == (lang == "ko")


def test_requests_that_are_none(server):
    assert server.post("/graphql", b'[{"query":"{models{name}}"}]' ,
                       content_type="application/json").status == 400  # fmt: skip
    assert server.post("/graphql", b"{}", content_type="text/plain").status == 415
    assert server.post("/graphql", b"{", content_type="application/json").status == 400
    assert server.post("/graphql", {"query": "{models{name}}", "variables": 3}).status == 400
    assert server.get("/graphql?query=%7Ba%7D&variables=%7B").status == 400


@pytest.mark.parametrize(
    ("row", "column"),
    [({"nai": "viel"}, "nai"), ({"city": 7}, "city"), ({"joined": "soon"}, "joined")],
)  # fmt: skip
def test_a_value_that_cannot_be_read(server, row, column):
    variables = {"rows": [{"nai": 1}, row]}
    for lang, number in (("en", "Row 2"), ("ko", "2번째 행")):
        error = ask(server, ASK, variables, accept_language=lang).json()["errors"][0]
        assert error["message"].startswith(number)
        found = error["extensions"]
        assert (found["code"], found["row"], found["column"]) == ("value-unreadable", 2, column)


def test_many_rows_are_refused(server):
    rows = [{"nai": 1}] * 10_001
    error = ask(server, ASK, {"rows": rows}).json()["errors"][0]
    assert error["extensions"]["code"] == "rows-many"
    error = ask(server, ASK, {"rows": rows[:1_001]}).json()["errors"][0]
    assert error["path"][-1] == "why"  # the model runs again for each column


def test_the_schema_follows_the_models(start, bundle, regression, tmp_path):
    served = tmp_path / "m.mulle"
    served.write_bytes(bundle.read_bytes())
    server = start(f"m={served}")
    assert "income" in server.get("/graphql?sdl").body.decode()
    accept(served, regression.read_bytes())  # it is another model
    new = tmp_path / "new"
    new.write_bytes(regression.read_bytes())
    new.replace(served)
    until(lambda: "income" not in server.get("/graphql?sdl").body.decode())
    assert ask(server, "{predict(rows:[{nai:1}]){value}}").json()["data"]["predict"][0]["value"]


def test_answers_are_counted(server):
    ask(server, ASK, VARIABLES)
    counted = server.get("/metrics").body.decode()
    assert 'path="/graphql"' in counted and "model_rows_total" in counted


def test_names():
    names = safe_names(["나이", "nai", "a b", "a-b", "1", "__x", "", "가격(만원)", "é"])
    assert len(set(names.values())) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name) for name in names.values())
    assert not any(name.startswith("__") for name in names.values())
    assert (names["nai"], names["나이"], names["é"]) == ("nai", "nai_2", "e")


def test_a_query_of_many_rows_holds_nobody_up(server):
    import threading

    rows = [{"nai": float(i)} for i in range(10_000)]
    query = "query($rows:[StaysRow!]!){predict(rows:$rows){label probabilities{label probability}}}"
    body = json.dumps({"query": query, "variables": {"rows": rows}}).encode()
    large = threading.Thread(
        target=server.post, args=("/graphql", body), kwargs={"content_type": "application/json"}
    )
    large.start()
    started, slowest = time.monotonic(), 0.0
    while large.is_alive():
        begun = time.monotonic()
        assert server.post("/predict", ROW).status == 200
        slowest = max(slowest, time.monotonic() - begun)
    assert slowest < max(1.0, (time.monotonic() - started) / 2)


WITHOUT = """
import asyncio, json, sys
sys.modules["graphql"] = None  # as where the extra is not installed
from mulle.verbs.serve import Settings, make_app

app = make_app(Settings(models=(sys.argv[1],)))
sent = []

async def send(message):
    sent.append(message)

async def receive():
    return {"type": "http.request", "body": b'{"query": "{ __typename }"}'}

headers = [(b"content-type", b"application/json"), (b"host", b"localhost"),
           (b"accept-language", sys.argv[2].encode())]
scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"",
         "headers": headers, "client": ("127.0.0.1", 1)}
asyncio.run(app(scope, receive, send))
print(json.dumps([sent[0]["status"], json.loads(sent[1]["body"])["errors"][0]]))
"""


@pytest.mark.parametrize(("lang", "named"), [("en", "not installed"), ("ko", "설치")])
def test_without_the_extra_the_answer_says_what_to_install(bundle, tmp_path, lang, named):
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(bundle), lang], cwd=tmp_path, capture_output=True,
        timeout=60, env={**os.environ, "PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    status, error = json.loads(ran.stdout)
    assert (status, error["extensions"]["code"]) == (501, "extra-missing")
    assert "GraphQL" in error["message"] and named in error["message"]
    assert error["extensions"]["fix"] == 'pip install "mulle[graphql]"'
