"""`/docs`: the description of the server for people, in the look of every page.

catalogue  api-idea
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mulle.i18n import Messages
from mulle.report import (
    Code,
    Column,
    DataTable,
    Details,
    Fact,
    Facts,
    Heading,
    PageBlock,
    Prose,
    render,
)
from mulle.verbs.serve.http import Route
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.openapi.document import summary_of
from mulle.verbs.serve.protocols.openapi.schemas import ModelSchemas
from mulle.verbs.serve.service import Service

STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503)
MAX_WIDTH = 64
JSON_HEADER = "Content-Type: application/json"


def page(service: Service, routes: Sequence[Route], words: Messages, base: str) -> str:
    """Return the page as HTML.

    Args:
        base: the address that examples call, such as `http://localhost:8080`.
    """
    models = [service.repository.get_model(name) for name in service.repository.names]
    blocks: list[PageBlock] = [
        Facts([
            Fact(words("api.models"), len(models), "count"),
            Fact(words("api.resources"), len(routes), "count"),
        ]),
        Prose(words("api.programs")),
    ]  # fmt: skip
    for loaded in models:
        blocks += _model(service, loaded, words, base)
    for tag in dict.fromkeys(route.operation.tag for route in routes):
        blocks += [Heading(words(f"api.title-{tag}")), Prose(words(f"api.tag-{tag}"))]
        blocks.append(_resources([r for r in routes if r.operation.tag == tag], words))
    blocks += _errors(words)
    blocks += [Heading(words("api.keys")), Prose(words("api.key"))]
    blocks.append(Code(f"curl {base}/models -H 'X-API-Key: mulle_…'"))
    return render(words("api.title"), blocks, lang=words.lang, subtitle=words("api.about"))


def _model(
    service: Service, loaded: LoadedModel, words: Messages, base: str
) -> Iterator[PageBlock]:
    """Yield a model's columns and examples of requests: three languages, four protocols."""
    manifest, schemas = loaded.model.manifest, ModelSchemas(service, loaded, words)
    yield Heading(words("api.model-title", name=loaded.name))
    answer, labels = words(f"api.{manifest.task}", target=manifest.target.name), manifest.labels
    yield Prose(answer)
    if labels:
        yield Prose(words("api.labels", labels=[str(label) for label in labels[:50]]))
    columns = [
        [c.name, words.name("kind", c.kind), words.name("wanted", c.storage),
         json.dumps(schemas.example[c.name], ensure_ascii=False)]
        for c in manifest.schema.asked
    ]  # fmt: skip
    titles = [Column(words(f"api.column-{t}")) for t in ("name", "kind", "sent", "example")]
    yield DataTable(titles, columns, words("api.columns"))
    path = f"{base}/models/{loaded.name}/predict"
    yield Heading(words("api.ask"), 3)
    yield Code(_curl(path, schemas.example), "curl")
    yield Code(_python(path, schemas.example), "Python")
    yield Code(_javascript(path, schemas.example), "JavaScript")
    yield Code(_to_json(schemas.answer["examples"][0]), words("api.answered"))
    asked = schemas.infer_request("")["examples"][0]
    answer_of_infer, invoked = (
        schemas.infer_answer["examples"][0],
        schemas.invocation("")["examples"][0],
    )
    more: list[PageBlock] = [
        Code(_curl(f"{base}/v2/models/{loaded.name}/infer", asked), words("api.title-oip")),
        Code(_to_json(answer_of_infer), words("api.answered")),
        Code(_curl(f"{base}/models/{loaded.name}/invocations", invoked), "MLflow"),
        Code(_to_json(schemas.invocation_answer["examples"][0]), words("api.answered")),
        Code(_csv(path, schemas.csv), "CSV"),
    ]  # fmt: skip
    yield Details(words("api.more"), more)


def _resources(routes: Sequence[Route], words: Messages) -> DataTable:
    rows = [
        [f"{route.method} {route.path}", summary_of(route, words), route.scope or "–"]
        for route in routes
    ]
    titles = (words("api.resource"), words("api.does"), words("api.scope"))
    return DataTable([Column(title) for title in titles], rows)


def _errors(words: Messages) -> Iterator[PageBlock]:
    yield Heading(words("api.errors"))
    yield Prose(words("api.errors-text"))
    rows = [[str(status), words(f"api.status-{status}")] for status in STATUSES]
    yield DataTable([Column("HTTP"), Column(words("api.does"))], rows)
    example = {
        "code": "value-unreadable",
        "message": words("error.value-unreadable.what", row=1, column="age", expected="number",
                         received="old"),
        "fix": words("error.value-unreadable.fix", expected="number"),
        "row": 1, "column": "age", "received": "old", "expected": "number",
    }  # fmt: skip
    yield Code(_to_json({"error": example}))


def _curl(url: str, body: Any) -> str:
    lines = f"curl {shlex.quote(url)}", f"-H '{JSON_HEADER}'", f"-d {shlex.quote(_to_json(body))}"
    return " \\\n  ".join(lines)


def _csv(url: str, text: str) -> str:
    lines = f"curl {shlex.quote(url)}", "-H 'Content-Type: text/csv'"
    return " \\\n  ".join((*lines, f"--data-binary {shlex.quote(text)}"))


def _python(url: str, body: Any) -> str:
    return f"""import json
from urllib.request import Request, urlopen

url = {url!r}
row = {_lay_out(body, repr)}
headers = {{"Content-Type": "application/json"}}
request = Request(url, json.dumps(row).encode(), headers)
print(json.load(urlopen(request)))"""


def _javascript(url: str, body: Any) -> str:
    return f"""const row = {_to_json(body)};
const answer = await fetch({json.dumps(url)}, {{
  method: "POST",
  headers: {{"Content-Type": "application/json"}},
  body: JSON.stringify(row),
}});
console.log(await answer.json());"""


def _to_json(value: Any) -> str:
    return _lay_out(value, lambda part: json.dumps(part, ensure_ascii=False))


def _lay_out(value: Any, write: Callable[[Any], str], indent: str = "") -> str:
    """Write nested values in one line where they fit, else each part in a line of its own.

    >>> print(_lay_out({"a": [1, 2], "b": "x" * 60}, repr))
    {
      'a': [1, 2],
      'b': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
    }
    """
    line, inner = write(value), indent + "  "
    if len(indent) + len(line) <= MAX_WIDTH or not value or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict):
        parts = [f"{write(key)}: {_lay_out(v, write, inner)}" for key, v in value.items()]
    else:
        parts = [_lay_out(part, write, inner) for part in value]
    laid = ",\n".join(inner + part for part in parts)
    return f"{line[0]}\n{laid}\n{indent}{line[-1]}"
