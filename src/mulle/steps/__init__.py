"""Steps: learned once from columns, then computed the same in Python and in ONNX."""

from mulle.steps.base import Step
from mulle.steps.bins import KBins
from mulle.steps.categories import CategoryCodes, Frequency, OneHot, OrdinalCodes
from mulle.steps.dates import DateParts
from mulle.steps.describe import describe_step
from mulle.steps.embed import Embed
from mulle.steps.hashed import Hashed
from mulle.steps.impute import Impute
from mulle.steps.interact import Arithmetic, Elapsed
from mulle.steps.piecewise import PiecewiseLinear
from mulle.steps.pixels import Pixels
from mulle.steps.power import PowerTransform
from mulle.steps.prepare import Block, Preparation, Shared
from mulle.steps.reduce import LSA, PCA
from mulle.steps.registry import PLAN_STEPS, STEPS
from mulle.steps.scale import MinMaxScale, Normalize, RobustScale, StandardScale
from mulle.steps.select import SelectK
from mulle.steps.target_encode import TargetEncode
from mulle.steps.text import TextScore, TfIdf

__all__ = [
    "LSA",
    "PCA",
    "PLAN_STEPS",
    "STEPS",
    "Arithmetic",
    "Block",
    "CategoryCodes",
    "DateParts",
    "Elapsed",
    "Embed",
    "Frequency",
    "Hashed",
    "Impute",
    "KBins",
    "MinMaxScale",
    "Normalize",
    "OneHot",
    "OrdinalCodes",
    "PiecewiseLinear",
    "Pixels",
    "PowerTransform",
    "Preparation",
    "RobustScale",
    "SelectK",
    "Shared",
    "StandardScale",
    "Step",
    "TargetEncode",
    "TextScore",
    "TfIdf",
    "describe_step",
]
