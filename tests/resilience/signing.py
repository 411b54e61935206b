"""A supplier that signs outside the node, with nothing of ours: canonical JSON of `rfc8785`, keys of `cryptography`."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey

from tests.web.nodes import OWNER, draft

SUPPLIER = "supplier:kvk.11111111"
ALGORITHMS = {"ed25519": Ed25519PrivateKey, "ml-dsa-44": MLDSA44PrivateKey, "ml-dsa-65": MLDSA65PrivateKey}


@dataclass(frozen=True)
class Signer:
    """A supplier with a key; what it knows of the node is the ref of its key."""

    algorithm: str = "ed25519"
    supplier: str = SUPPLIER
    secret: Any = None

    @classmethod
    def make(cls, algorithm: str = "ed25519", supplier: str = SUPPLIER) -> Signer:
        return cls(algorithm, supplier, ALGORITHMS[algorithm].generate())

    @property
    def key(self) -> str:
        return f"supplier-key:gm0344/{self.supplier.partition(':')[2]}.{self.algorithm}"

    def key_draft(self, **spec: Any) -> dict[str, Any]:
        public = base64.b64encode(self.secret.public_key().public_bytes_raw()).decode()
        known = {"supplier": self.supplier, "algorithm": self.algorithm, "publicKey": public}
        known |= {"validFrom": "2026-01-01", "confirmedBy": OWNER}
        return draft(self.key, "Sleutel", "government", **{**known, **spec})

    def sign(self, **fields: Any) -> dict[str, Any]:
        document = {
            "format": "eendracht-supplier-answer/1",
            "name": "Onder welke voorwaarden kan een klant weg?",
            "supplier": self.supplier,
            "code": "exit.terms",
            "topic": "exit-terms",
            "answer": "Opzegtermijn van drie maanden; wij helpen zes maanden met de overstap.",
            "validFrom": "2026-01-01",
            "validUntil": "2027-01-01",
            "attachments": [],
            "subProcessors": [],
            "signedAt": "2026-05-01T09:00:00Z",
            "key": self.key,
        } | fields
        signature = self.secret.sign(rfc8785.dumps(document))
        return {**document, "signature": base64.b64encode(signature).decode()}
