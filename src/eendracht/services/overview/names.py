"""What kinds of content and purposes are called in plain words; what is not in the tables goes by its own code."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.wording import Said

KINDS: Final = {
    "register-extract": Said("Gegevens uit een register", "Facts from a register"),
    "claim": Said("Uw verbetering van een gegeven", "Your correction of a fact"),
    "register-feedback": Said("Terugmelding aan een register", "Report to a register"),
    "representation": Said("Wie voor wie mag handelen", "Who may act for whom"),
    "draft": Said("Aanvraag die u nog niet hebt verstuurd", "Application that you did not send yet"),
    "claim-file": Said("Bestand bij uw verbetering", "File with your correction"),
    "draft-file": Said("Bestand dat u bij een verbetering voegde", "File that you added to a correction"),
    "draft-evidence": Said(
        "Naam van een bestand dat u toevoegde of weghaalde", "Name of a file that you added or removed"
    ),
    "case-submission": Said("Wat u hebt ingestuurd", "What you sent in"),
    "case-reference": Said("Stand van uw zaak", "Status of your case"),
    "case-confirmation": Said("Ontvangstbevestiging", "Confirmation of receipt"),
    "case-handover": Said("Overdracht van uw zaak", "Hand-over of your case"),
    "case-consent": Said("Uw toestemming", "Your consent"),
    "built-in-case": Said("Uw zaak", "Your case"),
    "proactive-message": Said("Bericht aan u", "Message to you"),
    "proactive-stop": Said("Uw bezwaar tegen gebruik van gegevens", "Your objection to the use of facts"),
    "warning-request": Said("Uw verzoek om een waarschuwing", "Your request to be warned"),
    "payback-watch": Said("Uw verzoek om een waarschuwing", "Your request to be warned"),
    "calculation-receipt": Said("Berekening die over u is gemaakt", "Calculation that was made about you"),
}
PURPOSES: Final = {
    "own-overview": Said("om het u hier te tonen", "to show it to you here"),
    "own-request": Said("voor uw eigen aanvraag", "for your own application"),
    "application": Said("voor uw aanvraag", "for your application"),
    "rectification": Said("om uw verbetering te behandelen", "to handle your correction"),
    "register-feedback": Said("om een terugmelding te doen", "to report a doubt to a register"),
    "representation": Said("om te zien wie voor wie mag handelen", "to see who may act for whom"),
    "services/cases": Said("om uw zaak te behandelen", "to handle your case"),
    "built-in-case-register": Said("om uw zaak te behandelen", "to handle your case"),
    "stop-choice": Said("om te zien of u bezwaar hebt gemaakt", "to see whether you objected"),
    "payback-warning": Said("om u te waarschuwen, zoals u vroeg", "to warn you, as you asked"),
    "export": Said("om alles naar een ander systeem te brengen", "to bring everything to another system"),
}


def name_kind(code: str) -> Said:
    """Give what a kind of content is called."""
    return KINDS.get(code, Said(code, code))


def name_purpose(code: str) -> Said:
    """Give for what something was used, as it goes on after a name."""
    return PURPOSES.get(code, Said(f"voor: {code}", f"for: {code}"))
