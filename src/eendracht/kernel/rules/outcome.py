"""The result of a run of rules: what each output came to, how, and what was used on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.trace import Node
from eendracht.kernel.rules.values import Absent, Fact, Unknown

Mode = Literal["error", "propagate", "warn", "ignore"]
"""What an untranslatable article does: refuse (unless accepted), taint its outputs, or run as far as it goes."""
Provenance = Literal["direct", "reactive", "override"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one output came to: a value or its absence, how it came about, and the field that declares it."""

    value: Any
    provenance: Provenance
    law: ir.Regulation
    article: ir.Article
    field: ir.Field | None

    @property
    def is_known(self) -> bool:
        """Whether there is a value (null is one)."""
        return not isinstance(self.value, Absent)


@dataclass(slots=True)
class Evaluation:
    """The result of a run: the outputs by name, the trace, and the regulations that were used."""

    law: ir.Regulation
    outcomes: dict[str, Outcome]
    trace: Node
    used: dict[tuple[str, str], ir.Regulation] = field(default_factory=dict)
    """Every regulation that was run, by id and hash of its file."""
    requirements_met: bool = True
    """Whether the requirements of the law hold (service-based format); without them there are no outputs."""
    missing_required: bool = False
    """Whether a required value was missing, which ends the run (service-based format)."""
    lacking: frozenset[Fact] = frozenset()
    """The required value that was missing."""

    @property
    def missing(self) -> frozenset[Fact]:
        """The facts for want of which some output is unknown, or the run has ended."""
        facts: frozenset[Fact] = self.lacking
        for outcome in self.outcomes.values():
            if isinstance(outcome.value, Unknown):
                facts |= outcome.value.facts
        return facts
