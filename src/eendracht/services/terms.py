"""Terms of CPSV-AP 3.2.0 and of what it stands on, as plain text; and the addresses that this product gives out itself.

Sources: CPSV-AP 3.2.0 (SEMIC), OWMS 4.0 (Logius), the authority tables of the EU Publications Office.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
DCT: Final = "http://purl.org/dc/terms/"
CPSV: Final = "http://purl.org/vocab/cpsv#"
CV: Final = "http://data.europa.eu/m8g/"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
ELI: Final = "http://data.europa.eu/eli/ontology#"
TIME: Final = "http://www.w3.org/2006/time#"
PREFIXES: Final[Mapping[str, str]] = {
    "cpsv": CPSV,
    "cv": CV,
    "dcat": DCAT,
    "dct": DCT,
    "eli": ELI,
    "foaf": FOAF,
    "skos": SKOS,
    "time": TIME,
    "xsd": XSD,
}
OWMS: Final = "http://standaarden.overheid.nl/owms/terms/"
UPL_SCHEME: Final = OWMS + "UniformeProductnaam"
SDG_PREFIX: Final = OWMS + "sdg_"
EURO: Final = "http://publications.europa.eu/resource/authority/currency/EUR"
NETHERLANDS: Final = "http://publications.europa.eu/resource/authority/atu/NLD"

LEVELS: Final = "urn:eendracht:level:"
CHANNELS: Final = "urn:eendracht:channel:"
AUDIENCES: Final[Mapping[str, str]] = {
    "citizen": OWMS + "particulier",
    "business": OWMS + "ondernemer",
    "government": "urn:eendracht:audience:government",
}
UNLISTED: Final = "urn:eendracht:product:"
"""Begins the address of a product name that the national list does not hold."""
RULE_OUTPUT: Final = "urn:eendracht:rule-output"
"""Type of a rule that is an output of the rulebook."""
NOT_DESCRIBED: Final = "Van deze dienst is nog geen omschrijving vastgelegd."
"""Stands where CPSV-AP obliges a description and the record has none; it is read as none."""
