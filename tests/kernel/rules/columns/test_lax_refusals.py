"""The list of what columns cannot carry in the lax dialect: it is what the code raises, and it does not grow."""

from __future__ import annotations

import re
from pathlib import Path

from eendracht.kernel.rules.columns import lax_refusals
from eendracht.kernel.rules.columns.lax_refusals import LAX_REFUSALS
from eendracht.kernel.rules.columns.refusals import REFUSALS, NotCompiled, Refused

LENGTH = 40


def test_the_list_is_what_the_code_raises_and_does_not_grow() -> None:
    raised = {"integer-beside-double", "integer-in-quotient"}
    for file in Path(lax_refusals.__file__).parent.glob("lax_*.py"):
        raised |= set(re.findall(r'Refused\(\s*"([a-z0-9-]+)"', file.read_text(encoding="utf-8")))
    assert raised - set(REFUSALS) == set(LAX_REFUSALS)
    assert len(LAX_REFUSALS) <= LENGTH


def test_a_refusal_says_its_reason_and_the_next_step() -> None:
    told = NotCompiled(Refused("several-values", "'svb.inkomens.bedrag' has several values for one subject"))
    assert told.reason == "several-values"
    assert "one row for each key" in told.hint
