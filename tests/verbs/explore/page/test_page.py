"""A page for every report: whole, escaped, told in both languages, and reachable by everyone."""

import datetime as dt
import itertools
import json
import re
from html.parser import HTMLParser
from importlib import resources

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import DataError, UnknownName, UsageError
from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.explore import Report, explore
from mulle.verbs.explore.page import chart, to_html, to_markdown, to_terminal

VOID = {"meta", "link", "br", "hr", "img", "input"}
BOTH = pytest.mark.parametrize("lang", LANGUAGES)


class Reader(HTMLParser):
    """What a browser would find: tags that close, with the text in each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inner: dict[int, str] = {}
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(len(self.tags) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.tags[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.tags[self.open[-1]][0] in {"script", "style"}:
            return
        for place in self.open:
            self.inner[place] = self.inner.get(place, "") + data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def said(self, *names: str) -> list[str]:
        return [
            self.inner.get(k, "").strip() for k, (tag, _) in enumerate(self.tags) if tag in names
        ]

    @property
    def text(self) -> str:
        return self.inner.get(0, "")


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, whole: Report) -> str:
    return to_html(whole, request.param)


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    return Reader(page)


def titles(reader: Reader) -> list[str]:
    return reader.said("h2")


def test_the_findings_come_first_and_every_part_has_its_place(whole: Report) -> None:
    assert titles(Reader(to_html(whole))) == [
        "Findings", "Target: 신축", "Columns", "How columns relate", "Missing values",
        "Copies among the rows", "Text", "Compared with 2024.csv", "Some rows", "Repairs",
        "How this report was made",
    ]  # fmt: skip


def test_no_part_failed(reader: Reader) -> None:
    assert "could not be rendered" not in reader.text and "만들지 못했습니다" not in reader.text


def test_a_finding_tells_its_evidence_and_can_be_asked_about(whole: Report) -> None:
    text = Reader(to_html(whole)).text
    assert "Skewness 2.31; log(1 + x) would bring it to 0.12." in text
    assert "Every value is “성남시”; rows with a value: 21,480." in text
    assert Messages("en")("finding.skewed.do") in text


def test_a_finding_without_words_is_told_plainly(whole: Report) -> None:
    text = Reader(to_html(whole)).text
    assert "Without words" in text and "rows 31" in text


def test_names_lead_to_their_cards(reader: Reader) -> None:
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {str(a["href"]) for a in reader.all("a")}
    assert {f"#{i}" for i in ids} >= links >= {"#c1", "#c7", "#content"}


def test_the_column_that_failed_says_why(reader: Reader) -> None:
    assert "The column holds bytes." in reader.text and "Leave it out." in reader.text


def test_a_card_that_cannot_be_drawn_is_still_a_card(broken: Report) -> None:
    reader = Reader(to_html(broken))
    assert "bad" in reader.said("h3") and "This column could not be analysed" in reader.text


def test_a_section_that_fails_says_so(whole: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    from mulle.verbs.explore.page import relations

    monkeypatch.setattr(relations, "SIGNS", None)
    reader = Reader(to_html(whole))
    assert "could not be rendered (relations: AttributeError" in reader.text
    assert "Some rows" in titles(reader)


@BOTH
def test_an_empty_table_has_a_page(empty: Report, lang: str) -> None:
    reader = Reader(to_html(empty, lang))
    assert reader.said("h1") == [Messages(lang)("explore.a-table")]  # type: ignore[arg-type]
    assert Messages(lang)("explore.no-columns") in reader.text  # type: ignore[arg-type]


def test_text_is_escaped_everywhere(page: str, reader: Reader) -> None:
    assert "설명 <b>&" in reader.text and "<b>&" not in page.replace("&lt;b>&amp;", "")
    assert not reader.all("b") or "설명" not in "".join(reader.said("b"))


def test_nothing_is_fetched(page: str, reader: Reader) -> None:
    assert not reader.all("img", "iframe", "object")
    assert not any("src" in attrs for attrs in reader.all("script"))
    assert not re.search(r"@import|url\((?!data:)|fetch\(|XMLHttp", page)


# --- for everyone: what a screen reader, a keyboard and weak eyes need -----------------------


def test_the_page_names_its_language(page: str, reader: Reader) -> None:
    assert page.startswith("<!doctype html>")
    assert reader.all("html")[0]["lang"] in LANGUAGES


def test_headings_never_skip_a_level(reader: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert all(reader.said("h1", "h2", "h3"))


def test_every_picture_has_a_name(reader: Reader) -> None:
    drawn = reader.all("svg")
    assert len(drawn) > 20
    assert all(a.get("aria-label") or a.get("aria-hidden") == "true" for a in drawn)


def test_everything_to_press_has_a_name(reader: Reader) -> None:
    assert all(reader.said("button", "summary", "a"))
    labels = {a["for"] for a in reader.all("label")}
    assert {a["id"] for a in reader.all("input", "select")} == labels
    assert all("aria-pressed" in a for a in reader.all("button"))


def test_tables_name_their_columns_and_rows(reader: Reader) -> None:
    assert all(a.get("scope") in {"col", "row"} for a in reader.all("th"))
    count = len(reader.all("table"))
    assert count == len(reader.all("thead")) and len(reader.all("th")) > 2 * count


def test_what_scrolls_can_be_reached_and_what_changes_is_told(reader: Reader) -> None:
    scrolled = [a for a in reader.all("div") if a.get("class") == "scroll"]
    assert all(a.get("tabindex") == "0" and a.get("aria-label") for a in scrolled)
    assert [a["role"] for a in reader.all("p") if "role" in a] == ["status"]


def test_focus_can_be_seen() -> None:
    css = resources.files("mulle.report").joinpath("style.css").read_text(encoding="utf-8")
    assert re.search(r":focus-visible \{ outline: 2px solid", css)
    assert not re.search(r"(?<!main:focus \{ )outline: none", css)


# --- odd tables ---------------------------------------------------------------------------------


ODD_TABLES = {
    "one row": {"a": [1.0], "b": ["x"]},
    "no rows": {"a": []},
    "all missing": {"a": [None, None], "b": [None, None]},
    "emoji": {"😀": [1, 2, 3], "": ["a", "b", "c"], "a\nb": [True, False, None]},
    "extremes": {"x": [1.7e308, -1.7e308, 5e-324, 0.0],
                 "d": [dt.date(1, 1, 1), dt.date(9999, 12, 31)] * 2},
    "nested": {"l": [[1, 2], [3], []], "s": [{"a": 1}, {"a": 2}, {"a": 3}]},
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("name", ODD_TABLES)
def test_odd_tables_have_pages_without_gaps(name: str, lang: str) -> None:
    report = explore(pl.DataFrame(ODD_TABLES[name], strict=False))
    reader = Reader(to_html(report, lang))
    failed = Messages(lang)("explore.section-failed").partition("(")[0]  # type: ignore[arg-type]
    assert failed.strip() not in reader.text
    summaries = [a for a in reader.all("li") if str(a.get("id", "")).startswith("c")]
    assert len(summaries) == report.header.columns
    assert len(to_markdown(report, lang)) > 50


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=6),
        st.one_of(
            st.lists(st.one_of(st.none(), st.floats()), min_size=4, max_size=4),
            st.lists(st.one_of(st.none(), st.text(max_size=8)), min_size=4, max_size=4),
            st.lists(st.one_of(st.none(), st.booleans()), min_size=4, max_size=4),
            st.lists(st.one_of(st.none(), st.datetimes()), min_size=4, max_size=4),
        ),
        max_size=4,
    )
)
def test_no_page_is_ever_missing(columns: dict[str, list[object]]) -> None:
    report = explore(columns)
    page = to_html(report, "ko")
    assert Reader(page).all("main") and "만들지 못했습니다" not in page
    page.encode("utf-8")


# --- the other ways out -----------------------------------------------------------------------


@BOTH
def test_the_text_report_tells_findings_columns_and_gaps(whole: Report, lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    text = to_markdown(whole, lang)
    for entry in (
        "explore.findings",
        "explore.columns",
        "explore.strongest",
        "explore.not-computed",
    ):
        assert f"## {words(entry)}" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables) and "설명 <b>&" in text
    assert words("finding.skewed.title") in to_terminal(whole, lang)


def test_a_name_cannot_break_a_table_of_markdown() -> None:
    text = to_markdown(explore({"a|b\nc": [1, 2, 3]}))
    assert "| a\\|b c |" in text


def test_reports_are_saved_by_their_ending(whole: Report, tmp_path: object) -> None:
    for name in ("r.html", "r.json", "r.md"):
        whole.save(tmp_path / name)  # type: ignore[operator]
    assert json.loads((tmp_path / "r.json").read_bytes())["header"]["rows"] == 21_480  # type: ignore[operator]
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == whole.to_html()  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"Reports cannot be saved as '\.pdf'"):
        whole.save(tmp_path / "r.pdf")  # type: ignore[operator]


def test_a_notebook_shows_the_page_in_a_frame(whole: Report) -> None:
    shown = whole._repr_html_()
    frame = Reader(shown).all("iframe")[0]
    assert str(frame["srcdoc"]) == whole.to_html() and frame["title"]


def test_a_column_has_a_picture(whole: Report) -> None:
    drawn = [c.name for c in whole.summaries if c.kind not in {"id", "text"}]
    assert all(chart(whole, name).svg() for name in drawn)
    with pytest.raises(UnknownName, match="There is no column named '층수'"):
        whole.chart("층수")
    with pytest.raises(DataError, match=r"The column '😀' \(text\) has no chart"):
        whole.chart("😀")


def test_an_unknown_language_is_refused(whole: Report) -> None:
    with pytest.raises(UnknownName, match="There is no language named 'fr'"):
        to_html(whole, "fr")


def test_many_columns_keep_what_unfolds_as_text(whole: Report) -> None:
    many = [msgspec.structs.replace(whole.summaries[0], name=f"c {k}") for k in range(400)]
    page = to_html(msgspec.structs.replace(whole, summaries=many))
    inert = re.findall(r'<script type="text/html">(.*?)</script>', page, re.S)
    assert len(inert) == 400 and "<figure>" in inert[0]
    assert "<script" not in "".join(inert)
    assert len(page) / 400 < 6000  # bytes a column


def test_slices_of_dates_are_named_by_dates() -> None:
    days = [f"2024-{1 + k % 12:02}-{1 + k % 28:02}" for k in range(400)]
    found = explore({"when": days, "y": [k % 12 > 5 for k in range(400)]}, "y")
    page = to_html(found)
    assert re.search(r">2024-01-\d\d–2024-\d\d-\d\d</text>", page)
    assert "× 10" not in page
    two = {"when": ["2024-01-01", "2024-06-01"] * 50, "y": ["a", "b", "b"] * 33 + ["a"]}
    assert {"2024-01-01", "2024-06-01"} <= set(
        re.findall(r">([\d-]+)</text>", to_html(explore(two, "y")))
    )
