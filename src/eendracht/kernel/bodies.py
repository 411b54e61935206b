"""The Dutch public bodies of the reference table as records that a node can start with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from eendracht.kernel.kinds.fields import OIN_PATTERN
from eendracht.reference import OBSERVED_ON, PublicBody

SYSTEM: Final = "public_bodies.csv"
"""Name of the source in the records."""

_OIN = re.compile(OIN_PATTERN)


def organisation_ref(code: str) -> str:
    """Give the ref of the organisation with this authority code."""
    return f"organisation:{code}"


def draft_bodies(bodies: Iterable[PublicBody]) -> Iterator[dict[str, Any]]:
    """Yield a draft per public body; what the table does not hold is left out and stays unknown.

    A malformed OIN is not taken over; it is a finding of the data-quality report.
    """
    for body in bodies:
        ref = organisation_ref(body.code)
        yield {
            "ref": ref,
            "owner": ref,
            "validFrom": body.valid_from.isoformat() if body.valid_from else None,
            "validUntil": body.valid_until.isoformat() if body.valid_until else None,
            "confidentiality": {"level": "public"},
            "source": {
                "type": "reference",
                "date": OBSERVED_ON.isoformat(),
                "system": SYSTEM,
                "key": body.code,
                "place": " ".join(body.source)[:500],
            },
            "spec": _spec(body),
        }


def _spec(body: PublicBody) -> dict[str, Any]:
    others = [name for name in (body.short_name, body.abbreviation, *body.also_known_as) if name and name != body.name]
    spec: dict[str, Any] = {"name": body.name, "type": body.type}
    optional = {
        "alsoKnownAs": list(dict.fromkeys(others)),
        "oin": body.oin if _OIN.match(body.oin) else "",
        "tooi": body.tooi_uri,
        "kvk": body.kvk,
        "rsin": body.rsin,
        "roo": body.roo,
        "partOf": organisation_ref(body.parent) if body.parent else "",
        "province": organisation_ref(body.province) if body.province else "",
        "safetyRegion": organisation_ref(body.safety_region) if body.safety_region else "",
        "inhabitants": body.inhabitants,
        "inhabitantsYear": body.inhabitants_year,
        "tags": ["standing-unknown"] if body.status == "unknown" else [],
    }
    spec |= {field: value for field, value in optional.items() if value not in ("", None, [])}
    if body.lat is not None and body.lon is not None:
        spec["position"] = {"latitude": str(Decimal(repr(body.lat))), "longitude": str(Decimal(repr(body.lon)))}
    return spec
