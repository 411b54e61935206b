"""What a case register must be able to do, whatever stands behind it; and which one an organisation has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance

StatusName = Literal["received", "handed-over"]
"""What Eendracht itself tells a register; everything else is said there."""


class RegisterUnreachable(EendrachtError):
    """The case register did not answer in time, or answered that it cannot; nothing is lost, and it is tried again."""

    code = "register-unreachable"
    status = 503
    title_nl = "Het zaakregister is nu niet bereikbaar"
    title_en = "The case register cannot be reached now"
    default_hint = "It is tried again by itself; what was submitted is kept."


class RegisterRefused(EendrachtError):
    """The case register refuses what was asked; its faults name fields, never what stood in them."""

    code = "register-refused"
    status = 502
    title_nl = "Het zaakregister weigert dit"
    title_en = "The case register refuses this"
    default_hint = "Compare cases.toml with the catalogue of the register: case type, document type, rights."


class NoRegister(EendrachtError):
    """This organisation has no case register that this node knows."""

    code = "no-case-register"
    status = 409
    title_nl = "Deze organisatie heeft hier nog geen zaakregister"
    title_en = "This organisation has no case register here yet"
    default_hint = "The operator names it in cases.toml, or turns the built-in store on for a demonstration."


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a case; `number` is our own, by which it is found again.

    `read` gives its content when it is needed, so that not all documents of a case are in memory; `size` is in bytes.
    """

    number: str
    title: str
    read: Callable[[], bytes] = field(repr=False)
    size: int
    media_type: str = "application/octet-stream"
    file_name: str = field(default="", repr=False)
    made_on: date | None = None


def document_of(
    number: str,
    title: str,
    content: bytes,
    media_type: str = "application/octet-stream",
    file_name: str = "",
    made_on: date | None = None,
) -> Document:
    """Give a document of which the content is at hand."""
    return Document(number, title, lambda: content, len(content), media_type, file_name, made_on)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that a register is asked to make; `number` is our own, by which it is found again.

    `summary` (80 characters) says what it is about and never who asks. `subject` is the pseudonym in the vault.
    """

    number: str
    service: str
    summary: str
    received_on: date
    registered_on: date
    subject: str
    decide_by: date | None = None


@dataclass(frozen=True, slots=True)
class RegisteredCase:
    """A case as its register tells it; `deadline` is the last day for a decision (uiterlijkeEinddatumAfdoening)."""

    number: str
    address: str
    case_type: str
    started_on: date
    deadline: date | None = None
    planned_on: date | None = None
    ended_on: date | None = None
    status: str = ""
    status_at: str = ""


class CaseRegister(Protocol):
    """A register of cases of one organisation. Each method may be called again with the same argument: it does it once.

    All raise RegisterUnreachable, after which nobody knows whether it was done, and RegisterRefused.
    """

    def create_case(self, new: NewCase) -> RegisteredCase:
        """Make a case, or give the one of that number that is there."""
        ...

    def add_document(self, case: RegisteredCase, document: Document) -> str:
        """Put a document in a case and give its address; one of that number is not put twice."""
        ...

    def add_status(self, case: RegisteredCase, status: StatusName) -> None:
        """Say what happened to a case, where the register has a status for it; the same one last time says nothing."""
        ...

    def read_case(self, address: str) -> RegisteredCase:
        """Give a case by its address as it is now; raises NotFound."""
        ...

    def find_case(self, number: str) -> RegisteredCase | None:
        """Give a case by its number; None where there is none."""
        ...

    def list_documents(self, case: RegisteredCase) -> Sequence[str]:
        """Give the addresses of the documents of a case."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def has_register(instance: Instance, organisation: str) -> bool:
    """Tell whether cases of this organisation can be kept: it has a register, or the built-in store is on for it."""
    from eendracht.services.connections import load_connections

    settings = instance.settings
    return organisation in settings.built_in_cases.split() or organisation in load_connections(settings).registers


def open_register(instance: Instance, organisation: str) -> CaseRegister:
    """Open the register of an organisation; raises NoRegister, ConnectionsUnusable.

    A register of its own goes before the built-in store.
    """
    from eendracht.services.connections import load_connections

    connection = load_connections(instance.settings).registers.get(organisation)
    if connection is not None:
        from eendracht.services.zgw.register import ZgwRegister

        return ZgwRegister(connection)
    if organisation in instance.settings.built_in_cases.split():
        from eendracht.services.built_in import BuiltInRegister

        return BuiltInRegister(instance, organisation)
    raise NoRegister(f"{organisation} has no case register on this node")
