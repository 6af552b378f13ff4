"""How bytes become text: Python's codecs are the reference."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import DataError, UnknownName
from mulle.i18n import Messages
from mulle.table import read
from mulle.table.read.encodings import SAMPLE, codec_of, decode, encoding_of
from mulle.table.sentences import describe

KOREAN = "이름,값\n홍길동,1\n김철수,2\n"


@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("utf-8-sig", "byte-order-mark"),
        ("utf-16", "byte-order-mark"),
        ("utf-32", "byte-order-mark"),
        ("cp949", "korean"),
        ("euc-kr", "korean"),
        ("utf-16-le", "zero-bytes"),
        ("utf-16-be", "zero-bytes"),
        ("utf-32-le", "zero-bytes"),
        ("utf-32-be", "zero-bytes"),
        ("iso2022_kr", "byte-order-mark"),
    ],
)
def test_finds_the_encoding_and_says_why(encoding, why):
    found = decode(KOREAN.encode(encoding))
    assert found.text == KOREAN
    assert [(r.code, r.values["why"]) for r in found.repairs] == [("decoded", why)]
    assert found.doubts == []


@pytest.mark.parametrize(
    "text",
    [
        "이름,값\n펲시콜라 똠방각하 햏,1\n",
        "성명\n남궁옥분\n선우휘\n",
        "지점,기온(℃),PM10(㎍/㎥),면적㎡\n서울,1.5,3,4\n",
        "PM10(㎍/㎥),O3\n1,2\n",
        "金剛山,이름\n홍길동,1\n",
        "시도,시군구\n경상북도,봉화군\n전라남도,곡성군\n",
        "제품,평가\n삼성 갤럭시,ㅋㅋ 좋아요 ㅠㅠ\n",
    ],
)
def test_korean_is_cp949(text):
    found = decode(text.encode("cp949"))
    assert (found.text, found.encoding, found.doubts) == (text, "cp949", [])


def test_cp949_reads_syllables_beyond_euc_kr():
    data = "이름,값\n펲시콜라 똠방각하 햏,1\n".encode("cp949")
    with pytest.raises(UnicodeDecodeError):
        data.decode("euc_kr")
    assert decode(data).text == data.decode("cp949")


@pytest.mark.parametrize(
    "text",
    [
        "time,Temp (°C),Dust (µg/m3)\n0,21.5,53.6\n",
        "Straße,Größe,Wert\nMühlweg,Äckerle,ja\n",
        "Größe,Farbe,Art\n-0.41,grün,ö\n1.86,rot,ä\n",
        "Größe\n1\n",
        "ville,année\nOrléans,2020\nNîmes,2021\nBesançon,2022\nÀ côté,2023\n",
        "año,niño,¿qué?\n1,2,3\n",
        "It’s £5 – “free”\nnaïve café\n",
        "price €\n5\n",
        "area m²,vol m³\n5,1\n",
        "name\nMüller\nGarcía Nuñez\nÅse Bjørn\nFrançois\nJoão\nKovács\n",
        "nafn\nÞórður\nGuðrún\nÁsta\n",
    ],
)
def test_letters_with_accents_are_cp1252_and_it_is_told(text):
    found = decode(text.encode("cp1252"))
    assert (found.text, found.encoding, found.doubts) == (text, "cp1252", [])
    assert [r.values["why"] for r in found.repairs] == ["accents"]


OTHERS = {
    "gb18030": ["城市,天气\n北京,晴\n上海,雨\n", "姓名,年龄\n王伟,3\n", "品牌\n长虹\n"],
    "shift_jis": ["氏名,住所\n田中太郎,東京都\n", "カテゴリ,ひらがな\nあ,い\n"],
    "euc_jp": ["氏名,住所\n田中太郎,東京都\n", "カテゴリ,ひらがな\nあ,い\n"],
    "big5": ["姓名,電話\n陳小明,1\n臺北市,2\n"],
    "cp1250": ["Imię,Miasto\nPaweł,Łódź\n", "Jméno,Město\nJiří,Plzeň\nŠárka,Brně\n"],
    "cp1251": ["имя,город\nИван,Москва\n", "дата,цена\nянуари,5\n"],
    "koi8_r": ["имя,город\nИван,Москва\n"],
    "cp1253": ["όνομα,πόλη\nΑθήνα,1\n"],
    "cp1254": ["şehir,değer\nİstanbul,ağır\nMuğla,ışık\n"],
    "cp850": ["Straße,Größe\nMühlweg,ja\n"],
    "mac_roman": ["Straße,Größe\nMühlweg,ja\n"],
}


@pytest.mark.parametrize(("encoding", "text"), [(e, t) for e, ts in OTHERS.items() for t in ts])
def test_other_encodings_are_asked_for_and_the_right_one_stands_first(encoding, text):
    with pytest.raises(DataError) as caught:
        decode(text.encode(encoding), where="x.csv")
    assert caught.value.code == "encoding-unclear"
    readings = caught.value.values["readings"]
    assert next(iter(readings)) == encoding
    assert readings[encoding][0] in text
    assert f"--encoding {encoding}" in caught.value.fix
    assert decode(text.encode(encoding), encoding).text == text


def test_a_refusal_shows_the_first_cells_in_each_encoding():
    with pytest.raises(DataError) as caught:
        decode("şehir,değer\nMuğla,ışık\n".encode("cp1254"))
    assert "cp1254 (şehir, değer, Muğla), cp1252 (þehir, deðer, Muðla)" in caught.value.what


@pytest.mark.parametrize("text", ["값\n1\n", "prénom\nHélène\n"])
def test_what_reads_as_well_in_another_encoding_is_told(text):
    encoding = "cp949" if text[0] == "값" else "cp1252"
    found = decode(text.encode(encoding))
    assert found.text == text
    assert [doubt.code for doubt in found.doubts] == ["encoding-guessed"]
    readings = found.doubts[0].values["readings"]
    assert next(iter(readings)) == encoding and len(readings) > 1
    assert "--encoding" in describe(found.doubts[0], Messages("ko")).fix


def test_what_is_told_of_a_file_reaches_the_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("prénom,âge\nCafÃ©,1\nb,2\n".encode())
    assert [doubt.code for doubt in read(path).reading.doubts] == ["mojibake"]


@given(st.text())
def test_plain_utf8_comes_back_as_it_was(text):
    if any(ord(c) < 32 for c in text) or text.startswith("\ufeff"):
        return
    found = decode(text.encode())
    assert (found.text, found.encoding, found.repairs) == (text, "utf-8", [])


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("name,v\nCafÃ© Noir,1\n", "CafÃ© Noir", "Café Noir"),
        ("Temp (Â°C)\n1\n", "Temp (Â°C)", "Temp (°C)"),
        ("이름\nëŒ€í•œ\n", "ëŒ€í•œ", "대한"),
        ("price\nâ‚¬5\n", "â‚¬5", "€5"),
    ],
)
def test_text_spoilt_before_it_was_saved_is_told_and_kept(text, before, after):
    found = decode(text.encode())
    assert found.text == text
    assert [(d.code, d.values["before"], d.values["after"]) for d in found.doubts] == [
        ("mojibake", before, after)
    ]


@pytest.mark.parametrize("text", ["« café »,É–Ê\n", "SÃO PAULO\n", "Ãœ\n"[:1] + "gua\n", "한글\n"])
def test_sound_text_is_not_called_spoilt(text):
    assert decode(text.encode()).doubts == []


def test_characters_lost_before_are_told():
    (doubt,) = decode("caf\ufffd,\ufffd\n".encode()).doubts
    assert (doubt.code, doubt.count) == ("characters-lost", 2)


def test_undecodable_bytes_are_named_by_offset_and_line():
    with pytest.raises(DataError) as caught:
        decode(b"name,v\nok,1\n\x81\x8d\xff\x90\x81,2\n" * 9, where="x.csv")
    assert caught.value.code == "bytes-undecodable"
    assert caught.value.what.startswith("The bytes 81 8d ff 90 from position 12 on are not utf-8")
    assert caught.value.where == "x.csv, line 3"
    assert "--encoding" in caught.value.fix


@pytest.mark.parametrize("lines", [40, 5000])
def test_a_file_in_two_encodings_names_the_line(lines):
    data = "이름,값\n".encode() + "서울,1\n".encode() * lines + "부산,2\n".encode("cp949") * 3
    with pytest.raises(DataError) as caught:
        decode(data, where="x.csv")
    assert caught.value.code == "bytes-mixed"
    assert f"{lines + 2:,}" in caught.value.what
    with pytest.raises(DataError, match="Most of the file is UTF-8"):
        encoding_of(data[:SAMPLE], iter([data]))


def test_a_cut_character_in_cp949_names_the_line():
    data = "이름,값\n".encode("cp949") + "서울특별시,1\n".encode("cp949") * 30 + b"\xb0,2\n"
    with pytest.raises(DataError, match="cp949") as caught:
        decode(data, where="x.csv")
    assert caught.value.where == "x.csv, line 32"


def test_a_mark_that_the_bytes_do_not_keep_to_does_not_decide():
    found = decode(codecs.BOM_UTF8 + KOREAN.encode("cp949"))
    assert (found.text, found.encoding) == (KOREAN, "cp949")


def test_a_given_encoding_wins():
    assert decode("é".encode("cp1252"), "cp1252").text == "é"
    assert decode(codecs.BOM_UTF8 + b"a", "utf-8").text == "a"
    assert decode("펲,碼".encode("cp949"), "EUC-KR").text == "펲,碼"
    assert codec_of("gb2312") == codec_of("GBK") == "gb18030"
    with pytest.raises(UnknownName, match="klingon"):
        decode(b"a", "klingon")
    with pytest.raises(DataError, match="are not ascii"):
        decode("é".encode(), "ascii")


def test_binary_is_refused_and_stray_zero_bytes_removed():
    with pytest.raises(DataError) as caught:
        decode(bytes(range(256)) * 50)
    assert caught.value.code == "table-binary"
    found = decode(b"a,b\n1,\x002\n" + b"3,4\n" * 200)
    assert "\0" not in found.text
    assert [(r.code, r.count) for r in found.repairs] == [("zero-bytes-removed", 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "cp1252"])
def test_a_zero_byte_in_each_row_is_no_utf16(encoding):
    name = {"utf-8": "이름", "cp949": "이름", "cp1252": "Größe"}[encoding]
    rows = [f"{i},x\0{i}" for i in range(500)]
    found = decode("\n".join([f"a,{name}", *rows]).encode(encoding))
    assert found.text.startswith(f"a,{name}\n0,x0\n1,x1\n")
    assert found.encoding == encoding
    assert [r.count for r in found.repairs if r.code == "zero-bytes-removed"] == [500]


CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp949", "cp1252", "gb18030"]
WORDS = st.sampled_from(
    ["서울", "부산광역시", "a", "12.5", "북경", "é", "Größe", "°C", "城市", "\0", " "]
)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=60), st.data())
def test_the_encoding_of_a_large_file_is_that_of_the_whole(rows, data):
    codec = data.draw(st.sampled_from(CODECS))
    body = "\n".join(",".join(row) for row in rows).encode(codec, errors="replace")
    body += data.draw(st.sampled_from([b"", "\n끝,가나".encode("cp949"), "\n끝".encode(), b"\xff"]))
    size = data.draw(st.integers(1, 50))
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    try:
        whole = decode(body)
    except DataError as refused:
        if refused.values.get("encoding") not in {"utf-8", None} and not refused.values.get(
            "readings"
        ):
            return  # found alike, and wrong further on, where the text is read
        with pytest.raises(DataError) as caught:
            encoding_of(body[:SAMPLE], iter(parts))
        assert caught.value.code == refused.code
        found = dict(caught.value.values)
        cut = found.pop("received", None)  # a part may end behind the first wrong byte
        assert found == {k: v for k, v in refused.values.items() if k != "received"}
        assert cut is None or refused.values["received"].startswith(cut)
        return
    name, mark = encoding_of(body[:SAMPLE], iter(parts))
    assert name == whole.encoding
    assert body[mark:].decode(name).replace("\0", "") == whole.text
