"""Words for missing are values where the evidence says so, and their loss is told."""

import pytest

from mulle.table import read

N = 12


def column(*cells):
    return list(cells) * N


def told(table):
    """What is said of each column: code, count, and the word or words."""
    notices = (*table.reading.left_out, *table.reading.doubts)
    return [
        (n.code, n.column, n.count, n.values.get("word", n.values.get("words"))) for n in notices
    ]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (("AP", "EU", "NA"), "NA"),
        (("kr", "us", "na"), "na"),
        (("EMEA", "APAC", "NA"), "NA"),
        (("+", "-"), "-"),
        (("++", "+", "--"), "--"),
        (("!", "?"), "?"),
    ],
)
def test_a_word_that_looks_like_all_the_others_is_a_value(cells, word):
    table = read({"x": column(*cells)})
    assert table.frame["x"].to_list() == column(*cells)
    assert table.schema["x"].notation.not_missing == (word,)
    assert told(table) == [("word-kept", "x", N, word)]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (("Seoul", "Busan", "NA"), "NA"),
        (("low", "high", "-"), "-"),
        (("O", "X", "-"), "-"),
        (("yes", "no", "?"), "?"),
        (("a1", "b2", "N/A"), "N/A"),
    ],
)
def test_without_evidence_a_word_counts_as_missing_and_is_told(cells, word):
    table = read({"x": column(*cells)})
    assert table.frame["x"].to_list() == column(*cells[:2], None)
    assert told(table) == [("missing-word", "x", N, [word])]


def test_where_missing_is_written_as_a_blank_the_word_is_a_value():
    table = read({"x": column("house", "NA", "flat", "")})
    assert table.frame["x"].to_list() == column("house", "NA", "flat", None)
    assert told(table) == [("word-kept", "x", N, "NA")]
    dashes = read({"x": column("house", "-", "flat", "")})
    assert dashes.frame["x"].to_list() == column("house", None, "flat", None)


def test_a_word_that_is_missing_among_numbers_is_missing_among_words():
    table = read({"code": column("AP", "EU", "NA"), "n": column("1", "NA", "3.5")})
    assert table.frame["code"].to_list() == column("AP", "EU", None)
    assert told(table) == []  # no doubt is left
    dots = read({"grade": column("a", "b", "."), "n": column("1", "2", ".")})
    assert dots.frame["grade"].to_list() == column("a", "b", None)
    alone = read({"grade": column("a", "b", "."), "n": column("1", "2", "3")})
    assert alone.frame["grade"].to_list() == column("a", "b", ".")


def test_marks_of_programs_are_never_values():
    table = read({"x": column("AP", "EU", "NaN", "#N/A", "")})
    assert table.frame["x"].to_list() == column("AP", "EU", None, None, None)


def test_words_for_none_stay_answers_beside_numbers_that_lack_them():
    table = read({"lift": column("있음", "없음"), "fee": column("3만원", "없음")})
    assert table.frame["lift"].to_list() == column("있음", "없음")


def test_a_person_decides():
    codes = {"x": column("AP", "EU", "NA"), "y": column("Seoul", "Busan", "NA")}
    kept = read(codes, not_missing=["NA"])
    assert kept.frame["y"].to_list() == codes["y"]
    assert kept.schema["y"].notation.not_missing == ("NA",)
    gone = read(codes, missing=["NA", "Busan"])
    assert gone.frame["x"].to_list() == column("AP", "EU", None)
    assert gone.frame["y"].to_list() == column("Seoul", None, None)
    assert told(kept) == told(gone) == []
    one = read(codes, missing={"x": ["NA"]}, not_missing={"y": ["NA"]})
    assert one.frame["x"].to_list() == column("AP", "EU", None)
    assert one.frame["y"].to_list() == codes["y"]


def test_a_number_may_mean_missing():
    table = read({"x": column("1", "-999", "3.5")}, missing=["-999"])
    assert table.frame["x"].to_list() == column(1.0, None, 3.5)
    assert table.schema.validate(table.frame.clear()).height == 0


def test_what_is_decided_holds_for_new_rows():
    table = read({"code": column("AP", "EU", "NA"), "place": column("Seoul", "Busan", "NA")})
    row = table.schema.row({"code": "NA", "place": "NA"})
    assert row == {"code": "NA", "place": None}


def test_case_is_folded_only_where_a_person_asks_for_it():
    cells = {"x": column("No", "no ", "NO", "yes")}
    assert read(cells).frame["x"].n_unique() == 4
    table = read(cells, fold_case=["x"])
    assert table.frame["x"].to_list() == column("no", "no", "no", "yes")
    assert ("case", 2 * N) in [(r.code, r.count) for r in table.repairs]
    assert table.schema.row({"x": "YES"}) == {"x": "yes"}


def test_without_repair_every_word_is_a_value():
    table = read({"x": column("Seoul", "NA", "-")}, repair=False)
    assert table.frame["x"].to_list() == column("Seoul", "NA", "-")
