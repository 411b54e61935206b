"""What the wing brings to the house."""

from eendracht.kernel.wing import Wing

WING = Wing(
    "services",
    about="The right door for every question, and service before it is asked for.",
    kinds="eendracht.services.kinds:KINDS",
    pages="eendracht.services.pages:PAGES",
    routes="eendracht.services.api:router",
    commands="eendracht.services.commands:app",
    personas="eendracht.services.personas:PERSONAS",
    translations="eendracht.services:locale",
)
