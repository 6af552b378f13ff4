"""The dashboard: its page, what it asks for, and what a browser makes of it."""

import re
import shutil
import subprocess
from importlib import resources

import pytest
from tests.verbs.serve.conftest import ROW

from mulle.i18n import LANGUAGES, Messages
from mulle.profile.drift import Status
from mulle.verbs.serve.monitor.traffic import Total, quantile, sample_between

INFINITE = float("inf")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_stands_alone(server, lang):
    page = server.get(f"/?lang={lang}").body.decode()
    assert f'<html lang="{lang}">' in page
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert address.startswith(("/dashboard/", "data:"))
        assert address.startswith("data:") or server.get(address).status == 200
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("accepted", "lang"), [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US,en", "en"), ("fr", "en")]
)
def test_the_page_speaks_the_language_of_the_browser(server, accepted, lang):
    page = server.get("/", accept_language=accepted).body.decode()
    assert f'<html lang="{lang}">' in page
    assert Messages(lang)("dashboard.try") in page and Messages(lang)("dashboard.predict") in page


def test_the_words_are_those_that_the_page_uses():
    folder = resources.files("mulle.verbs.serve.dashboard")
    script, page = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("dashboard.js", "page.py")
    )
    named = re.findall(r"words\.([a-z]+)", script) + re.findall(r'words\["([a-z-]+)"\]', script)
    statuses = {f"drift-{status}" for status in Status}
    assert len(named) > 15 and len(statuses) > 3
    for lang in LANGUAGES:
        words = {key.partition(".")[2] for key in Messages(lang) if key.startswith("dashboard.")}
        assert {*named, *statuses} <= words
        for word in words - statuses:
            names = "|".join(map(re.escape, {word, word.removeprefix("drift-")}))
            assert re.search(rf"(?<![\w-])({names})(?![\w-])", script + page), word


def test_the_form_knows_the_columns(server):
    form = server.get("/dashboard/models/stays").json()
    by_name = {field["name"]: field for field in form["fields"]}
    assert list(by_name) == list(ROW) and form["labels"] == ["no", "yes"]
    assert set(by_name["city"]["choices"]) == {"서울", "부산", "Daegu"}
    assert by_name["나이"]["tried"] == sorted(by_name["나이"]["tried"])
    row = {name: field["usual"] for name, field in by_name.items()}
    assert server.post("/models/stays/predict?why", row).status == 200
    assert server.get("/dashboard/models/other").status == 404


def test_the_state_counts_what_was_asked(start, bundle):
    server = start(bundle)
    server.post("/predict", [ROW] * 7)
    server.post("/predict", ROW | {"income": "viel"})
    version = server.get("/dashboard/state").json()["models"][0]["versions"][0]
    assert (version["rows"], version["requests"], version["failures"]) == (7, 1, 1)
    assert version["report"] is True
    assert b"<html" in server.get("/reports/stays").body


def test_rates_and_quantiles_between_two_counts():
    before = Total(10, 0, 0, {0.001: 10, 0.01: 10, INFINITE: 10})
    after = Total(30, 4, 1, {0.001: 20, 0.01: 30, INFINITE: 30})
    sample = sample_between(before, after, 100.0, 5.0)
    assert (sample.requests, sample.refused, sample.failed) == (4, 0.8, 0.2)
    assert (sample.p50, sample.p99) == (1.0, pytest.approx(9.82))
    assert sample_between(after, after, 100.0, 5.0).p50 is None
    assert quantile(0.99, [(0.01, 0), (INFINITE, 5)]) == 10.0


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("chromium"), reason="no browser here")
def test_a_browser_shows_it(start, bundle, tmp_path):
    server = start(bundle)
    shown = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
         "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom",
         f"{server.url}/?lang=ko"],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    assert "stays = " in shown.stdout and "나이" in shown.stdout  # the form was filled and answered
    assert "CONSOLE" not in shown.stderr
