"""What registers know of a person: extracts in the vault, delivered by the organisation that answers for them.

An extract holds rows of one register as of a day. Rows about others (a partner, children) are found by the relation
columns of the person's own row; what the extract does not hold stays unknown: a person of whom no partner is recorded
has no partner only where the register says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.journal import Journal, check_code
from eendracht.kernel.rules.facts import Register
from eendracht.kernel.rules.grounds import Ground, Use, require_ground
from eendracht.kernel.vault import Vault
from eendracht.reference.facts import BaseRegister, load_base_registers
from eendracht.services.forms.facts import KEY, MYSELF
from eendracht.services.forms.retention import EXTRACT

if TYPE_CHECKING:
    from eendracht.services.forms.representation import Representation

STREAM: Final = "processing"
"""The journal stream that tells which extracts were used, for what, on which ground."""
OWN_REQUEST: Final = "own-request"
"""The ground on which somebody uses what is known of itself (GDPR art. 6.1.a and 15)."""
MADE_UP: Final = "synthetic"


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows of a register about a person, as of a day.

    `register` is its code (BRP, BRI), `dataset` the ref of the dataset where that is recorded, `about` the key of the
    person in the rows. `source` says who delivered it, or `synthetic`.
    """

    register: str
    rows: tuple[Mapping[str, Any], ...]
    about: str
    as_of: date
    source: str
    dataset: str = ""
    key: str = KEY

    def as_content(self) -> dict[str, Any]:
        """Give it as the vault keeps it."""
        return {
            "register": self.register,
            "dataset": self.dataset,
            "key": self.key,
            "about": self.about,
            "rows": [{name: _plain(value) for name, value in row.items()} for row in self.rows],
            "asOf": self.as_of.isoformat(),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts of a register come from: the item of the vault, the day, and who answers for it."""

    register: str
    as_of: date
    said_by: str
    controller: str
    item: str

    @property
    def base_register(self) -> BaseRegister | None:
        """The base register that it is; None for another register."""
        return load_base_registers().get(self.register)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of a person for one use: registers for a case, each with its source, and the person's own key.

    `ground` is the code or ref on which it was used. `is_synthetic` where any of it was made up.
    """

    registers: tuple[Register, ...] = ()
    subject: str = MYSELF
    sources: Mapping[str, Source] = field(default_factory=dict)
    ground: str = ""

    @property
    def is_synthetic(self) -> bool:
        """Whether something in it was made up."""
        return any(source.said_by == MADE_UP for source in self.sources.values())


def author_for(controller: str) -> Principal:
    """Give as whom the wing writes for an organisation."""
    return Principal("services/forms", frozenset({(Role.EDITOR, controller)}))


def keep_extract(
    vault: Vault, subject: str, extract: Extract, *, controller: str, ground: str, author: Principal
) -> str:
    """Keep an extract about a subject and give its id; retention counts from the day that it shows.

    Raises InvalidInput for an extract without a row about the person, and what `Vault.put` raises.
    """
    if not any(str(row.get(extract.key)) == extract.about for row in extract.rows):
        nl, en = "Geen rij gaat over deze persoon", "No row is about this person"
        raise InvalidInput(en, faults=[Fault("/rows", "no-row", nl, en, "Give the key of the person in the rows.")])
    content = extract.as_content()
    return vault.put(
        subject, EXTRACT, content, controller=controller, ground=ground, author=author, starts=extract.as_of
    )


def dossier_of(
    vault: Vault,
    journal: Journal,
    subject: str,
    purpose: str,
    asker: Principal,
    *,
    ground: Ground | None = None,
    use: Use | None = None,
    representation: Representation | None = None,
) -> Dossier:
    """Give what is known of a person for a purpose, and put the use on the journal, by ids and codes alone.

    Whoever asks about itself needs no other ground, nor does who acts for that person by a representation; anybody else
    names one, which must cover every register that is there for the laws and the controller of the use. Raises
    NoGround, and what the vault raises.
    """
    check_code(purpose, "/purpose")
    newest: dict[str, tuple[Source, dict[str, Any]]] = {}
    for item in vault.list_items(subject, purpose, asker, EXTRACT):
        content = vault.get(item.id, purpose, asker)
        assert isinstance(content, dict)
        day = date.fromisoformat(content["asOf"])
        source = Source(content["register"], day, content["source"], item.controller, item.id)
        before = newest.get(source.register)
        if before is None or before[0].as_of <= day:
            newest[source.register] = (source, content)
    named = OWN_REQUEST
    if representation is not None and representation.represented == subject:
        named = f"representation/{representation.basis}"
    elif asker.subject != subject:
        wanted = use or Use((), purpose, "", tuple(newest), date.min)
        require_ground(ground, Use(wanted.laws, purpose, wanted.controller, tuple(newest), wanted.on))
        named = (ground.ref if ground else "") or "ground"
    sources = {name: source for name, (source, _) in newest.items()}
    _note_use(journal, subject, purpose, asker, named, sources.values())
    return assemble([content for _, content in newest.values()], sources, named)


def assemble(contents: Sequence[Mapping[str, Any]], sources: Mapping[str, Source], ground: str = "") -> Dossier:
    """Give the dossier of contents of extracts; rows of a register stand under its code."""
    about = next((content["about"] for content in contents), MYSELF)
    registers = tuple(Register(content["register"], content["key"], content["rows"]) for content in contents)
    return Dossier(registers, about, sources, ground)


def _note_use(
    journal: Journal, subject: str, purpose: str, asker: Principal, ground: str, sources: Iterable[Source]
) -> None:
    line = {"event": "use", "purpose": purpose, "asker": asker.name, "subject": subject, "ground": ground}
    items = [{"register": source.register, "item": source.item} for source in sources]
    journal.append(STREAM, [{**line, "extracts": items}])


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
