"""The .mulle file: trace, prove, write, verify, load, predict; `exports` takes it elsewhere."""

from mulle.bundle.archive import CARD, MODEL, REFERENCE, WATCH, write_archive
from mulle.bundle.card import card, example_row
from mulle.bundle.generated import generated_rows
from mulle.bundle.manifest import Manifest, Proof
from mulle.bundle.model import Model, load
from mulle.bundle.proof import prove
from mulle.bundle.recorded import Recorded, Scored, parse_recorded
from mulle.bundle.trace import trace
from mulle.bundle.why import Part, Why

__all__ = [
    "CARD",
    "MODEL",
    "REFERENCE",
    "WATCH",
    "Manifest",
    "Model",
    "Part",
    "Proof",
    "Recorded",
    "Scored",
    "Why",
    "card",
    "example_row",
    "generated_rows",
    "load",
    "parse_recorded",
    "prove",
    "trace",
    "write_archive",
]
