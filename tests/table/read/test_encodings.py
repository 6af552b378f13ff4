"""How bytes become text: Python's codecs are the reference."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import DataError, UnknownName
from mulle.table.read.encodings import decode, hangul_share

KOREAN = "이름,값\n홍길동,1\n김철수,2\n"


@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("utf-8-sig", "byte-order-mark"),
        ("utf-16", "byte-order-mark"),
        ("utf-32", "byte-order-mark"),
        ("cp949", "hangul-share"),
        ("euc-kr", "hangul-share"),
        ("utf-16-le", "zero-bytes"),
        ("utf-16-be", "zero-bytes"),
    ],
)
def test_finds_the_encoding_and_says_why(encoding, why):
    text, repairs = decode(KOREAN.encode(encoding))
    assert text == KOREAN
    assert [(r.code, r.values["why"]) for r in repairs] == [("decoded", why)]


def test_cp949_reads_syllables_beyond_euc_kr():
    data = "이름,값\n펲시콜라 똠방각하 햏,1\n".encode("cp949")
    with pytest.raises(UnicodeDecodeError):
        data.decode("euc_kr")
    assert decode(data)[0] == data.decode("cp949")


@given(st.text())
def test_plain_utf8_comes_back_as_it_was(text):
    if any(ord(c) < 32 for c in text) or text.startswith("\ufeff"):
        return
    assert decode(text.encode()) == (text, [])


def test_undecodable_bytes_are_named_by_offset_and_line():
    with pytest.raises(DataError) as caught:
        decode("name,v\ncafé,1\n".encode("latin-1"), where="x.csv")
    assert caught.value.code == "bytes-undecodable"
    assert caught.value.what.startswith("The bytes e9 2c 31 0a from position 10 on are not utf-8")
    assert caught.value.where == "x.csv, line 2"
    assert "--encoding" in caught.value.fix


def test_a_given_encoding_wins():
    assert decode("é".encode("cp1252"), "cp1252")[0] == "é"
    assert decode(codecs.BOM_UTF8 + b"a", "utf-8")[0] == "a"
    with pytest.raises(UnknownName, match="klingon"):
        decode(b"a", "klingon")
    with pytest.raises(DataError, match="are not ascii"):
        decode("é".encode(), "ascii")


def test_binary_is_refused_and_a_stray_zero_byte_removed():
    with pytest.raises(DataError) as caught:
        decode(bytes(range(256)) * 50)
    assert caught.value.code == "table-binary"
    text, repairs = decode(b"a,b\n1,\x002\n" + b"3,4\n" * 200)
    assert "\0" not in text
    assert [(r.code, r.count) for r in repairs] == [("zero-bytes-removed", 1)]


def test_hangul_share_counts_only_what_is_beyond_ascii():
    assert hangul_share("abc") == 0
    assert hangul_share("abc 가é") == 0.5
