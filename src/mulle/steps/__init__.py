"""Steps: learned once from columns, then computed the same in Python and in ONNX."""

from mulle.steps.base import Step
from mulle.steps.categories import Frequency, OneHot, OrderedCodes, Ordinal, TargetMean
from mulle.steps.dates import DateParts
from mulle.steps.impute import Impute
from mulle.steps.power import Power
from mulle.steps.prepare import Block, Preparation
from mulle.steps.scale import MinMaxScale, RobustScale, StandardScale
from mulle.steps.text import TfIdf, Topics

STEPS: tuple[type[Step], ...] = (
    Impute,
    StandardScale,
    RobustScale,
    MinMaxScale,
    Power,
    OneHot,
    Ordinal,
    OrderedCodes,
    Frequency,
    TargetMean,
    DateParts,
    TfIdf,
    Topics,
)

__all__ = [
    "STEPS",
    "Block",
    "DateParts",
    "Frequency",
    "Impute",
    "MinMaxScale",
    "OneHot",
    "OrderedCodes",
    "Ordinal",
    "Power",
    "Preparation",
    "RobustScale",
    "StandardScale",
    "Step",
    "TargetMean",
    "TfIdf",
    "Topics",
]
