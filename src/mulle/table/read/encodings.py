"""Find out how the bytes of a text file are encoded: by evidence, never by the system's default.

    a byte-order mark     decides, where the bytes keep to it
    zero bytes            behind or before each ASCII character: UTF-16 or UTF-32
    valid UTF-8           is UTF-8; a file that is UTF-8 but for a few lines is refused
    Korean                cp949 (Microsoft's superset of EUC-KR), where it reads as Korean
    letters with accents  cp1252, where they stand among ASCII letters and read as a language
    all else              refused, with what the first cells would be in each encoding that fits

catalogue  enc-utf8 enc-utf16 enc-bom enc-ascii enc-cp949 enc-euckr
source  RFC 3629 (UTF-8); WHATWG Encoding Standard, section 4.2 (EUC-KR labels mean cp949, latin-1
        means cp1252) and 14.3
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mulle.errors import DataError, UnknownName
from mulle.table.read.languages import CODECS, decode_some, score
from mulle.table.read.mojibake import cells_beyond_ascii, find_mojibake
from mulle.table.types.column import Doubt, Repair

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x1b$)C", "iso2022_kr"),
)
_COMMON = (
    "utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-32", "cp1252", "latin-1", "gb18030",
    "shift_jis", "big5",
)  # fmt: skip
_WIDER = {"euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
SAMPLE = 1 << 16  # bytes that decide where bytes alone cannot
_LINES = 1 << 14  # bytes of lines beyond ASCII that are read in each encoding
_BEFORE = 200  # bytes of a line that are kept before its first one beyond ASCII
_NO_CONTROLS = dict.fromkeys(set(range(32)) - set(b"\0\x01\t\n\r\x0b\x0c\x1a\x1b\x1e\x1f"))
_HIGH = re.compile(rb"[\x80-\xff]")
_READS = 0.2  # score from which a text reads as Korean
_OFFERED = 0.3  # score from which another encoding is offered
_WESTERN = 0.6  # score from which it reads as a language of Western Europe
_NEAR = 0.1  # difference of scores that decides nothing
_FAR = 0.6  # difference of scores beyond which an encoding is not offered
_SHOWN = 4  # encodings that are offered


class Decoded(NamedTuple):
    """The text of a file, and how it was found.

    Attributes:
        encoding: the name of the codec.
        repairs: what was done, unless the file was plain UTF-8.
        doubts: other encodings that read as well, or text that was broken before it was saved.
    """

    text: str
    encoding: str
    repairs: list[Repair]
    doubts: list[Doubt]


class _Found(NamedTuple):
    """An encoding, why it is taken, and the length of the mark before the text."""

    encoding: str
    why: str = ""
    mark: int = 0
    score: float | None = None
    others: Mapping[str, list[str]] = MappingProxyType({})


def decode(data: bytes, encoding: str | None = None, where: str = "") -> Decoded:
    """Decode the bytes of a file, and note how unless they were plain UTF-8.

    Args:
        data: the whole file.
        encoding: the encoding to use; None to find it out.
        where: the file, for errors.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the bytes are not text in any encoding tried (or in the one given), or several
            read alike.

    >>> decode("이름,값".encode("cp949")).text
    '이름,값'
    """
    if encoding is not None:
        given = _strict(data, codec_of(encoding, where), where).removeprefix("\ufeff")
        return _finish(given, _Found(codec_of(encoding, where), "given"), encoding, [], where)
    found = _of_head(data[:SAMPLE], where) or _Found("utf-8")
    body = memoryview(data)[found.mark :]
    if found.encoding != "utf-8":
        return _finish(_strict(body, found.encoding, where, found.mark), found, None, [], where)
    text = _utf8(body)
    if text is None:
        found = _of_bytes([bytes(body)], where, found.mark)
        text = _strict(body, found.encoding, where, found.mark)
        doubts = [_other_readings(found)] if found.others else []
        return _finish(text, found, None, doubts, where)
    return _finish(text, found, None, [] if text.isascii() else broken_text(data), where)


def broken_text(data: bytes) -> list[Doubt]:
    """Return the doubts of bytes in UTF-8 whose text was broken before it was saved."""
    return find_mojibake(decode_some(_lines(data), "utf-8"))


def _utf8(data: memoryview) -> str | None:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        return None


def _strict(data: bytes | memoryview, encoding: str, where: str, skipped: int = 0) -> str:
    try:
        return str(data, encoding)
    except UnicodeDecodeError as error:
        raise undecodable(error, where, skipped=skipped) from None


def encoding_of(
    head: bytes, data: Iterable[bytes], where: str = "", encoding: str | None = None
) -> tuple[str, int]:
    """Find the encoding of a file too large to hold, and the length of its byte-order mark.

    Args:
        head: the first `SAMPLE` bytes.
        data: all bytes in order, from the first on.
        where: the file, for errors.
        encoding: the encoding to use; None to find it out.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the bytes are not text in any encoding tried, or several read alike.
    """
    if encoding is not None:
        name = codec_of(encoding, where)
        mark = next((len(m) for m, known in _MARKS if known == name and head.startswith(m)), 0)
        return name, mark
    found = _of_head(head, where) or _Found("utf-8")
    if found.encoding == "utf-8":
        found = _of_bytes(_behind(data, found.mark), where, found.mark)
    return found.encoding, found.mark


def _behind(parts: Iterable[bytes], mark: int) -> Iterator[bytes]:
    """Yield the same bytes without the first few."""
    for part in parts:
        yield part[mark:]
        mark = max(0, mark - len(part))


def codec_of(encoding: str, where: str = "") -> str:
    """Return the codec that a name stands for: the wider one, where writers do not tell them apart.

    Raises:
        UnknownName: there is no such encoding.

    >>> codec_of("EUC-KR"), codec_of("gbk")
    ('cp949', 'gb18030')
    """
    try:
        name = codecs.lookup(encoding).name
        "a".encode(name)  # a codec of other things than text cannot
    except (LookupError, ValueError):
        raise UnknownName("encoding-unknown", "encoding", encoding, _COMMON, where) from None
    return _WIDER.get(name, name)


def undecodable(
    error: UnicodeDecodeError, where: str, skipped: int = 0, line: int | None = None
) -> DataError:
    """Return the error for bytes that are no text.

    Args:
        error: raised for bytes behind the first `skipped` of the file.
        where: the file.
        skipped: bytes of the file before those that were decoded.
        line: where they stand; counted if None and the decoded bytes begin where the file does.
    """
    if line is None and skipped <= len(codecs.BOM_UTF8):
        line = error.object.count(b"\n", 0, error.start) + 1
    return DataError(
        "bytes-undecodable",
        where=where,
        byte=error.start + skipped,
        line=line,
        encoding=error.encoding,
        received=error.object[error.start : error.start + 4].hex(" "),
    )


def not_a_table(where: str) -> DataError:
    """Return the error for a file that holds neither text nor a known table format."""
    return DataError("table-binary", where=where)


def _finish(
    text: str, found: _Found, given: str | None, doubts: list[Doubt], where: str
) -> Decoded:
    if is_binary(text[:SAMPLE]):
        raise not_a_table(where)
    repairs = []
    if found.why:
        known: dict[str, Any] = {"encoding": given or found.encoding, "why": found.why}
        if found.score is not None:
            known["score"] = round(found.score, 4)
        repairs.append(Repair("decoded", values=known))
    if count := text.count("\0"):
        text = text.replace("\0", "")
        repairs.append(Repair("zero-bytes-removed", count=count))
    if lost := text.count("\ufffd"):
        doubts = [*doubts, Doubt("characters-lost", count=lost)]
    return Decoded(text, found.encoding, repairs, doubts)


def is_binary(head: str) -> bool:
    """Tell whether there are more control characters than text ever has.

    >>> is_binary("a,b"), is_binary(chr(2) * 9)
    (False, True)
    """
    zeros = head.count("\0")
    controls = len(head) - len(head.translate(_NO_CONTROLS))
    return controls > 0.02 * len(head) + 2 or zeros > 0.5 * len(head)


def _of_head(head: bytes, where: str) -> _Found | None:
    """Return what the first bytes alone decide, None where they are no UTF-16 or the like."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _Found(name, "byte-order-mark", len(mark) if mark[0] != 0x1B else 0)
    if wide := _wide(head):
        return _Found(wide, "zero-bytes")
    if is_binary(head.decode("latin-1")):
        raise not_a_table(where)
    return _Found("iso2022_jp", "escapes") if b"\x1b$B" in head else None


def _wide(head: bytes) -> str:
    """Recognise UTF-16 and UTF-32 without a mark: all their ASCII characters have zero bytes.

    Zero bytes alone prove nothing: some programs write one in every row of a file in UTF-8.
    """
    zeros = head.count(0)
    if zeros < 2 or zeros * 50 < len(head):
        return ""
    for codec, width, place in (
        ("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1),
    ):  # fmt: skip
        units = [head[i:][: width * (len(head) // width)][::width] for i in range(width)]
        wide = sum(units[place].count(c) for c in b",;|\t\n\r 0123456789")
        beside = [units[i] for i in range(width) if i != place]
        ascii_zeros = min(unit.count(0) for unit in beside)
        others = sum(unit.count(c) for unit in beside for c in b",;|\t\n\r 0123456789")
        if 2 * ascii_zeros >= wide > 4 * others and units[place].count(0) < 0.1 * zeros:
            return codec
    return ""


class _Lines:
    """The first lines of a file with bytes beyond ASCII, however the file is cut into parts."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self._before = b""
        self._open = False

    @property
    def full(self) -> bool:
        return len(self.kept) >= _LINES

    def add(self, part: bytes) -> None:
        at = 0
        while at < len(part) and not self.full:
            if not self._open:
                high = _HIGH.search(part, at)
                if high is None:
                    break
                begin = part.rfind(b"\n", at, high.start()) + 1
                ahead = part[max(begin, at) : high.start()]
                if not begin and not at:
                    ahead = self._before + ahead
                self.kept += ahead[-_BEFORE:]
                at = high.start()
            end = part.find(b"\n", at) + 1
            self.kept += part[at : min(end or len(part), at + _LINES)]
            self._open, at = not end, end or len(part)
        begin = part.rfind(b"\n") + 1
        self._before = ((b"" if begin else self._before) + part[begin:][-_BEFORE:])[-_BEFORE:]


def _lines(data: bytes) -> bytes:
    lines = _Lines()
    lines.add(data)
    return bytes(lines.kept[:_LINES])


def _sample(parts: Iterable[bytes]) -> tuple[bytes, UnicodeDecodeError | None, int, int]:
    """Return lines beyond ASCII, and where the first bytes stand that are not UTF-8.

    Returns:
        The lines; the error, None where all is UTF-8; its line, from 1; bytes before its object.
    """
    lines, decoder = _Lines(), codecs.getincrementaldecoder("utf-8")()
    wrong: UnicodeDecodeError | None = None
    line, read, waiting = 1, 0, 0
    for part in _and_end(parts):
        lines.add(part)
        if wrong is None:
            try:
                decoder.decode(part, final=not part)
            except UnicodeDecodeError as error:
                wrong = error
                line += error.object.count(b"\n", 0, error.start)
                read -= waiting
                continue
            line += part.count(b"\n")
            read += len(part)
            waiting = len(decoder.getstate()[0])
        elif lines.full:
            break
    return bytes(lines.kept[:_LINES]), wrong, line, read


def _and_end(parts: Iterable[bytes]) -> Iterator[bytes]:
    yield from parts
    yield b""


def _of_bytes(parts: Iterable[bytes], where: str, mark: int) -> _Found:
    """Return the encoding of bytes that are UTF-8 or in the encoding of one language.

    Raises:
        DataError: some lines only are UTF-8, or several encodings read alike, or none does.
    """
    sample, error, line, before = _sample(parts)
    if error is None:
        return _Found("utf-8", "byte-order-mark" if mark else "", mark)
    if _mostly_utf8(sample):
        received = error.object[error.start : error.start + 4].hex(" ")
        raise DataError("bytes-mixed", where=where, line=line, received=received)
    texts = {codec: decode_some(sample, codec) for codec in CODECS}
    scores = {codec: score(sample, codec) for codec in CODECS}
    order = sorted(CODECS, key=lambda codec: -scores[codec])
    best, korean, western = scores[order[0]], scores["cp949"], scores["cp1252"]
    if korean == best > _READS:
        chosen, why = "cp949", "korean"
    elif western == best > _WESTERN and texts[order[0]] == texts["cp1252"]:
        chosen, why = "cp1252", "accents"
    else:
        fit = [codec for codec in order if scores[codec] > max(_OFFERED, best - _FAR)]
        if not fit:
            raise undecodable(error, where, before + mark, line)
        readings = _readings(fit, texts)
        first = next(iter(readings), fit[0])
        raise DataError(
            "encoding-unclear", where=where, line=line, readings=readings, encoding=first
        )
    near = [c for c in order if scores[c] > best - _NEAR and texts[c] != texts[chosen]]
    others = _readings([chosen, *near], texts) if near else {}
    return _Found(chosen, why, mark, scores[chosen], others)


def _mostly_utf8(sample: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    wrong = re.findall("[\udc80-\udcff]+", text)
    return sum(char > "\x7f" for char in text) - len("".join(wrong)) > 3 * len(wrong)


def _readings(names: list[str], texts: dict[str, str]) -> dict[str, list[str]]:
    """Return how the first cells beyond ASCII read in some encodings, each reading once."""
    out: dict[str, list[str]] = {}
    for codec in names:
        cells = [cell[:40] for cell in dict.fromkeys(cells_beyond_ascii(texts[codec]))][:3]
        if cells not in out.values() and not any("\ufffd" in cell for cell in cells):
            out[codec] = cells
    return dict(list(out.items())[:_SHOWN])


def _other_readings(found: _Found) -> Doubt:
    values = {"encoding": found.encoding, "readings": found.others, "option": "--encoding"}
    return Doubt("encoding-guessed", values=values)
