"""The declaration of destruction (verklaring van vernietiging) that archive law asks for.

Archiefbesluit 1995, article 8: it specifies what was destroyed, on which ground and in what way. It names kinds,
numbers, period and positions in the ledger, and nothing of the content that is gone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.erasures import Order, Share
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.ledger.staging import make_directories, replace_file

METHOD_NL: Final = (
    "Inhoud en toevalsgetal (versies) of sleutel en versleutelde inhoud (kluis) zijn gewist uit de database, de index"
    " en de logbestanden, en de bestanden zijn herschreven. In het grootboek blijft een vingerafdruk zonder inhoud."
    " Oudere reservekopieën bevatten het tot zij zijn vervangen; na terugzetten wordt het opnieuw vernietigd."
)
METHOD_EN: Final = (
    "Content and salt (versions) or key and encrypted content (vault) were removed from database, index and logs, and"
    " the files were rewritten. The ledger keeps a fingerprint without content. Older backups hold it until they are"
    " replaced; after a restore it is destroyed again."
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was destroyed, when, on which ground, by which role, and where the ledger says so."""

    id: str
    node: str
    destroyed_at: str
    ground: str
    by: str
    specification: tuple[Share, ...]
    leaf: int
    remaining_references: int

    @classmethod
    def of(cls, order: Order, leaf: int, destroyed_at: str) -> Declaration:
        """Make the declaration of an order that was carried out."""
        return cls(
            order.id,
            order.node,
            destroyed_at,
            order.ground,
            order.by,
            order.specification,
            leaf,
            order.remaining_references,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give the declaration as plain data."""
        return {**asdict(self), "method": {"nl": METHOD_NL, "en": METHOD_EN}}

    def text(self, language: str = "nl") -> str:
        """Give the declaration as a page to read and to sign, in Dutch or English."""
        dutch = language == "nl"
        until = "tot en met" if dutch else "up to and including"
        rows = [f"  {share.kind}: {share.count} ({share.first} {until} {share.last})" for share in self.specification]
        fields = [
            ("Kenmerk" if dutch else "Reference", self.id),
            ("Knooppunt" if dutch else "Node", self.node),
            ("Vernietigd op" if dutch else "Destroyed on", self.destroyed_at),
            ("Grondslag" if dutch else "Ground", self.ground),
            ("Door (rol)" if dutch else "By (role)", self.by),
            ("Plaats in het grootboek" if dutch else "Position in the ledger", str(self.leaf)),
            ("Verwijzingen die nog bestaan" if dutch else "References that remain", str(self.remaining_references)),
            ("Wijze" if dutch else "Method", METHOD_NL if dutch else METHOD_EN),
        ]
        title = "VERKLARING VAN VERNIETIGING" if dutch else "DECLARATION OF DESTRUCTION"
        subject = "Specificatie (soort, aantal, periode)" if dutch else "Specification (kind, number, period)"
        body = [f"{name}: {value}" for name, value in fields]
        return "\n".join([title, "", *body, "", f"{subject}:", *rows, ""])

    def keep(self, folder: Path) -> Path:
        """Write the declaration as JSON and as Dutch text, and give the path of the JSON; raises StorageFailure."""
        try:
            make_directories(folder)
            path = folder / f"{self.id}.json"
            replace_file(folder / f"{self.id}.txt", self.text().encode())
            replace_file(path, orjson.dumps(self.as_dict(), option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            raise StorageFailure(f"{folder}: {error.strerror}") from error
        return path
