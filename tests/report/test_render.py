"""A page is whole: valid, escaped, reachable without a mouse, readable in light and dark."""

import itertools
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources

import pytest

from mulle.errors import UnknownName
from mulle.i18n import LANGUAGES, Messages
from mulle.report import (
    Callout,
    Callouts,
    Cell,
    Code,
    Column,
    DataTable,
    Details,
    Fact,
    Facts,
    Figure,
    Figures,
    Heading,
    Prose,
    Rationale,
    charts,
    render,
)
from mulle.report.charts.canvas import STEPS
from mulle.report.charts.theme import LIGHT

EVIL = '</style><script>alert("1")</script>&amp; 😀 ‘한글’'
WHY = Rationale("because", formula="a/b", source=EVIL, decision="decided")
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """What a browser would find: tags that close, ids, headings, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]


def page(lang: str) -> str:
    words = Messages(lang)  # type: ignore[arg-type]
    figure = Figure(charts.importance([EVIL], [0.5], words=words), EVIL, WHY)
    blocks = [
        Callouts([Callout(EVIL, s, EVIL) for s in ("good", "note", "warning")]),
        Heading(EVIL),
        Facts([Fact(EVIL, 0.5, "percent", EVIL, WHY), Fact("size", 1_500_000, "bytes")]),
        Heading("deep", 5),
        Prose(EVIL + "\n\nsecond paragraph"),
        DataTable([Column(EVIL), Column("n", "count")], [[EVIL, Cell(1234, WHY)], ["b", None]],
                  EVIL, marked={0}),
        Heading("same"),
        Heading("same"),
        figure,
        Figures([figure, figure]),
        Details(EVIL, [Code(f"run  5 ms {EVIL}", EVIL), DataTable([Column("one")], [["x"]])]),
    ]  # fmt: skip
    return render(EVIL, blocks, lang=lang, subtitle=EVIL)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=LANGUAGES)
def html(request: pytest.FixtureRequest) -> str:
    return page(request.param)


@pytest.fixture(scope="module")
def reader(html: str) -> Reader:
    return Reader(html)


def test_text_is_escaped_everywhere(html: str, reader: Reader) -> None:
    assert html.lower().count("<script") == 0
    assert html.count("</style>") == 1
    assert reader.text.count(EVIL) >= 15


def test_nothing_is_fetched(html: str, reader: Reader) -> None:
    assert not reader.all("script", "img", "iframe", "object")
    links = [a.get("href") or a.get("src") or "" for _, a in reader.tags]
    assert {u for u in links if u and not u.startswith(("#", "data:"))} == set()
    assert not re.search(r"@import|url\((?!data:)", html)


def test_ids_are_unique_and_every_inner_link_arrives(reader: Reader) -> None:
    ids = [a["id"] for _, a in reader.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"] for a in reader.all("a")}
    assert {f"#{i}" for i in ids} >= targets >= {"#content", "#same", "#same-2"}
    named = {a["aria-labelledby"] for _, a in reader.tags if a.get("aria-labelledby")}
    assert named <= set(ids)


def test_headings_never_skip_a_level(reader: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_page_names_its_language_and_speaks_it(html: str, reader: Reader) -> None:
    lang = reader.all("html")[0]["lang"]
    assert html.startswith("<!doctype html>")
    for key in ("page.contents", "page.skip", "page.why"):
        assert Messages(lang)(key) in reader.text  # type: ignore[arg-type]


def test_numbers_stand_with_their_units_and_can_be_asked_why(reader: Reader) -> None:
    for said in ("50%", "1.50\u00a0MB", "1,234", "–", "a/b", "because", "decided"):
        assert said in reader.text
    assert len([a for a in reader.all("details") if a.get("class") == "why"]) == 3 + 1 + 1 + 3


def test_code_is_kept_to_the_letter(reader: Reader) -> None:
    assert "run  5 ms " in reader.text


def test_tables_say_which_cells_are_headers(reader: Reader) -> None:
    assert [a["scope"] for a in reader.all("th")] == ["col", "col", "row", "row", "col"]
    assert all(a.get("tabindex") == "0" for a in reader.all("div") if a.get("class") == "scroll")


def test_a_wide_chart_is_drawn_for_wide_and_for_narrow_screens() -> None:
    words = Messages("en")
    wide = Figure(charts.importance(["a"], [1.0], words=words))
    assert len(Reader(render("t", [wide], lang="en")).all("svg")[1:]) == 2
    small = Figure(charts.roc({"a": ([0, 1], [0, 1])}, words=words))
    assert len(Reader(render("t", [small], lang="en")).all("svg")[1:]) == 1


def test_pages_need_no_library_to_draw_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert '<svg role="img"' in page("ko")


def test_an_empty_page_is_still_a_page() -> None:
    assert Reader(render("empty", [], lang="en")).all("main")


def test_half_a_surrogate_does_not_break_the_file() -> None:
    render("\ud83d", [Prose("\ud83d")], lang="ko").encode("utf-8")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownName, match="There is no language named 'fr'"):
        render("t", [], lang="fr")  # type: ignore[arg-type]


def palettes() -> list[dict[str, str]]:
    css = resources.files("mulle.report").joinpath("style.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", css, re.S)
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", root)) for root in roots]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours. Source: WCAG 2.2, definition of contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "accent", "second"])
def test_text_reaches_contrast_aa(palette: dict[str, str], ink: str) -> None:
    for ground in ("paper", "wash"):
        assert contrast(palette[ink], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("colour", ["accent", "second"])
@pytest.mark.parametrize("step", range(len(STEPS)))
def test_numbers_on_the_shades_of_a_matrix_can_be_read(
    palette: dict[str, str], colour: str, step: int
) -> None:
    share = STEPS[step] / 100
    pairs = zip(*(bytes.fromhex(palette[c][1:]) for c in (colour, "paper")), strict=True)
    ground = "#" + bytes(round(share * a + (1 - share) * b) for a, b in pairs).hex()
    assert contrast(palette["paper" if step >= 8 else "ink"], ground) >= 4.5


def test_a_picture_alone_has_the_light_colours() -> None:
    light, dark = palettes()
    assert {name: light[name] for name in LIGHT} == LIGHT
    assert light.keys() == dark.keys()


def test_the_words_alone_are_light() -> None:
    code = (
        "import sys, mulle.report; print([m for m in ('jinja2', 'vl_convert') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
