"""All steps that a plan can name: `STEPS`, and `Embed`, which is nothing without an encoder."""

from __future__ import annotations

from mulle.steps.base import Step
from mulle.steps.bins import KBins
from mulle.steps.categories import CategoryCodes, Frequency, OneHot, OrdinalCodes
from mulle.steps.dates import DateParts
from mulle.steps.embed import Embed
from mulle.steps.hashed import Hashed
from mulle.steps.impute import Impute
from mulle.steps.interact import Arithmetic, Elapsed
from mulle.steps.piecewise import PiecewiseLinear
from mulle.steps.pixels import Pixels
from mulle.steps.power import PowerTransform
from mulle.steps.reduce import LSA, PCA
from mulle.steps.scale import MinMaxScale, Normalize, RobustScale, StandardScale
from mulle.steps.select import SelectK
from mulle.steps.target_encode import TargetEncode
from mulle.steps.text import TextScore, TfIdf

STEPS: tuple[type[Step], ...] = (
    Impute,
    StandardScale,
    RobustScale,
    MinMaxScale,
    Normalize,
    PowerTransform,
    KBins,
    PiecewiseLinear,
    OneHot,
    CategoryCodes,
    OrdinalCodes,
    Frequency,
    TargetEncode,
    Hashed,
    DateParts,
    Elapsed,
    TfIdf,
    TextScore,
    LSA,
    PCA,
    SelectK,
    Arithmetic,
    Pixels,
)

PLAN_STEPS: tuple[type[Step], ...] = (*STEPS, Embed)
