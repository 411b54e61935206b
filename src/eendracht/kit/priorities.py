"""What the six priorities are called on a screen."""

from __future__ import annotations

from eendracht.kit.i18n import Words


def name_priority(code: str, words: Words) -> str:
    """Give the name of a priority in a language; raises KeyError for a code that is none."""
    return {
        "cloud": words.gettext("Sovereign cloud"),
        "data": words.gettext("Sharing data"),
        "ai": words.gettext("Responsible AI"),
        "services": words.gettext("Services"),
        "resilience": words.gettext("Resilience"),
        "people": words.gettext("People"),
    }[code]
