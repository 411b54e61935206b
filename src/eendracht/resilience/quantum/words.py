"""The words in which pages and commands tell of the move; the English text is the identifier (gettext)."""

from __future__ import annotations

from typing import Final

from eendracht.kit.i18n import gettext_noop

STATES: Final = {
    "safe": gettext_noop("quantum-safe"),
    "unknown": gettext_noop("unknown"),
    "broken": gettext_noop("not quantum-safe"),
}
CLASSES: Final = {
    "broken": gettext_noop("broken by a quantum computer"),
    "weakened": gettext_noop("weakened or outdated"),
    "unknown": gettext_noop("unknown"),
    "safe": gettext_noop("no attack known"),
}
STANDINGS: Final = {
    "fits": gettext_noop("in order"),
    "ends": gettext_noop("in order until that day"),
    "advised-against": gettext_noop("advised against"),
    "against": gettext_noop("goes against it"),
    "no-statement": gettext_noop("says nothing about it"),
    "unknown": gettext_noop("unknown"),
}
OUTCOMES: Final = {
    "allowed": gettext_noop("allowed"),
    "recommended": gettext_noop("recommended"),
    "allowed-until": gettext_noop("allowed until"),
    "discouraged-from": gettext_noop("discouraged from"),
    "forbidden-from": gettext_noop("forbidden from"),
    "required-from": gettext_noop("required from"),
    "no-statement": gettext_noop("says nothing about it"),
    "unknown": gettext_noop("unknown"),
}
FORCES: Final = {
    "law": gettext_noop("law"),
    "requirement": gettext_noop("requirement"),
    "recommendation": gettext_noop("recommendation"),
}
MATTERS: Final = {
    "algorithm": gettext_noop("the algorithm"),
    "parameter-set": gettext_noop("the size"),
    "construction": gettext_noop("hybrid or not"),
    "date": gettext_noop("the date"),
}
MISSING: Final = {
    "algorithm": gettext_noop("which algorithm it is"),
    "purpose": gettext_noop("what it is used for"),
    "risk": gettext_noop("how high the risk of its use is"),
    "usages": gettext_noop("where it is used"),
    "strength": gettext_noop("how large its key is"),
    "weakness": gettext_noop("whether a key this small is allowed at all"),
}
URGENCIES: Final = {
    "too-late": gettext_noop("too late"),
    "in-time": gettext_noop("in time"),
    "unknown": gettext_noop("unknown"),
}
ASPECTS: Final = {
    "confidentiality": gettext_noop("stay secret"),
    "integrity": gettext_noop("stay provable"),
}
MILESTONES: Final = {
    "met": gettext_noop("met"),
    "on-track": gettext_noop("on track"),
    "at-risk": gettext_noop("at risk"),
    "missed": gettext_noop("missed"),
    "unknown": gettext_noop("unknown"),
}
STARTED: Final = {
    "yes": gettext_noop("started"),
    "no": gettext_noop("not started"),
    "unknown": gettext_noop("unknown"),
}
LAYERS: Final = {
    "all": gettext_noop("All together"),
    "central": gettext_noop("Central government"),
    "province": gettext_noop("Provinces"),
    "municipality": gettext_noop("Municipalities"),
    "water-board": gettext_noop("Water boards"),
    "other": gettext_noop("Others"),
}
ENDS: Final = {
    "client": gettext_noop("who calls"),
    "server": gettext_noop("who answers"),
    "observation": gettext_noop("what they agree on"),
    "neither": gettext_noop("how it is set up: both ends can"),
}
RESTS: Final = {
    "endpoint": gettext_noop("its endpoint as it was seen"),
    "assets": gettext_noop("its recorded algorithms"),
    "observed": gettext_noop("what they were seen to agree on"),
    "nothing": gettext_noop("too little is recorded"),
}
WHYS: Final = {
    "recorded": gettext_noop("recorded"),
    "same-thing": gettext_noop("same thing, earlier stage"),
    "needs": gettext_noop("it rests on it"),
    "link": gettext_noop("the other end of a link"),
}
LAYER_HEADS: Final = (
    gettext_noop("Layer of government"),
    gettext_noop("Organisations"),
    gettext_noop("Started"),
    gettext_noop("Not started"),
    gettext_noop("Unknown"),
    gettext_noop("With a plan"),
    gettext_noop("Links quantum-safe"),
    gettext_noop("Links not quantum-safe"),
    gettext_noop("Links unknown"),
)
PRIORITY_TITLE: Final = gettext_noop("What to move first: exposure x citizens x years too late")
PRIORITY_HEADS: Final = (
    gettext_noop("Data"),
    gettext_noop("Key exchange"),
    gettext_noop("Citizens at least"),
    gettext_noop("Years too late"),
    gettext_noop("Priority"),
)
LINK_HEADS: Final = (
    gettext_noop("Link"),
    gettext_noop("State"),
    gettext_noop("Group that was seen"),
    gettext_noop("Held up by"),
)
STEP_HEADS: Final = (
    gettext_noop("Step"),
    gettext_noop("Stage"),
    gettext_noop("Start"),
    gettext_noop("End"),
    gettext_noop("Slack in months"),
)
DEADLINE_HEADS: Final = (
    gettext_noop("Data"),
    gettext_noop("Must"),
    gettext_noop("X (years)"),
    gettext_noop("Y (years)"),
)
ALGORITHMS: Final = gettext_noop("Algorithms in use")
SUPPLIERS: Final = gettext_noop("Suppliers with a date")
CRITICAL: Final = gettext_noop("critical")
MADE_UP: Final = gettext_noop(
    "Made up: at least a part of what this rests on was invented for a demonstration or test."
)
