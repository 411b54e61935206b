"""XML with lines: where elements stand, and what is refused."""

from __future__ import annotations

import pytest

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.imports import lined_xml
from eendracht.kernel.imports.lined_xml import parse_lined_xml


def test_elements_know_their_line_and_lose_their_namespace() -> None:
    root = parse_lined_xml(b"<!DOCTYPE a>\n<a xmlns='urn:x'>\n text <b name=' n '/>\n\n<c\n/></a>", "x.xml")
    assert (root.tag, root.line) == ("a", 2)
    assert [(child.tag, child.name, child.line) for child in root.children] == [("b", "n", 3), ("c", "", 5)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a><b></a>", "malformed-xml"),
        (b"", "malformed-xml"),
        (b"<a>&nope;</a>", "malformed-xml"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a/>', "xml-entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml-entities"),
        (b"<a>" * 101 + b"</a>" * 101, "too-deep"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        parse_lined_xml(data, "x.xml")
    assert caught.value.faults[0].code == code


def test_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lined_xml, "MAX_XML_ELEMENTS", 3)
    with pytest.raises(UnreadableFile) as caught:
        parse_lined_xml(b"<a><b/><b/><b/></a>", "x.xml")
    assert caught.value.faults[0].code == "too-large"
