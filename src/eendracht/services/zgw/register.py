"""A case register behind the ZGW APIs: making and reading cases by our own number, so that nothing is made twice.

Profile: *unverified against a published file* (see the package).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.services.connections import RegisterConnection
from eendracht.services.registers import (
    Document,
    NewCase,
    RegisteredCase,
    RegisterRefused,
    RegisterUnreachable,
    StatusName,
)
from eendracht.services.zgw.client import ZgwClient

MOST_SUMMARY: Final = 80
"""How long an `omschrijving` of a zaak may be."""
NOT_UNIQUE: Final = "identificatie-niet-uniek"
"""The code by which a register says that another request made the same case at the same moment."""


class ZgwRegister:
    """The register of one organisation, as `registers.CaseRegister`."""

    def __init__(self, connection: RegisterConnection, client: ZgwClient | None = None) -> None:
        self._own = connection
        self._client = client or ZgwClient(connection)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    # -- cases --------------------------------------------------------------------------------------------------

    def create_case(self, new: NewCase) -> RegisteredCase:
        """Make a case, or give the one of that number; after a time-out it is looked for before it is made again."""
        found = self.find_case(new.number)
        if found is not None:
            return found
        own = self._own
        body = {
            "identificatie": new.number,
            "bronorganisatie": own.rsin,
            "verantwoordelijkeOrganisatie": own.rsin,
            "zaaktype": self._find_case_type(new.service, new.registered_on),
            "omschrijving": new.summary[:MOST_SUMMARY],
            "registratiedatum": new.registered_on.isoformat(),
            "startdatum": new.received_on.isoformat(),
            "uiterlijkeEinddatumAfdoening": new.decide_by.isoformat() if new.decide_by else None,
        }
        try:
            made = self._client.post(f"{own.zaken}/zaken", body)
        except (RegisterUnreachable, RegisterRefused) as error:
            if isinstance(error, RegisterRefused) and not _says(error, NOT_UNIQUE):
                raise
            found = self.find_case(new.number)
            if found is None:
                raise
            return found
        return self._read(made)

    def read_case(self, address: str) -> RegisteredCase:
        """Give a case by its address as it is now; raises NotFound."""
        return self._read(self._client.get(address))

    def find_case(self, number: str) -> RegisteredCase | None:
        """Give a case by its number (identificatie); None where there is none."""
        query = {"identificatie": number, "bronorganisatie": self._own.rsin}
        for zaak in self._client.get_pages(f"{self._own.zaken}/zaken", query):
            if zaak.get("identificatie") == number and zaak.get("bronorganisatie") == self._own.rsin:
                return self._read(zaak)
        return None

    def _read(self, zaak: dict[str, Any]) -> RegisteredCase:
        status, status_at = "", ""
        if zaak.get("status"):
            found = self._client.get(zaak["status"])
            status_at = str(found.get("datumStatusGezet") or "")
            status = str(self._client.get(found["statustype"]).get("omschrijving") or "")
        try:
            return RegisteredCase(
                number=zaak["identificatie"],
                address=zaak["url"],
                case_type=zaak["zaaktype"],
                started_on=date.fromisoformat(zaak["startdatum"]),
                deadline=_day(zaak.get("uiterlijkeEinddatumAfdoening")),
                planned_on=_day(zaak.get("einddatumGepland")),
                ended_on=_day(zaak.get("einddatum")),
                status=status,
                status_at=status_at,
            )
        except (KeyError, TypeError, ValueError):
            raise RegisterRefused("The register gives a case that is not as the standard has it") from None

    def _find_case_type(self, service: str, on: date) -> str:
        wanted = self._own.case_types.get(service) or self._own.default_case_type
        if not wanted:
            raise _unset(f"case_types/{service}", "zaaktype")
        query = {"identificatie": wanted, "status": "definitief", "datumGeldigheid": on.isoformat()}
        for case_type in self._client.get_pages(f"{self._own.catalogi}/zaaktypen", query):
            ends = _day(case_type.get("eindeGeldigheid"))
            if case_type.get("identificatie") == wanted and (ends is None or on < ends):
                return str(case_type["url"])
        raise RegisterRefused(f"The catalogue has no case type {wanted} that holds on {on}")

    # -- statuses -----------------------------------------------------------------------------------------------

    def add_status(self, case: RegisteredCase, status: StatusName) -> None:
        """Set the status that cases.toml names for what happened; without a name, or set already, nothing is done."""
        wanted = self._own.statuses.get(status)
        if not wanted or self.read_case(case.address).status == wanted:
            return
        for kind in self._client.get_pages(f"{self._own.catalogi}/statustypen", {"zaaktype": case.case_type}):
            if kind.get("omschrijving") == wanted:
                body = {
                    "zaak": case.address,
                    "statustype": kind["url"],
                    "datumStatusGezet": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                    "statustoelichting": "",
                }
                self._client.post(f"{self._own.zaken}/statussen", body)
                return
        raise RegisterRefused(f"The case type has no status {wanted[:80]}")

    # -- documents ----------------------------------------------------------------------------------------------

    def add_document(self, case: RegisteredCase, document: Document) -> str:
        """Put a document in the document register and in the case; each is looked for before it is made."""
        address = self._find_document(document.number) or self._create_document(document)
        query = {"zaak": case.address, "informatieobject": address}
        relations = f"{self._own.zaken}/zaakinformatieobjecten"
        if not any(item.get("informatieobject") == address for item in self._client.get_pages(relations, query)):
            self._client.post(relations, {"zaak": case.address, "informatieobject": address})
        return address

    def list_documents(self, case: RegisteredCase) -> Sequence[str]:
        """Give the addresses of the documents of a case."""
        relations = f"{self._own.zaken}/zaakinformatieobjecten"
        return [item["informatieobject"] for item in self._client.get_pages(relations, {"zaak": case.address})]

    def _create_document(self, document: Document) -> str:
        own = self._own
        body = {
            "identificatie": document.number,
            "bronorganisatie": own.rsin,
            "creatiedatum": (document.made_on or date.today()).isoformat(),  # noqa: DTZ011 - a day, in local time
            "titel": document.title[:200],
            "auteur": "Eendracht",
            "taal": "nld",
            "formaat": document.media_type,
            "bestandsnaam": document.file_name[:255],
            "bestandsomvang": document.size,
            "inhoud": base64.b64encode(document.read()).decode(),
            "informatieobjecttype": self._find_document_type(),
        }
        try:
            made = self._client.post(f"{own.documenten}/enkelvoudiginformatieobjecten", body)
        except (RegisterUnreachable, RegisterRefused) as error:
            if isinstance(error, RegisterRefused) and not _says(error, NOT_UNIQUE):
                raise
            found = self._find_document(document.number)
            if not found:
                raise
            return found
        return str(made["url"])

    def _find_document(self, number: str) -> str:
        query = {"identificatie": number, "bronorganisatie": self._own.rsin}
        places = f"{self._own.documenten}/enkelvoudiginformatieobjecten"
        found: Iterator[dict[str, Any]] = self._client.get_pages(places, query)
        return next((str(item["url"]) for item in found if item.get("identificatie") == number), "")

    def _find_document_type(self) -> str:
        wanted = self._own.document_type
        if not wanted:
            raise _unset("document_type", "informatieobjecttype")
        for kind in self._client.get_pages(f"{self._own.catalogi}/informatieobjecttypen", {"status": "definitief"}):
            if kind.get("omschrijving") == wanted:
                return str(kind["url"])
        raise RegisterRefused(f"The catalogue has no document type {wanted[:80]}")


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _says(error: RegisterRefused, code: str) -> bool:
    return any(fault.code == code for fault in error.faults)


def _unset(place: str, name: str) -> RegisterRefused:
    fault = Fault(
        f"cases.toml/{place}", "not-set", f"Hier is geen {name} genoemd", f"No {name} is named here", "Name one."
    )
    return RegisterRefused("cases.toml does not say what this is in the register", faults=[fault])
