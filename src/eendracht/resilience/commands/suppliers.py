"""The command on whom we depend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.resilience.concentration import Concentration

_TEXTS: Final = {
    "nl": {
        "spend": "uitgaven per jaar (euro)",
        "services": "afhankelijke diensten",
        "citizen-hours": "burgeruren per dag",
        "hhi": "{what}: HHI {low} tot {high} ({verdict}); onbekend deel {unknown} %; zonder bedrag {unsized}",
        "none": "{what}: niets bekend; zonder bedrag {unsized}",
        "concentrated": "geconcentreerd",
        "not-concentrated": "niet geconcentreerd",
        "unknown": "onbekend",
        "columns": "partij|naam|uitgaven %|diensten %|burgeruren %|organisaties|let op",
        "flag": "10 %-regel",
        "more": "… en nog {n}",
    },
    "en": {
        "spend": "spend a year (euro)",
        "services": "services that depend on it",
        "citizen-hours": "citizen-hours a day",
        "hhi": "{what}: HHI {low} to {high} ({verdict}); unknown part {unknown} %; without an amount {unsized}",
        "none": "{what}: nothing known; without an amount {unsized}",
        "concentrated": "concentrated",
        "not-concentrated": "not concentrated",
        "unknown": "unknown",
        "columns": "party|name|spend %|services %|citizen-hours %|organisations|mark",
        "flag": "10 % rule",
        "more": "… and {n} more",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the group of the wing."""
    app.command()(suppliers)


def suppliers(
    context: typer.Context,
    by: Annotated[
        str, typer.Option(help="Whom to count: supplier, owner, jurisdiction, or chain (with subcontractors).")
    ] = "owner",
    limit: Annotated[int, typer.Option(help="How many to list.", min=1)] = 20,
    category: Annotated[str, typer.Option(help="One category only, such as platform/iaas.")] = "",
    as_json: Json = False,
) -> None:
    """Show on whom we depend, and how concentrated that is.

    By shares of spend, services and citizen-hours.
    """
    from eendracht.kernel.disclosure import require_insider
    from eendracht.kernel.errors import InvalidInput, UsageFault
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.output import complain, print_json
    from eendracht.resilience.concentration import BYS, MEASURES, measure_concentration
    from eendracht.resilience.exposure import read_portfolio

    chosen = next((one for one in BYS if one == by), None)
    if chosen is None:
        raise UsageFault(f"'{by[:40]}' is nothing to count by", hint=f"Choose one of {', '.join(BYS)}.")
    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        require_insider(asker)
        portfolio = read_portfolio(instance.store, asker, build_landscape(instance.store, asker))
        found = {measure: measure_concentration(portfolio, chosen, measure, category) for measure in MEASURES}
        if as_json:
            print_json({measure: item.as_dict(limit) for measure, item in found.items()})
            return
        language = "nl" if instance.settings.language == "nl" else "en"
        _print(found, limit, language)
        faults = found["spend"].faults
        if faults:
            complain(InvalidInput("What is recorded of ownership is not right", faults=faults), language)


def _print(found: Mapping[Any, Concentration], limit: int, language: str) -> None:
    from eendracht.kit.output import print_table, say

    texts = _TEXTS[language]
    for measure, item in found.items():
        low, high = item.hhi_low, item.hhi_high
        text = texts["none"] if low is None or high is None else texts["hhi"]
        say(
            text.format(
                what=texts[measure],
                low=f"{float(low or 0):.0f}",
                high=f"{float(high or 0):.0f}",
                verdict=texts[item.verdict],
                unknown=f"{float(item.unknown_share) * 100:.0f}",
                unsized=item.unsized_count,
            )
        )
    by_party = {measure: {share.party: share for share in item.shares} for measure, item in found.items()}
    parties = list(dict.fromkeys(share.party for item in found.values() for share in item.shares))
    parties.sort(
        key=lambda party: (-max(shares[party].share if party in shares else 0 for shares in by_party.values()), party)
    )
    rows = []
    for party in parties[:limit]:
        held = [shares.get(party) for shares in by_party.values()]
        there = [share for share in held if share is not None]
        percents = [f"{float(share.share) * 100:.1f}" if share else "" for share in held]
        mark = texts["flag"] if any(share.is_flagged for share in there) else ""
        rows.append((party, there[0].name, *percents, max(share.organisations for share in there), mark))
    say()
    print_table(texts["columns"].split("|"), rows, widest=44)
    if len(parties) > limit:
        say(texts["more"].format(n=len(parties) - limit))
