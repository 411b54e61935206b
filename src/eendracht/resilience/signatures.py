"""Answers that a supplier signs: the document, the bytes under its signature, and whether that holds.

The signature is over the canonical JSON (RFC 8785) of `format` and all of `SIGNED_FIELDS`, by a key of which the
record names the algorithm: Ed25519 (RFC 8032) or ML-DSA (FIPS 204, pure, without context).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey

from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.ledger.note import decode_base64
from eendracht.kernel.records import dump_canonical
from eendracht.kernel.validation import validate
from eendracht.resilience.kinds.answers import SupplierAnswer, SupplierKey

FORMAT: Final = "eendracht-supplier-answer/1"
SIGNED_FIELDS: Final = (
    "name",
    "supplier",
    "code",
    "topic",
    "answer",
    "validFrom",
    "validUntil",
    "attachments",
    "subProcessors",
    "signedAt",
    "key",
)
"""What is signed, every one of them, also where it is empty; a record that says more than this was altered."""
MOST_BYTES: Final = 2**20
CLOCK_SLACK: Final = timedelta(minutes=5)
"""How far the clock of a supplier may run ahead."""

Judgement = Literal[
    "confirmed",
    "unconfirmed",
    "unsigned",
    "broken",
    "altered",
    "no-key",
    "other-supplier",
    "key-not-valid",
    "key-revoked",
    "signed-later",
]
"""What a signature is worth; only `confirmed` is good. `unconfirmed` is whole, by a key that nobody vouches for."""

_KEYS: Final[Mapping[str, Callable[[bytes], Ed25519PublicKey | MLDSA44PublicKey | MLDSA65PublicKey]]] = {
    "ed25519": Ed25519PublicKey.from_public_bytes,
    "ml-dsa-44": MLDSA44PublicKey.from_public_bytes,
    "ml-dsa-65": MLDSA65PublicKey.from_public_bytes,
}
_WHOLE: Final = frozenset({"confirmed", "unconfirmed"})
_SAID: Final[Mapping[str, tuple[str, str, str]]] = {
    "unsigned": ("/signature", "Dit antwoord is niet ondertekend", "This answer is not signed"),
    "broken": ("/signature", "De handtekening klopt niet", "The signature does not hold"),
    "altered": ("/signature", "Er staat meer in dan is ondertekend", "It says more than was signed"),
    "no-key": ("/key", "Deze sleutel is hier niet bekend", "This key is not known here"),
    "other-supplier": ("/key", "Deze sleutel is van een andere leverancier", "This key is of another supplier"),
    "key-not-valid": ("/key", "De sleutel gold niet toen er werd getekend", "The key was not valid at the signing"),
    "key-revoked": ("/key", "Deze sleutel is ingetrokken", "This key was revoked"),
    "signed-later": ("/signedAt", "Het tekenen ligt in de toekomst", "The signing lies in the future"),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key as the records have it: who recorded it, and whether it is of the supplier that answers."""

    ref: str
    owner: str
    spec: SupplierKey
    is_of_supplier: bool

    @property
    def is_confirmed(self) -> bool:
        """Whether an organisation vouches for it; one cannot vouch in the name of another."""
        return self.spec.confirmed_by is not None and self.spec.confirmed_by == self.owner


def signed_bytes(answer: SupplierAnswer) -> bytes:
    """Give the bytes under the signature of an answer."""
    content = answer.model_dump(mode="json", by_alias=True)
    return dump_canonical({"format": FORMAT} | {name: content[name] for name in SIGNED_FIELDS})


def verify_signature(algorithm: str, public_key: str, signature: str, message: bytes) -> bool:
    """Say whether a signature holds; key and signature in standard base64, the key raw as its standard encodes it."""
    try:
        _KEYS[algorithm](decode_base64(public_key)).verify(decode_base64(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def judge_answer(answer: SupplierAnswer, key: SigningKey | None, now: datetime) -> Judgement:
    """Say what the signature of an answer is worth at a moment.

    A revoked key counts for nothing, whenever it signed: whoever stole it chooses the day that the document says.
    """
    if answer.key is None or answer.signed_at is None:
        return "unsigned"
    if key is None:
        return "no-key"
    if not key.is_of_supplier:
        return "other-supplier"
    if answer.description or answer.also_known_as or answer.tags:
        return "altered"
    if not verify_signature(key.spec.algorithm, key.spec.public_key, answer.signature, signed_bytes(answer)):
        return "broken"
    if answer.signed_at > now + CLOCK_SLACK:
        return "signed-later"
    today = now.astimezone(AMSTERDAM).date()
    if key.spec.revoked_on is not None and key.spec.revoked_on <= today:
        return "key-revoked"
    if not _held(key.spec, answer.signed_at.astimezone(AMSTERDAM).date()):
        return "key-not-valid"
    return "confirmed" if key.is_confirmed else "unconfirmed"


def is_whole(judgement: Judgement) -> bool:
    """Tell whether the signature itself holds, whoever vouches for the key."""
    return judgement in _WHOLE


def fault_of_judgement(judgement: Judgement) -> Fault | None:
    """Give what is wrong with a document of which the signature came to this; None where it is whole."""
    if is_whole(judgement):
        return None
    pointer, nl, en = _SAID[judgement]
    hint = "Ask the supplier to sign the document anew, and to tell by another way than the network which key is its."
    return Fault(pointer, judgement, nl, en, hint)


def _held(key: SupplierKey, day: date) -> bool:
    return key.valid_from <= day and (key.valid_until is None or day < key.valid_until)


# -- the document -----------------------------------------------------------------------------------------------------


def read_document(data: bytes) -> SupplierAnswer:
    """Read a signed document into an answer, its signature not yet judged; raises InvalidInput with every fault."""
    if len(data) > MOST_BYTES:
        raise _refuse(Fault("", "too-large", "Het document is groter dan 1 MB", "The document is larger than 1 MB"))
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        nl = f"Dit is geen JSON (regel {error.lineno})"
        raise _refuse(Fault("", "no-json", nl, f"This is no JSON (line {error.lineno})")) from None
    if not isinstance(document, dict):
        raise _refuse(Fault("", "no-object", "Dit is geen JSON-object", "This is no JSON object"))
    return take_document(document)


def take_document(document: Mapping[str, Any]) -> SupplierAnswer:
    """Give the answer that a parsed document holds; raises InvalidInput with every fault."""
    faults = list(_shape_faults(document))
    content = {name: value for name, value in document.items() if name in (*SIGNED_FIELDS, "signature")}
    answer, wrong = validate(SupplierAnswer, content)
    # A field that is lacking is told once.
    told = {fault.pointer for fault in faults}
    faults += [fault for fault in wrong if fault.pointer not in told]
    if answer is not None:
        faults += _spelling_faults(document, answer)
    if faults or answer is None:
        raise _refuse(*faults)
    return answer


def _shape_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    if document.get("format") != FORMAT:
        nl, en = f"Dit is geen {FORMAT}", f"This is no {FORMAT}"
        yield Fault("/format", "unknown-format", nl, en, f"Write it as: {FORMAT}.")
    for name in (*SIGNED_FIELDS, "signature"):
        if name not in document:
            yield Fault(
                f"/{name}", "missing", "Dit veld is verplicht", "Field required", "Fill it in, also when empty."
            )
    for name in document:
        if name not in ("format", "signature", *SIGNED_FIELDS):
            yield Fault(f"/{name[:60]}", "extra-forbidden", "Dit veld bestaat niet", "There is no such field")


def _spelling_faults(document: Mapping[str, Any], answer: SupplierAnswer) -> Iterator[Fault]:
    """Find what is recorded in another spelling than was signed, such as a space at the end; it could not be proven."""
    content = answer.model_dump(mode="json", by_alias=True)
    for name in SIGNED_FIELDS:
        if name in document and document[name] != content[name]:
            yield Fault(
                f"/{name}",
                "not-canonical",
                "Dit is anders geschreven dan het wordt vastgelegd",
                "This is written in another way than it is recorded",
                "No spaces around a text, every field of an attachment, moments as 2026-12-01T09:30:00Z.",
            )


def _refuse(*faults: Fault) -> InvalidInput:
    return InvalidInput(f"The signed answer: {len(faults)} fault(s)", faults=faults)
