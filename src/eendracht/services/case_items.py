"""What lies in the vault about cases: texts and facts as JSON, and each document as a file of its own.

A submission names its documents by their items, so that nobody who looks at a case opens a file, and one file at a time
is in memory where they are copied or sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.services.case_retention import REFERENCE, SUBMISSION
from eendracht.services.registers import Document, document_of

PURPOSE: Final = "services/cases"
"""For what the vault is read here."""
NUMBER_SCHEME: Final = "case-number"
"""By which scheme the vault finds whose case has a number."""


def author_for(organisation: str) -> Principal:
    """Give the principal as whom the wing writes cases of an organisation."""
    return Principal("services/cases", frozenset({(Role.EDITOR, organisation)}))


def put_item(instance: Instance, subject: str, kind: str, content: dict[str, Any] | bytes, organisation: str) -> str:
    """Keep something about a case in the vault, for an organisation, and give its id."""
    item = instance.vault.put(
        subject, kind, content, controller=organisation, ground="awb/2:3", author=author_for(organisation)
    )
    if kind == REFERENCE and isinstance(content, dict):
        # So that whoever has a letter with the number is found by it; outside the vault nothing knows the number.
        instance.vault.add_identifier(subject, NUMBER_SCHEME, content["number"])
    return item


def read_item(instance: Instance, item: str, asker: Principal) -> dict[str, Any]:
    """Open something about a case; raises NotFound, also where the asker may not see it."""
    content = instance.vault.get(item, PURPOSE, asker)
    assert isinstance(content, dict)
    return content


# -- documents ----------------------------------------------------------------------------------------------------


def keep_documents(
    instance: Instance, subject: str, documents: Iterable[Document], organisation: str
) -> list[dict[str, Any]]:
    """Keep documents for an organisation, one after the other, and give how a submission names them."""
    return [
        {
            "number": document.number,
            "title": document.title,
            "fileName": document.file_name,
            "mediaType": document.media_type,
            "size": document.size,
            "item": put_item(instance, subject, SUBMISSION, document.read(), organisation),
        }
        for document in documents
    ]


def open_documents(
    instance: Instance,
    described: Iterable[Mapping[str, Any]],
    asker: Principal,
    prefix: str = "",
    on: date | None = None,
) -> list[Document]:
    """Give the documents that a submission names; each is read when it is asked, which raises NotFound.

    With a prefix they are numbered behind it, from one.
    """
    return [
        Document(
            f"{prefix}{at}" if prefix else item["number"],
            item["title"],
            partial(_read_file, instance, item["item"], asker),
            item["size"],
            item["mediaType"],
            item["fileName"],
            on,
        )
        for at, item in enumerate(described, 1)
    ]


def _read_file(instance: Instance, item: str, asker: Principal) -> bytes:
    content = instance.vault.get(item, PURPOSE, asker)
    if not isinstance(content, bytes):
        raise NotFound("There is no such document")
    return content


def list_case_documents(
    instance: Instance, facts: Mapping[str, Any], content: Mapping[str, Any], asker: Principal
) -> list[Document]:
    """Give what was submitted as documents of the case: the answers as one, and each attachment."""
    number, day = facts["number"], date.fromisoformat(facts["firstReceivedOn"])
    answers = orjson.dumps(content["answers"], option=orjson.OPT_INDENT_2)
    found = [document_of(f"{number}-0", "Ingediende gegevens", answers, "application/json", "gegevens.json", day)]
    found += open_documents(instance, content["documents"], asker, f"{number}-", day)
    if content.get("extra"):
        raw = orjson.dumps(content["extra"], option=orjson.OPT_INDENT_2)
        found.append(
            document_of(f"{number}-extra", "Meegestuurde gegevens", raw, "application/json", "extra.json", day)
        )
    return found
