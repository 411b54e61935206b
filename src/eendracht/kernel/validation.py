"""Every fault of an input at once, in Dutch and English, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.kinds.fields import MEANINGS

M = TypeVar("M", bound=BaseModel)

_DUTCH: Final[Mapping[str, str]] = {
    "missing": "Dit veld is verplicht",
    "extra_forbidden": "Dit veld bestaat niet",
    "string_type": "Dit moet tekst zijn",
    "string_too_short": "Deze tekst is te kort (minimaal {min_length})",
    "string_too_long": "Deze tekst is te lang (maximaal {max_length})",
    "string_pattern_mismatch": "Deze tekst heeft niet de juiste vorm",
    "string_unicode": "Deze tekst bevat tekens die niet bestaan",
    "int_type": "Dit moet een geheel getal zijn",
    "int_parsing": "Dit moet een geheel getal zijn",
    "int_parsing_size": "Dit getal is te groot",
    "int_from_float": "Dit moet een geheel getal zijn",
    "decimal_type": "Dit moet een getal zijn",
    "decimal_parsing": "Dit moet een getal zijn",
    "decimal_max_digits": "Dit getal heeft te veel cijfers (maximaal {max_digits})",
    "decimal_max_places": "Dit getal heeft te veel decimalen (maximaal {decimal_places})",
    "decimal_whole_digits": "Dit getal is te groot",
    "finite_number": "Dit moet een eindig getal zijn",
    "bool_type": "Dit moet waar of onwaar zijn",
    "bool_parsing": "Dit moet waar of onwaar zijn",
    "date_type": "Dit moet een datum zijn",
    "date_parsing": "Dit moet een datum zijn",
    "date_from_datetime_parsing": "Dit moet een datum zijn",
    "date_from_datetime_inexact": "Dit moet een datum zonder tijd zijn",
    "literal_error": "Kies een van: {expected}",
    "datetime_type": "Dit moet een tijdstip zijn",
    "datetime_parsing": "Dit moet een tijdstip zijn",
    "datetime_from_date_parsing": "Dit moet een tijdstip zijn",
    "timezone_aware": "Een tijdstip heeft een tijdzone",
    "tuple_type": "Dit moet een lijst zijn",
    "list_type": "Dit moet een lijst zijn",
    "dict_type": "Dit moet een object zijn",
    "model_type": "Dit moet een object zijn",
    "model_attributes_type": "Dit moet een object zijn",
    "too_short": "Deze lijst is te kort (minimaal {min_length})",
    "too_long": "Deze lijst is te lang (maximaal {max_length})",
    "greater_than": "Dit moet groter zijn dan {gt}",
    "greater_than_equal": "Dit moet minstens {ge} zijn",
    "less_than": "Dit moet kleiner zijn dan {lt}",
    "less_than_equal": "Dit mag hoogstens {le} zijn",
    "k_above_n": "Er zijn er meer nodig dan er alternatieven zijn ({n})",
    "start_waits": "Een groep die nodig is om te starten heeft geen buffer of omschakeltijd",
    "member_twice": "Een lid staat twee keer in de groep",
    "table_twice": "Een tabel staat er twee keer",
    "too_many_rows": "De registers hebben samen meer dan 1000 rijen",
    "no_layer": "Deze soort regel is er niet",
    "ends_before_begin": "Het eindigt voor het begint",
    "duration": "Schrijf uren en minuten, zoals 0:30 of 1:15:00",
    "half_signed": "Een handtekening en de sleutel ervan horen bij elkaar",
    "signed_when": "Een handtekening zegt wanneer er is getekend",
    "key_length": "Een publieke sleutel van dit algoritme heeft {bytes} bytes, in base64",
    "mode_twice": "Een manier om te herstellen staat er twee keer",
    "moment": "Schrijf een grootte van het journaal, of een tijdstip zoals 2026-11-23T20:26:33Z",
    "one_end": "Een koppeling heeft twee kanten",
    "too_fine": "Schrijf maanden met hoogstens twee decimalen",
    "date_missing": "Bij deze uitkomst hoort een datum",
    "rule_twice": "Een regel staat er twee keer",
    "participant_twice": "Een organisatie staat er twee keer",
    "profile_empty": "Een profiel waarin niets wordt gebruikt zegt niets",
    "profile_length": "Een week heeft 168 uren; hier staan er {n}",
    "repair_before_failure": "Het is hersteld voordat het uitvalt",
    "recipient": "Schrijf all, of de verwijzing van een organisatie die meedoet",
    "segment_twice": "Een groep staat er twee keer",
    "shares_above_one": "De aandelen zijn samen meer dan het geheel",
    "skill_twice": "Een vaardigheid staat er twee keer",
    "field_twice": "Een veld heeft één bron van de waarheid, en staat er twee keer",
    "control_twice": "Een onderdeel staat er twee keer",
    "vulnerability_twice": "Een kwetsbaarheid staat er twee keer",
    "item_twice": "In deze lijst staat iets twee keer",
    "not_explained": "Zeg waarom het niet van toepassing is",
    "not_grounded": "Zeg waarom het niet significant is",
    "before_detection": "Dit is voordat het bekend was",
    "empty_object": "Een object waarin niets staat, zegt niets",
    "branch": "Een tak heeft takken of een product, en niet allebei",
    "no_score": "Bij producten hoort een score",
}

_HINTS: Final[Mapping[str, str]] = {
    "missing": "Fill it in.",
    "extra_forbidden": "Leave it out, or check the spelling against the JSON Schema of the kind.",
    "string_pattern_mismatch": "Look at the example in the JSON Schema of the kind.",
    "date_parsing": "Write it as YYYY-MM-DD.",
    "date_from_datetime_parsing": "Write it as YYYY-MM-DD.",
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"),
        "Write day, hour and time zone: 2026-11-01T09:30+01:00.",
    ),
    "decimal_parsing": 'Write it with a point, as text: "12.50".',
}


def escape_pointer(part: object) -> str:
    """Escape one step of a JSON Pointer (RFC 6901 section 3)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def fault_of(error: ErrorDetails, prefix: str = "") -> Fault:
    """Translate one finding of Pydantic into a Fault."""
    pointer = prefix + "".join("/" + escape_pointer(step) for step in error["loc"])
    kind = error["type"]
    context = error.get("ctx", {})
    template = _DUTCH.get(kind)
    dutch = template.format_map({k: str(v) for k, v in context.items()}) if template else "Deze waarde klopt niet"
    if kind == "literal_error":
        dutch = dutch.replace(" or ", " of ")
    english = error["msg"]
    if kind == "string_pattern_mismatch":
        # A regular expression says nothing to most people; of the usual ones it is known what they mean.
        meaning = MEANINGS.get(str(context.get("pattern", "")))
        dutch, english = meaning or (dutch, "This text does not have the right form")
    return Fault(pointer, kind.replace("_", "-"), dutch, english, _HINTS.get(kind, ""))


def validate(model: type[M], value: Any, prefix: str = "") -> tuple[M | None, list[Fault]]:
    """Give the validated model, or None and every fault there is."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, [fault_of(item, prefix) for item in details]


def require_valid(model: type[M], value: Any, what: str) -> M:
    """Give the validated model, or raise InvalidInput with every fault."""
    result, faults = validate(model, value)
    if result is None:
        raise InvalidInput(f"{what}: {len(faults)} fault(s)", faults=faults)
    return result
