"""Find out how the bytes of a text file are encoded: by evidence, never by the system's default.

A byte-order mark decides. Without one, bytes that are valid UTF-8 are UTF-8. Zero bytes that stand
at every other place are UTF-16. What is left is cp949 (Microsoft's superset of EUC-KR) if it
decodes and most of what is not ASCII is Hangul.

catalogue  enc-utf8 enc-utf16 enc-bom enc-ascii enc-cp949 enc-euckr
source  RFC 3629 (UTF-8); WHATWG Encoding Standard, section 14.3 (EUC-KR labels mean cp949)
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from mulle.errors import DataError, UnknownName
from mulle.table.types.column import Repair

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON = (
    "utf-8",
    "utf-8-sig",
    "cp949",
    "euc-kr",
    "utf-16",
    "utf-32",
    "cp1252",
    "latin-1",
    "shift_jis",
)
_HANGUL_SHARE = 0.5  # of the characters beyond ASCII
SAMPLE = 1 << 16  # bytes that decide where bytes alone cannot
_NO_CONTROLS = dict.fromkeys(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a"))


def decode(data: bytes, encoding: str | None = None, where: str = "") -> tuple[str, list[Repair]]:
    """Decode the bytes of a file, and note how unless they were plain UTF-8.

    Args:
        data: the whole file.
        encoding: the encoding to use; None to find it out.
        where: the file, for errors.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the bytes are not text in any encoding tried (or in the one given).

    >>> decode("이름,값".encode("cp949"))[0]
    '이름,값'
    """
    if encoding is not None:
        return _given(data, encoding, where)
    marked = _marked(data)
    if marked:
        name, skipped = marked
        return _strict(data[skipped:], name, where, skipped), [_decoded(name, "byte-order-mark")]
    if wide := _utf16(data[:SAMPLE]):
        return _strict(data, wide, where), [_decoded(wide, "zero-bytes")]
    try:
        return _without_zeros(data.decode("utf-8"), where)
    except UnicodeDecodeError as error:
        share = _korean_share(data[:SAMPLE], error, where)
        return _strict(data, "cp949", where), [_decoded("cp949", "hangul-share", share=share)]


def encoding_of(head: bytes, data: Iterable[bytes], where: str = "") -> tuple[str, int]:
    """Find the encoding of a file too large to hold, and the length of its byte-order mark.

    Args:
        head: the first `SAMPLE` bytes.
        data: all bytes in order, from the first on.

    Raises:
        DataError: the bytes are not text in any encoding tried.
    """
    if marked := _marked(head):
        return marked
    if wide := _utf16(head):
        return wide, 0
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    if _controls(head.decode("latin-1")):
        raise not_a_table(where)
    try:
        for part in data:
            decoder.decode(part)
            read += len(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        _korean_share(head, error, where, read)
        return "cp949", 0
    return "utf-8", 0


def _marked(data: bytes) -> tuple[str, int] | None:
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), None)


def hangul_share(text: str) -> float:
    """Return the share of Hangul syllables (U+AC00 to U+D7A3) among the characters beyond ASCII.

    >>> hangul_share("가나 é")
    0.6666666666666666
    """
    beyond = [c for c in text if c > "\x7f"]
    return sum("가" <= c <= "힣" for c in beyond) / len(beyond) if beyond else 0.0


def _given(data: bytes, encoding: str, where: str) -> tuple[str, list[Repair]]:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise UnknownName("encoding-unknown", "encoding", encoding, _COMMON, where) from None
    if name == "utf-8":
        name = "utf-8-sig"  # drops a byte-order mark, if there is one
    if name == "euc_kr":
        name = "cp949"
    return _strict(data, name, where), [_decoded(encoding, "given")]


def _decoded(encoding: str, why: str, **evidence: float) -> Repair:
    return Repair("decoded", values={"encoding": encoding, "why": why, **evidence})


def _utf16(sample: bytes) -> str:
    """Recognise UTF-16 without a mark: its ASCII characters have a zero byte each."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    zeros = even + odd
    if zeros * 50 < len(sample) or zeros < 2 or max(even, odd) < 0.75 * zeros:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _without_zeros(text: str, where: str) -> tuple[str, list[Repair]]:
    if _controls(text[:SAMPLE]):
        raise not_a_table(where)
    count = text.count("\0")
    if not count:
        return text, []
    return text.replace("\0", ""), [Repair("zero-bytes-removed", count=count)]


def _controls(head: str) -> bool:
    """Tell whether there are more control characters than text ever has."""
    kept = len(head.translate(_NO_CONTROLS))
    return len(head) - kept > 0.02 * len(head) + 2


def _korean_share(head: bytes, error: UnicodeDecodeError, where: str, skipped: int = 0) -> float:
    """Return the share of Hangul in bytes that are not UTF-8, if it is enough for cp949."""
    share = hangul_share(head.decode("cp949", errors="ignore"))
    if _controls(head.decode("latin-1")):
        raise not_a_table(where)
    if share < _HANGUL_SHARE:
        raise undecodable(error, where, skipped, whole=not skipped) from None
    return round(share, 4)


def _strict(data: bytes, encoding: str, where: str, skipped: int = 0) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise undecodable(error, where, skipped=skipped) from None


def undecodable(
    error: UnicodeDecodeError, where: str, skipped: int = 0, *, whole: bool = True
) -> DataError:
    """Return the error for bytes that are no text.

    Args:
        skipped: bytes of the file before those that were decoded.
        whole: whether the decoded bytes begin where the file does, so that lines can be counted.
    """
    line = error.object.count(b"\n", 0, error.start) + 1
    return DataError(
        "bytes-undecodable",
        where=where,
        byte=error.start + skipped,
        line=line if whole else None,
        encoding=error.encoding,
        received=error.object[error.start : error.start + 4].hex(" "),
    )


def not_a_table(where: str) -> DataError:
    """Return the error for a file that holds neither text nor a known table format."""
    return DataError("table-binary", where=where)
