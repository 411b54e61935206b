"""The six priorities; each has a wing of its own, and a node may lack any of them."""

from __future__ import annotations

from typing import Final

PRIORITIES: Final = ("cloud", "data", "ai", "services", "resilience", "people")
"""Codes, in the order in which they are shown; also the names of the wings."""
