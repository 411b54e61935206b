"""Cryptography of a demonstration: a few inventories of what applications use, made up and the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from eendracht.kernel.identity import slug
from eendracht.kernel.landscape import Landscape
from eendracht.kit.made_up import DAY, made_up

MOST: Final = 60
_MADE: Final = (
    ("RSA-2048", "algorithm", "RSA", "2048", "signature", "stated"),
    ("RSA", "algorithm", "RSA", "", "", "ambiguous"),
    ("ECDH", "algorithm", "ECDH", "P-256", "key-agree", "stated"),
    ("AES128-GCM", "algorithm", "AES", "128", "ae", "stated"),
    ("AES256-GCM", "algorithm", "AES", "256", "ae", "stated"),
    ("SHA1", "algorithm", "SHA-1", "", "hash", "stated"),
    ("SHA256", "algorithm", "SHA-2", "256", "hash", "stated"),
    ("X25519MLKEM768", "algorithm", "X25519MLKEM768", "", "combiner", "stated"),
    ("sleutel zonder herkomst", "related-crypto-material", "", "", "", "unknown"),
)


def list_crypto_drafts(landscape: Landscape) -> Iterator[dict[str, Any]]:
    """Give an inventory of each of some applications, with what it found there."""
    things = [thing for thing in landscape.things if thing.kind == "application"]
    for thing in sorted(things, key=lambda thing: sha256(thing.ref.encode()).digest())[:MOST]:
        name = slug(thing.ref.partition(":")[2])[:80]
        chosen = [one for at, one in enumerate(_MADE) if sha256(f"{thing.ref}{at}".encode()).digest()[0] % 2]
        inventory = f"cryptographic-inventory:demo/{name}"
        yield made_up(
            inventory,
            thing.owner,
            f"Cryptografie van {thing.name}",
            "organisation",
            organisation=thing.owner,
            subject=thing.ref,
            sourceType="statement",
            takenOn=DAY,
            assets=len(chosen),
            unresolved=sum(not one[4] for one in chosen),
        )
        for label, kind, family, parameter_set, purpose, ground in chosen:
            yield made_up(
                f"cryptographic-asset:demo/{name}/{slug(label)}",
                thing.owner,
                label,
                "organisation",
                type=kind,
                algorithmFamily=family,
                parameterSet=parameter_set,
                purpose=purpose,
                purposeGround=ground,
                inventory=inventory,
                usedBy=[thing.ref],
                locations=[f"src/{slug(label)}.py:{1 + sha256(thing.ref.encode()).digest()[1]}"],
            )
