"""The mandatory tests of CSAF 2.0 (section 6.1): each fault carries the number of its test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.resilience.advisories.mandatory import products, profiles, scores, statements, tracking
from eendracht.resilience.advisories.mandatory.test import Test

TESTS: Final[tuple[Test, ...]] = (
    *products.TESTS,
    *scores.TESTS,
    *statements.TESTS,
    *tracking.TESTS,
    *profiles.TESTS,
)
"""All of them."""


def run_tests(document: Any) -> Iterator[Fault]:
    """Yield every fault that a mandatory test finds, also in a document that does not have its shape."""
    for test in TESTS:
        for pointer, nl, en, hint in test.find(document):
            yield Fault(
                pointer, f"csaf-{test.number}", f"{nl} (toets {test.number})", f"{en} (test {test.number})", hint
            )
