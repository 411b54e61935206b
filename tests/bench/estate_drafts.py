"""Synthetic drafts for measuring: 1.5 kB applications with five relations and Dutch words, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

_PARTS = [
    "aanvraag",
    "adres",
    "afval",
    "archief",
    "balie",
    "belasting",
    "beheer",
    "besluit",
    "bestuur",
    "bezwaar",
    "bibliotheek",
    "bijstand",
    "bouw",
    "brand",
    "brief",
    "brug",
    "burger",
    "cultuur",
    "dienst",
    "dossier",
    "energie",
    "erfgoed",
    "factuur",
    "fiets",
    "financie",
    "gebied",
    "gegeven",
    "gemeente",
    "gezondheid",
    "grond",
    "haven",
    "handhaving",
    "huisvesting",
    "identiteit",
    "inkomen",
    "inkoop",
    "jeugd",
    "kadaster",
    "kaart",
    "kennis",
    "klacht",
    "koppeling",
    "landschap",
    "leerling",
    "lening",
    "locatie",
    "mandaat",
    "markt",
    "melding",
    "milieu",
    "monument",
    "naam",
    "natuur",
    "netwerk",
    "omgeving",
    "onderhoud",
    "onderwijs",
    "onderzoek",
    "openbaar",
    "overlijden",
    "park",
    "parkeer",
    "paspoort",
    "pensioen",
    "personeel",
    "plan",
    "post",
    "project",
    "raad",
    "register",
    "reis",
    "riool",
    "rijbewijs",
    "ruimte",
    "salaris",
    "school",
    "schuld",
    "sport",
    "stad",
    "straat",
    "subsidie",
    "systeem",
    "taak",
    "tarief",
    "terrein",
    "toezicht",
    "trouw",
    "uitkering",
    "veiligheid",
    "vergadering",
    "vergunning",
    "verkeer",
    "verkiezing",
    "vervoer",
    "verzoek",
    "visie",
    "vlucht",
    "water",
    "weg",
    "welzijn",
    "werk",
    "woning",
    "zaak",
    "zorg",
]
_LITTLE = [
    "de",
    "het",
    "een",
    "van",
    "voor",
    "in",
    "op",
    "met",
    "en",
    "bij",
    "door",
    "aan",
    "uit",
    "die",
    "dat",
    "wordt",
    "zijn",
    "als",
    "naar",
    "over",
    "te",
    "om",
    "tot",
    "of",
    "per",
]
VOCABULARY = _PARTS + [f"{left}{right}" for left in _PARTS for right in _PARTS if left != right]
_WEIGHTS = list(accumulate(1 / (rank + 4) for rank in range(len(VOCABULARY))))
LEVELS = ("public", "public", "government", "organisation", "organisation", "restricted")
LIFECYCLES = ("in-use", "in-use", "in-use", "planned", "phasing-out", "unknown")


def make_words(chance: random.Random, count: int) -> list[str]:
    """Draw words as prose does: half of them little words, the others by Zipf's law."""
    words = chance.choices(VOCABULARY, cum_weights=_WEIGHTS, k=count)
    return [chance.choice(_LITTLE) if chance.random() < 0.4 else word for word in words]


def make_drafts(count: int, seed: int = 1, organisations: int = 390) -> Iterator[dict[str, Any]]:
    """Yield drafts of about 1.5 kB of canonical bytes, one organisation after the other, of all levels."""
    chance = random.Random(seed)
    for number in range(count):
        organisation = f"gm{number * organisations // count:04d}"
        words = " ".join(make_words(chance, 90))
        title = " ".join(make_words(chance, 3)).capitalize()
        yield {
            "ref": f"application:{organisation}/{title.lower().replace(' ', '-')}-{number}",
            "owner": f"organisation:{organisation}",
            "validFrom": "2026-01-01",
            "source": {"type": "import", "date": "2026-02-03", "system": "topdesk", "key": f"A{number}"},
            "confidentiality": {"level": LEVELS[number % len(LEVELS)]},
            "spec": {
                "name": title,
                "description": words[:800],
                "lifecycle": LIFECYCLES[number % len(LIFECYCLES)],
                "requires": [f"component:{organisation}/c{chance.randrange(5000)}" for _ in range(3)],
                "operatedBy": f"supplier:kvk.{12345678 + chance.randrange(5000)}",
                "hostedOn": [f"platform:{organisation}/p{number % 7}"],
                "rtoHours": "4",
                "personalData": "yes",
                "hosting": "saas",
            },
        }
