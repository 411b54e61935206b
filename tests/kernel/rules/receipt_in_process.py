"""Prints the receipt of a fixed case as canonical bytes, for a test that runs it in several processes."""

from __future__ import annotations

import sys

from eendracht.kernel.records import dump_canonical
from eendracht.kernel.rules.receipts import evaluate_with_receipt
from tests.kernel.rules.test_receipts import REQUEST, case_of, library

if __name__ == "__main__":
    sys.stdout.buffer.write(dump_canonical(evaluate_with_receipt(library(), REQUEST, case_of())[1]))
