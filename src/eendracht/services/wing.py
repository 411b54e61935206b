"""What the wing brings to the house."""

from eendracht.kernel.wing import Wing

WING = Wing(
    "services",
    about="The right door, and service before it is asked for.",
    kinds="eendracht.services.kinds:KINDS",
    retention="eendracht.services.retention:RETENTION",
    flows="eendracht.services.flows:FLOWS",
    jobs="eendracht.services.jobs:JOBS",
    upkeep="eendracht.services.upkeep:UPKEEP",
    tasks="eendracht.services.tasks:TASKS",
    routes="eendracht.services.api:router",
    pages="eendracht.services.pages:PAGES",
    commands="eendracht.services.commands:app",
    personas="eendracht.services.personas:PERSONAS",
    demo="eendracht.services.demo:fill_demo",
    translations="eendracht.services:locale",
)
