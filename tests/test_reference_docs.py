"""The reference pages say what the code does: each is made again and compared, and nothing is left out."""

from __future__ import annotations

from dataclasses import fields

import pytest
from scripts.make_reference_docs import FOLDER, list_errors, render_pages, walk_commands
from scripts.reference.api import list_operations, read_description
from scripts.reference.audit import WHEN, find_fields

from eendracht.config import Settings
from eendracht.kernel.audit import EVENTS
from eendracht.kernel.kinds import shared_kinds
from eendracht.kernel.syslog import SEVERITIES

PAGES = render_pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    committed = (FOLDER / name).read_text("utf-8")
    assert committed == PAGES[name], "run: python -m scripts.make_reference_docs"


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


def test_no_endpoint_is_left_out() -> None:
    page = PAGES["api.md"]
    for method, path, operation in list_operations():
        section = page.split(f"\n### {method} {path}\n")[1].split("\n## ")[0].split("\n### ")[0]
        for parameter in operation.get("parameters", ()):
            assert f"| `{parameter['name']}`" in section, (method, path)
        for status in operation["responses"]:
            assert f"\n| {status} |" in section, (method, path)
        assert ("Request body" in section) == ("requestBody" in operation)
    document = read_description()
    assert page.count("\n### GET ") == sum("get" in item for item in document["paths"].values())
    for name in document["components"]["schemas"]:
        assert f"\n### {name}\n" in page


def test_no_audit_event_is_left_out() -> None:
    page = PAGES["audit-events.md"]
    assert WHEN.keys() == EVENTS.keys()
    for code, event in EVENTS.items():
        assert f"| `{code}` | {event.severity} | {event.en} | {event.nl} |" in page
    for severity, number in SEVERITIES.items():
        # RFC 5424, section 6.2.1: facility 13 times 8, and the severity.
        assert f"| severity of {severity} | {number}, so `<{13 * 8 + number}>` |" in page


def test_what_an_event_is_given_is_read_from_the_code() -> None:
    fields = find_fields()
    assert fields["token-issued"] == {"about", "reason"}
    assert fields["import-recorded"] == {"about", "organisation"}
    # Handed on to a lane rather than called.
    assert fields["denied"] == {"reason"}


def test_error_codes_are_stable_words_and_stand_for_one_thing() -> None:
    codes = [error.code for error in list_errors()]
    assert len(codes) == len(set(codes))
    for error in list_errors():
        assert error.code == error.code.lower() and " " not in error.code
        assert error.title_nl and error.title_en and 400 <= error.status < 600 and error.exit_code in (1, 2, 3)
