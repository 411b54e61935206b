"""One type for every verdict: what, by which rule, from which inputs, in which steps, and what would change it.

The same explanation is shown on a page, printed by the command line and given as JSON; whoever reads it need not have
seen the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said


@dataclass(frozen=True, slots=True)
class Rule:
    """What a verdict rests on: an article of a law or a policy with its address, or a rule of this node itself."""

    code: str
    title: Said
    article: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A fact that went in: of which record, what it says, and where and when that was stated (ISO 8601)."""

    label: Said
    value: Said
    ref: str = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons; `more_inputs` counts the inputs that are not listed."""

    verdict: Said
    rule: Rule
    inputs: Sequence[Input] = ()
    more_inputs: int = 0
    steps: Sequence[Said] = ()
    changes: Sequence[Said] = field(default=())
    """What would make the verdict another one."""

    def as_dict(self) -> dict[str, Any]:
        """Give the explanation as plain data, each text in both languages."""
        return {
            "verdict": _both(self.verdict),
            "rule": {
                "code": self.rule.code,
                "title": _both(self.rule.title),
                "article": self.rule.article,
                "url": self.rule.url,
            },
            "inputs": [
                {
                    "label": _both(item.label),
                    "value": _both(item.value),
                    "ref": item.ref,
                    "source": item.source,
                    "statedOn": item.date or None,
                }
                for item in self.inputs
            ],
            "moreInputs": self.more_inputs,
            "steps": [_both(step) for step in self.steps],
            "changes": [_both(change) for change in self.changes],
        }


def place_of(record: Record) -> str:
    """Give where a record was read: the place in a file, else the system with its key, where that is not the ref."""
    source = record.data["source"]
    key = source["key"] if source["key"] != record.ref else ""
    return source["place"] or " ".join(filter(None, (source["system"], key)))


def _both(text: Said) -> dict[str, str]:
    return {"nl": text.nl, "en": text.en}
