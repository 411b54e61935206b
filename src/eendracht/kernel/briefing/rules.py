"""The rule behind each finding: the article on which it rests, or the rule of good keeping of this product."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said

_GDPR: Final = "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
_NIS2: Final = "https://eur-lex.europa.eu/eli/dir/2022/2555/oj"


def _own(code: str, nl: str, en: str) -> Rule:
    return Rule(code, Said(nl, en))


_KNOWN_NEEDS: Final = (
    "Wat andere uitkomsten nodig hebben, is ingevuld; onbekend telt nooit als goed",
    "What other verdicts need is filled in; unknown never counts as good",
)
_CONTRACT: Final = (
    "Van een contract is bekend wanneer het eindigt, wanneer besloten moet zijn en hoe men eruit komt",
    "Of a contract it is known when it ends, when a decision is due and how to get out of it",
)

RULES: Final[dict[str, Rule]] = {
    rule.code: rule
    for rule in (
        Rule(
            "processing-without-ground",
            Said("Een verwerking heeft een rechtsgrond", "Processing has a legal ground"),
            "AVG, art. 6 lid 1",
            _GDPR,
        ),
        Rule(
            "dpia-missing",
            Said(
                "Bij een hoog risico gaat een gegevensbeschermingseffectbeoordeling vooraf",
                "A data protection impact assessment comes before processing with a high risk",
            ),
            "AVG, art. 35",
            _GDPR,
        ),
        Rule(
            "personal-data-not-registered",
            Said(
                "Elke verwerking staat in het register van verwerkingsactiviteiten",
                "Every processing stands in the records of processing activities",
            ),
            "AVG, art. 30",
            _GDPR,
        ),
        Rule(
            "single-point-of-failure",
            Said(
                "De continuïteit van wat kritiek is, is geregeld, ook als één ding uitvalt",
                "What is critical keeps running, also when one thing fails",
            ),
            "NIS2, art. 21 lid 2 onder c",
            _NIS2,
        ),
        Rule(
            "supplier-stops-critical",
            Said("De toeleveringsketen is beveiligd", "The supply chain is secured"),
            "NIS2, art. 21 lid 2 onder d",
            _NIS2,
        ),
        Rule(
            "supplier-concentration",
            Said("De toeleveringsketen is beveiligd", "The supply chain is secured"),
            "NIS2, art. 21 lid 2 onder d",
            _NIS2,
        ),
        *(
            _own(code, *_KNOWN_NEEDS)
            for code in ("unknown-criticality", "unknown-hosting", "unknown-personalData", "unknown-suppliedBy")
        ),
        *(
            _own(code, *_CONTRACT)
            for code in (
                "contract-ended",
                "contract-decision-due",
                "contract-renewed-unseen",
                "contract-end-unknown",
                "contract-notice-unknown",
                "contract-without-exit-plan",
            )
        ),
        _own("dangling-reference", "Wat genoemd wordt, bestaat", "What is named exists"),
        _own("creditor-not-in-estate", "Wie betaald wordt, staat in het landschap", "Whoever is paid is in the estate"),
        _own(
            "disappeared",
            "Wat uit de bron verdween, is beëindigd of hersteld",
            "What disappeared from its source is ended or restored",
        ),
        _own(
            "confidentiality-ended",
            "Geheim blijft iets niet langer dan de opgegeven termijn",
            "Nothing stays secret for longer than was stated",
        ),
        _own(
            "public-body-defect",
            "Het overheidsregister spreekt zichzelf niet tegen",
            "The register of public bodies does not contradict itself",
        ),
    )
}
"""Every rule, by the code of its finding."""


def rule_of(code: str) -> Rule:
    """Give the rule behind a finding; raises KeyError for a code that has none."""
    return RULES["public-body-defect" if code.startswith("public-body-") else code]
