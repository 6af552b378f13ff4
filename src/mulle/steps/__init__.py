"""Steps: learned once from columns, then computed the same in Python and in ONNX."""

from mulle.steps.base import Step
from mulle.steps.bins import KBins
from mulle.steps.categories import Frequency, OneHot, OrderedCodes, Ordinal, TargetMean
from mulle.steps.dates import DateParts
from mulle.steps.impute import Impute
from mulle.steps.interact import Arithmetic, Elapsed
from mulle.steps.power import Power
from mulle.steps.prepare import Block, Preparation, Shared
from mulle.steps.reduce import PCA, Topics
from mulle.steps.scale import MinMaxScale, RobustScale, StandardScale, UnitNorm
from mulle.steps.select import Select
from mulle.steps.text import TextScore, TfIdf

STEPS: tuple[type[Step], ...] = (
    Impute,
    StandardScale,
    RobustScale,
    MinMaxScale,
    UnitNorm,
    Power,
    KBins,
    OneHot,
    Ordinal,
    OrderedCodes,
    Frequency,
    TargetMean,
    DateParts,
    Elapsed,
    TfIdf,
    TextScore,
    Topics,
    PCA,
    Select,
    Arithmetic,
)

__all__ = [
    "PCA",
    "STEPS",
    "Arithmetic",
    "Block",
    "DateParts",
    "Elapsed",
    "Frequency",
    "Impute",
    "KBins",
    "MinMaxScale",
    "OneHot",
    "OrderedCodes",
    "Ordinal",
    "Power",
    "Preparation",
    "RobustScale",
    "Select",
    "Shared",
    "StandardScale",
    "Step",
    "TargetMean",
    "TextScore",
    "TfIdf",
    "Topics",
    "UnitNorm",
]
