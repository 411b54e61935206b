"""The rulebook that ships: Dutch laws as data, written here, every figure with its source.

`nl/<layer>/<law_id>/<valid_from>.yaml` holds one file a version of a law; a municipal regulation stands under its
municipality (`nl/gemeentelijke_verordening/<gmcode>/<law_id>/`). The format is the regelrecht law format. What the
sources do not give is left out and listed in `docs/reference/rulebook-sources.md`.
"""

from __future__ import annotations

from pathlib import Path


def rulebook_folder() -> Path:
    """Give the folder that holds the law files of the Netherlands."""
    return Path(__file__).parent / "nl"
