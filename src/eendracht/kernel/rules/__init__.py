"""Laws, policies and standards as data: read, checked, run for one case with its reasons, and for everyone at once."""

from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation, Outcome

__all__ = ["Case", "Evaluation", "Library", "Outcome", "Register", "evaluate"]
