"""Bodies that come compressed (`Content-Encoding: gzip` or `deflate`), inflated as they come.

Each part is inflated in pieces, so that what a few bytes become never stands in memory as a whole;
who reads the pieces counts them, and stops where they are too many. Time is linear in the pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from mulle.verbs.serve.http.errors import HTTPError

CODINGS = ("gzip", "x-gzip", "deflate")
PIECE = 1 << 16  # bytes that are inflated at once
_GZIP, _ZLIB, _RAW = 31, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ACCEPTED = ((b"accept-encoding", b"gzip, deflate"),)


def decoder_of(coding: str) -> Decoder | None:
    """Return what inflates a body; None for one that is sent as it is.

    Args:
        coding: value of the header Content-Encoding.

    Raises:
        HTTPError: the coding is not read here (415).
    """
    name = coding.strip().lower()
    if name in ("", "identity"):
        return None
    if name not in CODINGS:
        raise HTTPError(415, "coding-unknown", _ACCEPTED, received=coding[:100])
    return Decoder(deflate=name == "deflate")


class Decoder:
    """A compressed body on its way.

    Args:
        deflate: whether it is zlib's format, or without its frame as some clients send it.

    >>> import gzip
    >>> decoder = Decoder()
    >>> parts = [*decoder.inflate(gzip.compress(b"one")), *decoder.inflate(gzip.compress(b"two"))]
    >>> decoder.end(); b"".join(parts)
    b'onetwo'
    """

    def __init__(self, *, deflate: bool = False) -> None:
        self._deflate, self._began = deflate, False
        self._inflater = zlib.decompressobj(_ZLIB if deflate else _GZIP)

    def inflate(self, data: bytes) -> Iterator[bytes]:
        """Yield what a part of the body becomes, at most `PIECE` bytes at a time.

        Raises:
            HTTPError: it is not what its header says (400).
        """
        while data:
            if self._inflater.eof:  # gzip allows members one after the other
                if self._deflate:
                    raise HTTPError(400, "coding-broken")
                self._begin()
            piece = self._inflated(data)
            self._began = True
            if piece:
                yield piece
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def end(self) -> None:
        """Check that the body is whole.

        Raises:
            HTTPError: its end is missing (400).
        """
        if self._began and not self._inflater.eof:
            raise HTTPError(400, "coding-broken")

    def _begin(self) -> None:
        self._began = False
        self._inflater = zlib.decompressobj(_ZLIB if self._deflate else _GZIP)

    def _inflated(self, data: bytes) -> bytes:
        try:
            return self._inflater.decompress(data, PIECE)
        except zlib.error:
            if not self._deflate or self._began:
                raise HTTPError(400, "coding-broken") from None
        self._inflater = zlib.decompressobj(_RAW)
        try:
            return self._inflater.decompress(data, PIECE)
        except zlib.error:
            raise HTTPError(400, "coding-broken") from None
