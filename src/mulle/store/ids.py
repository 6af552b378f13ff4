"""Names of runs: sortable by time, readable, and plain ASCII on every file system.

catalogue  store-layout
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from mulle.errors import RunError

FOLDER = ".mulle"  # of the runs and the registry of a project

# Revised Romanization of Korean (2000), letter by letter: initials, vowels, finals of a syllable.
_INITIALS = "g,kk,n,d,tt,r,m,b,pp,s,ss,,j,jj,ch,k,t,p,h"
_VOWELS = "a,ae,ya,yae,eo,e,yeo,ye,o,wa,wae,oe,yo,u,wo,we,wi,yu,eu,ui,i"
_FINALS = ",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t"
_MAX_STEM = 24


def new_run_id(now: datetime, source: str = "") -> str:
    """Return a name for a run: time in UTC, the table, and four random digits.

    Args:
        now: when the run begins; a time without a zone counts as UTC.
        source: file or name of the table; letters outside ASCII are spelled in ASCII.

    >>> new_run_id(datetime(2026, 11, 21, 4, 15, 7), "data/titanic.csv")[:-4]
    '20261121-041507-titanic-'
    >>> new_run_id(datetime(2026, 11, 21, 4, 15, 7), "한강 🚀.csv")[:-4]
    '20261121-041507-hangang-'
    """
    utc = now.astimezone(UTC) if now.tzinfo else now
    return f"{utc:%Y%m%d-%H%M%S}-{ascii_stem(source)}-{secrets.token_hex(2)}"


def new_run_folder(runs: Path, now: datetime, source: str = "") -> Path:
    """Make the folder of a new run below `runs`, never one that exists.

    Raises:
        RunError: the folder cannot be made.
    """
    reason: OSError | None = None
    for _ in range(8):  # two runs of one second share a name once in 65,536 times
        folder = runs / new_run_id(now, source)
        try:
            folder.mkdir(parents=True)
            return folder
        except OSError as error:
            reason = error
    raise RunError("run-folder-failed", where=str(runs), error=reason and reason.strerror)


def ascii_stem(source: str) -> str:
    """Return the last part of a path, without its ending, in a-z, 0-9 and single hyphens.

    >>> ascii_stem("Prix d'été (2).parquet"), ascii_stem("🚀.csv")
    ('prix-d-ete-2', 'table')
    """
    stem = Path(re.split(r"[\\/]", source)[-1]).stem
    spelled = "".join(_romanize(sign) for sign in unicodedata.normalize("NFC", stem))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_STEM].strip("-") or "table"


def _romanize(sign: str) -> str:
    """Return a syllable of Hangul in Latin letters; any other character as it is."""
    place = ord(sign) - 0xAC00  # syllables stand in order of initial (19), vowel (21), final (28)
    if not 0 <= place < 19 * 21 * 28:
        return sign
    initial, rest = divmod(place, 21 * 28)
    parts = (_INITIALS, initial), (_VOWELS, rest // 28), (_FINALS, rest % 28)
    return "".join(letters.split(",")[index] for letters, index in parts)
