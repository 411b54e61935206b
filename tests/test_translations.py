"""The catalogues are complete: no text is new, gone, fuzzy or without a translation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from eendracht.bootstrap import WINGS, registry
from eendracht.kit.i18n import LOCALE_FOLDER, Words

ROOT = Path(__file__).parents[1]


def test_every_text_has_its_translation() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/update_translations.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_kind_and_its_fields_have_dutch_words() -> None:
    words = Words("nl", [LOCALE_FOLDER, *(wing.locale_folder for wing in WINGS if wing.locale_folder)])
    for kind in registry():
        assert words.knows("kind", kind.name), kind.name
        for name, field in kind.model.model_fields.items():
            assert words.knows("field", field.alias or name), (kind.name, name)
