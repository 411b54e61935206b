"""The reference pages say what the code does: each is made again and compared, and nothing is left out."""

from __future__ import annotations

from dataclasses import fields

import pytest
from scripts.make_reference_docs import FOLDER, list_errors, render_pages, walk_commands

from eendracht.config import Settings
from eendracht.kernel.kinds import shared_kinds

PAGES = render_pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    committed = (FOLDER / name).read_text("utf-8")
    assert committed == PAGES[name], "run: python scripts/make_reference_docs.py"


def test_nothing_is_left_out() -> None:
    for item in fields(Settings):
        assert f"| `{item.name}` | `EENDRACHT_{item.name.upper()}` |" in PAGES["settings.md"]
    for error in list_errors():
        assert f"| `{error.code}` | {error.status} |" in PAGES["errors.md"]
    for path, command in walk_commands():
        section = PAGES["commands.md"].split(f"\n## eendracht {' '.join(path)}\n")[1].split("\n## ")[0]
        assert all(option in section for parameter in command.params for option in parameter.opts if option[0] == "-")
    for kind in shared_kinds():
        section = PAGES["kinds.md"].split(f"\n## {kind.name}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}`" in section for name in kind.json_schema()["properties"])


def test_error_codes_are_stable_words_and_stand_for_one_thing() -> None:
    codes = [error.code for error in list_errors()]
    assert len(codes) == len(set(codes))
    for error in list_errors():
        assert error.code == error.code.lower() and " " not in error.code
        assert error.title_nl and error.title_en and 400 <= error.status < 600 and error.exit_code in (1, 2, 3)
