"""Retraining: a challenger, a fair comparison, gates, promotion, rollback, and one ledger."""

from mulle.verbs.retrain.gates import Gate
from mulle.verbs.retrain.ledger import Entry, Ledger
from mulle.verbs.retrain.loop import retrain
from mulle.verbs.retrain.outcome import Outcome
from mulle.verbs.retrain.promote import Promoted, pin, promote
from mulle.verbs.retrain.rollback import RolledBack, history, rollback
from mulle.verbs.retrain.settings import Policy, Settings

__all__ = [
    "Entry",
    "Gate",
    "Ledger",
    "Outcome",
    "Policy",
    "Promoted",
    "RolledBack",
    "Settings",
    "history",
    "pin",
    "promote",
    "retrain",
    "rollback",
]
