"""The page in a real browser: no error, the search finds, keys move, letters and charts are there.

The browser is driven by a script put into a copy of the page, which writes what it saw into it.
"""

import html as escaping
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mulle.verbs.explore import Report
from mulle.verbs.explore.page import to_html

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=3000",
)  # fmt: skip
_HOOK = """<script>
window.seen = {errors: []};
addEventListener("error", e => seen.errors.push(String(e.message)));
addEventListener("unhandledrejection", e => seen.errors.push(String(e.reason)));
console.error = console.warn = (...told) => seen.errors.push(told.join(" "));
</script>"""
_TOOLS = """<script>
const shown = () => [...document.querySelectorAll("#cards > li")].filter(c => !c.hidden)
  .map(c => c.querySelector("h3").textContent);
const press = (key, on) => (on || document.activeElement || document.body)
  .dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
const here = () => document.activeElement.closest("li")?.id ?? document.activeElement.id;
const type = text => { const find = document.getElementById("find"); find.value = text;
  find.dispatchEvent(new Event("input")); };
addEventListener("load", () => setTimeout(() => {
  try { STEPS } catch (error) { seen.errors.push(String(error)); }
  const told = document.createElement("pre");
  told.id = "seen";
  told.textContent = JSON.stringify(seen);
  document.body.append(told);
}, 50));
</script>"""


def browse(page: str, folder: Path, steps: str = "", address: str = "") -> dict[str, Any]:
    """What a browser saw on a page after some steps of JavaScript."""
    assert CHROMIUM
    page = page.replace("<head>", "<head>" + _HOOK, 1)
    before, _, after = page.rpartition("</body>")
    (folder / "page.html").write_text(
        f"{before}{_TOOLS.replace('STEPS', steps)}</body>{after}", encoding="utf-8"
    )
    url = (folder / "page.html").as_uri() + address
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'browser'}", "--dump-dom", url]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout.decode(), re.S)
    assert found, "the page did not load"
    seen: dict[str, Any] = json.loads(escaping.unescape(found[1]))
    return seen


def test_the_search_the_filters_and_the_keys_work(whole: Report, tmp_path: Path) -> None:
    seen = browse(
        to_html(whole, "ko"),
        tmp_path,
        """
        const find = document.getElementById("find"), finding = document.getElementById("finding");
        seen.all = shown().length;
        const status = document.getElementById("found");
        seen.status = status.textContent;
        type("금액"); seen.word = shown(); seen.hash = decodeURIComponent(location.hash);
        type("zzz"); seen.none = shown(); seen.noneSaid = status.textContent;
        press("Escape", find); seen.cleared = shown().length; seen.hashAfter = location.hash;
        document.querySelector("[data-kind=text]").click(); seen.texts = shown();
        seen.pressed = document.querySelector("[data-kind=text]").getAttribute("aria-pressed");
        document.querySelector("[data-kind=text]").click();
        finding.value = "M012"; finding.dispatchEvent(new Event("change")); seen.skewed = shown();
        finding.value = ""; finding.dispatchEvent(new Event("change"));
        document.activeElement.blur();
        press("j", document.body); seen.j = here();
        press("j"); seen.jj = here();
        press("ArrowDown"); seen.down = here();
        press("k"); seen.k = here();
        document.activeElement.click(); seen.open = document.querySelector("#c2 details").open;
        press("/", document.body); seen.slash = here();
        type("층"); press("ArrowDown", find); seen.first = here();
        """,
    )
    assert seen["errors"] == []
    assert seen["all"] == 11 and "11" in seen["status"] and "#" not in seen["status"]
    assert seen["word"] == ["거래금액(만원)"] and "q=금액" in seen["hash"]
    assert seen["none"] == [] and seen["noneSaid"] == "조건에 맞는 열이 없습니다."
    assert seen["cleared"] == 11 and seen["hashAfter"] == ""
    assert seen["texts"] == ["설명 <b>&", "😀"] and seen["pressed"] == "true"
    assert seen["skewed"] == ["거래금액(만원)"]
    assert [seen[key] for key in ("j", "jj", "down", "k")] == ["c1", "c2", "c3", "c2"]
    assert seen["open"] is True
    assert seen["slash"] == "find" and seen["first"] == "c3"


def test_an_address_leads_to_what_was_found(whole: Report, tmp_path: Path) -> None:
    seen = browse(
        to_html(whole), tmp_path, "seen.shown = shown();", "#kind=nominal+boolean&q=%EC%8B%A0"
    )
    assert seen == {"errors": [], "shown": ["신축"]}


def test_a_link_opens_the_card_also_where_columns_are_many(whole: Report, tmp_path: Path) -> None:
    many = [msgspec.structs.replace(whole.summaries[0], name=f"col {k}") for k in range(1000)]
    page = to_html(msgspec.structs.replace(whole, summaries=many))
    seen = browse(
        page,
        tmp_path,
        """
        const summary = document.getElementById("c900");
        seen.open = summary.querySelector("details").open;
        seen.drawn = summary.querySelectorAll(".body svg").length;
        seen.packed = document.querySelectorAll("#cards script").length;
        seen.here = here();
        const begin = performance.now();
        type("col 99"); document.body.getBoundingClientRect();
        seen.found = shown().length; seen.took = performance.now() - begin;
        """,
        "#c900",
    )
    assert seen["errors"] == []
    assert seen["open"] and seen["drawn"] == 1 and seen["packed"] == 999 and seen["here"] == "c900"
    assert seen["found"] == 19 and seen["took"] < 2000


def test_everything_is_drawn_and_fits_the_window(whole: Report, tmp_path: Path) -> None:
    seen = browse(
        to_html(whole, "ko"),
        tmp_path,
        """
        document.querySelectorAll("details").forEach(d => d.open = true);
        const root = document.documentElement;
        seen.wider = root.scrollWidth - root.clientWidth;
        seen.flat = [...document.querySelectorAll("svg")].filter(s => !s.getBBox().width).length;
        const probe = document.createElement("canvas").getContext("2d");
        probe.font = "40px " + getComputedStyle(document.body).fontFamily;
        const wide = t => probe.measureText(t).width;
        seen.hangul = wide("가나다") > 0 && document.querySelector("h1").offsetHeight > 0;
        seen.lang = document.documentElement.lang;
        """,
    )
    assert seen == {"errors": [], "wider": 0, "flat": 0, "hangul": True, "lang": "ko"}


def test_a_large_matrix_tells_the_cell_under_the_pointer(whole: Report, tmp_path: Path) -> None:
    from mulle.verbs.explore.relation_data import Matrix, Relations

    names = [f"n{k}" for k in range(40)]
    values = [[(i - j) / 40 for j in range(40)] for i in range(40)]
    mixed = Matrix("mixed", names, names, values, [["spearman"] * 40] * 40)
    page = to_html(msgspec.structs.replace(whole, relations=Relations(names, mixed)))
    seen = browse(
        page,
        tmp_path,
        """
        const svg = document.querySelector("[data-heat] svg");
        svg.scrollIntoView();
        const box = svg.getBoundingClientRect(), data = JSON.parse(
          document.querySelector(".heat script").textContent);
        const side = (data.width - data.left) / 40 * box.width / data.width;
        svg.dispatchEvent(new PointerEvent("pointermove", {bubbles: true,
          clientX: box.left + data.left * box.width / data.width + 2.5 * side,
          clientY: box.top + 10.5 * side}));
        seen.told = document.querySelector(".readout").textContent;
        """,
    )
    assert seen["errors"] == [] and seen["told"].startswith("n10 × n2") and "0.20 ρ" in seen["told"]
