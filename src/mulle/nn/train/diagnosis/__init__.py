"""Diagnoses of a training, each a function of the evidence that returns a `Diagnosis` or None."""

from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.diagnosis.evidence import MAX_ROWS, Evidence, probe
from mulle.nn.train.diagnosis.gradients import exploding, vanishing, zigzag
from mulle.nn.train.diagnosis.inputs import double_softmax, unscaled
from mulle.nn.train.diagnosis.losses import (
    adagrad_stall,
    plateau,
    stuck,
    too_high,
    too_low,
)
from mulle.nn.train.diagnosis.units import dead_relus, saturated

DIAGNOSES = (
    unscaled,
    double_softmax,
    dead_relus,
    saturated,
    vanishing,
    exploding,
    zigzag,
    too_high,
    too_low,
    stuck,
    plateau,
    adagrad_stall,
)


def diagnose(evidence: Evidence) -> list[Diagnosis]:
    """Return all diagnoses that the evidence supports."""
    return [found for check in DIAGNOSES if (found := check(evidence)) is not None]


__all__ = ["DIAGNOSES", "MAX_ROWS", "Diagnosis", "Evidence", "diagnose", "probe"]
