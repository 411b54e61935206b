"""Giving messages to whoever delivers them: a CloudEvent 1.0 over HTTP, or a folder of letters for the printing house.

Events are structured JSON (`application/cloudevents+json`). With a shared secret they are signed as Standard Webhooks
do: HMAC-SHA256 over id, moment and body. A receiver that gets the same id twice has the same message twice.
"""

from __future__ import annotations

import base64
import csv
import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.private import FILE_MODE, make_private_folder
from eendracht.services.proactive.channels import Webhook

TYPE: Final = "nl.eendracht.proactive.message.v1"
MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"
TIMEOUT_SECONDS: Final = 10.0
DATA_SCHEMA_FIELDS: Final = ("recipient", "language", "subject", "text", "law", "article", "amountPerYear", "certainty")
"""What stands in the data of an event."""
_LETTERS_HEAD: Final = ("id", "name", "street", "place", "language", "subject", "file")


class NotDelivered(EendrachtError):
    """A receiver did not take a message; it may later, unless it is final."""

    code = "not-delivered"
    status = 502
    title_nl = "Het bericht is niet aangenomen"
    title_en = "The message was not taken"
    default_hint = "It is tried again; see whether the receiver runs and knows the secret."

    def __init__(self, detail: str, *, is_final: bool = False) -> None:
        super().__init__(detail)
        self.is_final = is_final


def make_event(message: str, controller: str, moment: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the CloudEvent of a message; its id is that of the message."""
    return {
        "specversion": "1.0",
        "id": message,
        "source": f"urn:eendracht:{controller}",
        "type": TYPE,
        "time": timestamp(moment),
        "datacontenttype": "application/json",
        "data": {name: data[name] for name in DATA_SCHEMA_FIELDS},
    }


def sign(secret: str, message: str, moment: int, body: bytes) -> str:
    """Give the signature of a body under a secret, as the header carries it."""
    digest = hmac.new(secret.encode(), b".".join((message.encode(), str(moment).encode(), body)), sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def post_event(webhook: Webhook, event: Mapping[str, Any], moment: datetime) -> None:
    """Send an event; raises NotDelivered, final where the receiver says that it will never take it."""
    import httpx2

    body = orjson.dumps(event)
    headers = {"Content-Type": MEDIA_TYPE}
    if webhook.scheme == "bearer":
        headers["Authorization"] = f"Bearer {webhook.secret}"
    else:
        seconds = int(moment.timestamp())
        headers |= {"webhook-id": event["id"], "webhook-timestamp": str(seconds)}
        headers["webhook-signature"] = sign(webhook.secret, event["id"], seconds, body)
    try:
        # No proxies of the environment: a message goes to the address that was configured.
        answer = httpx2.post(
            webhook.address,
            content=body,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )
    except httpx2.HTTPError as error:
        # The text of the error may hold the address; its name says enough.
        raise NotDelivered(type(error).__name__) from None
    if not 200 <= answer.status_code < 300:
        passing = answer.status_code >= 500 or answer.status_code in (408, 409, 425, 429)
        raise NotDelivered(f"HTTP {answer.status_code}", is_final=not passing)


class Printer:
    """Lays letters in a folder for the printing house: a text each, and a table of whom they go to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_private_folder(folder)

    def has_letter(self, message: str) -> bool:
        """Tell whether the letter of a message lies here already."""
        return (self.folder / f"{message}.txt").is_file()

    def print_letter(self, message: str, data: Mapping[str, Any]) -> None:
        """Lay down one letter; the same id gives the same file."""
        recipient = data["recipient"]
        lines = [line for line in (recipient["name"], *recipient["address"]) if line]
        letter = "\n".join([*lines, "", data["subject"], "", data["text"]])
        self._write(f"{message}.txt", letter.encode())

    def write_index(self, letters: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the tables of all letters, as CSV and as lines of JSON."""
        path = self.folder / ".letters.csv.partial"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_LETTERS_HEAD)
            for message, data in sorted(letters.items()):
                recipient = data["recipient"]
                street, place = (*recipient["address"], "", "")[:2]
                row = [recipient["name"], street, place, data["language"], data["subject"]]
                # A cell that a spreadsheet would read as a formula gets a quote before it.
                row = [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row]
                writer.writerow([message, *row, f"{message}.txt"])
        path.replace(self.folder / "letters.csv")
        rows = [orjson.dumps({"id": message, **data}) for message, data in sorted(letters.items())]
        self._write("letters.jsonl", b"".join(row + b"\n" for row in rows))

    def _write(self, name: str, content: bytes) -> None:
        partial = self.folder / f".{name}.partial"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
            file.write(content)
        partial.replace(self.folder / name)
