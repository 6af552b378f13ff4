"""Retraining: a challenger, a fair comparison, gates, promotion, rollback, and one ledger."""

from mulle.rooms import make_verb
from mulle.watch.retrain.gates import Gate
from mulle.watch.retrain.ledger import Entry, Ledger
from mulle.watch.retrain.loop import retrain
from mulle.watch.retrain.outcome import Outcome
from mulle.watch.retrain.rollback import RolledBack, history, rollback
from mulle.watch.retrain.settings import Policy, Settings

__all__ = [
    "Entry",
    "Gate",
    "Ledger",
    "Outcome",
    "Policy",
    "RolledBack",
    "Settings",
    "history",
    "retrain",
    "rollback",
]

make_verb(__name__)
