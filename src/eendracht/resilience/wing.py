"""What the wing brings to the house."""

from eendracht.kernel.wing import Wing

WING = Wing(
    "resilience",
    about="What breaks, on whom we depend, and what comes back first.",
    kinds="eendracht.resilience.kinds:KINDS",
    retention="eendracht.resilience.retention:RETENTION",
    flows="eendracht.resilience.flows:FLOWS",
    jobs="eendracht.resilience.jobs:JOBS",
    upkeep="eendracht.resilience.upkeep:UPKEEP",
    findings="eendracht.resilience.findings:FINDINGS",
    routes="eendracht.resilience.api:router",
    pages="eendracht.resilience.pages:PAGES",
    commands="eendracht.resilience.commands:app",
    groups=(
        (
            "exercise",
            "Practise together, and see what came of it.",
            "eendracht.resilience.commands.exercise:app",
        ),
    ),
    personas="eendracht.resilience.personas:PERSONAS",
    demo="eendracht.resilience.demo:fill_demo",
    translations="eendracht.resilience:locale",
)
