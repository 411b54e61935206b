"""What relations are called from both sides, in words that need no knowledge of fields."""

from __future__ import annotations

from eendracht.kit.i18n import Words

GROUPED = "requirementGroups.members.provider"
"""The field by which a thing needs another that may have an alternative."""


def say_outgoing(field: str, words: Words) -> str:
    """Give what stands before the things that a field names."""
    return words.gettext("Needs, in a group") if field == GROUPED else words.field(field)


def say_incoming(field: str, words: Words) -> str:
    """Give what stands before the things that name this one in a field: `requires` is `Used by` from this side."""
    said = {
        "requires": words.gettext("Used by"),
        GROUPED: words.gettext("Used by"),
        "requiresToStart": words.gettext("Needed to start by"),
        "hostedOn": words.gettext("Runs on this"),
        "locatedIn": words.gettext("Stands here"),
        "municipality": words.gettext("Stands here"),
        "operatedBy": words.gettext("Operates"),
        "dnsOperator": words.gettext("Operates"),
        "suppliedBy": words.gettext("Supplies"),
        "heldIn": words.gettext("Holds the data"),
        "datasets": words.gettext("Used in"),
        "systems": words.gettext("Used in"),
        "covers": words.gettext("Falls under"),
        "buyer": words.gettext("Buys under"),
        "supplier": words.gettext("Supplies under"),
        "subcontractors.supplier": words.gettext("Subcontractor under"),
        "parties": words.gettext("Takes part in"),
        "processors": words.gettext("Processes data for"),
        "controller": words.gettext("Responsible for"),
        "businessOwner": words.gettext("Responsible for"),
        "providedBy": words.gettext("Offers"),
        "performedBy": words.gettext("Performs"),
        "services": words.gettext("Made possible by"),
        "serves": words.gettext("Reached at"),
        "registrar": words.gettext("Registers"),
        "realises": words.gettext("Fulfilled by"),
        "source": words.gettext("Sends data over"),
        "target": words.gettext("Receives data over"),
        "partOf": words.gettext("Consists of"),
        "province": words.gettext("In this area"),
        "safetyRegion": words.gettext("In this area"),
        "organisation": words.gettext("Has"),
        "ownerships.owner": words.gettext("Owns a share in"),
        "left": words.gettext("May be the same, or not"),
        "right": words.gettext("May be the same, or not"),
    }.get(field)
    return said or words.gettext("Named by (%(field)s)", field=words.field(field).lower())
